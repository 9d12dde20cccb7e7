"""The two pipes of a child process as one stream, whose reading and writing end at a set time.

Killing a process is not enough to end what waits for it: where it has forked, its pipes are still open.
"""

from __future__ import annotations

import math
import os
import select
from time import monotonic

_READ_BYTES = 1 << 20


class TimedPipes:
    """A stream to and from a process; `ends_at`, in the time of `monotonic`, holds for all that follows."""

    def __init__(self, into: int, out: int) -> None:
        """Write to the descriptor `into`, read from `out`; both stay their owner's to close."""
        self._into, self._out = into, out
        self._ready = {into: select.poll(), out: select.poll()}
        self._ready[into].register(into, select.POLLOUT)
        self._ready[out].register(out, select.POLLIN)
        self.ends_at = math.inf
        os.set_blocking(into, False)
        os.set_blocking(out, False)

    def write(self, data: bytes) -> int:
        """Write all of `data`. Raises: TimeoutError, BrokenPipeError."""
        left = memoryview(data)
        while left:
            self._wait(self._into)
            left = left[os.write(self._into, left) :]
        return len(data)

    def flush(self) -> None:
        """Nothing: nothing is held back."""

    def read(self, size: int) -> bytes:
        """So many bytes, fewer where the other side has closed. Raises: TimeoutError."""
        data = bytearray()
        while len(data) < size:
            self._wait(self._out)
            some = os.read(self._out, min(size - len(data), _READ_BYTES))
            if not some:
                break
            data += some
        return bytes(data)

    def is_quiet(self) -> bool:
        """Whether the other side neither said something unasked nor closed."""
        return not self._ready[self._out].poll(0)

    def _wait(self, descriptor: int) -> None:
        """Wait until there is something to do, or nobody to do it with. Raises: TimeoutError."""
        left_s = self.ends_at - monotonic()
        waited_ms = None if left_s == math.inf else max(0, math.ceil(left_s * 1000))
        if left_s <= 0 or not self._ready[descriptor].poll(waited_ms):
            raise TimeoutError
