"""Records of a WARC file, in order, whatever is damaged in between.

Each gzip member is read by itself; after a member that does not unpack the reader looks for the next gzip or
WARC mark and goes on, telling the bytes in between as `Damage`. Within bytes that are not compressed, or that
are compressed as a whole, a record whose Content-Length leads nowhere is given up and the next version line
looked for; so is what a torn whole-file gzip still gives.
"""

from __future__ import annotations

import mmap
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from storage.model import Damage, Headers, Record
from storage.warc.digests import holds

GZIP_MARK = b"\x1f\x8b\x08"
MAX_RECORD_BYTES = 1 << 30
CUT_SHORT = "the gzip member is cut short"
_READ_BYTES = 1 << 16
_GZIP_HEADER_BYTES, _GZIP_TRAILER_BYTES = 10, 8
_HEAD_LIMIT = 1 << 20
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_VERSION = re.compile(rb"WARC/(?:0\.1[78]|1\.[01])\r?\n")
_MARK = re.compile(re.escape(GZIP_MARK) + rb"|" + _VERSION.pattern)
_MONTH = re.compile(r"\d{4}(?:-\d\d)?")
_FRACTION = re.compile(r"\.(\d+)Z$")

Bytes = bytes | mmap.mmap


@dataclass(frozen=True, slots=True)
class _Fault:
    """Why bytes gave no record."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """What a gzip member unpacks to: all of it, or, with a fault, as far as it goes."""

    content: bytes
    end: int
    fault: _Fault | None = None


_CUT = _Fault(CUT_SHORT)
_TOO_LARGE = _Fault(f"the record unpacks to more than {MAX_RECORD_BYTES} bytes")


def read_records(path: Path | str) -> Iterator[Record | Damage]:
    """Every record that can still be had, in file order, and a `Damage` where bytes were lost.

    Never raises on content. Raises: OSError where the file can't be opened.
    """
    with Path(path).open("rb") as file:
        if file.seek(0, 2) == 0:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield from _records(data)


def read_record_at(path: Path | str, offset: int) -> Record | Damage:
    """The record, or the damage, that starts at `offset` of the file."""
    with Path(path).open("rb") as file:
        if offset >= file.seek(0, 2):
            return Damage(offset=offset, length=0, reason="the file ends before this offset")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return next(_piece(data, offset))[0]


def _records(data: mmap.mmap) -> Iterator[Record | Damage]:
    """Records and damages of a whole file."""
    at = 0
    while at < len(data):
        for item, following in _piece(data, at):
            yield item
            at = following


def _piece(data: mmap.mmap, at: int) -> Iterator[tuple[Record | Damage, int]]:
    """What stands at `at`, with the offset that follows it: one record, or those of one gzip member."""
    if data[at : at + 3] == GZIP_MARK:
        yield from _member(data, at)
        return
    found, end, following = _standing(data, at, _MARK)
    if isinstance(found, _Fault):
        yield Damage(offset=at, length=following - at, reason=found.reason), following
    else:
        yield replace(found, offset=at, length=end - at), following


def _member(data: mmap.mmap, at: int) -> Iterator[tuple[Record | Damage, int]]:
    """Records and damages of the gzip member at `at`."""
    member = _inflate(data, at)
    following = _after_fault(data, at) if member.fault else member.end
    length = following - at
    start = _after_blank(member.content, 0)
    while start < len(member.content):
        found, _, start = _standing(member.content, start, _VERSION)
        if member.fault and (start == len(member.content) or not _trusted(found, member.fault)):
            continue  # the last record of a torn member, and any that may be wrong, are lost
        if isinstance(found, _Fault):
            yield Damage(offset=at, length=length, reason=found.reason), following
        else:
            yield replace(found, offset=at, length=length), following
    if member.fault:
        yield Damage(offset=at, length=length, reason=member.fault.reason), following
    elif not member.content:
        yield Damage(offset=at, length=length, reason="the gzip member is empty"), following


def _trusted(found: Record | _Fault, fault: _Fault) -> bool:
    """Whether a record of a member with `fault` is as written: bytes before a cut are, others by digest."""
    if isinstance(found, _Fault):
        return False
    return fault is _CUT or holds(found.headers.get("WARC-Block-Digest", ""), found.block) is True


def _inflate(data: mmap.mmap, at: int) -> _Member:
    """The gzip member at `at`, unpacked."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS + 16)
    parts: list[bytes] = []
    size, position = 0, at
    fault: _Fault | None = None
    try:
        while not inflater.eof:
            packed = data[position : position + _READ_BYTES]
            if not packed:
                fault = _CUT
                break
            part = inflater.decompress(packed, MAX_RECORD_BYTES - size + 1)
            size += len(part)
            if size > MAX_RECORD_BYTES:
                return _Member(content=b"", end=position, fault=_TOO_LARGE)
            parts.append(part)
            position += len(packed)
    except zlib.error as error:
        fault = _Fault(f"the gzip member does not unpack ({error})")
    return _Member(content=b"".join(parts), end=position - len(inflater.unused_data), fault=fault)


def _after_fault(data: mmap.mmap, at: int) -> int:
    """Offset of what follows the broken member at `at`.

    Where its deflate stream still comes to an end (a flipped bit seldom hides that), it is that end, and what
    looks like a record inside the member, such as a WARC file that was crawled, is not taken for one.
    """
    plain_header = data[at + 3 : at + 4] == b"\0"
    end = _deflate_end(data, at + _GZIP_HEADER_BYTES) if plain_header else None
    if end is not None:
        following = min(end + _GZIP_TRAILER_BYTES, len(data))
        if following == len(data) or _MARK.match(data, following):
            return following
    return _next(data, at + 1, _MARK)


def _deflate_end(data: mmap.mmap, at: int) -> int | None:
    """Offset after the deflate stream at `at`, None where it has no end."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    position = at
    try:
        while not inflater.eof:
            packed = data[position : position + _READ_BYTES]
            if not packed:
                return None
            inflater.decompress(packed)
            position += len(packed)
    except zlib.error:
        return None
    return position - len(inflater.unused_data)


def _standing(data: Bytes, at: int, mark: re.Pattern[bytes]) -> tuple[Record | _Fault, int, int]:
    """The record (or fault) at `at` of unpacked bytes, where it ends, and where to read on.

    A length that leads to no other record is doubted, unless the block's digest holds.
    """
    parsed = _parse(data, at)
    if isinstance(parsed, _Fault):
        following = _next(data, at + 1, mark)
        return parsed, following, following
    record, end = parsed
    following = _after_blank(data, end)
    sound = holds(record.headers.get("WARC-Block-Digest", ""), record.block)
    leads_on = following == len(data) or mark.match(data, following) is not None
    if sound is not True and not leads_on:
        inside = _next(data, end - len(record.block), _VERSION)
        if inside < end:
            return _Fault("the record's Content-Length reaches into other records"), inside, inside
    if sound is False:
        return _Fault(f"the block digest of {record.record_id} does not hold"), following, following
    return record, end, following


def _parse(data: Bytes, start: int) -> tuple[Record, int] | _Fault:
    """The record at `start` (its offset and length left at 0) and where its block ends."""
    if not _VERSION.match(data, start):
        return _Fault("no WARC version line where a record should start")
    end = _HEAD_END.search(data, start, min(start + _HEAD_LIMIT, len(data)))
    if end is None:
        return _Fault("the record's header does not end")
    headers = _headers(bytes(data[start : end.start()]))
    block_at = end.end()
    length = headers.get("Content-Length", "")
    if not length.isdecimal() or len(length) > 18:  # noqa: PLR2004 (more digits than a file offset can have)
        return _Fault("the record has no usable Content-Length")
    if block_at + int(length) > len(data):
        return _Fault("the record is cut short, or its Content-Length is wrong")
    captured_at = warc_datetime(headers.get("WARC-Date", ""))
    if captured_at is None:
        return _Fault("the record has no usable WARC-Date")
    record = Record(
        record_id=headers.get("WARC-Record-ID", "").strip("<>"),
        record_type=headers.get("WARC-Type", "unknown").lower(),
        target_uri=_uri(headers.get("WARC-Target-URI")),
        captured_at=captured_at,
        headers=headers,
        block=bytes(data[block_at : block_at + int(length)]),
        offset=0,
        length=0,
    )
    return record, block_at + int(length)


def _headers(head: bytes) -> Headers:
    """Named fields of a WARC header; folded lines are joined."""
    pairs: list[tuple[str, str]] = []
    for line in head.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")[1:]:
        if line[:1] in {" ", "\t"} and pairs:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {line.strip()}")
        elif ":" in line:
            name, _, value = line.partition(":")
            pairs.append((name.strip(), value.strip()))
    return Headers(pairs)


def warc_datetime(text: str) -> datetime | None:
    """UTC time of a WARC-Date; digits after the microsecond are dropped, a date without day is its first."""
    if _MONTH.fullmatch(text):
        text = f"{text}-01-01"[:10]
    fraction = _FRACTION.search(text)
    if fraction:
        text = f"{text[: fraction.start()]}.{fraction.group(1)[:6].ljust(6, '0')}Z"
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def _uri(text: str | None) -> str | None:
    """Target URI without the angle brackets that WARC 1.0 writers such as wget put round it."""
    return text[1:-1] if text and text.startswith("<") and text.endswith(">") else text


def _after_blank(data: Bytes, at: int) -> int:
    """Offset after the line ends that close a record."""
    while at < len(data) and data[at : at + 1] in {b"\r", b"\n"}:
        at += 1
    return at


def _next(data: Bytes, at: int, mark: re.Pattern[bytes]) -> int:
    """Offset of the next `mark` from `at` on, or the end."""
    found = mark.search(data, at)
    return found.start() if found else len(data)
