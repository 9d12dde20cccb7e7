"""Sketches of the articles derived anew, and which of their hashes say little, many articles having them.

Two kinds of hashes are told apart, both by the set of articles alone:

- common on a host: what it writes under everything, or a form that it fills in every week. Its hashes are
  in articles that otherwise differ; they pair none of the host's articles, and are left out where two are
  compared. What is common on several hosts is so on all: lines of a network, phrases of the language. A
  fourth of a small host's articles must have it, because a story may be there more than once.
- hot: in more articles than are paired each with each, as of a story that hundreds of sites repeat. Those
  that have one are paired with the first few of them, its centres, which is enough to hang together.

An article whose hashes changed their kind is paired anew. The statements go by the temporary tables `redo`,
`new_articles` and `timeline_...` of `storage.index.derive`.
"""

# ruff: noqa: S608 (the names in these queries are this package's own)

from __future__ import annotations

import duckdb

COMMON_FROM = 4  # articles of a host that otherwise differ
COMMON_SHARE = 4  # a fourth, of the power of two in the host's articles: fewer may be reposts of one story
COMMON_ENOUGH = 32  # articles, whatever the share
COPIES = 4  # of each on average; of more, they are copies of few texts
COMMON_HOSTS = 2  # hosts on which a hash is common; then it is so on all
COMMON_OF_HOSTS = 4  # of so many that have it one at least; of fewer, it is a story that some had often
HOT_FROM = 25  # articles
CENTRES = 3

# Two copies of a text have the same signature as likely as their sketches are alike: as many signatures, as
# many articles that otherwise differ. It is the first hash in some order of all hashes; in several orders,
# because what a host writes under everything may have the first of one.
_ORDERS = (0x5BD1E995, 0x9E3779B9, 0xA5A5A5A5, 0xC2B2AE35)
_SIGNATURES = ", ".join(
    f"list_min(list_transform(hashes, lambda hash: xor(hash, {order}::UINTEGER)))" for order in _ORDERS
)
_DIFFERENT = " + ".join(f"count(DISTINCT signatures[{place + 1}])" for place in range(len(_ORDERS)))
# As `pipelines.sketch.keeps_every` has it; a test compares them.
KEEPS_EVERY = "CASE WHEN {0} < 60 THEN 2 WHEN {0} < 120 THEN 4 WHEN {0} < 240 THEN 8 ELSE 16 END"
_NUMBER = "('0x' || {})::UBIGINT"

_NEW = f"""
CREATE OR REPLACE TEMP TABLE new_sketched AS
SELECT {_NUMBER.format("article_id")} AS article, host,
       if(word_count > 0, {_NUMBER.format("left(text_digest, 16)")}, NULL) AS text_number,
       {KEEPS_EVERY.format("word_count")} AS every,
       [{_SIGNATURES}] AS signatures,
       (md5_number_lower(lower(trim(coalesce(title, '')))) >> 32)::UINTEGER AS titled,
       sketch, hashes
FROM (SELECT a.article_id, a.host, a.title, a.text_digest, a.word_count, sketch,
             list_transform(s.sketch, lambda hash: (hash >> 32)::UINTEGER) AS hashes
      FROM new_articles a JOIN (
          SELECT content_digest, coalesce(w.sketch, c.sketch) AS sketch
          FROM timeline_contents c LEFT JOIN timeline_cleaned w USING (content_digest)
      ) s USING (content_digest))
"""
_OLD = f"""
CREATE OR REPLACE TEMP TABLE old_sketched AS
SELECT * FROM work.sketched SEMI JOIN (
    SELECT {_NUMBER.format("article_id")} AS article FROM redo) USING (article)
"""
_OLD_ROWS = """
CREATE OR REPLACE TEMP TABLE old_rows AS
SELECT rowid AS place, hash, beside, article FROM work.sketches WHERE rowid IN (
    SELECT s.rowid FROM work.sketches s SEMI JOIN old_sketched USING (article))
"""
_NO_OLD_ROWS = """
CREATE OR REPLACE TEMP TABLE old_rows AS
SELECT rowid AS place, hash, beside, article FROM work.sketches LIMIT 0
"""
# Most of what is derived anew is as it was: seen again, or a page with another date.
_SAME = """
CREATE OR REPLACE TEMP TABLE same_sketched AS
SELECT article FROM new_sketched n JOIN old_sketched o USING (article, host, text_number, titled)
JOIN (SELECT article, list_sort(list(hash::UBIGINT << 32 | beside)) AS sketch
      FROM old_rows GROUP BY article) r USING (article)
WHERE r.sketch = n.sketch
UNION ALL
SELECT article FROM new_sketched n JOIN old_sketched o USING (article, host, text_number, titled)
WHERE len(n.hashes) = 0 AND o.size = 0
"""
_ONLY_CHANGED = (
    "DELETE FROM new_sketched WHERE article IN (FROM same_sketched)",
    "DELETE FROM old_rows WHERE article IN (FROM same_sketched)",
    "DELETE FROM old_sketched WHERE article IN (FROM same_sketched)",
)
_GONE = (
    "DELETE FROM work.sketches WHERE rowid IN (SELECT place FROM old_rows)",
    "DELETE FROM work.sketched WHERE article IN (SELECT article FROM old_sketched)",
)
# From how many of a host's articles a hash may be common. It changes in few steps as the host grows; then all
# of the host's hashes are looked at anew.
_HOST_SIZES = f"""
CREATE OR REPLACE TEMP TABLE {{}} AS
SELECT host, greatest({COMMON_FROM}, least(
    {COMMON_ENOUGH}, (1 << floor(log2(count(*)))::INTEGER) // {COMMON_SHARE})) AS common_from
FROM work.sketched GROUP BY host
"""
_COME = (
    """
    INSERT INTO work.sketches
    SELECT hash >> 32, hash & 4294967295, article
    FROM (SELECT unnest(sketch) AS hash, article FROM new_sketched)""",
    """
    INSERT INTO work.sketched
    SELECT article, host, text_number, len(hashes), every, signatures, titled, []::UINTEGER[]
    FROM new_sketched""",
    _HOST_SIZES.format("host_sizes"),
    """
    CREATE OR REPLACE TEMP TABLE resized AS
    SELECT article FROM work.sketched SEMI JOIN (
        FROM host_sizes JOIN old_host_sizes o USING (host) WHERE host_sizes.common_from <> o.common_from
    ) USING (host)""",
    """
    CREATE OR REPLACE TEMP TABLE moved AS
    SELECT DISTINCT hash FROM (
        SELECT hash FROM old_rows UNION ALL SELECT unnest(hashes) FROM new_sketched
        UNION ALL SELECT hash FROM work.sketches SEMI JOIN resized USING (article))""",
    """
    CREATE OR REPLACE TEMP TABLE moved_rows AS
    SELECT hash, article FROM work.sketches SEMI JOIN moved USING (hash)""",
)

_COMMON = (
    """
    CREATE OR REPLACE TEMP TABLE repeated AS
    SELECT hash, host FROM moved_rows JOIN work.sketched USING (article) JOIN host_sizes USING (host)
    GROUP BY hash, host, common_from HAVING count(*) >= common_from""",
    # Titles that differ speak for texts that do, where the signatures are those of what they have in common.
    f"""
    CREATE OR REPLACE TEMP TABLE new_common AS
    SELECT hash, host FROM moved_rows JOIN work.sketched USING (article) SEMI JOIN repeated USING (hash, host)
    GROUP BY ALL HAVING
        {_DIFFERENT} >= {len(_ORDERS)} * greatest({COMMON_FROM}, count(*) / {COPIES})
        OR count(DISTINCT titled) >= greatest({COMMON_FROM}, count(*) / 2)
            AND {_DIFFERENT} >= {len(_ORDERS)} * greatest({COMMON_FROM} / 2, count(*) / 7)""",
    f"""
    INSERT INTO new_common
    SELECT hash, '' FROM moved_rows JOIN work.sketched USING (article)
    JOIN (SELECT hash, count(*) AS hosts FROM new_common GROUP BY hash HAVING count(*) >= {COMMON_HOSTS})
    USING (hash)
    GROUP BY hash, hosts HAVING hosts >= count(DISTINCT host) / {COMMON_OF_HOSTS}""",
    """
    CREATE OR REPLACE TEMP TABLE turned AS
    SELECT hash, host FROM new_common ANTI JOIN work.common USING (hash, host)
    UNION ALL
    SELECT hash, host FROM work.common SEMI JOIN moved USING (hash)
    ANTI JOIN new_common USING (hash, host)""",
    "DELETE FROM work.common WHERE (hash, host) IN (SELECT (hash, host) FROM turned)",
    "INSERT INTO work.common SELECT hash, host FROM turned SEMI JOIN new_common USING (hash, host)",
)
# The articles to be told anew which of their hashes are common.
_TOLD_ANEW = (
    """
    CREATE OR REPLACE TEMP TABLE relabelled AS
    SELECT article, host FROM new_sketched
    UNION
    SELECT s.article, s.host FROM moved_rows r
    SEMI JOIN turned USING (hash) JOIN work.sketched s USING (article)
    JOIN turned t ON t.hash = r.hash AND t.host IN (s.host, '')""",
    """
    CREATE OR REPLACE TEMP TABLE labels AS
    SELECT article, hash FROM (
        SELECT article, unnest(common) AS hash FROM work.sketched SEMI JOIN relabelled USING (article))
    ANTI JOIN moved USING (hash)
    UNION ALL
    SELECT r.article, r.hash FROM moved_rows r JOIN relabelled l USING (article)
    JOIN work.common c ON c.hash = r.hash AND c.host = l.host
    UNION
    SELECT r.article, r.hash FROM moved_rows r SEMI JOIN relabelled USING (article)
    JOIN work.common c ON c.hash = r.hash AND c.host = ''""",
    """
    UPDATE work.sketched s SET common = coalesce(n.hashes, [])
    FROM (SELECT article, list_sort(list(hash) FILTER (hash IS NOT NULL)) AS hashes
          FROM relabelled LEFT JOIN labels USING (article) GROUP BY article) n
    WHERE s.article = n.article AND s.common <> coalesce(n.hashes, [])""",
)
_HOT = (
    f"""
    CREATE OR REPLACE TEMP TABLE new_hot AS
    SELECT hash, list_sort(list(article))[:{CENTRES}] AS centres
    FROM moved_rows r JOIN work.sketched USING (article)
    WHERE NOT list_contains(common, r.hash)
    GROUP BY hash HAVING count(*) >= {HOT_FROM}""",
    """
    CREATE OR REPLACE TEMP TABLE reheated AS
    SELECT hash FROM new_hot ANTI JOIN work.hot USING (hash, centres)
    UNION
    SELECT hash FROM work.hot SEMI JOIN moved USING (hash) ANTI JOIN new_hot USING (hash, centres)""",
    "DELETE FROM work.hot WHERE hash IN (FROM reheated)",
    "INSERT INTO work.hot SELECT hash, centres FROM new_hot SEMI JOIN reheated USING (hash)",
)
_PAIRED_ANEW = """
INSERT INTO work.unclustered
FROM (SELECT format('{:016x}', article) AS article_id FROM (
    SELECT article FROM relabelled
    UNION
    SELECT article FROM moved_rows SEMI JOIN reheated USING (hash)
    UNION
    SELECT article FROM old_sketched))
ANTI JOIN work.unclustered USING (article_id)
"""


def refresh_sketches(connection: duckdb.DuckDBPyConnection) -> None:
    """Put the sketches of the articles derived anew in the place of their old ones. Inside a transaction."""
    connection.execute(_HOST_SIZES.format("old_host_sizes"))
    connection.execute(_NEW)
    connection.execute(_OLD)
    if connection.execute("FROM old_sketched LIMIT 1").fetchall():
        for statement in (_OLD_ROWS, _SAME, *_ONLY_CHANGED, *_GONE):
            connection.execute(statement)
    else:
        connection.execute(_NO_OLD_ROWS)
    for statement in (*_COME, *_COMMON, *_TOLD_ANEW, *_HOT, _PAIRED_ANEW):
        connection.execute(statement)
