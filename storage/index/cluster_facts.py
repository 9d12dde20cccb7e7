"""What clustering looks at in articles, fetched for those that are to be compared or put in their places.

A text out of the articles' table costs as much as the two thousand that lie around it, some milliseconds: of
what search has indexed it is put together from the pieces that search keeps, for a fourteenth of that.
"""

from __future__ import annotations

from storage.index.schema import rows_with

# By row numbers, because DuckDB then unpacks the rows it needs; joined by anything else it unpacks all.
_FOUND = """
CREATE OR REPLACE TEMP TABLE found AS
SELECT rowid AS place, article_id, url, host, site_name, title, word_count, text_digest, authors,
       declared_canonical, origin_url, published_at, first_captured_at, dateline
FROM articles
WHERE rowid IN (SELECT a.rowid FROM articles a SEMI JOIN {wanted} USING (article_id))
"""
# Search has the text that an article had when it was last looked at.
_FOUND_DOCS = """
CREATE OR REPLACE TEMP TABLE found_docs AS
SELECT f.article_id, d.doc FROM work.search_docs d JOIN found f ON d.article = ('0x' || f.article_id)::UBIGINT
WHERE f.article_id NOT IN (SELECT article_id FROM work.unsearched WHERE has_words)
"""
_FOUND_PIECES = f"""
CREATE OR REPLACE TEMP TABLE found_pieces AS FROM {rows_with("work.search_pieces", "doc", "found_docs")}
"""
_UNPIECED = """
CREATE OR REPLACE TEMP TABLE unpieced AS SELECT place FROM found ANTI JOIN found_docs USING (article_id)
"""
_FOUND_TEXTS = """
CREATE OR REPLACE TEMP TABLE found_texts AS
SELECT article_id, left("text", 300) AS head, right("text", 400) AS tail {more} FROM (
    SELECT article_id, coalesce("text", '') AS "text" FROM found_docs LEFT JOIN (
        SELECT doc, string_agg("text", '' ORDER BY piece) AS "text" FROM found_pieces GROUP BY doc
    ) USING (doc)
    UNION ALL
    SELECT article_id, "text" FROM articles WHERE rowid IN (FROM unpieced))
"""
_FACTS = """
CREATE OR REPLACE TEMP TABLE {into} AS
WITH credits AS (
    SELECT article_id, list("text" ORDER BY position) AS credits
    FROM (SELECT article_id, position, "text" FROM blocks WHERE rowid IN (
        SELECT b.rowid FROM blocks b SEMI JOIN found USING (article_id)
        WHERE b.kind IN ('byline', 'source_link')))
    GROUP BY article_id
), others AS (
    SELECT article_id, list(url_id ORDER BY url_id) AS other_ids
    FROM aliases SEMI JOIN found USING (article_id) GROUP BY article_id)
SELECT article_id, url, host, site_name, title, word_count, text_digest, authors,
       coalesce(credits, []) AS credits, declared_canonical, origin_url, published_at, first_captured_at,
       dateline, head, tail, coalesce(other_ids, []) AS other_ids {more}
FROM found JOIN found_texts USING (article_id)
LEFT JOIN credits USING (article_id) LEFT JOIN others USING (article_id)
"""
_USED = ("found", "found_docs", "found_pieces", "unpieced", "found_texts")


def facts(into: str, wanted: str, *, texts: bool) -> tuple[str, ...]:
    """SQL that makes a temporary table of the articles in another, with their texts or only the ends of them.

    Its columns are those of `storage.index.clusters.ClusterArticle`, in their order, then the text.
    """
    more = ', "text"' if texts else ""
    return (
        _FOUND.format(wanted=wanted),
        _FOUND_DOCS,
        _FOUND_PIECES,
        _UNPIECED,
        _FOUND_TEXTS.format(more=more),
        _FACTS.format(into=into, more=more),
        *(f"DROP TABLE temp.{name}" for name in _USED),
    )
