"""A mended copy of a damaged WARC or ARC file: every whole record, its bytes as they are where that can be.

The copy stands beside the file, which is left as it is, under a name that nothing takes for a WARC file:
whoever wants it in the file's place has looked at it, and moves it there.
"""

from __future__ import annotations

import os
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import zstandard

from storage.errors import ArchiveError
from storage.model import Damage, Record
from storage.warc.members import GZIP_MAGIC
from storage.warc.packed import PackedFile
from storage.warc.read import Piece, read_pieces
from storage.warc.zstd import DICTIONARY_MAGIC, ZSTD_MAGIC, skippable_end

MENDED_SUFFIX = ".mended"
_COPY_BYTES = 1 << 20
_GZIP_LEVEL = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What became of a damaged file: its mended copy, the records in it, and what was left out.

    Of the `records`, `repacked` did not lie alone in a sound member, so that they were compressed anew.
    """

    path: Path
    records: int
    repacked: int
    left_out: tuple[Damage, ...]

    @property
    def left_out_bytes(self) -> int:
        """Bytes of the damaged file that are in no record of the copy."""
        spans = sorted({(one.offset, one.length) for one in self.left_out})
        return sum(length for _, length in spans)


def mend(path: Path) -> Mended:
    """Write the mended copy of `path`. A mended copy that stands there is replaced.

    Raises: ArchiveError where it can't be written; OSError where the file can't be read.
    """
    copy = path.with_name(path.name + MENDED_SUFFIX)
    temporary = copy.with_name(copy.name + ".tmp")
    records = repacked = 0
    left_out: list[Damage] = []
    try:
        with PackedFile(path) as packed, temporary.open("wb") as out:
            _copy_dictionary(packed, out)
            last: Record | None = None
            for piece in read_pieces(path):
                if isinstance(piece.item, Damage):
                    if not _is_note(piece.item, last):
                        left_out.append(piece.item)
                    continue
                last = piece.item
                if not piece.alone and last.omitted_bytes:
                    reason = "the record is too large to be packed anew"
                    left_out.append(Damage(offset=last.offset, length=last.length, reason=reason))
                    continue
                _copy(packed, out, piece, last)
                records += 1
                repacked += not piece.alone
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(copy)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        hint = "free some space, or check the folder's rights"
        raise ArchiveError(
            f"cannot mend {path.name}: {error.strerror}", hint=hint, where=str(path)
        ) from error
    return Mended(path=copy, records=records, repacked=repacked, left_out=tuple(left_out))


def _is_note(damage: Damage, last: Record | None) -> bool:
    """Whether it tells something of a record that was given."""
    return last is not None and damage.offset == last.offset and damage.reason.endswith("in no reading")


def _copy_dictionary(packed: PackedFile, out: BinaryIO) -> None:
    """Copy the dictionary that the frames of a zstd file need."""
    end = skippable_end(packed, 0)
    if end is not None and packed.view(0, 4) == DICTIONARY_MAGIC:
        _copy_bytes(packed, out, 0, end)


def _copy(packed: PackedFile, out: BinaryIO, piece: Piece, record: Record) -> None:
    """Copy one record."""
    magic = packed.view(record.offset, 4)
    is_packed = magic[:3] == GZIP_MAGIC or magic == ZSTD_MAGIC
    blank = b"\r\n\r\n" if piece.head.startswith(b"WARC/") else b"\n"
    if piece.alone:
        _copy_bytes(packed, out, record.offset, record.length)
        if not is_packed:
            out.write(blank)
        return
    text = piece.head + record.block + blank
    if magic == ZSTD_MAGIC:
        out.write(zstandard.ZstdCompressor(write_checksum=True).compress(text))
    else:
        packer = zlib.compressobj(_GZIP_LEVEL, zlib.DEFLATED, zlib.MAX_WBITS + 16)
        out.write(packer.compress(text) + packer.flush())


def _copy_bytes(packed: PackedFile, out: BinaryIO, at: int, length: int) -> None:
    """Copy bytes of the file as they are."""
    stop = at + length
    while at < stop and (part := packed.view(at, min(_COPY_BYTES, stop - at))):
        out.write(part)
        at += len(part)
