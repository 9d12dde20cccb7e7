"""HTTP/1.1 with an archive's service: the head as bytes, then the body as it comes, its coding left on.

A client of our own, because others join, sort or decode what has to be told apart here: the fields of the
original answer, and the bytes that a digest covers. Every address passes the guard.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from socket import SOCK_STREAM
from urllib.parse import urlsplit

from crawler.guard import AddressPolicy
from storage.errors import UsageError
from storage.model import Headers
from storage.warc.http import NO_BODY, headers_of, status_of

_STEP_BYTES = 1 << 16
_HEAD_BYTES = 1 << 18
_FIRST_FINAL = 200
_FAULTS = (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError)


class BrokenError(Exception):
    """No answer came; `unreachable` says that there was not even a connection."""

    def __init__(self, reason: str, *, timed_out: bool = False, unreachable: bool = False) -> None:
        """Keep what happened."""
        super().__init__(reason)
        self.timed_out = timed_out
        self.unreachable = unreachable


@dataclass(frozen=True, slots=True)
class Server:
    """Where requests for a URL go."""

    secure: bool
    host: str
    port: int


def server_of(url: str) -> Server:
    """The server of a URL.

    >>> server_of("https://web.archive.org/web/")
    Server(secure=True, host='web.archive.org', port=443)
    """
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    return Server(secure, parts.hostname or "", parts.port or (443 if secure else 80))


@dataclass(slots=True, kw_only=True)
class Incoming:
    """An answer whose head has come. `cut` says why its body ended early: "time", "disconnect"."""

    url: str
    asked_at: datetime
    head: bytes
    reader: asyncio.StreamReader
    timeout_s: float
    status: int = 0
    headers: Headers = field(default_factory=lambda: Headers(()))
    cut: str = ""
    is_done: bool = False

    def __post_init__(self) -> None:
        """Read the head."""
        self.status, self.headers = status_of(self.head), headers_of(self.head)

    @property
    def is_reusable(self) -> bool:
        """Whether the next request may use the connection."""
        kept = self.headers.get("Connection", "").lower() != "close" and self.head.startswith(b"HTTP/1.1")
        return self.is_done and not self.cut and kept and not self._is_endless()

    async def parts(self) -> AsyncIterator[bytes]:
        """The body, its transfer coding removed."""
        try:
            async for part in self._framed():
                yield part
            self.is_done = True
        except TimeoutError:
            self.cut = "time"
        except _FAULTS:
            self.cut = "disconnect"

    async def _framed(self) -> AsyncIterator[bytes]:
        """The body by whichever way its end is told."""
        if self.status in NO_BODY:
            return
        if self._is_chunked():
            while size := int((await self._line()).partition(b";")[0], 16):
                async for part in self._exactly(size):
                    yield part
                await self._line()
            while (await self._line()).strip():
                pass
        elif self._is_endless():
            while part := await self._read(_STEP_BYTES):
                yield part
        else:
            async for part in self._exactly(int(self.headers["Content-Length"])):
                yield part

    def _is_chunked(self) -> bool:
        return "chunked" in self.headers.get("Transfer-Encoding", "").lower()

    def _is_endless(self) -> bool:
        """Whether the end of the connection is the body's."""
        return self.status not in NO_BODY and not self._is_chunked() and "Content-Length" not in self.headers

    async def _exactly(self, size: int) -> AsyncIterator[bytes]:
        while size:
            part = await self._read(min(size, _STEP_BYTES))
            if not part:
                raise asyncio.IncompleteReadError(b"", size)
            size -= len(part)
            yield part

    async def _line(self) -> bytes:
        async with asyncio.timeout(self.timeout_s):
            return await self.reader.readuntil(b"\n")

    async def _read(self, size: int) -> bytes:
        async with asyncio.timeout(self.timeout_s):
            return await self.reader.read(size)


class Connection:
    """A connection to a server, for one request after the other."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, timeout_s: float) -> None:
        """Take what `dial` opened."""
        self._reader, self._writer, self._timeout_s = reader, writer, timeout_s

    async def ask(self, url: str, fields: tuple[tuple[str, str], ...]) -> Incoming:
        """The answer to a GET, once its head has come. Raises: BrokenError."""
        asked_at = datetime.now(UTC)
        try:
            async with asyncio.timeout(self._timeout_s):
                self._writer.write(_message(url, fields))
                await self._writer.drain()
                head = await self._reader.readuntil(b"\r\n\r\n")
                while status_of(head) < _FIRST_FINAL and head.startswith(b"HTTP/"):
                    head = await self._reader.readuntil(b"\r\n\r\n")
        except TimeoutError as error:
            raise BrokenError(f"no answer in {self._timeout_s:g} seconds", timed_out=True) from error
        except _FAULTS as error:
            raise BrokenError(f"the connection broke: {error}") from error
        if not status_of(head):
            raise BrokenError("the answer is no HTTP")
        return Incoming(url=url, asked_at=asked_at, head=head, reader=self._reader, timeout_s=self._timeout_s)

    def close(self) -> None:
        """Close it."""
        self._writer.close()


async def dial(server: Server, policy: AddressPolicy, timeout_s: float) -> Connection:
    """A new connection. Raises: BrokenError; UsageError where no address may be dialled."""
    faults: list[str] = []
    for address, port in await _addresses(server, policy):
        try:
            async with asyncio.timeout(timeout_s):
                reader, writer = await asyncio.open_connection(
                    address,
                    port,
                    limit=_HEAD_BYTES,
                    ssl=ssl.create_default_context() if server.secure else None,
                    server_hostname=server.host if server.secure else None,
                )
            return Connection(reader, writer, timeout_s)
        except TimeoutError:
            faults.append(f"{address}: no connection in {timeout_s:g} seconds")
        except OSError as error:
            faults.append(f"{address}: {error}")
    raise BrokenError("; ".join(faults), unreachable=True)


async def _addresses(server: Server, policy: AddressPolicy) -> list[tuple[str, int]]:
    """Addresses that may be dialled, in the resolver's order."""
    redirected = policy.redirected(server.host, server.port)
    if redirected is not None:
        return [redirected]
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(server.host, server.port, type=SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise BrokenError(f"no address for {server.host}: {error}", unreachable=True) from error
    addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
    refusals = {address: policy.refusal(address, server.port) for address in addresses}
    allowed = [(address, server.port) for address, refusal in refusals.items() if refusal is None]
    if not allowed:
        raise UsageError(
            f"{server.host}: {'; '.join(filter(None, refusals.values()))}",
            hint=f"--allow-address {addresses[0]}:{server.port}",
        )
    return allowed


def _message(url: str, fields: tuple[tuple[str, str], ...]) -> bytes:
    """The request for a URL."""
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    lines = [f"GET {target} HTTP/1.1", f"Host: {parts.netloc.rpartition('@')[2]}"]
    return "\r\n".join([*lines, *(f"{name}: {value}" for name, value in fields), "", ""]).encode("latin-1")
