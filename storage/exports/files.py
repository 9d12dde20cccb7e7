"""Files that get their name once they are whole."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from storage.errors import OutOfSpaceError, PresswarcError, UsageError
from storage.warc.write import DISK_FULL


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
    target = path if special else path.with_name(f".{path.name}.{os.getpid()}.part")
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


def unwritable(error: OSError, path: Path) -> PresswarcError:
    """The error to raise where `path` could not be written, or what goes into it not be read."""
    read = error.filename is not None and Path(error.filename).suffix != ".part"
    if error.errno in DISK_FULL:
        return OutOfSpaceError(
            f"no space left to write {path.name}",
            hint="make room, or name a file on another disk",
            where=str(path),
        )
    if read and str(error.filename) != str(path):
        return PresswarcError(f"cannot read: {error.strerror}", where=str(error.filename))
    return UsageError(
        f"cannot write: {error.strerror}", hint="name a place that can be written", where=str(path)
    )
