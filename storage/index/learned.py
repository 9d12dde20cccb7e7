"""The tables of learned boilerplate: how often lines recur on a host, which were learned, texts without them.

`pipelines.learned` decides; here is what it reads and writes. What is learned of a host is a function of all
extractions that name the host, and a text without learned lines is one of the text and of what was learned,
so that neither order nor batches of what was added show in the result. It is brought up to date before
articles are derived, for the hosts of the URLs touched since; an article that it changes is touched too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from storage.index import learned_queries as queries
from storage.index.database import transaction
from storage.index.learned_tables import CLEANED, LEARNED_LINES
from storage.index.load import stage

_TEXTS_AT_ONCE = 500

_DIFFERING = """
CREATE OR REPLACE TEMP TABLE learning_differing AS
SELECT row_number() OVER (ORDER BY h.hits IS NULL, content_digest) AS number, content_digest,
       h.hits, h.rule
FROM learning_hits h FULL JOIN (
    SELECT * FROM work.cleaned
    WHERE content_digest IN (SELECT content_digest FROM extractions SEMI JOIN learning_hosts USING (host))
       OR content_digest NOT IN (SELECT content_digest FROM extractions)
) c USING (content_digest)
WHERE h.hits IS DISTINCT FROM c.hits OR h.rule IS DISTINCT FROM c.rule
"""
_FORGET = """
DELETE FROM work.cleaned c USING learning_differing d WHERE c.content_digest = d.content_digest
"""
_TOUCH = """
INSERT INTO work.touched
SELECT DISTINCT url FROM extractions SEMI JOIN learning_differing USING (content_digest)
ANTI JOIN work.touched USING (url)
"""
_UNCLEANED = """
SELECT content_digest, c."text", d.hits, d.rule
FROM learning_differing d JOIN work.contents c USING (content_digest)
WHERE d.hits IS NOT NULL AND d.number >= ? AND d.number < ?
ORDER BY d.number
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
    """A text without learned lines; `removed` are the positions of those that were taken out."""

    removed: tuple[int, ...]
    text: str
    text_digest: str
    word_count: int
    sketch: tuple[int, ...]


Clean = Callable[[str, Sequence[Hit]], Cleaned | None]


class LearnedTables:
    """What learning reads and writes in the index."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path) -> None:
        """Work in the writer's database, which lies at `path`."""
        self._connection = connection
        self._path = path

    def count(self) -> bool:
        """Whether lines were counted anew: on the hosts of the URLs touched since articles were derived."""
        self._connection.execute(queries.HOSTS)
        if not self._connection.execute("FROM learning_hosts LIMIT 1").fetchall():
            return False
        with transaction(self._connection, self._path):
            for statement in queries.COUNTING:
                self._connection.execute(statement)
        return True

    def recurring(self) -> list[Recurring]:
        """Lines of the counted hosts that recur, by host and text."""
        rows = self._connection.execute('FROM learning_evidence ORDER BY host, "text"').fetchall()
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
        rows = self._connection.execute(
            'SELECT page, c."text", c.authors FROM learning_pages '
            "JOIN work.contents c USING (content_digest) WHERE list_contains(?::INTEGER[], page)",
            [sorted(set(pages))],
        ).fetchall()
        return {page: PageText(text=text, authors=tuple(authors or ())) for page, text, authors in rows}

    def store(self, learned: Sequence[LearnedLine], clean: Clean) -> int:
        """Number of texts that `clean` was asked for: those that have other learned lines than before.

        The lines take the place of all that was learned of the counted hosts.
        """
        with transaction(self._connection, self._path):
            self._connection.execute(
                "DELETE FROM learned_lines WHERE host IN (SELECT host FROM learning_hosts) "
                "OR host NOT IN (SELECT host FROM extractions)"
            )
            if stage(self._connection, LEARNED_LINES, map(_learned_row, learned)):
                self._connection.execute("INSERT INTO learned_lines SELECT * FROM staged")
            for statement in (queries.HITS, _DIFFERING, _FORGET, _TOUCH):
                self._connection.execute(statement)
            (count,) = self._connection.execute("SELECT count(*) FROM learning_differing").fetchall()[0]
            cleaned = 0
            for start in range(1, int(count) + 1, _TEXTS_AT_ONCE):
                rows = self._connection.execute(_UNCLEANED, [start, start + _TEXTS_AT_ONCE]).fetchall()
                if stage(self._connection, CLEANED, (_cleaned_row(row, clean) for row in rows)):
                    self._connection.execute("INSERT INTO work.cleaned SELECT * FROM staged")
                    cleaned += len(rows)
        return cleaned


def _learned_row(line: LearnedLine) -> tuple[object, ...]:
    """Row of `learned_lines`."""
    one = line.recurring
    return (
        one.host, one.text, line.place, one.articles, one.of_articles, one.facet, one.facet_articles,
        one.of_facet_articles, one.first_at, one.last_at, line.rule, one.digest,
    )  # fmt: skip


def _cleaned_row(row: Sequence[Any], clean: Clean) -> tuple[object, ...]:
    """Row of `work.cleaned` from one of `_UNCLEANED`."""
    content_digest, text, hits, rule = row
    told = clean(text, [Hit(position=one["position"], place=one["place"]) for one in hits])
    if told is None:
        return (content_digest, hits, rule, (), None, None, None, None)
    return (
        content_digest, hits, rule, told.removed, told.text, told.text_digest, told.word_count,
        told.sketch,
    )  # fmt: skip
