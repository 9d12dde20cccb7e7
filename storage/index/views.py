"""Each view of the index, column by column."""

from __future__ import annotations

from storage.index.schema import View, columns
from storage.index.tables import ARTICLES

UNIQUE_ARTICLES = View(
    name="unique_articles",
    comment="One row a cluster: its origin",
    select="SELECT * FROM articles WHERE NOT is_duplicate",
    columns=ARTICLES.columns,
)

VERSIONS = View(
    name="versions",
    comment="One row a version of an article: a run of captures that say the same but for case and punctuation",
    select="""
        SELECT r.article_id, r.version, r.url, r.first_captured_at, r.last_captured_at, r.captures, r.changed,
               c.title, coalesce(w.text, c.text), coalesce(w.word_count, c.word_count),
               coalesce(w.text_digest, c.text_digest), r.content_digest, c.authors, c.dateline,
               c.published_at, c.origin_url, r.words_added, r.words_removed, r.correction, r.correction_kind
        FROM work.runs r JOIN work.contents c USING (content_digest)
             LEFT JOIN work.cleaned w USING (content_digest)""",
    columns=columns(
        "article_id | VARCHAR | Article",
        "version | INTEGER | 1 for the first",
        "url | VARCHAR | URL of the version's first capture",
        "first_captured_at | TIMESTAMP | First capture, UTC",
        "last_captured_at | TIMESTAMP | Latest capture, UTC",
        "captures | INTEGER | Number of captures",
        "changed | VARCHAR[] | Fields that differ from the version before; empty for the first",
        "title | VARCHAR | Title",
        "text | VARCHAR | Clean text",
        "word_count | INTEGER | Words of the text",
        "text_digest | VARCHAR | SHA-256 of the text in lower case without punctuation",
        "content_digest | VARCHAR | SHA-256 of title, text, authors, dateline, published_at, origin_url",
        "authors | VARCHAR[] | Authors in order",
        "dateline | VARCHAR | Dateline",
        "published_at | TIMESTAMP | Publication time the page claims, UTC",
        "origin_url | VARCHAR | Where a repost says it comes from",
        "words_added | INTEGER | Words it has more of than the version before, whatever their places; NULL for "
        "the first",
        "words_removed | INTEGER | Words it has fewer of than the version before; NULL for the first",
        "correction | VARCHAR | Notice that says what was corrected, clarified or updated; NULL without one",
        "correction_kind | VARCHAR | correction, clarification, update or editors_note; NULL without a notice",
    ),
)

DROPPED = View(
    name="dropped",
    comment="Fetches and pages that gave no article, with the reason",
    select="""
        SELECT url, outcome, reason, captured_at, crawl_id, source, record_id FROM extractions
        WHERE outcome <> 'article'
        UNION ALL
        SELECT url, outcome, reason, failed_at, crawl_id, source, record_id FROM failures
        UNION ALL
        SELECT url, CASE WHEN status IN (404, 410) THEN 'gone' ELSE 'http_error' END, 'HTTP ' || status,
               captured_at, crawl_id, source, record_id
        FROM captures c
        WHERE status >= 400 AND NOT EXISTS (FROM extractions e WHERE e.record_id = c.record_id)""",
    columns=columns(
        "url | VARCHAR | URL that was asked for",
        "outcome | VARCHAR | not_an_article, empty, gone, robots_denied, ...",
        "reason | VARCHAR | The same in words",
        "dropped_at | TIMESTAMP | When it was captured or failed, UTC",
        "crawl_id | VARCHAR | Crawl",
        "source | VARCHAR | Name of the seed",
        "record_id | VARCHAR | WARC-Record-ID",
    ),
)

SOURCE_HEALTH = View(
    name="source_health",
    comment="One row a day and source: what its crawls brought",
    select="""
        WITH seen AS (
            SELECT captured_at::DATE AS day, source, outcome, content_digest, article_id, true AS page
            FROM extractions
            UNION ALL
            SELECT dropped_at::DATE, source, outcome, NULL, NULL, false FROM dropped
            WHERE record_id NOT IN (SELECT record_id FROM extractions)
        ), errors AS (
            SELECT day, source, map_from_entries(list((outcome, n) ORDER BY outcome)) AS errors FROM (
                SELECT day, source, outcome, count(*) AS n FROM seen
                WHERE outcome NOT IN ('article', 'not_an_article', 'not_html', 'not_modified', 'redirect')
                GROUP BY ALL)
            GROUP BY ALL
        )
        SELECT s.day, s.source, count(*) FILTER (page), count(*) FILTER (outcome = 'article'),
               count(*) FILTER (outcome = 'empty'), coalesce(any_value(e.errors), MAP {}),
               median(c.word_count)
        FROM seen s LEFT JOIN errors e USING (day, source)
             LEFT JOIN work.contents c USING (content_digest)
        GROUP BY s.day, s.source""",
    columns=columns(
        "day | DATE | Day, UTC",
        "source | VARCHAR | Name of the seed",
        "pages | BIGINT | Pages looked at for an article",
        "articles | BIGINT | Pages that gave one",
        "empty_extractions | BIGINT | Pages in which no text was found",
        "errors | MAP(VARCHAR, BIGINT) | Number of each outcome that is an error",
        "median_words | DOUBLE | Median number of words of the articles",
    ),
)

VIEWS = (UNIQUE_ARTICLES, VERSIONS, DROPPED, SOURCE_HEALTH)
