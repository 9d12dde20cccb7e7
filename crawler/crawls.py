"""Crawls of this process, one or several side by side, on an event loop that begins and ends once."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess

from crawler.allocator import keep_few_arenas
from crawler.report import EXIT_INTERRUPTED, Report
from crawler.settings import of_config
from crawler.spiders.defense import DefenseSpider
from crawler.spiders.news import NewsSpider

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.config import Config
    from crawler.replay.crawl import ReplaySession
    from crawler.seeds import Seed
    from crawler.session import Session

SPIDERS: dict[str, type[NewsSpider]] = {spider.name: spider for spider in (NewsSpider, DefenseSpider)}
_STOP_AGAIN_S = 0.2
_Result = TypeVar("_Result")
_Taken = Callable[[object], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds that a command line sets for its crawls; None leaves what the seed says."""

    max_pages: int | None = None
    max_seconds: float | None = None
    delay_s: float | None = None


def bounded(seed: Seed, limits: Limits) -> Seed:
    """The seed with the command line's bounds."""
    if limits.max_pages is not None:
        seed = replace(seed, limits=replace(seed.limits, max_pages=limits.max_pages))
    if limits.delay_s is not None:
        seed = replace(seed, politeness=replace(seed.politeness, delay_s=limits.delay_s))
    return seed


class Loop:
    """The process's event loop, and the crawls on it."""

    def __init__(self, config: Config) -> None:
        """Set the loop up; nothing runs yet."""
        keep_few_arenas()
        self._process = AsyncCrawlerProcess({**of_config(config), "LOG_INSTALL_ROOT_HANDLER": False})
        logging.getLogger("twisted").addFilter(_is_news)
        self._stopping: asyncio.Task[None] | None = None

    def run(self, work: Coroutine[Any, Any, _Result], stop: Callable[[], None]) -> _Result:
        """What `work` gives. ^C and SIGTERM call `stop`; the second ends the process at once."""
        from twisted.internet import reactor as installed

        reactor: Any = installed
        outcome: list[asyncio.Task[_Result]] = []
        # Not Scrapy's, which end the loop before `work` has come to its end.
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

        def begin() -> None:
            for number in handlers:
                asyncio.get_running_loop().add_signal_handler(number, _asker(stop))
            task = asyncio.ensure_future(work)
            task.add_done_callback(lambda _: reactor.stop())
            outcome.append(task)

        reactor.callLater(0, begin)
        # What is there by now stays. Python would look through all of it again and again for what does not, a
        # tenth of a second each time, in which nothing else goes on.
        gc.collect()
        gc.freeze()
        try:
            self._process.start(stop_after_crawl=False, install_signal_handlers=False)
        finally:
            gc.unfreeze()  # DuckDB's module complains, at the process's end, of whatever is not cleared away
            for number, handler in handlers.items():
                signal.signal(number, handler)
        return outcome[0].result()

    async def crawl(
        self,
        seed: Seed,
        session: Session | ReplaySession,
        limits: Limits,
        taken: _Taken | None = None,
    ) -> Report:
        """The report of a crawl that has come to its end. Raises: what the crawl could not begin for."""
        crawler = self._process.create_crawler(SPIDERS[seed.spider])
        if limits.max_seconds is not None:
            crawler.settings.set("CLOSESPIDER_TIMEOUT", limits.max_seconds, priority="cmdline")
        if taken is not None:
            crawler.signals.connect(taken, signals.item_scraped, weak=False)
        try:
            crawl = self._process.crawl(crawler, seed=bounded(seed, limits), session=session)
            if self._stopping is not None and self._stopping.done():
                self._stopping = asyncio.ensure_future(self._stop())  # it began as the others were ended
            await crawl
        except BaseException:
            _give_up(crawler)
            raise
        spider = crawler.spider
        if not isinstance(spider, NewsSpider):
            raise TypeError(spider)
        return spider.crawling.report

    def stop(self) -> None:
        """Have all crawls come to their end in order, also those that are about to begin."""
        if self._stopping is None:
            self._stopping = asyncio.ensure_future(self._stop())

    async def _stop(self) -> None:
        """Stop what runs until nothing does: a crawl that is just opening can't be stopped yet."""
        told = []
        while self._process.crawlers:
            for crawler in list(self._process.crawlers):
                engine = crawler._engine  # noqa: SLF001 (the public attribute raises where there is none)
                if crawler.crawling and engine is not None and engine.running:
                    told.append(asyncio.ensure_future(crawler.stop_async()))
            await asyncio.sleep(_STOP_AGAIN_S)
        await asyncio.gather(*told, return_exceptions=True)


def run_crawls(
    seeds: Sequence[Seed],
    session: Session | ReplaySession,
    limits: Limits,
    *,
    taken: _Taken | None = None,
) -> list[Report]:
    """Crawl every seed, side by side, and bring the index up to date; the reports in the seeds' order.

    `taken` is called with each item that leaves the pipelines.

    The first ^C ends the crawls in order, the second at once. Raises: PresswarcError where the archive, or a
    seed, failed a crawl.
    """
    loop = Loop(session.config)

    async def all_of_them() -> list[Report | BaseException]:
        crawls = (loop.crawl(seed, session, limits, taken) for seed in seeds)
        return await asyncio.gather(*crawls, return_exceptions=True)

    ended = loop.run(all_of_them(), loop.stop)
    try:
        session.finish()
    finally:
        _look_after(session, seeds)
    for one in ended:
        if isinstance(one, BaseException):
            raise one
    for report in session.reports:
        if report.fault is not None:
            raise report.fault
    return session.reports


def _look_after(session: Session | ReplaySession, seeds: Sequence[Seed]) -> None:
    """Keep the health of the crawls that are over; a replay has none."""
    from crawler.health import after_run
    from crawler.session import Session

    if not isinstance(session, Session):
        return
    by_name = {seed.name: seed for seed in seeds}
    for report in session.reports:
        after_run(session.layout, by_name[report.source], report, config=session.config)


def _asker(stop: Callable[[], None]) -> Callable[[], None]:
    """Calls `stop` the first time; the second time it ends the process, as `kill -9` may at any moment."""
    asked: list[bool] = []

    def ask() -> None:
        if asked:
            os._exit(EXIT_INTERRUPTED)
        asked.append(True)
        stop()

    return ask


def _give_up(crawler: Crawler) -> None:
    """Close the files of a crawl whose spider was made, and never opened."""
    spider = crawler.spider
    if isinstance(spider, NewsSpider) and spider.crawling.report.reason == "running":
        spider.crawling.close("failed")


def _is_news(record: logging.LogRecord) -> bool:
    """Whether it is told by nobody else; that a certificate names no host, the failed fetch tells."""
    return not record.getMessage().startswith("while verifying certificate")
