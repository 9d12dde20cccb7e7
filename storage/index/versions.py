"""Versions of articles: runs of captures of one article that say the same.

Two contents say the same where title, text, authors and dateline differ in case, punctuation and spaces at
most, and publication time and named origin not at all; learned boilerplate is no part of the text. What a
version says is told by the content of its latest capture with a body. The statements go by the temporary
tables `timeline...` of `storage.index.derive`, and leave `new_runs`.
"""

# ruff: noqa: S608 (the names in these queries are this package's own)

from __future__ import annotations

import duckdb

from storage.index.corrections import find_notices
from storage.index.learned_tables import kept_text

_AT_ONCE = 10_000  # pairs of texts whose words are counted in one go: a row a word


def _words_of(text: str) -> str:
    """Words of a text in lower case, as a list. SQL."""
    return rf"regexp_extract_all(lower(nfc_normalize({text})), '[\pL\pM\pN]+')"


def _spaced(text: str) -> str:
    """A text with spaces around Han, kana and Hangul: a character is a word, as for `word_count`. SQL."""
    return rf"regexp_replace({text}, '([\p{{Han}}\p{{Hiragana}}\p{{Katakana}}\p{{Hangul}}])', ' \1 ', 'g')"


def _normal(text: str) -> str:
    """A text's words with one space between. SQL."""
    return f"array_to_string({_words_of(f'coalesce({text}, chr(32))')}, ' ')"


_TITLE, _DATELINE = _normal("c.title"), _normal("c.dateline")
_AUTHORS = _normal("array_to_string(c.authors, chr(10))")
_WORD_LIST = _words_of(_spaced('"text"'))

# Articles that never changed need no comparing, and they are nearly all.
_SEVERAL = """
CREATE OR REPLACE TEMP TABLE version_several AS
SELECT DISTINCT content_digest FROM timeline SEMI JOIN (
    SELECT article_id FROM timeline GROUP BY article_id
    HAVING min(content_digest) <> max(content_digest)) USING (article_id)
"""
_SAID = f"""
CREATE OR REPLACE TEMP TABLE version_said AS
SELECT content_digest, struct_pack(
    title := {_TITLE},
    "text" := coalesce(w.text_digest, c.text_digest),
    authors := {_AUTHORS},
    dateline := {_DATELINE},
    published_at := c.published_at, origin_url := c.origin_url) AS said
FROM (SELECT * FROM timeline_contents SEMI JOIN version_several USING (content_digest)) c
LEFT JOIN timeline_cleaned w USING (content_digest)
"""
_NUMBERED = """
CREATE OR REPLACE TEMP TABLE version_places AS
WITH compared AS (
    SELECT t.article_id, t.place,
           t.place > 1 AND s.said IS DISTINCT FROM lag(s.said) OVER (
               PARTITION BY t.article_id ORDER BY t.place) AS starts
    FROM timeline t JOIN version_said s USING (content_digest)
)
SELECT article_id, place,
       1 + sum(starts::INTEGER) OVER (PARTITION BY article_id ORDER BY place) AS version
FROM compared
"""
_RUNS = """
CREATE OR REPLACE TEMP TABLE version_runs AS
SELECT t.article_id, coalesce(p.version, 1)::INTEGER AS version, arg_min(t.url, t.place) AS url,
       min(t.captured_at) AS first_captured_at, max(t.captured_at) AS last_captured_at,
       count(*)::INTEGER AS captures,
       coalesce(arg_max(t.content_digest, t.place) FILTER (t.extras_digest IS NOT NULL),
                arg_max(t.content_digest, t.place)) AS content_digest,
       arg_max(t.extras_digest, t.place) FILTER (t.extras_digest IS NOT NULL) AS extras_digest
FROM timeline t LEFT JOIN version_places p USING (article_id, place)
GROUP BY t.article_id, coalesce(p.version, 1)
"""
_FIELDS = ("title", "text", "authors", "dateline", "published_at", "origin_url")
_DIFFERING = ", ".join(
    f'CASE WHEN a.said."{name}" IS DISTINCT FROM o.said."{name}" THEN \'{name}\' END' for name in _FIELDS
)
_CHANGED = f"""
CREATE OR REPLACE TEMP TABLE version_changes AS
SELECT row_number() OVER (ORDER BY r.article_id, r.version) AS number, r.article_id, r.version,
       b.content_digest AS old_digest, r.content_digest AS new_digest,
       list_filter([{_DIFFERING}], lambda name: name IS NOT NULL) AS changed
FROM version_runs r
JOIN version_runs b ON b.article_id = r.article_id AND b.version = r.version - 1
JOIN version_said a ON a.content_digest = r.content_digest
JOIN version_said o ON o.content_digest = b.content_digest
"""
_RETOLD = """
CREATE OR REPLACE TEMP TABLE version_retold AS
SELECT DISTINCT unnest([old_digest, new_digest]) AS content_digest FROM version_changes
WHERE list_contains(changed, 'text')
"""
_TEXTS = f"""
CREATE OR REPLACE TEMP TABLE version_texts AS
SELECT content_digest, {kept_text('c."text"', "w.removed")} AS "text"
FROM (SELECT * FROM timeline_contents SEMI JOIN version_retold USING (content_digest)) c
LEFT JOIN timeline_cleaned w USING (content_digest)
"""
_WORDS = f"""
INSERT INTO version_words
WITH texts AS (
    SELECT number, 1 AS sign, new_digest AS content_digest FROM version_changes
    WHERE list_contains(changed, 'text') AND number >= $first AND number < $end
    UNION ALL
    SELECT number, -1, old_digest FROM version_changes
    WHERE list_contains(changed, 'text') AND number >= $first AND number < $end
), words AS (
    SELECT number, sign, unnest({_WORD_LIST}) AS word
    FROM texts JOIN version_texts USING (content_digest)
), balance AS (SELECT number, sum(sign) AS more FROM words GROUP BY number, word)
SELECT number, sum(greatest(more, 0))::INTEGER, sum(greatest(-more, 0))::INTEGER FROM balance GROUP BY number
"""
_TOLD = """
CREATE OR REPLACE TEMP TABLE new_runs AS
SELECT r.* EXCLUDE (extras_digest), coalesce(c.changed, []::VARCHAR[]) AS changed,
       if(c.number IS NULL, NULL, coalesce(w.added, 0)) AS words_added,
       if(c.number IS NULL, NULL, coalesce(w.removed, 0)) AS words_removed,
       n.notice AS correction, n.kind AS correction_kind
FROM version_runs r
LEFT JOIN version_changes c USING (article_id, version)
LEFT JOIN version_words w USING (number)
LEFT JOIN version_notices n USING (article_id, version)
"""
_DONE = ("several", "said", "places", "runs", "changes", "retold", "texts", "words", "notices")


def make_runs(connection: duckdb.DuckDBPyConnection) -> None:
    """Leave in `new_runs` the versions of the articles of the timeline. Inside a transaction."""
    for statement in (_SEVERAL, _SAID, _NUMBERED, _RUNS, _CHANGED, _RETOLD, _TEXTS):
        connection.execute(statement)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE version_words (number BIGINT, added INTEGER, removed INTEGER)"
    )
    (count,) = connection.execute("SELECT count(*) FROM version_changes").fetchall()[0]
    for first in range(1, int(count) + 1, _AT_ONCE):
        connection.execute(_WORDS, {"first": first, "end": first + _AT_ONCE})
    find_notices(connection)
    connection.execute(_TOLD)
    for name in _DONE:
        connection.execute(f"DROP TABLE temp.version_{name}")
