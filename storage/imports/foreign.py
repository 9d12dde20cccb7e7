"""What a file is that others made: WARC, ARC or WACZ, how it is packed, when its first record was made."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import islice
from pathlib import Path
from zipfile import is_zipfile

from storage.model import Record
from storage.warc import read_records

_HEAD_BYTES = 1 << 16
_MOST_ITEMS = 1000  # read for a first record before a file is given up
_GZIP, _ZSTD, _ZIP = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"
_ZSTD_DICTIONARY = b"\x5d\x2a\x4d\x18"  # the skippable frame that a zstd WARC may begin with
_SIGNS = (
    (b"<!doctype html", "HTML"),
    (b"<html", "HTML"),
    (b"<?xml", "XML"),
    (b" cdx ", "a CDX index"),
    (b"!meta 0 {", "a CDXJ index"),
    (b"%pdf-", "PDF"),
    (b"{", "JSON"),
    (b"pk\x03\x04", "a ZIP that is no WACZ, or cut short"),
    (b"\x04\x22m\x18", "LZ4, which is not read: unpack it first"),
    (b"bzh", "bzip2, which is not read: unpack it first"),
    (b"\xfd7zxz", "xz, which is not read: unpack it first"),
)


class Kind(StrEnum):
    """What a file holds."""

    WARC = "warc"
    ARC = "arc"
    WACZ = "wacz"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """A WARC or ARC file. `ending` says by its content how its name is to end: `.warc.gz`, `.arc`, ...

    `first_at` is the time of its first readable record, which is `info` if it is a warcinfo record.
    `in_one_piece` says that it is compressed as a whole, so that no record can be read by itself; the ending
    is then that of a copy whose records are compressed one by one.
    """

    kind: Kind
    ending: str
    first_at: datetime
    info: Record | None
    in_one_piece: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """A file that is no WARC, ARC or WACZ; `looks_like` says what it seems to be."""

    looks_like: str

    @property
    def refusal(self) -> str:
        """Why it is not taken."""
        return f"it is no WARC, ARC or WACZ; it looks like {self.looks_like}"


def recognise(path: Path) -> Recognised | Kind | Foreign:
    """What the file is: for WARC and ARC with its first record, `Kind.WACZ`, or something else."""
    if path.exists() and not path.is_file():  # a pipe would be waited for, a device has no end
        return Foreign(looks_like="a pipe, a device or a folder")
    with path.open("rb") as file:
        start = file.read(_HEAD_BYTES)
    if not start:
        return Foreign(looks_like="an empty file")
    if start.startswith(_ZIP) and is_zipfile(path):
        return Kind.WACZ
    packing, plain = _unpacked(start)
    is_arc = plain.startswith(b"filedesc:") or (not plain and ".arc" in path.name.lower())
    if not plain.lstrip(b"\r\n").startswith((b"WARC/", b"filedesc:")) and not packing:
        return Foreign(looks_like=_look(plain))
    found = (one for one in islice(read_records(path), _MOST_ITEMS) if isinstance(one, Record))
    records = list(islice(found, 2))
    if not records:
        return Foreign(looks_like=_look(plain) if plain else "compressed bytes that do not unpack")
    kind = Kind.ARC if is_arc else Kind.WARC
    in_one_piece = bool(packing) and len(records) > 1 and records[0].offset == records[1].offset
    return Recognised(
        kind=kind,
        ending=f".{kind}{'.gz' if in_one_piece else packing}",
        first_at=records[0].captured_at,
        info=records[0] if records[0].record_type == "warcinfo" else None,
        in_one_piece=in_one_piece,
    )


def _unpacked(start: bytes) -> tuple[str, bytes]:
    """How a file is packed, as its name's last ending says, and the first bytes inside."""
    if start.startswith(_GZIP):
        try:
            return ".gz", zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(start, _HEAD_BYTES)
        except zlib.error:
            return ".gz", b""
    if start.startswith((_ZSTD, _ZSTD_DICTIONARY)):
        return ".zst", b""
    return "", start


def _look(start: bytes) -> str:
    r"""What first bytes look like, in a word or two.

    >>> _look(b"<!DOCTYPE html><p>"), _look(b" CDX N b a m s k r M S V g"), _look(b"\xff")
    ('HTML', 'a CDX index', 'bytes of an unknown kind')
    """
    low = start[:64].lower()
    for sign, name in _SIGNS:
        if low.startswith(sign) or low.lstrip().startswith(sign):
            return name
    try:
        text = start[:1024].decode("utf-8")
    except UnicodeDecodeError:
        return "bytes of an unknown kind"
    if "{" in text and text.partition(" {")[0].count(" ") == 1:
        return "a CDXJ index"
    return "text" if text.isprintable() or "\n" in text else "bytes of an unknown kind"
