"""SQLite files that can't be used: its error codes do not tell a full disk from a failing one."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from contextlib import closing
from itertools import chain, count
from pathlib import Path

from storage.errors import DISK_FULL, OutOfSpaceError

_FULL = frozenset({"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"})  # the second where the WAL's index has no room
_UNTOLD = ("SQLITE_IOERR", "SQLITE_CANTOPEN")
_NO_DATABASE = frozenset({"SQLITE_NOTADB", "SQLITE_CORRUPT"})
_NO_LEAVE = ("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")
_TRIED_BYTES = 8192


def is_full(error: BaseException, path: Path | None = None) -> bool:
    """Whether a file or database could not be written for want of room.

    Where SQLite does not say, the disk that the database `path` lies on is asked.
    """
    if isinstance(error, sqlite3.Error):
        name = _name(error)
        return name in _FULL or (path is not None and name.startswith(_UNTOLD) and not _has_room(path))
    return isinstance(error, OutOfSpaceError) or (isinstance(error, OSError) and error.errno in DISK_FULL)


def is_damaged(error: BaseException | None) -> bool:
    """Whether a file is no database, or a damaged one."""
    return _name(error).partition("_VTAB")[0].partition("_INDEX")[0] in _NO_DATABASE


def foreign(told: str) -> sqlite3.DatabaseError:
    """The error to raise for a database that is somebody else's: it is treated as a damaged one."""
    error = sqlite3.DatabaseError(told)
    error.sqlite_errorname = "SQLITE_NOTADB"
    return error


def remedy(error: BaseException, otherwise: str) -> str:
    """What to try: rights and a failing disk are no reason to remove the file, as `otherwise` may say."""
    name = _name(error)
    if name.startswith(_NO_LEAVE) or isinstance(error, OSError):
        return "check the rights of the folder"
    return "look after the disk, then run the same command" if name.startswith("SQLITE_IOERR") else otherwise


def is_sound(path: Path) -> bool:
    """Whether all of a database can be read; of none there, there is nothing to mend."""
    if not path.exists():
        return True
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)) as db:
            found: tuple[str] = db.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error:
        return False
    return found == ("ok",)


def set_aside(path: Path) -> Path:
    """Where a database that can't be used lies from now on, with what belongs to it; nothing is replaced."""
    aside = free_name(path.with_name(f"{path.name}.damaged"))
    for ending in ("-wal", "-journal"):  # first: SQLite takes what lies there for that of the next file
        beside = path.with_name(path.name + ending)
        if beside.exists():
            beside.replace(aside.with_name(aside.name + ending))
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    return path.replace(aside)


def free_name(path: Path) -> Path:
    """The path, or one with a number behind its name where something lies there already."""
    names = chain([path.name], (f"{path.name}.{number}" for number in count(2)))
    return next(one for one in map(path.with_name, names) if not one.exists())


def _name(error: BaseException | None) -> str:
    """SQLite's own name of an error, empty for an error of another kind."""
    return getattr(error, "sqlite_errorname", None) or ""


def _has_room(path: Path) -> bool:
    """Whether a file as large as the database and a little larger can be written beside it."""
    try:
        large = path.stat().st_size if path.exists() else 0
        with tempfile.TemporaryFile(dir=path.parent) as file:
            file.seek(large)  # what lies before takes no room
            file.write(bytes(_TRIED_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return error.errno not in DISK_FULL
    return True
