"""HTTP/1.x messages as bytes: heads, chunked bodies, and the form in which a response is stored.

Stored by default: every byte as received, save that a chunked body is dechunked, its `Transfer-Encoding`
field renamed `X-Archive-Orig-Transfer-Encoding` and a true Content-Length added, because readers disagree on
the payload digest of chunked records; and that the Content-Length of a cut body is renamed too, so that no
replayer waits for bytes that never came.

Source: RFC 9112 sections 2 to 7; WARC 1.1 section 6.3 (payload of a response record).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from storage.model import Headers

ORIGINAL = b"X-Archive-Orig-"
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.[01] 1\d\d(?!\d)")
_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?!\d)")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?", re.DOTALL)
_BLANKS = " \t\r"  # str.strip() would take a header's last bytes \x85 and \xa0 as well


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredResponse:
    """A response's bytes in the form in which they are archived.

    `cut` tells that fewer bytes came than the head promised. `status` is 0 where there is no HTTP head.
    """

    head: bytes
    body: bytes
    status: int
    headers: Headers
    cut: bool


def split_head(message: bytes) -> tuple[bytes, bytes]:
    r"""Head with its blank line, and body. A message without a blank line is all head.

    >>> split_head(b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nbody")
    (b'HTTP/1.1 200 OK\r\nA: b\r\n\r\n', b'body')
    """
    end = _HEAD_END.search(message)
    return (message, b"") if end is None else (message[: end.end()], message[end.end() :])


def skip_interim(message: bytes) -> bytes:
    """Message from its final head on: 1xx heads before it are passed over."""
    while _INTERIM.match(message) and _HEAD_END.search(message):
        message = split_head(message)[1]
    return message


def status_of(head: bytes) -> int:
    """Status code in the head's first line, 0 if there is none."""
    match = _STATUS_LINE.match(head)
    return int(match.group(1)) if match else 0


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
    parts: list[bytes] = []
    at = 0
    while True:
        end = body.find(b"\n", at)
        size = _CHUNK_SIZE.fullmatch(body[at:end].strip()) if end >= 0 else None
        if size is None:
            return b"".join(parts), False
        length = int(size.group(1), 16)
        if length == 0:
            return b"".join(parts), True
        parts.append(body[end + 1 : end + 1 + length])
        at = end + 1 + length
        at += 2 if body[at : at + 2] == b"\r\n" else 1 if body[at : at + 1] == b"\n" else 0


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


def stored_response(received: bytes, *, ended: bool) -> StoredResponse:
    """Archived form of the bytes `received`; `ended` tells whether the exchange came to its proper end.

    Bytes after the end that a Content-Length declares are kept: they went over the wire.
    """
    message = skip_interim(received)
    head, body = split_head(message)
    status = status_of(head)
    if not status:
        return StoredResponse(head=b"", body=received, status=0, headers=Headers([]), cut=True)
    headers = headers_of(head)
    whole = True
    if _is_chunked(headers):
        body, whole = dechunk(body)
        head = _renamed(head, b"Transfer-Encoding")
        head = _renamed(head, b"Content-Length") if "Content-Length" in headers else head
        head = _with_field(head, b"Content-Length: %d" % len(body))
    declared = headers.get("Content-Length", "")
    if declared.isdecimal() and not _is_chunked(headers):
        whole = len(body) >= int(declared) or status in {204, 304}
        head = head if whole else _renamed(head, b"Content-Length")
    return StoredResponse(head=head, body=body, status=status, headers=headers, cut=not (whole and ended))


def _is_chunked(headers: Headers) -> bool:
    """Whether the last transfer coding is chunked."""
    codings = ",".join(headers.get_all("Transfer-Encoding"))
    return codings.rpartition(",")[2].strip().lower() == "chunked"


def _renamed(head: bytes, name: bytes) -> bytes:
    """Head with each field `name` renamed, its value untouched."""
    field = re.compile(rb"(?mi)^(%s)(?=[ \t]*:)" % re.escape(name))
    return field.sub(lambda match: ORIGINAL + match.group(1), head)


def _with_field(head: bytes, field: bytes) -> bytes:
    """Head with one field more, before its blank line."""
    end = _HEAD_END.search(head)
    at = len(head) if end is None else end.start()
    return head[:at] + b"\r\n" + field + head[at:]
