"""The pages of each host that its lines are counted on, brought up to date with what came and what gave way.

A sample has the pages of the host's articles with the smallest ids, so many articles at most. Which they are
depends on the set of the host's extractions alone, and a page that comes changes the sample of a big host
seldom. Transcripts and contracts repeat themselves by nature and take no part.
"""

# ruff: noqa: S608 (the names in these queries are this module's own; the size of samples is a parameter)

from __future__ import annotations

import duckdb

from storage.index.learned_tables import BREAK
from storage.index.schema import rows_with

# Articles that may come into their host's sample, or are in it and may be another now.
_EDGES = """
CREATE OR REPLACE TEMP TABLE learning_edges AS
SELECT host, count(DISTINCT article_id) >= $size AS is_full, max(article_id) AS edge
FROM work.samples SEMI JOIN work.unlearned USING (host) GROUP BY host
"""
_ARTICLES = """
CREATE OR REPLACE TEMP TABLE learning_articles AS
SELECT DISTINCT host, article_id FROM work.unlearned LEFT JOIN learning_edges USING (host)
WHERE NOT coalesce(is_full, false) OR article_id <= edge
"""
_HOSTS = "CREATE OR REPLACE TEMP TABLE learning_hosts AS SELECT DISTINCT host FROM learning_articles"

_ROWS = f"""
CREATE OR REPLACE TEMP TABLE learning_rows AS
SELECT host, article_id, content_digest, extras_digest, captured_at, canonical_url
FROM {rows_with("extractions", "host, article_id", "learning_articles")} WHERE outcome = 'article'
"""
# Of the extras of the rows in a table.
SPOKEN = """
CREATE OR REPLACE TEMP TABLE learning_spoken AS
SELECT extras_digest FROM work.extras SEMI JOIN {} USING (extras_digest)
WHERE page_kind IN ('transcript', 'contract')
"""
_TOLD = """
CREATE OR REPLACE TEMP TABLE learning_told AS
SELECT host, article_id, content_digest, min(captured_at) AS first_at, max(captured_at) AS last_at,
       list_concat(
           list(DISTINCT 'day ' || captured_at::DATE),
           list(DISTINCT 'folder /' || split_part(canonical_url, '/', 4) || '/')
               FILTER (split_part(canonical_url, '/', 5) <> '')) AS facets
FROM learning_rows LEFT JOIN (SELECT extras_digest, true AS is_spoken FROM learning_spoken)
    USING (extras_digest)
GROUP BY ALL HAVING NOT bool_or(coalesce(is_spoken, false))
"""
_CHOSEN = """
CREATE OR REPLACE TEMP TABLE learning_chosen AS
SELECT host, article_id FROM (
    SELECT DISTINCT host, article_id FROM work.samples SEMI JOIN learning_hosts USING (host)
    ANTI JOIN learning_articles USING (host, article_id)
    UNION ALL
    SELECT DISTINCT host, article_id FROM learning_told)
QUALIFY row_number() OVER (PARTITION BY host ORDER BY article_id) <= $size
"""
# A host that lost articles of a full sample may have others for their places.
_SHORT = """
CREATE OR REPLACE TEMP TABLE learning_short AS
SELECT host FROM learning_edges SEMI JOIN learning_hosts USING (host)
LEFT JOIN (SELECT host, count(*) AS articles FROM learning_chosen GROUP BY host) USING (host)
WHERE is_full AND coalesce(articles, 0) < $size
"""
_WHOLE_HOSTS = """
INSERT INTO learning_articles
SELECT DISTINCT host, article_id FROM extractions SEMI JOIN learning_short USING (host)
ANTI JOIN learning_articles USING (host, article_id)
"""
# Of pages that are in the sample already what they say is known; the others are read.
_SAID = (
    """
    CREATE OR REPLACE TEMP TABLE learning_coming AS
    SELECT * FROM learning_told SEMI JOIN learning_chosen USING (host, article_id)
    """,
    """
    CREATE OR REPLACE TEMP TABLE learning_said AS
    SELECT content_digest, any_value(lines) AS lines, any_value(lengths) AS lengths,
           any_value(list_filter(
               facets, lambda one: starts_with(one, 'month ') OR starts_with(one, 'author '))) AS said
    FROM work.samples SEMI JOIN learning_coming USING (host, article_id, content_digest)
    GROUP BY content_digest
    """,
    """
    CREATE OR REPLACE TEMP TABLE learning_unread AS
    SELECT DISTINCT content_digest FROM learning_coming ANTI JOIN learning_said USING (content_digest)
    """,
    f"""
    INSERT INTO learning_said
    SELECT content_digest, list_transform(parts, lambda part: md5_number_lower(part)),
           list_transform(parts, lambda part: length(part)),
           list_concat(
               if(published_at IS NULL, [], ['month ' || strftime(published_at, '%Y-%m')]),
               list_transform(authors, lambda name: 'author ' || name))
    FROM (SELECT content_digest, published_at, authors, string_split("text", {BREAK}) AS parts
          FROM {rows_with("work.contents", "content_digest", "learning_unread")})
    """,
)
_REMOVE = """
DELETE FROM work.samples WHERE rowid IN (
    SELECT s.rowid FROM work.samples s SEMI JOIN learning_articles USING (host, article_id)
    UNION ALL
    SELECT s.rowid FROM work.samples s SEMI JOIN learning_hosts USING (host)
    ANTI JOIN learning_chosen USING (host, article_id))
"""
_INSERT = """
INSERT INTO work.samples
SELECT host, article_id, content_digest, first_at, last_at,
       list_sort(list_distinct(list_concat(facets, said))), lines, lengths
FROM learning_coming JOIN learning_said USING (content_digest)
"""


def update_samples(connection: duckdb.DuckDBPyConnection, size: int) -> bool:
    """Whether the sample of any host changed; `learning_hosts` has those. Inside a transaction."""
    connection.execute(_EDGES, {"size": size})
    connection.execute(_ARTICLES)
    connection.execute(_HOSTS)
    if not connection.execute("FROM learning_hosts LIMIT 1").fetchall():
        return False
    _choose(connection, size)
    connection.execute(_SHORT, {"size": size})
    if connection.execute("FROM learning_short LIMIT 1").fetchall():
        connection.execute(_WHOLE_HOSTS)
        _choose(connection, size)
    for statement in (*_SAID, _REMOVE, _INSERT):
        connection.execute(statement)
    return True


def _choose(connection: duckdb.DuckDBPyConnection, size: int) -> None:
    """Leave the pages of `learning_articles`, and which articles the samples are to have."""
    for statement in (_ROWS, SPOKEN.format("learning_rows"), _TOLD):
        connection.execute(statement)
    connection.execute(_CHOSEN, {"size": size})
