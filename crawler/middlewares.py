"""Downloader middlewares: scope for redirects, and robots.txt with each refusal kept as data."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest

from crawler.discovery import FoundIn, Link
from crawler.report import ROBOTS_UNREACHABLE
from crawler.scope import judge
from crawler.trail import found_of
from storage.article import Outcome

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.crawling import Crawling

_OK, _SERVER_ERROR = 200, 500
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
        for name in ("If-None-Match", "If-Modified-Since"):  # they speak of the URL that redirected
            request.headers.pop(name, None)
        link = Link(url=request.url, kind=request.meta[KIND], found_in=FoundIn.PAGE)
        verdict = judge(link, self._crawling.seed)
        if not verdict.in_scope:
            self._crawling.skipped(
                request.url, request.meta["redirect_urls"][-1], f"redirect: {verdict.reason}"
            )
            raise IgnoreRequest(f"redirect out of scope: {verdict.reason}")


class RobotsMiddleware(RobotsTxtMiddleware):
    """Obeys robots.txt; what it forbids goes into the WARC as a metadata record and into the index.

    Where robots.txt can't be had for the server's or the network's fault, nothing of the host is fetched in
    this crawl; the next one asks again. Source: RFC 9309 sections 2.3.1.3 and 2.3.1.4.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Know no host yet."""
        super().__init__(crawler)
        self._unreachable: dict[str, str] = {}  # robots.txt's URL, by host and port

    async def process_request(self, request: Request) -> None:  # type: ignore[override]  # as of Scrapy 2.19
        """Pass `request` on. Raises: IgnoreRequest where robots.txt forbids it, or can't be had."""
        crawling: Crawling = self.crawler.spider.crawling  # type: ignore[union-attr]
        try:
            await super().process_request(request)
        except IgnoreRequest as error:
            await crawling.sink.refuse(request.url, Outcome.ROBOTS_DENIED, str(error), found_of(request))
            raise
        source = self._unreachable.get(urlsplit(request.url).netloc)
        if source is not None and not request.meta.get("dont_obey_robotstxt"):
            crawling.skipped(request.url, source, ROBOTS_UNREACHABLE)
            raise IgnoreRequest("robots.txt can't be had")

    async def _parse_robots(self, response: Response, netloc: str, request: Request) -> None:
        """Take a robots.txt: the rules of a 200 alone."""
        if response.status >= _SERVER_ERROR:
            self._unreachable[netloc] = response.url
        if response.status != _OK:
            response = response.replace(body=b"")
        await super()._parse_robots(response, netloc, request)

    def _robots_error(self, exc: Exception, netloc: str) -> None:
        """Note a robots.txt that gave no answer; one not asked for (address, disk) decides nothing."""
        if not isinstance(exc, IgnoreRequest):
            self._unreachable[netloc] = f"//{netloc}/robots.txt"
        super()._robots_error(exc, netloc)
