"""The pages of a WACZ file: articles with title and text, where crawls started, other HTML pages.

Source: WACZ 1.1.1, "pages.jsonl".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice

import duckdb

from storage.exports.places import rows_of

PAGES_HEAD: Mapping[str, object] = {
    "format": "json-pages-1.0",
    "id": "pages",
    "title": "Articles and seeds",
    "hasText": True,
}
EXTRA_HEAD: Mapping[str, object] = {
    "format": "json-pages-1.0",
    "id": "extra-pages",
    "title": "Other pages",
    "hasText": False,
}
_BATCH = 200
_SEEDS = """
    SELECT seed_url FROM crawls
    UNION SELECT r.redirect_to FROM captures r JOIN crawls s ON r.url = s.seed_url"""
# A page is the capture from which a version of an article was first read, or one that showed no article.
_PAGES = """
    WITH seeds AS (SELECT DISTINCT url FROM ({seeds}) s(url) WHERE url IS NOT NULL)
    SELECT DISTINCT c.url, c.captured_at, c.warc_file, v.article_id, v.version, s.url IS NOT NULL
    FROM captures c
    {chosen}
    LEFT JOIN seeds s ON s.url = c.url
    LEFT JOIN versions v
        ON v.article_id = c.article_id AND v.url = c.url AND v.first_captured_at = c.captured_at
    WHERE c.status = 200
        AND (v.article_id IS NOT NULL OR (c.article_id IS NULL AND c.record_type = 'response'
            AND c.mime IN ('text/html', 'application/xhtml+xml')))
        AND (v.article_id IS NOT NULL OR s.url IS NOT NULL) = ?
    ORDER BY ALL"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page to list: `article_id` and `version` are those of the version it shows, if it shows one."""

    url: str
    captured_at: datetime
    article_id: str | None
    version: int | None
    is_seed: bool


def pages_of(
    connection: duckdb.DuckDBPyConnection, warc_files: Container[str], *, chosen: bool, main: bool
) -> Iterator[Page]:
    """Pages that lie in one of the WARC files, by URL and time.

    With `chosen` only those of captures in the temporary table `chosen`; with `main` articles and seeds,
    which belong into pages.jsonl, else the others. Raises: IndexFaultError.
    """
    join = "SEMI JOIN (FROM chosen WHERE asked) USING (record_id)" if chosen else ""
    sql = _PAGES.format(seeds=_SEEDS, chosen=join)
    for url, captured_at, warc_file, article_id, version, is_seed in rows_of(connection, sql, [main]):
        if warc_file in warc_files:
            yield Page(
                url=str(url),
                captured_at=_utc(captured_at),
                article_id=None if article_id is None else str(article_id),
                version=None if version is None else int(str(version)),
                is_seed=bool(is_seed),
            )


def page_lines(connection: duckdb.DuckDBPyConnection, pages: Iterable[Page]) -> Iterator[bytes]:
    """A JSON line a page, with title and clean text where it shows an article. Raises: IndexFaultError."""
    iterator = iter(pages)
    texts_of = connection.cursor()  # the pages may still be coming out of the connection itself
    while batch := list(islice(iterator, _BATCH)):
        wanted = sorted({page.article_id for page in batch if page.article_id is not None})
        sql = "SELECT article_id, version, title, text FROM versions WHERE list_contains(?, article_id)"
        texts = {row[:2]: row[2:] for row in rows_of(texts_of, sql, [wanted])} if wanted else {}
        for page in batch:
            title, text = texts.get((page.article_id, page.version), (None, None))
            yield _line(page, None if title is None else str(title), None if text is None else str(text))


def head_line(head: Mapping[str, object]) -> bytes:
    """First line of a file of pages."""
    return json.dumps(dict(head)).encode() + b"\n"


def page_time(moment: datetime) -> str:
    """The time as WACZ files write it.

    >>> page_time(datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC))
    '2026-11-22T01:02:03Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _line(page: Page, title: str | None, text: str | None) -> bytes:
    """The page as a line of JSON."""
    key = f"{page.captured_at.isoformat()} {page.url}".encode("utf-8", "surrogatepass")
    told: dict[str, object] = {
        "id": hashlib.sha256(key).hexdigest()[:22],
        "url": page.url,
        "ts": page_time(page.captured_at),
        "title": title,
        "seed": page.is_seed or None,
        "text": text,
    }
    return json.dumps({name: value for name, value in told.items() if value}).encode() + b"\n"


def _utc(value: object) -> datetime:
    """A time of the index, which is in UTC."""
    return datetime.fromisoformat(str(value)).replace(tzinfo=UTC)
