"""The published copy: whole at every moment, replaced by rename; readers keep the file they opened."""

from __future__ import annotations

import contextlib
import errno
import os
from pathlib import Path

from storage.errors import OutOfSpaceError

_COPY_BYTES = 64 * 1024 * 1024
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS, errno.EACCES, errno.EPERM}


def replace_with_copy(source: Path, target: Path) -> None:
    """Put a durable copy of the closed file `source` in the place of `target`. Raises: OutOfSpaceError."""
    partial = target.with_name(f".{target.name}.partial")
    try:
        _copy(source, partial)
        partial.replace(target)
        sync_folder(target.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)
        if error.errno in _NO_ROOM:
            raise OutOfSpaceError(
                f"the index could not be published: {error.strerror}",
                hint="free space or give another --archive; the index published before is untouched",
                where=str(target),
            ) from error
        raise


def sync_folder(folder: Path) -> None:
    """Make renames in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _copy(source: Path, target: Path) -> None:
    """Copy in the kernel, sharing blocks where the file system can, and wait for the disk."""
    with source.open("rb") as reader, target.open("wb") as writer:
        left = os.fstat(reader.fileno()).st_size
        while left > 0:
            try:
                done = os.copy_file_range(reader.fileno(), writer.fileno(), min(left, _COPY_BYTES))
            except OSError as error:
                if error.errno in _NO_ROOM - {errno.EPERM, errno.EACCES}:
                    raise
                done = 0  # a file system that cannot; by hand then
            if not done:
                writer.seek(0, os.SEEK_END)
                reader.seek(writer.tell())
                while chunk := reader.read(_COPY_BYTES):
                    writer.write(chunk)
                break
            left -= done
        writer.flush()
        os.fsync(writer.fileno())
