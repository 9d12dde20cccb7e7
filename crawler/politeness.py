"""How gently a host is asked: the pace that its answers allow, the pauses after it turned the crawler away.

Nobody sleeps here: a pause is a time before which nothing of the host is asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from enum import StrEnum

from scrapy.exceptions import IgnoreRequest

from storage.model import Headers

LONGEST_CRAWL_DELAY_S = 60.0
LONGEST_PACE_S = 60.0
LONGEST_PAUSE = timedelta(hours=24)
# A long pause is the asking page's own, where its host gives others, until so many ask in a row.
_SHORT, _BELIEVED = timedelta(minutes=1), 5
_OF_A_GIVER = 3  # times the patience, with a host that gave pages in this crawl
_WORK = 0.5  # of the time at most a request to a slow host may be under way, for each that may
_REDIRECT, _CLIENT_ERROR, _SERVER_ERROR = 300, 400, 500
_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY, _UNAVAILABLE = 401, 403, 429, 503


class PostponedError(IgnoreRequest):
    """A request for a host that is left alone for now."""


class Sign(StrEnum):
    """What an answer, or its lack, says of how welcome the crawler is."""

    GOOD = "good"
    NEUTRAL = "neutral"  # a redirect may lead anywhere
    TOO_MANY = "too many requests"
    WALL = "a wall"
    FORBIDDEN = "forbidden"
    TROUBLE = "errors of the server"
    SILENCE = "no answer"
    NO_ROBOTS = "robots.txt can't be had"


# How many such answers in a row make a pause, and how long the first is; each further one is twice as long.
_PATIENCE = {
    Sign.TOO_MANY: (1, timedelta(minutes=1)),
    Sign.WALL: (3, timedelta(minutes=10)),
    Sign.FORBIDDEN: (8, timedelta(minutes=10)),
    Sign.TROUBLE: (8, timedelta(minutes=2)),
    Sign.SILENCE: (8, timedelta(minutes=2)),
    Sign.NO_ROBOTS: (1, timedelta(minutes=10)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Until when a host is left alone, and why; `pauses` counts those since its last good answer."""

    until: datetime
    reason: str
    pauses: int


@dataclass(slots=True, kw_only=True)
class Welcome:
    """How one host has answered of late."""

    pauses: int = 0
    in_a_row: dict[Sign, int] = field(default_factory=dict)
    gave_pages: bool = False
    long_asked: int = 0  # times in a row
    tried: set[str] = field(default_factory=set)  # counted in the row; of a host that gives others, each once

    def doubts(self, asked: datetime, now: datetime) -> bool:
        """Whether a pause asked for is taken for the page's own: one page must not cost its host's others."""
        return self.gave_pages and asked - now > _SHORT and self.long_asked < _BELIEVED

    def pause(
        self, sign: Sign, now: datetime, *, asked: datetime | None = None, detail: str = "", url: str = ""
    ) -> Pause | None:
        """The pause that an answer to `url` makes necessary; `asked` is until when the server wants one."""
        if sign is Sign.GOOD:
            self.pauses, self.in_a_row, self.long_asked, self.tried = 0, {}, 0, set()
        if sign not in _PATIENCE:
            return None
        if asked is not None and asked - now > _SHORT:
            self.long_asked += 1
            if self.doubts(asked, now):
                return None
        most, first = _PATIENCE[sign]
        if self.gave_pages and sign is not Sign.WALL and most > 1:
            most *= _OF_A_GIVER  # bad pages may stand side by side
        if asked is None and self._count(sign, url) < most:
            return None
        until = min(asked or now + growing(first, self.pauses), now + LONGEST_PAUSE)
        self.pauses += 1
        self.in_a_row, self.tried = {}, set()
        wanted = ", Retry-After" if asked is not None else ""
        return Pause(until=until, reason=f"{detail or sign}{wanted}", pauses=self.pauses)

    def _count(self, sign: Sign, url: str) -> int:
        """How many such answers came in a row, with this one."""
        again = self.gave_pages and url in self.tried
        self.tried |= {url} - {""}
        self.in_a_row[sign] = self.in_a_row.get(sign, 0) + (not again)
        return self.in_a_row[sign]


def sign_of(status: int, *, wall: bool) -> Sign:
    """What an answer says.

    >>> sign_of(304, wall=False).value, sign_of(200, wall=True).value, sign_of(404, wall=False).value
    ('good', 'a wall', 'good')
    """
    if status == _TOO_MANY:
        return Sign.TOO_MANY
    if wall:
        return Sign.WALL
    if status in {_UNAUTHORIZED, _FORBIDDEN}:
        return Sign.FORBIDDEN
    if status >= _SERVER_ERROR:
        return Sign.TROUBLE
    redirect = _REDIRECT <= status < _CLIENT_ERROR and status != 304  # noqa: PLR2004 (Not Modified)
    return Sign.NEUTRAL if redirect else Sign.GOOD


def growing(first: timedelta, before: int) -> timedelta:
    """A pause after so many `before` it, a day at most.

    >>> growing(timedelta(minutes=1), 3), growing(timedelta(minutes=1), 99)
    (datetime.timedelta(seconds=480), datetime.timedelta(days=1))
    """
    return min(first * (1 << min(before, 20)), LONGEST_PAUSE)


def wants_time(status: int, headers: Headers) -> bool:
    """Whether an answer says that its host wants to be asked later, whatever the page.

    >>> told = Headers([("Retry-After", "120")])
    >>> wants_time(429, Headers([])), wants_time(503, Headers([])), wants_time(503, told)
    (True, False, True)
    """
    return status == _TOO_MANY or (status == _UNAVAILABLE and bool(headers.get("Retry-After")))


def retry_after(status: int, value: str | None, now: datetime) -> datetime | None:
    """When a server that has too much to do wants to be asked again; None where it does not say.

    Source: RFC 9110 section 10.2.3.

    >>> noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    >>> retry_after(429, "120", noon).isoformat(), retry_after(503, "soon", noon)
    ('2026-11-22T12:02:00+00:00', None)
    >>> retry_after(503, "Sun, 22 Nov 2026 12:30:00 GMT", noon).isoformat()
    '2026-11-22T12:30:00+00:00'
    """
    if status not in {_TOO_MANY, _UNAVAILABLE} or not value:
        return None
    text = value.strip()
    if text.isdecimal() and text.isascii():
        return now + min(timedelta(seconds=int(text[:9])), LONGEST_PAUSE)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(moment, now)


@dataclass(slots=True, kw_only=True)
class Pace:
    """The time between the beginnings of two requests to a host; never below `floor_s`.

    A host that takes long to answer is asked more rarely, so that it rests as long as it works.
    """

    floor_s: float
    concurrency: int
    delay_s: float = 0.0

    def __post_init__(self) -> None:
        """Begin at the floor: unlike Scrapy's AutoThrottle, which begins every host at five seconds."""
        self.delay_s = max(self.delay_s, self.floor_s)

    def answered(self, latency_s: float, *, good: bool) -> None:
        """Go slower at once, faster by half of the way; on errors, which are quickly sent, never faster."""
        target = latency_s / (_WORK * self.concurrency)
        wanted = max(target, (self.delay_s + target) / 2)
        if good or wanted > self.delay_s:
            self.delay_s = max(self.floor_s, min(wanted, LONGEST_PACE_S))


def crawl_delay(asked_s: float | None) -> float:
    """The pause that robots.txt asks for, a minute at most.

    >>> crawl_delay(10), crawl_delay(86400), crawl_delay(None)
    (10, 60.0, 0.0)
    """
    return min(asked_s, LONGEST_CRAWL_DELAY_S) if asked_s is not None and math.isfinite(asked_s) else 0.0
