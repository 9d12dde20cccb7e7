"""Crawls of one or more seeds in one process, to their end, for `presswarc crawl` and `presswarc demo`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from scrapy import signals
from scrapy.crawler import AsyncCrawlerProcess

from crawler.report import Report
from crawler.settings import of_config
from crawler.spiders.defense import DefenseSpider
from crawler.spiders.news import NewsSpider

if TYPE_CHECKING:
    from crawler.replay.crawl import ReplaySession
    from crawler.seeds import Seed
    from crawler.session import Session

SPIDERS: dict[str, type[NewsSpider]] = {spider.name: spider for spider in (NewsSpider, DefenseSpider)}


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


def run_crawls(
    seeds: Sequence[Seed],
    session: Session | ReplaySession,
    limits: Limits,
    *,
    taken: Callable[[object], None] | None = None,
) -> list[Report]:
    """Crawl every seed, side by side, and bring the index up to date; the reports in the seeds' order.

    `taken` is called with each item that leaves the pipelines.

    The first ^C ends the crawls in order, the second at once. Raises: PresswarcError where the archive, or a
    seed, failed a crawl.
    """
    settings: dict[str, Any] = of_config(session.config)
    if limits.max_seconds is not None:
        settings["CLOSESPIDER_TIMEOUT"] = limits.max_seconds
    process = AsyncCrawlerProcess({**settings, "LOG_INSTALL_ROOT_HANDLER": False})
    tasks = []
    for seed in seeds:
        crawler = process.create_crawler(SPIDERS[seed.spider])
        if taken is not None:
            crawler.signals.connect(taken, signals.item_scraped, weak=False)
        tasks.append(process.crawl(crawler, seed=bounded(seed, limits), session=session))
    process.start()
    session.finish()
    for task in tasks:
        if task.done() and (error := task.exception()) is not None:
            raise error
    for report in session.reports:
        if report.fault is not None:
            raise report.fault
    return session.reports
