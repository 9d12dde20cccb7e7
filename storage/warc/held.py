"""A file that is being written, and somebody else who moves, removes, replaces or cuts it meanwhile."""

from __future__ import annotations

import fcntl
import logging
import os
from io import FileIO
from pathlib import Path

from storage.errors import ArchiveError

log = logging.getLogger(__name__)
_PIECE_BYTES = 1 << 20


def held(file: FileIO, path: Path) -> FileIO:
    """The open file at `path`: `file`, or a copy of it put there again where nothing lies at `path` any more.

    Raises: ArchiveError where another file lies there, or bytes of this one are gone; OSError.
    """
    try:
        there = path.stat()
    except FileNotFoundError:
        return _put_back(file, path)
    if not os.path.samestat(there, os.fstat(file.fileno())):
        raise _taken(path, "another file was put in its place")
    if there.st_size != file.tell():
        raise _taken(path, f"its length was changed from {file.tell()} to {there.st_size} bytes")
    return file


def is_locked(file: FileIO, path: Path) -> bool:
    """Whether the file just made is locked by us, and no salvage came between."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def write_all(file: FileIO, data: bytes) -> None:
    """Write every byte, however few the system takes at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) or 0 :]


def _put_back(file: FileIO, path: Path) -> FileIO:
    """A locked copy at `path` of what was written so far, which the system keeps while it is open."""
    log.warning("%s was moved or removed while it was written; it is written there again", path)
    path.parent.mkdir(parents=True, exist_ok=True)
    copy = path.open("x+b", buffering=0)
    try:
        fcntl.flock(copy, fcntl.LOCK_EX | fcntl.LOCK_NB)
        while part := os.pread(file.fileno(), _PIECE_BYTES, copy.tell()):
            write_all(copy, part)
    except BaseException:
        copy.close()
        path.unlink(missing_ok=True)
        raise
    file.close()
    return copy


def _taken(path: Path, what: str) -> ArchiveError:
    """The error to raise for a file that somebody else has changed."""
    return ArchiveError(
        f"{path.name} is not as it was written: {what}",
        hint="find out who changes the archive's files; presswarc verify tells what is lost",
        where=str(path),
    )
