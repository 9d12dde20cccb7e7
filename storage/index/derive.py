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
    SELECT b.record_id, f.record_id AS body_id, e.outcome, e.article_id, e.content_digest
    FROM wanted w
    JOIN bodiless b ON b.record_id = w.record_id
    JOIN captures f ON f.url = w.body_url AND f.record_type IN ('response', 'resource') AND f.status <> 304
    JOIN extractions e ON e.record_id = f.record_id
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
    SELECT a.record_id, a.url, a.captured_at, a.record_type, a.refers_to_at, e.outcome, e.article_id,
           e.content_digest
    FROM affected a JOIN extractions e USING (record_id)
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

_RUNS = """
CREATE OR REPLACE TEMP TABLE new_runs AS
WITH starts AS (
    SELECT *, content_digest IS DISTINCT FROM lag(content_digest) OVER w AS starts FROM timeline
    WINDOW w AS (PARTITION BY article_id ORDER BY place)
), numbered AS (
    SELECT *, sum(starts::INTEGER) OVER (PARTITION BY article_id ORDER BY place) AS version FROM starts
), runs AS (
    SELECT article_id, version::INTEGER AS version, arg_min(url, place) AS url,
           min(captured_at) AS first_captured_at, max(captured_at) AS last_captured_at,
           count(*)::INTEGER AS captures, any_value(content_digest) AS content_digest
    FROM numbered GROUP BY article_id, version
)
SELECT r.*, CASE WHEN b.article_id IS NULL THEN []::VARCHAR[] ELSE list_filter([
           CASE WHEN c.title IS DISTINCT FROM b.title THEN 'title' END,
           CASE WHEN c.text IS DISTINCT FROM b.text THEN 'text' END,
           CASE WHEN c.authors IS DISTINCT FROM b.authors THEN 'authors' END,
           CASE WHEN c.dateline IS DISTINCT FROM b.dateline THEN 'dateline' END,
           CASE WHEN c.published_at IS DISTINCT FROM b.published_at THEN 'published_at' END,
           CASE WHEN c.origin_url IS DISTINCT FROM b.origin_url THEN 'origin_url' END
       ], lambda x: x IS NOT NULL) END AS changed
FROM runs r
LEFT JOIN work.contents c USING (article_id, content_digest)
LEFT JOIN runs before ON before.article_id = r.article_id AND before.version = r.version - 1
LEFT JOIN work.contents b ON b.article_id = before.article_id AND b.content_digest = before.content_digest
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
SELECT s.article_id, e.url, e.canonical_url, e.host, e.source, c.title, c.authors, c.dateline, c.published_at,
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
JOIN work.contents c ON c.article_id = s.article_id AND c.content_digest = s.content_digest
LEFT JOIN work.cleaned w ON w.article_id = s.article_id AND w.content_digest = s.content_digest
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

_SKETCHES = """
INSERT INTO work.sketches
SELECT unnest(sketch) AS hash, article_id, len(sketch) AS size
FROM (SELECT article_id, coalesce(w.sketch, c.sketch) AS sketch
      FROM work.contents c JOIN new_articles a USING (article_id, content_digest)
      LEFT JOIN work.cleaned w USING (article_id, content_digest))
ORDER BY hash
"""

# What a site writes under everything, or a form that it fills in every week, is in the sketches of many of
# its articles. Such hashes pair no articles: by them all would be compared with all. Which they are depends
# on the articles alone; those that have one that became common, or ceased to be, are paired anew.
COMMON_FROM = 20  # articles of one host

_OLD_HASHES = """
CREATE OR REPLACE TEMP TABLE moved AS SELECT hash FROM work.sketches SEMI JOIN redo USING (article_id)
"""
_NEW_HASHES = "INSERT INTO moved SELECT hash FROM work.sketches SEMI JOIN redo USING (article_id)"
_COMMON = f"""
CREATE OR REPLACE TEMP TABLE new_common AS
SELECT DISTINCT hash FROM (
    SELECT s.hash, a.host
    FROM work.sketches s SEMI JOIN moved USING (hash) JOIN articles a USING (article_id)
    GROUP BY ALL HAVING count(*) >= {COMMON_FROM})
"""
_TURNED = """
CREATE OR REPLACE TEMP TABLE turned AS
SELECT hash FROM new_common ANTI JOIN work.common USING (hash)
UNION ALL
SELECT hash FROM work.common SEMI JOIN moved USING (hash) ANTI JOIN new_common USING (hash)
"""
_PAIRED_ANEW = """
INSERT INTO work.unclustered
SELECT DISTINCT article_id FROM work.sketches SEMI JOIN turned USING (hash)
ANTI JOIN work.unclustered USING (article_id)
"""
_COMMON_GONE = "DELETE FROM work.common WHERE hash IN (SELECT hash FROM turned)"
_COMMON_COME = "INSERT INTO work.common SELECT hash FROM turned SEMI JOIN new_common USING (hash)"


def refresh(connection: duckdb.DuckDBPyConnection) -> int:
    """Number of articles derived anew: those of the URLs touched since last time. Inside a transaction."""
    for statement in (_AFFECTED, _SHOWN, _CHANGED_ARTICLES, _MARK_CAPTURES, _TIMELINE, _RUNS, _ARTICLES):
        connection.execute(statement)
    for statement in (*PAGE_PARTS, _UNCLUSTERED):
        connection.execute(statement)
    for table in ("articles", "work.runs", *PAGE_PART_TABLES):
        new = "new_" + table.removeprefix("work.")
        connection.execute(f"DELETE FROM {table} WHERE article_id IN (SELECT article_id FROM redo)")
        connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM {new}")
    connection.execute(_OLD_HASHES)
    connection.execute("DELETE FROM work.sketches WHERE article_id IN (SELECT article_id FROM redo)")
    for statement in (_SKETCHES, _NEW_HASHES, _COMMON, _TURNED, _PAIRED_ANEW, _COMMON_GONE, _COMMON_COME):
        connection.execute(statement)
    connection.execute("DELETE FROM work.touched")
    (count,) = connection.execute("SELECT count(*) FROM redo").fetchall()[0]
    return int(count)
