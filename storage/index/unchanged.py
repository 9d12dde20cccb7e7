"""Articles that were seen again and say what they said: only when, how often and where is told anew.

The statements go by the temporary tables `redo` and `timeline` of `storage.index.derive`, and leave in them
the articles that are to be derived. An article that ever had two contents is derived whenever it is touched.
"""

from __future__ import annotations

import duckdb

_MADE = (
    """
    CREATE OR REPLACE TEMP TABLE seen AS
    SELECT article_id, any_value(content_digest) AS content_digest, min(captured_at) AS first_captured_at,
           max(captured_at) AS last_captured_at, count(*)::INTEGER AS captures,
           arg_min(url, place) AS first_url,
           arg_max({'url': page_url, 'canonical_url': canonical_url, 'host': host, 'source': source,
                    'extras': extras_digest}, place) FILTER (extras_digest IS NOT NULL) AS page
    FROM timeline GROUP BY article_id
    HAVING min(content_digest) = max(content_digest) AND count(extras_digest) > 0
    """,
    """
    CREATE OR REPLACE TEMP TABLE made AS
    SELECT s.article_id, ('0x' || s.article_id)::UBIGINT AS article, s.first_captured_at, s.last_captured_at,
           s.captures, s.first_url, page.url AS url, page.canonical_url AS canonical_url,
           md5_number_lower(concat_ws(chr(10), s.content_digest, page.extras, page.host, page.source,
                                      w.rule, w.removed::VARCHAR)) AS made_of
    FROM seen s LEFT JOIN timeline_cleaned w USING (content_digest)
    """,
    """
    CREATE OR REPLACE TEMP TABLE unchanged AS
    SELECT * FROM made SEMI JOIN work.made USING (article, made_of)
    """,
)
_KEEP = (
    """
    CREATE OR REPLACE TEMP TABLE unchanged_articles AS
    SELECT a.place, n.*, n.first_captured_at <> a.first_captured_at AS is_earlier,
           n.url <> a.url OR n.canonical_url <> a.canonical_url AS is_moved,
           n.last_captured_at <> a.last_captured_at OR n.captures <> a.captures AS is_later
    FROM unchanged n JOIN (
        SELECT rowid AS place, article_id, url, canonical_url, first_captured_at, last_captured_at, captures
        FROM articles WHERE rowid IN (SELECT a.rowid FROM articles a SEMI JOIN unchanged USING (article_id))
    ) a USING (article_id)
    """,
    """
    UPDATE articles SET last_captured_at = n.last_captured_at, captures = n.captures
    FROM unchanged_articles n WHERE articles.rowid = n.place AND is_later
    """,
    """
    UPDATE articles SET first_captured_at = n.first_captured_at
    FROM unchanged_articles n WHERE articles.rowid = n.place AND is_earlier
    """,
    """
    UPDATE articles SET url = n.url, canonical_url = n.canonical_url
    FROM unchanged_articles n WHERE articles.rowid = n.place AND is_moved
    """,
    """
    CREATE OR REPLACE TEMP TABLE unchanged_runs AS
    SELECT r.place, n.first_url, n.first_captured_at, n.last_captured_at, n.captures,
           n.first_url <> r.url OR n.first_captured_at <> r.first_captured_at AS is_earlier
    FROM unchanged n JOIN (
        SELECT rowid AS place, article_id, url, first_captured_at FROM work.runs
        WHERE rowid IN (SELECT r.rowid FROM work.runs r SEMI JOIN unchanged USING (article_id))
    ) r USING (article_id)
    """,
    """
    UPDATE work.runs SET last_captured_at = n.last_captured_at, captures = n.captures
    FROM unchanged_runs n WHERE work.runs.rowid = n.place
    """,
    """
    UPDATE work.runs SET first_captured_at = n.first_captured_at, url = n.first_url
    FROM unchanged_runs n WHERE work.runs.rowid = n.place AND is_earlier
    """,
    # Clusters look at these.
    """
    INSERT INTO work.unclustered
    SELECT article_id FROM unchanged_articles WHERE (is_earlier OR is_moved)
        AND article_id NOT IN (SELECT article_id FROM work.unclustered)
    """,
    "DELETE FROM redo WHERE article_id IN (SELECT article_id FROM unchanged)",
    "DELETE FROM timeline WHERE article_id IN (SELECT article_id FROM unchanged)",
)
_NOTE = (
    "DELETE FROM work.made WHERE article IN (SELECT ('0x' || article_id)::UBIGINT FROM redo)",
    "INSERT INTO work.made SELECT article, made_of FROM made SEMI JOIN redo USING (article_id)",
)


def keep_unchanged(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring articles that say what they said up to date, and leave the others in `redo` and `timeline`."""
    for statement in _MADE:
        connection.execute(statement)
    if connection.execute("FROM unchanged LIMIT 1").fetchall():
        for statement in _KEEP:
            connection.execute(statement)
    for statement in _NOTE:
        connection.execute(statement)
