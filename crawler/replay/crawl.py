"""A crawl of one source over an archive: what a live crawl's spider, pipelines and middlewares work with.

It writes nothing: no WARC, no index, no frontier, no folder of its own, and needs no lock.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Self, TypeVar

from scrapy.exceptions import IgnoreRequest

from crawler.allowance import Allowance
from crawler.capture.sink import Kept
from crawler.discovery import LinkKind, starts
from crawler.forms import ArticleForms
from crawler.frontier import Found, Place, Taken, Validators
from crawler.middlewares import KIND
from crawler.replay.archived import Archive, Scope
from crawler.report import Report
from crawler.report_words import NOT_IN_ARCHIVE, PAGE_LIMIT
from pipelines.workers import Limits, Workers
from storage.article import Outcome
from storage.errors import PresswarcError
from storage.model import Failure
from storage.urls import article_key

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler

    from crawler.config import Config
    from crawler.seeds import Seed
    from storage.model import Extraction

_Result = TypeVar("_Result")
_TOLD_URLS = 5
MISSES = ("raise", "404")
log = logging.getLogger(__name__)


class ReplaySession:
    """What the replays of one process share: the archive they read, the parsing workers, their reports."""

    def __init__(self, config: Config, scope: Scope, *, miss: str = MISSES[0]) -> None:
        """Open the archive for reading; `miss` says what becomes of a request that it has nothing for.

        Raises: IndexFaultError, UsageError.
        """
        self.config = config
        self.scope = scope
        self.miss = miss
        self.archive = Archive(scope)
        self.reports: list[Report] = []
        limits = Limits(wall_s=config.wall_s, cpu_s=config.cpu_s, memory_bytes=config.memory_bytes)
        self.workers = Workers(config.workers, limits)

    def __enter__(self) -> Self:
        """The session."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the archive."""
        self.close()

    async def parse(self, function: Callable[..., _Result], *arguments: object) -> _Result:
        """Run a parsing function in a worker process. Raises: CallFailedError."""
        return await asyncio.wrap_future(self.workers.submit(function, *arguments))

    def finish(self) -> None:
        """Nothing: there is no index to bring up to date."""

    def close(self) -> None:
        """Let go of the archive."""
        self.workers.close()
        self.archive.close()


class ArchivedCrawling:
    """A crawl over an archive while it runs."""

    def __init__(self, crawler: Crawler, seed: Seed, session: ReplaySession) -> None:
        """Begin; nothing is looked up yet."""
        self.seed = seed
        self.session = session
        self._crawler = crawler
        now = datetime.now(UTC)
        self.crawl_id = session.scope.crawl_id or ""
        self.report = Report(
            crawl_id=self.crawl_id,
            source=seed.name,
            started_at=now,
            told=lambda name, amount: crawler.stats.inc_value(name, amount),  # noqa: PLW0108 (there is none yet)
        )
        self.frontier = ArchivedFrontier(session.archive, seed.name)
        self.sink = _NoSink(self)
        self._starts = {link.url for link in starts(seed) if link.kind is not LinkKind.ROBOTS}
        self._missed_starts: list[str] = []
        self._asked: set[str] = set()
        self._allowance = Allowance(seed.limits.max_pages)
        session.reports.append(self.report)

    @contextmanager
    def admitted(self, request: Request) -> Iterator[_Page]:
        """Let a request pass, if it is for one of as many pages as the seed allows. Raises: IgnoreRequest."""
        page = _Page()
        if request.meta.get(KIND, LinkKind.ROBOTS) is LinkKind.ROBOTS:
            yield page
            return
        if not self._allowance.admit():
            raise IgnoreRequest("the crawl has as many pages as it may")
        try:
            yield page
        finally:
            if self._allowance.ended(answered=page.answered):
                self._end(PAGE_LIMIT)

    def validators(self, url: str) -> Validators:
        """What a request for `url` sends."""
        return self.frontier.validators(url)

    def replayed(self, kept: Kept, url: str) -> None:
        """Count what the archive gave for a URL."""
        self._asked.add(url)
        self.report.kept(kept)

    def missed(self, request: Request, url: str) -> None:
        """Count a request that the archive has nothing for."""
        self.report.count("fetches", NOT_IN_ARCHIVE)
        if url in self._starts and not request.meta.get("redirect_times"):
            self._missed_starts.append(url)

    def extracted(self, extraction: Extraction) -> None:
        """Count an extraction."""
        self.report.count("pages", extraction.outcome.value)

    def skipped(self, url: str, found_on: str, reason: str) -> None:
        """Count a link that is not followed."""
        del url, found_on
        self.report.count("links", reason)

    def noted(self, url: str, note: str) -> None:
        """Count a remark of discovery."""
        del url
        self.report.count("notes", note)

    def stop(self, error: PresswarcError) -> None:
        """End the replay because of `error`."""
        self.report.fault = self.report.fault or error
        self._end(type(error).__name__)

    def nothing_due(self) -> None:
        """Nothing: a replay without an answer is not whole."""

    def close(self, reason: str) -> Report:
        """The report. A replay without its start pages is incomplete."""
        complete = reason == "finished" and not self._missed_starts
        self.report.reason = "start pages not in the archive" if self._missed_starts else reason
        whole = complete and self.crawl_id
        left = self.session.archive.never_asked(self._asked) if whole else []
        if left:
            log.warning(
                "%d URLs of the crawl %s were not asked for: %s%s",
                len(left),
                self.crawl_id,
                ", ".join(left[:_TOLD_URLS]),
                ", ..." if len(left) > _TOLD_URLS else "",
            )
        return self.report

    def _end(self, reason: str) -> None:
        """Have Scrapy close the spider."""
        if self._crawler.engine is not None:
            from scrapy.utils.defer import deferred_from_coro

            closing = self._crawler.engine.close_spider_async(reason=reason)
            deferred_from_coro(closing).addErrback(lambda failure: log.debug("closing: %s", failure.value))


class ArchivedFrontier:
    """What is due in a replay: everything once; of one crawl's captures, what that crawl asked for."""

    def __init__(self, archive: Archive, source: str) -> None:
        """Answer from `archive`."""
        self._archive = archive
        self._source = source
        self._forms: defaultdict[str, set[str]] = defaultdict(set)  # that the scope's crawl asked for
        for url in archive.asked():
            self._forms[article_key(url)].add(url)
        self._articles = ArticleForms(self._is_form)
        self._known: set[str] = set()
        self._queue: list[tuple[int, int, Found]] = []

    def begin(self, entries: Sequence[Found]) -> list[Found]:
        """The seed's own URLs; what the scope's crawl had waiting when it began comes after them."""
        asked = [one for one in entries if self._archive.is_to_ask(one.url)]
        self._known.update(one.url for one in entries)
        self.discover(self._archive.waiting(self._source), datetime.now(UTC))
        return asked

    def discover(self, found: Iterable[Found], now: datetime) -> Taken:
        """Take links to what is to be asked for."""
        del now
        waiting: set[str] = set()
        same: set[str] = set()
        for one in found:
            if one.url in self._known or not self._archive.is_to_ask(one.url):
                continue
            if one.kind == LinkKind.ARTICLE and not self._articles.is_first(one.url):
                same.add(one.url)
                continue
            self._known.add(one.url)
            waiting.add(one.url)
            heappush(self._queue, (-one.priority, len(self._known), one))
        return Taken(waiting=frozenset(waiting), same_article=frozenset(same))

    def lease(self, now: datetime, most: int, of_host: int) -> list[Found]:
        """The next URLs to ask for, the most urgent first."""
        del now, of_host
        return [heappop(self._queue)[2] for _ in range(min(most, len(self._queue)))]

    def validators(self, url: str) -> Validators:
        """What the scope's crawl had to ask with whether `url` had changed; nothing without a crawl."""
        return self._archive.validators(url, self._source)

    def unread(self, now: datetime, most: int) -> list[Place]:
        """Nothing: each capture is read as it is asked for."""
        del now, most
        return []

    def opens_at(self, now: datetime) -> None:
        """Never: nothing has to wait."""

    def left(self, now: datetime) -> None:
        """Nothing, for the same reason."""

    def read(self, url: str, new_links: int, depth: int | None = None) -> None:
        """Nothing: the next replay begins as this one."""

    def release(self, url: str) -> None:
        """Nothing: the same."""

    def keep(self) -> None:
        """Nothing: nobody else is at it."""

    def postpone(self, host: str, until: datetime, reason: str) -> None:
        """Nothing: an archive need not be spared."""

    def _is_form(self, url: str) -> bool:
        """Whether to ask for an article under this URL: not where the archive has it under others alone."""
        if self._archive.began_at is None:
            return bool(self._archive.fetches(url)) or not self._archive.has_article(url)
        forms = self._forms.get(article_key(url))
        return forms is None or url in forms


@dataclass(slots=True)
class _Page:
    """Whether a page let in was answered."""

    answered: bool = False


class _NoSink:
    """Where a live crawl has its WARC: counts what robots.txt forbids, writes nothing."""

    def __init__(self, crawling: ArchivedCrawling) -> None:
        self._crawling = crawling

    async def refuse(self, url: str, outcome: Outcome, reason: str, found: Found | None = None) -> Kept:
        del found
        crawling = self._crawling
        failure = Failure(
            record_id="", url=url, source=crawling.seed.name, crawl_id=crawling.crawl_id,
            failed_at=datetime.now(UTC), outcome=outcome, reason=reason,
        )  # fmt: skip
        kept = Kept(failure=failure)
        crawling.report.kept(kept)
        return kept
