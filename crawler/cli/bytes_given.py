"""Bytes that a person hands to a verb: a file, a pipe, stdin; never more of them than can be meant."""

from __future__ import annotations

import errno
import sys
from pathlib import Path

STDIN = "-"


def read_given(name: str, most_bytes: int) -> bytes:
    """All bytes of a file, or of stdin for `-`. Raises: OSError, also where there are more than that."""
    if name == STDIN:
        data = sys.stdin.buffer.read(most_bytes + 1)
    else:
        with Path(name).open("rb") as file:
            data = file.read(most_bytes + 1)
    if len(data) > most_bytes:
        raise OSError(errno.EFBIG, f"it has more than {most_bytes // 1_000_000} MB")
    return data
