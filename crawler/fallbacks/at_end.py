"""When a crawl looks elsewhere: once it has asked its site for all it may, before its files are closed."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from crawler.crawling import Crawling
from crawler.ending import Ending
from crawler.fallbacks.run import FallbackStep
from crawler.report_words import PAGE_LIMIT, PROGRAM_FAULT

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.replay.crawl import ArchivedCrawling

log = logging.getLogger(__name__)


class AtCrawlEnd:
    """The fallbacks of a crawl, sought once; of one that is answered from the archive, none."""

    def __init__(self, crawling: Crawling | ArchivedCrawling, crawler: Crawler) -> None:
        """Do nothing yet."""
        self._crawling = crawling
        self._crawler = crawler
        self._task: asyncio.Task[None] | None = None
        self._is_full = False  # ended by its own number of pages, with time left

    async def run(self) -> None:
        """Seek them; what fails of it is told, and fails nothing else."""
        crawling = self._crawling
        if self._task is None and isinstance(crawling, Crawling) and crawling.seed.fallbacks:
            step = FallbackStep(crawling, self._crawler, self._is_over)
            self._task = asyncio.ensure_future(step.run())
        if self._task is not None:
            await asyncio.wait({self._task})

    async def close(self, reason: str) -> None:
        """Wait until what is being done is in the archive; a crawl that has its pages seeks them now."""
        self._is_full = reason == PAGE_LIMIT and self._task is None
        if self._is_full:
            await self.run()
        if self._task is None:
            return
        await asyncio.wait({self._task})
        error = None if self._task.cancelled() else self._task.exception()
        if error is not None:
            log.error("fallbacks: %s", PROGRAM_FAULT, exc_info=error)
            self._crawling.report.count("notes", PROGRAM_FAULT)

    def _is_over(self) -> bool:
        """Whether the crawl is to end now, also if it is to end at its end."""
        ending = self._crawler.get_extension(Ending)
        is_closing = ending is not None and ending.is_closing() and not self._is_full
        return is_closing or not self._crawler.crawling or self._crawling.report.fault is not None
