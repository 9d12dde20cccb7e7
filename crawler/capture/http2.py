"""HTTP/2 for the seeds that ask for it: one guarded connection a host, HTTP/1.1 where a server has none.

Scrapy's own HTTP/2 client is not used: a connection that fails, or that the address guard refuses, leaves its
requests waiting for ever, a GOAWAY loses the answers under way, and what came of a cut answer is thrown away.
"""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from scrapy.core.downloader.contextfactory import _AcceptableProtocolsContextFactory
from scrapy.exceptions import DownloadFailedError, DownloadTimeoutError
from scrapy.http import Headers
from scrapy.utils._download_handlers import make_response
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.interfaces import IProtocolNegotiationFactory
from twisted.internet.protocol import Factory
from twisted.web.client import URI
from zope.interface import implementer

from crawler.capture.http2_heads import request_fields, request_head
from crawler.capture.http2_stream import Answer, Http1RequiredError, UnansweredError
from crawler.capture.http2_wire import PROTOCOL, Http2Protocol
from crawler.guard import CONNECT_TIMEOUT_S, AddressPolicy, GuardedEndpoints

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response
    from twisted.internet.interfaces import IAddress
    from twisted.web.iweb import IPolicyForHTTPS

    from crawler.capture.wire import Exchange

_OFFERED = [PROTOCOL, b"http/1.1"]
_TRIES = 3  # connections that end under a request before it fails

_Connecting = asyncio.Task[Http2Protocol | None]


@implementer(IProtocolNegotiationFactory)
class _Factory(Factory):
    """Builds connections that offer HTTP/2 and HTTP/1.1."""

    noisy = False

    def buildProtocol(self, addr: IAddress | None) -> Http2Protocol:  # noqa: ARG002, N802 (Twisted's name)
        """Make a protocol for a fresh connection."""
        return Http2Protocol()

    def acceptableProtocols(self) -> list[bytes]:  # noqa: N802 (Twisted's name)
        """What to offer, the best first."""
        return _OFFERED


class Http2Connections:
    """The HTTP/2 connections of one crawl."""

    def __init__(
        self, tls: IPolicyForHTTPS, policy: AddressPolicy, *, timeout_s: float, most_bytes: int
    ) -> None:
        """Dial what `policy` allows."""
        from twisted.internet import reactor

        offering: Any = _AcceptableProtocolsContextFactory(tls, _OFFERED)
        self._endpoints = GuardedEndpoints(reactor, offering, policy)
        self._timeout_s, self._most_bytes = timeout_s, most_bytes
        self._connecting: dict[tuple[bytes, int], _Connecting] = {}
        self._without: set[tuple[bytes, int]] = set()  # hosts that have no HTTP/2

    async def download(self, request: Request, exchange: Exchange) -> Response | None:
        """The answer to a request, None where it is one for HTTP/1.1.

        Raises: AddressRefusedError, ConnectError, DNSLookupError, DownloadTimeoutError,
        DownloadCancelledError, DownloadFailedError, ResponseDataLossError.
        """
        uri: URI = URI.fromBytes(exchange.url.encode("ascii"))  # type: ignore[no-untyped-call]  # Twisted's
        if uri.scheme != b"https" or request.body or (uri.host, uri.port) in self._without:
            return None
        timeout_s = request.meta.get("download_timeout") or self._timeout_s
        try:
            async with asyncio.timeout(timeout_s):
                return await self._fetch(uri, request, exchange)
        except TimeoutError:
            raise DownloadTimeoutError(f"no whole answer within {timeout_s} seconds") from None
        except Http1RequiredError:
            self._without.add((uri.host, uri.port))
            exchange.restart()
            return None

    def close(self) -> None:
        """Close every connection."""
        for task in self._connecting.values():
            connection = task.result() if task.done() and _still_good(task) else None
            if connection is not None:
                connection.close()
            task.cancel()
        self._connecting.clear()

    async def _fetch(self, uri: URI, request: Request, exchange: Exchange) -> Response | None:
        """The answer, on a second connection where the first does nothing about the request."""
        for tries_left in reversed(range(_TRIES)):
            connection = await self._connection(uri)
            if connection is None:
                self._without.add((uri.host, uri.port))
                return None
            try:
                return await self._ask(connection, request, exchange)
            except UnansweredError:
                if not tries_left:
                    raise
        raise AssertionError("unreachable")

    async def _ask(self, connection: Http2Protocol, request: Request, exchange: Exchange) -> Response:
        """The answer on a connection."""
        parts = urlsplit(exchange.url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        authority = parts.netloc.rpartition("@")[2].removesuffix(":443")
        fields = [(name, value) for name, values in request.headers.items() for value in values]
        sent = request_fields(request.method, authority, target, fields)
        most_bytes = request.meta.get("download_maxsize", self._most_bytes)
        answer = await connection.fetch(sent, request_head(sent), exchange, most_bytes)
        return _response(answer, connection, exchange)

    async def _connection(self, uri: URI) -> Http2Protocol | None:
        """The connection to a host, None where it speaks no HTTP/2; whoever asks meanwhile shares it."""
        key = (uri.host, uri.port)
        known = self._connecting.get(key)
        if known is not None and known.done() and not _still_good(known):
            known = None
        if known is None:
            known = asyncio.ensure_future(self._connect(uri))
            known.add_done_callback(_look_at)
            self._connecting[key] = known
        # One request's end must not end the connecting that others wait for.
        return await asyncio.shield(known)

    async def _connect(self, uri: URI) -> Http2Protocol | None:
        """Connect and agree on the protocol."""
        endpoint: Any = self._endpoints.endpointForURI(uri)
        protocol: Http2Protocol = await maybe_deferred_to_future(endpoint.connect(_Factory()))
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                return protocol if await protocol.ready else None
        except TimeoutError:
            protocol.close()
            raise DownloadTimeoutError(f"no HTTP/2 within {CONNECT_TIMEOUT_S} seconds") from None


def _still_good(task: _Connecting) -> bool:
    """Whether what a finished attempt brought can be used."""
    if task.cancelled() or task.exception() is not None:
        return False
    connection = task.result()
    return connection is None or connection.usable


def _look_at(task: _Connecting) -> None:
    """Take a failure for seen: those who wait hear of it, if they still do."""
    if not task.cancelled():
        task.exception()


def _response(answer: Answer, connection: Http2Protocol, exchange: Exchange) -> Response:
    """The answer as Scrapy hands it on. Raises: DownloadFailedError where it has no status."""
    if not answer.status:
        raise DownloadFailedError("an answer without a status")
    headers = Headers()
    for name, value in answer.fields:
        if not name.startswith(b":"):
            headers.appendlist(name, value)
    return make_response(
        url=exchange.url,
        status=answer.status,
        headers=headers,
        body=answer.body,
        certificate=connection.certificate,
        ip_address=ip_address(exchange.ip or ""),
        protocol="h2",
    )
