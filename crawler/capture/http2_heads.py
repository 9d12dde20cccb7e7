"""Heads of HTTP/2 messages as HTTP/1.1 would write them.

HTTP/2 has no head in bytes. The fields are kept in the order and case in which they came, in the form that
every reader of WARC files knows; WARC-Protocol tells what was spoken.
"""

from __future__ import annotations

from collections.abc import Sequence
from http.client import responses

_BREAKS = bytes.maketrans(b"\r\n\0", b"   ")
# Fields of a connection have no place in HTTP/2 (RFC 9113 section 8.2.2); `host` is sent as :authority.
_NOT_SENT = frozenset(
    {b"host", b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade", b"te"}
)

Fields = Sequence[tuple[bytes, bytes]]


def request_fields(method: str, authority: str, target: str, fields: Fields) -> list[tuple[bytes, bytes]]:
    """Fields of a request: pseudo fields first, names in lower case.

    >>> request_fields("GET", "a.example", "/", [(b"Host", b"a.example"), (b"Accept", b"*/*")])[3:]
    [(b':path', b'/'), (b'accept', b'*/*')]
    """
    pseudo = {b":method": method, b":authority": authority, b":scheme": "https", b":path": target}
    sent = ((name.lower(), value.strip()) for name, value in fields)
    return [
        *((name, value.encode("ascii")) for name, value in pseudo.items()),
        *((name, value) for name, value in sent if name not in _NOT_SENT),
    ]


def request_head(fields: Fields) -> bytes:
    r"""The head in which a request is kept.

    >>> request_head(request_fields("GET", "a.example", "/news", [(b"Accept", b"*/*")]))
    b'GET /news HTTP/1.1\r\nhost: a.example\r\naccept: */*\r\n\r\n'
    """
    start = b"%s %s HTTP/1.1" % (field(fields, b":method"), field(fields, b":path"))
    return head_of(start, [(b"host", field(fields, b":authority")), *fields])


def head_of(start: bytes, fields: Fields) -> bytes:
    r"""A head that begins with the line `start`: no pseudo fields, no line ends inside a value.

    A Transfer-Encoding, which HTTP/2 forbids, would claim chunks where there are none.

    >>> head_of(b"HTTP/1.1 200 OK", [(b":status", b"200"), (b"etag", b"a\r\nb")])
    b'HTTP/1.1 200 OK\r\netag: a  b\r\n\r\n'
    """
    return start + b"\r\n" + lines_of(fields) + b"\r\n"


def lines_of(fields: Fields) -> bytes:
    """Field lines."""
    lines = []
    for name, value in fields:
        if name.startswith(b":"):
            continue
        told = b"x-archive-orig-" + name if name.lower() == b"transfer-encoding" else name
        lines.append(b"%s: %s\r\n" % (told.translate(_BREAKS), value.translate(_BREAKS)))
    return b"".join(lines)


def status_line(status: int) -> bytes:
    """Status line with the usual reason phrase.

    >>> status_line(404), status_line(299)
    (b'HTTP/1.1 404 Not Found', b'HTTP/1.1 299 ')
    """
    return f"HTTP/1.1 {status:03d} {responses.get(status, '')}".encode("ascii")


def status_of(fields: Fields) -> int:
    """Status of an answer, 0 where it tells none.

    >>> status_of([(b":status", b"200")]), status_of([(b":status", b"2000")])
    (200, 0)
    """
    value = field(fields, b":status")
    return int(value) if value.isdigit() and len(value) == len(b"200") else 0


def field(fields: Fields, name: bytes) -> bytes:
    """Value of the first field called `name`, empty if there is none."""
    return next((value for key, value in fields if key == name), b"")
