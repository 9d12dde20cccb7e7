"""The body of a chunked answer, handed on once for each piece that the network brings.

Twisted's own decoder hands on chunk by chunk, and Scrapy asks at each whether anybody wants the download
stopped: of chunks of five bytes a piece of 64 kB has 6,500, and the event loop stands still meanwhile.
Source: RFC 9112 section 7.1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum, auto

from twisted.web.http import _DataLoss, _MalformedChunkedDataError

LONGEST_LINE = 1024
MOST_TRAILER_BYTES = 1 << 16
_SIZE = re.compile(rb"[0-9A-Fa-f]{1,64}")
_END = b"\r\n"


class _At(Enum):
    """What comes next."""

    SIZE = auto()
    DATA = auto()
    DATA_END = auto()
    TRAILER = auto()


class ChunkDecoder:
    """Reads chunks; in the size line blanks are passed over, and extensions are not looked at."""

    def __init__(self, on_data: Callable[[bytes], None], on_end: Callable[[bytes], None]) -> None:
        """Call the one with data, and at the end the other with what follows the answer."""
        self._data, self._finish = on_data, on_end
        self._at, self._ended = _At.SIZE, False
        self._rest = b""
        self._left = 0  # bytes of a chunk
        self._trailer_bytes = 0

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Take a piece. Raises: _MalformedChunkedDataError."""
        if self._ended:
            raise RuntimeError("a piece after the last chunk")
        piece, place, parts = self._rest + data, 0, list[bytes]()
        try:
            while ahead := self._step(piece, place, parts):
                place += ahead
                if self._ended:
                    break
        finally:  # what stands before a chunk that is none was sent all the same
            self._rest = piece[place:]
            if parts:
                self._data(b"".join(parts))
        if self._ended:
            self._finish(self._rest)

    def noMoreData(self) -> None:  # noqa: N802 (Twisted's name)
        """Be told that the connection has ended. Raises: _DataLoss where the last chunk has not come."""
        if not self._ended:
            raise _DataLoss(f"the connection ended before the last chunk: {self._at.name}")

    def _step(self, piece: bytes, place: int, parts: list[bytes]) -> int:
        """How many bytes from `place` are read by the next step; 0 where more have to come."""
        if self._at is _At.DATA:
            part = piece[place : place + self._left]
            parts += [part] if part else []
            self._left -= len(part)
            self._at = self._at if self._left else _At.DATA_END
            return len(part)
        if self._at is _At.DATA_END:
            if len(piece) - place < len(_END):
                return 0
            if not piece.startswith(_END, place):
                raise _MalformedChunkedDataError("a chunk of another length than its size line says")
            self._at = _At.SIZE
            return len(_END)
        return self._size(piece, place) if self._at is _At.SIZE else self._trailer(piece, place)

    def _size(self, piece: bytes, place: int) -> int:
        """Read a size line, if it is there."""
        end = piece.find(_END, place, place + LONGEST_LINE + 1)
        if end < 0 and len(piece) - place > LONGEST_LINE:
            raise _MalformedChunkedDataError(f"a size line of more than {LONGEST_LINE} bytes")
        if end < 0:
            return 0
        size = piece[place:end].partition(b";")[0].strip(b" \t")
        if not _SIZE.fullmatch(size):
            raise _MalformedChunkedDataError(f"no size of a chunk: {size[:40]!r}")
        self._left = int(size, 16)
        self._at = _At.DATA if self._left else _At.TRAILER
        return end + 2 - place

    def _trailer(self, piece: bytes, place: int) -> int:
        """Read a line behind the last chunk, if it is there; an empty one ends the answer."""
        end = piece.find(_END, place)
        length = (len(piece) if end < 0 else end + 2) - place
        if self._trailer_bytes + length > MOST_TRAILER_BYTES:
            raise _MalformedChunkedDataError(f"trailers of more than {MOST_TRAILER_BYTES} bytes")
        if end < 0:
            return 0
        self._trailer_bytes += length
        self._ended = end == place
        return length
