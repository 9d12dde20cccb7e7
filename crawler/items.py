"""What a spider yields: a capture to be extracted; and the article that leaves the pipelines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from storage.model import Capture, Record


@dataclass(slots=True, kw_only=True)
class PageItem:
    """A capture that may hold an article, with its record."""

    capture: Capture
    record: Record


@dataclass(slots=True, kw_only=True)
class ArticleItem:
    """An article as `-O articles.jsonl` writes it: the columns of `articles` that one page can fill."""

    article_id: str
    url: str
    canonical_url: str
    source: str
    title: str | None
    authors: list[str]
    dateline: str | None
    published_at: datetime | None
    modified_at: datetime | None
    language: str | None
    text: str
    word_count: int
    text_digest: str
    origin_url: str | None
    page_kind: str
    photos: list[dict[str, object]]
    captured_at: datetime
    crawl_id: str
