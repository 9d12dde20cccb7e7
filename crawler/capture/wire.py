"""An HTTP/1.1 client protocol that keeps the bytes of each exchange as they pass.

Scrapy and Twisted keep the names used here to themselves: a new release may move them, and the test that
compares the bytes says so (see CONTRIBUTING.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import _LenientHTTP11ClientFactory, _LenientHTTP11ClientProtocol

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred
    from twisted.web.iweb import IResponse

HEAD_LIMIT_BYTES = 1 << 18
_HEAD_ENDS = (b"\n\r\n", b"\n\n")


@dataclass(slots=True)
class Exchange:
    """One request and what came back, in bytes; filled while it runs."""

    url: str
    started_at: datetime
    sent: bytearray
    received: bytearray
    limit_bytes: int
    ip: str | None = None
    tls: str | None = None
    cipher: str | None = None
    too_large: bool = False  # more than `limit_bytes` came, or a head that does not end
    head_ended: bool = False

    @classmethod
    def begin(cls, url: str, limit_bytes: int) -> Exchange:
        """Start an exchange now. At most `limit_bytes` of the answer are kept."""
        return cls(url, datetime.now(UTC), bytearray(), bytearray(), limit_bytes)

    def restart(self) -> None:
        """Forget an attempt on a connection that turned out dead: the request goes out again."""
        self.started_at = datetime.now(UTC)
        self.sent.clear()
        self.received.clear()
        self.too_large = self.head_ended = False

    def receive(self, data: bytes) -> None:
        """Keep bytes that arrived."""
        before = len(self.received)
        self.received += data[: self.limit_bytes - before]
        if not self.head_ended:
            self.head_ended = any(self.received.find(end, max(before - 2, 0)) >= 0 for end in _HEAD_ENDS)
        endless_head = not self.head_ended and len(self.received) > HEAD_LIMIT_BYTES
        self.too_large = self.too_large or endless_head or before + len(data) > self.limit_bytes


class _Tee:
    """A transport that also keeps what is written to it."""

    def __init__(self, transport: Any, exchange: Exchange) -> None:  # noqa: ANN401 (any Twisted transport)
        self._transport = transport
        self._exchange = exchange

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 (whatever the transport has)
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send, and keep."""
        self._exchange.sent += data
        self._transport.write(data)

    def writeSequence(self, parts: list[bytes]) -> None:  # noqa: N802 (Twisted's name)
        """Send, and keep."""
        self.write(b"".join(parts))


class RecordingProtocol(_LenientHTTP11ClientProtocol):
    """Scrapy's client protocol, with a recorder on both directions."""

    exchange: Exchange | None = None

    def request(self, request: Any) -> Deferred[IResponse]:  # noqa: ANN401 (Twisted's request)
        """Send `request`; its `exchange` attribute, set by `RecordingPool`, receives the bytes."""
        self.exchange = request.exchange
        request.exchange.restart()
        transport: Any = self.transport
        request.exchange.ip = transport.getPeer().host
        return super().request(request)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Keep the bytes, then parse them; give the connection up when they are too many."""
        exchange, transport = self.exchange, self.transport
        if exchange is not None:
            if not exchange.received:
                exchange.tls, exchange.cipher = _tls_of(transport)
            exchange.receive(data)
            if exchange.too_large and transport is not None:
                transport.abortConnection()
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]  # Twisted's


class RecordingFactory(_LenientHTTP11ClientFactory):
    """Builds recording protocols for the connection pool."""

    def buildProtocol(self, addr: object) -> RecordingProtocol:  # noqa: ARG002, N802 (Twisted's name)
        """Make a protocol for a fresh connection."""
        return RecordingProtocol(self._quiescentCallback)  # type: ignore[no-untyped-call]  # Twisted's


class RecordingPool:
    """The connection pool as one exchange's agent sees it: connections that record into that exchange."""

    def __init__(self, pool: Any, exchange: Exchange) -> None:  # noqa: ANN401 (Twisted's pool has no types)
        """Hand connections of `pool` on."""
        self._pool = pool
        self._exchange = exchange
        self.persistent = pool.persistent

    def getConnection(self, key: tuple[Any, ...], endpoint: object) -> Deferred[Any]:  # noqa: N802 (Twisted's name)
        """Get a connection whose next request is recorded."""
        connection: Deferred[Any] = self._pool.getConnection(key, endpoint)
        return connection.addCallback(_Bound, self._exchange)


class _Bound:
    """A connection, tied to the exchange of its next request."""

    def __init__(self, protocol: Any, exchange: Exchange) -> None:  # noqa: ANN401 (Twisted's protocol)
        self._protocol = protocol
        self._exchange = exchange

    def request(self, request: Any) -> Deferred[IResponse]:  # noqa: ANN401 (Twisted's request)
        """Send `request` with its exchange attached, through whatever retries Twisted makes."""
        write = request.writeTo
        request.exchange = self._exchange
        request.writeTo = lambda transport: write(_Tee(transport, self._exchange))
        sent: Deferred[IResponse] = self._protocol.request(request)
        return sent


def _tls_of(transport: Any) -> tuple[str | None, str | None]:  # noqa: ANN401 (any Twisted transport)
    """TLS version and cipher of a connection, (None, None) for plain TCP."""
    handle: Any = getattr(transport, "getHandle", lambda: None)()
    if not hasattr(handle, "get_cipher_name"):
        return None, None
    return handle.get_protocol_version_name(), handle.get_cipher_name()
