"""Downloader middlewares: scope for redirects, and robots.txt with each refusal kept as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest

from crawler.discovery import FoundIn, Link
from crawler.scope import judge
from storage.model import Outcome

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

    from crawler.crawling import Crawling

KIND = "presswarc_kind"  # request.meta key of the `LinkKind` that a request was made for


class RedirectScopeMiddleware:
    """Stops a redirect that leads out of the seed's scope; the redirect itself is archived by then."""

    def __init__(self, crawling: Crawling) -> None:
        """Judge for one crawl."""
        self._crawling = crawling

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RedirectScopeMiddleware:
        """Make the middleware for the crawl that the spider opened."""
        return cls(crawler.spider.crawling)  # type: ignore[union-attr]

    def process_request(self, request: Request) -> None:
        """Pass `request` on. Raises: IgnoreRequest for a redirect out of scope."""
        if not request.meta.get("redirect_times") or KIND not in request.meta:
            return
        link = Link(url=request.url, kind=request.meta[KIND], found_in=FoundIn.PAGE)
        verdict = judge(link, self._crawling.seed)
        if not verdict.in_scope:
            self._crawling.skipped(
                request.url, request.meta["redirect_urls"][-1], f"redirect: {verdict.reason}"
            )
            raise IgnoreRequest(f"redirect out of scope: {verdict.reason}")


class RobotsMiddleware(RobotsTxtMiddleware):
    """Obeys robots.txt; what it forbids goes into the WARC as a metadata record and into the index."""

    async def process_request(self, request: Request) -> None:  # type: ignore[override]  # as of Scrapy 2.19
        """Pass `request` on. Raises: IgnoreRequest where robots.txt forbids it."""
        try:
            await super().process_request(request)
        except IgnoreRequest as error:
            crawling = self.crawler.spider.crawling  # type: ignore[union-attr]
            await crawling.sink.refuse(request.url, Outcome.ROBOTS_DENIED, str(error))
            raise
