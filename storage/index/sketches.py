"""Sketches of the articles derived anew, and which of their hashes are too common to pair articles by.

The statements go by the temporary tables `redo` and `new_articles` of `storage.index.derive`.
"""

# ruff: noqa: S608 (the names in these queries are this package's own)

from __future__ import annotations

import duckdb

_SKETCHES = """
INSERT INTO work.sketches
SELECT unnest(sketch) AS hash, article_id, len(sketch) AS size
FROM (SELECT article_id, coalesce(w.sketch, c.sketch) AS sketch
      FROM work.contents c JOIN new_articles a USING (content_digest)
      LEFT JOIN work.cleaned w USING (content_digest))
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


def refresh_sketches(connection: duckdb.DuckDBPyConnection) -> None:
    """Put the sketches of the articles derived anew in the place of their old ones. Inside a transaction."""
    connection.execute(_OLD_HASHES)
    connection.execute("DELETE FROM work.sketches WHERE article_id IN (SELECT article_id FROM redo)")
    for statement in (_SKETCHES, _NEW_HASHES, _COMMON, _TURNED, _PAIRED_ANEW, _COMMON_GONE, _COMMON_COME):
        connection.execute(statement)
