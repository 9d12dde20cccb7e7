"""Whether a source was not run when its schedule says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from crawler.health.kinds import Kind, Verdict, verdict

if TYPE_CHECKING:
    from crawler.health.memory import Memory
    from crawler.seed import Seed

_GRACE = timedelta(minutes=15)  # beside the jitter: a run takes its time to begin
_MISSED = 2  # times in a row: the first may have been missed by a restart


def stale(seed: Seed, memory: Memory, begun_at: datetime | None, now: datetime) -> Verdict:
    """Whether two runs in a row are overdue; `begun_at` is when the latest began, running or over.

    A source that never ran is not stale: its schedule may never have been started.
    """
    last = max((one for one in (memory.finished_at, begun_at) if one is not None), default=None)
    if not seed.schedule or last is None:
        return verdict(Kind.STALE, [])
    due = due_before(seed, now - _GRACE - timedelta(seconds=seed.jitter_s), _MISSED)
    signs = []
    if len(due) == _MISSED and last < due[-1]:
        told = f"{last.astimezone(UTC):%Y-%m-%d %H:%M}Z"
        signs.append(f"not run since {told}, though its schedule is `{seed.schedule}` {seed.timezone}")
    return verdict(Kind.STALE, signs)


def due_after(seed: Seed, moment: datetime) -> datetime | None:
    """When the seed is due next, None without a schedule."""
    if not seed.schedule:
        return None
    try:
        return next(CronSim(seed.schedule, moment.astimezone(_zone(seed)))).astimezone(UTC)
    except (CronSimError, StopIteration):
        return None


def due_before(seed: Seed, moment: datetime, many: int) -> list[datetime]:
    """The latest times at which the seed was due, newest first; none without a schedule that holds.

    >>> from crawler.seed import Scope, Seed
    >>> seed = Seed(name="a", title="", scope=Scope(hosts=()), schedule="0 6 * * *", timezone="Asia/Tokyo")
    >>> [f"{one:%d %H:%M}" for one in due_before(seed, datetime(2026, 11, 22, 12, tzinfo=UTC), 2)]
    ['21 21:00', '20 21:00']
    """
    if not seed.schedule:
        return []
    try:
        times = CronSim(seed.schedule, moment.astimezone(_zone(seed)), reverse=True)
        return [next(times).astimezone(UTC) for _ in range(many)]
    except (CronSimError, StopIteration):
        return []


def _zone(seed: Seed) -> tzinfo:
    return UTC if seed.timezone == "UTC" else ZoneInfo(seed.timezone)
