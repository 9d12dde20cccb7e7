"""The one writer of the index: values in, tables derived, a copy published.

The index is a function of the set of values added: neither their order nor their batches show in it, and
adding a value again changes nothing.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Self

import duckdb

from storage.errors import PresswarcError
from storage.index import rows
from storage.index.base_tables import CAPTURES, CRAWLS, DISCOVERIES, EXTRACTIONS, FAILURES
from storage.index.clusters import ClusterTables
from storage.index.database import (
    UNPUBLISHED,
    close_whole,
    first_line,
    no_room,
    open_database,
    remove_database,
    transaction,
)
from storage.index.derive import PORTION_ARTICLES, derive_portion, queue_articles
from storage.index.identity import update_identities
from storage.index.learned import LearnedTables
from storage.index.load import merge, replace, stage
from storage.index.lock import WriteLock
from storage.index.publish import replace_with_copy, sync_folder
from storage.index.schema import Table, columns
from storage.index.search_index import SearchTables
from storage.index.shown import mark_captures
from storage.index.tables import CONTENTS, EXTRAS
from storage.index.unsketched import Measured, renew_sketches
from storage.index.waiting import (
    drop_staged,
    lacking_extraction,
    note_captures,
    note_contents,
    note_extractions,
    settle_unextracted,
)
from storage.layout import Layout
from storage.model import Capture, Crawl, Discovered, Extraction, Failure

log = logging.getLogger(__name__)
_IDS = Table(name="ids", comment="", columns=columns("record_id | VARCHAR | Record"))
_READ_ELSEWHERE = "(t.warc_file, t.warc_offset) < (s.warc_file, s.warc_offset)"
_SWEEP = (
    """
    DELETE FROM work.contents WHERE content_digest NOT IN (SELECT content_digest FROM extractions)""",
    "DELETE FROM work.extras WHERE extras_digest NOT IN (SELECT extras_digest FROM extractions)",
)


class IndexWriter:
    """The writer's database `state/index.duckdb`, held against every other process while open.

    With `anew` an empty one is filled beside it and takes its place when published; until then the old one
    stays. With `aside` it is a copy that is worked on and takes its place in the same way.
    """

    def __init__(self, archive: Path, *, anew: bool = False, aside: bool = False) -> None:
        """Open or create. Raises: ArchiveBusyError, IndexFaultError, OutOfSpaceError."""
        layout = Layout(archive)
        self._published = layout.index
        self._settled = layout.state / "index.duckdb"
        self._path = layout.state / "index.anew.duckdb" if anew or aside else self._settled
        self._closed = self._is_published = False
        self._portion = PORTION_ARTICLES
        with no_room(layout.state):
            self._lock = WriteLock(layout.state / "lock")
        try:
            remove_database(layout.state / "index.anew.duckdb")
            if aside and not anew:
                self._copy_aside()
            self._connection = open_database(self._path)
        except BaseException:
            remove_database(layout.state / "index.anew.duckdb")
            self._lock.release()
            raise

    def __enter__(self) -> Self:
        """The writer."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close."""
        self.close()

    def close(self) -> None:
        """Close the database and let the next writer in; what was added is kept, published or not."""
        if not self._closed:
            self._closed = True
            self._close_connection()
            if self._path != self._settled:
                remove_database(self._path)
            self._lock.release()

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The database, for those that read it (`storage.index.choose`); it is another one once published."""
        return self._connection

    @property
    def path(self) -> Path:
        """The database's file."""
        return self._path

    @property
    def clusters(self) -> ClusterTables:
        """What clustering reads and writes."""
        return ClusterTables(self._connection, self._path)

    @property
    def learned(self) -> LearnedTables:
        """What learning of boilerplate reads and writes."""
        return LearnedTables(self._connection, self._path)

    @property
    def search(self) -> SearchTables:
        """What search is made of."""
        return SearchTables(self._connection, self._path)

    def add(
        self,
        *,
        crawls: Iterable[Crawl] = (),
        captures: Iterable[Capture] = (),
        failures: Iterable[Failure] = (),
        extractions: Iterable[Extraction] = (),
        discovered: Iterable[Discovered] = (),
        over: bool = False,
    ) -> None:
        """Commit all of these together, or none. Raises: OutOfSpaceError.

        With `over` they take the places of the rows of the same records, whatever those say; but a capture
        stays where it was read first.
        """
        put = replace if over else merge
        put_captures = partial(replace, unless=_READ_ELSEWHERE) if over else merge
        extractions = list(extractions)
        articles = [(one, one.article) for one in extractions if one.article is not None]
        with transaction(self._connection, self._path):
            changed = merge(self._connection, CRAWLS, map(rows.crawl_row, crawls))
            changed += put(self._connection, FAILURES, map(rows.failure_row, failures))
            changed += put(self._connection, DISCOVERIES, map(rows.discovered_row, discovered))
            if put_captures(self._connection, CAPTURES, map(rows.capture_row, captures)):
                changed += 1
                note_captures(self._connection)
            if put(self._connection, EXTRACTIONS, map(rows.extraction_row, extractions)):
                changed += 1
                note_extractions(self._connection)
            contents = put(self._connection, CONTENTS, itertools.starmap(rows.content_row, articles))
            if over and contents:
                changed += contents
                note_contents(self._connection)
            merge(self._connection, EXTRAS, (rows.extras_row(article) for _, article in articles))
            if changed:
                self._connection.execute(UNPUBLISHED)

    def drop_extractions(self, record_ids: Iterable[str]) -> None:
        """Forget what extraction made of these captures, where it was asked at all."""
        with transaction(self._connection, self._path):
            known = stage(self._connection, _IDS, ((record_id,) for record_id in record_ids))
            if known and drop_staged(self._connection):
                self._connection.execute(UNPUBLISHED)

    def sweep(self) -> None:
        """Remove contents and what stood around them that no extraction names any more."""
        with transaction(self._connection, self._path):
            for statement in _SWEEP:
                self._connection.execute(statement)

    def renew_sketches(self, measure: Callable[[str], Measured]) -> int:
        """Number of contents that an older program had measured, and that are as `measure` tells now."""
        return renew_sketches(self._connection, self._path, measure)

    def identify(self) -> None:
        """Find which URLs show one article, of what was added since the last time; before `refresh`."""
        if self._connection.execute("SELECT 1 FROM work.unidentified LIMIT 1").fetchone():
            with transaction(self._connection, self._path):
                update_identities(self._connection)
                self._connection.execute(UNPUBLISHED)

    def refresh(self) -> None:
        """Derive articles, versions, photos and blocks of what was added since the last time."""
        if self._connection.execute("FROM work.touched LIMIT 1").fetchone():
            with transaction(self._connection, self._path):
                mark_captures(self._connection)
                settle_unextracted(self._connection)
                self._connection.execute(UNPUBLISHED)
        with transaction(self._connection, self._path):
            count = queue_articles(self._connection, self._portion)
        for done in range(0, count, self._portion):
            with transaction(self._connection, self._path):
                derive_portion(self._connection, done, self._portion)
                self._connection.execute(UNPUBLISHED)

    def publish(self) -> Path | None:
        """The published file, replaced by what the index holds; None where nothing changed since.

        Raises: OutOfSpaceError.
        """
        stale = self._connection.execute("SELECT unpublished FROM work.state").fetchone()
        if stale == (False,) and self._published.exists():
            return None
        # Closed while it is copied: closing another descriptor of an open file drops DuckDB's lock on it.
        try:
            close_whole(self._connection, self._path)
            replace_with_copy(self._path, self._published)
            if self._path != self._settled:
                remove_database(self._settled)
                self._path = self._path.replace(self._settled)
                sync_folder(self._settled.parent)
        except BaseException:
            with suppress(PresswarcError):  # the first error is the one to tell
                self._connection = open_database(self._path)
            raise
        self._connection = open_database(self._path)
        # Last, so that a process killed before this line publishes once too often, not once too seldom.
        with transaction(self._connection, self._path):
            self._connection.execute("UPDATE work.state SET unpublished = false")
        self._is_published = True
        return self._published

    def warc_files(self) -> set[str]:
        """WARC files with at least one capture in the index."""
        return {
            str(row[0])
            for row in self._connection.execute("SELECT DISTINCT warc_file FROM captures").fetchall()
        }

    def crawl_ids(self) -> set[str]:
        """Crawls in the index."""
        return {str(row[0]) for row in self._connection.execute("SELECT crawl_id FROM crawls").fetchall()}

    def lacking_extraction(self) -> list[Capture]:
        """Captures that may hold an article and were not looked at yet, in the order of their files."""
        return lacking_extraction(self._connection)

    def _close_connection(self) -> None:
        """Close the database; a disk that fails now is told, though all is committed and published."""
        if not self._is_published:
            self._connection.close()
            return
        try:
            close_whole(self._connection, self._path)
        except (PresswarcError, duckdb.Error) as error:
            log.warning("all is archived and published, but the disk fails: %s", first_line(error))

    def _copy_aside(self) -> None:
        """Put a copy of the index, of the published one where the writer's is missing, beside it."""
        if self._settled.exists():
            close_whole(open_database(self._settled), self._settled)  # takes in what a kill left in the log
        source = self._settled if self._settled.exists() else self._published
        if source.exists():
            replace_with_copy(source, self._path)
