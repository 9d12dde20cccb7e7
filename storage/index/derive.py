"""Articles, versions, photos and removed blocks from captures and extractions, for what changed.

Everything here is a function of the base tables, and of what was learned from them: rebuilt for one article
or for all, in any order, the rows are the same. First captures of touched URLs are told which article they
show (`storage.index.shown`); then those articles are derived, a portion at a time, so that few texts are in
memory. Between two portions the work may stop, and goes on the next time.
"""

# ruff: noqa: S608 (the names in these queries are this package's own; values go in as parameters or files)

from __future__ import annotations

import duckdb

from storage.index.fallbacks import MADE_ELSEWHERE
from storage.index.learned_tables import kept_text
from storage.index.page_parts import PAGE_PART_TABLES, PAGE_PARTS
from storage.index.schema import rows_with
from storage.index.search_queue import QUEUE_CHANGED
from storage.index.sketches import refresh_sketches
from storage.index.unchanged import keep_unchanged
from storage.index.versions import make_runs

PORTION_ARTICLES = 40_000  # each portion reads through all texts; with more of them, more are in memory

# In the order of publication: an index made in one go has its articles by date, and a question for a month
# then reads a month.
_QUEUE = """
CREATE OR REPLACE TEMP TABLE queue AS
WITH dated AS (
    SELECT c.article_id, min(t.published_at) AS published_at FROM captures c
    LEFT JOIN (SELECT content_digest, published_at FROM work.contents) t USING (content_digest)
    SEMI JOIN work.unrefreshed u ON u.article_id = c.article_id
    GROUP BY c.article_id
)
SELECT article_id, row_number() OVER (ORDER BY published_at NULLS LAST, article_id) AS number
FROM work.unrefreshed LEFT JOIN dated USING (article_id)
"""
_SHORT_QUEUE = """
CREATE OR REPLACE TEMP TABLE queue AS
SELECT article_id, row_number() OVER (ORDER BY article_id) AS number FROM work.unrefreshed
"""
_REDO = """
CREATE OR REPLACE TEMP TABLE redo AS
SELECT article_id FROM queue WHERE number > $done AND number <= $done + $size
"""
# A teaser that is younger than a capture of the page itself tells less than that, and nothing new.
_IS_NEWS = f"""({MADE_ELSEWHERE}) IS NOT TRUE OR NOT bool_or(({MADE_ELSEWHERE}) IS NOT TRUE) OVER (
    PARTITION BY article_id ORDER BY captured_at, record_id ROWS UNBOUNDED PRECEDING)"""
_TIMELINE = (
    f"""
    CREATE OR REPLACE TEMP TABLE showing AS
    SELECT article_id, content_digest, url, captured_at, record_id
    FROM {rows_with("captures", "article_id", "redo")}
    QUALIFY {_IS_NEWS}
    """,
    f"""
    CREATE OR REPLACE TEMP TABLE timeline AS
    SELECT c.*, e.extras_digest, e.url AS page_url, e.host, e.source,
           coalesce(i.canonical_url, e.canonical_url) AS canonical_url,
           row_number() OVER (PARTITION BY c.article_id ORDER BY c.captured_at, c.record_id) AS place
    FROM showing c LEFT JOIN {rows_with("extractions", "record_id", "showing")} e USING (record_id)
    LEFT JOIN aliases i ON i.url_id = e.article_id
    """,
    f"""
    CREATE OR REPLACE TEMP TABLE timeline_cleaned AS
    SELECT * FROM {rows_with("work.cleaned", "content_digest", "timeline")}
    """,
)
# What all that follows is made of, read once: a text that lies alone costs as much as those around it.
_SOURCES = (
    f"""
    CREATE OR REPLACE TEMP TABLE timeline_contents AS
    SELECT * FROM {rows_with("work.contents", "content_digest", "timeline")}
    """,
    """
    CREATE OR REPLACE TEMP TABLE timeline_extras_places AS
    SELECT x.rowid AS place, extras_digest FROM work.extras x SEMI JOIN timeline USING (extras_digest)
    """,
    # Of what stood around older contents nothing else is asked.
    """
    CREATE OR REPLACE TEMP TABLE timeline_extras AS
    SELECT extras_digest, blocks FROM work.extras WHERE rowid IN (SELECT place FROM timeline_extras_places)
    """,
)

# Of the captures that have a body of their own and show the article's present content, the latest speaks
# for it.
_SPEAKING = """
CREATE OR REPLACE TEMP TABLE speaking AS
WITH spans AS (
    SELECT article_id, arg_max(content_digest, version) AS content_digest,
           min(first_captured_at) AS first_captured_at, max(last_captured_at) AS last_captured_at,
           sum(captures)::INTEGER AS captures, max(version) AS versions
    FROM new_runs GROUP BY article_id
)
SELECT s.*, t.page_url AS url, t.canonical_url, t.host, t.source, t.extras_digest
FROM spans s JOIN timeline t USING (article_id, content_digest)
WHERE t.extras_digest IS NOT NULL
QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY t.place DESC) = 1
"""
_EXTRAS = """
CREATE OR REPLACE TEMP TABLE speaking_extras AS
SELECT s.article_id, x.* FROM speaking s JOIN (
    SELECT * FROM work.extras WHERE rowid IN (
        SELECT place FROM timeline_extras_places SEMI JOIN speaking USING (extras_digest))
) x USING (extras_digest)
"""
_ARTICLES = f"""
CREATE OR REPLACE TEMP TABLE new_articles AS
SELECT s.article_id, s.url, s.canonical_url, s.host, s.source, c.title, c.authors, c.dateline, c.published_at,
       x.modified_at, x.language, {kept_text('c."text"', "w.removed")} AS "text",
       coalesce(w.word_count, c.word_count) AS word_count,
       coalesce(w.text_digest, c.text_digest) AS text_digest, s.first_captured_at,
       s.last_captured_at, s.versions, coalesce(k.cluster_id, s.article_id) AS cluster_id,
       NOT coalesce(k.is_origin, true) AS is_duplicate,
       c.origin_url, 'article' AS outcome, x.published_raw, x.modified_raw, x.site_name, x.section,
       x.page_kind,
       x.declared_canonical, s.content_digest, s.captures, x.paywalled, x.layout_drift
FROM speaking s
JOIN timeline_contents c USING (content_digest)
JOIN speaking_extras x USING (article_id)
LEFT JOIN timeline_cleaned w USING (content_digest)
LEFT JOIN clusters k USING (article_id)
"""
# Clusters look at these fields of an article and no others; a capture that brought nothing new to them asks
# for no new clusters.
_CLUSTERED = (
    "article_id, url, canonical_url, host, title, authors, published_at, text_digest, word_count, "
    "first_captured_at, origin_url, site_name, declared_canonical, content_digest"
)
_OLD_ARTICLES = f"""
CREATE OR REPLACE TEMP TABLE old_articles AS
SELECT rowid AS place, {_CLUSTERED}, source, language, page_kind, is_duplicate FROM articles
WHERE rowid IN (SELECT a.rowid FROM articles a SEMI JOIN redo USING (article_id))
"""
_REPLACED = ("work.runs", *PAGE_PART_TABLES)  # looked through once each
_OLD_PLACES = tuple(
    f"""
    CREATE OR REPLACE TEMP TABLE old_places_{table.removeprefix("work.")} AS
    SELECT t.rowid AS place FROM {table} t SEMI JOIN old_articles USING (article_id)
    """
    for table in _REPLACED
)
_OLD_BLOCKS = """
CREATE OR REPLACE TEMP TABLE old_blocks AS
SELECT article_id, position, kind, "text" FROM blocks
WHERE rowid IN (SELECT place FROM old_places_blocks) AND kind IN ('byline', 'source_link')
"""
_CREDITS = """
SELECT article_id, list("text" ORDER BY position) FROM {}
WHERE kind IN ('byline', 'source_link') GROUP BY article_id"""
_UNCLUSTERED = f"""
INSERT INTO work.unclustered
SELECT DISTINCT article_id FROM (
    SELECT article_id FROM (
        SELECT {_CLUSTERED} FROM new_articles EXCEPT SELECT {_CLUSTERED} FROM old_articles)
    UNION ALL
    SELECT article_id FROM (
        SELECT {_CLUSTERED} FROM old_articles EXCEPT SELECT {_CLUSTERED} FROM new_articles)
    UNION ALL
    SELECT article_id FROM ({_CREDITS.format("new_blocks")} EXCEPT {_CREDITS.format("old_blocks")})
    UNION ALL
    SELECT article_id FROM ({_CREDITS.format("old_blocks")} EXCEPT {_CREDITS.format("new_blocks")}))
ANTI JOIN work.unclustered USING (article_id)
"""
_COME = (
    "INSERT INTO articles BY NAME SELECT * FROM new_articles ORDER BY published_at NULLS LAST, article_id",
    *(f"INSERT INTO {table} BY NAME SELECT * FROM new_{table.removeprefix('work.')}" for table in _REPLACED),
)
_GONE = (
    "DELETE FROM articles WHERE rowid IN (SELECT place FROM old_articles)",
    *(
        f"DELETE FROM {table} WHERE rowid IN (SELECT place FROM old_places_{table.removeprefix('work.')})"
        for table in _REPLACED
    ),
)
_DONE = (
    "DELETE FROM work.unrefreshed WHERE article_id IN "
    "(SELECT article_id FROM queue WHERE number > $done AND number <= $done + $size)"
)
# What is big of the last portion is not to lie about while search and clusters are made.
_TEMPORARY = (
    *("showing", "timeline", "timeline_cleaned", "timeline_contents", "timeline_extras"),
    *("timeline_extras_places", "speaking", "speaking_extras", "learned_parts", "old_articles", "old_blocks"),
    "new_articles",
    *(f"{kind}_{table.removeprefix('work.')}" for table in _REPLACED for kind in ("new", "old_places")),
)


def queue_articles(connection: duckdb.DuckDBPyConnection, size: int = PORTION_ARTICLES) -> int:
    """Number of articles to be derived anew, in portions of `size`. Inside a transaction."""
    (count,) = connection.execute("SELECT count(*) FROM work.unrefreshed").fetchall()[0]
    connection.execute(_QUEUE if count > size else _SHORT_QUEUE)
    return int(count)


def derive_portion(connection: duckdb.DuckDBPyConnection, done: int, size: int = PORTION_ARTICLES) -> None:
    """Derive the next articles of the queue, of which so many are done. Inside a transaction."""
    portion = {"done": done, "size": size}
    connection.execute(_REDO, portion)
    for statement in _TIMELINE:
        connection.execute(statement)
    keep_unchanged(connection)
    for statement in _SOURCES:
        connection.execute(statement)
    make_runs(connection)
    for statement in (_SPEAKING, _EXTRAS, _ARTICLES, _OLD_ARTICLES, *PAGE_PARTS):
        connection.execute(statement)
    for statement in (*_OLD_PLACES, _OLD_BLOCKS, _UNCLUSTERED, *QUEUE_CHANGED):
        connection.execute(statement)
    if connection.execute("FROM old_articles LIMIT 1").fetchall():
        for statement in _GONE:
            connection.execute(statement)
    for statement in _COME:
        connection.execute(statement)
    refresh_sketches(connection)
    connection.execute(_DONE, portion)
    for name in _TEMPORARY:
        connection.execute(f"DROP TABLE temp.{name}")
