"""Stops a redirect that leads out of the seed's scope; the redirect itself is archived by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.exceptions import IgnoreRequest

from crawler.discovery import FoundIn, Link
from crawler.middlewares import KIND
from crawler.scope import judge
from pipelines.workers import CallFailedError

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

    from crawler.crawling import Crawling


class RedirectScopeMiddleware:
    """Judges the target of each redirect as the link that it is."""

    def __init__(self, crawling: Crawling) -> None:
        """Judge for one crawl."""
        self._crawling = crawling

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RedirectScopeMiddleware:
        """Make the middleware for the crawl that the spider opened."""
        return cls(crawler.spider.crawling)  # type: ignore[union-attr]

    async def process_request(self, request: Request) -> None:
        """Pass `request` on. Raises: IgnoreRequest for a redirect out of scope."""
        if not request.meta.get("redirect_times") or KIND not in request.meta:
            return
        for name in ("If-None-Match", "If-Modified-Since"):  # they speak of the URL that redirected
            request.headers.pop(name, None)
        link = Link(url=request.url, kind=request.meta[KIND], found_in=FoundIn.PAGE)
        try:  # the patterns of a seed may take long on the URLs of a server that means it
            verdict = await self._crawling.session.parse(judge, link, self._crawling.seed)
        except CallFailedError as error:
            self._crawling.skipped(request.url, request.meta["redirect_urls"][-1], f"redirect: {error}")
            raise IgnoreRequest(f"redirect not judged: {error}") from error
        if not verdict.in_scope:
            self._crawling.skipped(
                request.url, request.meta["redirect_urls"][-1], f"redirect: {verdict.reason}"
            )
            raise IgnoreRequest(f"redirect out of scope: {verdict.reason}")
        request.headers.update(self._crawling.validators(request.url).conditions())
