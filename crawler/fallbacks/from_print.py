"""The print view of a refused page, asked for as any other page is: robots.txt, pace and pauses hold."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from scrapy import Request, exceptions
from scrapy.http.request import NO_CALLBACK

from crawler.capture.handler import CAPTURE
from crawler.discovery import LinkKind
from crawler.ending import Ending
from crawler.fallbacks.asking import LeftAloneError
from crawler.fallbacks.feed_texts import record_of
from crawler.fallbacks.keeping import extracted
from crawler.fallbacks.prints import print_urls
from crawler.middlewares import KIND
from crawler.politeness import PostponedError
from crawler.trail import FOUND
from pipelines.records import page_of
from pipelines.workers import CallFailedError
from storage.article import Outcome
from storage.index.fallbacks import page_captures

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.crawling import Crawling
    from crawler.frontier import Found

_PAGES = 2  # captures of the page, walls and all, in which a link to its print view is looked for
_NO_ANSWER = (
    exceptions.DownloadFailedError, exceptions.DownloadTimeoutError, exceptions.ResponseDataLossError,
    exceptions.DownloadConnectionRefusedError, exceptions.CannotResolveHostError,
    exceptions.DownloadCancelledError,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PrintViews:
    """Asks for print views in one crawl."""

    crawling: Crawling
    crawler: Crawler

    async def give(self, refused: Found, found: Found) -> Outcome:
        """What the print views of a page give, the first article of them. Raises: LeftAloneError."""
        outcome = Outcome.GONE
        for url in await self._urls(refused.url):
            outcome = await self._asked(replace(found, url=url))
            if outcome is Outcome.ARTICLE:
                break
        return outcome

    async def _urls(self, url: str) -> tuple[str, ...]:
        """Where the print view may be."""
        session = self.crawling.session
        captures = await session.look(partial(page_captures, url=url, most=_PAGES))
        records = [await asyncio.to_thread(record_of, session, capture) for capture in captures]
        pages = tuple((one.content_type, one.body) for one in map(page_of, filter(None, records)))
        try:
            return await session.parse(print_urls, url, pages)
        except CallFailedError:
            return print_urls(url)

    async def _asked(self, found: Found) -> Outcome:
        """What one of them gives."""
        request = Request(
            found.url,
            meta={
                KIND: LinkKind.ARTICLE, FOUND: found, "dont_redirect": True, "handle_httpstatus_all": True,
            },
            callback=NO_CALLBACK,
        )  # fmt: skip
        engine, ending = self.crawler.engine, self.crawler.get_extension(Ending)
        if ending is None or ending.is_closing():
            raise LeftAloneError("the crawl is at its end")
        try:
            response = await engine.download_async(request)
        except PostponedError as error:
            raise LeftAloneError(str(error)) from error
        except exceptions.IgnoreRequest:  # robots.txt forbids it, or the guard
            return Outcome.ROBOTS_DENIED
        except _NO_ANSWER:
            return Outcome.CONNECTION_FAILED
        meta = response.request.meta if response.request is not None else request.meta
        return await extracted(self.crawling, meta[CAPTURE])
