"""Files that get their name once they are whole."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from storage.errors import DISK_FULL, OutOfSpaceError, PresswarcError, UsageError

_REPLACED = "replaced"


def refuse_existing(path: Path, *, force: bool) -> None:
    """Nothing, unless a file would be overwritten that must not be. Raises: UsageError."""
    if path.is_dir():
        raise UsageError("this is a folder, not a file", hint="name the file to write", where=str(path))
    if path.is_file() and not force:
        raise UsageError("there is a file here already", hint="--force replaces it", where=str(path))


@contextmanager
def whole_file(path: Path, *, force: bool) -> Iterator[BinaryIO]:
    """The file to write; it is at `path` once all is written, and where anything fails nothing is left.

    A device or a pipe is written to as it is. Raises: UsageError, OutOfSpaceError.
    """
    refuse_existing(path, force=force)
    special = path.exists() and not path.is_file()
    target = path if special else unfinished(path)
    try:
        with target.open("wb") as file:
            if not special:
                _lock(file.fileno())
            yield file
            file.flush()
            if not special:
                os.fsync(file.fileno())
        if not special:
            refuse_existing(path, force=force)
            target.replace(path)
            _remove_left(path)
    except OSError as error:
        if isinstance(error, BrokenPipeError):
            raise
        raise unwritable(error, path) from error
    finally:
        if not special:
            with suppress(OSError):  # it never came to be, or has its own name by now
                target.unlink()


def unfinished(path: Path) -> Path:
    """Where what will be at `path` is made."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


@contextmanager
def scratch_folder(path: Path) -> Iterator[Path]:
    """A folder of its own, absolute, beside `path` for what will be there; it goes with all left in it.

    Raises: UsageError, OutOfSpaceError.
    """
    folder = unfinished(path).absolute()
    handle = -1
    try:
        folder.mkdir()
        handle = os.open(folder, os.O_RDONLY)
        _lock(handle)
        yield folder
        _remove_left(path)
    except OSError as error:
        raise unwritable(error, path) from error
    finally:
        if handle >= 0:
            os.close(handle)
        if path.exists() or not (folder / _REPLACED).exists():
            shutil.rmtree(folder, ignore_errors=True)


def _lock(handle: int) -> None:
    """Show other processes that this is being written; where there are no locks they leave it alone."""
    with suppress(OSError):
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove_left(path: Path) -> None:
    """Remove what processes that were killed left unfinished of what is at `path` now."""
    name = re.compile(rf"\.{re.escape(path.name)}\.[0-9]+\.part")
    with suppress(OSError):
        for left in [one for one in path.parent.iterdir() if name.fullmatch(one.name)]:
            _remove_unlocked(left)


def _remove_unlocked(left: Path) -> None:
    """Remove a file or folder that nobody has locked."""
    with suppress(OSError):
        handle = os.open(left, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        finally:
            os.close(handle)


def put_folder(made: Path, path: Path, marker: str, *, force: bool) -> None:
    """Give a whole folder its name, in the place of one with `marker` in it. Raises: PresswarcError."""
    refuse_folder(path, marker, force=force)
    before = made.with_name(_REPLACED)
    if path.is_dir() and any(path.iterdir()):
        path.rename(before)
    try:
        made.rename(path)
    except OSError as error:
        try:
            if before.is_dir():
                before.rename(path)
        except OSError:
            told = f"cannot write {path.name}, nor put back the export that was there: {error.strerror}"
            raise PresswarcError(
                told, hint=f"look after the disk, then move it to {path}", where=str(before)
            ) from error
        raise


def refuse_folder(path: Path, marker: str, *, force: bool) -> None:
    """Nothing, unless something would be replaced that must not be. Raises: UsageError."""
    if path.is_dir():
        if not any(path.iterdir()):
            return
        if not (path / marker).is_file():
            told = "this folder holds something else"
            raise UsageError(told, hint="name a folder that is empty or not there yet", where=str(path))
    if path.exists() and not force:
        raise UsageError("there is an export here already", hint="--force replaces it", where=str(path))
    if path.exists() and not path.is_dir():
        raise UsageError("this is a file, not a folder", hint="name a folder", where=str(path))


def put_file(made: Path, path: Path, *, force: bool) -> None:
    """Give a whole file its name, once its bytes are on the disk. Raises: UsageError."""
    with made.open("rb") as file:
        os.fsync(file.fileno())
    refuse_existing(path, force=force)
    made.replace(path)


def _is_unfinished(path: Path) -> bool:
    """Whether a path is one of ours, or in one."""
    return any(part.startswith(".") and part.endswith(".part") for part in path.parts)


def unwritable(error: OSError, path: Path) -> PresswarcError:
    """The error to raise where `path` could not be written, or what goes into it not be read."""
    read = error.filename is not None and not _is_unfinished(Path(error.filename))
    if error.errno in DISK_FULL:
        return OutOfSpaceError(
            f"no space left to write {path.name}",
            hint="make room, or name a file on another disk",
            where=str(path),
        )
    if read and str(error.filename) != str(path):
        return PresswarcError(f"cannot read: {error.strerror}", where=str(error.filename))
    if error.errno == errno.EIO:
        hint = "look after the disk, or name a file on another"
        return PresswarcError(f"the disk fails: {error.strerror}", hint=hint, where=str(path))
    return UsageError(
        f"cannot write: {error.strerror}", hint="name a place that can be written", where=str(path)
    )
