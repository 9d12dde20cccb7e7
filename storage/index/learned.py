"""The tables of learned boilerplate: how often lines recur on a host, which were learned, texts without them.

`pipelines.learned` decides; here is what it reads and writes. What is learned of a host is a function of a
bounded sample of its pages (`storage.index.learned_samples`), and a text without learned lines is one of the
text and of what was learned, so that neither order nor batches of what was added show in the result. It is
brought up to date before articles are derived, by the pages noted as added or gone since; the URLs of an
article that it changes are touched.
"""

# ruff: noqa: S608 (the names in these queries are this package's own; values go in as parameters or files)

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from storage.index import learned_queries as queries
from storage.index.database import transaction
from storage.index.learned_hits import find_changed_hosts, find_differing, uncleaned_texts
from storage.index.learned_samples import update_samples
from storage.index.learned_tables import CLEANED, LEARNED_LINES
from storage.index.load import stage
from storage.index.schema import Table, columns, rows_with

_STORE_RECURRING = (
    "DELETE FROM work.recurring WHERE host IN (FROM learning_hosts)",
    """
    INSERT INTO work.recurring
    SELECT host, line, "text" FROM (SELECT host, line FROM learning_evidence)
    JOIN learning_line_texts USING (host, line)""",
)
_STORE_SIGNS = (
    "DELETE FROM work.line_pages WHERE host IN (FROM learning_hosts)",
    """
    INSERT INTO work.line_pages
    SELECT host, s.line_digest, content_digest, s.known, s.has_line, s.names_author, s.words
    FROM staged s JOIN (SELECT page, host, content_digest FROM learning_pages) USING (page)""",
)
_SIGNS = """
SELECT host, line_digest, page, known, has_line, names_author, words
FROM (SELECT page, host, content_digest FROM learning_pages)
JOIN (SELECT * FROM work.line_pages SEMI JOIN learning_hosts USING (host)) USING (host, content_digest)
"""
# One after the other: joined in one, the texts of all pages there are would be read.
_ASKED_PAGES = """
CREATE OR REPLACE TEMP TABLE learning_asked_pages AS
SELECT page, content_digest FROM learning_pages WHERE list_contains($pages::INTEGER[], page)
"""
_ASKED_TEXTS = f"""
CREATE OR REPLACE TEMP TABLE learning_asked_texts AS
SELECT content_digest, "text", authors
FROM {rows_with("work.contents", "content_digest", "learning_asked_pages")}
"""
_PAGE_TEXTS = """
SELECT page, "text", authors FROM learning_asked_pages JOIN learning_asked_texts USING (content_digest)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """A line that recurs on a host, with what speaks for and against its being boilerplate.

    `at_head` and `at_tail` are how many of its `occurrences` have none but recurring lines before or after
    them. Articles that tell one text count once. `sample` are pages of some of them, to read.
    """

    host: str
    digest: int
    text: str
    occurrences: int
    at_head: int
    at_tail: int
    articles: int
    of_articles: int
    facet: str
    facet_articles: int
    of_facet_articles: int
    first_at: datetime
    last_at: datetime
    sample: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PageText:
    """What of a page is read to judge a line."""

    text: str
    authors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What a page says of a line: whether it has it, names one of the page's authors, its words in the rest.

    `known` is a number of the lines that recurred on the host then: those are no part of the rest.
    """

    known: int
    has_line: bool
    names_author: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LearnedLine:
    """A line that is boilerplate of its host, where it is: head, tail or anywhere, and by which rule."""

    recurring: Recurring
    place: str
    rule: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A paragraph, counted from 1, that is a learned line, and the place at which that is taken out."""

    position: int
    place: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What is measured of a text without learned lines; `removed` are the positions of those taken out."""

    removed: tuple[int, ...]
    text_digest: str
    word_count: int
    sketch: tuple[int, ...]


LineKey = tuple[str, int]  # host and digest
Signs = Mapping[LineKey, Mapping[int, Sign]]
Clean = Callable[[str, Sequence[Hit]], Cleaned | None]


class LearnedTables:
    """What learning reads and writes in the index."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        """Work in the writer's database, which lies at `path`."""
        self._connection = connection
        self._path = path

    def count(self, size: int) -> bool:
        """Whether pages came or went since the last time; lines are counted where samples changed by that.

        `size` is the number of articles in a sample, the same as long as the index lives.
        """
        if not self._connection.execute("FROM work.unlearned LIMIT 1").fetchall():
            return False
        # A process killed between this transaction and `store` finds the same hosts again: each has one of
        # the noted articles in its sample.
        with transaction(self._connection, self._path):
            update_samples(self._connection, size)
            for statement in queries.COUNTING:
                self._connection.execute(statement)
        return True

    def recurring(self) -> list[Recurring]:
        """Lines of the counted hosts that recur, by host and text."""
        rows = self._connection.execute(queries.EVIDENCE).fetchall()
        return [
            Recurring(
                host=row[0], digest=row[1], text=row[2], occurrences=row[3], at_head=row[4], at_tail=row[5],
                articles=row[6], of_articles=row[7], facet=row[8], facet_articles=row[9],
                of_facet_articles=row[10], first_at=row[11], last_at=row[12], sample=tuple(row[13]),
            )
            for row in rows
        ]  # fmt: skip

    def other_pages(self) -> dict[str, tuple[int, ...]]:
        """Some pages of each counted host, whatever is on them."""
        return {host: tuple(pages) for host, pages in self._connection.execute(queries.OTHERS).fetchall()}

    def page_texts(self, pages: Iterable[int]) -> dict[int, PageText]:
        """Text and authors of pages."""
        self._connection.execute(_ASKED_PAGES, {"pages": sorted(set(pages))})
        self._connection.execute(_ASKED_TEXTS)
        rows = self._connection.execute(_PAGE_TEXTS).fetchall()
        self._connection.execute("DROP TABLE temp.learning_asked_texts")
        return {page: PageText(text=text, authors=tuple(authors or ())) for page, text, authors in rows}

    def signs(self) -> dict[LineKey, dict[int, Sign]]:
        """What pages of the counted hosts said of lines the last time, by line and page."""
        signs: dict[LineKey, dict[int, Sign]] = {}
        for host, digest, page, known, has_line, names, words in self._connection.execute(_SIGNS).fetchall():
            sign = Sign(known=known, has_line=has_line, names_author=names, words=tuple(words))
            signs.setdefault((host, digest), {})[page] = sign
        return signs

    def store(self, learned: Sequence[LearnedLine], signs: Signs, clean: Clean) -> int:
        """Number of texts that `clean` was asked for: those that have other learned lines than before.

        The lines take the place of all that was learned of the counted hosts.
        """
        with transaction(self._connection, self._path):
            self._store_lines(learned, signs)
            cleaned = 0
            for texts in uncleaned_texts(self._connection, find_differing(self._connection)):
                stage(self._connection, CLEANED, (_cleaned_row(row, clean) for row in texts))
                self._connection.execute("INSERT INTO work.cleaned SELECT * FROM staged")
                cleaned += len(texts)
            self._connection.execute("DELETE FROM work.unlearned")
        return cleaned

    def _store_lines(self, learned: Sequence[LearnedLine], signs: Signs) -> None:
        """Put what recurs on the counted hosts, and what of it is learned, in the place of what was there."""
        self._stage_or_none(_FOUND, _sign_rows(signs))
        for statement in (*_STORE_SIGNS, *_STORE_RECURRING):
            self._connection.execute(statement)
        self._stage_or_none(LEARNED_LINES, map(_learned_row, learned))
        find_changed_hosts(self._connection)
        self._connection.execute("DELETE FROM learned_lines WHERE host IN (FROM learning_hosts)")
        self._connection.execute("INSERT INTO learned_lines SELECT * FROM staged")

    def _stage_or_none(self, table: Table, rows: Iterable[Sequence[object]]) -> None:
        """Leave the rows in the temporary table `staged`, an empty one where there are none."""
        if not stage(self._connection, table, rows):
            shape = ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
            self._connection.execute(f"CREATE OR REPLACE TEMP TABLE staged ({shape})")


_FOUND = Table(
    name="found",
    comment="",
    columns=columns(
        "page | INTEGER | Number of the page in `learning_pages`",
        "line_digest | UBIGINT | The line",
        "known | BIGINT | As in work.line_pages",
        "has_line | BOOLEAN | The same",
        "names_author | BOOLEAN | The same",
        "words | VARCHAR[] | The same",
    ),
)


def _sign_rows(signs: Signs) -> Iterator[tuple[object, ...]]:
    """Rows of `_FOUND`."""
    for (_, digest), pages in signs.items():
        for page, sign in pages.items():
            yield page, digest, sign.known, sign.has_line, sign.names_author, sign.words


def _learned_row(line: LearnedLine) -> tuple[object, ...]:
    """Row of `learned_lines`."""
    one = line.recurring
    return (
        one.host, one.text, line.place, one.articles, one.of_articles, one.facet, one.facet_articles,
        one.of_facet_articles, one.first_at, one.last_at, line.rule, one.digest,
    )  # fmt: skip


def _cleaned_row(row: Sequence[Any], clean: Clean) -> tuple[object, ...]:
    """Row of `work.cleaned` from one of `uncleaned_texts`."""
    content_digest, text, hits, rule = row
    told = clean(text, [Hit(position=one["position"], place=one["place"]) for one in hits])
    if told is None:
        return (content_digest, hits, rule, (), None, None, None)
    return (
        content_digest, hits, rule, told.removed, told.text_digest, told.word_count, told.sketch,
    )  # fmt: skip
