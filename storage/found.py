"""An article with all that the index has about it, as the values that `storage.query` gives."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.article import Candidate, Photo


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundVersion:
    """One version; `changed` names the fields that differ from the version before.

    `words_added` and `words_removed` compare the bags of words, None for the first. `correction` is a notice
    that says what was changed, `correction_kind` its sort: correction, clarification, update, editors_note.
    """

    version: int
    url: str
    first_captured_at: datetime
    last_captured_at: datetime
    captures: int
    changed: tuple[str, ...]
    title: str | None
    text: str
    word_count: int
    authors: tuple[str, ...]
    dateline: str | None
    published_at: datetime | None
    origin_url: str | None
    words_added: int | None
    words_removed: int | None
    correction: str | None
    correction_kind: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBlock:
    """One block removed from an article's page; `position` counts all blocks of the page from 1."""

    position: int
    kind: str
    text: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPassage:
    """One labelled paragraph of an article's text: who speaks, or under which heading it stands."""

    position: int
    label: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundMember:
    """One article of the cluster, the origin first. `evidence` is JSON."""

    article_id: str
    url: str
    title: str | None
    published_at: datetime | None
    relation: str
    score: float
    is_origin: bool
    evidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundLink:
    """A URL of the article that names another as its own, or has doubtful parameters, and the verdict."""

    url: str
    kind: str
    target_url: str
    relation: str
    verdict: str
    compared: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundArticle:
    """One article with all about it in the index. Times are UTC without a zone, as DuckDB gives them."""

    article_id: str
    url: str
    canonical_url: str
    declared_canonical: str | None
    source: str
    title: str | None
    authors: tuple[str, ...]
    dateline: str | None
    published_at: datetime | None
    published_raw: str | None
    modified_at: datetime | None
    language: str | None
    site_name: str | None
    text: str
    word_count: int
    first_captured_at: datetime
    last_captured_at: datetime
    captures: int
    cluster_id: str
    is_duplicate: bool
    origin_url: str | None
    versions: tuple[FoundVersion, ...]
    paywalled: bool | None
    layout_drift: str
    photos: tuple[Photo, ...]
    blocks: tuple[FoundBlock, ...]
    fields: tuple[Candidate, ...]
    passages: tuple[FoundPassage, ...]
    members: tuple[FoundMember, ...]
    links: tuple[FoundLink, ...]
