"""Files in the making: under a name that nobody takes for a finished file, durable before they get one."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import BinaryIO

from storage.errors import DISK_FULL, ArchiveError, OutOfSpaceError
from storage.warc.write import sync_folder

PART_SUFFIX = ".part"
_STEP_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """Bytes that were written: how many, and their SHA-256 in hex."""

    size: int
    sha256: str


@contextmanager
def part_in(folder: Path) -> Iterator[Path]:
    """An empty file in `folder` to write to; if it still has this name at the end it is removed.

    Only one process may make parts in a folder. Raises: OutOfSpaceError, ArchiveError.
    """
    with disk_faults(folder):
        folder.mkdir(parents=True, exist_ok=True)
        paths = (folder / f"{number}{PART_SUFFIX}" for number in count(1))
        path = next(one for one in paths if not one.exists())
        path.touch()
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def remove_parts(folder: Path) -> None:
    """Remove what a killed process left in the making."""
    for left in folder.glob(f"*{PART_SUFFIX}"):
        left.unlink()


@contextmanager
def durable(path: Path) -> Iterator[BinaryIO]:
    """The file at `path`, to be written anew, on the disk at the end.

    Raises: OutOfSpaceError, ArchiveError.
    """
    with disk_faults(path), path.open("wb") as out:
        yield out
        out.flush()
        os.fsync(out.fileno())


def finish(part: Path, final: Path) -> None:
    """Give a part its name. Raises: OutOfSpaceError, ArchiveError."""
    with disk_faults(final):
        final.parent.mkdir(parents=True, exist_ok=True)
        part.rename(final)
        sync_folder(final.parent)


def copy_bytes(path: Path, out: BinaryIO) -> Copied:
    """What was written to `out`: the whole file at `path`. Raises: ArchiveError where it can't be read."""
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as source:
        while part := _read(source, path):
            out.write(part)
            digest.update(part)
            size += len(part)
    return Copied(size=size, sha256=digest.hexdigest())


def _read(source: BinaryIO, path: Path) -> bytes:
    """The next bytes of a file that is copied; its faults are none of the disk that is written to."""
    try:
        return source.read(_STEP_BYTES)
    except OSError as error:
        raise ArchiveError(f"{path.name} can't be read: {error.strerror}", where=str(path)) from error


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def disk_faults(path: Path) -> Iterator[None]:
    """What the disk refuses inside, as an error of ours. Raises: OutOfSpaceError, ArchiveError."""
    try:
        yield
    except OSError as error:
        where = str(error.filename or path)
        if error.errno in DISK_FULL:
            hint = "free some space, then run the same command: it goes on"
            raise OutOfSpaceError(f"no space left to write {path.name}", hint=hint, where=where) from error
        raise ArchiveError(f"{path.name} can't be written: {error.strerror}", where=where) from error
