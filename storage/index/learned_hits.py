"""Which contents have learned lines: of those that came, and of all on hosts where other lines are learned.

An article may stand on several hosts; what any of them writes everywhere is taken out of it. The statements
leave `learning_differing`: the contents whose learned lines are others than before.
"""

# ruff: noqa: S608 (the names in these queries are this module's own)

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import duckdb

from storage.index.learned_samples import SPOKEN
from storage.index.learned_tables import BREAK
from storage.index.schema import rows_with

# To stand before learned lines are put in the place of the old ones, which `staged` has.
_CHANGED_HOSTS = """
CREATE OR REPLACE TEMP TABLE learning_changed AS
WITH before AS (
    SELECT host, line_digest, place, rule FROM learned_lines SEMI JOIN learning_hosts USING (host)
), after AS (SELECT host, line_digest, place, rule FROM staged)
SELECT DISTINCT host FROM (
    (SELECT * FROM before EXCEPT SELECT * FROM after)
    UNION ALL
    (SELECT * FROM after EXCEPT SELECT * FROM before))
"""
_ASKED = """
CREATE OR REPLACE TEMP TABLE learning_asked AS
SELECT DISTINCT content_digest FROM (
    SELECT content_digest FROM work.unlearned
    UNION ALL
    SELECT content_digest FROM extractions SEMI JOIN learning_changed USING (host) WHERE outcome = 'article')
"""
_ON_HOSTS = (
    f"""
    CREATE OR REPLACE TEMP TABLE learning_shown AS
    SELECT host, article_id, content_digest, extras_digest, url, outcome
    FROM {rows_with("extractions", "content_digest", "learning_asked")}
    """,
    """
    CREATE OR REPLACE TEMP TABLE learning_teaching AS
    SELECT host, article_id, content_digest, extras_digest FROM learning_shown
    WHERE outcome = 'article' AND host IN (SELECT host FROM learned_lines)
    """,
    SPOKEN.format("learning_teaching"),
    """
    CREATE OR REPLACE TEMP TABLE learning_on_hosts AS
    SELECT DISTINCT host, content_digest FROM (
        SELECT host, article_id, content_digest
        FROM learning_teaching LEFT JOIN (SELECT extras_digest, true AS is_spoken FROM learning_spoken)
            USING (extras_digest)
        GROUP BY ALL HAVING NOT bool_or(coalesce(is_spoken, false)))
    """,
)
# The place in the file goes with the content: texts are read in its order, a portion at a time.
_HITS = f"""
CREATE OR REPLACE TEMP TABLE learning_hits AS
WITH texts AS (
    SELECT c.rowid AS spot, content_digest, string_split("text", {BREAK}) AS parts FROM work.contents c
    WHERE rowid IN (SELECT c.rowid FROM work.contents c SEMI JOIN learning_on_hosts USING (content_digest))
), lines AS (
    SELECT spot, content_digest, md5_number_lower(unnest(parts)) AS line_digest,
           generate_subscripts(parts, 1)::INTEGER AS position
    FROM texts
), known AS (
    SELECT * FROM lines WHERE line_digest IN (SELECT line_digest FROM learned_lines)
), learned AS (
    SELECT content_digest, line_digest, place, rule FROM learning_on_hosts
    JOIN learned_lines USING (host)
), places AS (
    SELECT content_digest, any_value(spot) AS spot, position, min(place) AS place, max(rule) AS rule
    FROM known JOIN learned USING (content_digest, line_digest)
    GROUP BY ALL
)
SELECT content_digest, any_value(spot) AS spot, max(rule) AS rule,
       list({{'position': position, 'place': place}} ORDER BY position) AS hits
FROM places GROUP BY content_digest
"""
_BEFORE = """
CREATE OR REPLACE TEMP TABLE learning_before AS
SELECT rowid AS place, content_digest, hits, rule FROM work.cleaned WHERE rowid IN (
    SELECT c.rowid FROM work.cleaned c SEMI JOIN learning_asked USING (content_digest))
"""
_DIFFERING = """
CREATE OR REPLACE TEMP TABLE learning_differing AS
SELECT row_number() OVER (ORDER BY h.spot) AS number, content_digest, h.spot, h.hits, h.rule, c.place
FROM learning_hits h FULL JOIN learning_before c USING (content_digest)
WHERE h.hits IS DISTINCT FROM c.hits OR h.rule IS DISTINCT FROM c.rule
"""
_FORGET = "DELETE FROM work.cleaned WHERE rowid IN (SELECT place FROM learning_differing)"
_TOUCH = """
INSERT INTO work.touched
SELECT DISTINCT url FROM learning_shown SEMI JOIN learning_differing USING (content_digest)
ANTI JOIN work.touched USING (url)
"""
_PLACES = """
SELECT min(spot), max(spot) FROM learning_differing
WHERE number >= $first AND number < $end AND hits IS NOT NULL
"""
_UNCLEANED = """
SELECT content_digest, c."text", d.hits, d.rule
FROM work.contents c JOIN (
    SELECT spot, hits, rule FROM learning_differing WHERE spot >= $low AND spot <= $high AND hits IS NOT NULL
) d ON d.spot = c.rowid
WHERE c.rowid >= $low AND c.rowid <= $high
"""
_TEXTS_AT_ONCE = 500


def find_differing(connection: duckdb.DuckDBPyConnection) -> int:
    """Number of contents whose learned lines are others than before; their rows are gone, URLs touched."""
    for statement in (_ASKED, *_ON_HOSTS, _HITS, _BEFORE, _DIFFERING):
        connection.execute(statement)
    (count,) = connection.execute("SELECT count(*) FROM learning_differing").fetchall()[0]
    if count:
        connection.execute(_FORGET)
        connection.execute(_TOUCH)
    return int(count)


def find_changed_hosts(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave `learning_changed`: hosts whose lines in `staged` are others than those learned before."""
    connection.execute(_CHANGED_HOSTS)


def uncleaned_texts(connection: duckdb.DuckDBPyConnection, count: int) -> Iterator[list[tuple[Any, ...]]]:
    """Digest, text, hits and rule of the contents with learned lines, some hundreds at a time."""
    for first in range(1, count + 1, _TEXTS_AT_ONCE):
        places = connection.execute(_PLACES, {"first": first, "end": first + _TEXTS_AT_ONCE}).fetchall()
        low, high = places[0]
        if low is None:
            return
        yield connection.execute(_UNCLEANED, {"low": low, "high": high}).fetchall()
