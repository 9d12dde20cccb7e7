"""The published index compared with what today's rules make of the same captures. Changes nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import duckdb

from crawler.replaying import check_names, warc_name
from pipelines.differences import Difference, compare, gave_article, is_same
from pipelines.ingest import Rule, extractions
from pipelines.rereading import Unread, reread
from pipelines.run import extract, needs_extraction
from pipelines.tally import ArticleDifferences, Tally
from pipelines.workers import Workers
from storage.errors import ArchiveError
from storage.index.choose import Choice, choose
from storage.index.stored import Stored, stored_articles, stored_by_article
from storage.layout import Layout
from storage.model import Capture, Extraction, Record
from storage.query import open_current

_PORTION = 4000  # captures whose rows are in memory at once, more or less
_DIFFERING = 50  # of which the texts are, too
_HEX = "0123456789abcdef"


class Comparison:
    """One comparison: counts in `tally`, which grow while `articles` is read; `chosen` captures in all."""

    def __init__(
        self,
        archive: Layout,
        choice: Choice,
        workers: Workers,
        *,
        files: Iterable[Path] = (),
        rule: Rule = extract,
    ) -> None:
        """Choose among the captures in the published index. Raises: IndexFaultError, UsageError."""
        self.tally = Tally()
        self._archive = archive
        self._workers = workers
        self._rule = rule
        names = tuple(warc_name(archive, path) for path in files)
        self._connection = open_current(archive.root)
        try:
            self._choose(replace(choice, warc_files=names))
        except BaseException:
            self._connection.close()
            raise

    def _choose(self, choice: Choice) -> None:
        check_names(self._connection, choice)
        try:
            chosen = choose(self._connection, choice)
        except duckdb.OutOfMemoryException as error:
            hint = "choose fewer with --host, --source or --since"
            raise ArchiveError("there are too many captures to compare at once", hint=hint) from error
        self.chosen = chosen.asked + chosen.bodies

    def close(self) -> None:
        """Let go of the index."""
        self._connection.close()

    def articles(self) -> Iterator[ArticleDifferences]:
        """Each article with something that differs, in order of article_id, which mixes hosts and times."""
        for start in _starts(self.chosen):
            for _, group in groupby(self._extracted(start), key=lambda pair: pair[0].article_id):
                article = self._article(group)
                self.tally.add(article)
                if article.differences:
                    yield article

    def _article(self, group: Iterable[tuple[Stored, Extraction | None]]) -> ArticleDifferences:
        """What differs in the captures of one article."""
        captures, was, is_now = 0, False, False
        article_id = ""
        differences: list[Difference] = []
        waiting: list[tuple[Stored, Extraction | None]] = []
        for stored, extraction in group:
            captures += 1
            article_id = stored.article_id
            was = was or gave_article(stored.outcome)
            is_now = is_now or bool(extraction and extraction.article)
            if not is_same(stored, extraction):
                waiting.append((stored, extraction))
            if len(waiting) >= _DIFFERING:
                differences += self._compared(waiting)
                waiting = []
        return ArticleDifferences(
            article_id=article_id,
            captures=captures,
            was=was,
            is_now=is_now,
            differences=(*differences, *self._compared(waiting)),
        )

    def _compared(self, pairs: list[tuple[Stored, Extraction | None]]) -> Iterator[Difference]:
        """The differences of these, with the texts that the index has."""
        articles = stored_articles(self._connection, [stored for stored, _ in pairs]) if pairs else {}
        for stored, extraction in pairs:
            found = compare(stored, articles.get((stored.content_digest, stored.extras_digest)), extraction)
            if found:
                yield found

    def _extracted(self, start: str) -> Iterator[tuple[Stored, Extraction | None]]:
        """Captures whose article_id begins so, with what today's rules make of each: None if not a page."""
        pending: deque[Stored] = deque()
        for extraction in extractions(self._pages(start, pending), self._workers, self._rule):
            while pending[0].capture.record_id != extraction.record_id:
                yield pending.popleft(), None
            yield pending.popleft(), extraction
        while pending:
            yield pending.popleft(), None

    def _pages(self, start: str, pending: deque[Stored]) -> Iterator[tuple[Capture, Record]]:
        """The pages among them with their records; into `pending` goes each that is compared, in order."""
        for stored in stored_by_article(self._connection, start):
            if needs_extraction(stored.capture):
                for found in reread([stored.capture], self._archive):
                    if isinstance(found, Unread):
                        self.tally.unread[stored.capture.warc_file, found.reason] += 1
                    else:
                        pending.append(stored)
                        yield found
            elif stored.outcome is not None:
                pending.append(stored)
            else:
                self.tally.without_body += 1


def _starts(captures: int) -> Iterator[str]:
    """Beginnings of article_ids that part so many captures into portions of a size that memory holds.

    >>> list(_starts(10)), len(list(_starts(60_000)))
    ([''], 16)
    """
    starts = [""]
    while captures > _PORTION * len(starts):
        starts = [start + digit for start in starts for digit in _HEX]
    yield from starts
