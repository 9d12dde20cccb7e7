"""One record out of bytes that may be damaged: where it ends, what proves it, or why it is given up.

A record without a digest that holds is taken only where its Content-Length leads on: to the blank lines that
end a record, and to another record or the end. Where the length is wrong, but the block digest holds for a
shorter or longer block, the record's true end is known, and nothing inside the block is taken for a record.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from uuid import UUID

from storage.warc.checks import BLOCK_DIGEST, StreamedDigests, payload_label, payload_reading
from storage.warc.digests import hasher_of, holds
from storage.warc.extents import Source, true_end
from storage.warc.heads import (
    ARC_MARK,
    MARK,
    UNKNOWN_LENGTH,
    BadHead,
    Heading,
    read_heading,
    record_starts,
)
from storage.warc.members import GZIP_MAGIC
from storage.warc.packed import PackedFile
from storage.warc.unpacked import Effort
from storage.warc.zstd import ZSTD_MAGIC

_FIRST_VIEW, _AFTER_VIEW, _ARC_VIEW = 1 << 12, 64, 1 << 14
_PIECE_BYTES = 1 << 20
_UNKNOWN_LIMIT = 1 << 24
NOT_WHOLE = "the record is cut short, or its Content-Length is wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A record's parts. `end` is the position after its block, `following` that after the blank lines.

    `digest` tells whether a digest holds for the block; None where it has none that can be understood. `note`
    tells what does not hold though the block is whole.
    """

    heading: Heading
    head: bytes
    record_id: str
    block: bytes
    omitted: int
    end: int
    following: int
    digest: bool | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why there is no record. `resume` is the next place where one may start, if that is known.

    Otherwise it is to be looked for from `search` on.
    """

    reason: str
    search: int
    resume: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """A block as far as it is kept, and what its digests say."""

    block: bytes
    omitted: int
    block_holds: bool | None
    payload_holds: bool | None
    record_id: str


def read_frame(source: Source, at: int, limit: int, effort: Effort) -> Frame | Fault:
    """The record at `at`, its block kept up to `limit` bytes."""
    heading, head = _heading(source, at)
    if isinstance(heading, BadHead):
        return _beyond(source, heading, at, effort, heading.reason)
    start = at + heading.end
    length = heading.length if heading.length != UNKNOWN_LENGTH else _length_to_next(source, start)
    worth = source.reaches(start + length) and _worth_reading(source, heading, start + length, length, effort)
    body = _body(source, heading, head, start, length, limit) if worth else None
    if body is None:
        return _beyond(source, heading, at, effort, NOT_WHOLE)
    after = _after(source, start + length, arc=heading.arc)
    if not _ends(source, heading, body, after, start, length):
        effort.spend(length)
        return _beyond(source, heading, at, effort, "the record's Content-Length leads to no record")
    if body.block_holds is False or (
        body.block_holds is None and body.payload_holds is False and not source.proven()
    ):
        name = "payload" if body.block_holds is None else "block"
        reason = f"the {name} digest of {body.record_id or 'the record'} does not hold"
        return Fault(reason=reason, search=after.following, resume=after.following)
    wrong = body.payload_holds is False
    return Frame(
        heading=heading,
        head=head,
        record_id=body.record_id,
        block=body.block,
        omitted=body.omitted,
        end=start + length,
        following=after.following,
        digest=body.block_holds,
        note=f"the payload digest of {body.record_id} holds in no reading" if wrong else "",
    )


def _worth_reading(source: Source, heading: Heading, end: int, length: int, effort: Effort) -> bool:
    """Whether to read a large block of a plain file: not if it leads nowhere, once too many did."""
    if length <= _FIRST_VIEW or effort.left > 0 or not isinstance(source, PackedFile):
        return True
    return _after(source, end, arc=heading.arc).leads_on


def _heading(source: Source, at: int) -> tuple[Heading | BadHead, bytes]:
    """The header at `at`, and its bytes."""
    count = _FIRST_VIEW
    data = source.peek(at, count)
    while (heading := read_heading(data, 0, whole=False)) is None:
        count *= 4
        more = source.peek(at, count)
        if len(more) == len(data):
            more = source.view(at, len(data) + 1)  # goes on in another member
        if len(more) == len(data):
            return read_heading(data, 0, whole=True) or BadHead(NOT_WHOLE), b""
        data = more
    return heading, data[: heading.end]


def _length_to_next(source: Source, start: int) -> int:
    """Length of an ARC block that has none given: up to the next record's line."""
    found = source.find(ARC_MARK, start, before=start + _UNKNOWN_LIMIT)
    if found is None:
        data = source.peek(start, _UNKNOWN_LIMIT)
        return len(data) - data.endswith(b"\n")
    return found - 1 - start if found > start else 0


def _body(source: Source, heading: Heading, head: bytes, start: int, length: int, limit: int) -> _Body | None:
    """The block and what its digests say; None where its bytes are not all there."""
    if length > limit:
        return _streamed(source, heading, head, start, length, limit)
    block = source.view(start, length)
    if len(block) < length:
        return None
    label = heading.headers.get(BLOCK_DIGEST)
    payload = payload_label(heading.headers, heading.record_type)
    reading = payload_reading(payload, heading.record_type, block) if payload else None
    return _Body(
        block=block,
        omitted=0,
        block_holds=holds(label, block) if label else None,
        payload_holds=None if reading is None else reading != "",
        record_id=_arc_id(head, [block]) if heading.arc else heading.record_id,
    )


def _streamed(
    source: Source, heading: Heading, head: bytes, start: int, length: int, limit: int
) -> _Body | None:
    """The start of a block larger than is kept, with what its digests say of the whole."""
    digests = StreamedDigests(heading.headers, heading.record_type)
    named = hashlib.sha256(head)
    kept: list[bytes] = []
    at = 0
    while at < length:
        piece = source.view(start + at, min(_PIECE_BYTES, length - at))
        if not piece:
            return None
        digests.feed(piece)
        if heading.arc:
            named.update(piece)
        if at < limit:
            kept.append(piece[: limit - at])
        at += len(piece)
    return _Body(
        block=b"".join(kept),
        omitted=length - limit,
        block_holds=digests.block_holds(),
        payload_holds=digests.payload_holds(),
        record_id=_uuid_of(named.digest()) if heading.arc else heading.record_id,
    )


def _arc_id(head: bytes, parts: list[bytes]) -> str:
    """Id of an ARC record, which has none: the same for the same bytes."""
    named = hashlib.sha256(head)
    for part in parts:
        named.update(part)
    return _uuid_of(named.digest())


def _uuid_of(digest: bytes) -> str:
    """A digest in the form of a name-based UUID (RFC 9562 section 5.5)."""
    return UUID(bytes=digest[:16], version=5).urn


@dataclass(frozen=True, slots=True)
class _After:
    """What stands behind a block: the line ends, and whether a record, or the end, follows them."""

    blank: bytes
    following: int
    leads_on: bool


def _after(source: Source, end: int, *, arc: bool) -> _After:
    """What stands behind the block that ends at `end`."""
    blank, following = b"", end
    while data := source.peek(following, _AFTER_VIEW):
        more = data[: len(data) - len(data.lstrip(b"\r\n"))]
        following += len(more)
        blank = blank or more
        if len(more) < len(data):
            break
    rest = source.peek(following, _ARC_VIEW if arc else _AFTER_VIEW)
    packed = isinstance(source, PackedFile) and rest.startswith((GZIP_MAGIC, ZSTD_MAGIC)) and len(blank) > 0
    leads_on = not rest or packed or record_starts(rest)
    return _After(blank, following, leads_on)


def _ends(source: Source, heading: Heading, body: _Body, after: _After, start: int, length: int) -> bool:
    """Whether the block ends where its Content-Length says."""
    if body.block_holds or (body.block_holds is None and body.payload_holds):
        return True
    blank = b"\n" if heading.arc else b"\r\n\r\n"
    complete = after.blank.startswith((blank, b"\n\n"))
    if after.leads_on:
        shared = body.block[-4:] + after.blank if not body.omitted else after.blank
        return complete or not shared.endswith(blank)
    if not complete or source.proven():
        return complete
    inside = source.find(ARC_MARK if heading.arc else MARK, start, before=start + length)
    return inside is None


def _beyond(source: Source, heading: Heading | BadHead, at: int, effort: Effort, reason: str) -> Fault:
    """The fault of a record that does not end where it says, with its true end if its digest tells it."""
    start = at + heading.end
    label = heading.headers.get(BLOCK_DIGEST, "")
    if heading.end and hasher_of(label) is not None:
        end = true_end(source, label, start, effort)
        if end is not None:
            told = f"{reason}: its block digest holds for {end[0] - start} bytes"
            return Fault(reason=told, search=end[1], resume=end[1])
    return Fault(reason=reason, search=at + 1 if isinstance(heading, BadHead) else start)
