"""Files that are compressed as a whole, made readable record by record: each record its own gzip member."""

from __future__ import annotations

import zlib
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import zstandard

from storage.model import Damage
from storage.warc import read_records

_GZIP = b"\x1f\x8b"
_LEVEL = 6
_STEP_BYTES = 1 << 20
_TORN = "does not unpack to its end"


def repack(packed: Path, plain: Path, out: BinaryIO) -> Damage | None:
    """The end of `packed` that does not unpack, if there is one; the rest is written to `out`.

    There it is cut where its records begin, a gzip member each. What is no record stays, in a member of its
    own: the members joined are the very bytes unpacked. `plain` is written on the way.
    """
    with packed.open("rb") as source, plain.open("wb") as unpacked:
        unpack = _gunzip if source.read(2) == _GZIP else _unzstd
        source.seek(0)
        whole = unpack(source, unpacked)
    size = plain.stat().st_size
    starts = sorted({0, size, *(item.offset for item in read_records(plain))})
    with plain.open("rb") as source:
        for start, end in pairwise(starts):
            squeezer = zlib.compressobj(_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS + 16)
            left = end - start
            while left and (part := source.read(min(left, _STEP_BYTES))):
                out.write(squeezer.compress(part))
                left -= len(part)
            out.write(squeezer.flush())
    torn = packed.stat().st_size - whole
    return Damage(offset=whole, length=torn, reason=_TORN) if torn else None


def _gunzip(source: BinaryIO, out: BinaryIO) -> int:
    """Bytes of the whole gzip members at the start of `source`; all that unpacks is in `out`."""
    whole, rest = 0, b""
    inflater = zlib.decompressobj(zlib.MAX_WBITS + 16)
    try:
        while part := rest or source.read(_STEP_BYTES):
            out.write(inflater.decompress(part, _STEP_BYTES))
            rest = inflater.unconsumed_tail
            if inflater.eof:
                rest = inflater.unused_data
                whole = source.tell() - len(rest)
                inflater = zlib.decompressobj(zlib.MAX_WBITS + 16)
    except zlib.error:
        pass
    return whole


def _unzstd(source: BinaryIO, out: BinaryIO) -> int:
    """Bytes of `source` if all its frames unpack, else 0; all that unpacks is in `out`."""
    reader = zstandard.ZstdDecompressor().stream_reader(source, read_across_frames=True, closefd=False)
    try:
        while part := reader.read(_STEP_BYTES):
            out.write(part)
    except zstandard.ZstdError:
        return 0
    return source.tell()
