"""What became of the truth on a page, block by block: which rules lost of it, and which added to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from pipelines.scoring import shingles, words
from storage.article import Block

_SHINGLE = 4
_MOSTLY = 0.5
_FEWEST_WORDS = 4  # of a piece that is told: single words stand everywhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """A block, the share of it that the truth has, and of a removed one the share that other blocks kept."""

    number: int
    block: Block
    in_truth: float
    in_text: float = 0.0

    @property
    def is_extra(self) -> bool:
        """Whether it was kept and is no part of the truth."""
        return self.block.kept and self.in_truth < _MOSTLY

    @property
    def is_lost(self) -> bool:
        """Whether it was removed, is a part of the truth, and stands nowhere in the text."""
        wanted = self.in_truth >= _MOSTLY and self.size >= _FEWEST_WORDS
        return wanted and not self.block.kept and self.in_text < _MOSTLY

    @property
    def size(self) -> int:
        """Words of the block."""
        return len(words(self.block.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFate:
    """Words that a rule kept and removed, and of each those that were wrongly so by the truth."""

    rule: str
    kept: int = 0
    extra: int = 0
    removed: int = 0
    lost: int = 0


class _Sought:
    """A text in which others are sought."""

    def __init__(self, text: str) -> None:
        self._shingles = shingles(text)
        self._flat = _flat_words(text)
        self._lines = frozenset(_flat_words(line) for line in text.splitlines())

    def share(self, text: str) -> float:
        """Share of the text that stands here: of a short one all or none, of a few words only as a line."""
        count = len(words(text))
        flat = _flat_words(text)
        if count < _SHINGLE:
            return float(flat in self._lines)
        if count < 2 * _SHINGLE:
            return float(flat in self._flat)
        own = shingles(text)
        return sum(many for shingle, many in own.items() if shingle in self._shingles) / own.total()


def fates(blocks: Sequence[Block], truth: str) -> tuple[Fate, ...]:
    """Each block with the share of it that the truth has.

    >>> from storage.article import BlockKind
    >>> body = Block(text="The ferry came home on Monday night.", kind=BlockKind.BODY, kept=False)
    >>> fates([body], "The ferry came home on Monday night.")[0].is_lost
    True
    """
    wanted = _Sought(truth)
    text = _Sought("\n".join(block.text for block in blocks if block.kept))
    return tuple(
        Fate(
            number=number,
            block=block,
            in_truth=wanted.share(block.text),
            in_text=0.0 if block.kept else text.share(block.text),
        )
        for number, block in enumerate(blocks, start=1)
    )


def missing_lines(blocks: Sequence[Block], truth: str) -> tuple[str, ...]:
    """Lines of the truth that stand in no block, kept or removed: the page has them elsewhere, or nowhere."""
    page = _Sought("\n".join(block.text for block in blocks))
    return tuple(
        line.strip()
        for line in truth.splitlines()
        if len(words(line)) >= _FEWEST_WORDS and page.share(line) < _MOSTLY
    )


def rule_fates(found: Sequence[Fate]) -> Iterator[RuleFate]:
    """The words of each rule, kept and removed, rightly and wrongly; rules by name."""
    by_rule = sorted(found, key=lambda fate: fate.block.rule)
    for rule, group in groupby(by_rule, key=lambda fate: fate.block.rule):
        counts: Counter[str] = Counter()
        for fate in group:
            counts["kept" if fate.block.kept else "removed"] += fate.size
            counts["extra"] += fate.size * fate.is_extra
            counts["lost"] += fate.size * fate.is_lost
        yield RuleFate(
            rule=rule,
            kept=counts["kept"],
            extra=counts["extra"],
            removed=counts["removed"],
            lost=counts["lost"],
        )


def family_of(rule: str) -> str:
    """The family that a rule is of: its name before the colon.

    >>> family_of("furniture:newsletter"), family_of("engine")
    ('furniture', 'engine')
    """
    return rule.partition(":")[0]


def text_without(blocks: Sequence[Block], family: str) -> str:
    """The text as it were if this family of rules had removed nothing, and no other rule had either."""
    return "\n\n".join(block.text for block in blocks if block.kept or family_of(block.rule) == family)


def _flat_words(text: str) -> str:
    """The words in lower case, a space between and at both ends: a run of words is sought in it as a text."""
    return f" {' '.join(words(text.lower()))} "
