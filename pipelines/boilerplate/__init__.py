"""Block rules by kind. Each family reads the same segments, whether they come from a page or from a dump."""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines.boilerplate import (
    comments,
    consent,
    gov,
    headings,
    markup,
    navigation,
    promotion,
    related,
    share,
    source,
    tails,
    widgets,
)
from pipelines.boilerplate.boxes import box_heads
from pipelines.boilerplate.verdict import LineRules, Verdict, Verdicts, judge_lines
from pipelines.page.segments import Reading
from pipelines.photos.groups import PhotoGroup, photo_groups
from storage.article import Block, BlockKind

LINE_RULES = LineRules(
    rules=share.RULES + comments.RULES + consent.RULES + promotion.RULES + widgets.RULES + navigation.RULES
)


@dataclass(slots=True)
class Judgement:
    """The verdicts so far, segment by segment. The first that names a segment holds."""

    reading: Reading
    verdicts: dict[int, Verdict] = field(default_factory=dict)
    groups: tuple[PhotoGroup, ...] = ()

    @property
    def settled(self) -> frozenset[int]:
        """Numbers of the segments that have a verdict."""
        return frozenset(self.verdicts)

    @property
    def kept(self) -> frozenset[int]:
        """Numbers of the segments that stay in the text."""
        return frozenset(index for index, verdict in self.verdicts.items() if verdict.kept)

    def add(self, verdicts: Verdicts) -> None:
        """Take the verdicts of one family, for segments that have none yet."""
        for index, verdict in verdicts:
            self.verdicts.setdefault(index, verdict)

    def blocks(self) -> tuple[Block, ...]:
        """Every segment as a block, in page order. All of them must have a verdict."""
        pairs = ((segment, self.verdicts[index]) for index, segment in enumerate(self.reading.segments))
        return tuple(
            Block(
                text=segment.text,
                kind=verdict.kind,
                kept=verdict.kept,
                rule=verdict.rule,
                path=self.reading.path(segment.node),
            )
            for segment, verdict in pairs
        )


def judge_wording(reading: Reading) -> Judgement:
    """A judgement by what needs no title: banner, furniture, firm markup and photo groups."""
    judgement = Judgement(reading)
    judgement.add(gov.judge(reading))
    judgement.add(judge_lines(reading, LINE_RULES))
    judgement.add(widgets.judge(reading))
    judgement.add(consent.judge_runs(reading, _of_kind(judgement, BlockKind.CONSENT)))
    judgement.add(comments.judge_thread(reading))
    judgement.groups = photo_groups(reading, judgement.settled)
    judgement.add(_photo_verdicts(judgement.groups))
    if not reading.is_dump:
        judgement.add(markup.judge(reading, judgement.settled, firm=True))
        judgement.add(markup.judge_landmarks(reading))
    return judgement


def judge_story(judgement: Judgement, title: str | None, site: str | None = None) -> None:
    """Add what needs the title and the paragraphs around: headings, source tail, related headlines."""
    judgement.add(headings.judge(judgement.reading, title, judgement.settled, site))
    judgement.add(source.judge(judgement.reading, judgement.settled))
    judgement.add(related.judge(judgement.reading, judgement.settled))
    judgement.add(tails.judge(judgement.reading, judgement.settled, _bylines(judgement)))
    judgement.add(box_heads(judgement.reading, judgement.verdicts))


def judge_markup(judgement: Judgement) -> None:
    """Name what is left by its markup, also by words that are too weak to overrule the engine."""
    judgement.add(markup.judge(judgement.reading, judgement.settled, firm=False))


def _bylines(judgement: Judgement) -> str:
    return " ".join(judgement.reading.flats[index] for index in sorted(_of_kind(judgement, BlockKind.BYLINE)))


def _of_kind(judgement: Judgement, kind: BlockKind) -> frozenset[int]:
    return frozenset(index for index, verdict in judgement.verdicts.items() if verdict.kind is kind)


def _photo_verdicts(groups: tuple[PhotoGroup, ...]) -> Verdicts:
    for group in groups:
        credits_ = frozenset(group.credits)
        for index in group.members:
            credit = index in credits_
            yield index, Verdict(kind=BlockKind.CREDIT if credit else BlockKind.CAPTION, rule="photo:group")
