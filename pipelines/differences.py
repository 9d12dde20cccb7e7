"""What today's rules make otherwise of a capture than the rules that made its row in the index.

Compared is what the index holds: the fields, the text, the photos, the removed blocks with kind, rule and
path. Of the blocks in the text it holds the words alone: a kept block of another kind shows only where its
words do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from storage.article import Outcome, Photo
from storage.index.rows import extras_row
from storage.index.stored import RemovedBlock, Stored, StoredArticle, stored_form
from storage.model import Extraction

_Item = TypeVar("_Item")
_LONG = 20  # letters; a shorter text is found inside another by chance
_FIELDS = (
    "title", "authors", "dateline", "published_at", "published_raw", "modified_at", "modified_raw",
    "language", "site_name", "section", "page_kind", "declared_canonical", "origin_url", "paywalled",
    "layout_drift",
)  # fmt: skip

_PARTS = ("candidates", "passages")


class BlockChange(StrEnum):
    """How a block fares otherwise than before."""

    REMOVED = "removed"  # it stood in the text
    KEPT = "kept"  # it was removed, and stands in the text now
    JUDGED = "judged"  # removed both times, by another rule or as another kind
    APPEARED = "appeared"  # removed, and no block before
    VANISHED = "vanished"  # was removed, and is no block now
    MOVED = "moved"  # removed both times by one rule, at another place of the markup


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldDifference:
    """A field and its two values."""

    name: str
    before: object
    after: object


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockDifference:
    """A block with how it was removed before and is now; None where it was kept, or was no block."""

    change: BlockChange
    text: str
    before: RemovedBlock | None = None
    after: RemovedBlock | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoDifference:
    """A photo as it was told and is now; None where it was not there."""

    before: Photo | None = None
    after: Photo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One capture of which today's rules make something else. Outcomes are None where it was not extracted.

    `changed` names what differs: fields, and outcome, text, photos, blocks, candidates, passages. The texts
    are empty where they are the same, and for what is no article.
    """

    record_id: str
    article_id: str
    url: str
    title: str | None
    captured_at: datetime
    changed: tuple[str, ...]
    outcome_before: str | None
    outcome_after: str | None
    reason_before: str = ""
    reason_after: str = ""
    fields: tuple[FieldDifference, ...] = ()
    text_before: str = ""
    text_after: str = ""
    words_lost: int = 0
    words_gained: int = 0
    blocks: tuple[BlockDifference, ...] = ()
    photos: tuple[PhotoDifference, ...] = ()


def is_same(stored: Stored, after: Extraction | None) -> bool:
    """Whether all is as it was, told by the digests alone: at once, and without the stored text."""
    if after is None:
        return stored.outcome is None
    extras_digest = extras_row(after.article)[0] if after.article else ""
    return (stored.outcome, stored.reason, stored.canonical_url, stored.article_id) == (
        after.outcome.value, after.reason, after.canonical_url, after.article_id,
    ) and (stored.content_digest, stored.extras_digest) == (
        after.content_digest if after.article else "", extras_digest,
    )  # fmt: skip


def compare(stored: Stored, before: StoredArticle | None, extraction: Extraction | None) -> Difference | None:
    """What differs between the index and today's extraction of one capture; None where nothing does."""
    after = stored_form(extraction.article) if extraction and extraction.article else None
    outcome = extraction.outcome.value if extraction else None
    reason = extraction.reason if extraction else ""
    fields = list(_fields(stored, before, extraction, after))
    texts = (before.text if before else "", after.text if after else "")
    blocks = tuple(_blocks(before, after)) if before and after else ()
    photos = tuple(_photos(before.photos, after.photos)) if before and after else ()
    named = (
        ("outcome", (stored.outcome, stored.reason) != (outcome, reason)),
        *((one.name, True) for one in fields),
        ("text", texts[0] != texts[1]),
        ("photos", bool(photos)),
        ("blocks", bool(blocks)),
        *(
            (name, True)
            for name in _PARTS
            if before and after and getattr(before, name) != getattr(after, name)
        ),
    )
    changed = tuple(name for name, differs in named if differs)
    if not changed:
        return None
    lost, gained = _words(*texts)
    shown = after or before
    return Difference(
        record_id=stored.capture.record_id,
        article_id=extraction.article_id if extraction else stored.article_id,
        url=stored.capture.url,
        title=shown.title if shown else None,
        captured_at=stored.capture.captured_at,
        changed=changed,
        outcome_before=stored.outcome,
        outcome_after=outcome,
        reason_before=stored.reason,
        reason_after=reason,
        fields=tuple(fields),
        text_before=texts[0] if "text" in changed else "",
        text_after=texts[1] if "text" in changed else "",
        words_lost=lost,
        words_gained=gained,
        blocks=blocks,
        photos=photos,
    )


def gave_article(outcome: str | None) -> bool:
    """Whether an outcome is that of an article."""
    return outcome == Outcome.ARTICLE.value


def _fields(
    stored: Stored, before: StoredArticle | None, extraction: Extraction | None, after: StoredArticle | None
) -> Iterator[FieldDifference]:
    """Fields that differ; those of the article only where there is one both times."""
    pairs: list[tuple[str, object, object]] = []
    if extraction and stored.outcome is not None:
        pairs += [
            ("canonical_url", stored.canonical_url, extraction.canonical_url),
            ("article_id", stored.article_id, extraction.article_id),
        ]
    if before and after:
        pairs += [(name, getattr(before, name), getattr(after, name)) for name in _FIELDS]
    for name, old, new in pairs:
        if old != new:
            yield FieldDifference(name=name, before=old, after=new)


def _words(before: str, after: str) -> tuple[int, int]:
    """How many words are only in the one text and only in the other, wherever they stand.

    >>> _words("the old old ferry", "the new ferry")
    (2, 1)
    """
    old, new = Counter(before.split()), Counter(after.split())
    return (old - new).total(), (new - old).total()


def _photos(before: Sequence[Photo], after: Sequence[Photo]) -> Iterator[PhotoDifference]:
    """Photos that came, went or are told otherwise; those of one picture, VIRIN or caption are one."""
    old, new = _without_common(before, after)
    for key in ("url", "virin", "caption"):
        for one in list(old):
            told = getattr(one, key)
            same = next((other for other in new if told and getattr(other, key) == told), None)
            if same is not None:
                old.remove(one)
                new.remove(same)
                yield PhotoDifference(before=one, after=same)
    yield from (PhotoDifference(before=one) for one in old)
    yield from (PhotoDifference(after=one) for one in new)


def _blocks(before: StoredArticle, after: StoredArticle) -> Iterator[BlockDifference]:
    """Blocks that fare otherwise: first those that left or entered the text, then the others."""
    old, new = _without_common(before.removed, after.removed)
    pairs = [*_pairs(old, new, with_path=True), *_pairs(old, new, with_path=False)]
    for block in new:
        was_text = _stands(block.text, before.text) and not _stands(block.text, after.text)
        change = BlockChange.REMOVED if was_text else BlockChange.APPEARED
        yield BlockDifference(change=change, text=block.text, after=block)
    for block in old:
        is_text = _stands(block.text, after.text) and not _stands(block.text, before.text)
        change = BlockChange.KEPT if is_text else BlockChange.VANISHED
        yield BlockDifference(change=change, text=block.text, before=block)
    for one, other in pairs:
        moved = (one.kind, one.rule) == (other.kind, other.rule)
        change = BlockChange.MOVED if moved else BlockChange.JUDGED
        yield BlockDifference(change=change, text=one.text, before=one, after=other)


def _pairs(
    old: list[RemovedBlock], new: list[RemovedBlock], *, with_path: bool
) -> Iterator[tuple[RemovedBlock, RemovedBlock]]:
    """Blocks of one text (and path) in both lists, taken out of them, in order."""
    waiting: dict[tuple[str, str], list[RemovedBlock]] = {}
    for block in new:
        waiting.setdefault((block.text, block.path if with_path else ""), []).append(block)
    for block in list(old):
        same = waiting.get((block.text, block.path if with_path else ""))
        if same:
            other = same.pop(0)
            old.remove(block)
            new.remove(other)
            yield block, other


def _stands(block: str, text: str) -> bool:
    """Whether the block stands in a text: as a paragraph, or as a part of one that was joined."""
    return bool(block) and (f"\n\n{block}\n\n" in f"\n\n{text}\n\n" or (len(block) > _LONG and block in text))


def _without_common(before: Sequence[_Item], after: Sequence[_Item]) -> tuple[list[_Item], list[_Item]]:
    """Both without what they have in common, in their orders.

    >>> _without_common("abca", "bad")
    (['c', 'a'], ['d'])
    """
    common = Counter(before) & Counter(after)
    return _less(before, common), _less(after, common)


def _less(items: Iterable[_Item], less: Counter[_Item]) -> list[_Item]:
    """The items but for as many of each as `less` counts, the first ones."""
    left = less.copy()
    kept: list[_Item] = []
    for item in items:
        if left[item] > 0:
            left[item] -= 1
        else:
            kept.append(item)
    return kept
