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
from crawler.frontier import Found
from crawler.items import PageItem
from crawler.middlewares import KIND
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
    from collections.abc import AsyncIterator

    from scrapy.crawler import Crawler

    from crawler.capture.sink import Kept
    from crawler.seeds import Seed

DEPTH = "presswarc_depth"
# Ways to find pages cost no depth: the second page of a listing is as near as the first.
_LEVEL = frozenset({LinkKind.FEED, LinkKind.SITEMAP, LinkKind.WORDPRESS, LinkKind.ROBOTS})
_REVISIT_PENALTY = 100
# A site without robots.txt may have a sitemap at its usual place all the same.
_NO_ROBOTS = [401, 403, 404, 410]
_CLIENT_ERROR = 400


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
        self._articles: set[str] = set()
        crawler.signals.connect(self._closed, signal=scrapy.signals.spider_closed)

    async def start(self) -> AsyncIterator[Request]:
        """Ask for the seed's own URLs, then for what the frontier has waiting."""
        frontier, now = self.crawling.frontier, datetime.now(UTC)
        entries = starts(self.crawling.seed)
        entry_urls = {link.url for link in entries}
        # Asked before the first request goes out, so that what this crawl itself fetches is not due again.
        waiting = frontier.due(now)
        frontier.discover([_found(link, "") for link in entries], now)
        for link in entries:
            yield self._request(link, 0)
        for found in waiting:
            link = Link(
                url=found.url, kind=LinkKind(found.kind), found_in=FoundIn(found.found_in), priority=30
            )
            if link.url not in entry_urls and self._first_of_article(link):
                yield self._request(link, 1)

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
        for link, depth in accepted:
            yield self._request(link, depth)

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

    def _accepted(self, response: Response, discovery: Discovery) -> list[tuple[Link, int]]:
        """The links to be fetched now, with their depth; the others are counted with the reason."""
        now, here = datetime.now(UTC), response.meta[DEPTH]
        wanted = [(link, here) for link in discovery.next_pages]
        wanted += [(link, here + (link.kind not in _LEVEL)) for link in discovery.links]
        accepted: list[tuple[Link, int]] = []
        for link, depth in wanted:
            refusal = self._refusal(link, depth, now)
            if refusal is None:
                accepted.append((link, depth))
            else:
                self.crawling.skipped(link.url, response.url, refusal)
        self.crawling.frontier.discover([_found(link, response.url) for link, _ in accepted], now)
        return accepted

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
        if link.kind is not LinkKind.ARTICLE:
            return True
        key = article_key(link.url)
        known = key in self._articles
        self._articles.add(key)
        return not known

    def _request(self, link: Link, depth: int) -> Request:
        """A request for a URL, conditional where the archive has an answer to it already."""
        validators = self.crawling.frontier.validators(link.url)
        conditions = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
        headers = {name: value for name, value in conditions.items() if value}
        revisit = bool(headers) and link.kind is LinkKind.ARTICLE
        meta: dict[str, Any] = {KIND: link.kind, DEPTH: depth}
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


def _found(link: Link, found_on: str) -> Found:
    """A link as the frontier remembers it."""
    return Found(url=link.url, kind=link.kind.value, found_on=found_on, found_in=link.found_in.value)
