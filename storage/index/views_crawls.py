"""Views of what crawls bring: health of a day, coverage of a source, results of a crawl, what was dropped."""

# ruff: noqa: S608 (the names in these queries are this package's own)

from __future__ import annotations

from storage.index.schema import View, columns

# Answers of which a browser made a page of the same moment: that is the page which gave an article, or none.
RENDERED = """(SELECT p.record_id FROM captures p JOIN captures r USING (url, captured_at)
    WHERE r.record_type = 'conversion' AND r.mime = 'text/html' AND p.record_type <> 'conversion')"""

DROPPED = View(
    name="dropped",
    comment="Fetches and pages that gave no article, with the reason",
    select=f"""
        SELECT url, outcome, reason, captured_at, crawl_id, source, record_id FROM extractions
        WHERE outcome <> 'article' AND record_id NOT IN {RENDERED}
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

DROPPED_BY_REASON = View(
    name="dropped_by_reason",
    comment="One row a source, outcome and reason: how many fetches and pages gave no article for it",
    select=r"""
        SELECT source, outcome, why, count(*), count(DISTINCT url), min(dropped_at), max(dropped_at), min(url)
        FROM (SELECT source, outcome, url, dropped_at,
                     unnest(string_split(regexp_replace(reason, '\d+ ', 'N ', 'g'), '; ')) AS why
              FROM dropped)
        GROUP BY source, outcome, why""",
    columns=columns(
        "source | VARCHAR | Name of the seed",
        "outcome | VARCHAR | not_an_article, empty, gone, robots_denied, ...",
        "reason | VARCHAR | One sign that told, N for its numbers; a page with several counts in each",
        "fetches | BIGINT | Fetches and pages",
        "urls | BIGINT | Different URLs among them",
        "first_at | TIMESTAMP | The first, UTC",
        "last_at | TIMESTAMP | The latest, UTC",
        "example | VARCHAR | One of the URLs",
    ),
)

# Counted from a list, not by histogram(): through that DuckDB passes no condition on the day down.
SOURCE_HEALTH = View(
    name="source_health",
    comment="One row a day and source: what its crawls brought",
    select="""
        SELECT day, source, pages, articles, empty,
               map_from_entries(list_transform(list_sort(list_distinct(errors)), lambda told:
                   (told, len(list_filter(errors, lambda one: one = told))))),
               words
        FROM (
            SELECT day, source, count(*) FILTER (page) AS pages,
                   count(*) FILTER (outcome = 'article') AS articles,
                   count(*) FILTER (outcome = 'empty') AS empty,
                   coalesce(list(outcome) FILTER (outcome NOT IN (
                       'article', 'not_an_article', 'not_html', 'not_modified', 'redirect')), []) AS errors,
                   median(coalesce(w.word_count, c.word_count)) AS words
            FROM (
                SELECT captured_at::DATE AS day, source, outcome, content_digest,
                       outcome NOT IN ('http_error', 'blocked') AS page
                FROM extractions
                UNION ALL
                SELECT dropped_at::DATE, source, outcome, NULL, false
                FROM dropped ANTI JOIN extractions USING (record_id)) s
            LEFT JOIN work.contents c USING (content_digest)
            LEFT JOIN work.cleaned w USING (content_digest)
            GROUP BY day, source)""",
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

COVERAGE = View(
    name="coverage",
    comment="One row a source: how much of it there is, how complete its articles are, where it has gaps",
    select="""
        SELECT a.source, hosts, articles, first_published_at, last_published_at, days, gap_days, gap_from,
               captured, failed, round(100 * titled / articles, 1), round(100 * dated / articles, 1),
               round(100 * signed / articles, 1), round(100 * placed / articles, 1),
               round(100 * spoken / articles, 1), round(100 * pictured / articles, 1),
               round(100 * copied / articles, 1), round(100 * paid / articles, 1), words
        FROM (
            SELECT source, count(DISTINCT host) AS hosts, count(*) AS articles,
                   min(published_at) AS first_published_at, max(published_at) AS last_published_at,
                   count(title) AS titled, count(published_at) AS dated,
                   count(*) FILTER (len(authors) > 0) AS signed, count(dateline) AS placed,
                   count(language) AS spoken,
                   count(*) FILTER (article_id IN (SELECT article_id FROM photos)) AS pictured,
                   count(*) FILTER (is_duplicate) AS copied, count(*) FILTER (paywalled) AS paid,
                   median(word_count) AS words
            FROM articles GROUP BY source) a
        LEFT JOIN (
            SELECT source, count(*) AS days, coalesce(max(gap), 0) AS gap_days,
                   arg_max(before, gap * 100000 - epoch(before) // 86400) AS gap_from
            FROM (SELECT source, before, nullif(day - before - 1, 0) AS gap
                  FROM (SELECT source, day, lag(day) OVER (PARTITION BY source ORDER BY day) AS before
                        FROM (SELECT DISTINCT source, published_at::DATE AS day FROM articles
                              WHERE published_at IS NOT NULL)))
            GROUP BY source) g ON g.source = a.source
        LEFT JOIN (SELECT source, count(*) AS captured FROM captures GROUP BY source) c
            ON c.source = a.source
        LEFT JOIN (
            SELECT source, count(*) AS failed
            FROM (SELECT source FROM failures
                  UNION ALL
                  SELECT source FROM captures WHERE status >= 400)
            GROUP BY source) f ON f.source = a.source""",
    columns=columns(
        "source | VARCHAR | Name of the seed",
        "hosts | BIGINT | Hosts that its articles are on",
        "articles | BIGINT | Articles",
        "first_published_at | TIMESTAMP | Publication of the first, UTC",
        "last_published_at | TIMESTAMP | Publication of the latest, UTC",
        "days | BIGINT | Days on which an article was published",
        "longest_gap_days | BIGINT | Longest run of days without one between the first and the latest",
        "gap_after | DATE | Last day with an article before that run",
        "captures | BIGINT | Captures",
        "failures | BIGINT | Fetches without an answer, and answers that are an error",
        "with_title_pct | DOUBLE | Per cent of the articles that have a title",
        "with_date_pct | DOUBLE | ... a publication time",
        "with_author_pct | DOUBLE | ... an author",
        "with_dateline_pct | DOUBLE | ... a dateline",
        "with_language_pct | DOUBLE | ... a language",
        "with_photo_pct | DOUBLE | ... a photo",
        "copies_pct | DOUBLE | ... that are copies of another article",
        "paywalled_pct | DOUBLE | ... that say the reader must pay",
        "median_words | DOUBLE | Median number of words",
    ),
)

CRAWL_RESULTS = View(
    name="crawl_results",
    comment="One row a crawl: what it fetched, what was new, how much it stored",
    select="""
        SELECT k.crawl_id, k.source, k.started_at, c.last_at, coalesce(n, 0), coalesce(revisits, 0),
               coalesce(bytes, 0), coalesce(errors, 0), coalesce(failed, 0), coalesce(shown, 0),
               coalesce(new_articles, 0), coalesce(new_versions, 0)
        FROM crawls k
        LEFT JOIN (
            SELECT crawl_id, max(captured_at) AS last_at, count(*) AS n,
                   count(*) FILTER (record_type = 'revisit') AS revisits, sum(warc_length)::BIGINT AS bytes,
                   count(*) FILTER (status >= 400) AS errors, count(DISTINCT article_id) AS shown
            FROM captures GROUP BY crawl_id) c ON c.crawl_id = k.crawl_id
        LEFT JOIN (SELECT crawl_id, count(*) AS failed FROM failures GROUP BY crawl_id) f
            ON f.crawl_id = k.crawl_id
        LEFT JOIN (
            SELECT crawl_id, count(DISTINCT r.article_id) FILTER (version = 1) AS new_articles,
                   count(DISTINCT r.article_id) FILTER (version > 1) AS new_versions
            FROM work.runs r JOIN captures s
                ON s.article_id = r.article_id AND s.captured_at = r.first_captured_at
            GROUP BY crawl_id) v ON v.crawl_id = k.crawl_id""",
    columns=columns(
        "crawl_id | VARCHAR | Crawl",
        "source | VARCHAR | Name of the seed",
        "started_at | TIMESTAMP | When it started, UTC",
        "last_captured_at | TIMESTAMP | Its latest capture, UTC",
        "captures | BIGINT | Captures",
        "revisits | BIGINT | Those whose body was archived before",
        "stored_bytes | BIGINT | What its responses and revisits take in the WARC files",
        "errors | BIGINT | Answers that are an error (status 400 and above)",
        "failures | BIGINT | Fetches without an answer",
        "articles | BIGINT | Articles that its captures show",
        "new_articles | BIGINT | Those that no earlier capture shows",
        "new_versions | BIGINT | Articles that it found changed",
    ),
)

CRAWL_VIEWS = (DROPPED, DROPPED_BY_REASON, SOURCE_HEALTH, COVERAGE, CRAWL_RESULTS)
