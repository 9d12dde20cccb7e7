"""Scrapy's HTTP/1.1 download handler, and HTTP/2, with every exchange kept as it went over the wire.

In a download handler, because a middleware gets to see neither the reason phrase, nor the header's order and
case, nor repeated fields, nor what failed. Each hop, retry and robots.txt passes here.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler, _ScrapyAgent
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.web._newclient import RequestNotSent, RequestTransmissionFailed

from crawler.capture.connections import IdleConnections
from crawler.capture.sink import Kept
from crawler.capture.wire import TOO_LARGE, Exchange, RecordingFactory, RecordingPool
from crawler.discovery import LinkKind
from crawler.ending import CUT_SHORT, CutShortError, Ending
from crawler.guard import AddressRefusedError, GuardedEndpoints
from crawler.middlewares import KIND
from crawler.politeness import PostponedError
from crawler.report_words import POSTPONED
from crawler.trail import found_of
from storage.article import Outcome
from storage.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.web.client import Agent

    from crawler.capture.http2 import Http2Connections
    from crawler.crawling import Crawling
    from crawler.frontier import Place

HTTP2 = "PRESSWARC_HTTP2"  # Scrapy setting: whether to speak HTTP/2 where the server does
ARCHIVED = "presswarc_archived"  # request.meta key of the `Place` of the capture that answers it
PART = "presswarc_part"  # request.meta key: as what a browser asks for it on behalf of a page
HEARD = "presswarc_heard"  # request.meta key: whether a fetch that failed brought any byte
CAPTURE = "presswarc_capture"  # request.meta key of the `Kept` of the last hop
_HEAD_ROOM = 1 << 20
_NO_HTTP = "the answer is no HTTP"

_OUTCOMES: dict[type[Exception], Outcome] = {
    DownloadTimeoutError: Outcome.TIMED_OUT,
    DownloadCancelledError: Outcome.TOO_LARGE,
    ResponseDataLossError: Outcome.DISCONNECTED,
    DownloadFailedError: Outcome.DISCONNECTED,
    DownloadConnectionRefusedError: Outcome.CONNECTION_FAILED,
    CannotResolveHostError: Outcome.CONNECTION_FAILED,
    ConnectError: Outcome.CONNECTION_FAILED,
    ConnectionClosed: Outcome.DISCONNECTED,
    RequestTransmissionFailed: Outcome.DISCONNECTED,
    RequestNotSent: Outcome.DISCONNECTED,
}
_FAILURES = tuple(_OUTCOMES)
_Result = TypeVar("_Result")


class _RecordingAgent(_ScrapyAgent):
    """Scrapy's agent for one request, tied to that request's exchange."""

    def __init__(self, exchange: Exchange, crawling: Crawling, **kwargs: Any) -> None:  # noqa: ANN401 (Scrapy's)
        super().__init__(**kwargs)
        self._exchange = exchange
        self._crawling = crawling

    def _get_agent(self, request: Request, timeout: float) -> Agent:
        from twisted.internet import reactor

        agent = super()._get_agent(request, timeout)
        pool: Any = RecordingPool(self._pool, self._exchange)
        agent._pool = pool  # noqa: SLF001 (the one seam there is)
        agent._endpointFactory = GuardedEndpoints(  # noqa: SLF001 (the same)
            reactor, self._contextFactory, self._crawling.addresses
        )
        return agent


class CaptureHandler(HTTP11DownloadHandler):
    """Downloads, and writes what was sent and received to the crawl's WARC before Scrapy sees it."""

    def __init__(self, crawler: Crawler) -> None:
        """Use the crawl that the spider opened."""
        super().__init__(crawler)
        self._pool = IdleConnections(self._pool._reactor, self._pool.maxPersistentPerHost)  # noqa: SLF001 (Twisted's)
        self._pool._factory = RecordingFactory  # noqa: SLF001 (Scrapy sets its own there too)
        self._crawling: Crawling = crawler.spider.crawling  # type: ignore[union-attr]
        self._http2 = self._http2_connections() if crawler.settings.getbool(HTTP2) else None

    async def download_request(self, request: Request) -> Response:
        """Download `request`; its meta gains the capture.

        Raises: what Scrapy raises; IgnoreRequest for an address that is refused.
        """
        if ARCHIVED in request.meta:
            return await self._from_archive(request)
        if request.meta.get(KIND, LinkKind.ROBOTS) is LinkKind.ROBOTS:
            return await self._download(request)
        if not self._crawling.admit():
            raise IgnoreRequest("the crawl has as many pages as it may")
        answered = False
        try:
            response = await self._download(request)
            answered = True
        finally:
            self._crawling.ended(answered=answered)
        return response

    async def close(self) -> None:
        """Close the connections."""
        if self._http2 is not None:
            self._http2.close()
        await super().close()

    async def _download(self, request: Request) -> Response:
        """Download and archive."""
        await self._turn(request)
        exchange = Exchange.begin(request.url.partition("#")[0], self._limit_bytes(request))
        exchange.part = request.meta.get(PART, "")
        try:
            with wrap_twisted_exceptions():
                response = await self._within_crawl(self._answer(request, exchange))
        except CutShortError as error:
            await self._store(request, exchange, Outcome.INTERRUPTED, CUT_SHORT)
            raise IgnoreRequest(CUT_SHORT) from error
        except AddressRefusedError as error:
            await self._store(request, exchange, Outcome.ADDRESS_REFUSED, str(error))
            raise IgnoreRequest(str(error)) from error
        except _FAILURES as error:
            request.meta[HEARD] = bool(exchange.received)
            if exchange.too_large:  # the recorder has broken the connection off
                await self._store(request, exchange, Outcome.TOO_LARGE, TOO_LARGE)
                raise DownloadCancelledError(TOO_LARGE) from error
            outcome = next(value for kind, value in _OUTCOMES.items() if isinstance(error, kind))
            await self._store(request, exchange, outcome, _reason(error))
            raise
        kept = await self._store(request, exchange, None, "")
        request.meta[CAPTURE] = kept
        if kept.capture is None:  # Twisted takes any word for HTTP's name, and any number for a status
            raise DownloadFailedError(_NO_HTTP)
        return response

    async def _turn(self, request: Request) -> None:
        """Wait until the host's pace allows the request, whatever other crawls of this process ask of it.

        Raises: PostponedError where the host is left alone by then, IgnoreRequest where the crawl ended.
        """
        parts = urlsplit(request.url)
        host = request.meta.get("download_slot") or parts.hostname or ""
        slot = self._crawler.engine.downloader.slots.get(host)
        if slot is not None:  # else a part of a page, from elsewhere
            turn = self._crawling.turns.wait(host, slot.delay, part=PART in request.meta)
            try:
                await self._within_crawl(turn)
            except CutShortError as error:
                raise IgnoreRequest(CUT_SHORT) from error
        pause = self._crawling.hosts.refusals(parts.netloc)
        if pause is not None and pause.until > datetime.now(UTC):
            if KIND in request.meta:
                self._crawling.skipped(request.url, parts.netloc, POSTPONED)
            raise PostponedError(f"{parts.netloc} is left alone: {pause.reason}")

    async def _from_archive(self, request: Request) -> Response:
        """The answer that the archive has already. Raises: IgnoreRequest where it can't be read."""
        from crawler.replay.playback import play, recorded

        place: Place = request.meta[ARCHIVED]
        recording = recorded(self._crawling.session.layout, place.warc_file, place.warc_offset)
        if recording is None:
            self._crawling.frontier.unreadable(request.url)
            raise IgnoreRequest(f"not to be read from the archive: {request.url}")
        request.meta[CAPTURE] = Kept()
        return await play(recording, request, self._crawler)

    async def _within_crawl(self, answer: Coroutine[Any, Any, _Result]) -> _Result:
        """The answer, or whatever is made. Raises: CutShortError where the crawl ends first."""
        ending = self._crawler.get_extension(Ending)
        return await (ending.within(answer) if ending is not None else answer)

    async def _answer(self, request: Request, exchange: Exchange) -> Response:
        """The answer, over HTTP/2 where the seed asks for it and the server has it."""
        if self._http2 is not None:
            begun = monotonic()
            response = await self._http2.download(request, exchange)
            if response is not None:
                request.meta["download_latency"] = monotonic() - begun  # as Scrapy's own handler tells it
                return response
        response = await maybe_deferred_to_future(self._agent(exchange).download_request(request))
        if exchange.broken and "partial" in response.flags:
            raise ResponseDataLossError("the connection was reset before the body's end")
        return response

    def _limit_bytes(self, request: Request) -> int:
        """How much of an answer is received at most, its head and the framing of its chunks counted."""
        limit: int = request.meta.get("download_maxsize", self._default_maxsize)
        return limit + _HEAD_ROOM if limit else sys.maxsize

    async def _store(
        self, request: Request, exchange: Exchange, outcome: Outcome | None, reason: str
    ) -> Kept:
        """Write the exchange; a full or failing disk ends the crawl."""
        exchange.end()
        try:
            return await self._crawling.sink.store(exchange, outcome, reason, found_of(request))
        except ArchiveError as error:
            self._crawling.stop(error)
            raise IgnoreRequest(error.message) from error

    def _http2_connections(self) -> Http2Connections:
        """HTTP/2, which needs the package h2."""
        from crawler.capture.http2 import Http2Connections

        return Http2Connections(
            self._contextFactory,
            self._crawling.addresses,
            timeout_s=self._crawler.settings.getfloat("DOWNLOAD_TIMEOUT"),
            most_bytes=self._default_maxsize,
        )

    def _agent(self, exchange: Exchange) -> _RecordingAgent:
        """An agent for one request, set up as Scrapy's handler does."""
        return _RecordingAgent(
            exchange,
            self._crawling,
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )


def _reason(error: BaseException) -> str:
    """What failed, in a line: the innermost cause tells most."""
    while error.__cause__ is not None:
        error = error.__cause__
    reasons = getattr(error, "reasons", None)
    text = "; ".join(str(one.value) for one in reasons) if reasons else str(error)
    return text or type(error).__name__
