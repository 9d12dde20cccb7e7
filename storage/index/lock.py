"""The archive's write lock: one process writes, and a second learns which one."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Self

from storage.errors import ArchiveBusyError

_held: set[Path] = set()  # POSIX locks say nothing inside one process, so the process remembers


class WriteLock:
    """Holds `path` locked until released or the process ends; the file has the holder's pid."""

    def __init__(self, path: Path) -> None:
        """Take the lock. Raises: ArchiveBusyError, naming the holder."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path.resolve()
        if self._path in _held:
            raise busy(self._path, str(os.getpid()))
        # A POSIX lock, not flock: children made by fork must not keep it when the writer is killed.
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._descriptor, 32).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise busy(self._path, holder) from None
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        _held.add(self._path)

    def __enter__(self) -> Self:
        """The lock, held."""
        return self

    def __exit__(self, *_: object) -> None:
        """Release."""
        self.release()

    def release(self) -> None:
        """Let the next writer in; released twice is released."""
        if self._path in _held:
            _held.discard(self._path)
            os.close(self._descriptor)


def busy(path: Path, holder: str) -> ArchiveBusyError:
    """The error that names the process which writes here."""
    return ArchiveBusyError(
        f"another process writes to this archive (pid {holder or 'unknown'})",
        hint="wait for it to end, or stop it; query and show work meanwhile",
        where=str(path.parent.parent),
    )
