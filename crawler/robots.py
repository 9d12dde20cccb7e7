"""Scrapy's robots.txt middleware, with each refusal kept as data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.robotstxt import RobotsTxtMiddleware
from scrapy.exceptions import IgnoreRequest

from storage.model import Outcome

if TYPE_CHECKING:
    from scrapy import Request


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
