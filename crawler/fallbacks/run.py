"""The step at a crawl's end: whatever its site refuses is looked for elsewhere, as the seed asks.

The list of what to look for, and what was tried of it, is told by frontier and index: a crawl that is killed
here loses nothing, and the next one goes on. A page with a teaser is looked for in whole again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Protocol

import duckdb

from crawler.fallbacks import dvids
from crawler.fallbacks.asking import LeftAloneError, PatientService
from crawler.fallbacks.feed_texts import told_in_feeds
from crawler.fallbacks.from_dvids import DvidsStories
from crawler.fallbacks.from_print import PrintViews
from crawler.fallbacks.from_wayback import WaybackCopies
from crawler.fallbacks.keeping import keep_story, stands_in
from crawler.memento.service import Manners, Service
from crawler.memento.wayback import INDEX_PER_S, PLAYBACK_PER_S, Archive, cdx_of
from crawler.seed import Fallback
from storage.article import Outcome
from storage.errors import ArchiveError, PresswarcError
from storage.index.fallbacks import Had, had_of
from storage.urls import article_id

if TYPE_CHECKING:
    from scrapy.crawler import Crawler

    from crawler.crawling import Crawling
    from crawler.fallbacks.feed_texts import Told
    from crawler.frontier import Found

GROUP = "fallbacks"  # of a report
NO_KEY = "dvids_key is not set"
_MOST_REFUSED = 2_000  # articles looked at in a crawl
_MOST_ASKED = 100  # and those for which others are asked
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(days=1), timedelta(days=30)  # before a fallback is tried again
log = logging.getLogger(__name__)


class Way(Protocol):
    """One fallback."""

    async def give(self, refused: Found, found: Found) -> Outcome:
        """What it gives in place of a page; `found` is how its records came."""


@dataclass(frozen=True, slots=True)
class Teasers:
    """The way by what feeds told, which is at hand."""

    crawling: Crawling
    told: dict[str, Told]

    async def give(self, refused: Found, found: Found) -> Outcome:
        """What a feed told of a page. Raises: ArchiveError."""
        told = self.told.get(article_id(refused.url))
        if told is None:
            return Outcome.NOT_ARCHIVED
        return await keep_story(self.crawling, told.record, told.story, found)


@dataclass(slots=True)
class FallbackStep:
    """The fallbacks of one crawl; `is_over` tells that the crawl is to end."""

    crawling: Crawling
    crawler: Crawler
    is_over: Callable[[], bool]
    _ways: dict[Fallback, Way] = field(default_factory=dict)
    _asked: int = 0

    async def run(self) -> None:
        """Look for every refused article. What fails of it does not fail the crawl, but for its disk."""
        try:
            await self._run()
        except ArchiveError as error:
            self.crawling.stop(error)
        except duckdb.Error as error:
            self.crawling.noted(self.crawling.seed.name, f"fallbacks: the index can't be asked: {error}")

    async def _run(self) -> None:
        crawling = self.crawling
        refused = crawling.frontier.refused(datetime.now(UTC), _MOST_REFUSED)
        had = await crawling.session.look(partial(had_of, urls=[one.url for one in refused]))
        missing = [one for one in refused if not had[one.url].in_whole]
        if not missing:
            return
        async with AsyncExitStack() as stack:
            for fallback in self._usable():
                self._ways[fallback] = await self._way(fallback, missing, had, stack)
            for one in missing:
                if self.is_over():
                    crawling.report.count(GROUP, "left for the next crawl")
                elif to_try := self._to_try(had[one.url]):
                    await self._look_for(one, to_try, has_teaser=had[one.url].teaser)

    def _usable(self) -> list[Fallback]:
        """The seed's fallbacks, but for one whose key is not set."""
        crawling = self.crawling
        usable = list(crawling.seed.fallbacks)
        if Fallback.DVIDS in usable and not crawling.session.config.dvids_key:
            crawling.noted(crawling.seed.name, f"fallback dvids: {NO_KEY}")
            usable.remove(Fallback.DVIDS)
        return usable

    def _to_try(self, had: Had) -> list[Fallback]:
        """The fallbacks to try for a page now, in order."""
        now = datetime.now(UTC)
        chosen = []
        for fallback in self.crawling.seed.fallbacks:
            tried = had.tried.get(fallback.value)
            if fallback is Fallback.FEED:
                fits = not had.teaser
            else:
                fits = tried is None or now >= tried.last_at + pause_after(tried.crawls)
            chosen += [fallback] if fits else []
        return chosen

    async def _look_for(self, refused: Found, fallbacks: Sequence[Fallback], *, has_teaser: bool) -> None:
        """Try fallbacks until one gives an article."""
        report, was_asked = self.crawling.report, False
        for fallback in fallbacks:
            way = self._ways.get(fallback)
            asks = fallback is not Fallback.FEED
            if way is None or (asks and not was_asked and self._asked >= _MOST_ASKED):
                continue
            self._asked += asks and not was_asked
            was_asked |= asks
            outcome = await self._tried(way, fallback, refused)
            if outcome is Outcome.ARTICLE:
                report.count(GROUP, fallback.value)
                return
            if outcome is not None:
                report.count(GROUP, f"{fallback.value}: {outcome.value}")
        if not has_teaser:
            report.count(GROUP, "none")

    async def _tried(self, way: Way, fallback: Fallback, refused: Found) -> Outcome | None:
        """What a fallback gives; None where it could not be asked, and is not any more in this crawl."""
        try:
            return await way.give(refused, stands_in(refused, fallback, refused.url))
        except ArchiveError:
            raise
        except (LeftAloneError, PresswarcError) as error:
            told = error.message if isinstance(error, PresswarcError) else str(error)
            log.info("%s: fallback %s is left alone: %s", self.crawling.seed.name, fallback.value, told)
            self.crawling.report.count(GROUP, f"{fallback.value}: left alone")
            self.crawling.noted(refused.url, f"fallback {fallback.value}: {told}")
            self._ways.pop(fallback, None)
            return None

    async def _way(
        self, fallback: Fallback, missing: list[Found], had: dict[str, Had], stack: AsyncExitStack
    ) -> Way:
        """The way by which a fallback gives."""
        crawling, config = self.crawling, self.crawling.session.config
        if fallback is Fallback.FEED:
            await crawling.sink.finish_file()  # the feeds of this crawl lie in it
            wanted = frozenset(article_id(one.url) for one in missing if not had[one.url].teaser)
            return Teasers(crawling, await told_in_feeds(crawling.session, crawling.seed.name, wanted))
        if fallback is Fallback.PRINT:
            await crawling.sink.finish_file()
            return PrintViews(crawling, self.crawler)
        if fallback is Fallback.WAYBACK:
            archive = Archive(
                endpoint=config.wayback_endpoint.rstrip("/"),
                cdx=cdx_of(config.wayback_endpoint.rstrip("/")),
                tells=await self._service(INDEX_PER_S, stack),
                shows=await self._service(PLAYBACK_PER_S, stack),
            )
            return WaybackCopies(crawling, archive)
        service = await self._service(dvids.PER_S, stack)
        return DvidsStories(crawling, service, config.dvids_endpoint.rstrip("/"), config.dvids_key)

    async def _service(self, per_s: float, stack: AsyncExitStack) -> PatientService:
        """A service at its own pace, closed with the stack."""
        config = self.crawling.session.config
        manners = Manners(
            per_s=per_s, user_agent=config.user_agent, timeout_s=config.timeout_s, retries=config.retries
        )
        service = await stack.enter_async_context(Service(manners, self.crawling.addresses))
        return PatientService(service, self.is_over)


def pause_after(crawls: int) -> timedelta:
    """How long a fallback is not tried again for a page, after so many crawls tried it.

    >>> pause_after(1).days, pause_after(3).days, pause_after(50).days
    (1, 4, 30)
    """
    return min(_FIRST_PAUSE * (1 << min(crawls - 1, 10)), _LONGEST_PAUSE)
