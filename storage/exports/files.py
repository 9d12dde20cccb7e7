"""Files that get their name once they are whole."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from storage.errors import DISK_FULL, OutOfSpaceError, PresswarcError, UsageError


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
            yield file
            file.flush()
            if not special:
                os.fsync(file.fileno())
        if not special:
            refuse_existing(path, force=force)
            target.replace(path)
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
    try:
        folder.mkdir()
        yield folder
    except OSError as error:
        raise unwritable(error, path) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def put_folder(made: Path, path: Path, marker: str, *, force: bool) -> None:
    """Give a whole folder its name, in the place of one with `marker` in it. Raises: UsageError."""
    refuse_folder(path, marker, force=force)
    before = made.with_name("replaced")
    if path.is_dir() and any(path.iterdir()):
        path.rename(before)
    try:
        made.rename(path)
    except OSError:
        if before.is_dir():
            before.rename(path)
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
