"""Versions of articles: runs of captures of one article with the same content.

The statement goes by the temporary table `timeline` of `storage.index.derive`, and leaves `new_runs`.
"""

from __future__ import annotations

RUNS = """
CREATE OR REPLACE TEMP TABLE new_runs AS
WITH starts AS (
    SELECT *, content_digest IS DISTINCT FROM lag(content_digest) OVER w AS starts FROM timeline
    WINDOW w AS (PARTITION BY article_id ORDER BY place)
), numbered AS (
    SELECT *, sum(starts::INTEGER) OVER (PARTITION BY article_id ORDER BY place) AS version FROM starts
), runs AS (
    SELECT article_id, version::INTEGER AS version, arg_min(url, place) AS url,
           min(captured_at) AS first_captured_at, max(captured_at) AS last_captured_at,
           count(*)::INTEGER AS captures, any_value(content_digest) AS content_digest
    FROM numbered GROUP BY article_id, version
)
SELECT r.*, CASE WHEN before.article_id IS NULL THEN []::VARCHAR[] ELSE list_filter([
           CASE WHEN c.title IS DISTINCT FROM b.title THEN 'title' END,
           CASE WHEN c.text IS DISTINCT FROM b.text THEN 'text' END,
           CASE WHEN c.authors IS DISTINCT FROM b.authors THEN 'authors' END,
           CASE WHEN c.dateline IS DISTINCT FROM b.dateline THEN 'dateline' END,
           CASE WHEN c.published_at IS DISTINCT FROM b.published_at THEN 'published_at' END,
           CASE WHEN c.origin_url IS DISTINCT FROM b.origin_url THEN 'origin_url' END
       ], lambda x: x IS NOT NULL) END AS changed
FROM runs r
LEFT JOIN work.contents c USING (content_digest)
LEFT JOIN runs before ON before.article_id = r.article_id AND before.version = r.version - 1
LEFT JOIN work.contents b ON b.content_digest = before.content_digest
"""
