"""HTTP/1.x messages as bytes: heads, chunked bodies, and the form in which they are stored.

Stored by default: every byte as received, save that a chunked body is dechunked, its `Transfer-Encoding`
field renamed `X-Archive-Orig-Transfer-Encoding` and a true Content-Length added, because readers disagree on
the payload digest of chunked records; and that a Content-Length larger than the body is renamed too, so that
no replayer waits for bytes that never came.

Source: RFC 9112 sections 2 to 7; WARC 1.1 section 6.3 (payload of a response record).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from storage.model import Headers, Record

ORIGINAL = b"X-Archive-Orig-"
REDACTED = b"redacted"
NO_BODY = frozenset({204, 304})  # statuses of answers that have none
BARE_TYPES = frozenset({"resource", "conversion"})  # records whose block is the payload, with no HTTP head
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.[01] 1\d\d(?!\d)")
_SWITCHED = re.compile(rb"HTTP/1\.[01] 101(?!\d)")  # what follows need not be HTTP
_MIME_END = re.compile(r"[;\s]")
_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?!\d)")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?", re.DOTALL)
_SECRET = re.compile(
    rb"(?im)^(authorization|cookie|proxy-authorization)([ \t]*:[ \t]*)"
    rb"[^\n]*?(?:\r?\n[ \t][^\n]*?)*(?=\r?\n|\Z)"
)
_BLANKS = " \t\r"  # str.strip() would take a header's last bytes \x85 and \xa0 as well
_BLANK_BYTES = _BLANKS.encode()
_LENGTH_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResponse:
    """A response's bytes in the form in which they are archived: `head` and `body` are the record's block.

    `payload` is the entity body, which the payload digest covers. `interim` holds the 1xx heads that came
    before the final one, `trailer` what came after the last chunk (fields, or bytes that are no chunk) where
    `body` lacks it. `cut` tells that fewer bytes came than the head promised. `status` is 0 where there is no
    HTTP head.
    """

    head: bytes
    body: bytes
    status: int
    headers: Headers
    cut: bool
    payload: bytes
    interim: bytes = b""
    trailer: bytes = b""


@dataclass(frozen=True, slots=True)
class _Chunked:
    """A chunked body taken apart: what its chunks hold, whether the last one came, and what came after it."""

    payload: bytes
    whole: bool
    rest: bytes


def split_head(message: bytes) -> tuple[bytes, bytes]:
    r"""Head with its blank line, and body. A message without a blank line is all head.

    >>> split_head(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody")
    (b'HTTP/1.1 200 OK\r\nA: b\r\n\r\n', b'body')
    """
    end = _HEAD_END.search(message)
    return (message, b"") if end is None else (message[: end.end()], message[end.end() :])


def split_interim(message: bytes) -> tuple[bytes, bytes]:
    r"""The 1xx heads that a message begins with, and the message from its final head on.

    A 101 is the final one where no HTTP follows it.

    >>> split_interim(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
    (b'HTTP/1.1 103 Early Hints\r\n\r\n', b'HTTP/1.1 200 OK\r\n\r\n')
    """
    at = 0
    while _INTERIM.match(message, at) and (end := _HEAD_END.search(message, at)):
        if _SWITCHED.match(message, at) and not _STATUS_LINE.match(message, end.end()):
            break
        at = end.end()
    return message[:at], message[at:]


def skip_interim(message: bytes) -> bytes:
    """Message from its final head on: 1xx heads before it are passed over."""
    return split_interim(message)[1]


def status_of(head: bytes) -> int:
    """Status code in the head's first line, 0 if there is none."""
    match = _STATUS_LINE.match(head)
    return int(match.group(1)) if match else 0


def http_head(record: Record) -> bytes:
    """HTTP head of a response or revisit; empty where the block has none."""
    if record.record_type in BARE_TYPES:
        return b""
    head, _ = split_head(record.block)
    return head if head.startswith(b"HTTP/") else b""


def mime_of(record: Record, headers: Headers) -> str:
    """Media type of a record without its parameters, `headers` being those of its HTTP head."""
    told = record.headers if record.record_type in BARE_TYPES else headers
    return _MIME_END.split(told.get("Content-Type", ""), maxsplit=1)[0].lower()


def headers_of(head: bytes) -> Headers:
    r"""Header fields of a head; lines without a colon are passed over, folded lines joined.

    >>> headers_of(b"HTTP/1.1 200 OK\r\nA: b\r\n c\r\nbad\r\n\r\n").pairs
    (('A', 'b c'),)
    """
    pairs: list[tuple[str, str]] = []
    for line in head.decode("latin-1").split("\n")[1:]:
        if line[:1] in {" ", "\t"} and pairs:
            name, value = pairs[-1]
            pairs[-1] = (name, f"{value} {line.strip(_BLANKS)}")
        elif ":" in line:
            name, _, value = line.partition(":")
            pairs.append((name.strip(_BLANKS), value.strip(_BLANKS)))
    return Headers(pairs)


def dechunk(body: bytes) -> tuple[bytes, bool]:
    r"""Payload of a chunked body, and whether the last chunk came. Trailers and extensions are left out.

    >>> dechunk(b"3;x=y\r\nabc\r\n0\r\nT: 1\r\n\r\n"), dechunk(b"5\r\nab")
    ((b'abc', True), (b'ab', False))
    """
    chunked = _chunked(body)
    return chunked.payload, chunked.whole


def payload_of(block: bytes) -> bytes:
    r"""Entity body of an HTTP record's block: transfer coding removed, content coding kept.

    Writers that dechunk a body and leave the field as it was are not rare: a body without any chunk is taken
    as it is.

    >>> payload_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<html>")
    b'<html>'
    """
    head, body = split_head(block)
    if _is_chunked(headers_of(head)):
        payload, whole = dechunk(body)
        return payload if whole or payload else body
    return body


def stored_response(
    received: bytes, *, ended: bool, keep_transfer_encoding: bool = False, to_head: bool = False
) -> StoredResponse:
    """Archived form of the bytes `received`; `ended` tells whether the exchange came to its proper end.

    With `keep_transfer_encoding` a chunked body stays as it is on the wire, unless it is cut: a replayer
    would wait for its last chunk. `to_head` says that a HEAD was asked, whose answer has no body. Bytes
    after the end that a Content-Length declares are kept: they went over the wire. Where nothing but 1xx
    heads came there is no answer, however the last of them is cut.
    """
    interim, message = split_interim(received)
    head, body = split_head(message)
    headers = headers_of(head)
    status = 0 if _cut_interim(head) else status_of(head)
    if not status:
        return StoredResponse(
            head=b"", body=received, status=0, headers=Headers([]), cut=True, payload=received
        )
    payload, whole, trailer = body, True, b""
    if to_head or status in NO_BODY:
        pass
    elif _is_chunked(headers):
        chunked = _chunked(body)
        payload, whole = chunked.payload, chunked.whole
        if not (keep_transfer_encoding and whole):
            head, body, trailer = _dechunked_head(head, len(payload)), payload, chunked.rest
    elif _declared_bytes(headers) > len(body):
        head, whole = _renamed(head, b"Content-Length"), False
    return StoredResponse(
        head=head,
        body=body,
        status=status,
        headers=headers,
        cut=not (whole and ended),
        payload=payload,
        interim=interim,
        trailer=trailer,
    )


def redacted(message: bytes) -> tuple[bytes, tuple[str, ...]]:
    r"""Request bytes with the values of its credentials and cookies hidden, and the names of those fields.

    >>> redacted(b"GET / HTTP/1.1\r\nCookie: a=1\r\nHost: a.example\r\n\r\n")
    (b'GET / HTTP/1.1\r\nCookie: redacted\r\nHost: a.example\r\n\r\n', ('Cookie',))
    """
    head, body = split_head(message)
    names = dict.fromkeys(match.group(1).decode("ascii") for match in _SECRET.finditer(head))
    return _SECRET.sub(rb"\1\2" + REDACTED, head) + body, tuple(names)


def _cut_interim(head: bytes) -> bool:
    """Whether a head announces another one and is cut itself: it is no answer yet."""
    return bool(_INTERIM.match(head)) and not _SWITCHED.match(head) and not _HEAD_END.search(head)


def _chunked(body: bytes) -> _Chunked:
    """A chunked body taken apart; `rest` is empty where nothing but the closing line end came."""
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.find(b"\n", at)
        size = _CHUNK_SIZE.fullmatch(body[at:end].strip()) if end >= 0 else None
        if size is None:
            return _Chunked(b"".join(parts), whole=False, rest=body[at:])
        length = int(size.group(1), 16)
        if length == 0:
            rest = body[end + 1 :]
            return _Chunked(b"".join(parts), whole=True, rest=b"" if rest in {b"\r\n", b"\n"} else rest)
        parts.append(body[end + 1 : end + 1 + length])
        at = end + 1 + length
        at += 2 if body[at : at + 2] == b"\r\n" else 1 if body[at : at + 1] == b"\n" else 0


def _is_chunked(headers: Headers) -> bool:
    """Whether the last transfer coding is chunked."""
    codings = ",".join(headers.get_all("Transfer-Encoding"))
    return codings.rpartition(",")[2].strip().lower() == "chunked"


def _declared_bytes(headers: Headers) -> int:
    """The largest length that a head declares, 0 for none: whoever waits, waits for that at most."""
    values = [value.strip() for value in ",".join(headers.get_all("Content-Length")).split(",")]
    lengths = (value.lstrip("0") or "0" for value in values if value.isdecimal())
    return max(
        (int(value) if len(value) <= _LENGTH_DIGITS else 10**_LENGTH_DIGITS for value in lengths), default=0
    )


def _dechunked_head(head: bytes, length: int) -> bytes:
    """Head for a body whose chunks were joined: fields that no longer hold renamed, the true length added."""
    head = _renamed(_renamed(head, b"Transfer-Encoding"), b"Content-Length")
    return _with_field(head, b"Content-Length: %d" % length)


def _renamed(head: bytes, name: bytes) -> bytes:
    """Head with each field `name` renamed, its value untouched; fields are those that `headers_of` finds."""
    lines = head.split(b"\n")
    begun = False
    for place, line in enumerate(lines[1:], start=1):
        if b":" not in line or (begun and line[:1] in {b" ", b"\t"}):
            continue
        begun = True
        if line.partition(b":")[0].strip(_BLANK_BYTES).lower() == name.lower():
            start = len(line) - len(line.lstrip(_BLANK_BYTES))
            lines[place] = line[:start] + ORIGINAL + line[start:]
    return b"\n".join(lines)


def _with_field(head: bytes, field: bytes) -> bytes:
    """Head with one field more, before its blank line; a head cut before that stays as it is."""
    end = _HEAD_END.search(head)
    return head if end is None else head[: end.start()] + b"\r\n" + field + head[end.start() :]
