"""Where to read on after damage: the next place that is a record's or a member's start, and not page content.

A WARC file that was crawled lies inside a record, and its members may stand in the packed file byte for byte,
because deflate stores what it can't make smaller. After a member that does not unpack, a sound member is
therefore passed over where a stored block reaches across it and the stream that this block belongs to comes
to its proper end behind it.
"""

from __future__ import annotations

import re
import zlib
from itertools import pairwise

from storage.warc.heads import ARC_MARK, MARK, BadHead, read_heading, record_starts
from storage.warc.members import CUT_SHORT, GZIP_MAGIC, GzipMember, Member, gzip_body
from storage.warc.packed import PackedFile
from storage.warc.unpacked import Effort, Opener
from storage.warc.zstd import ZSTD_MAGIC, ZstdFrame, frame_end

_GZIP = rb"\x1f\x8b\x08[\x00-\x1f].{4}[\x00\x02\x04][\x00-\x0d\xff]"
_BAD_BLOCK = b"".join(re.escape(bytes([byte])) for byte in range(256) if byte & 6 == 6)  # noqa: PLR2004 (BTYPE 11)
_PACKED = re.compile(
    _GZIP
    + rb"(?:(?<=\x08\x00.{6})(?!["
    + _BAD_BLOCK
    + rb"])|(?<=\x08[\x01-\x1f].{6}))|"
    + re.escape(ZSTD_MAGIC),
    re.DOTALL,
)
_TRAILER_BYTES = 8
_STORED_REACH = (1 << 16) + 4
_PIECE_BYTES = 1 << 16
_HISTORY = bytes(1 << 15)
_SAME_BYTES = 64
_HEAD_BYTES = 1 << 12


class Resync:
    """Finds the next start in one file."""

    __slots__ = ("_effort", "_open", "_packed", "_seen")

    def __init__(self, packed: PackedFile, opener: Opener, effort: Effort) -> None:
        """Look in `packed`; `opener` opens the member at an offset."""
        self._packed = packed
        self._open = opener
        self._effort = effort
        self._seen: list[int | None] = []  # the next WARC record that `any` found last, None for none

    def plain(self, at: int, *, arc: bool) -> int:
        """Offset of the next record that is not packed, or else of the next member, or of the file's end."""
        found = self._record(ARC_MARK if arc else MARK, at, None)
        return self.packed(at) if found is None else found

    def any(self, at: int) -> int:
        """Offset of the next start of any kind."""
        if not self._seen or (self._seen[0] is not None and self._seen[0] < at):
            self._seen = [self._record(MARK, at, None)]  # once for all who ask: it may look at the whole file
        plain = self._seen[0]
        arc = self._record(ARC_MARK, at, plain)
        first = min((one for one in (plain, arc) if one is not None), default=self._packed.size)
        return self.packed(at, before=first)

    def _record(self, mark: re.Pattern[bytes], at: int, before: int | None) -> int | None:
        """Offset of the next `mark` that begins a header which can be read."""
        while (found := self._packed.find(mark, at, before=before)) is not None:
            if not isinstance(read_heading(self._packed.view(found, _HEAD_BYTES), 0, whole=False), BadHead):
                return found
            at = found + 1
        return None

    def packed(self, at: int, before: int | None = None) -> int:
        """Offset of the next member that gives records; `before` or the file's end if there is none."""
        end = self._packed.size if before is None else before
        while (found := self._packed.find(_PACKED, at, before=end)) is not None:
            if self._gives_records(found):
                return found
            at = found + 1
        return end

    def after(self, member: Member) -> int:
        """Offset to read on from after a member with a fault."""
        end = self._end_of(member)
        if end is not None and self._leads_on(end):
            certain = isinstance(member, GzipMember) and not member.ended
            return end if certain else self._own_end(member.start, end, member)
        if not self._effort.spend(member.given + member.end - member.start):
            return self.packed(max(member.end, member.start + 1))
        at = member.start + 1
        while True:
            found = self.packed(at)
            if found == self._packed.size:
                return found
            enclosing = self._enclosing(member, found)
            if enclosing is None:
                return found
            if self._leads_on(enclosing):
                return enclosing
            at = enclosing

    def _own_end(self, start: int, end: int, member: Member | None = None) -> int:
        """`end`, or the offset of sound members after `start` that end there: then the end is theirs.

        So it is of members that are not what `member` unpacks to, though its stream runs over them.
        """
        at = start + 1
        while (found := self.packed(at, before=end)) < end:
            reached = self._chain_end(found, end)
            if reached == end or (member is not None and reached > found and not self._holds(member, found)):
                return found
            at = found + 1
        return end

    def _chain_end(self, at: int, stop: int) -> int:
        """Offset after the sound members that follow one another from `at` until `stop` is reached."""
        while at < stop:
            end = self._sound_end(at)
            if end is None:
                break
            at = end
        return at

    def _sound_end(self, at: int) -> int | None:
        """Offset after the member at `at`; None where it has a fault."""
        member = self._open(at)
        while member is not None and self._effort.left > 0 and member.read():
            pass
        if member is None or not member.ended or member.fault:
            return None
        self._effort.spend(member.given + member.end - at)
        return member.end

    def _leads_on(self, at: int) -> bool:
        """Whether the file ends at `at`, or a member starts there."""
        head = self._packed.view(at, len(ZSTD_MAGIC))
        return not head or head.startswith((GZIP_MAGIC, ZSTD_MAGIC))

    def _gives_records(self, at: int) -> bool:
        """Whether what looks like a member's start is one."""
        head = self._packed.view(at, 4)
        member = GzipMember(self._packed, at, probe=True) if head[:3] == GZIP_MAGIC else self._open(at)
        if member is None:
            return False
        first = member.read()
        if record_starts(first.lstrip(b"\r\n")):
            return True
        if not first or self._effort.left <= 0:
            return False
        while member.read():
            pass
        self._effort.spend(member.given + member.end - member.start)
        return member.ended and not member.fault and member.proven

    def _end_of(self, member: Member) -> int | None:
        """Offset after a faulty member whose stream still comes to an end: a flipped bit seldom hides it."""
        if member.ended:
            return member.end
        if isinstance(member, ZstdFrame):
            return frame_end(self._packed, member.start)
        plain = member.start + 10  # where the stream starts unless the header has more fields
        if member.cut or gzip_body(self._packed, member.start) == plain:
            return None
        return self._stream_end(plain, b"")

    def _stream_end(self, at: int, history: bytes) -> int | None:
        """Offset after the trailer of the deflate stream at `at`, None where it has no end."""
        inflater = zlib.decompressobj(-zlib.MAX_WBITS, zdict=history)
        start = at
        try:
            while not inflater.eof:
                feed = inflater.unconsumed_tail
                if not feed:
                    feed = self._packed.view(at, _PIECE_BYTES)
                    at += len(feed)
                if not inflater.decompress(feed, _PIECE_BYTES << 4) and not feed:
                    return None
        except zlib.error:
            return None
        finally:
            self._effort.spend(at - start)
        return at - len(inflater.unused_data) + _TRAILER_BYTES

    def _enclosing(self, member: Member, found: int) -> int | None:
        """Where the faulty member ends if the one `found` lies inside it; None if it does not."""
        if isinstance(member, ZstdFrame):
            return None
        if member.cut and member.fault == CUT_SHORT:
            return self._packed.size if self._is_content(member, found) else None
        if member.ended:  # its trailer was cut, or something put behind it, or it never was a stream's end
            stop = member.end - _TRAILER_BYTES
            return stop if self._chain_end(found, stop) <= stop and self._holds(member, found) else None
        low = max(member.start, found - _STORED_REACH)
        before = self._packed.view(low, found - low)
        for at in _stored_blocks(before):
            size = int.from_bytes(before[at : at + 2], "little")
            stop = low + at + 4 + size
            if stop <= found:
                continue
            for end in (stop + _TRAILER_BYTES, self._stream_end(stop, _HISTORY)):
                if end is not None and end <= self._packed.size and self._leads_on(end):
                    return end if self._own_end(found - 1, end) == end else None
        return None

    def _is_content(self, member: Member, found: int) -> bool:
        """Whether the bytes at `found` are content of the cut member, and not members of the file."""
        if self._chain_end(found, self._packed.size) == self._packed.size:
            return False
        return self._holds(member, found)

    def _holds(self, member: Member, found: int) -> bool:
        """Whether the bytes at `found` are among those that the member unpacks to."""
        mark = self._packed.view(found, _SAME_BYTES)
        outer = self._open(member.start)
        tail = b""
        while outer is not None and (part := outer.read()):
            if mark in tail + part:
                return True
            tail = part[-_SAME_BYTES:]
        self._effort.spend(member.given)
        return False


def _stored_blocks(data: bytes) -> list[int]:
    """Where the length of a stored block may stand in `data`: two bytes, and their complement."""
    found = []
    for odd in (0, 1):
        size = (len(data) - odd) // 2 * 2
        words = memoryview(data)[odd : odd + size].cast("H")
        pairs = pairwise(words)
        found += [odd + 2 * at for at, (one, other) in enumerate(pairs) if one ^ other == 0xFFFF]  # noqa: PLR2004
    return sorted(found)
