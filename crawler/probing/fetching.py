"""One GET over a guarded connection, kept nowhere: bounded in size and in time, whatever the server does.

For looking at a site, not for crawling it: what is fetched here never becomes part of an archive.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, cast
from urllib.parse import urlsplit

from crawler.discovery.markup import unpacked
from storage.model import Headers

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from crawler.guard import AddressPolicy

_DEFAULT_PORTS = {"http": 80, "https": 443}
_MOST_BYTES = 16 << 20
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of asking for `url`: `status` 0 where nothing did; `problem` says why, or what is amiss."""

    url: str
    status: int = 0
    headers: Headers = field(default_factory=lambda: Headers([]))
    body: bytes = b""
    problem: str = ""

    @property
    def content_type(self) -> str | None:
        """The Content-Type field."""
        return self.headers.get("Content-Type")


def get(
    url: str, policy: AddressPolicy, *, user_agent: str, timeout_s: float, most_bytes: int = _MOST_BYTES
) -> Answer:
    """The answer to one GET, redirects not followed. Only addresses that the policy allows are dialled."""
    deadline = time.monotonic() + timeout_s
    try:
        parts = urlsplit(url)
        with _connected(parts, policy, deadline) as connection:
            connection.sendall(_request(parts, user_agent))
            return _read(url, connection, deadline, most_bytes)
    except ssl.SSLCertVerificationError as error:
        return Answer(url=url, problem=f"its certificate does not hold: {error.verify_message}")
    except TimeoutError:
        return Answer(url=url, problem=f"no answer within {timeout_s:g} s")
    except _RefusedError as error:
        return Answer(url=url, problem=str(error))
    except (OSError, ValueError) as error:  # a port beyond 65535, a label of more than 63 letters
        reason = error.strerror if isinstance(error, OSError) else None
        return Answer(url=url, problem=f"not to be reached: {reason or error}")
    except http.client.HTTPException as error:
        return Answer(url=url, problem=f"the answer is no HTTP: {type(error).__name__}")


class _RefusedError(Exception):
    """No address of the host may be dialled."""


def _connected(parts: SplitResult, policy: AddressPolicy, deadline: float) -> socket.socket:
    """A connection to the first allowed address that answers, inside TLS for https."""
    if parts.scheme not in _DEFAULT_PORTS:
        raise _RefusedError("no web address")
    host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]
    target = policy.redirected(host, port)
    # An address looked up is checked and is itself dialled: a name that changes its mind leads nowhere else.
    addresses = [target] if target else [(address, port) for address in _allowed(host, port, policy)]
    for place, address in enumerate(addresses, start=1):
        try:
            plain = socket.create_connection(address, timeout=_left(deadline))
        except OSError:
            if place == len(addresses):
                raise
        else:
            break
    if parts.scheme == "http":
        return plain
    try:
        return ssl.create_default_context().wrap_socket(plain, server_hostname=host)
    except BaseException:
        plain.close()
        raise


def _allowed(host: str, port: int, policy: AddressPolicy) -> list[str]:
    """The host's addresses that may be dialled. Raises: _RefusedError where there is none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    refusals = {address: policy.refusal(address, port) for address in addresses}
    allowed = [address for address, refusal in refusals.items() if refusal is None]
    if not allowed:
        raise _RefusedError("; ".join(filter(None, refusals.values())))
    return allowed


def _request(parts: SplitResult, user_agent: str) -> bytes:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = (
        f"GET {target} HTTP/1.1",
        f"Host: {parts.netloc}",
        f"User-Agent: {user_agent}",
        "Accept: */*",
        "Accept-Encoding: gzip",
        "Connection: close",
    )
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _read(url: str, connection: socket.socket, deadline: float, most_bytes: int) -> Answer:
    """The answer off the wire, unpacked."""
    source = _Source(connection, deadline)
    # HTTPResponse asks of its socket nothing but to be read from.
    response = http.client.HTTPResponse(cast("socket.socket", source), method="GET")
    try:
        response.begin()
        headers = Headers(response.getheaders())
        pieces, size, problem = [], 0, ""
        try:
            while size <= most_bytes and (piece := response.read(_CHUNK)):
                pieces.append(piece)
                size += len(piece)
        except http.client.IncompleteRead as error:
            pieces.append(error.partial)
            problem = "the answer is cut short"
        if (
            response.length
        ):  # what Content-Length promised and did not come; a read of a piece is silent on it
            problem = problem or "the answer is cut short"
        if size > most_bytes:
            problem = f"only the first {most_bytes >> 20} MB were read"
        body = b"".join(pieces)
        if "gzip" in (headers.get("Content-Encoding") or "").lower():
            body, damage = unpacked(body)
            problem = problem or damage
        return Answer(url=url, status=response.status, headers=headers, body=body, problem=problem)
    finally:
        response.close()


class _Timed(io.RawIOBase):
    """Reads a socket until a deadline, however little comes at a time."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        """Read nothing yet."""
        self._connection = connection
        self._deadline = deadline

    def readable(self) -> bool:
        """Say yes."""
        return True

    def readinto(self, buffer: object) -> int:
        """Read what is there. Raises: TimeoutError."""
        self._connection.settimeout(_left(self._deadline))
        return self._connection.recv_into(cast("bytearray", buffer))


class _Source:
    """What http.client takes for a socket."""

    def __init__(self, connection: socket.socket, deadline: float) -> None:
        """Read from the connection until the deadline."""
        self._connection = connection
        self._deadline = deadline

    def makefile(self, mode: str) -> BinaryIO:
        """The connection as a file to read."""
        del mode
        return io.BufferedReader(_Timed(self._connection, self._deadline))


def _left(deadline: float) -> float:
    """Seconds until the deadline. Raises: TimeoutError where there are none."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
