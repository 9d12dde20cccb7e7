"""A spider for news sites: feeds, sitemaps, listings and links, within the seed's scope."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Self

import scrapy
from scrapy.http import Request, Response

from crawler.capture.handler import CAPTURE
from crawler.crawling import Crawling
from crawler.discovery import Discovery, FoundIn, Link, LinkKind, discover, starts
from crawler.forms import ArticleForms
from crawler.frontier import Found
from crawler.items import PageItem
from crawler.middlewares import KIND
from crawler.replay import REPLAY, archived_crawling
from crawler.replay.crawl import ReplaySession
from crawler.scope import judge
from crawler.seeds import load_seed
from crawler.session import Session
from crawler.settings import of_seed
from crawler.trail import FOUND, found_link, found_of
from pipelines.run import needs_extraction
from pipelines.workers import CallFailedError
from storage.errors import SeedError
from storage.model import Headers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from scrapy.crawler import Crawler

    from crawler.capture.sink import Kept
    from crawler.replay.crawl import ArchivedCrawling
    from crawler.seeds import Seed

# Ways to find pages cost no depth: the second page of a listing is as near as the first.
_LEVEL = frozenset({LinkKind.FEED, LinkKind.SITEMAP, LinkKind.WORDPRESS, LinkKind.ROBOTS})
_REVISIT_PENALTY = 100
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
        if isinstance(session, ReplaySession) or crawler.settings.get(REPLAY):
            replayed = session if isinstance(session, ReplaySession) else None
            archived = self.crawling = archived_crawling(crawler, seed, replayed)
            self._articles = ArticleForms(archived.frontier.is_form)
        else:
            self.crawling = Crawling(crawler, seed, session or Session(load_config()))
            self._articles = ArticleForms()
        crawler.signals.connect(self._closed, signal=scrapy.signals.spider_closed)

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the seed's own URLs, then for what the frontier has waiting."""
        frontier, now = self.crawling.frontier, datetime.now(UTC)
        entries = starts(self.crawling.seed)
        entry_urls = {link.url for link in entries}
        # Asked before the first request goes out, so that what this crawl itself fetches is not due again.
        waiting = frontier.due(now)
        begun = [(link, found_link(link, "", 0, "")) for link in entries]
        frontier.discover([found for _, found in begun], now)
        for link, found in begun:
            yield self._request(link, found)
        for found in waiting:
            link = Link(url=found.url, kind=LinkKind(found.kind), found_in=FoundIn.PAGE, priority=30)
            if link.url not in entry_urls and self._first_of_article(link):
                yield self._request(link, found)

    async def parse(self, response: Response) -> AsyncIterator[Request | PageItem]:
        """Hand the page to extraction, and follow what it leads to."""
        kept: Kept = response.meta[CAPTURE]
        if kept.capture is not None and kept.record is not None and needs_extraction(kept.capture):
            yield PageItem(capture=kept.capture, record=kept.record)
        discovery = await self._discover(response)
        for note in discovery.notes:
            self.crawling.noted(response.url, note)
        accepted = self._accepted(response, discovery)
        if kept.capture is not None:
            self.crawling.frontier.read(kept.capture.url)
        for link, found in accepted:
            yield self._request(link, found)

    async def _discover(self, response: Response) -> Discovery:
        """Links of a response, found in a worker process."""
        headers = Headers(
            [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, values in response.headers.items()
                for value in values
            ]
        )
        call = partial(
            discover,
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
            return Discovery(notes=(f"{error.outcome.value}: {error.reason}",))

    def _accepted(self, response: Response, discovery: Discovery) -> list[tuple[Link, Found]]:
        """The links to be fetched now, as they were found; the others are counted with the reason."""
        here, now = self._found_here(response), datetime.now(UTC)
        wanted = [(link, here.depth) for link in discovery.next_pages]
        wanted += [(link, here.depth + (link.kind not in _LEVEL)) for link in discovery.links]
        accepted: list[tuple[Link, Found]] = []
        for link, depth in wanted:
            refusal = self._refusal(link, depth, now)
            if refusal is None:
                accepted.append((link, found_link(link, response.url, depth, here.hops)))
            else:
                self.crawling.skipped(link.url, response.url, refusal)
        self.crawling.frontier.discover([found for _, found in accepted], now)
        return accepted

    def _found_here(self, response: Response) -> Found:
        """How the page was found."""
        found = found_of(response.request) if response.request is not None else None
        return found or Found(url=response.url, kind=response.meta[KIND].value, found_on="", found_in="page")

    def _refusal(self, link: Link, depth: int, now: datetime) -> str | None:
        """Why a link is not fetched now, None if it is."""
        verdict = judge(link, self.crawling.seed, depth=depth)
        if not verdict.in_scope:
            return str(verdict.reason)
        if not self._first_of_article(link):
            return "same_article"
        return None if self.crawling.frontier.is_due(link.url, now) else "not_due"

    def _first_of_article(self, link: Link) -> bool:
        """Whether this is the first URL form of its article in this crawl; other forms bring nothing new."""
        return link.kind is not LinkKind.ARTICLE or self._articles.is_first(link.url)

    def _request(self, link: Link, found: Found) -> Request:
        """A request for a URL, conditional where the archive has an answer to it already."""
        headers = self.crawling.validators(link.url).conditions()
        revisit = bool(headers) and link.kind is LinkKind.ARTICLE
        meta: dict[str, Any] = {KIND: link.kind, FOUND: found}
        if link.kind is LinkKind.ROBOTS:
            meta["handle_httpstatus_list"] = _NO_ROBOTS
        return Request(
            link.url,
            callback=self.parse,
            headers=headers,
            priority=link.priority - (_REVISIT_PENALTY if revisit else 0),
            meta=meta,
        )

    def _closed(self, spider: scrapy.Spider, reason: str) -> None:
        """Finish the crawl's files, and the session where it is the spider's own."""
        del spider
        report = self.crawling.close(reason)
        self.logger.info("%s", report.line())
        if self._own_session:
            self.crawling.session.finish()
            self.crawling.session.close()
