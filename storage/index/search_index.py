"""The search tables brought up to the articles: words counted, places noted, runs of postings folded.

An article whose words changed gets a new document; the postings of the old one stay where they are, and count
for nothing since its number is known no more. Small additions go to a tail, which is made a run of its own
when it holds some thousand articles, so that a word is in few rows. What a question finds depends on the
articles alone: neither their order nor their batches show.
"""

# ruff: noqa: S608 (the names in these queries are this package's own)

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import duckdb

from storage.index.database import UNPUBLISHED, transaction
from storage.index.load import stage
from storage.index.schema import Table, columns, literal, rows_with
from storage.index.search_text import (
    AUTHORS_AT,
    AUTHORS_WORDS,
    TEXT_AT,
    TITLE_AT,
    TITLE_WEIGHT,
    TITLE_WORDS,
    is_stop_word,
    pieces_of,
    word_of,
)  # fmt: skip

ARTICLES_AT_ONCE = 8192
RUN_ARTICLES = 4096
_MOST_DEAD = 20_000  # and as many as there are documents: then all postings are made anew

_PIECE = r"(?s).{1,200}(?:\S{0,40}\s)?"  # of a text: as long as there are words in it, it ends behind one

Stem = Callable[[str, Sequence[str]], Sequence[str]]  # stems of the words of a language

_STEMS = Table(
    name="stems",
    comment="",
    columns=columns("word | VARCHAR | ", "language | VARCHAR | ", "stem | VARCHAR | "),
)

_TAKE = (
    f"""
CREATE OR REPLACE TEMP TABLE picked AS FROM work.unsearched ORDER BY article_id LIMIT {ARTICLES_AT_ONCE}""",
    """
CREATE OR REPLACE TEMP TABLE present AS
SELECT article_id, published_at, host, source, language, page_kind, is_duplicate FROM articles
WHERE rowid IN (SELECT rowid FROM articles SEMI JOIN picked USING (article_id))""",
    """
CREATE OR REPLACE TEMP TABLE taken AS
SELECT p.*, d.doc AS old_doc, d.length, n.article_id IS NOT NULL AS there,
       d.doc IS NOT NULL AND n.article_id IS NOT NULL AND NOT p.has_words AS same
FROM picked p
LEFT JOIN present n USING (article_id)
LEFT JOIN work.search_docs d ON d.article = ('0x' || p.article_id)::UBIGINT""",
)
# A document whose words are as they were keeps its number.
_NUMBER = """
CREATE OR REPLACE TEMP TABLE numbered AS
SELECT article_id, ('0x' || article_id)::UBIGINT AS article,
       CASE WHEN same THEN old_doc
       ELSE (SELECT next_doc FROM work.search_state)
            + row_number() OVER (PARTITION BY same ORDER BY article_id) - 1 END::UINTEGER AS doc,
       CASE WHEN same THEN length END AS length
FROM taken WHERE there
"""
_OLD = (
    """
CREATE OR REPLACE TEMP TABLE old_docs AS
SELECT old_doc AS doc FROM taken WHERE old_doc IS NOT NULL AND NOT same""",
    f"""
CREATE OR REPLACE TEMP TABLE old_pieces AS FROM {rows_with("work.search_pieces", "doc", "old_docs")}""",
    """
CREATE OR REPLACE TEMP TABLE to_read AS
SELECT doc, title, authors, coalesce("text", '') AS "text", language
FROM old_docs JOIN taken ON old_doc = doc LEFT JOIN (
    SELECT doc, string_agg("text", '' ORDER BY piece) AS "text" FROM old_pieces GROUP BY doc) USING (doc)""",
)
# In steps, so that DuckDB goes to the rows by their numbers: joined, it reads every text there is.
_NEW = (
    """
CREATE OR REPLACE TEMP TABLE new_places AS
SELECT a.rowid AS place, n.doc FROM articles a JOIN numbered n USING (article_id) WHERE n.length IS NULL""",
    """
CREATE OR REPLACE TEMP TABLE new_words AS
SELECT rowid AS place, title, authors, "text", language FROM articles
WHERE rowid IN (SELECT place FROM new_places)""",
    """
CREATE OR REPLACE TEMP TABLE to_read AS
SELECT * EXCLUDE (place) FROM new_words JOIN new_places USING (place)""",
)
_LANGUAGE = "coalesce(nullif(regexp_extract(lower(language), '^[a-z]+'), ''), 'en')"
_READ = f"""
CREATE OR REPLACE TEMP TABLE read_pieces AS
SELECT doc, unnest(found) AS piece, generate_subscripts(found, 1) - 1 + {TITLE_AT} AS place
FROM (SELECT doc, {pieces_of("title")}[:{TITLE_WORDS}] AS found FROM to_read)
UNION ALL
SELECT doc, unnest(found), generate_subscripts(found, 1) - 1 + {AUTHORS_AT}
FROM (SELECT doc, {pieces_of("names")}[:{AUTHORS_WORDS}] AS found
      FROM (SELECT doc, array_to_string(authors, ' ') AS names FROM to_read))
UNION ALL
SELECT doc, unnest(found), generate_subscripts(found, 1) - 1 + {TEXT_AT}
FROM (SELECT doc, {pieces_of('"text"')} AS found FROM to_read)
"""
_WORDS = f"""
CREATE OR REPLACE TEMP TABLE read_words AS
SELECT piece, word, md5_number_lower(word) AS key
FROM (SELECT piece, {word_of("piece")} AS word FROM (SELECT DISTINCT piece FROM read_pieces))
WHERE NOT {is_stop_word("word")}
"""
_OCCURRENCES = """
CREATE OR REPLACE TEMP TABLE occurrences AS
SELECT doc, key, place::UINTEGER AS place FROM read_pieces JOIN read_words USING (piece)
"""
_COUNTS = f"""
CREATE OR REPLACE TEMP TABLE counts AS
SELECT key, language, count(*) AS articles, any_value(word) AS word
FROM (SELECT DISTINCT key, doc FROM occurrences)
JOIN (SELECT doc, {_LANGUAGE} AS language FROM to_read) USING (doc)
JOIN (SELECT key, any_value(word) AS word FROM read_words GROUP BY key) USING (key)
GROUP BY key, language
"""
_LESS = """
UPDATE search_terms SET articles = search_terms.articles - c.articles FROM counts c
WHERE c.key = search_terms.key AND c.language = search_terms.language
"""
_FORGET = "DELETE FROM search_terms WHERE articles = 0"
_MORE = """
UPDATE search_terms SET articles = search_terms.articles + c.articles FROM counts c
WHERE c.key = search_terms.key AND c.language = search_terms.language
"""
_UNKNOWN = """
CREATE OR REPLACE TEMP TABLE unknown AS
SELECT c.* FROM counts c ANTI JOIN search_terms USING (key, language) ORDER BY word, language
"""
_LEARN = """
INSERT INTO search_terms
SELECT u.word, u.language, s.stem, u.articles, u.key, md5_number_lower(s.stem)
FROM unknown u JOIN staged s USING (word, language) ORDER BY u.word, u.language
"""
_PIECES = f"""
INSERT INTO work.search_pieces
SELECT doc, generate_subscripts(cut, 1) AS piece, unnest(cut)
FROM (SELECT doc, regexp_extract_all("text", {literal(_PIECE)}) AS cut FROM to_read) ORDER BY doc, piece
"""
_DROP_DOCS = "DELETE FROM work.search_docs WHERE doc IN (SELECT old_doc FROM taken)"
_ADD_DOCS = """
INSERT INTO work.search_docs
SELECT n.doc, n.article, coalesce(n.length, o.length, 0)::UINTEGER, a.published_at, a.host, a.source,
       a.language, a.page_kind, a.is_duplicate
FROM numbered n JOIN present a USING (article_id)
LEFT JOIN (SELECT doc, count(*) AS length FROM occurrences GROUP BY doc) o USING (doc) ORDER BY n.doc
"""
_LISTS = """
SELECT key, list_transform(held, lambda one: (one >> 24)::UINTEGER) AS docs,
       list_transform(held, lambda one: (one & 16777215)::UINTEGER) AS places
FROM (SELECT key, list_sort(list((doc::UBIGINT << 24) | place)) AS held FROM {} GROUP BY key)
ORDER BY key
"""
_WEIGHED = f"""(FROM occurrences UNION ALL
SELECT doc, key, place FROM occurrences, range({TITLE_WEIGHT - 1}) WHERE place < {AUTHORS_AT})"""
_UNFOLDED = """(
SELECT key, doc, place
FROM (SELECT key, unnest(docs) AS doc, unnest(places) AS place FROM work.search_tail)
SEMI JOIN work.search_docs USING (doc))"""
_FOLD = (
    f"INSERT INTO work.search_postings {_LISTS.format(_UNFOLDED)}",
    "DELETE FROM work.search_tail",
    "UPDATE work.search_state SET tail_from = next_doc",
)
_COUNT_ON = """
UPDATE work.search_state SET next_doc = next_doc + (SELECT count(*) FROM numbered WHERE length IS NULL)
"""
_TAKEN = "DELETE FROM work.unsearched WHERE article_id IN (SELECT article_id FROM taken)"
_STATE = """
SELECT next_doc, tail_from, (SELECT count(*) FROM work.search_docs), (SELECT count(*) FROM articles)
FROM work.search_state
"""
_EMPTY = (
    "DELETE FROM search_terms", "DELETE FROM work.search_docs", "DELETE FROM work.search_postings",
    "DELETE FROM work.search_tail", "DELETE FROM work.search_pieces", "DELETE FROM work.unsearched",
    "DELETE FROM work.search_state",
    "INSERT INTO work.search_state VALUES (0, 0)",
    "INSERT INTO work.unsearched (article_id, has_words) SELECT article_id, true FROM articles",
)  # fmt: skip


class SearchTables:
    """What search is made of in the index."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        """Work in the writer's database, which lies at `path`."""
        self._connection = connection
        self._path = path

    def update(self, stem: Stem) -> int:
        """Number of articles looked at again: those that changed since last time.

        `stem` is asked for the stems of new words. Killed at any moment it goes on where it was.
        """
        self._start()
        looked_at = sum(self._batches(stem))
        if self._is_worn():
            with transaction(self._connection, self._path):
                self._run(*_EMPTY)
            looked_at += sum(self._batches(stem))
        return looked_at

    def _start(self) -> None:
        """Put in the state's row where it is missing."""
        if not self._connection.execute("FROM work.search_state").fetchall():
            self._run("INSERT INTO work.search_state VALUES (0, 0)")

    def _is_worn(self) -> bool:
        """Whether most postings are of no document, or the documents not those of the articles."""
        next_doc, _, docs, articles = self._state()
        return docs != articles or next_doc - docs > docs + _MOST_DEAD

    def _batches(self, stem: Stem) -> Iterator[int]:
        """Number of articles in each batch, once it is committed."""
        while self._connection.execute("FROM work.unsearched LIMIT 1").fetchall():
            with transaction(self._connection, self._path):
                looked_at = self._batch(stem)
            yield looked_at

    def _batch(self, stem: Stem) -> int:
        """Number of articles looked at in one batch."""
        self._run(*_TAKE, _NUMBER, *_OLD)
        if self._count("to_read"):
            self._run(_READ, _WORDS, _OCCURRENCES, _COUNTS, _LESS)
        self._run(*_NEW, _READ, _WORDS, _OCCURRENCES, _COUNTS, _MORE)
        self._learn(stem)
        self._run(_FORGET, _DROP_DOCS, _ADD_DOCS)
        new = self._count("to_read")
        into = "postings" if new >= RUN_ARTICLES else "tail"
        if new >= RUN_ARTICLES:
            self._run(*_FOLD)
        self._run(f"INSERT INTO work.search_{into} {_LISTS.format(_WEIGHED)}", _PIECES, _COUNT_ON)
        if new >= RUN_ARTICLES:
            self._run("UPDATE work.search_state SET tail_from = next_doc")
        next_doc, tail_from, *_ = self._state()
        if next_doc - tail_from >= RUN_ARTICLES:
            self._run(*_FOLD)
        self._run(UNPUBLISHED, _TAKEN)
        return self._count("taken")

    def _learn(self, stem: Stem) -> None:
        """Take in the words that no article of their language had before."""
        self._run(_UNKNOWN)
        words: dict[str, list[str]] = {}
        for language, word in self._connection.execute("SELECT language, word FROM unknown").fetchall():
            words.setdefault(language, []).append(word)
        rows = (
            (word, language, stemmed)
            for language, of_it in words.items()
            for word, stemmed in zip(of_it, stem(language, of_it), strict=True)
        )
        if stage(self._connection, _STEMS, rows):
            self._run(_LEARN)

    def _state(self) -> tuple[int, int, int, int]:
        """Next number, first number in the tail, documents, articles."""
        ((next_doc, tail_from, docs, articles),) = self._connection.execute(_STATE).fetchall()
        return int(next_doc), int(tail_from), int(docs), int(articles)

    def _count(self, table: str) -> int:
        """Rows of a table."""
        ((count,),) = self._connection.execute(f"SELECT count(*) FROM {table}").fetchall()
        return int(count)

    def _run(self, *statements: str) -> None:
        for statement in statements:
            self._connection.execute(statement)
