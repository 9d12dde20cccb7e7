"""Obeys robots.txt; what it forbids goes into the WARC as a metadata record and into the index."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from scrapy import Request
from scrapy.exceptions import IgnoreRequest, NotConfigured
from scrapy.http import TextResponse
from scrapy.http.request import NO_CALLBACK

from crawler.capture.handler import CAPTURE
from crawler.capture.sink import Kept
from crawler.discovery import LinkKind
from crawler.middlewares import KIND
from crawler.middlewares.politeness import PolitenessMiddleware
from crawler.politeness import LONGEST_CRAWL_DELAY_S, crawl_delay
from crawler.report_words import ROBOTS_UNREACHABLE
from crawler.robots_book import NO_REDIRECT, RobotsBook, authority_of, remark
from crawler.seed import Unreachable
from crawler.trail import found_of
from storage.article import Outcome

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.crawling import Crawling
    from crawler.robots_book import Standing

_PRIORITY = 1000


class RobotsMiddleware:
    """Asks for each host's robots.txt once, and keeps to it.

    Where it can't be had for the server's or the network's fault, the seed says what follows: as a rule
    nothing of the host is fetched, by no crawl, until it is asked for again after growing pauses.
    Source: RFC 9309 sections 2.3.1.3 and 2.3.1.4.
    """

    def __init__(self, crawler: Crawler) -> None:
        """Know no host yet. Raises: NotConfigured where the seed does not obey robots.txt."""
        if not crawler.settings.getbool("ROBOTSTXT_OBEY"):
            raise NotConfigured
        self._crawler = crawler
        self._crawling: Crawling = crawler.spider.crawling  # type: ignore[union-attr]
        agent = crawler.settings.get("ROBOTSTXT_USER_AGENT") or crawler.settings["USER_AGENT"]
        self._book = RobotsBook(agent, self._ask, getattr(self._crawling, "hosts", None))
        self._met: set[str] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> RobotsMiddleware:
        """Make the middleware for the crawl that the spider opened."""
        return cls(crawler)

    async def process_request(self, request: Request) -> Response | None:
        """Pass `request` on, or answer it where it is for robots.txt itself: nobody asks for that twice.

        Raises: IgnoreRequest where robots.txt forbids it, or can't be had.
        """
        if request.meta.get("dont_obey_robotstxt"):
            return None
        standing = await self._book.standing(request.url)
        if standing is not None:
            self._meet(request, standing)
            if standing.rules is None and not self._allows():
                self._crawling.skipped(
                    request.url, f"{authority_of(request.url)}/robots.txt", ROBOTS_UNREACHABLE
                )
                raise IgnoreRequest(standing.problem)
        if request.meta.get(KIND) is LinkKind.ROBOTS:
            return _answer(request, standing)
        if standing is None or standing.rules is None:
            return None
        # In a thread: a robots.txt may have thousands of lines, to be compared one by one.
        rule = await asyncio.to_thread(standing.rules.deciding, request.url)
        if rule is None or rule.allow:
            return None
        reason = f"robots.txt: {rule}"
        await self._crawling.sink.refuse(request.url, Outcome.ROBOTS_DENIED, reason, found_of(request))
        raise IgnoreRequest(f"forbidden by {reason}")

    async def _ask(self, url: str) -> Response:
        """The answer at `url`, archived as any other."""
        request = Request(url, priority=_PRIORITY, meta=dict(NO_REDIRECT), callback=NO_CALLBACK)
        return await self._crawler.engine.download_async(request)

    def _meet(self, request: Request, standing: Standing) -> None:
        """Tell what holds for the host of a request, and keep the pause that it asks for, once a crawl.

        Of one that can't be had it is told each time that it was asked for in vain.
        """
        authority = authority_of(request.url)
        if authority in self._met:
            return
        self._met.add(authority)
        place = f"{authority}/robots.txt"
        if standing.problem:
            policy = self._crawling.seed.robots
            told = f"allowed all the same: {policy.reason}" if self._allows() else "nothing is asked for"
            self._crawling.noted(place, f"{standing.problem}; {told}")
        if standing.copy is not None and (told := remark(standing.copy)):
            self._crawling.noted(place, told)
        asked_s = standing.rules.crawl_delay_s if standing.rules is not None else None
        if asked_s is not None and asked_s > LONGEST_CRAWL_DELAY_S:
            kept = f"{LONGEST_CRAWL_DELAY_S:g} s are kept"
            self._crawling.noted(place, f"Crawl-delay of {asked_s:g} s: {kept}")
        politeness = self._crawler.get_downloader_middleware(PolitenessMiddleware)
        if politeness is None:
            return
        politeness.heed(authority, crawl_delay(asked_s))
        if standing.problem and not self._allows() and not self._answers_otherwise(authority):
            politeness.leave_alone(request, standing.problem)
            self._book.forget(authority)
            self._met.discard(authority)

    def _answers_otherwise(self, authority: str) -> bool:
        """Whether the host has a robots.txt under its other scheme: many have nothing at https, or at http.

        The frontier's pauses are of both; what can be had is then not to wait for what can't.
        """
        scheme, _, host = authority.partition("://")
        copy = self._crawling.hosts.robots(f"{'http' if scheme == 'https' else 'https'}://{host}")
        return copy is not None and copy.fresh_until > datetime.now(UTC)

    def _allows(self) -> bool:
        """Whether the seed goes on where robots.txt can't be had."""
        return self._crawling.seed.robots.unreachable is Unreachable.ALLOW


def _answer(request: Request, standing: Standing | None) -> Response:
    """The robots.txt known. Raises: IgnoreRequest where there is none to be had."""
    if standing is None or standing.copy is None:
        raise IgnoreRequest(standing.problem if standing is not None else "robots.txt is not asked for")
    copy = standing.copy
    request.meta[CAPTURE] = Kept()
    headers = {"Content-Type": copy.content_type} if copy.content_type else {}
    return TextResponse(copy.url, status=copy.status, headers=headers, body=copy.body, request=request)
