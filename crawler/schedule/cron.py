"""When a cron line is due, in the time zone that it is meant in.

A change of the clock neither skips nor doubles a run. What is due at an hour that the clock jumps over is due
once, right after the jump; at an hour that comes twice it is due the first time alone. What is due every few
minutes, or every hour, goes on through both as time goes on.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cronsim import CronSim

if TYPE_CHECKING:
    from crawler.seed import Seed

_LOOK_BACK = tuple(timedelta(days=days) for days in (1 / 24, 1, 32, 400, 8 * 366))
_EVERY_HOUR = re.compile(r"\*(?:/1)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """When a source is to run: `line` in `zone`, and up to `jitter_s` later, ever the same for one time."""

    source: str
    line: str
    zone: str = "UTC"
    jitter_s: float = 0.0

    @classmethod
    def of(cls, seed: Seed) -> Timing | None:
        """The seed's timing, None where it has no schedule."""
        if seed.schedule is None:
            return None
        return cls(source=seed.name, line=seed.schedule, zone=seed.timezone, jitter_s=seed.jitter_s)

    def start(self, due: datetime) -> datetime:
        """When the run that is due at `due` begins."""
        return due + timedelta(seconds=jitter(self.source, due, self.jitter_s))


def jitter(source: str, due: datetime, most_s: float) -> float:
    """Seconds below `most_s`, told by the source and the time: a restart changes nothing.

    >>> jitter("paper", datetime(2026, 11, 22, tzinfo=UTC), 0.0)
    0.0
    >>> 0 < jitter("paper", datetime(2026, 11, 22, tzinfo=UTC), 60.0) < 60
    True
    """
    told = hashlib.blake2b(f"{source} {due.isoformat()}".encode(), digest_size=8).digest()
    return int.from_bytes(told, "big") / (1 << 64) * most_s


def dues(timing: Timing, after: datetime) -> Iterator[datetime]:
    """The times after `after` at which the line is due, each once and in order, in UTC."""
    zone = UTC if timing.zone == "UTC" else ZoneInfo(timing.zone)
    last = after
    for moment in CronSim(fixed(timing.line), after.astimezone(zone)):
        due = moment.astimezone(UTC)
        # In an hour that comes twice the library begins with its first coming, even from the second.
        if due > last:
            last = due
            yield due


def next_start(timing: Timing, after: datetime, now: datetime) -> tuple[datetime, datetime] | None:
    """The first time due after `after` whose run begins later than `now`, and when; None for never."""
    begin = max(after, now - timedelta(seconds=timing.jitter_s))
    found = ((due, timing.start(due)) for due in dues(timing, begin))
    return next((one for one in found if one[1] > now), None)


def last_start(timing: Timing, after: datetime, now: datetime) -> datetime | None:
    """The last time due after `after` whose run should have begun by `now`; None where there is none."""
    for back in _LOOK_BACK:
        begin = max(after, now - back)
        found = None
        for due in dues(timing, begin):
            if due > now:
                break
            if timing.start(due) <= now:
                found = due
        if found is not None or begin == after:
            return found
    return None


def fixed(line: str) -> str:
    """The line as the library takes it for one at fixed hours, unless it is due in every hour.

    With a star before them minutes or hours count as time goes by, and `*/20 2 * * *` would be skipped with
    the hour that it is in, or done twice.

    >>> fixed("*/20 2 * * *"), fixed("0 */2 * * *"), fixed("*/15 * * * *")
    ('0-59/20 2 * * *', '0 0-23/2 * * *', '*/15 * * * *')
    """
    minute, hour, *days = line.split()
    if _EVERY_HOUR.fullmatch(hour):
        return line
    return " ".join([_without_star(minute, 59), _without_star(hour, 23), *days])


def _without_star(field: str, last: int) -> str:
    return ",".join(f"0-{last}{part[1:]}" if part.startswith("*") else part for part in field.split(","))
