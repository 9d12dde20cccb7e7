"""How often each line stands where in a host's articles: statements over the base tables alone.

They leave temporary tables, all named `learning_...`, for `storage.index.learned`. A page here is one content
of an article on a host. Articles that share their longest paragraph (an address twice, a print view, a story
mended and published again) tell one story and count once: by its anchor, the longest paragraph besides the
line itself and what much of the host has (the note under a short post may be longer than the post).
Transcripts and contracts repeat themselves by nature and take no part.
"""

# ruff: noqa: S608 (the names in these queries are this module's own)

from __future__ import annotations

_LEAST_STORIES = 3
_LONGEST_LINE = 400  # characters
_LEAST_ANCHOR = 40  # characters; a shorter paragraph (a time, a place) may be all that two prints differ in
_WIDE_ARTICLES, _WIDE_SHARE = 4, 0.25  # from here a paragraph tells no story
_SAMPLE = 12  # pages with a line that are read to judge it
_OTHERS = 40  # pages of the host that they are compared with
_ARTICLES = "least(count(DISTINCT story), count(DISTINCT article))"  # that tell different texts
_SEPARATOR = "chr(10) || chr(10)"

HOSTS = """
CREATE OR REPLACE TEMP TABLE learning_hosts AS
SELECT host FROM extractions SEMI JOIN work.touched USING (url)
UNION
SELECT a.host FROM articles a SEMI JOIN (
    SELECT article_id FROM captures SEMI JOIN work.touched USING (url)) USING (article_id)
"""

_FORGET_LINES = """
DELETE FROM work.lines
WHERE content_digest NOT IN (SELECT content_digest FROM extractions)
"""
_READ_LINES = f"""
INSERT INTO work.lines
SELECT content_digest, list_transform(parts, lambda part: md5_number_lower(part)),
       list_transform(parts, lambda part: length(part))
FROM (SELECT content_digest, string_split("text", {_SEPARATOR}) AS parts
      FROM work.contents
      SEMI JOIN (SELECT content_digest FROM extractions SEMI JOIN learning_hosts USING (host))
          USING (content_digest)
      ANTI JOIN work.lines USING (content_digest))
"""

# In order of the articles' ids, which are hashes: the first pages are as good a sample as any.
_PAGES = """
CREATE OR REPLACE TEMP TABLE learning_pages AS
WITH told AS (
    SELECT e.host, e.article_id, e.content_digest, min(e.captured_at) AS first_at,
           max(e.captured_at) AS last_at
    FROM extractions e SEMI JOIN learning_hosts USING (host) LEFT JOIN work.extras x USING (extras_digest)
    WHERE e.outcome = 'article'
    GROUP BY ALL
    HAVING NOT bool_or(coalesce(x.page_kind, '') IN ('transcript', 'contract'))
)
SELECT row_number() OVER (ORDER BY host, article_id, content_digest)::INTEGER AS page,
       dense_rank() OVER (ORDER BY host)::INTEGER AS host_number,
       dense_rank() OVER (ORDER BY article_id)::INTEGER AS article, told.*, l.lines
FROM told JOIN work.lines l USING (content_digest)
"""

# A table of its own, as `_ANCHORED` is: what a statement makes of a join and reads twice is now and then an
# internal error in DuckDB 2.0 ("global dictionary changed identity").
_PAGE_LINES = """
CREATE OR REPLACE TEMP TABLE learning_page_lines AS
SELECT p.page, p.host_number, p.article, unnest(p.lines) AS line, unnest(l.lengths) AS length,
       generate_subscripts(p.lines, 1)::INTEGER AS position
FROM learning_pages p JOIN work.lines l USING (content_digest)
"""
_ANCHORS = f"""
CREATE OR REPLACE TEMP TABLE learning_anchors AS
WITH hosts AS (
    SELECT host_number, count(DISTINCT article) AS of_articles FROM learning_pages GROUP BY ALL
), wide AS (
    SELECT host_number, line FROM learning_page_lines JOIN hosts USING (host_number)
    WHERE length >= {_LEAST_ANCHOR}
    GROUP BY ALL
    HAVING count(DISTINCT article) >= greatest({_WIDE_ARTICLES}, {_WIDE_SHARE} * any_value(of_articles))
), ranked AS (
    SELECT page, list(line ORDER BY w.line IS NOT NULL OR length < {_LEAST_ANCHOR}, length DESC, line)[1:2]
               AS longest
    FROM (SELECT DISTINCT page, host_number, line, length FROM learning_page_lines)
    LEFT JOIN wide w USING (host_number, line) GROUP BY page
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
       if(count(*) OVER (PARTITION BY page) < len(p.lines), story, NULL) AS story,
       row_number() OVER (PARTITION BY page ORDER BY position) = position AS at_head,
       row_number() OVER (PARTITION BY page ORDER BY position DESC) = len(p.lines) - position + 1 AS at_tail
FROM kept k JOIN (SELECT page, lines FROM learning_pages) p USING (page)
"""

_FACETS = """
CREATE OR REPLACE TEMP TABLE learning_facets AS
WITH seen AS (
    SELECT DISTINCT p.page, e.canonical_url, e.captured_at::DATE AS day
    FROM learning_pages p JOIN extractions e USING (host, article_id, content_digest)
), facets AS (
    SELECT page, 'day ' || day AS facet FROM seen
    UNION
    SELECT page, 'folder /' || split_part(canonical_url, '/', 4) || '/' FROM seen
    WHERE split_part(canonical_url, '/', 5) <> ''
    UNION
    SELECT page, 'month ' || strftime(published_at, '%Y-%m')
    FROM learning_pages JOIN work.contents USING (content_digest) WHERE published_at IS NOT NULL
    UNION
    SELECT page, 'author ' || unnest(authors)
    FROM learning_pages JOIN work.contents USING (content_digest)
)
SELECT page, p.host_number, p.article, facet, a.anchor AS story
FROM facets JOIN learning_pages p USING (page) JOIN learning_anchors a USING (page)
"""

# Of the facets the one that best tells which articles have the line: most of it, and most of those.
_EVIDENCE = f"""
CREATE OR REPLACE TEMP TABLE learning_evidence AS
WITH hosts AS (
    SELECT host_number, any_value(host) AS host, {_ARTICLES} AS of_articles
    FROM (SELECT *, anchor AS story FROM learning_pages JOIN learning_anchors USING (page)) GROUP BY ALL
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
    FROM learning_standing JOIN learning_pages USING (page, host_number, article)
    WHERE story IS NOT NULL
    GROUP BY ALL
), samples AS (
    SELECT host_number, line, list(page ORDER BY page)[1:{_SAMPLE}] AS sample FROM (
        SELECT host_number, line, min(page) AS page FROM learning_standing
        WHERE story IS NOT NULL GROUP BY host_number, line, story)
    GROUP BY ALL
)
SELECT h.host, c.line, string_split(t."text", {_SEPARATOR})[c.position] AS "text", c.occurrences, c.at_head,
       c.at_tail, c.articles, greatest(h.of_articles, c.articles) AS of_articles,
       coalesce(b.facet, '') AS facet, coalesce(b.facet_articles, 0) AS facet_articles,
       greatest(b.of_facet_articles, b.facet_articles, 0) AS of_facet_articles, c.first_at, c.last_at,
       s.sample
FROM counted c
JOIN hosts h USING (host_number) JOIN samples s USING (host_number, line)
JOIN learning_pages p ON p.page = c.page
JOIN work.contents t ON t.content_digest = p.content_digest
LEFT JOIN best b ON b.host_number = c.host_number AND b.line = c.line
WHERE c.articles >= {_LEAST_STORIES}
  AND (20 * c.articles >= h.of_articles OR 2 * coalesce(b.facet_articles, 0) >= b.of_facet_articles)
"""

COUNTING = (
    _FORGET_LINES,
    _READ_LINES,
    _PAGES,
    _PAGE_LINES,
    _ANCHORS,
    _ANCHORED,
    _STANDING,
    _FACETS,
    _EVIDENCE,
)

OTHERS = f"""
SELECT host, list(page ORDER BY page)[1:{_OTHERS}] FROM learning_pages GROUP BY host
"""

# An article may stand on several hosts; what any of them writes everywhere is taken out of it.
HITS = """
CREATE OR REPLACE TEMP TABLE learning_hits AS
WITH lines AS (
    SELECT DISTINCT content_digest, unnest(lines) AS line,
           generate_subscripts(lines, 1)::INTEGER AS position
    FROM learning_pages
), hosts AS (
    SELECT DISTINCT content_digest, host FROM extractions
    SEMI JOIN learning_pages USING (content_digest)
), places AS (
    SELECT content_digest, position, min(place) AS place, max(l.rule) AS rule
    FROM learned_lines l JOIN lines ON lines.line = l.line_digest
    JOIN hosts USING (content_digest, host)
    GROUP BY ALL
)
SELECT content_digest, max(rule) AS rule,
       list({'position': position, 'place': place} ORDER BY position) AS hits
FROM places GROUP BY content_digest
"""
