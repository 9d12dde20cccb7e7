"""Records of a WARC file, in order, whatever is damaged in between.

Each gzip member is read by itself; after a member that does not unpack the reader looks for the next gzip or
WARC mark and goes on, telling the bytes in between as `Damage`.
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
WARC_MARK = b"WARC/"
MAX_RECORD_BYTES = 1 << 30
_READ_BYTES = 1 << 16
_HEAD_LIMIT = 1 << 20
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_VERSION = re.compile(rb"WARC/(?:0\.1[78]|1\.[01])\r?\n")
_FRACTION = re.compile(r"\.(\d+)Z$")

Bytes = bytes | mmap.mmap


@dataclass(frozen=True, slots=True)
class _Fault:
    """Why bytes gave no record."""

    reason: str


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
    with Path(path).open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if offset >= len(data):
            return Damage(offset=offset, length=0, reason="the file ends before this offset")
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
    if data[at : at + 5] == WARC_MARK:
        parsed = _parse(data, at, len(data))
        if not isinstance(parsed, _Fault):
            record, end = parsed
            yield _verified(record, at, end - at), _after_blank(data, end)
            return
        reason = parsed.reason
    else:
        reason = "neither a gzip member nor a WARC record starts here"
    following = _next_mark(data, at + 1)
    yield Damage(offset=at, length=following - at, reason=reason), following


def _member(data: mmap.mmap, at: int) -> Iterator[tuple[Record | Damage, int]]:
    """Records of the gzip member at `at`."""
    unpacked = _inflate(data, at)
    if isinstance(unpacked, _Fault):
        following = _next_mark(data, at + 1)
        yield Damage(offset=at, length=following - at, reason=unpacked.reason), following
        return
    block, following = unpacked
    start = 0
    while start < len(block):
        parsed = _parse(block, start, len(block))
        if isinstance(parsed, _Fault):
            yield Damage(offset=at, length=following - at, reason=parsed.reason), following
            return
        record, end = parsed
        yield _verified(record, at, following - at), following
        start = _after_blank(block, end)
    if not block:
        yield Damage(offset=at, length=following - at, reason="the gzip member is empty"), following


def _inflate(data: mmap.mmap, at: int) -> tuple[bytes, int] | _Fault:
    """Unpacked bytes of the member at `at` and the offset after it."""
    inflater = zlib.decompressobj(zlib.MAX_WBITS + 16)
    parts: list[bytes] = []
    size, position = 0, at
    try:
        while not inflater.eof:
            packed = data[position : position + _READ_BYTES]
            if not packed:
                return _Fault("the gzip member is cut short")
            part = inflater.decompress(packed, MAX_RECORD_BYTES - size + 1)
            size += len(part)
            if size > MAX_RECORD_BYTES:
                return _Fault(f"the record unpacks to more than {MAX_RECORD_BYTES} bytes")
            parts.append(part)
            position += len(packed)
    except zlib.error as error:
        return _Fault(f"the gzip member does not unpack ({error})")
    return b"".join(parts), position - len(inflater.unused_data)


def _parse(data: Bytes, start: int, limit: int) -> tuple[Record, int] | _Fault:
    """The record at `start` (its offset and length left at 0) and where its block ends."""
    head = bytes(data[start : min(start + _HEAD_LIMIT, limit)])
    end = _HEAD_END.search(head)
    if not _VERSION.match(head):
        return _Fault("no WARC version line where a record should start")
    if end is None:
        return _Fault("the record's header does not end")
    headers = _headers(head[: end.start()])
    block_at = start + end.end()
    length = headers.get("Content-Length", "")
    if not length.isdecimal() or len(length) > 18:  # noqa: PLR2004 (more digits than a file offset can have)
        return _Fault("the record has no usable Content-Length")
    if block_at + int(length) > limit:
        return _Fault("the record is cut short, or its Content-Length is wrong")
    captured_at = _date(headers.get("WARC-Date", ""))
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


def _verified(record: Record, offset: int, length: int) -> Record | Damage:
    """The record with its place in the file; a damage where its block digest does not hold."""
    labelled = record.headers.get("WARC-Block-Digest")
    if labelled and holds(labelled, record.block) is False:
        reason = f"the block digest of {record.record_id} does not hold"
        return Damage(offset=offset, length=length, reason=reason)
    return replace(record, offset=offset, length=length)


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


def _date(text: str) -> datetime | None:
    """UTC time of a WARC-Date; digits after the microsecond are dropped."""
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


def _next_mark(data: mmap.mmap, at: int) -> int:
    """Offset of the next gzip member or record from `at` on, or the file's end."""
    found = [where for where in (data.find(GZIP_MARK, at), data.find(WARC_MARK, at)) if where >= 0]
    return min(found, default=len(data))
