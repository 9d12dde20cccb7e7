"""What pages need, fetched and archived as everything is: behind the address guard, and by robots.txt.

It is fetched as the page's own request was, in the turn that its host gave to the page: a browser's visit is
one visit. From a host that the crawl asks for pages its parts come one after another in short order, and the
next page's turn begins after the last of them (`crawler.turns`); pauses hold for them as for pages. Scripts
and styles are fetched once a crawl.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from twisted.internet.error import ConnectError, ConnectionClosed
from twisted.web._newclient import RequestNotSent, RequestTransmissionFailed

from crawler.browser.rendering import Answer, Wanted
from crawler.browser.rules import refusal
from crawler.capture.handler import PART
from crawler.middlewares.politeness import PolitenessMiddleware
from crawler.robots_book import NO_REDIRECT, RobotsBook
from crawler.seed import Unreachable
from crawler.trail import FOUND, requisite_of
from pipelines.records import decode
from storage.article import Outcome

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.crawling import Crawling
    from crawler.frontier import Found

MOST_REDIRECTS = 5
_AT_ONCE = 6  # for one page, as browsers have it for one host
_SHELF_BYTES = 32 << 20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_SHELVED = frozenset({"script", "stylesheet"})
_OK = 200
# What the browser says of itself and of the connection, or what the capture says in its place.
_NOT_SENT = re.compile(
    r"(?:sec-.*|proxy-.*|:.*|accept-encoding|connection|content-length|cookie|host|keep-alive|referer|te"
    r"|transfer-encoding|upgrade.*|user-agent)",
    re.IGNORECASE,
)
# What holds for the bytes on the wire alone, or would outlive the page.
_NOT_GIVEN = frozenset(
    {
        "connection",
        "content-encoding",
        "content-length",
        "keep-alive",
        "set-cookie",
        "trailer",
        "transfer-encoding",
    }
)
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_FAULTS = (
    CannotResolveHostError, DownloadCancelledError, DownloadConnectionRefusedError, DownloadFailedError,
    DownloadTimeoutError, IgnoreRequest, ResponseDataLossError, ConnectError, ConnectionClosed,
    RequestNotSent, RequestTransmissionFailed,
)  # fmt: skip
log = logging.getLogger(__name__)


class Requisites:
    """What the pages of one crawl need; `download` fetches and archives."""

    def __init__(self, crawler: Crawler, download: Callable[[Request], Awaitable[Response]]) -> None:
        """Nothing is fetched yet."""
        settings, self._crawler = crawler.settings, crawler
        self._crawling: Crawling = crawler.spider.crawling  # type: ignore[union-attr]
        self._download = download
        self._agent: str = settings["USER_AGENT"]
        self._robots: RobotsBook | None = None
        if settings.getbool("ROBOTSTXT_OBEY"):
            agent = settings.get("ROBOTSTXT_USER_AGENT") or self._agent
            self._robots = RobotsBook(agent, self._ask_robots, getattr(self._crawling, "hosts", None))
        self._timeout_s = settings.getfloat("DOWNLOAD_TIMEOUT")
        self._most_bytes = settings.getint("DOWNLOAD_MAXSIZE")
        self._shelf: dict[str, Answer] = {}
        self._shelf_bytes = 0
        self._denied: set[str] = set()

    def fetcher(self, page: Found) -> Callable[[Wanted], Awaitable[Answer | None]]:
        """What fetches for one page."""
        places = asyncio.Semaphore(_AT_ONCE)

        async def fetch(wanted: Wanted) -> Answer | None:
            if (kept := self._shelf.get(wanted.asked.url)) is not None and wanted.asked.kind in _SHELVED:
                return kept
            async with places:
                return await self._answer(wanted, page)

        return fetch

    async def _answer(self, wanted: Wanted, page: Found) -> Answer | None:
        """The answer at the end of a few redirects; None where there is none, or it is too large."""
        try:
            async with asyncio.timeout(wanted.within_s):
                response = await self._follow(wanted, page)
                if response is None:
                    return None
                answer = await answer_of(response, wanted.most_bytes)
        except TimeoutError:
            return None
        except _FAULTS as error:
            log.debug("%s: %s", wanted.asked.url, error)
            return None
        if answer is not None:
            self._shelve(wanted, answer)
        return answer

    async def _follow(self, wanted: Wanted, page: Found) -> Response | None:
        """The answer at the end of a few redirects, each of them judged as the request was."""
        for _ in range(MOST_REDIRECTS + 1):
            if not await self._allowed(wanted.asked.url, page):
                return None
            request = self._request(wanted, page)
            response = await self._download(request)
            if (politeness := self._crawler.get_downloader_middleware(PolitenessMiddleware)) is not None:
                politeness.heard_of_part(request, response)
            place = response.headers.get("Location")
            if response.status not in _REDIRECTS or place is None:
                return response
            target = urljoin(wanted.asked.url, place.decode("utf-8", "replace").strip()).partition("#")[0]
            kept = response.status in {307, 308}
            asked = replace(wanted.asked, url=target, method=wanted.asked.method if kept else "GET")
            if refusal(asked, self._crawling.seed.scope) is not None:
                return None
            wanted = replace(wanted, asked=asked, body=wanted.body if kept else b"")
        return None

    def _request(self, wanted: Wanted, page: Found) -> Request:
        """The request that is sent for the page's."""
        headers = {
            name: value
            for name, value in wanted.headers.items()
            if _TOKEN.fullmatch(name) and not _NOT_SENT.fullmatch(name)
        }
        headers |= {"User-Agent": self._agent, "Accept-Encoding": "gzip, deflate"}
        return Request(
            wanted.asked.url,
            method=wanted.asked.method,
            headers=headers,
            body=wanted.body,
            meta={
                PART: wanted.asked.kind,
                FOUND: requisite_of(page, wanted.asked.url),
                "download_timeout": min(wanted.within_s, self._timeout_s),
                "download_maxsize": min(wanted.most_bytes, self._most_bytes),
            },
        )

    async def _allowed(self, url: str, page: Found) -> bool:
        """Whether robots.txt lets it be fetched; a refusal is archived as one."""
        standing = await self._robots.standing(url) if self._robots is not None else None
        if standing is None:
            return True
        if standing.rules is None:
            return self._crawling.seed.robots.unreachable is Unreachable.ALLOW
        rule = standing.rules.deciding(url)
        if rule is None or rule.allow:
            return True
        if url not in self._denied:  # told once, however many pages ask for it
            self._denied.add(url)
            found = requisite_of(page, url)
            await self._crawling.sink.refuse(url, Outcome.ROBOTS_DENIED, f"robots.txt: {rule}", found)
        return False

    async def _ask_robots(self, url: str) -> Response:
        """The answer at `url`, unpacked."""
        headers = {"User-Agent": self._agent, "Accept-Encoding": "gzip, deflate"}
        response = await self._download(Request(url, headers=headers, meta=dict(NO_REDIRECT)))
        return response.replace(body=await asyncio.to_thread(_unpacked, response))

    def _shelve(self, wanted: Wanted, answer: Answer) -> None:
        """Keep a script or style for the next page."""
        fits = self._shelf_bytes + len(answer.body) <= _SHELF_BYTES
        control = answer.headers.get("cache-control", "").lower()
        if wanted.asked.kind in _SHELVED and answer.status == _OK and fits and "no-store" not in control:
            self._shelf[wanted.asked.url] = answer
            self._shelf_bytes += len(answer.body)


async def answer_of(response: Response, most_bytes: int) -> Answer | None:
    """An answer as the browser is given it, None where it is larger than that."""
    body = await asyncio.to_thread(_unpacked, response)
    if len(body) > most_bytes:
        return None
    headers: dict[str, str] = {}
    for name, values in response.headers.items():
        key = name.decode("latin-1").lower()
        value = ", ".join(one.decode("latin-1") for one in values)
        if key not in _NOT_GIVEN and _TOKEN.fullmatch(key) and value.isprintable():
            headers[key] = value
    return Answer(status=response.status, headers=headers, body=body)


def _unpacked(response: Response) -> bytes:
    """The body without its content codings."""
    codings = b",".join(response.headers.getlist("Content-Encoding")).decode("latin-1").lower().split(",")
    body = response.body
    for coding in reversed([name.strip() for name in codings]):
        body = decode(body, coding)
    return body
