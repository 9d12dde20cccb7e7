"""Bytes of a file at any offset, through one window of memory: a file of any size costs the same."""

from __future__ import annotations

import errno
import os
import re
import stat
from pathlib import Path
from typing import Self

_WINDOW_BYTES = 1 << 20
_ZEROS = 16  # more than a member ends with
_OVERLAP_BYTES = 1 << 14  # more than any mark is long


class PackedFile:
    """The bytes of a file as they lie on disk, up to the size that it had when it was opened."""

    __slots__ = ("_filled", "_handle", "_start", "_window", "size")

    def __init__(self, path: Path | str) -> None:
        """Open the file for reading. Raises: OSError, also for pipes and devices, which may have no end."""
        # Without O_NONBLOCK opening a pipe waits for whoever writes into it.
        self._handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        about = os.fstat(self._handle)
        if not stat.S_ISREG(about.st_mode):
            os.close(self._handle)
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        self.size = about.st_size
        self._start = 0
        self._window = b""
        self._filled: int | None = None

    def __enter__(self) -> Self:
        """The file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        os.close(self._handle)

    def view(self, at: int, count: int) -> bytes:
        """Up to `count` bytes from `at` on; fewer where the file ends."""
        start = at - self._start
        stop = start + count
        held = len(self._window)
        if start >= 0 and (stop <= held or (start <= held and self._start + held >= self.size)):
            return self._window[start:stop]
        if count > _WINDOW_BYTES // 2:
            return self._read(at, count)
        self._window = self._read(at, _WINDOW_BYTES)
        self._start = at
        return self._window[:count]

    @property
    def filled(self) -> int:
        """Offset where zeros begin that reach to the end, as a crash leaves them; else the file's size."""
        if self._filled is None:
            end = self.size
            while end and not (
                part := self._read(max(0, end - _WINDOW_BYTES), min(end, _WINDOW_BYTES))
            ).strip(b"\0"):
                end -= len(part)
            end -= len(part) - len(part.rstrip(b"\0")) if end else 0
            self._filled = end if self.size - end >= _ZEROS else self.size
        return self._filled

    def peek(self, at: int, count: int) -> bytes:
        """The same as `view`: there is nothing to cross in bytes that are not packed."""
        return self.view(at, count)

    def proven(self) -> bool:
        """False: nothing vouches for these bytes."""
        return False

    def reaches(self, at: int) -> bool:
        """Whether the file has bytes up to `at`."""
        return at <= self.size

    def find(self, pattern: re.Pattern[bytes], at: int, before: int | None = None) -> int | None:
        """Offset of the first match that starts from `at` on and `before` the offset given."""
        stop = self.size if before is None else min(before, self.size)
        while at < stop:
            self._hold(max(0, at - 1))  # a pattern may look at the byte before it
            held = len(self._window)
            safe = held if self._start + held >= self.size else held - _OVERLAP_BYTES
            found = pattern.search(
                self._window, at - self._start, min(held, stop - self._start + _OVERLAP_BYTES)
            )
            if found and found.start() < safe:
                place = self._start + found.start()
                return place if place < stop else None
            at = self._start + safe
        return None

    def _hold(self, at: int) -> None:
        """Have more in the window from `at` on than a mark is long."""
        ahead = self._start + len(self._window) - at
        if at < self._start or (ahead <= 2 * _OVERLAP_BYTES and self._start + len(self._window) < self.size):
            self._window = self._read(at, _WINDOW_BYTES)
            self._start = at
        elif ahead <= 0:
            self._window, self._start = self._read(at, _WINDOW_BYTES), at

    def _read(self, at: int, count: int) -> bytes:
        """Bytes from the disk; fewer only at the file's end."""
        count = min(count, self.size - at)
        if count <= 0:
            return b""
        data = os.pread(self._handle, count, at)
        while 0 < len(data) < count and (more := os.pread(self._handle, count - len(data), at + len(data))):
            data += more
        return data
