"""Why SQLite could not use a file: its codes do not tell a full disk from a failing one."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path

from storage.errors import DISK_FULL, OutOfSpaceError

_FULL = frozenset({"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"})  # the second where the WAL's index has no room
_UNTOLD = ("SQLITE_IOERR", "SQLITE_CANTOPEN")
_NO_DATABASE = frozenset({"SQLITE_NOTADB", "SQLITE_CORRUPT"})
_TRIED_BYTES = 8192


def is_full(error: BaseException, path: Path | None = None) -> bool:
    """Whether a file or database could not be written for want of room.

    Where SQLite does not say, the disk that `path` lies on is asked.
    """
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", "") or ""
        return name in _FULL or (path is not None and name.startswith(_UNTOLD) and not _has_room(path.parent))
    return isinstance(error, OutOfSpaceError) or (isinstance(error, OSError) and error.errno in DISK_FULL)


def is_damaged(error: BaseException) -> bool:
    """Whether a file is no database, or a damaged one."""
    return getattr(error, "sqlite_errorname", "").partition("_VTAB")[0] in _NO_DATABASE


def set_aside(path: Path) -> Path:
    """Where a database that can't be used lies from now on, with what belongs to it."""
    aside = path.with_name(f"{path.name}.damaged")
    for ending in ("-wal", "-shm", "-journal"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    return path.replace(aside)


def _has_room(folder: Path) -> bool:
    """Whether a small file can be written there, as far as room goes."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_TRIED_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.errno not in DISK_FULL
    return True
