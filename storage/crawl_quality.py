"""What one crawl brought, and how good it is, as the published index tells."""

# ruff: noqa: S608 (the names in these queries are this package's own; values go in as parameters)

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import duckdb

from storage.index.schema import rows_with
from storage.index.views_crawls import RENDERED

_Value = TypeVar("_Value")
MOST_VALUES = 100  # of the pages' values: in order, evenly taken, they still tell how these lie
_NO_ARTICLE = ("empty", "not_an_article", "needs_javascript", "soft_404")


@dataclass(frozen=True, slots=True, kw_only=True)
class CrawlQuality:
    """What the captures of a crawl gave.

    `new`, `changed`, `unchanged` and `duplicates` (copies among the new) count articles. `expected_pages` are
    those that discovery took for articles, `missed_pages` those of them in which none was found. `read_pages`
    gave an article; `departed_pages` of them depart from a known publisher's template. `words` and `removed`
    (share of a page's words that were removed) have a value a page, in order; of many pages, a hundred. What
    fallbacks gave is none of the pages; `fallback_articles` of the source are shown by nothing else.
    """

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    duplicates: int = 0
    stored_bytes: int = 0
    expected_pages: int = 0
    missed_pages: int = 0
    read_pages: int = 0
    with_title: int = 0
    with_date: int = 0
    with_author: int = 0
    departed_pages: int = 0
    words: tuple[int, ...] = ()
    removed: tuple[float, ...] = ()
    fallback_articles: int = 0


_CAPTURED = """
SELECT count(DISTINCT article_id), coalesce(sum(warc_length), 0)::BIGINT FROM captures WHERE crawl_id = ?
"""
_NEWS = """
SELECT count(DISTINCT r.article_id) FILTER (version = 1), count(DISTINCT r.article_id) FILTER (version > 1),
       count(DISTINCT r.article_id) FILTER (version = 1 AND a.is_duplicate)
FROM (SELECT DISTINCT article_id, captured_at FROM captures
      WHERE crawl_id = ? AND article_id IS NOT NULL) c
JOIN work.runs r ON r.article_id = c.article_id AND r.first_captured_at = c.captured_at
JOIN articles a ON a.article_id = r.article_id
"""
_EXPECTED = f"""
SELECT count(*), count(*) FILTER (outcome IN {_NO_ARTICLE})
FROM extractions JOIN discoveries USING (record_id)
WHERE crawl_id = ? AND kind = 'article' AND record_id NOT IN {RENDERED}
"""
# By the rows' places: texts of other crawls are not read.
_PAGES = (
    f"""
    CREATE OR REPLACE TEMP TABLE crawl_pages AS
    SELECT record_id, content_digest, extras_digest FROM extractions
    WHERE crawl_id = ? AND outcome = 'article' AND record_id NOT IN {RENDERED}
        AND record_id NOT IN (SELECT record_id FROM discoveries WHERE kind = 'fallback')
    """,
    f"""
    CREATE OR REPLACE TEMP TABLE page_values AS
    SELECT c.title IS NOT NULL AS titled, c.published_at IS NOT NULL AS dated, len(c.authors) > 0 AS signed,
           coalesce(x.layout_drift, '') <> '' AS departed, c.word_count AS words,
           coalesce(list_sum(list_transform(x.blocks, lambda one:
               length(one.body) - length(replace(one.body, ' ', '')) + 1)), 0) AS gone
    FROM crawl_pages p
    JOIN {rows_with("work.contents", "content_digest", "crawl_pages")} c USING (content_digest)
    LEFT JOIN {rows_with("work.extras", "extras_digest", "crawl_pages")} x USING (extras_digest)
    """,
)
_HAS_FALLBACKS = "FROM discoveries WHERE kind = 'fallback' LIMIT 1"
_STANDING_IN = """
SELECT count(DISTINCT article_id) FROM fallbacks
WHERE stands_alone AND source = (SELECT source FROM crawls WHERE crawl_id = ?)
"""
_READ = """
SELECT count(*), count(*) FILTER (titled), count(*) FILTER (dated), count(*) FILTER (signed),
       count(*) FILTER (departed), list(words ORDER BY words),
       list(round(gone / greatest(gone + words, 1), 3) ORDER BY gone / greatest(gone + words, 1))
FROM page_values
"""


def crawl_quality(connection: duckdb.DuckDBPyConnection, crawl_id: str) -> CrawlQuality | None:
    """What the index tells of a crawl, None where it does not know it. Raises: duckdb.Error."""
    cursor = connection.cursor()
    try:
        if not cursor.execute("FROM crawls WHERE crawl_id = ?", [crawl_id]).fetchall():
            return None
        for statement in _PAGES:
            cursor.execute(statement, [crawl_id] if "?" in statement else [])
        return _quality(cursor, crawl_id)
    finally:
        cursor.close()


def _quality(cursor: duckdb.DuckDBPyConnection, crawl_id: str) -> CrawlQuality:
    """The same, once the crawl's pages are at hand."""
    ((shown, stored_bytes),) = cursor.execute(_CAPTURED, [crawl_id]).fetchall()
    ((new, changed, duplicates),) = cursor.execute(_NEWS, [crawl_id]).fetchall()
    ((expected, missed),) = cursor.execute(_EXPECTED, [crawl_id]).fetchall()
    standing_in = 0
    if cursor.execute(_HAS_FALLBACKS).fetchall():
        ((standing_in,),) = cursor.execute(_STANDING_IN, [crawl_id]).fetchall()
    ((read, titled, dated, signed, departed, words, removed),) = cursor.execute(_READ).fetchall()
    return CrawlQuality(
        new=new,
        changed=changed,
        unchanged=shown - new - changed,
        duplicates=duplicates,
        stored_bytes=stored_bytes,
        expected_pages=expected,
        missed_pages=missed,
        read_pages=read,
        with_title=titled,
        with_date=dated,
        with_author=signed,
        departed_pages=departed,
        words=tuple(thinned(words or [])),
        removed=tuple(thinned(removed or [])),
        fallback_articles=standing_in,
    )


def thinned(ordered: list[_Value]) -> list[_Value]:
    """The values, or a hundred of them in even steps, the first and the last among them.

    >>> thinned(list(range(5))), len(thinned(list(range(1000)))), thinned(list(range(1000)))[-1]
    ([0, 1, 2, 3, 4], 100, 999)
    """
    if len(ordered) <= MOST_VALUES:
        return ordered
    step = (len(ordered) - 1) / (MOST_VALUES - 1)
    return [ordered[round(place * step)] for place in range(MOST_VALUES)]
