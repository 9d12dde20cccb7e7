"""What the index holds of captures and of what extraction made of them, as values again.

Kinds and outcomes are plain words here: an index may have some that today's rules no longer know.
"""

# ruff: noqa: S608 (the names in these queries are this module's own; values go in as parameters)

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import duckdb

from storage.article import Article, Candidate, Photo
from storage.model import Capture

_CAPTURE_FIELDS = tuple(field.name for field in fields(Capture))
CAPTURE_COLUMNS = ", ".join(f"c.{name}" for name in _CAPTURE_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedBlock:
    """A block that was removed from the text."""

    text: str
    kind: str
    rule: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A block of the text with its label."""

    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """An article as the index holds it: of the blocks only those removed, and not their places."""

    title: str | None
    text: str
    authors: tuple[str, ...]
    dateline: str | None
    published_at: datetime | None
    published_raw: str | None
    modified_at: datetime | None
    modified_raw: str | None
    language: str | None
    site_name: str | None
    section: str | None
    page_kind: str
    declared_canonical: str | None
    origin_url: str | None
    paywalled: bool | None
    layout_drift: str
    photos: tuple[Photo, ...]
    removed: tuple[RemovedBlock, ...]
    candidates: tuple[Candidate, ...]
    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A capture and what the index says extraction made of it; `outcome` None where it was not looked at."""

    capture: Capture
    outcome: str | None
    reason: str
    canonical_url: str
    article_id: str
    content_digest: str
    extras_digest: str


_CONTENT_FIELDS = ("title", "text", "authors", "dateline", "published_at", "origin_url")
_EXTRAS_FIELDS = (
    "published_raw", "modified_at", "modified_raw", "language", "site_name", "section", "page_kind",
    "declared_canonical", "paywalled", "layout_drift", "photos", "candidates", "passages",
)  # fmt: skip
_ARTICLES = f"""
SELECT t.content_digest, x.extras_digest, {", ".join(f"t.{name}" for name in _CONTENT_FIELDS)},
       {", ".join(f"x.{name}" for name in _EXTRAS_FIELDS)}, x.blocks
FROM (SELECT * FROM work.contents WHERE list_contains(?::VARCHAR[], content_digest)) t
CROSS JOIN (FROM work.extras WHERE list_contains(?::VARCHAR[], extras_digest)) x
SEMI JOIN extractions e ON e.content_digest = t.content_digest AND e.extras_digest = x.extras_digest
"""


def capture_from(row: Sequence[object]) -> Capture:
    """Capture from the columns of `CAPTURE_COLUMNS`."""
    values: dict[str, Any] = dict(zip(_CAPTURE_FIELDS, map(_plain, row), strict=True))
    return Capture(**values)


def stored_by_article(connection: duckdb.DuckDBPyConnection, start: str) -> Iterator[Stored]:
    """Captures of the temporary table `chosen` whose article_id begins with `start`.

    In order of article_id, the latest capture of an article first.
    """
    found = connection.execute(
        f"SELECT {CAPTURE_COLUMNS}, e.outcome, coalesce(e.reason, ''), coalesce(e.canonical_url, ''), "
        "k.article_id, coalesce(e.content_digest, ''), coalesce(e.extras_digest, '') "
        "FROM chosen k JOIN captures c ON c.record_id = k.record_id "
        "LEFT JOIN extractions e ON e.record_id = k.record_id WHERE starts_with(k.article_id, ?) "
        "ORDER BY k.article_id, c.captured_at DESC, c.record_id",
        [start],
    ).fetchall()
    width = len(_CAPTURE_FIELDS)
    for row in found:
        outcome, reason, canonical_url, article_id, content_digest, extras_digest = row[width:]
        yield Stored(
            capture=capture_from(row[:width]),
            outcome=outcome,
            reason=reason,
            canonical_url=canonical_url,
            article_id=article_id,
            content_digest=content_digest,
            extras_digest=extras_digest,
        )


def stored_articles(
    connection: duckdb.DuckDBPyConnection, of: Sequence[Stored]
) -> dict[tuple[str, str], StoredArticle]:
    """The articles of these, by content digest and extras digest."""
    # The content digest covers all of a content that is asked for here: any article's content will do.
    wanted = [sorted({one.content_digest for one in of}), sorted({one.extras_digest for one in of})]
    found = connection.execute(_ARTICLES, wanted).fetchall()
    return {(row[0], row[1]): _article(row[2:]) for row in found}


def stored_form(article: Article) -> StoredArticle:
    """What the index would hold of an article."""
    made = {"removed", "page_kind", "photos", "candidates", "passages"}
    names = {field.name for field in fields(StoredArticle)} - made
    values: dict[str, Any] = {name: _plain(getattr(article, name)) for name in names}
    return StoredArticle(
        **values,
        page_kind=article.page_kind.value,
        photos=tuple(_photo({name: getattr(one, name) for name in _PHOTO_FIELDS}) for one in article.photos),
        removed=tuple(
            RemovedBlock(
                text=_told(block.text), kind=block.kind.value, rule=_told(block.rule), path=_told(block.path)
            )
            for block in article.blocks
            if not block.kept
        ),
        candidates=tuple(
            Candidate(field=_told(one.field), value=_told(one.value), source=_told(one.source), won=one.won)
            for one in article.candidates
        ),
        passages=tuple(
            Passage(label=_told(block.label), text=_told(block.text))
            for block in article.blocks
            if block.is_passage
        ),
    )


_PHOTO_FIELDS = tuple(field.name for field in fields(Photo))


def _article(row: Sequence[Any]) -> StoredArticle:
    """Article from the columns that `_ARTICLES` selects after the digests."""
    *plain, photos, candidates, passages, blocks = row
    names = (*_CONTENT_FIELDS, *_EXTRAS_FIELDS[:-3])
    values: dict[str, Any] = dict(zip(names, map(_plain, plain), strict=True))
    return StoredArticle(
        **values,
        photos=tuple(map(_photo, photos)),
        removed=tuple(
            RemovedBlock(text=one["body"], kind=one["kind"], rule=one["rule"], path=one["path"])
            for one in blocks
        ),
        candidates=tuple(Candidate(**one) for one in candidates),
        passages=tuple(Passage(label=one["label"], text=one["body"]) for one in passages),
    )


def _photo(values: dict[str, Any]) -> Photo:
    """Photo from its fields by name."""
    return Photo(**{name: _plain(value) for name, value in values.items()})


def _plain(value: object) -> Any:  # noqa: ANN401 (of the type that went in)
    """The value as it comes back from the index: times in UTC, lists as tuples, no half of a character."""
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, list | tuple):
        return tuple(_plain(one) for one in value)
    return _told(value) if isinstance(value, str) else value


def _told(text: str) -> str:
    r"""Text as UTF-8 can hold it.

    >>> _told("a\ud800b")
    'a?b'
    """
    return text.encode("utf-8", "replace").decode("utf-8")
