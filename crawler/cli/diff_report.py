"""What differs in one article, as a person reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

from crawler.cli.person import wrapped
from crawler.cli.values import as_second, as_text, printable
from crawler.cli.worddiff import ParagraphStep, added, changed_words, paragraph_steps, removed
from storage.article import Photo

if TYPE_CHECKING:
    from pipelines.differences import BlockDifference, Difference, FieldDifference, PhotoDifference
    from pipelines.tally import ArticleDifferences
    from storage.index.stored import RemovedBlock

_MOST_LINES = 8  # blocks of one kind of change, earlier captures, paragraphs of an article lost or gained
_LONGEST = 400  # letters of a block shown
_RED, _GREEN, _BOLD = 31, 32, 1
_PHOTO_FIELDS = tuple(field.name for field in fields(Photo))


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the report looks: width to wrap at, and colours or none. `seen` has the blocks shown so far."""

    width: int | None
    coloured: bool
    seen: set[tuple[object, ...]] = field(default_factory=set)

    def paint(self, text: str, colour: int) -> str:
        """The text in a colour, where there are any."""
        return f"\x1b[{colour}m{text}\x1b[0m" if self.coloured else text

    def gone(self, text: str) -> str:
        """Words that went."""
        return self.paint(removed(text), _RED)

    def new(self, text: str) -> str:
        """Words that came."""
        return self.paint(added(text), _GREEN)

    def line(self, sign: str, text: str, colour: int = 0) -> str:
        """A paragraph under its sign, indented."""
        body = wrapped(text, self.width and self.width - 6).replace("\n", "\n      ")
        told = f"    {sign} {body}"
        return self.paint(told, colour) if colour else told


def told_article(article: ArticleDifferences, look: Look) -> Iterator[str]:
    """One article: its latest capture that differs, and a line for each other."""
    first, *others = article.differences
    yield look.paint(printable(first.url), _BOLD)
    if first.title:
        yield f"  {printable(first.title)}"
    yield f"  {_head(first)}"
    yield from _outcome(first, look)
    yield from _fields(first.fields, look)
    yield from _text(first, look)
    yield from _other_blocks(first, look)
    yield from (line for photo in first.photos for line in _photo(photo, look))
    for other in others[:_MOST_LINES]:
        yield f"  {_head(other)}"
    if len(others) > _MOST_LINES:
        yield f"  and {len(others) - _MOST_LINES} captures more"


def _head(one: Difference) -> str:
    """When it was captured, and what differs."""
    words = f" (-{one.words_lost} +{one.words_gained} words)"
    changed = [f"text{words}" if name == "text" else name for name in one.changed]
    return f"captured {as_second(one.captured_at)}; differs: {', '.join(changed)}"


def _outcome(one: Difference, look: Look) -> Iterator[str]:
    """The outcome, where it differs."""
    if "outcome" in one.changed:
        before = _told_outcome(one.outcome_before, one.reason_before)
        after = _told_outcome(one.outcome_after, one.reason_after)
        if one.outcome_before == one.outcome_after:
            yield f"  outcome: {changed_words(before, after, look.gone, look.new)}"
        else:
            yield f"  outcome: {look.gone(before)} {look.new(after)}"


def _told_outcome(outcome: str | None, reason: str) -> str:
    return printable((outcome or "not looked at").replace("_", " ") + f" ({reason})" * bool(reason))


def _fields(fields: Sequence[FieldDifference], look: Look) -> Iterator[str]:
    """A line a field."""
    for one in fields:
        before, after = (printable(as_text(value)) for value in (one.before, one.after))
        if one.name == "title" and before and after:
            told = changed_words(before, after, look.gone, look.new)
        else:
            told = " ".join(mark(value) for value, mark in ((before, look.gone), (after, look.new)) if value)
        yield f"  {one.name}: {told}"


def _text(one: Difference, look: Look) -> Iterator[str]:
    """The text, paragraph by paragraph, each that went or came with the rule that did it."""
    if not one.text_before and not one.text_after:
        return
    rule_of = {block.text: block for block in one.blocks if block.change in {"removed", "kept"}}
    yield "  text:"
    steps = list(paragraph_steps(one.text_before, one.text_after))
    whole = not one.text_before or not one.text_after
    for step in steps[: _MOST_LINES if whole else None]:
        yield _step(step, rule_of, look)
    if whole and len(steps) > _MOST_LINES:
        yield f"      ... and {len(steps) - _MOST_LINES} paragraphs more"


def _step(step: ParagraphStep, rule_of: dict[str, BlockDifference], look: Look) -> str:
    """One step of the text."""
    if step.same:
        return f"      ({step.same} paragraph{'s' if step.same > 1 else ''} unchanged)"
    if step.before is not None and step.after is not None:
        words = changed_words(printable(step.before), printable(step.after), look.gone, look.new)
        return look.line("~", words)
    if step.before is not None:
        block = rule_of.get(step.before)
        by = f"   ({_judgement(block.after)})" if block else ""
        return look.line("-", printable(step.before) + by, _RED)
    block = rule_of.get(step.after or "")
    by = f"   (was {_judgement(block.before)})" if block else ""
    return look.line("+", printable(step.after or "") + by, _GREEN)


def _judgement(block: RemovedBlock | None) -> str:
    """Kind and rule of a removed block."""
    return printable(f"{block.kind}, {block.rule or 'no rule told'}") if block else "kept"


_OTHERS = (
    ("removed", "removed from the text, joined to other words there"),
    ("kept", "put into the text, joined to other words there"),
    ("judged", "removed as before, but judged otherwise"),
    ("appeared", "removed, and no block of the page before"),
    ("vanished", "was removed, and is no block of the page now"),
    ("moved", "removed as before, at another place of the markup"),
)


def _other_blocks(one: Difference, look: Look) -> Iterator[str]:
    """Blocks that the text does not show."""
    whole = {
        paragraph
        for step in paragraph_steps(one.text_before, one.text_after)
        for paragraph in (step.before, step.after)
        if paragraph and (step.before is None or step.after is None)
    }
    for change, told in _OTHERS:
        found = [block for block in one.blocks if block.change == change]
        if change in {"removed", "kept"}:
            found = [block for block in found if block.text not in whole]
        lines = list(dict.fromkeys(_new_blocks(found, look)))
        if found:
            yield f"  blocks {told}:"
            yield from lines[:_MOST_LINES]
        if len(lines) > _MOST_LINES:
            yield f"      ... and {len(lines) - _MOST_LINES} more"
        if found and not lines:
            yield f"      {len(found)}, as shown above for another page"


def _new_blocks(blocks: Sequence[BlockDifference], look: Look) -> Iterator[str]:
    """A line for each block that was not shown with another page: what all pages have is shown once."""
    for block in blocks:
        judged = [(one.kind, one.rule) if one else None for one in (block.before, block.after)]
        key = (block.change, block.text, *judged)
        if key not in look.seen:
            look.seen.add(key)
            yield _block(block, look)


def _block(block: BlockDifference, look: Look) -> str:
    """A block and how it was and is judged."""
    text = printable(" ".join(block.text.split()))
    text = f"{text[:_LONGEST]}…" if len(text) > _LONGEST else text
    judged = [_judgement(one) for one in (block.before, block.after) if one]
    if block.change == "moved" and block.before and block.after:
        judged = [printable(block.before.path or "no path"), printable(block.after.path or "no path")]
    signs = {"removed": ("-", _RED), "kept": ("+", _GREEN)}
    sign, colour = signs.get(block.change, ("~", 0))
    return look.line(sign, f"{text}   ({' -> '.join(judged)})", colour)


def _photo(photo: PhotoDifference, look: Look) -> Iterator[str]:
    """A photo that came, went or is told otherwise."""
    before, after = photo.before, photo.after
    if before is None or after is None:
        one = before or after
        if one is not None:
            yield f"  photo: {(look.gone if before else look.new)(_told_photo(one))}"
        return
    yield f"  photo {printable(after.virin or after.url or after.caption)}:"
    for name in _PHOTO_FIELDS:
        old, new = (printable(as_text(getattr(one, name))) for one in (before, after))
        if old != new:
            yield f"    {name}: {changed_words(old, new, look.gone, look.new)}"


def _told_photo(photo: Photo) -> str:
    """A photo in a line."""
    parts = (photo.caption, photo.credit and f"by {photo.credit}", photo.virin, photo.url)
    return printable("; ".join(part for part in parts if part))
