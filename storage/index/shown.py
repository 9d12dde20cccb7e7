"""Which article each capture shows, and which articles are to be derived anew for that.

A capture shows an article by its own extraction or, when it has no body of its own (a revisit, a 304), by
that of the capture it refers to. Where a page was converted, of the same moment, one of the two shows it: a
text that was made of a page shows none where the page itself shows one, for the page tells more; and a page
shows none where what a browser made of it, which is HTML again, shows one. What was made of another URL's
record stands for itself (see `storage.index.fallbacks`).
"""

# ruff: noqa: S608 (the names in these queries are this package's own; values go in as parameters or files)

from __future__ import annotations

import duckdb

from storage.index.fallbacks import MADE_ELSEWHERE
from storage.index.schema import rows_with

# Captures whose article may be another one now: of a touched URL, or referring to one.
_AFFECTED = (
    """
    CREATE OR REPLACE TEMP TABLE affected_places AS
    SELECT c.rowid AS place FROM captures c SEMI JOIN work.touched USING (url)
    UNION
    SELECT c.rowid FROM captures c SEMI JOIN work.touched t ON c.refers_to_url = t.url
    """,
    f"""
    CREATE OR REPLACE TEMP TABLE affected AS
    SELECT rowid AS place, record_id, url, captured_at, status, payload_digest, refers_to_url, refers_to_at,
           CASE WHEN {MADE_ELSEWHERE} THEN 'stand-in'
                WHEN record_type = 'conversion' AND mime IN ('text/html', 'application/xhtml+xml')
                THEN 'rendering' ELSE record_type END AS record_type,
           article_id AS old_article_id, content_digest AS old_content_digest
    FROM captures WHERE rowid IN (SELECT place FROM affected_places)
    """,
    f"""
    CREATE OR REPLACE TEMP TABLE looked_at AS
    SELECT record_id, outcome, article_id AS url_id, content_digest
    FROM {rows_with("extractions", "record_id", "affected")}
    """,
    """
    CREATE OR REPLACE TEMP TABLE own AS
    SELECT a.record_id, a.url, a.captured_at, a.record_type, a.refers_to_at, e.outcome,
           coalesce(i.article_id, url_id) AS article_id, e.content_digest
    FROM affected a JOIN looked_at e USING (record_id) LEFT JOIN aliases i USING (url_id)
    """,
    """
    CREATE OR REPLACE TEMP TABLE bodiless AS
    SELECT * FROM affected WHERE (record_type = 'revisit' OR status = 304)
        AND record_id NOT IN (SELECT record_id FROM own)
    """,
)

_WANTED = """
CREATE OR REPLACE TEMP TABLE wanted AS
SELECT record_id, url AS body_url, false AS named FROM bodiless
WHERE refers_to_url IS NULL OR refers_to_url <> url
UNION ALL
SELECT record_id, refers_to_url, true FROM bodiless WHERE refers_to_url IS NOT NULL
"""
_BODIES = (
    """
    CREATE OR REPLACE TEMP TABLE body_captures AS
    SELECT record_id, url, captured_at, payload_digest FROM captures
    WHERE record_type IN ('response', 'resource') AND status < 400 AND status <> 304 AND rowid IN (
        SELECT c.rowid FROM captures c SEMI JOIN wanted ON url = body_url)
    """,
    f"""
    CREATE OR REPLACE TEMP TABLE looked_at AS
    SELECT record_id, outcome, article_id AS url_id, content_digest
    FROM {rows_with("extractions", "record_id", "body_captures")}
    """,
)
# Most refer to their own URL, of which all captures are at hand.
_BODY_ELSEWHERE = "SELECT 1 FROM wanted WHERE body_url NOT IN (SELECT url FROM work.touched) LIMIT 1"
_BODIES_AT_HAND = """
CREATE OR REPLACE TEMP TABLE body_captures AS
SELECT record_id, url, captured_at, payload_digest FROM affected
WHERE record_type IN ('response', 'resource') AND status < 400 AND status <> 304
"""

# A capture without a body takes the extraction that fits best: of the capture it names, of the one with its
# payload digest, of the latest before it, of the nearest after it; never of one that was cut on the way.
_BORROWED = """
CREATE OR REPLACE TEMP TABLE borrowed AS
SELECT b.record_id, f.record_id AS body_id, e.outcome,
       coalesce(i.article_id, url_id) AS article_id, e.content_digest
FROM wanted w
JOIN bodiless b ON b.record_id = w.record_id
JOIN body_captures f ON f.url = w.body_url
JOIN looked_at e ON e.record_id = f.record_id AND e.outcome NOT IN ('disconnected', 'timed_out')
LEFT JOIN aliases i USING (url_id)
QUALIFY row_number() OVER (
    PARTITION BY b.record_id
    ORDER BY w.named DESC, (f.captured_at = b.refers_to_at) DESC NULLS LAST,
             (f.payload_digest = b.payload_digest) DESC, (f.captured_at <= b.captured_at) DESC,
             abs(epoch_us(f.captured_at) - epoch_us(b.captured_at)), f.record_id) = 1
"""

# Pages that a rendering shows.
_OUTDONE = """
CREATE OR REPLACE TEMP TABLE outdone AS
SELECT page.record_id FROM affected page JOIN own r
    ON r.url = page.url AND page.captured_at IN (r.captured_at, r.refers_to_at)
WHERE r.record_type = 'rendering' AND r.outcome = 'article' AND page.record_type <> 'rendering'
"""
_SHOWN = """
CREATE OR REPLACE TEMP TABLE shown AS
SELECT record_id, article_id, content_digest FROM own o
WHERE outcome = 'article' AND NOT (record_type = 'conversion' AND EXISTS (
    FROM own page WHERE page.outcome = 'article' AND page.record_type <> 'conversion' AND page.url = o.url
        AND page.captured_at IN (o.captured_at, o.refers_to_at)))
    AND (record_type IN ('conversion', 'rendering', 'stand-in') OR record_id NOT IN (FROM outdone))
UNION ALL
SELECT record_id, article_id, content_digest FROM borrowed
WHERE outcome = 'article' AND record_id NOT IN (FROM outdone)
"""
_MARK = (
    """
    CREATE OR REPLACE TEMP TABLE marks AS
    SELECT a.place, s.article_id, s.content_digest FROM affected a LEFT JOIN shown s USING (record_id)
    WHERE a.old_article_id IS DISTINCT FROM s.article_id
       OR a.old_content_digest IS DISTINCT FROM s.content_digest
    """,
    """
    UPDATE captures SET article_id = n.article_id, content_digest = n.content_digest
    FROM marks n WHERE captures.rowid = n.place
    """,
    """
    INSERT INTO work.unrefreshed
    SELECT DISTINCT article_id FROM (
        SELECT old_article_id AS article_id FROM affected UNION ALL SELECT article_id FROM shown)
    WHERE article_id IS NOT NULL AND article_id NOT IN (FROM work.unrefreshed)
    """,
    "DELETE FROM work.touched",
)
_TEMPORARY = (
    *("affected_places", "affected", "looked_at", "own", "bodiless", "wanted", "body_captures", "borrowed"),
    *("outdone", "shown", "marks"),
)


def mark_captures(connection: duckdb.DuckDBPyConnection) -> None:
    """Tell captures of the touched URLs which article they show; note the articles. Inside a transaction."""
    for statement in (*_AFFECTED, _WANTED):
        connection.execute(statement)
    elsewhere = connection.execute(_BODY_ELSEWHERE).fetchall()
    for statement in (*(_BODIES if elsewhere else (_BODIES_AT_HAND,)), _BORROWED, _OUTDONE, _SHOWN, *_MARK):
        connection.execute(statement)
    for name in _TEMPORARY:
        connection.execute(f"DROP TABLE temp.{name}")


def find_borrowed(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave in `borrowed` the body that each capture of the temporary table `bodiless` shows, if any."""
    for statement in (_WANTED, *_BODIES, _BORROWED):
        connection.execute(statement)
