"""A crawl that is told to end does so within seconds, whoever tells it: a limit, a person, a full disk.

Scrapy only stops sending: it waits for every answer under way, and for all that waits for a host's turn. A
Scrapy extension, because none of its signals tells that a crawl is closing before it is closed.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

from scrapy import signals
from scrapy.exceptions import IgnoreRequest
from scrapy.utils.asyncio import create_looping_call
from twisted.python.failure import Failure

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

LOOK_EVERY_S = 0.5
LET_GO_AFTER_S = 45.0  # longer than one page may be parsed
CUT_SHORT = "the crawl was ended"
_Result = TypeVar("_Result")
log = logging.getLogger(__name__)


class CutShortError(Exception):
    """The crawl ended before the work did."""


class Ending:
    """Watches one crawl for its closing; then what is under way is cut, and at last let go of."""

    def __init__(self, crawler: Crawler) -> None:
        """Watch from the moment the spider is open."""
        self._crawler = crawler
        self._under_way: set[asyncio.Task[Any]] = set()
        self._looks_since = 0
        self._look_again = create_looping_call(self._look)
        crawler.signals.connect(self._opened, signals.spider_opened)
        crawler.signals.connect(self._closed, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Ending:
        """Make the extension."""
        return cls(crawler)

    async def within(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        """What `work` gives. Raises: CutShortError where the crawl ends first."""
        if self.is_closing():
            work.close()
            raise CutShortError
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        try:
            return await task
        except asyncio.CancelledError:
            if task.cancelled() and self.is_closing():
                raise CutShortError from None
            raise
        finally:
            self._under_way.discard(task)

    def _opened(self) -> None:
        """Begin to look."""
        self._look_again.start(LOOK_EVERY_S, now=False)

    def _closed(self) -> None:
        """Look no more."""
        if self._look_again.running:
            self._look_again.stop()

    def is_closing(self) -> bool:
        """Whether the engine takes up nothing more."""
        slot = self._crawler.engine._slot  # noqa: SLF001 (nothing public tells)
        return slot is None or slot.closing is not None

    def _look(self) -> None:
        """End what is under way once the crawl is closing."""
        if not self.is_closing():
            return
        self._cut()
        self._looks_since += 1
        if self._looks_since == round(LET_GO_AFTER_S / LOOK_EVERY_S):
            self._let_go()

    def _cut(self) -> None:
        """Break off downloads; drop what waits for a host's turn."""
        for task in self._under_way:
            task.cancel()
        for host in self._crawler.engine.downloader.slots.values():
            while host.queue:
                _, waiting = host.queue.popleft()
                waiting.errback(Failure(IgnoreRequest(CUT_SHORT)))  # type: ignore[no-untyped-call]

    def _let_go(self) -> None:
        """Have the engine wait no longer for a callback, or a pipeline, that does not come to its end."""
        engine, spider = self._crawler.engine, self._crawler.spider
        slot, scraping = engine._slot, engine.scraper.slot  # noqa: SLF001 (the same)
        if slot is None or scraping is None:
            return
        stuck = {request.url for request in (*slot.inprogress, *scraping.active)}
        log.warning("%s: let go of what hangs: %s", spider, ", ".join(sorted(stuck)) or "an item")
        slot.inprogress.clear()
        scraping.queue.clear()
        scraping.active.clear()
        scraping.itemproc_size = 0
        if slot.closing is not None and not slot.closing.called:
            slot._maybe_fire_closing()  # noqa: SLF001 (the same)
        if scraping.closing is not None and not scraping.closing.called:
            engine.scraper._check_if_closing()  # noqa: SLF001 (the same)
