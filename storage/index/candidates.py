"""Which articles may share text: pairs by the hashes of their sketches, and articles of one text.

A pair depends on the set of articles alone (see `storage.index.sketches` for hashes that pair few articles or
none). The statements leave the temporary table `candidates`.
"""

# ruff: noqa: S608 (the names in these queries are this package's own)

from __future__ import annotations

import duckdb

ARTICLES_AT_ONCE = 20_000
MOST_EQUAL = 20  # articles of one text that are paired each with each

_STALE = """
CREATE OR REPLACE TEMP TABLE stale AS
SELECT ('0x' || article_id)::UBIGINT AS article FROM work.unclustered
"""
# What a site answers whatever is asked ("no such page") may be the text of thousands of articles. Each of
# them goes with the first alone, so that who has a text, and who had it first, concerns all who have it; and
# all who had it when clusters were last made.
_SAME_TEXT = (
    """
    CREATE OR REPLACE TEMP TABLE stale_texts AS
    SELECT text_number FROM work.sketched SEMI JOIN stale USING (article)
    UNION
    SELECT text_number FROM work.sketched WHERE article IN (
        SELECT ('0x' || right_id)::UBIGINT FROM pairs SEMI JOIN work.unclustered ON left_id = article_id
        WHERE kind = 'exact'
        UNION ALL
        SELECT ('0x' || left_id)::UBIGINT FROM pairs SEMI JOIN work.unclustered ON right_id = article_id
        WHERE kind = 'exact')""",
    """
    CREATE OR REPLACE TEMP TABLE of_one_text AS
    SELECT article, text_number FROM work.sketched SEMI JOIN (
        SELECT text_number FROM work.sketched SEMI JOIN stale_texts USING (text_number)
        GROUP BY text_number HAVING count(*) > 1 OR NOT bool_or(article IN (FROM stale))
    ) USING (text_number)""",
    "INSERT INTO stale SELECT article FROM of_one_text ANTI JOIN stale USING (article)",
    """
    INSERT INTO work.unclustered
    FROM (SELECT format('{:016x}', article) AS article_id FROM stale)
    ANTI JOIN work.unclustered USING (article_id)""",
    """
    CREATE OR REPLACE TEMP TABLE equals AS
    SELECT ('0x' || article_id)::UBIGINT AS article, text_digest,
           if(word_count < 20, lower(trim(coalesce(title, ''))), '') AS titled,
           count(*) OVER (PARTITION BY text_digest) AS texts,
           row_number() OVER (
               PARTITION BY text_digest, titled
               ORDER BY published_at NULLS LAST, first_captured_at, article_id) AS place
    FROM articles WHERE word_count > 0 AND rowid IN (
        SELECT a.rowid FROM articles a SEMI JOIN (
            SELECT format('{:016x}', article) AS article_id FROM of_one_text) USING (article_id))""",
)
_STALE_ROWS = """
CREATE OR REPLACE TEMP TABLE stale_rows AS
SELECT hash, beside, article, centres, portion
FROM work.sketches JOIN (
    SELECT article, common, (row_number() OVER (ORDER BY article) - 1) // {} AS portion
    FROM work.sketched SEMI JOIN stale USING (article)) USING (article)
LEFT JOIN work.hot USING (hash)
WHERE NOT list_contains(common, hash)
"""
# A hash links an article with each other that has it, or, being hot, with its centres. So many articles at a
# time, that the links of an index made from nothing need no room.
_LINKS = (
    """
    CREATE OR REPLACE TEMP TABLE portion_rows AS
    SELECT hash, beside, article, centres FROM stale_rows WHERE portion = {}""",
    """
    CREATE OR REPLACE TEMP TABLE found AS
    SELECT s.hash, s.article AS a, o.article AS b, s.beside = o.beside OR s.centres IS NOT NULL AS goes_on
    FROM work.sketches o
    JOIN (FROM portion_rows WHERE centres IS NULL OR list_contains(centres, article)) s ON s.hash = o.hash
    WHERE o.article <> s.article""",
    """
    CREATE OR REPLACE TEMP TABLE links AS
    SELECT f.hash, least(a, b) AS a, greatest(a, b) AS b, goes_on
    FROM found f JOIN work.sketched k ON k.article = f.b WHERE NOT list_contains(k.common, f.hash)
    UNION
    SELECT hash, least(article, centre) AS a, greatest(article, centre) AS b, true
    FROM (SELECT hash, article, unnest(centres) AS centre FROM portion_rows WHERE centres IS NOT NULL)
    WHERE article <> centre""",
)
# A sketch estimates containment with an error of about half / sqrt(its size): the floor lies well under the
# share that matters (0.3), and small sketches are let through with a single hash in common. What two texts
# could have in common is counted in the coarser of their sketches. On one host a single hash may be a chance
# word before the site's common ending; and of a million texts each has a phrase in common with some, so that
# a single hash counts only if the texts go on alike, or it links few, being hot, or the sketch is tiny.
_NONE_LIKELY = "CREATE OR REPLACE TEMP TABLE likely (a UBIGINT, b UBIGINT)"
_TINY = 4
_LIKELY = f"""
INSERT INTO likely
SELECT a, b FROM (
    SELECT a, b, shared, goes_on, x.host <> y.host AS is_two_hosts,
           least((x.size - len(x.common)) * x.every, (y.size - len(y.common)) * y.every)
           / greatest(x.every, y.every) AS could_share
    FROM (SELECT a, b, count(*) AS shared, bool_or(goes_on) AS goes_on FROM links GROUP BY a, b)
    JOIN work.sketched x ON x.article = a JOIN work.sketched y ON y.article = b
    WHERE x.text_number IS DISTINCT FROM y.text_number)
WHERE 6 * shared + 4 >= could_share
  AND (shared > 1 OR is_two_hosts AND (goes_on OR could_share <= {_TINY}))
"""
_CANDIDATES = f"""
CREATE OR REPLACE TEMP TABLE candidates AS
SELECT row_number() OVER (ORDER BY a, b) AS place, a, b FROM (
    SELECT a, b FROM likely
    UNION
    SELECT least(x.article, y.article), greatest(x.article, y.article)
    FROM equals x JOIN equals y USING (text_digest)
    WHERE x.texts <= {MOST_EQUAL} AND x.article < y.article
    UNION
    SELECT least(x.article, y.article), greatest(x.article, y.article)
    FROM (FROM equals WHERE texts > {MOST_EQUAL} AND place = 1) x
    JOIN (FROM equals WHERE place > 1) y USING (text_digest, titled))
"""


def find_candidates(connection: duckdb.DuckDBPyConnection) -> int:
    """Number of pairs with an unclustered article that may share text, now in the table `candidates`.

    Those that have the text of an unclustered article, or had it, are unclustered from here on.
    """
    for statement in (_STALE, *_SAME_TEXT, _STALE_ROWS.format(ARTICLES_AT_ONCE), _NONE_LIKELY):
        connection.execute(statement)
    (portions,) = connection.execute("SELECT coalesce(max(portion) + 1, 0) FROM stale_rows").fetchall()[0]
    for portion in range(portions):
        for statement in (_LINKS[0].format(portion), *_LINKS[1:], _LIKELY):
            connection.execute(statement)
    connection.execute(_CANDIDATES)
    for table in ("stale_rows", "portion_rows", "found", "links", "likely"):
        connection.execute(f"DROP TABLE IF EXISTS {table}")
    (count,) = connection.execute("SELECT count(*) FROM candidates").fetchall()[0]
    return int(count)
