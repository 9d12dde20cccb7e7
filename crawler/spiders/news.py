"""A spider for news sites: feeds, sitemaps, listings and links, within the seed's scope."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

import scrapy
from scrapy.http import Request, Response

from crawler.capture.handler import ARCHIVED, CAPTURE
from crawler.crawling import Crawling
from crawler.discovery import Chains, Discovery, FoundIn, LinkKind, starts
from crawler.fallbacks.at_end import AtCrawlEnd
from crawler.frontier import Found, Place
from crawler.health import after_run
from crawler.items import PageItem
from crawler.judging import Judged, discover_and_judge
from crawler.middlewares import KIND
from crawler.replay import REPLAY, archived_crawling
from crawler.replay.crawl import ReplaySession
from crawler.report_words import PROGRAM_FAULT
from crawler.sections import BARREN
from crawler.seeds import load_seed
from crawler.session import Session
from crawler.settings import ARCHIVE_SLOT, of_seed
from crawler.spiders.no_answer import NO_ANSWER
from crawler.trail import FOUND, found_link, found_of, headers_of
from pipelines.run import needs_extraction
from pipelines.workers import CallFailedError
from storage.errors import PresswarcError, SeedError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.crawler import Crawler
    from twisted.python.failure import Failure

    from crawler.capture.sink import Kept
    from crawler.replay.crawl import ArchivedCrawling
    from crawler.seeds import Seed

_WINDOW = 16  # URLs in hand at most: what is discovered meanwhile and more urgent waits for so many
# What waits for a host that is postponed, or in another crawler's hand, is waited for so long.
_PATIENCE = timedelta(seconds=120)
_PORTION = 200  # links that the event loop waits for
_WAKE_S, _LEAST_WAIT_S = 5.0, 0.1
# The starts are read before what they lead to is asked for: how far a page is away is known by then.
_STARTS_S = 10.0
# A site without robots.txt may have a sitemap at its usual place all the same.
_NO_ROBOTS = [401, 403, 404, 410]
_CLIENT_ERROR = 400


class NewsSpider(scrapy.Spider):
    """Crawls one source: `-a seed=NAME`, a file or a URL."""

    name = "news"
    crawling: Crawling | ArchivedCrawling

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:  # noqa: ANN401 (Scrapy's signature)
        """Open the crawl of a seed. Raises: SeedError, ArchiveBusyError, ConfigError."""
        seed, session = kwargs.pop("seed", None), kwargs.pop("session", None)
        if seed is None:
            raise SeedError("no seed given", hint=f"scrapy crawl {cls.name} -a seed=NAME")
        loaded: Seed = load_seed(seed) if isinstance(seed, str) else seed
        crawler.settings.setdict(of_seed(loaded), priority="spider")
        spider = super().from_crawler(crawler, *args, **kwargs)
        spider.begin(crawler, loaded, session)
        return spider

    def begin(self, crawler: Crawler, seed: Seed, session: Session | ReplaySession | None) -> None:
        """Open the crawl; a session that nobody handed over is the spider's own to finish."""
        from crawler.config import load_config

        self._own_session = session is None
        self._chains = Chains(seed.limits.max_paging)
        self._in_vain: set[str] = set()  # asked for, and not had: the frontier says when again
        if isinstance(session, ReplaySession) or crawler.settings.get(REPLAY):
            replayed = session if isinstance(session, ReplaySession) else None
            self.crawling = archived_crawling(crawler, seed, replayed)
        else:
            self.crawling = Crawling(crawler, seed, session or Session(load_config()))
        self._fallbacks = AtCrawlEnd(self.crawling, crawler)
        crawler.signals.connect(self._closed, signal=scrapy.signals.spider_closed)
        crawler.signals.connect(self._give_back, signal=scrapy.signals.request_dropped)

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the seed's own URLs, then for what the frontier has, until nothing is due or under way."""
        crawling, begun = self.crawling, [found_link(link, "", 0, "") for link in starts(self.crawling.seed)]
        try:
            for found in crawling.frontier.begin(begun):
                yield self._request(found)
            await self._started()
            while requests := await self._next():
                for request in requests:
                    yield request
            await self._fallbacks.run()
        except PresswarcError as error:
            crawling.stop(error)

    async def _started(self) -> None:
        """Wait until the starts were read, and not for long."""
        until = monotonic() + _STARTS_S
        while not self._is_idle() and (left := until - monotonic()) > 0:
            await self._something(min(left, _WAKE_S))

    async def _next(self) -> list[Request]:
        """The next requests, as soon as there are some; none at the end."""
        frontier, seed = self.crawling.frontier, self.crawling.seed
        while True:
            now = datetime.now(UTC)
            unread = frontier.unread(now, _WINDOW)
            if unread:
                return [self._reading(place) for place in unread]
            found = frontier.lease(now, _WINDOW, 2 * seed.politeness.concurrency + 2)
            if found:
                if wanted := self._wanted(found):
                    return [self._request(one, at) for at, one in enumerate(wanted)]
                await asyncio.sleep(0)
                continue
            frontier.keep()
            if not self._is_idle():
                await self._something(_WAKE_S)
                continue
            opens_at = frontier.opens_at(now)
            if opens_at is None or opens_at - now > _PATIENCE:
                if opens_at is None:
                    self.crawling.nothing_due()
                else:
                    self.crawling.report.leaves(frontier.left(now))
                return []
            await asyncio.sleep(min(max((opens_at - now).total_seconds(), _LEAST_WAIT_S), _WAKE_S))

    def _wanted(self, found: list[Found]) -> list[Found]:
        """The URLs but for those of sections that give nothing new, which the next crawl may ask for."""
        crawling = self.crawling
        if not isinstance(crawling, Crawling):
            return found
        barren = [one for one in found if crawling.sections.is_barren(one.url, one.found_on)]
        in_vain = {one.url: one for one in barren if one.found_in != FoundIn.SEED}
        for one in in_vain.values():
            crawling.skipped(one.url, one.found_on, BARREN)
        if in_vain:
            crawling.frontier.leave(list(in_vain))
        return [one for one in found if one.url not in in_vain]

    async def _something(self, most_s: float) -> None:
        """Wait until the engine has done something, and no longer than so many seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self.crawler.signals.wait_for(scrapy.signals.scheduler_empty), most_s)

    def _is_idle(self) -> bool:
        """Whether no request waits, is under way or is being read."""
        engine = self.crawler.engine
        if engine.scheduler is None or engine.scraper.slot is None:  # it is being closed
            return False
        busy = engine.downloader.active or engine.scheduler.has_pending_requests()
        return not busy and engine.scraper.slot.is_idle()

    async def parse(self, response: Response) -> AsyncIterator[Request | PageItem]:
        """Hand the page to extraction, and follow what it leads to."""
        kept: Kept = response.meta[CAPTURE]
        if kept.capture is not None and kept.record is not None and needs_extraction(kept.capture):
            yield PageItem(capture=kept.capture, record=kept.record)
        try:
            judged = await self._discover(response)
            discovery = judged.discovery
            for note in discovery.notes:
                self.crawling.noted(response.url, note)
            asked = response.meta.get("redirect_urls", [response.url])[0]
            self.crawling.report.looked(asked, response.meta[KIND].value, discovery)
            new_links = await self._take(response, judged)
            url = kept.capture.url if kept.capture else response.url
            self.crawling.frontier.read(url, new_links, self._found_here(response).depth)
            self._count(kept, discovery, new_links)
        except PresswarcError as error:
            self.crawling.stop(error)

    def _count(self, kept: Kept, discovery: Discovery, new_links: int) -> None:
        """Have the section of a page that came anew counted, with what it gave."""
        if isinstance(self.crawling, Crawling) and kept.capture and kept.capture.record_type == "response":
            articles = (link.url for link in discovery.links if link.kind is LinkKind.ARTICLE)
            self.crawling.sections.asked(kept.capture.url, articles if new_links else ())

    async def _discover(self, response: Response) -> Judged:
        """Links of a response, found and judged in a worker process."""
        headers = headers_of(response)
        call = partial(
            discover_and_judge,
            self._found_here(response).depth,
            url=response.url,
            content_type=headers.get("Content-Type"),
            body=response.body if response.status < _CLIENT_ERROR else b"",
            headers=headers,
            kind_hint=response.meta[KIND],
            seed=self.crawling.seed,
        )
        try:
            return await self.crawling.session.parse(call)
        except CallFailedError as error:
            return Judged(discovery=Discovery(notes=(f"{error.outcome.value}: {error.reason}",)))

    async def _take(self, response: Response, judged: Judged) -> int:
        """Hand the links in scope to the frontier; how many are new. The others are counted by reason."""
        here, now = self._found_here(response), datetime.now(UTC)
        seen: set[str] = set()
        new, rest = 0, judged.links(here.depth)
        while some := list(islice(rest, _PORTION)):
            accepted: dict[str, Found] = {}
            for link, depth, refusal in some:
                refused = refusal or self._chains.refusal(link, response.url, here.hops)
                if refused:
                    self.crawling.skipped(link.url, response.url, refused)
                elif link.url not in seen:
                    accepted[link.url] = found_link(link, response.url, depth, here.hops)
            seen.update(accepted)
            new += self._hand_over(response, list(accepted.values()), now)
            await asyncio.sleep(0)  # a sitemap may have 50,000
        return new

    def _hand_over(self, response: Response, links: list[Found], now: datetime) -> int:
        """Hand links to the frontier; how many are new."""
        taken = self.crawling.frontier.discover(links, now)
        for found in links:
            if found.url not in taken.waiting:
                reason = "same_article" if found.url in taken.same_article else "not_due"
                self.crawling.skipped(found.url, response.url, reason)
        return len(taken.waiting)

    def _found_here(self, response: Response) -> Found:
        """How the page was found."""
        found = found_of(response.request) if response.request is not None else None
        return found or Found(url=response.url, kind=response.meta[KIND].value, found_on="", found_in="page")

    def _request(self, found: Found, at: int = 0) -> Request:
        """A request for a URL, the `at`-th of its window; conditional where the archive has an answer."""
        meta: dict[str, Any] = {KIND: LinkKind(found.kind), FOUND: found}
        if found.kind == LinkKind.ROBOTS:
            meta["handle_httpstatus_list"] = _NO_ROBOTS
        return Request(
            found.url,
            callback=self.parse,
            errback=self._dropped,
            headers=self.crawling.validators(found.url).conditions(),
            priority=-at,
            meta=meta,
            dont_filter=found.url in self._in_vain,
        )

    def _reading(self, place: Place) -> Request:
        """A request that the archive answers: a killed crawl left the links of a capture unread."""
        meta = {
            KIND: LinkKind(place.found.kind),
            FOUND: place.found,
            ARCHIVED: place,
            "dont_obey_robotstxt": True,
            "download_slot": ARCHIVE_SLOT,
        }
        return Request(
            place.found.url, callback=self.parse, errback=self._dropped, meta=meta, dont_filter=True
        )

    def _dropped(self, failure: Failure) -> None:
        """Give back a URL whose request came to nothing."""
        request: Request = failure.request  # type: ignore[attr-defined]  # set by Scrapy
        if not isinstance(failure.value, NO_ANSWER):
            self.logger.error("%s: %s", request.url, PROGRAM_FAULT, exc_info=failure.value)
            self.crawling.noted(request.url, PROGRAM_FAULT)
        found: Found | None = request.meta.get(FOUND)
        self._in_vain |= {request.url, found.url if found else request.url}
        self._give_back(request)

    def _give_back(self, request: Request) -> None:
        """Give back the URL that was asked for first, through whatever redirects."""
        found: Found | None = request.meta.get(FOUND)
        try:
            self.crawling.frontier.release(found.url if found else request.url)
        except PresswarcError as error:
            self.crawling.stop(error)

    async def _closed(self, spider: scrapy.Spider, reason: str) -> None:
        """Finish the crawl's files, and the session where it is the spider's own."""
        del spider
        await self._fallbacks.close(reason)
        report = self.crawling.close(reason)
        self.logger.info("%s", report.line())
        if self._own_session:
            self.crawling.session.finish()
            if isinstance(self.crawling, Crawling):
                session = self.crawling.session
                after_run(session.layout, self.crawling.seed, report, config=session.config)
            self.crawling.session.close()
