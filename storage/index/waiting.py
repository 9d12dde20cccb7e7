"""What waits for the steps that derive, noted where rows come and give way; captures that wait for a look.

The notes go by the temporary tables that `storage.index.load` leaves: `fresh` and `former`.
"""

# ruff: noqa: S608 (the names in these queries are this package's own)

from __future__ import annotations

import duckdb

from storage.article import WALL_STATUSES
from storage.index.identity import NOTE_CONTENTS, NOTE_URLS
from storage.index.schema import rows_with
from storage.index.stored import CAPTURE_COLUMNS, capture_from
from storage.model import Capture

_WALLS = ", ".join(map(str, sorted(WALL_STATUSES)))
_MAY_HOLD_ARTICLE = (
    f"((record_type = 'response' AND (status BETWEEN 200 AND 299 OR status IN ({_WALLS})) "
    "OR record_type IN ('resource', 'conversion')) "
    "AND method = 'GET' AND split_part(lower(mime), ';', 1) IN ('text/html', 'application/xhtml+xml', '') "
    "OR record_type = 'conversion' AND split_part(lower(mime), ';', 1) = 'text/plain')"
)
_TOUCH = """
INSERT INTO work.touched
SELECT DISTINCT url FROM (SELECT url FROM fresh UNION ALL SELECT url FROM former)
ANTI JOIN work.touched USING (url)
"""
_TOUCH_CONTENTS = """
INSERT INTO work.touched
SELECT DISTINCT url FROM extractions SEMI JOIN fresh USING (content_digest)
ANTI JOIN work.touched USING (url)
"""
_UNLEARNED = """
INSERT INTO work.unlearned
SELECT host, article_id, content_digest FROM {} WHERE outcome = 'article'
"""
_UNEXTRACTED = f"""
INSERT INTO work.unextracted
SELECT record_id FROM fresh WHERE {_MAY_HOLD_ARTICLE}
    AND record_id NOT IN (SELECT record_id FROM work.unextracted)
"""
_EXTRACTED = "DELETE FROM work.unextracted WHERE record_id IN (SELECT record_id FROM fresh)"
_DROP = (
    "CREATE OR REPLACE TEMP TABLE former AS SELECT * FROM extractions SEMI JOIN staged USING (record_id)",
    "DELETE FROM extractions WHERE record_id IN (FROM staged)",
    "CREATE OR REPLACE TEMP TABLE fresh AS FROM former LIMIT 0",
    f"""
    INSERT INTO work.unextracted
    SELECT record_id FROM captures SEMI JOIN former USING (record_id) WHERE {_MAY_HOLD_ARTICLE}
        AND record_id NOT IN (SELECT record_id FROM work.unextracted)
    """,
)
# An extraction may be there before its capture, and a capture may be another one now.
_SETTLED = f"""
DELETE FROM work.unextracted
WHERE record_id IN (SELECT record_id FROM extractions SEMI JOIN work.unextracted USING (record_id))
   OR record_id NOT IN (
       SELECT record_id FROM captures SEMI JOIN work.unextracted USING (record_id) WHERE {_MAY_HOLD_ARTICLE})
"""
_LACKING = f"""
SELECT {CAPTURE_COLUMNS} FROM {rows_with("captures", "record_id", "work.unextracted")} c
WHERE {_MAY_HOLD_ARTICLE}
    AND record_id NOT IN (SELECT record_id FROM extractions SEMI JOIN work.unextracted USING (record_id))
ORDER BY warc_file, warc_offset
"""


def note_captures(connection: duckdb.DuckDBPyConnection) -> None:
    """Note the captures just put into the index."""
    connection.execute(_TOUCH)
    connection.execute(_UNEXTRACTED)


def note_extractions(connection: duckdb.DuckDBPyConnection) -> None:
    """Note the extractions just put into the index, and those that gave way."""
    for name in ("fresh", "former"):
        connection.execute(_UNLEARNED.format(name))
        connection.execute(NOTE_URLS.format(name))
    connection.execute(_TOUCH)
    connection.execute(_EXTRACTED)


def note_contents(connection: duckdb.DuckDBPyConnection) -> None:
    """Note the contents just put over others."""
    connection.execute(_TOUCH_CONTENTS)
    connection.execute(NOTE_CONTENTS)


def drop_staged(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether there were extractions of the records in `staged`; they are gone, and noted."""
    for statement in _DROP:
        connection.execute(statement)
    note_extractions(connection)
    return bool(connection.execute("FROM former LIMIT 1").fetchall())


def settle_unextracted(connection: duckdb.DuckDBPyConnection) -> None:
    """Forget captures that wait for a look no more."""
    if connection.execute("FROM work.unextracted LIMIT 1").fetchall():
        connection.execute(_SETTLED)


def lacking_extraction(connection: duckdb.DuckDBPyConnection) -> list[Capture]:
    """Captures that may hold an article and were not looked at yet, in the order of their files."""
    if not connection.execute("FROM work.unextracted LIMIT 1").fetchall():
        return []
    return [capture_from(row) for row in connection.execute(_LACKING).fetchall()]
