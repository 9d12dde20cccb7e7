"""The one writer of the index: values in, tables derived, a copy published.

The index is a function of the set of values added: neither their order nor their batches show in it, and
adding a value again changes nothing.
"""

# ruff: noqa: S608 (the names in these queries are this package's own; values go in as parameters or files)

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import duckdb

from storage.index import rows
from storage.index.clusters import ClusterTables
from storage.index.database import no_room, open_database, remove_database
from storage.index.derive import refresh
from storage.index.load import merge
from storage.index.lock import WriteLock
from storage.index.publish import replace_with_copy, sync_folder
from storage.index.tables import CAPTURES, CONTENTS, CRAWLS, EXTRACTIONS, EXTRAS, FAILURES
from storage.layout import Layout
from storage.model import Capture, Crawl, Extraction, Failure

_CAPTURE_FIELDS = (
    "record_id, url, source, crawl_id, captured_at, method, status, mime, payload_digest, record_type, "
    "warc_file, warc_offset, warc_length, truncated, protocol, ip, redirect_to, refers_to_url, refers_to_at"
)
_MAY_HOLD_ARTICLE = (
    "record_type = 'response' AND method = 'GET' AND status BETWEEN 200 AND 299 "
    "AND split_part(lower(mime), ';', 1) IN ('text/html', 'application/xhtml+xml', '')"
)
_LACKING = f"{_MAY_HOLD_ARTICLE} AND record_id NOT IN (SELECT record_id FROM extractions)"


class IndexWriter:
    """The writer's database `state/index.duckdb`, held against every other process while open.

    With `anew` an empty one is filled beside it and takes its place when published; until then the old one
    stays.
    """

    def __init__(self, archive: Path, *, anew: bool = False) -> None:
        """Open or create. Raises: ArchiveBusyError, IndexFaultError, OutOfSpaceError."""
        layout = Layout(archive)
        self._published = layout.index
        self._settled = layout.state / "index.duckdb"
        self._path = layout.state / "index.anew.duckdb" if anew else self._settled
        self._closed = False
        with no_room(layout.state):
            self._lock = WriteLock(layout.state / "lock")
        try:
            remove_database(layout.state / "index.anew.duckdb")
            self._connection = open_database(self._path)
        except BaseException:
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
            self._connection.close()
            self._lock.release()

    @property
    def clusters(self) -> ClusterTables:
        """What clustering reads and writes."""
        return ClusterTables(self._connection)

    def add(
        self,
        *,
        crawls: Iterable[Crawl] = (),
        captures: Iterable[Capture] = (),
        failures: Iterable[Failure] = (),
        extractions: Iterable[Extraction] = (),
    ) -> None:
        """Commit all of these together, or none. Raises: OutOfSpaceError."""
        extractions = list(extractions)
        articles = [(one, one.article) for one in extractions if one.article is not None]
        with self._transaction():
            changed = merge(self._connection, CRAWLS, map(rows.crawl_row, crawls))
            changed += merge(self._connection, FAILURES, map(rows.failure_row, failures))
            changed += self._touch(merge(self._connection, CAPTURES, map(rows.capture_row, captures)))
            changed += self._touch(
                merge(self._connection, EXTRACTIONS, map(rows.extraction_row, extractions))
            )
            merge(self._connection, CONTENTS, itertools.starmap(rows.content_row, articles))
            merge(self._connection, EXTRAS, (rows.extras_row(article) for _, article in articles))
            if changed:
                self._connection.execute("UPDATE work.state SET unpublished = true WHERE NOT unpublished")

    def refresh(self) -> None:
        """Derive articles, versions, photos and blocks of what was added since the last time."""
        if self._connection.execute("SELECT 1 FROM work.touched LIMIT 1").fetchone():
            with self._transaction():
                refresh(self._connection)
                self._connection.execute("UPDATE work.state SET unpublished = true WHERE NOT unpublished")

    def publish(self) -> Path | None:
        """The published file, replaced by what the index holds; None where nothing changed since.

        Raises: OutOfSpaceError.
        """
        stale = self._connection.execute("SELECT unpublished FROM work.state").fetchone()
        if stale == (False,) and self._published.exists():
            return None
        # Closed while it is copied: closing another descriptor of an open file drops DuckDB's lock on it.
        self._connection.close()
        try:
            replace_with_copy(self._path, self._published)
            if self._path != self._settled:
                remove_database(self._settled)
                self._path = self._path.replace(self._settled)
                sync_folder(self._settled.parent)
        finally:
            self._connection = open_database(self._path)
        # Last, so that a process killed before this line publishes once too often, not once too seldom.
        with self._transaction():
            self._connection.execute("UPDATE work.state SET unpublished = false")
        return self._published

    def warc_files(self) -> set[str]:
        """WARC files with at least one capture in the index."""
        return {
            str(row[0])
            for row in self._connection.execute("SELECT DISTINCT warc_file FROM captures").fetchall()
        }

    def lacking_extraction(self) -> list[Capture]:
        """Captures that may hold an article and were not looked at yet, in the order of their files."""
        found = self._connection.execute(
            f"SELECT {_CAPTURE_FIELDS} FROM captures WHERE {_LACKING} ORDER BY warc_file, warc_offset"
        ).fetchall()
        return [_capture(row) for row in found]

    def _touch(self, changed: int) -> int:
        """The number given; the URLs of the rows just merged are noted for the next refresh."""
        if changed:
            self._connection.execute(
                "INSERT INTO work.touched SELECT DISTINCT url FROM fresh ANTI JOIN work.touched USING (url)"
            )
        return changed

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """All that is done inside, or nothing."""
        with no_room(self._path):
            self._connection.execute("BEGIN")
            try:
                yield
                self._connection.execute("COMMIT")
            except BaseException:
                with suppress(duckdb.Error):  # the first error is the one to tell
                    self._connection.execute("ROLLBACK")
                raise


def _capture(row: tuple[object, ...]) -> Capture:
    """Capture from the columns of `_CAPTURE_FIELDS`."""
    names = _CAPTURE_FIELDS.split(", ")
    values = {
        name: value.replace(tzinfo=UTC) if isinstance(value, datetime) else value
        for name, value in zip(names, row, strict=True)
    }
    return Capture(**values)  # type: ignore[arg-type] # the columns have the types of the fields
