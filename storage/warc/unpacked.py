"""The unpacked bytes of members that stand one after another, by position, with little of them in memory."""

from __future__ import annotations

import re
from collections.abc import Callable

from storage.warc.heads import BadHead, read_heading, record_starts
from storage.warc.members import Member

_KEEP_BYTES = 1 << 19
_OVERLAP_BYTES = 1 << 14
_PIECE_BYTES = 1 << 20

Opener = Callable[[int], Member | None]


class Effort:
    """How many bytes may still be read in vain: no file makes the reader's work grow with its square."""

    __slots__ = ("left",)

    def __init__(self, size: int) -> None:
        """Allow a file of `size` bytes to be read sixteen times over."""
        self.left = 16 * size + (1 << 26)

    def spend(self, count: int) -> bool:
        """Count bytes read in vain; False where no more should be."""
        self.left -= count
        return self.left > 0


class Run:
    """What members unpack to, from one that stands at an offset of the file through those that go on with it.

    Another member goes on with the last where a record is not at its end yet and no record starts with the
    member. Positions are counted from the first byte of the first member.
    """

    __slots__ = ("_base", "_buffer", "_effort", "_members", "_open", "_state", "member")

    def __init__(self, member: Member, opener: Opener, effort: Effort) -> None:
        """Start with `member`, of which nothing was read; `opener` gives the one at an offset."""
        self.member = member
        self._members: list[tuple[int, Member]] = [(0, member)]
        self._open = opener
        self._effort = effort
        self._buffer = member.read()
        self._base = 0
        self._state: Member | None = None

    def view(self, at: int, count: int) -> bytes:
        """Up to `count` bytes from `at` on, of as many members as it takes."""
        start = at - self._base
        if start < 0 or start + count > len(self._buffer):
            self._reach(at, count, cross=True)
            start = at - self._base
        return self._buffer[start : start + count]

    def peek(self, at: int, count: int) -> bytes:
        """Up to `count` bytes from `at` on, of no member that was not begun."""
        start = at - self._base
        if start < 0 or start + count > len(self._buffer):
            self._reach(at, count, cross=False)
            start = at - self._base
        return self._buffer[start : start + count]

    def proven(self) -> bool:
        """Whether the checksum of the last member holds."""
        state = self.state()
        return state.proven and not state.fault

    def reaches(self, at: int) -> bool:
        """Whether there may be bytes up to `at`."""
        return self._effort.left > 0 or at <= self._base + len(self._buffer) + _PIECE_BYTES

    def find(self, pattern: re.Pattern[bytes], at: int, before: int | None = None) -> int | None:
        """Position of the first match from `at` on, in the member where `at` lies."""
        self.home(at)
        self._reach(at, 1, cross=False)
        while True:
            left = 1 if at > self._base else 0
            start = at - self._base
            found = pattern.search(self._buffer, start) if left or not start else None
            end = self._base + len(self._buffer)
            if found and (found.end() < len(self._buffer) or self._over):
                place = self._base + found.start()
                return place if before is None or place < before else None
            if self._over or (before is not None and end >= before):
                return None
            at = max(at, end - _OVERLAP_BYTES)
            self._reach(at, end - at + _PIECE_BYTES, cross=False)

    def home(self, at: int) -> None:
        """Go back to the member where `at` lies, if others were begun since."""
        if at < self._members[-1][0] or at < self._base:
            self._reopen(at)

    def start_of(self, at: int) -> int:
        """Offset in the file of the member where `at` lies."""
        return next(member.start for begun, member in reversed(self._members) if begun <= at)

    def state(self) -> Member:
        """The last member as it is once read to its end (by reading on, not keeping anything)."""
        if self._over:
            return self.member
        if self._state is None or self._state.start != self.member.start:
            ahead = self._open(self.member.start)
            while ahead is not None and ahead.read():
                pass
            self._state = ahead
        return self._state or self.member

    @property
    def _over(self) -> bool:
        return self.member.ended or bool(self.member.fault)

    def _reach(self, at: int, count: int, *, cross: bool) -> None:
        """Have the bytes from `at` on in the buffer, `count` of them if there are as many."""
        if at < self._base:
            self._reopen(at)
        end = self._base + len(self._buffer)
        if end >= at + count:
            return
        drop = min(at - self._base, len(self._buffer)) - _KEEP_BYTES
        parts = [self._buffer]
        if drop > 0:
            parts = [self._buffer[drop:]]
            self._base += drop
        while end < at + count:
            part = self.member.read() or (self._next(at + count - end) if cross else b"")
            if not part:
                break
            parts.append(part)
            end += len(part)
            if end < at - _KEEP_BYTES:  # on the way to a place far ahead
                parts, self._base = [], end
        self._buffer = b"".join(parts)

    def _next(self, wanted: int) -> bytes:
        """First bytes of the member that goes on with the last; none where there is no such member.

        A member that starts with a record goes on with the last only if the line ends before it are `wanted`.
        """
        if not self.member.ended or self.member.fault:
            return b""
        member = self._open(self.member.end)
        first = member.read() if member else b""
        begun = first.lstrip(b"\r\n")
        own = record_starts(begun) and not isinstance(read_heading(begun, 0, whole=False), BadHead)
        if member is None or not first or (own and wanted > len(first) - len(begun)):
            return b""
        self._members.append((self._members[-1][0] + self.member.given, member))
        self.member = member
        return first

    def _reopen(self, at: int) -> None:
        """Read the member where `at` lies again, from its start."""
        reached = self._base + len(self._buffer)
        while len(self._members) > 1 and self._members[-1][0] > at:
            self._members.pop()
        begun, old = self._members[-1]
        self._effort.spend(reached - begun)
        member = self._open(old.start)
        if member is None:
            return
        self.member = member
        self._members[-1] = (begun, member)
        self._base, self._buffer = begun, member.read()
        self._reach(at, 1, cross=False)
