"""Whose turn it is at a host that several crawls of this process ask: its pace is that of all of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

_MOST_HOSTS = 1_000  # remembered before those of long ago are forgotten
_PARTS_AT_ONCE = 6  # so many connections a browser has to a host, each of which keeps the pace
_LONGEST_PART_GAP_S = 0.5  # a page that takes minutes to come together is none


@dataclass(slots=True)
class _Free:
    """From when on a host may be asked for a page, and for a part of a page that is being rendered."""

    page_at: float = 0.0
    part_at: float = 0.0


class Turns:
    """When each host may be asked next."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        """Begin with every host free; `clock` tells seconds."""
        self._clock = clock
        self._hosts: dict[str, _Free] = {}

    def take(self, host: str, delay_s: float) -> float:
        """Seconds until the turn that is taken now; the one after it comes `delay_s` later.

        >>> turns = Turns(lambda: 0.0)
        >>> turns.take("a.example", 2.0), turns.take("a.example", 5.0), turns.take("a.example", 1.0)
        (0.0, 2.0, 7.0)
        >>> turns.take("b.example", 2.0)
        0.0
        """
        now, free = self._clock(), self._free(host)
        at = max(now, free.page_at)
        free.page_at = at + delay_s
        return at - now

    def take_part(self, host: str, delay_s: float) -> float:
        """The same for a part of a page: it belongs to the page's turn, and the next one begins after it.

        >>> turns = Turns(lambda: 0.0)
        >>> turns.take("a.example", 3.0), turns.take_part("a.example", 3.0), turns.take_part("a.example", 3.0)
        (0.0, 0.0, 0.5)
        >>> turns.take("a.example", 3.0)
        3.5
        """
        now, free = self._clock(), self._free(host)
        at = max(now, free.part_at)
        free.part_at = at + min(delay_s / _PARTS_AT_ONCE, _LONGEST_PART_GAP_S)
        free.page_at = max(free.page_at, at + delay_s)
        return at - now

    async def wait(self, host: str, delay_s: float, *, part: bool = False) -> None:
        """Nothing, once it is the caller's turn."""
        wait_s = self.take_part(host, delay_s) if part else self.take(host, delay_s)
        if wait_s > 0:
            await asyncio.sleep(wait_s)

    def _free(self, host: str) -> _Free:
        """What is known of a host; of too many, those that may be asked now are forgotten."""
        if len(self._hosts) > _MOST_HOSTS:
            now = self._clock()
            self._hosts = {name: one for name, one in self._hosts.items() if one.page_at > now}
        return self._hosts.setdefault(host, _Free())
