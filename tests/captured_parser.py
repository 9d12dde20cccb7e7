"""What a parsing process may do that a page has taken over, or broken, as far as its parent can tell."""

from __future__ import annotations

import fcntl
import os
import stat
import struct
import time
from collections.abc import Callable
from contextlib import suppress

from pipelines.messages import send

_kept: list[bytearray] = []


class Calls:
    """Pickles to a call of `function`."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self._made = (function, arguments)

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self._made


def answer_by_itself(path: str) -> None:
    """Answer the parent with a pickle that makes a file, before the process's own answer."""
    with os.fdopen(_answers()[0], "wb", closefd=False) as answers:
        send(answers, (True, Calls(os.system, f"touch {path}")))


def answer_without_end(says_bytes: int) -> None:
    """Announce an answer of so many bytes, and send one that never ends."""
    told = struct.pack(">Q", says_bytes)
    while True:
        os.write(_answers()[0], told)
        told = b"x" * 50_000 if says_bytes > 1 << 40 else b"x"


def speak_unasked() -> None:
    """Send one answer more than there are calls."""
    with os.fdopen(_answers()[0], "wb", closefd=False) as answers:
        send(answers, (True, "the first"))


def close_and_stay() -> None:
    """Close all pipes, and go on."""
    for descriptor in _pipes():
        os.close(descriptor)
    time.sleep(600)


def fork_and_end() -> None:
    """End, but leave a process behind that has the same pipes."""
    if os.fork():
        os._exit(3)
    time.sleep(600)


def keep(size: int) -> int:
    """Hold so many bytes for good; the process."""
    _kept.append(bytearray(b"x") * size)
    return os.getpid()


def _answers() -> list[int]:
    """Descriptors that lead to the parent."""
    return [one for one in _pipes() if fcntl.fcntl(one, fcntl.F_GETFL) & os.O_WRONLY and one > 2]


def _pipes() -> list[int]:
    """Descriptors of pipes."""
    found = []
    for descriptor in range(64):
        with suppress(OSError):
            if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
                found.append(descriptor)
    return found


def process_of(read: bytes) -> int:
    """The process that was given something to read."""
    del read
    return os.getpid()
