"""An answer as HTTP/1.1 puts it on the wire: validators, encodings, lengths."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import replace
from datetime import datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from crawler.demo.answers import Answer, http_date

_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


def unless_unchanged(answer: Answer, asked: Message) -> Answer:
    """The answer with its validators; a 304 where the client's are still good (RFC 9110 section 13)."""
    if answer.status != HTTPStatus.OK:
        return answer
    fields = []
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
    if answer.etag:
        fields.append(("ETag", tag))
    if answer.modified_at:
        fields.append(("Last-Modified", http_date(answer.modified_at)))
    answer = replace(answer, headers=(*answer.headers, *fields))
    known_tags = asked.get("If-None-Match")
    if known_tags is not None:
        known = [known.strip().removeprefix("W/") for known in known_tags.split(",")]
        fresh = answer.etag and (tag in known or "*" in known)
    else:
        fresh = _not_modified_since(answer, asked.get("If-Modified-Since"))
    return replace(answer, status=HTTPStatus.NOT_MODIFIED, body=b"", delivery="plain") if fresh else answer


def framed(
    answer: Answer, asked: Message, *, date: datetime, software: str, may_chunk: bool, closes: bool
) -> tuple[bytes, bytes]:
    """The head and the body as they go over the wire."""
    fields = [("Date", http_date(date)), ("Server", software)]
    body = b""
    if answer.status in _BODILESS:
        fields += answer.headers
    else:
        encoding, body = _encoded(answer, asked)
        fields += [("Content-Type", answer.content_type), *answer.headers, *encoding]
        if answer.delivery == "chunked" and may_chunk:
            fields.append(("Transfer-Encoding", "chunked"))
            body = _chunked(body)
        else:
            fields.append(("Content-Length", str(len(body))))
    if closes:
        fields.append(("Connection", "close"))
    lines = [f"HTTP/1.1 {int(answer.status)} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in fields]
    return "\r\n".join([*lines, "", ""]).encode("latin-1"), body


def _encoded(answer: Answer, asked: Message) -> tuple[list[tuple[str, str]], bytes]:
    """The fields that tell of the body's content encoding, and the body in it."""
    if not answer.delivery.startswith("gzip"):
        return [], answer.body
    vary = ("Vary", "Accept-Encoding")
    if answer.delivery == "gzip-always" or "gzip" in asked.get("Accept-Encoding", ""):
        return [("Content-Encoding", "gzip"), vary], gzip.compress(answer.body, mtime=0)
    return [vary], answer.body


def _not_modified_since(answer: Answer, since: str | None) -> bool:
    if since is None or answer.modified_at is None:
        return False
    try:
        return answer.modified_at <= parsedate_to_datetime(since)
    except (TypeError, ValueError):  # no date, or one without a zone: such a field is ignored
        return False


def _chunked(body: bytes, size: int = 1024) -> bytes:
    r"""The body in chunks (RFC 9112 section 7.1).

    >>> _chunked(b"abc", 2)
    b'2\r\nab\r\n1\r\nc\r\n0\r\n\r\n'
    """
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(f"{len(piece):X}\r\n".encode() + piece + b"\r\n" for piece in [*pieces, b""])
