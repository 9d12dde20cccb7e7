"""Deflate streams and gzip members in a row, unpacked in time that grows with their length only."""

from __future__ import annotations

import zlib
from enum import StrEnum

GZIP_WINDOW = zlib.MAX_WBITS + 16
_GZIP = b"\x1f\x8b"
# What a stream leaves unread is copied, so little is given to each at first: 16 MiB of empty members would be
# copied for half an hour.
_FIRST_BYTES, _STEP_BYTES = 1 << 9, 1 << 16


class Inflating(StrEnum):
    """How unpacking ended."""

    WHOLE = "whole"
    CUT = "cut"
    DAMAGED = "damaged"
    TOO_LARGE = "too large"


def inflated(body: bytes, *, window: int = GZIP_WINDOW, most_bytes: int) -> tuple[bytes, Inflating]:
    r"""What the body unpacks to, up to `most_bytes`, and how that ended.

    Of gzip all members are read; what follows them is passed over, as all readers do.

    >>> inflated(b"\x78\x9cKLJ\x06\x00\x02M\x01'", window=zlib.MAX_WBITS, most_bytes=9)
    (b'abc', <Inflating.WHOLE: 'whole'>)
    """
    unpacked = bytearray()
    at = 0
    while True:
        at, ended = _member(body, at, window, most_bytes, unpacked)
        if ended is not Inflating.WHOLE or window != GZIP_WINDOW or body[at : at + 2] != _GZIP:
            return bytes(unpacked), ended


def _member(body: bytes, at: int, window: int, most_bytes: int, unpacked: bytearray) -> tuple[int, Inflating]:
    """Unpack the stream at `at` to the end of `unpacked`; gives where it ends and how."""
    stream = zlib.decompressobj(window)
    step = _FIRST_BYTES
    while not stream.eof:
        room = most_bytes - len(unpacked)
        if at >= len(body) or room <= 0:
            return at, Inflating.TOO_LARGE if room <= 0 else Inflating.CUT
        part = body[at : at + step]
        try:
            unpacked += stream.decompress(part, room)
        except zlib.error:
            return at, Inflating.DAMAGED
        at += len(part) - len(stream.unused_data) - len(stream.unconsumed_tail)
        step = _STEP_BYTES
    return at, Inflating.TOO_LARGE if len(unpacked) >= most_bytes else Inflating.WHOLE
