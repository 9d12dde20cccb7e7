"""What stands in for pages that their site refuses: whose article is had so, what was tried, from what.

A fallback's records are known by how they were found (`discoveries`: kind `fallback`, `found_in` names it,
`found_on` is the refused page), in a live crawl and in a replay alike.
"""

# ruff: noqa: S608 (the names in these queries are this package's own; values go in as parameters)

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import duckdb

from storage.index.schema import View, columns
from storage.index.stored import CAPTURE_COLUMNS, capture_from
from storage.model import Capture
from storage.urls import article_id

FEED = "feed"
# Pages that were made of the record of another URL: a teaser of the feed that has it.
MADE_ELSEWHERE = "record_type = 'conversion' AND mime = 'text/html' AND refers_to_url <> url"
_FEEDS_BACK = 5  # captures of a feed that are looked through: an entry may have left it since

FALLBACKS = View(
    name="fallbacks",
    comment="One row a text, or a try in vain to get one, in place of a page that its site refuses",
    select="""
        SELECT d.found_on, d.found_in, coalesce(e.outcome, f.outcome, 'http_error'), d.url,
               coalesce(c.refers_to_url, d.url), coalesce(c.captured_at, f.failed_at),
               coalesce(c.article_id, CASE WHEN e.outcome = 'article' THEN e.article_id END),
               coalesce(o.alone, false), coalesce(c.source, f.source), coalesce(c.crawl_id, f.crawl_id),
               d.record_id
        FROM discoveries d
        LEFT JOIN captures c ON c.record_id = d.record_id
        LEFT JOIN extractions e ON e.record_id = d.record_id
        LEFT JOIN failures f ON f.record_id = d.record_id
        LEFT JOIN (
            SELECT s.article_id, bool_and(b.record_id IS NOT NULL) AS alone
            FROM captures s
            SEMI JOIN (SELECT article_id FROM captures
                       SEMI JOIN (SELECT record_id FROM discoveries WHERE kind = 'fallback') USING (record_id)
                       ) a ON a.article_id = s.article_id
            LEFT JOIN (SELECT record_id FROM discoveries WHERE kind = 'fallback') b
                ON b.record_id = s.record_id
            GROUP BY s.article_id) o ON o.article_id = c.article_id
        WHERE d.kind = 'fallback'
          AND (e.record_id IS NOT NULL OR f.record_id IS NOT NULL OR c.status >= 300)""",
    columns=columns(
        "url | VARCHAR | URL of the page that is refused",
        "fallback | VARCHAR | feed (its teaser), print, wayback or dvids",
        "outcome | VARCHAR | article where it gave one, else why not",
        "record_url | VARCHAR | URL of its record: that of the page, or of another page that has the story",
        "taken_from | VARCHAR | URL of what it was made of: the feed, the interface; else as record_url",
        "captured_at | TIMESTAMP | When that was captured, by whomever, or was tried in vain, UTC",
        "article_id | VARCHAR | Article that it gave; NULL when it gave none",
        "stands_alone | BOOLEAN | Whether no capture of the page itself shows that article",
        "source | VARCHAR | Name of the seed",
        "crawl_id | VARCHAR | Crawl that took it",
        "record_id | VARCHAR | WARC-Record-ID of the capture or of the failure's metadata record",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """How many crawls tried a fallback for a page, and when the last of them began."""

    crawls: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Had:
    """What the archive has in place of a page: a text in whole, a teaser, tries by fallback."""

    in_whole: bool = False
    teaser: bool = False
    tried: Mapping[str, Tried] = field(default_factory=dict)


_TEXTS = f"""
SELECT e.article_id, bool_or(NOT coalesce(c.made, false)), bool_or(coalesce(c.made, false))
FROM (SELECT record_id, article_id FROM extractions
      WHERE outcome = 'article' AND article_id IN (SELECT unnest($articles))) e
JOIN (SELECT record_id, {MADE_ELSEWHERE} AS made FROM captures) c USING (record_id)
GROUP BY ALL
"""
_TRIED = """
SELECT d.found_on, d.found_in, count(DISTINCT r.crawl_id), max(k.started_at), bool_or(e.outcome = 'article')
FROM (SELECT record_id, found_on, found_in FROM discoveries
      WHERE kind = 'fallback' AND found_on IN (SELECT unnest($urls))) d
JOIN (SELECT record_id, crawl_id FROM captures UNION ALL SELECT record_id, crawl_id FROM failures) r
    USING (record_id)
JOIN crawls k USING (crawl_id)
LEFT JOIN extractions e USING (record_id)
GROUP BY ALL
"""
_FEEDS = f"""
SELECT {CAPTURE_COLUMNS} FROM captures c JOIN discoveries d USING (record_id)
WHERE c.source = $source AND d.kind = 'feed' AND c.record_type = 'response' AND c.status = 200
    AND c.truncated IS NULL
QUALIFY row_number() OVER (PARTITION BY c.url ORDER BY c.captured_at DESC, c.record_id) <= {_FEEDS_BACK}
ORDER BY c.captured_at DESC, c.record_id
"""
_PAGES = f"""
SELECT {CAPTURE_COLUMNS} FROM captures c
WHERE c.url = $url AND c.record_type = 'response' AND c.mime = 'text/html'
ORDER BY c.captured_at DESC, c.record_id LIMIT $most
"""


def had_of(connection: duckdb.DuckDBPyConnection, urls: Sequence[str]) -> dict[str, Had]:
    """What is had, or was tried, in place of each of the pages. Raises: duckdb.Error."""
    ids = {url: article_id(url) for url in urls}
    articles = sorted(set(ids.values()))
    texts = {
        row[0]: (bool(row[1]), bool(row[2])) for row in _rows(connection, _TEXTS, {"articles": articles})
    }
    tried: dict[str, dict[str, Tried]] = {}
    elsewhere = set()
    for url, fallback, crawls, last_at, gave in _rows(connection, _TRIED, {"urls": list(urls)}):
        tried.setdefault(url, {})[fallback] = Tried(crawls=crawls, last_at=last_at.replace(tzinfo=UTC))
        if gave and fallback != FEED:
            elsewhere.add(url)
    return {
        url: Had(
            in_whole=texts.get(ids[url], (False, False))[0] or url in elsewhere,
            teaser=texts.get(ids[url], (False, False))[1],
            tried=tried.get(url, {}),
        )
        for url in urls
    }


def feed_captures(connection: duckdb.DuckDBPyConnection, source: str) -> list[Capture]:
    """The latest whole captures of each feed of a source, the newest first. Raises: duckdb.Error."""
    return [capture_from(row) for row in _rows(connection, _FEEDS, {"source": source})]


def page_captures(connection: duckdb.DuckDBPyConnection, url: str, most: int) -> list[Capture]:
    """The latest pages at a URL, whatever they are, the newest first. Raises: duckdb.Error."""
    return [capture_from(row) for row in _rows(connection, _PAGES, {"url": url, "most": most})]


def _rows(
    connection: duckdb.DuckDBPyConnection, sql: str, values: Mapping[str, object]
) -> list[tuple[Any, ...]]:
    cursor = connection.cursor()
    try:
        return cursor.execute(sql, dict(values)).fetchall()
    finally:
        cursor.close()
