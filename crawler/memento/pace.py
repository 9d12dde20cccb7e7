"""When a service may be asked next: so many times a second, and not before a pause that it asked for is over.

The Internet Archive blocks a network for an hour, then twice as long each time, that goes on asking for a
minute after a 429: every refusal stops all requests to the service, longer each time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_PAUSE_S = 60.0
LONGEST_PAUSE_S = 3600.0
MOST_REFUSALS = 8  # in a row: some three hours of pauses


@dataclass(frozen=True, slots=True)
class Clock:
    """What the time is, and how to wait; a test drives its own."""

    seconds: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep


class GaveUpError(Exception):
    """A service refused too often in a row, or asked for a longer pause than a run waits."""


class Pace:
    """The turns of the requests to one service."""

    def __init__(self, per_s: float, clock: Clock) -> None:
        """Give `per_s` turns a second."""
        self._apart_s = 1 / per_s
        self._clock = clock
        self._next = self._pause_end = float("-inf")
        self._refusals = 0

    @property
    def paused_s(self) -> float:
        """Seconds that the pause still takes, 0 for none."""
        return max(0.0, self._pause_end - self._clock.seconds())

    async def turn(self) -> float:
        """Wait for a turn; the moment at which it came."""
        while (wait := max(self._next, self._pause_end) - self._clock.seconds()) > 0:
            await self._clock.sleep(wait)
        now = self._clock.seconds()
        self._next = now + self._apart_s
        return now

    def refused(self, asked_at: float, retry_after_s: float | None) -> None:
        """Begin a pause, for a request sent at `asked_at` was refused. Raises: GaveUpError.

        Several requests that were under way together are refused once.
        """
        told = f"{retry_after_s:.0f}" if retry_after_s is not None else ""
        if retry_after_s is not None and retry_after_s > LONGEST_PAUSE_S:
            raise GaveUpError(f"it asks for a pause of {told} seconds")
        now = self._clock.seconds()
        if asked_at >= self._pause_end:
            self._refusals += 1
            if self._refusals > MOST_REFUSALS:
                raise GaveUpError(f"it refused {MOST_REFUSALS} times in a row")
            self._pause_end = now + pause_s(self._refusals, retry_after_s)
        elif retry_after_s is not None:
            self._pause_end = max(self._pause_end, now + retry_after_s)

    def answered(self, asked_at: float) -> None:
        """Take note that a request sent at `asked_at` was answered."""
        if asked_at >= self._pause_end:
            self._refusals = 0


def pause_s(refusals: int, retry_after_s: float | None) -> float:
    """Seconds to pause after so many refusals in a row, twice as long each time.

    >>> [pause_s(1, None), pause_s(3, None), pause_s(2, 10.0), pause_s(9, 1000.0)]
    [60.0, 240.0, 20.0, 3600.0]
    """
    first = FIRST_PAUSE_S if retry_after_s is None else max(1.0, retry_after_s)
    return float(min(first * 2 ** (refusals - 1), LONGEST_PAUSE_S))


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds of a Retry-After, which has a number or a date; None for none that can be read.

    >>> now = datetime(2026, 11, 22, 10, tzinfo=UTC)
    >>> retry_after("120", now), retry_after("Sun, 22 Nov 2026 10:01:00 GMT", now), retry_after("soon", now)
    (120.0, 60.0, None)
    """
    text = (value or "").strip()
    if text.isascii() and text.isdecimal():
        return float(text[:9])
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())
