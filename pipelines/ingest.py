"""Rows into the index, in batches, and the index made current: both a live crawl and a replay end so."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Protocol

from pipelines.cluster import update_clusters
from pipelines.learned import update_learned
from pipelines.rereading import Unread, reread
from pipelines.run import ReadCapture, extract, extraction_row, needs_extraction, read_rows
from pipelines.search import update_search
from pipelines.sketch import measured
from pipelines.workers import CallFailedError, Workers
from storage.cdxj import CAPTURE_TYPES, line_of
from storage.cdxj_writing import NewLines
from storage.index.database import no_room
from storage.index.writer import IndexWriter
from storage.layout import Layout
from storage.model import Capture, Crawl, Damage, Discovered, Extraction, Failure, Record

log = logging.getLogger(__name__)
BATCH_ROWS = 2000  # each batch looks for its keys in whole tables
BATCH_CHARACTERS = 8 << 20  # of articles; a page may have four million
_AHEAD = 8  # calls handed to a worker pool beyond those that run

Row = Crawl | Capture | Failure | Discovered | Extraction
Rule = Callable[[Record, Capture], Extraction]  # to run in a worker: it must pickle
Take = Callable[[Crawl | Capture | Failure | Discovered], bool]


class Ingest:
    """Collects rows, adds them to an index writer a batch at a time, and keeps the CDXJ beside it."""

    def __init__(self, writer: IndexWriter, cdxj: Path, *, anew: bool = False, over: bool = False) -> None:
        """Write with `writer`, and to the file `cdxj` at the end, which is started `anew` if asked.

        With `over` rows take the places of those of the same records.
        """
        self._anew = anew
        self._over = over
        self._bare: list[str] = []
        self.extracted = 0
        self.writer = writer
        self._lines = NewLines(cdxj)
        self._rows: list[Row] = []
        self._characters = 0

    def add(self, row: Row) -> None:
        """Take one row; the batch it fills is committed."""
        self._rows.append(row)
        if isinstance(row, Capture) and row.record_type in CAPTURE_TYPES:
            self._lines.add(line_of(row))
        elif isinstance(row, Extraction):
            self.extracted += 1
            self._characters += len(row.article.text) if row.article is not None else 0
        if len(self._rows) >= BATCH_ROWS or self._characters >= BATCH_CHARACTERS:
            self.flush()

    def flush(self) -> None:
        """Commit what was taken."""
        rows, self._rows, self._characters = self._rows, [], 0
        if rows:
            self.writer.add(
                crawls=[row for row in rows if isinstance(row, Crawl)],
                captures=[row for row in rows if isinstance(row, Capture)],
                failures=[row for row in rows if isinstance(row, Failure)],
                extractions=[row for row in rows if isinstance(row, Extraction)],
                discovered=[row for row in rows if isinstance(row, Discovered)],
                over=self._over,
            )
        bare, self._bare = self._bare, []
        if bare:
            self.writer.drop_extractions(bare)

    def add_bare(self, capture: Capture) -> None:
        """Take a capture that is not extracted: with `over`, what an earlier extraction gave is forgotten."""
        if self._over:
            self._bare.append(capture.record_id)
            if len(self._bare) >= BATCH_ROWS:
                self.flush()

    def settle(self) -> None:
        """Commit what was taken, and write its lines to the CDXJ."""
        self.flush()
        if self._lines:
            self._lines.write(anew=self._anew)
            self._anew = False

    def finish(self) -> Path | None:
        """Derive what changed and publish; the published file, None where nothing changed.

        Raises: OutOfSpaceError, IndexFaultError.
        """
        with no_room(self.writer.path):
            self.settle()
            self.writer.renew_sketches(measured)
            update_learned(self.writer)
            self.writer.identify()
            self.writer.refresh()
            update_clusters(self.writer)
            update_search(self.writer)
            return self.writer.publish()


def extractions(
    pairs: Iterable[tuple[Capture, Record]], workers: Workers, rule: Rule = extract
) -> Iterator[Extraction]:
    """Extraction of each capture by `rule`, in order, several at a time in `workers`."""
    running: deque[tuple[Capture, Future[Extraction]]] = deque()
    for capture, record in pairs:
        running.append((capture, workers.submit(rule, record, capture)))
        if len(running) > _AHEAD:
            yield result_of(*running.popleft())
    while running:
        yield result_of(*running.popleft())


def result_of(capture: Capture, future: Future[Extraction]) -> Extraction:
    """The extraction, or the row that says why there is none."""
    try:
        return future.result()
    except CallFailedError as error:
        return extraction_row(capture, error.outcome, reason=error.reason)


class Takes(Protocol):
    """What the rows of a file are given to: an `Ingest`, or something before one."""

    def add(self, row: Row) -> None:
        """Take one row."""

    def add_bare(self, capture: Capture) -> None:
        """Take note that a capture is not extracted."""


def absorb(
    ingest: Takes,
    path: Path,
    warc_file: str,
    workers: Workers,
    *,
    take: Take = lambda _: True,
    rule: Rule = extract,
) -> list[Damage]:
    """Add everything that a WARC file holds for the index and that `take` takes; the damages found in it.

    Adding a file again changes nothing, unless the ingest puts rows over those that are there.
    """
    damages: list[Damage] = []

    def pairs() -> Iterator[tuple[Capture, Record]]:
        for row in read_rows(path, warc_file):
            if isinstance(row, Damage):
                damages.append(row)
            elif isinstance(row, ReadCapture) and take(row.capture):
                ingest.add(row.capture)
                if needs_extraction(row.capture):
                    yield row.capture, row.record
                else:
                    ingest.add_bare(row.capture)
            elif not isinstance(row, ReadCapture) and take(row):
                ingest.add(row)

    for extraction in extractions(pairs(), workers, rule):
        ingest.add(extraction)
    return damages


def catch_up(ingest: Ingest, layout: Layout, workers: Workers, running: Container[str] = frozenset()) -> int:
    """Extract every capture in the index that still lacks it; how many there were.

    The crawls that are `running` extract their own.
    """
    ingest.flush()
    waiting = [
        one
        for one in ingest.writer.lacking_extraction()
        if needs_extraction(one) and one.crawl_id not in running
    ]
    for extraction in extractions(_with_records(waiting, layout), workers):
        ingest.add(extraction)
    return len(waiting)


def _with_records(captures: Iterable[Capture], layout: Layout) -> Iterator[tuple[Capture, Record]]:
    """Captures with their records, read from the WARC files; what can't be read is left waiting."""
    for found in reread(captures, layout):
        if isinstance(found, Unread):
            capture = found.capture
            log.warning("%s at %d: %s", capture.warc_file, capture.warc_offset, found.reason)
        else:
            yield found
