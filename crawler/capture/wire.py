"""An HTTP/1.1 client protocol that keeps the bytes of each exchange as they pass.

Scrapy and Twisted keep the names used here to themselves: a new release may move them, and the test that
compares the bytes says so (see CONTRIBUTING.md).
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from scrapy.core.downloader.handlers.http11 import (
    _LenientHTTP11ClientFactory,
    _LenientHTTP11ClientProtocol,
    _LenientHTTPClientParser,
)
from twisted.internet.error import ConnectionLost
from twisted.internet.protocol import connectionDone
from twisted.web.http_headers import InvalidHeaderName

from crawler.capture.chunks import ChunkDecoder

if TYPE_CHECKING:
    from twisted.internet.defer import Deferred
    from twisted.python.failure import Failure
    from twisted.web.iweb import IResponse

log = logging.getLogger(__name__)

HEAD_LIMIT_BYTES = 1 << 18
TOO_LARGE = "the answer is larger than what is taken"
_HEAD_END = re.compile(rb"\n\r?\n")
_INTERIM = re.compile(rb"HTTP/1\.[01] 1\d\d(?!\d)")
_OPENSSL_SUITE = re.compile(
    r"(?:(?P<exchange>(?:EC)?DHE-(?:ECDSA|RSA))-)?"
    r"(?:CHACHA20-POLY1305|(?P<cipher>AES|CAMELLIA|ARIA)(?P<bits>128|256)"
    r"(?:-(?P<mode>GCM|CCM8?))?(?:-(?P<mac>SHA\d*))?)"
)


@dataclass(slots=True)
class Exchange:
    """One request and what came back, in bytes; filled while it runs, nothing is added once it has ended.

    `cipher` is the suite's IANA name. `trailers` are the fields that HTTP/2 sent after the body, which have
    no place in `received`. `part` says as what a browser asked for it on behalf of a page ("fetch").
    """

    url: str
    started_at: datetime
    sent: bytearray
    received: bytearray
    limit_bytes: int
    ip: str | None = None
    http: str | None = None  # "h2"; HTTP/1's version stands in `received`
    tls: str | None = None
    cipher: str | None = None
    too_large: bool = False  # more than `limit_bytes` came, or heads that do not end
    head_at: int = 0  # where the last head begins, after 1xx heads
    head_ended: bool = False
    broken: bool = False  # the connection was reset; over TLS nobody can tell that from a close
    ended_at: datetime | None = None
    trailers: bytes = b""
    part: str = ""
    handle: Any = None  # the connection's: a socket, or what OpenSSL has

    @classmethod
    def begin(cls, url: str, limit_bytes: int) -> Exchange:
        """Start an exchange now. At most `limit_bytes` of the answer are kept."""
        return cls(url, datetime.now(UTC), bytearray(), bytearray(), limit_bytes)

    @property
    def protocols(self) -> tuple[str, ...]:
        """What was spoken, outermost first, as WARC-Protocol has it; empty where nobody was reached."""
        if self.ip is None:
            return ()
        http = self.http or ("http/1.0" if self.received.startswith(b"HTTP/1.0") else "http/1.1")
        return (http, self.tls) if self.tls else (http,)

    def restart(self) -> None:
        """Forget an attempt on a connection that turned out dead: the request goes out again."""
        self.started_at = datetime.now(UTC)
        self.sent.clear()
        self.received.clear()
        self.too_large = self.head_ended = self.broken = False
        self.head_at = 0
        self.http = self.tls = self.cipher = self.handle = None
        self.trailers = b""

    def connected(self, transport: Any) -> None:  # noqa: ANN401 (any Twisted transport)
        """Take note of the connection that the request goes out on."""
        self.ip = transport.getPeer().host
        self.handle = getattr(transport, "getHandle", lambda: None)()

    @property
    def over_tls(self) -> bool:
        """Whether the connection has TLS."""
        return hasattr(self.handle, "get_cipher_name")

    def receive(self, data: bytes) -> None:
        """Keep bytes that arrived."""
        if self.ended_at is not None:
            return
        before = len(self.received)
        self.received += data[: self.limit_bytes - before]
        while not self.head_ended and (end := self._head_end(before)):
            self.head_ended = _INTERIM.match(self.received, self.head_at) is None
            self.head_at = self.head_at if self.head_ended else end
        endless_head = not self.head_ended and len(self.received) > HEAD_LIMIT_BYTES
        self.too_large = self.too_large or endless_head or before + len(data) > self.limit_bytes

    def _head_end(self, before: int) -> int:
        """Where the last head ends, 0 if it does not; up to `before` this is known already."""
        found = _HEAD_END.search(self.received, max(before - 2, self.head_at))
        return found.end() if found else 0

    def end(self) -> None:
        """Take no more bytes: what arrives from now on belongs to no answer."""
        if self.ended_at is None:
            self.ended_at = datetime.now(UTC)
            if self.over_tls:
                self._secured()

    def _secured(self) -> None:
        """Take note of the TLS version and cipher; where no handshake was made, nothing was sent either."""
        if self.handle.get_finished() is None:
            self.sent.clear()
            return
        self.tls = self.handle.get_protocol_version_name().lower().replace("v", "/")
        self.cipher = cipher_suite(self.handle.get_cipher_name() or "") or None


def cipher_suite(name: str) -> str:
    """IANA's name of the cipher suite that OpenSSL calls `name`; a name without a rule is given as it is.

    >>> cipher_suite("ECDHE-RSA-AES128-GCM-SHA256"), cipher_suite("TLS_AES_128_GCM_SHA256")
    ('TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256', 'TLS_AES_128_GCM_SHA256')
    """
    match = _OPENSSL_SUITE.fullmatch(name)
    if match is None:
        return name
    exchange = (match["exchange"] or "RSA").replace("-", "_")
    if match["bits"] is None:
        return f"TLS_{exchange}_WITH_CHACHA20_POLY1305_SHA256"
    mode = {"CCM8": "CCM_8", None: "CBC"}.get(match["mode"], match["mode"])
    mac = f"_{match['mac']}" if match["mac"] else ""
    return f"TLS_{exchange}_WITH_{match['cipher']}_{match['bits']}_{mode}{mac}"


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


class _TolerantParser(_LenientHTTPClientParser):
    """Scrapy's parser, for answers that browsers take and Twisted refuses."""

    MAX_LENGTH = HEAD_LIMIT_BYTES  # of a line; policies and cookies of more than Twisted's 16 kB are not rare
    _transferDecoders = {b"chunked": ChunkDecoder}  # type: ignore[dict-item]  # noqa: N815, RUF012 (Twisted's)

    def headerReceived(self, name: bytes, value: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Take a field; one whose name is none is passed over, as lines without a colon are.

        So is the transfer coding that says there is none.
        """
        if name.strip().lower() == b"transfer-encoding" and value.strip().lower() == b"identity":
            return
        try:
            super().headerReceived(name.rstrip(b" \t"), value)  # type: ignore[no-untyped-call]  # Twisted's
        except InvalidHeaderName:
            log.debug("passing over the header field %r", name)


class RecordingProtocol(_LenientHTTP11ClientProtocol):
    """Scrapy's client protocol, with a recorder on both directions."""

    exchange: Exchange | None = None

    def request(self, request: Any) -> Deferred[IResponse]:  # noqa: ANN401 (Twisted's request)
        """Send `request`; its `exchange` attribute, set by `RecordingPool`, receives the bytes."""
        self.exchange = request.exchange
        request.exchange.restart()
        request.exchange.connected(self.transport)
        answered = super().request(request)
        if self._parser is not None:
            self._parser.__class__ = _TolerantParser  # as Scrapy does, for the same reason
        return answered

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Keep the bytes, then parse them; give the connection up when they are too many."""
        exchange, transport = self.exchange, self.transport
        if exchange is not None:
            exchange.receive(data)
            if exchange.too_large and transport is not None:
                transport.abortConnection()
                return
        super().dataReceived(data)  # type: ignore[no-untyped-call]  # Twisted's

    def _finishResponse(self, rest: bytes) -> None:  # noqa: N802 (Twisted's name)
        """Keep no connection that gave more than was asked for: its like would be the next page's answer."""
        if rest and self._currentRequest is not None:
            self._currentRequest.persistent = False
        super()._finishResponse(rest)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802 (Twisted's name)
        """Note a reset: to Twisted it ends a body without a length as well as a close does."""
        exchange = self.exchange
        if exchange is not None and not exchange.over_tls and exchange.ended_at is None:
            exchange.broken = isinstance(reason.value, ConnectionLost)
        super().connectionLost(reason)  # type: ignore[no-untyped-call]  # Twisted's


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
