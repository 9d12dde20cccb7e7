"""Where a block truly ends whose Content-Length is wrong, as its digest tells."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Protocol

from storage.warc.digests import agrees, hasher_of
from storage.warc.heads import MARK
from storage.warc.unpacked import Effort

if TYPE_CHECKING:
    from hashlib import _Hash as Hasher

_PIECE_BYTES = 1 << 20
_SEARCH_BYTES = 1 << 26  # how far the end is looked for
_MARK_EFFORT = 1 << 14  # what it costs to try one, in bytes


class Source(Protocol):
    """Bytes by position: a file's own, or what its members unpack to."""

    def view(self, at: int, count: int) -> bytes:
        """Up to `count` bytes from `at` on."""

    def peek(self, at: int, count: int) -> bytes:
        """The same, without beginning another member."""

    def proven(self) -> bool:
        """Whether a checksum holds for the bytes, so that they are as the writer left them."""

    def reaches(self, at: int) -> bool:
        """Whether there may be bytes up to `at`."""

    def find(self, pattern: re.Pattern[bytes], at: int, before: int | None = None) -> int | None:
        """Position of the first match."""


def true_end(source: Source, label: str, start: int, effort: Effort) -> tuple[int, int] | None:
    """Where the block ends for which the digest holds, and where the next record starts."""
    hasher = hasher_of(label)
    at = start
    while hasher is not None and effort.left > 0 and at - start < _SEARCH_BYTES:
        mark = source.find(MARK, at + 1, before=start + 2 * _SEARCH_BYTES)
        if mark is None:
            break
        effort.spend(mark - at + _MARK_EFFORT)
        for end in (mark - 4, mark - 2, mark):
            while at < end:
                piece = source.peek(at, min(end - at, _PIECE_BYTES))
                hasher.update(piece)
                at += len(piece) or end - at
            if at == end and agrees(label, hasher):
                return end, mark
    near = effort.left > 0 and at - start < _SEARCH_BYTES
    return _last_end(source, label, hasher, at) if hasher is not None and near else None


def _last_end(source: Source, label: str, hasher: Hasher, at: int) -> tuple[int, int] | None:
    """The same, where no other record follows."""
    tail, begun = b"", at
    while (piece := source.peek(at + len(tail), _PIECE_BYTES)) and at - begun < _SEARCH_BYTES:
        tail += piece
        hasher.update(tail[:-4])
        at += max(0, len(tail) - 4)
        tail = tail[-4:]
    for count in (max(0, len(tail) - 4), 2, 2):
        hasher.update(tail[:count])
        at += len(tail[:count])
        tail = tail[count:]
        if agrees(label, hasher):
            return at, at + len(tail)
    return None
