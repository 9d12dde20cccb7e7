"""The robots.txt of each host that a crawl comes to: asked for once, kept for a day; what follows from it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

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

from crawler.hosts import RobotsCopy
from crawler.politeness import PostponedError
from crawler.robots import READ_BYTES, Rules, read_rules

if TYPE_CHECKING:
    from scrapy.http import Response

    from crawler.hosts import Hosts

FRESH_FOR = timedelta(hours=24)  # RFC 9309 section 2.4: no longer
MOST_REDIRECTS = 5  # section 2.3.1.2
NO_REDIRECT = {"dont_redirect": True, "dont_obey_robotstxt": True}  # meta of a request for robots.txt
# What is held ready: rules take some ten times the memory of their text.
_MOST_HELD, _MOST_HELD_BYTES = 1_000, 4 << 20
_OK, _REDIRECT, _CLIENT_ERROR, _SERVER_ERROR, _TOO_MANY = 200, 300, 400, 500, 429
_UNREMARKABLE = frozenset({404, 410})
_MAX_AGE = re.compile(r"\bmax-age\s*=\s*\"?(\d{1,9})|\b(no-cache|no-store)\b", re.IGNORECASE)
# What a download raises where the server, or the way to it, is at fault.
_FAULTS = (
    CannotResolveHostError, DownloadCancelledError, DownloadConnectionRefusedError, DownloadFailedError,
    DownloadTimeoutError, ResponseDataLossError, ConnectError, ConnectionClosed, RequestNotSent,
    RequestTransmissionFailed,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What holds for an authority: the `rules` of its robots.txt, or the `problem` why it can't be had.

    `told` is how the rules came about, in words; `copy` is the answer that they were read from.
    """

    rules: Rules | None = None
    problem: str = ""
    told: str = ""
    copy: RobotsCopy | None = None


class RobotsBook:
    """Every robots.txt of one crawl."""

    def __init__(
        self, user_agent: str, ask: Callable[[str], Awaitable[Response]], hosts: Hosts | None = None
    ) -> None:
        """Read rules as `user_agent`; `ask` fetches a URL and follows no redirect; `hosts` remembers."""
        self._user_agent, self._ask, self._hosts = user_agent, ask, hosts
        self._standings: dict[str, asyncio.Future[Standing | None]] = {}

    async def standing(self, url: str) -> Standing | None:
        """What holds for the host of `url`; None where its robots.txt was not to be asked for.

        Raises: PostponedError for a host that is left alone.
        """
        authority = authority_of(url)
        known = self._standings.get(authority)
        if known is not None:
            self._standings[authority] = self._standings.pop(authority)  # used last
            standing = await asyncio.shield(known)
            holds = self._standings.get(authority) is known or (standing is not None and standing.rules)
            return standing if holds else await self.standing(url)
        future = self._standings[authority] = asyncio.get_running_loop().create_future()
        standing = None
        try:
            standing = await self._find(authority)
        except BaseException:
            self._standings.pop(authority, None)  # whoever waits for it asks once more
            raise
        finally:
            future.set_result(standing)
            self._let_go(future)
        return standing

    def forget(self, authority: str) -> None:
        """Ask for the robots.txt of an authority anew, when something of it is next to be fetched."""
        self._standings.pop(authority, None)

    def _let_go(self, latest: asyncio.Future[Standing | None]) -> None:
        """Forget, of too much, what was not used for longest: the file of hosts has it all the same."""
        done = {
            name: one.result() for name, one in self._standings.items() if one.done() and one is not latest
        }
        held_bytes = sum(map(_size, [latest.result(), *done.values()]))
        for name, standing in done.items():
            if len(self._standings) <= _MOST_HELD and held_bytes <= _MOST_HELD_BYTES:
                break
            del self._standings[name]
            held_bytes -= _size(standing)

    async def _find(self, authority: str) -> Standing | None:
        """The robots.txt remembered, while it is fresh, else the one fetched now."""
        copy = self._hosts.robots(authority) if self._hosts is not None else None
        if copy is not None and copy.fresh_until > datetime.now(UTC):
            return await asyncio.to_thread(standing_of, copy, self._user_agent)
        try:
            response = await self._follow(f"{authority}/robots.txt")
        except PostponedError:
            raise
        except IgnoreRequest:
            return None
        except _FAULTS as error:
            return Standing(problem=f"robots.txt can't be had: {type(error).__name__}")
        if response.status >= _SERVER_ERROR or response.status == _TOO_MANY:
            return Standing(problem=f"robots.txt can't be had: HTTP {response.status}")
        found = _copy(authority, response)
        if self._hosts is not None:
            self._hosts.keep_robots(found)
        return await asyncio.to_thread(standing_of, found, self._user_agent)

    async def _follow(self, url: str) -> Response:
        """The answer at the end of at most five redirects, to whatever host."""
        response = await self._ask(url)
        for _ in range(MOST_REDIRECTS):
            target = _target(response)
            if target is None:
                break
            response = await self._ask(target)
        return response


def _size(standing: Standing | None) -> int:
    """Bytes of the robots.txt that a standing holds."""
    return len(standing.copy.body) if standing is not None and standing.copy is not None else 0


def authority_of(url: str) -> str:
    """Scheme, host and port: what a robots.txt speaks for.

    >>> authority_of("https://Example.org:8443/a?b")
    'https://example.org:8443'
    """
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2].lower()}"


def standing_of(copy: RobotsCopy, user_agent: str) -> Standing:
    """What follows from an answer. Source: RFC 9309 section 2.3.1."""
    day = f"{copy.fetched_at:%Y-%m-%d %H:%M} UTC"
    if _OK <= copy.status < _REDIRECT:
        rules = read_rules(copy.body, user_agent)
        return Standing(rules=rules, told=f"robots.txt of {day}", copy=copy)
    why = f"HTTP {copy.status}" if copy.status >= _CLIENT_ERROR else "redirected too often"
    return Standing(rules=Rules(), told=f"no robots.txt: {why}, {day}", copy=copy)


def remark(copy: RobotsCopy) -> str:
    """What is worth telling of an answer that holds no rules; empty where nothing is."""
    if copy.status < _REDIRECT or copy.status in _UNREMARKABLE:
        return ""
    why = f"HTTP {copy.status}" if copy.status >= _CLIENT_ERROR else "redirects to nowhere"
    return f"robots.txt: {why}, so it forbids nothing"


def _copy(authority: str, response: Response) -> RobotsCopy:
    """An answer as it is remembered: for a day, or for as short as the server says, as far as it is read."""
    now = datetime.now(UTC)
    control = (response.headers.get("Cache-Control") or b"").decode("latin-1")
    ages = [timedelta(seconds=int(found[1] or 0)) for found in _MAX_AGE.finditer(control)]
    kind = response.headers.get("Content-Type")
    return RobotsCopy(
        authority=authority,
        url=response.url,
        fetched_at=now,
        fresh_until=now + min([FRESH_FOR, *ages]),
        status=response.status,
        content_type=kind.decode("latin-1") if kind else None,
        body=response.body[: READ_BYTES + 1],  # one more tells that it was cut
    )


def _target(response: Response) -> str | None:
    """Where an answer redirects to, None where it does not, or to no web address."""
    place = response.headers.get("Location")
    if not _REDIRECT <= response.status < _CLIENT_ERROR or place is None:
        return None
    target = urljoin(response.url, place.decode("utf-8", "replace").strip()).partition("#")[0]
    return target if urlsplit(target).scheme in {"http", "https"} else None
