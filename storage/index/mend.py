"""The writer's database, where it is damaged: set aside, and begun again from the published copy."""

from __future__ import annotations

import logging
from pathlib import Path

import duckdb

from storage.errors import IndexFaultError
from storage.index.lock import WriteLock
from storage.index.publish import replace_with_copy
from storage.index.writer import IndexWriter
from storage.layout import Layout
from storage.sqlite_faults import free_name

log = logging.getLogger(__name__)
_DAMAGED = ("Corrupt database file", "not a valid DuckDB database file", "Could not read enough bytes")


def open_mended(archive: Path) -> tuple[IndexWriter, list[Path]]:
    """The index opened to write, and what was set aside for it because it was damaged.

    Where anything was, the index may lack what was captured since it was last published, or all of it: the
    caller adds what the WARC files have. Raises: ArchiveBusyError, IndexFaultError, OutOfSpaceError.
    """
    asides: list[Path] = []
    for from_published in (True, False):
        try:
            return IndexWriter(archive), asides
        except IndexFaultError as error:
            if not is_damaged(error):
                raise
            asides.append(_set_aside(Layout(archive), from_published=from_published))
            told = "the published copy takes its place" if from_published else "it is built again"
            log.warning("%s; it is set aside as %s, and %s", error.message, asides[-1], told)
    return IndexWriter(archive), asides


def is_damaged(error: IndexFaultError) -> bool:
    """Whether it tells of bytes that are not as they were written."""
    return isinstance(error.__cause__, duckdb.Error) and any(sign in error.message for sign in _DAMAGED)


def _set_aside(layout: Layout, *, from_published: bool) -> Path:
    """Where the database lies from now on, its log beside it."""
    path = layout.state / "index.duckdb"
    with WriteLock(layout.state / "lock"):
        aside = free_name(path.with_name(f"{path.name}.damaged"))
        path.replace(aside)
        log_file = path.with_name(f"{path.name}.wal")
        if log_file.exists():
            log_file.replace(aside.with_name(f"{aside.name}.wal"))
        if from_published and layout.index.is_file():
            replace_with_copy(layout.index, path)
    return aside
