"""What the parts of a compressed file unpack to, a bounded piece at a time: gzip members and zstd frames."""

from __future__ import annotations

import re
from typing import Protocol

from zlib_ng import zlib_ng

from storage.warc.packed import PackedFile

# zlib-ng unpacks in half of zlib's time and stops at the same byte. Its stub takes the exception for a value.
UNPACK_ERROR: type[Exception] = zlib_ng.error  # type: ignore[assignment]
GZIP_MAGIC = b"\x1f\x8b\x08"
CUT_SHORT = "the gzip member is cut short"
CHUNK_BYTES = 1 << 18
_PROBE_BYTES, _FIRST_BYTES, _STEP_BYTES = 1 << 9, 1 << 14, 1 << 16
_TRAILER_BYTES = 8
_RESERVED, _CHECKED, _EXTRA, _NAME, _COMMENT = 0xE0, 0x02, 0x04, 0x08, 0x10
_TEXT_LIMIT = 1 << 14
_CONTROL = re.compile(rb"[\x01-\x1f\x7f]")


class Member(Protocol):
    """A part of a file that unpacks by itself.

    `end` is the offset that was reached: once it has `ended`, that of what follows it; `given` counts the
    bytes that it gave. With a `fault` nothing more can be had; then `cut` tells that the file ended within
    it, and every byte that it gave is as written. `proven` tells that a checksum holds for all that it gave;
    `slip` that the checksum differs so little that it may itself be what was damaged.
    """

    start: int
    end: int
    ended: bool
    fault: str
    given: int
    cut: bool
    proven: bool
    slip: bool

    def read(self) -> bytes:
        """The next unpacked bytes; none at the end and at the fault."""


class GzipMember:
    """One gzip member. Source: RFC 1952 section 2.3."""

    __slots__ = (
        "_before",
        "_crc",
        "_inflater",
        "_packed",
        "_probe",
        "_step",
        "cut",
        "end",
        "ended",
        "fault",
        "given",
        "proven",
        "slip",
        "start",
    )

    def __init__(self, packed: PackedFile, start: int, *, probe: bool = False) -> None:
        """Stand before the member at `start`; a `probe` reads little at first, and nothing twice."""
        self.start = start
        self.ended = self.cut = self.proven = self.slip = False
        self.fault = ""
        self._packed = packed
        self._inflater = zlib_ng.decompressobj(-zlib_ng.MAX_WBITS)
        self._step = _PROBE_BYTES if probe else _FIRST_BYTES
        self._probe = probe
        self._before: zlib_ng._Decompress | None = None
        self._crc = self.given = 0
        body = gzip_body(packed, start)
        self.end = start if body is None else body
        if body is None:
            self.cut = packed.size - start < 10  # noqa: PLR2004 (a header has ten bytes)
            self.fault = CUT_SHORT if self.cut else "the gzip member has no sound header"

    def read(self) -> bytes:
        """The next unpacked bytes, at most CHUNK_BYTES; none at the end and at the fault."""
        while not (self.ended or self.fault):
            feed = self._packed.view(self.end, min(self._step, max(0, self._packed.filled - self.end)))
            self._before = None if self._step < _STEP_BYTES else self._inflater.copy()  # type: ignore[attr-defined]  # the stub lacks it
            self._step = _STEP_BYTES
            try:
                part = self._inflater.decompress(feed, CHUNK_BYTES)
            except UNPACK_ERROR as error:
                self.fault = f"the gzip member does not unpack ({_plain(error)})"
                return b"" if self._probe else self._exactly(feed)
            self.end += len(feed) - len(_left(self._inflater))
            self._crc = zlib_ng.crc32(part, self._crc)
            self.given += len(part)
            if self._inflater.eof:
                self._close()
            elif not feed and not part:
                self.fault, self.cut = CUT_SHORT, True
            if part:
                return part
        return b""

    def _close(self) -> None:
        """Compare the trailer, and stand behind it."""
        trailer = self._packed.view(self.end, _TRAILER_BYTES)
        if len(trailer) < _TRAILER_BYTES:
            self.fault, self.cut, self.end = CUT_SHORT, True, self._packed.size
            return
        self.ended = True
        self.end += _TRAILER_BYTES
        crc = int.from_bytes(trailer[:4], "little")
        size = int.from_bytes(trailer[4:], "little")
        self.proven = crc == self._crc
        wrong = (crc ^ self._crc).to_bytes(4, "little")
        self.slip = sum(byte != 0 for byte in wrong) <= 1
        if not self.proven:
            self.fault = "the gzip member's checksum does not hold"
        elif size != self.given & 0xFFFFFFFF:
            self.fault = "the gzip member's length does not hold"

    def _exactly(self, feed: bytes) -> bytes:
        """What the stream still gives before the byte that breaks it."""
        inflater = self._before or zlib_ng.decompressobj(-zlib_ng.MAX_WBITS)
        parts: list[bytes] = []
        size = 0
        try:
            for at in range(len(feed)):
                parts.append(inflater.decompress(feed[at : at + 1]))
                size += len(parts[-1])
                self.end += 1
                if size > CHUNK_BYTES << 4:
                    break
        except UNPACK_ERROR:
            pass
        return b"".join(parts)


def gzip_body(packed: PackedFile, start: int) -> int | None:
    """Offset of the deflate stream of the member at `start`; None where its header is not sound."""
    head = packed.view(start, 10)
    if len(head) < 10 or not head.startswith(GZIP_MAGIC) or head[3] & _RESERVED:  # noqa: PLR2004 (RFC 1952)
        return None
    flags, at = head[3], start + 10
    if flags & _EXTRA:
        size = int.from_bytes(packed.view(at, 2), "little")
        if not _has_subfields(packed.view(at + 2, size), size):
            return None
        at += 2 + size
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            text, zero, _ = packed.view(at, _TEXT_LIMIT).partition(b"\0")
            if not zero or _CONTROL.search(text):
                return None
            at += len(text) + 1
    if flags & _CHECKED:
        told = int.from_bytes(packed.view(at, 2), "little")
        if told != zlib_ng.crc32(packed.view(start, at - start)) & 0xFFFF:
            return None
        at += 2
    return at if at <= packed.size else None


def _has_subfields(extra: bytes, size: int) -> bool:
    r"""Whether a header's extra bytes are what they must be: names of two bytes, lengths, values.

    >>> _has_subfields(b"BC\x02\0ab", 6), _has_subfields(b"BC\x03\0ab", 6)
    (True, False)
    """
    at = 0
    while at + 4 <= len(extra):
        at += 4 + int.from_bytes(extra[at + 2 : at + 4], "little")
    return at == len(extra) == size


def _left(inflater: zlib_ng._Decompress) -> bytes:
    """What the inflater did not take of its last feed; at the end its tail may be that of the feed before."""
    return inflater.unused_data if inflater.eof else inflater.unconsumed_tail


def _plain(error: Exception) -> str:
    """Reason that zlib gives, without its number.

    >>> _plain(zlib_ng.error("Error -3 while decompressing data: invalid distance too far back"))
    'invalid distance too far back'
    """
    return str(error).rpartition(": ")[2]
