"""Articles, versions, photos and removed blocks from captures and extractions, for what changed.

Everything here is a function of the base tables, and of what was learned from them (`storage.index.learned`):
rebuilt for one article or for all, in any order, the rows are the same. A capture shows an article by its own
extraction or, when it has no body of its own (a revisit, a 304), by that of the capture it refers to. A text
that was made of a page (a conversion record) shows none where the page itself, of the same moment, shows one:
the page tells more.
"""

# ruff: noqa: S608 (the names in these queries are this package's own; values go in as parameters or files)

from __future__ import annotations

import duckdb

from storage.index.page_parts import PAGE_PART_TABLES, PAGE_PARTS
from storage.index.sketches import refresh_sketches
from storage.index.versions import RUNS

# Captures whose article may be another one now: of a touched URL, or referring to one.
_AFFECTED = """
CREATE OR REPLACE TEMP TABLE affected AS
SELECT record_id, url, captured_at, record_type, status, payload_digest, refers_to_url, refers_to_at,
       article_id AS old_article_id, content_digest AS old_content_digest
FROM captures c
WHERE url IN (SELECT url FROM work.touched) OR refers_to_url IN (SELECT url FROM work.touched)
"""

# A capture without a body takes the extraction that fits best: of the capture it names, of the one with its
# payload digest, of the latest before it, of the nearest after it. To stand after `WITH bodiless AS (...),`.
BORROWED = """
wanted AS (
    SELECT record_id, url AS body_url, false AS named FROM bodiless
    WHERE refers_to_url IS NULL OR refers_to_url <> url
    UNION ALL
    SELECT record_id, refers_to_url, true FROM bodiless WHERE refers_to_url IS NOT NULL
), borrowed AS (
    SELECT b.record_id, f.record_id AS body_id, e.outcome,
           coalesce(i.article_id, e.article_id) AS article_id, e.content_digest
    FROM wanted w
    JOIN bodiless b ON b.record_id = w.record_id
    JOIN captures f ON f.url = w.body_url AND f.record_type IN ('response', 'resource') AND f.status <> 304
    JOIN extractions e ON e.record_id = f.record_id LEFT JOIN aliases i ON i.url_id = e.article_id
    QUALIFY row_number() OVER (
        PARTITION BY b.record_id
        ORDER BY w.named DESC, (f.captured_at = b.refers_to_at) DESC NULLS LAST,
                 (f.payload_digest = b.payload_digest) DESC, (f.captured_at <= b.captured_at) DESC,
                 abs(epoch_us(f.captured_at) - epoch_us(b.captured_at)), f.record_id) = 1
)
"""

# What each of them shows.
_SHOWN = f"""
CREATE OR REPLACE TEMP TABLE shown AS
WITH own AS (
    SELECT a.record_id, a.url, a.captured_at, a.record_type, a.refers_to_at, e.outcome,
           coalesce(i.article_id, e.article_id) AS article_id, e.content_digest
    FROM affected a JOIN extractions e USING (record_id) LEFT JOIN aliases i ON i.url_id = e.article_id
), bodiless AS (
    SELECT * FROM affected a
    WHERE (record_type = 'revisit' OR status = 304)
      AND NOT EXISTS (FROM own o WHERE o.record_id = a.record_id)
), {BORROWED}
SELECT record_id, article_id, content_digest FROM own o
WHERE outcome = 'article' AND NOT (record_type = 'conversion' AND EXISTS (
    FROM own page WHERE page.outcome = 'article' AND page.record_type <> 'conversion' AND page.url = o.url
        AND page.captured_at IN (o.captured_at, o.refers_to_at)))
UNION ALL
SELECT record_id, article_id, content_digest FROM borrowed WHERE outcome = 'article'
"""

_CHANGED_ARTICLES = """
CREATE OR REPLACE TEMP TABLE redo AS
SELECT DISTINCT article_id FROM (
    SELECT old_article_id AS article_id FROM affected
    UNION ALL
    SELECT article_id FROM shown)
WHERE article_id IS NOT NULL
"""

_MARK_CAPTURES = """
UPDATE captures SET article_id = n.article_id, content_digest = n.content_digest
FROM (SELECT a.record_id, s.article_id, s.content_digest
      FROM affected a LEFT JOIN shown s USING (record_id)
      WHERE a.old_article_id IS DISTINCT FROM s.article_id
         OR a.old_content_digest IS DISTINCT FROM s.content_digest) n
WHERE captures.record_id = n.record_id
"""

_TIMELINE = """
CREATE OR REPLACE TEMP TABLE timeline AS
SELECT c.article_id, c.content_digest, c.url, c.captured_at, c.record_id,
       row_number() OVER (PARTITION BY c.article_id ORDER BY c.captured_at, c.record_id) AS place
FROM captures c SEMI JOIN redo USING (article_id)
"""

# Of the captures that have a body of their own and show the article's present content, the latest speaks
# for it.
_ARTICLES = """
CREATE OR REPLACE TEMP TABLE new_articles AS
WITH spans AS (
    SELECT article_id, arg_max(content_digest, place) AS content_digest,
           min(captured_at) AS first_captured_at, max(captured_at) AS last_captured_at,
           count(*)::INTEGER AS captures
    FROM timeline GROUP BY article_id
), speaking AS (
    SELECT t.article_id, arg_max(t.record_id, t.place) AS record_id
    FROM timeline t JOIN spans s USING (article_id, content_digest) SEMI JOIN extractions USING (record_id)
    GROUP BY t.article_id
), counted AS (SELECT article_id, max(version) AS versions FROM new_runs GROUP BY article_id)
SELECT s.article_id, e.url, coalesce(i.canonical_url, e.canonical_url) AS canonical_url, e.host, e.source, c.title, c.authors, c.dateline, c.published_at,
       x.modified_at, x.language, coalesce(w.text, c.text) AS text,
       coalesce(w.word_count, c.word_count) AS word_count,
       coalesce(w.text_digest, c.text_digest) AS text_digest, s.first_captured_at,
       s.last_captured_at, n.versions, coalesce(k.cluster_id, s.article_id) AS cluster_id,
       NOT coalesce(k.is_origin, true) AS is_duplicate,
       c.origin_url, e.outcome, x.published_raw, x.modified_raw, x.site_name, x.section, x.page_kind,
       x.declared_canonical, s.content_digest, s.captures, x.paywalled, x.layout_drift
FROM spans s
JOIN speaking p USING (article_id)
JOIN extractions e ON e.record_id = p.record_id
LEFT JOIN aliases i ON i.url_id = e.article_id
JOIN work.contents c ON c.content_digest = s.content_digest
LEFT JOIN work.cleaned w ON w.content_digest = s.content_digest
JOIN work.extras x ON x.extras_digest = e.extras_digest
JOIN counted n ON n.article_id = s.article_id
LEFT JOIN clusters k ON k.article_id = s.article_id
"""

# Clusters look at these fields of an article and no others; a capture that brought nothing new to them asks
# for no new clusters.
_CLUSTERED = (
    "article_id, url, canonical_url, host, title, authors, published_at, text_digest, word_count, "
    "first_captured_at, origin_url, site_name, declared_canonical, content_digest"
)
_CREDITS = """
SELECT article_id, list("text" ORDER BY position) FROM {} SEMI JOIN redo USING (article_id)
WHERE kind IN ('byline', 'source_link') GROUP BY article_id"""
_UNCLUSTERED = f"""
INSERT INTO work.unclustered
WITH old_articles AS (SELECT * FROM articles SEMI JOIN redo USING (article_id))
SELECT DISTINCT article_id FROM (
    SELECT article_id FROM (
        SELECT {_CLUSTERED} FROM new_articles EXCEPT SELECT {_CLUSTERED} FROM old_articles)
    UNION ALL
    SELECT article_id FROM (
        SELECT {_CLUSTERED} FROM old_articles EXCEPT SELECT {_CLUSTERED} FROM new_articles)
    UNION ALL
    SELECT article_id FROM ({_CREDITS.format("new_blocks")} EXCEPT {_CREDITS.format("blocks")})
    UNION ALL
    SELECT article_id FROM ({_CREDITS.format("blocks")} EXCEPT {_CREDITS.format("new_blocks")}))
ANTI JOIN work.unclustered USING (article_id)
"""

def refresh(connection: duckdb.DuckDBPyConnection) -> int:
    """Number of articles derived anew: those of the URLs touched since last time. Inside a transaction."""
    for statement in (_AFFECTED, _SHOWN, _CHANGED_ARTICLES, _MARK_CAPTURES, _TIMELINE, RUNS, _ARTICLES):
        connection.execute(statement)
    for statement in (*PAGE_PARTS, _UNCLUSTERED):
        connection.execute(statement)
    for table in ("articles", "work.runs", *PAGE_PART_TABLES):
        new = "new_" + table.removeprefix("work.")
        connection.execute(f"DELETE FROM {table} WHERE article_id IN (SELECT article_id FROM redo)")
        connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM {new}")
    refresh_sketches(connection)
    connection.execute("DELETE FROM work.touched")
    (count,) = connection.execute("SELECT count(*) FROM redo").fetchall()[0]
    return int(count)
