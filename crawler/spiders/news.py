"""A spider for news sites: feeds, sitemaps, listings and links, within the seed's scope."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

import scrapy
from scrapy.http import Request, Response

from crawler.capture.handler import CAPTURE
from crawler.crawling import Crawling
from crawler.discovery import Discovery, Link, LinkKind, discover
from crawler.frontier import Found
from crawler.items import PageItem
from crawler.scope import judge
from crawler.seeds import load_seed
from crawler.session import Session
from crawler.settings import of_seed
from pipelines.run import needs_extraction
from pipelines.workers import CallFailedError
from storage.errors import SeedError
from storage.model import Headers
from storage.urls import article_key

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from scrapy.crawler import Crawler

    from crawler.capture.sink import Kept
    from crawler.seeds import Seed

KIND, FOUND_ON = "presswarc_kind", "presswarc_found_on"
# New pages before old ones, ways to find pages before pages.
_PRIORITY = {LinkKind.FEED: 60, LinkKind.SITEMAP: 50, LinkKind.LISTING: 40, LinkKind.ARTICLE: 20, LinkKind.PAGE: 10}
_REVISIT_PRIORITY = 0


class NewsSpider(scrapy.Spider):
    """Crawls one source: `-a seed=NAME`, a file or a URL."""

    name = "news"
    crawling: Crawling

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

    def begin(self, crawler: Crawler, seed: Seed, session: Session | None) -> None:
        """Open the crawl; a session that nobody handed over is the spider's own to finish."""
        from crawler.config import load_config

        self._own_session = session is None
        self.crawling = Crawling(crawler, seed, session or Session(load_config()))
        self.allowed_domains = list(seed.scope.hosts)
        self._articles: set[str] = set()
        crawler.signals.connect(self._closed, signal=scrapy.signals.spider_closed)

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the seed's own URLs, then for what the frontier has waiting."""
        crawling = self.crawling
        entries = [Link(url=url, kind=kind) for kind, url in crawling.seed.entries()]
        for link in entries:
            yield self._request(link.url, link.kind, "seed", dont_filter=False)
        now = datetime.now(UTC)
        entry_urls = {link.url for link in entries}
        for found in crawling.frontier.due(now):
            if found.url not in entry_urls and self._first_of_article(found.url, LinkKind(found.kind)):
                yield self._request(found.url, LinkKind(found.kind), found.found_on)

    async def parse(self, response: Response) -> AsyncIterator[Request | PageItem]:
        """Hand the page to extraction, and follow what it leads to."""
        kept: Kept = response.meta[CAPTURE]
        if kept.capture is not None and kept.record is not None and needs_extraction(kept.capture):
            yield PageItem(capture=kept.capture, record=kept.record)
        discovery = await self._discover(response)
        for note in discovery.notes:
            self.crawling.noted(response.url, note)
        for request in self._follow(response, discovery):
            yield request

    async def _discover(self, response: Response) -> Discovery:
        """Links of a response, found in a worker process."""
        headers = Headers(
            [
                (name.decode("latin-1"), value.decode("latin-1"))
                for name, values in response.headers.items()
                for value in values
            ]
        )
        try:
            return await self.crawling.session.parse(
                discover, response.url, headers, response.body, response.meta[KIND], self.crawling.seed
            )
        except CallFailedError as error:
            return Discovery(links=(), notes=(f"{error.outcome.value}: {error.reason}",))

    def _follow(self, response: Response, discovery: Discovery) -> Iterator[Request]:
        """Requests for the links in scope that are due."""
        seed, now = self.crawling.seed, datetime.now(UTC)
        accepted: list[Link] = []
        for link in discovery.links:
            verdict = judge(link, seed)
            if not verdict.in_scope:
                self.crawling.skipped(link.url, response.url, verdict.reason)
            elif not self._first_of_article(link.url, link.kind):
                self.crawling.skipped(link.url, response.url, "same_article")
            elif self.crawling.frontier.is_due(link.url, now):
                accepted.append(link)
            else:
                self.crawling.skipped(link.url, response.url, "not_due")
        found = [Found(url=link.url, kind=link.kind.value, found_on=response.url) for link in accepted]
        self.crawling.frontier.discover(found, now)
        for link in accepted:
            yield self._request(link.url, link.kind, response.url)

    def _first_of_article(self, url: str, kind: LinkKind) -> bool:
        """Whether this is the first URL form of its article in this crawl; other forms bring nothing new."""
        if kind is not LinkKind.ARTICLE:
            return True
        key = article_key(url)
        if key in self._articles:
            return False
        self._articles.add(key)
        return True

    def _request(self, url: str, kind: LinkKind, found_on: str, *, dont_filter: bool = False) -> Request:
        """A request for a URL, conditional where the archive has an answer to it already."""
        validators = self.crawling.frontier.validators(url)
        conditions = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
        headers = {name: value for name, value in conditions.items() if value}
        return Request(
            url,
            callback=self.parse,
            headers=headers,
            priority=_REVISIT_PRIORITY if headers and kind is LinkKind.ARTICLE else _PRIORITY[kind],
            meta={KIND: kind, FOUND_ON: found_on, "handle_httpstatus_list": []},
            dont_filter=dont_filter,
        )

    def _closed(self, spider: scrapy.Spider, reason: str) -> None:
        """Finish the crawl's files, and the session where it is the spider's own."""
        del spider
        report = self.crawling.close(reason)
        self.logger.info("%s", report.line())
        if self._own_session:
            self.crawling.session.finish()
            self.crawling.session.close()
