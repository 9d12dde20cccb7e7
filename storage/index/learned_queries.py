"""How often each line stands where in the sample of a host's articles: statements over the samples alone.

They leave temporary tables, all named `learning_...`, for `storage.index.learned`. A page here is one content
of an article on a host. Articles that share their longest paragraph (an address twice, a print view, a story
mended and published again) tell one story and count once: by its anchor, the longest paragraph besides the
line itself and what much of the host has (the note under a short post may be longer than the post).
"""

# ruff: noqa: S608 (the names in these queries are this module's own)

from __future__ import annotations

from storage.index.learned_tables import BREAK
from storage.index.schema import rows_with

_LEAST_STORIES = 3
_LONGEST_LINE = 400  # characters
_LEAST_ANCHOR = 40  # characters; a shorter paragraph (a time, a place) may be all that two prints differ in
_WIDE_ARTICLES, _WIDE_SHARE = 4, 0.25  # from here a paragraph tells no story
_SAMPLE = 12  # pages with a line that are read to judge it
_OTHERS = 40  # pages of the host that they are compared with
_ARTICLES = "least(count(DISTINCT story), count(DISTINCT article))"  # that tell different texts

# In order of the articles' ids, which are hashes: the first pages are as good a sample as any.
_PAGES = """
CREATE OR REPLACE TEMP TABLE learning_pages AS
SELECT row_number() OVER (ORDER BY host, article_id, content_digest)::INTEGER AS page,
       dense_rank() OVER (ORDER BY host)::INTEGER AS host_number,
       dense_rank() OVER (ORDER BY article_id)::INTEGER AS article, *
FROM work.samples SEMI JOIN learning_hosts USING (host)
"""

# A table of its own, as `_ANCHORED` is: what a statement makes of a join and reads twice is now and then an
# internal error in DuckDB 2.0 ("global dictionary changed identity").
_PAGE_LINES = """
CREATE OR REPLACE TEMP TABLE learning_page_lines AS
SELECT page, host_number, article, unnest(lines) AS line, unnest(lengths) AS length,
       generate_subscripts(lines, 1)::INTEGER AS position
FROM learning_pages
"""
# The longest two paragraphs, before all others those that may tell a story. A number is compared faster than
# a list of columns is.
_ANCHORS = f"""
CREATE OR REPLACE TEMP TABLE learning_anchors AS
WITH hosts AS (
    SELECT host_number, count(DISTINCT article) AS of_articles FROM learning_pages GROUP BY ALL
), wide AS (
    SELECT host_number, line FROM learning_page_lines JOIN hosts USING (host_number)
    WHERE length >= {_LEAST_ANCHOR}
    GROUP BY ALL
    HAVING count(*) >= {_WIDE_ARTICLES}
       AND count(DISTINCT article) >= greatest({_WIDE_ARTICLES}, {_WIDE_SHARE} * any_value(of_articles))
), ranked AS (
    SELECT page, arg_max(line, rank, 2) AS longest FROM (
        SELECT DISTINCT page, line, line + 18446744073709551616::HUGEINT
            * (length + if(w.host_number IS NOT NULL OR length < {_LEAST_ANCHOR}, 0, 1000000000)) AS rank
        FROM learning_page_lines l LEFT JOIN wide w USING (host_number, line))
    GROUP BY page
)
SELECT page, longest[1] AS anchor, longest[2] AS second_anchor FROM ranked
"""

_ANCHORED = f"""
CREATE OR REPLACE TEMP TABLE learning_anchored AS
WITH often AS (
    SELECT host_number, line FROM learning_page_lines WHERE length BETWEEN 1 AND {_LONGEST_LINE}
    GROUP BY ALL HAVING count(*) >= {_LEAST_STORIES}
)
SELECT page, host_number, article, line, position, if(line = anchor, second_anchor, anchor) AS story
FROM learning_page_lines SEMI JOIN often USING (host_number, line) JOIN learning_anchors USING (page)
"""

# At the head stands what has none but recurring lines before it, at the tail what has none but those after. A
# page without a line of its own tells nothing.
_STANDING = f"""
CREATE OR REPLACE TEMP TABLE learning_standing AS
WITH recurring AS (
    SELECT host_number, line FROM learning_anchored
    GROUP BY ALL HAVING {_ARTICLES} >= {_LEAST_STORIES}
), kept AS (SELECT * FROM learning_anchored SEMI JOIN recurring USING (host_number, line))
SELECT k.* EXCLUDE (story),
       if(count(*) OVER (PARTITION BY page) < p.lines, story, NULL) AS story,
       row_number() OVER (PARTITION BY page ORDER BY position) = position AS at_head,
       row_number() OVER (PARTITION BY page ORDER BY position DESC) = p.lines - position + 1 AS at_tail
FROM kept k JOIN (SELECT page, len(lines) AS lines FROM learning_pages) p USING (page)
"""

_FACETS = """
CREATE OR REPLACE TEMP TABLE learning_facets AS
SELECT page, p.host_number, p.article, facet, a.anchor AS story
FROM (SELECT page, host_number, article, unnest(facets) AS facet FROM learning_pages) p
JOIN learning_anchors a USING (page)
"""

# Of the facets the one that best tells which articles have the line: most of it, and most of those.
_EVIDENCE = f"""
CREATE OR REPLACE TEMP TABLE learning_evidence AS
WITH hosts AS (
    SELECT host_number, any_value(host) AS host, {_ARTICLES} AS of_articles
    FROM (SELECT page, host_number, host, article, anchor AS story
          FROM learning_pages JOIN learning_anchors USING (page)) GROUP BY ALL
), facets AS (
    SELECT host_number, facet, {_ARTICLES} AS of_facet_articles FROM learning_facets GROUP BY ALL
), by_facet AS (
    SELECT host_number, line, facet, {_ARTICLES} AS facet_articles
    FROM learning_standing JOIN (SELECT page, facet FROM learning_facets) USING (page) GROUP BY ALL
    HAVING facet_articles >= {_LEAST_STORIES}
), best AS (
    SELECT * FROM by_facet JOIN facets USING (host_number, facet)
    QUALIFY row_number() OVER (
        PARTITION BY host_number, line
        ORDER BY facet_articles * facet_articles / of_facet_articles DESC, facet) = 1
), counted AS (
    SELECT host_number, line, count(*) AS occurrences, count(*) FILTER (at_head) AS at_head,
           count(*) FILTER (at_tail) AS at_tail, {_ARTICLES} AS articles,
           min(first_at) AS first_at, max(last_at) AS last_at, min(page) AS page,
           arg_min(position, (page, position)) AS position
    FROM learning_standing
    JOIN (SELECT page, first_at, last_at FROM learning_pages) USING (page)
    WHERE story IS NOT NULL
    GROUP BY ALL
), samples AS (
    SELECT host_number, line, list(page ORDER BY page)[1:{_SAMPLE}] AS sample FROM (
        SELECT host_number, line, min(page) AS page FROM learning_standing
        WHERE story IS NOT NULL GROUP BY host_number, line, story)
    GROUP BY ALL
)
SELECT h.host, c.line, c.page, c.position, c.occurrences, c.at_head,
       c.at_tail, c.articles, greatest(h.of_articles, c.articles) AS of_articles,
       coalesce(b.facet, '') AS facet, coalesce(b.facet_articles, 0) AS facet_articles,
       greatest(b.of_facet_articles, b.facet_articles, 0) AS of_facet_articles, c.first_at, c.last_at,
       s.sample
FROM counted c
JOIN hosts h USING (host_number) JOIN samples s USING (host_number, line)
LEFT JOIN best b ON b.host_number = c.host_number AND b.line = c.line
WHERE c.articles >= {_LEAST_STORIES}
  AND (20 * c.articles >= h.of_articles OR 2 * coalesce(b.facet_articles, 0) >= b.of_facet_articles)
"""

# What a line says is known where it recurred before; else a page that has it is read, which costs more.
_UNREAD_LINES = """
CREATE OR REPLACE TEMP TABLE learning_unread_lines AS
SELECT host, line, position, content_digest FROM learning_evidence e
JOIN (SELECT page, content_digest FROM learning_pages) USING (page)
ANTI JOIN work.recurring r ON r.host = e.host AND r.line_digest = e.line
"""
_READ_TEXTS = f"""
CREATE OR REPLACE TEMP TABLE learning_read_texts AS
SELECT content_digest, "text"
FROM {rows_with("work.contents", "content_digest", "learning_unread_lines")}
"""
_LINE_TEXTS = f"""
CREATE OR REPLACE TEMP TABLE learning_line_texts AS
SELECT host, line, string_split("text", {BREAK})[position] AS "text"
FROM learning_unread_lines JOIN learning_read_texts USING (content_digest)
UNION ALL
SELECT r.host, r.line_digest, r.line FROM work.recurring r
JOIN learning_evidence e ON r.host = e.host AND r.line_digest = e.line
"""

COUNTING = (
    _PAGES,
    _PAGE_LINES,
    _ANCHORS,
    _ANCHORED,
    _STANDING,
    _FACETS,
    _EVIDENCE,
    _UNREAD_LINES,
    _READ_TEXTS,
    _LINE_TEXTS,
)

EVIDENCE = """
SELECT host, line, t."text", occurrences, at_head, at_tail, articles, of_articles, facet, facet_articles,
       of_facet_articles, first_at, last_at, sample
FROM learning_evidence JOIN learning_line_texts t USING (host, line) ORDER BY host, t."text", line
"""

OTHERS = f"""
SELECT host, list(page ORDER BY page)[1:{_OTHERS}] FROM learning_pages GROUP BY host
"""
