"""The writer's database file: opened, created, checked, removed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from storage.errors import IndexFaultError, OutOfSpaceError
from storage.index.lock import busy
from storage.index.schema import SCHEMA_VERSION, STORAGE_VERSION
from storage.index.tables import TABLES
from storage.index.views import VIEWS
from storage.layout import Layout


def open_database(path: Path) -> duckdb.DuckDBPyConnection:
    """The writer's database, created when missing. Raises: IndexFaultError, ArchiveBusyError."""
    hint = "presswarc replay builds the index again from the WARC files"
    fresh = not path.exists()
    with no_room(path):
        try:
            connection = duckdb.connect(
                str(path),
                config={
                    "storage_compatibility_version": STORAGE_VERSION,
                    "autoinstall_known_extensions": "false",
                },
            )
        except duckdb.Error as error:
            if "Could not set lock" in str(error):
                raise busy(path, _pid_in(str(error))) from error
            if "No space left" in str(error):
                raise
            raise IndexFaultError(
                f"the index cannot be opened: {_first_line(error)}", hint=hint, where=str(path)
            ) from error
        try:
            if fresh:
                connection.execute("BEGIN")
                for statement in create_statements():
                    connection.execute(statement)
                connection.execute("COMMIT")
            check_version(connection, path, hint)
            connection.execute("SET TimeZone = 'UTC'")
        except BaseException:
            connection.close()
            if fresh:
                remove_database(path)
            raise
    return connection


def check_version(connection: duckdb.DuckDBPyConnection, path: Path, hint: str) -> None:
    """Nothing, when the tables are those of this program. Raises: IndexFaultError."""
    try:
        found = connection.execute("SELECT max(version) FROM schema_version").fetchone()
    except duckdb.Error as error:
        raise IndexFaultError("the index is not one of Presswarc's", hint=hint, where=str(path)) from error
    version = found[0] if found else None
    if version is None or version < SCHEMA_VERSION:
        raise IndexFaultError(
            f"the index has no tables of version {SCHEMA_VERSION}: an older Presswarc made it",
            hint=hint,
            where=str(path),
        )
    if version > SCHEMA_VERSION:
        raise IndexFaultError(
            f"the index is of version {version}, this program writes version {SCHEMA_VERSION}",
            hint="use the newer Presswarc, or presswarc replay to build the index again with this one",
            where=str(path),
        )


def no_index(archive: Path) -> IndexFaultError:
    """The error to raise where an archive has no published index, with the way to one."""
    layout = Layout(archive)
    if layout.warc_files():
        told, hint = "the archive has WARC files but no index", f"presswarc replay --archive {archive}"
    else:
        told, hint = "there is no index here yet", "presswarc crawl SEED, or presswarc demo"
    return IndexFaultError(told, hint=hint, where=str(layout.index))


def create_statements() -> list[str]:
    """SQL that makes an empty index of this version."""
    statements = ["CREATE SCHEMA work"]
    for part in (*TABLES, *VIEWS):
        statements += part.statements()
    statements.append(f"INSERT INTO schema_version VALUES ({SCHEMA_VERSION})")  # noqa: S608 (our own number)
    statements.append("INSERT INTO work.state VALUES (true)")
    return statements


def remove_database(path: Path) -> None:
    """Remove a database file and its log."""
    path.unlink(missing_ok=True)
    path.with_name(path.name + ".wal").unlink(missing_ok=True)


@contextmanager
def transaction(connection: duckdb.DuckDBPyConnection, path: Path) -> Iterator[None]:
    """All that is done inside, or nothing; `path` is the database's. Raises: OutOfSpaceError."""
    with no_room(path):
        connection.execute("BEGIN")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            with suppress(duckdb.Error):  # the first error is the one to tell
                connection.execute("ROLLBACK")
            raise


@contextmanager
def no_room(path: Path) -> Iterator[None]:
    """Turn a full or unwritable disk into OutOfSpaceError."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        # A commit that finds no room is told as a transaction's fault, a write as one of input and output.
        if isinstance(error, duckdb.Error) and "No space left" not in str(error):
            raise
        raise OutOfSpaceError(
            f"the index cannot be written: {_first_line(error)}",
            hint="free space, or give another --archive",
            where=str(path),
        ) from error


def _first_line(error: BaseException) -> str:
    """First line of an error's message."""
    return str(error).strip().split("\n", 1)[0]


def _pid_in(message: str) -> str:
    """Process id that DuckDB names in its lock error.

    >>> _pid_in("Conflicting lock is held in /usr/bin/x (PID 41)")
    '41'
    """
    return message.partition("(PID ")[2].partition(")")[0]
