"""Keeps the pace that a host allows, and leaves it alone where it turns the crawler away."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    NotConfigured,
    ResponseDataLossError,
)
from twisted.python.failure import Failure

from crawler.capture.handler import ARCHIVED, HEARD
from crawler.discovery import LinkKind
from crawler.hosts import Refusals
from crawler.middlewares import KIND
from crawler.politeness import LONGEST_PAUSE, Pace, PostponedError, Sign, Welcome, retry_after, sign_of
from crawler.report_words import BLOCKED, POSTPONED
from crawler.trail import REDIRECT, found_of, headers_of
from pipelines.kinds.walls import may_be_wall, wall_of
from pipelines.workers import CallFailedError
from storage.article import WALL_STATUSES

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.crawling import Crawling
    from pipelines.kinds.walls import Wall

_OK, _CLIENT_ERROR, _NOT_MODIFIED = 200, 400, 304
_QUICKLY_READ = 8_000  # characters: with more, a page can make the patterns take longer than 50 ms
_SILENCES = (
    CannotResolveHostError, DownloadConnectionRefusedError, DownloadFailedError, DownloadTimeoutError,
    ResponseDataLossError,
)  # fmt: skip


class PolitenessMiddleware:
    """Watches the answers of each host in a live crawl.

    Stands between decompression and retries: it sees pages as they are, and a host that wants a pause is not
    asked three times over.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Know no host yet. Raises: NotConfigured in a replay, which spares nobody."""
        from crawler.crawling import Crawling

        crawling = crawler.spider.crawling  # type: ignore[union-attr]
        if not isinstance(crawling, Crawling):
            raise NotConfigured
        self._crawler = crawler
        self._crawling: Crawling = crawling
        self._welcomes: dict[str, Welcome] = {}
        self._paces: dict[str, Pace] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> PolitenessMiddleware:
        """Make the middleware for the crawl that the spider opened."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Pass `request` on. Raises: PostponedError for a host that is left alone for now."""
        if ARCHIVED in request.meta:  # the archive is asked, nobody else
            return
        host = urlsplit(request.url).netloc
        pause = self._pause(host, datetime.now(UTC))
        if pause is None:
            return
        if KIND in request.meta:
            self._crawling.skipped(request.url, host, POSTPONED)
        self._keep_target(request)
        raise PostponedError(f"{host} is left alone until {pause.until:%H:%M:%S} UTC: {pause.reason}")

    async def process_response(self, request: Request, response: Response) -> Response:
        """Pass `response` on; its request is not retried where the host wants to be left alone."""
        if ARCHIVED in request.meta or "download_slot" not in request.meta:  # nobody was asked
            return response
        wall = await self._wall(response)
        if wall is not None:
            self._crawling.noted(request.url, f"{BLOCKED}: {wall.reason}")
        sign = sign_of(response.status, wall=wall is not None)
        self._keep_pace(request, good=sign is Sign.GOOD and response.status < _CLIENT_ERROR)
        now = datetime.now(UTC)
        value = response.headers.get("Retry-After")
        asked = retry_after(response.status, value.decode("latin-1") if value else None, now)
        detail = wall.reason if wall is not None else f"HTTP {response.status}"
        paused = self._take(request, sign, now, asked=asked, detail=detail)
        if paused or asked is not None or sign in {Sign.TOO_MANY, Sign.WALL}:
            request.meta["dont_retry"] = True
        if asked is not None and not paused:
            self._crawling.noted(request.url, f"left for a later crawl: {detail}, Retry-After")
        return response

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Take note of a fetch without an answer."""
        if isinstance(exception, DownloadTimeoutError):  # it had its time; the frontier says when again
            request.meta["dont_retry"] = True
        # A host that sends something, if only nonsense, is there: such an answer is the page's own.
        if isinstance(exception, _SILENCES) and not request.meta.get(HEARD):
            detail = type(exception).__name__.removesuffix("Error")
            if self._take(request, Sign.SILENCE, datetime.now(UTC), detail=detail):
                request.meta["dont_retry"] = True

    async def _wall(self, response: Response) -> Wall | None:
        """The wall that an answer is. A long page is read in a worker, if it may be a wall at all."""
        kind = (response.headers.get("Content-Type") or b"text/html").lower()
        if response.status not in {_OK, *WALL_STATUSES} or b"html" not in kind:
            return None
        headers = headers_of(response)
        if not may_be_wall(response.body):
            return wall_of(response.status, headers, "")
        text = response.body.decode("utf-8", "replace")
        if len(text) <= _QUICKLY_READ:
            return wall_of(response.status, headers, text)
        try:
            return await self._crawling.session.parse(wall_of, response.status, headers, text)
        except CallFailedError:  # a page that takes so long to read is none of a service's
            return None

    def leave_alone(self, request: Request, detail: str) -> None:
        """Leave the host of `request` alone because its robots.txt can't be had, if it is not yet."""
        now = datetime.now(UTC)
        if self._pause(urlsplit(request.url).netloc, now) is None:
            self._take(request, Sign.NO_ROBOTS, now, detail=detail)

    def heard_of_part(self, request: Request, response: Response) -> None:
        """Leave a host alone that wants to be asked later for a part of a page, too."""
        now = datetime.now(UTC)
        value = response.headers.get("Retry-After")
        asked = retry_after(response.status, value.decode("latin-1") if value else None, now)
        sign = sign_of(response.status, wall=False)
        if asked is not None or sign is Sign.TOO_MANY:
            self._take(request, sign, now, asked=asked, detail=f"HTTP {response.status}")

    def heed(self, authority: str, crawl_delay_s: float) -> None:
        """Leave at least so long between two requests to a host, as its robots.txt asks."""
        host = urlsplit(authority).hostname or ""
        pace = self._pace(host)
        pace.floor_s = max(pace.floor_s, crawl_delay_s)
        pace.delay_s = max(pace.delay_s, pace.floor_s)
        self._set(host, pace)

    def _take(
        self, request: Request, sign: Sign, now: datetime, *, asked: datetime | None = None, detail: str
    ) -> bool:
        """Take note of what an answer says; whether it makes a pause."""
        host, hosts = urlsplit(request.url).netloc, self._crawling.hosts
        known, welcome = hosts.refusals(host), self._welcomes.setdefault(host, Welcome())
        if known is not None and known.until > now:  # the request was under way when the pause began
            if asked is not None and asked > known.until and not welcome.doubts(asked, now):
                self._begin_pause(request, replace(known, until=min(asked, now + LONGEST_PAUSE)), now)
            return sign not in {Sign.GOOD, Sign.NEUTRAL}
        is_page = request.meta.get(KIND, LinkKind.ROBOTS) is not LinkKind.ROBOTS
        welcome.gave_pages |= sign is Sign.GOOD and is_page
        welcome.pauses = known.pauses if known is not None else 0
        if sign is Sign.GOOD and known is not None:
            hosts.answered(host)
        pause = welcome.pause(sign, now, asked=asked, detail=detail, url=request.url)
        if pause is None:
            return False
        told = Refusals(pauses=pause.pauses, until=pause.until, reason=pause.reason)
        self._begin_pause(request, told, now)
        return True

    def _begin_pause(self, request: Request, told: Refusals, now: datetime) -> None:
        """Leave the host of `request` alone from now on, in whatever crawl."""
        host = urlsplit(request.url).netloc
        self._crawling.hosts.refused(host, told)
        self._crawling.frontier.postpone(host, told.until, told.reason)
        self._drop_waiting(request)  # now that the frontier knows that they wait for the host
        length_s = round((told.until - now).total_seconds())
        self._crawling.noted(request.url, f"{host} left alone for {length_s} s: {told.reason}")

    def _drop_waiting(self, request: Request) -> None:
        """Send none of the requests that Scrapy holds ready for the host of `request`."""
        host = urlsplit(request.url).netloc
        slot = self._crawler.engine.downloader.slots.get(request.meta.get("download_slot", ""))
        if slot is None:
            return
        ready = list(slot.queue)
        slot.queue.clear()
        for one, waiting in ready:
            if urlsplit(one.url).netloc == host:
                self._keep_target(one)
                waiting.errback(Failure(PostponedError(f"{host} is left alone")))  # type: ignore[no-untyped-call]
            else:
                slot.queue.append((one, waiting))

    def _keep_target(self, request: Request) -> None:
        """Have the target of a redirect wait for its host: what redirected is archived, and not due again."""
        found = found_of(request)
        if found is not None and found.found_in == REDIRECT:
            self._crawling.frontier.discover([found], datetime.now(UTC))

    def _pause(self, host: str, now: datetime) -> Refusals | None:
        """The pause that a host is given now: by this crawl, an earlier one, or one beside it."""
        known = self._crawling.hosts.refusals(host)
        return known if known is not None and known.until > now else None

    def _keep_pace(self, request: Request, *, good: bool) -> None:
        """Go on at the pace that an answer allows; a seed that asks for no pause gets none."""
        host, latency_s = request.meta["download_slot"], request.meta.get("download_latency")
        pace = self._pace(host)
        if pace.floor_s and latency_s is not None:
            pace.answered(latency_s, good=good)
            self._set(host, pace)

    def _pace(self, host: str) -> Pace:
        """The pace of a host, at first the seed's."""
        politeness = self._crawling.seed.politeness
        return self._paces.setdefault(
            host, Pace(floor_s=politeness.delay_s, concurrency=politeness.concurrency)
        )

    def _set(self, host: str, pace: Pace) -> None:
        """Have Scrapy keep a pace, also after it has forgotten a host that was idle for a minute."""
        downloader = self._crawler.engine.downloader
        if pace.delay_s:
            downloader.per_slot_settings.setdefault(host, {})["delay"] = pace.delay_s
            if host in downloader.slots:
                downloader.slots[host].delay = pace.delay_s
