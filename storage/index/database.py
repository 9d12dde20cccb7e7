"""The writer's database file: opened, created, checked, removed."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from storage.errors import DISK_FULL, ArchiveError, IndexFaultError, OutOfSpaceError
from storage.index.load import staging_folder
from storage.index.lock import busy
from storage.index.migrate import OLDEST, create_statements, migrate
from storage.index.schema import SCHEMA_VERSION, STORAGE_VERSION, literal
from storage.layout import Layout

log = logging.getLogger(__name__)
MEMORY = "1GB"  # the rest is spilled beside the database
# Each checkpoint packs the last texts anew and leaves the room they had: few are faster, the file is smaller.
_LOG = "256MB"
UNPUBLISHED = "UPDATE work.state SET unpublished = true WHERE NOT unpublished"
_NO_LEAVE = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_DISK_FAILS = frozenset({errno.EIO, errno.EROFS})
_REPLAY = "presswarc replay builds the index again from the WARC files"


def open_database(path: Path) -> duckdb.DuckDBPyConnection:
    """The writer's database, created when missing, brought to today's tables when older.

    Raises: IndexFaultError, ArchiveBusyError, OutOfSpaceError.
    """
    check_path(path)
    with no_room(path):
        if not path.exists():
            _make(path)
        connection = _connect(path)
        try:
            _bring_up(connection, path)
            connection.execute("SET TimeZone = 'UTC'")
        except BaseException:
            connection.close()
            raise
    return connection


def check_path(path: Path) -> None:
    """Nothing, where DuckDB can have a database. Raises: ArchiveError.

    It puts the log of `a?b/index.duckdb` at `a.wal?b/index.duckdb`, and takes a backslash for a slash.
    """
    found = next((letter for letter in "?\\" if letter in str(path.absolute())), "")
    if found:
        told = f"DuckDB can have no database at a path with a `{found}` in it"
        raise ArchiveError(told, hint="name another folder: --archive, PRESSWARC_ARCHIVE", where=str(path))


def _make(path: Path) -> None:
    """Make a database with today's tables, under another name: a half made one is nobody's index."""
    making = path.with_name(f"{path.name}.making")
    remove_database(making)
    remove_database(path)  # the log of one that is gone
    try:
        connection = _connect(making)
        try:
            with transaction(connection, making):
                for statement in create_statements():
                    connection.execute(statement)
        except BaseException:
            connection.close()
            raise
        close_whole(connection, making)
        making.replace(path)
    except BaseException:
        remove_database(making)
        raise


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    """Connection that writes. Raises: IndexFaultError, ArchiveBusyError."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "storage_compatibility_version": STORAGE_VERSION,
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": MEMORY,
        "wal_autocheckpoint": _LOG,
    }
    try:
        connection = duckdb.connect(str(path), config=config)
        _shut(connection)
        return connection  # noqa: TRY300 (what is caught below is what these calls raise)
    except duckdb.Error as error:
        if "Could not set lock" in str(error):
            raise busy(path, _pid_in(str(error))) from error
        if _tells(error, DISK_FULL | _DISK_FAILS):
            raise
        raise IndexFaultError(
            f"the index cannot be opened: {first_line(error)}", hint=_REPLAY, where=str(path)
        ) from error


def _shut(connection: duckdb.DuckDBPyConnection) -> None:
    """Close all files to SQL but the database's own and the batches that are staged.

    What is called a table in a file that somebody else has made may be a view of any file.
    """
    # A database that this process has open already is shared by DuckDB, with its settings.
    (is_open,) = connection.execute("SELECT current_setting('enable_external_access')").fetchall()[0]
    if is_open:
        connection.execute(f"SET GLOBAL allowed_directories = [{literal(f'{staging_folder()}/')}]")
        connection.execute("SET GLOBAL enable_external_access = false")


def _bring_up(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Bring an older index to today's tables. Raises: IndexFaultError where it can't be, OutOfSpaceError."""
    version = version_of(connection, path)
    if OLDEST <= version < SCHEMA_VERSION:
        log.info("the index is of version %d; it is brought to version %d", version, SCHEMA_VERSION)
        with transaction(connection, path):
            migrate(connection, version)
    else:
        check_version(version, path)


def version_of(connection: duckdb.DuckDBPyConnection, path: Path) -> int:
    """Version of the tables. Raises: IndexFaultError where they are not Presswarc's."""
    try:
        found = connection.execute("SELECT max(version) FROM schema_version").fetchone()
    except duckdb.Error as error:
        raise IndexFaultError("the index is not one of Presswarc's", hint=_REPLAY, where=str(path)) from error
    return int(found[0]) if found and found[0] is not None else 0


def check_version(version: int, path: Path) -> None:
    """Nothing, when the tables are those of this program. Raises: IndexFaultError."""
    check_not_newer(version, path)
    if version < SCHEMA_VERSION:
        hint = _REPLAY
        if version >= OLDEST:
            hint = "the next crawl or import brings it up to date, and so does presswarc replay"
        raise IndexFaultError(
            f"the index has no tables of version {SCHEMA_VERSION}: an older Presswarc made it",
            hint=hint,
            where=str(path),
        )


def check_not_newer(version: int, path: Path) -> None:
    """Nothing, when this program may know the tables. Raises: IndexFaultError."""
    if version > SCHEMA_VERSION:
        raise IndexFaultError(
            f"the index is of version {version}, this program knows version {SCHEMA_VERSION} and older",
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


def close_whole(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Close a database with all of it in its file. Raises: OutOfSpaceError, IndexFaultError.

    What is copied or renamed goes without its log, and closing alone says nothing of a write that failed.
    """
    with no_room(path):
        try:
            connection.execute("CHECKPOINT")
        finally:
            connection.close()


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
    """Turn a full or unwritable disk into OutOfSpaceError, a failing one into IndexFaultError."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        # A commit that finds no room is told as a transaction's fault, a write as one of input and output.
        if _tells(error, DISK_FULL) or (isinstance(error, OSError) and error.errno in _NO_LEAVE):
            raise OutOfSpaceError(
                f"the index cannot be written: {first_line(error)}",
                hint="free space, or give another --archive",
                where=str(path),
            ) from error
        # After a fatal error, as of an fsync, DuckDB refuses all further work and does not always say why.
        fails = isinstance(error, OSError | duckdb.FatalException) or _tells(error, _DISK_FAILS | _NO_LEAVE)
        if not fails:
            raise
        raise IndexFaultError(
            f"the index cannot be written: {first_line(error)}",
            hint="look after the disk and the folder, then run the same command: it goes on",
            where=str(path),
        ) from error


def _tells(error: BaseException, numbers: frozenset[int]) -> bool:
    """Whether DuckDB's message names one of the system's errors, as it does in words alone."""
    return any(os.strerror(number) in str(error) for number in numbers)


def first_line(error: BaseException) -> str:
    """First line of an error's message."""
    return str(error).strip().split("\n", 1)[0]


def _pid_in(message: str) -> str:
    """Process id that DuckDB names in its lock error.

    >>> _pid_in("Conflicting lock is held in /usr/bin/x (PID 41)")
    '41'
    """
    return message.partition("(PID ")[2].partition(")")[0]
