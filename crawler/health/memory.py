"""What is remembered of a source over all its runs: its totals, and how long it is quiet between news."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from crawler.health.compare import FEW_RUNS

if TYPE_CHECKING:
    from crawler.health.runs import RunHealth

GAPS_KEPT = timedelta(days=90)
_MOST_GAPS = 500
_LATE_RUNS = 30
_DAY_S = 86_400.0
_WEEK_S = 7 * _DAY_S
_FEW_GAPS, _FEW_DAYS = 10, timedelta(days=10)  # a history that has seen a week-end
_LONG = 5  # gaps that count as long: with more, those of week-ends and of nights would be mixed
_HARDLY = 1e-4  # chance of a longer one
_EXCESS = 1 / 4 + 1 / 3 + 1 / 2 + (1 / 4 + 1 / 3) + 1 / 4  # expected of these, where the mean excess is 1
_ERRORS = 2.0  # standard errors of the mean that are added to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """A source's past. `gaps` are pauses between runs with new articles: when each ended, and seconds.

    `quiet_runs` counts the runs since the last new article. `accepted_at`: a person said that from then on
    the source is as it should be. `succeeded_at` is the end of the last run that came to its end.
    """

    started_at: datetime | None = None
    finished_at: datetime | None = None
    succeeded_at: datetime | None = None
    new_at: datetime | None = None
    first_new_at: datetime | None = None
    quiet_runs: int = 0
    gaps: tuple[tuple[datetime, float], ...] = ()
    late_bytes: tuple[tuple[datetime, float], ...] = ()
    accepted_at: datetime | None = None
    runs: int = 0
    runs_incomplete: int = 0
    new_articles: int = 0
    changed_articles: int = 0
    fetches: int = 0
    received_bytes: int = 0
    stored_bytes: int = 0


def remembered(memory: Memory, run: RunHealth) -> Memory:
    """The memory with one run more; runs come in the order of their beginning."""
    quality = run.quality
    stored = quality.stored_bytes if quality else 0
    grown = replace(
        memory,
        started_at=run.started_at,
        finished_at=run.finished_at,
        succeeded_at=run.finished_at if run.exit_code == 0 else memory.succeeded_at,
        runs=memory.runs + 1,
        runs_incomplete=memory.runs_incomplete + (run.exit_code != 0),
        new_articles=memory.new_articles + run.new,
        changed_articles=memory.changed_articles + (quality.changed if quality else 0),
        fetches=memory.fetches + sum(run.statuses.values()),
        received_bytes=memory.received_bytes + run.received_bytes,
        stored_bytes=memory.stored_bytes + stored,
        late_bytes=(*memory.late_bytes, (run.started_at, float(stored)))[-_LATE_RUNS:],
    )
    if not run.new:
        return replace(grown, quiet_runs=memory.quiet_runs + 1)
    gaps = memory.gaps
    if memory.new_at is not None:
        gap = (run.finished_at - memory.new_at).total_seconds()
        # A silence that was an alarm does not make the next one usual; where it is, a person says so.
        if gap <= (longest_pause(memory) or gap):
            gaps = (*gaps, (run.finished_at, gap))
    kept = tuple(one for one in gaps if run.finished_at - one[0] <= GAPS_KEPT)[-_MOST_GAPS:]
    return replace(
        grown,
        quiet_runs=0,
        gaps=kept,
        new_at=run.finished_at,
        first_new_at=memory.first_new_at or run.finished_at,
    )


def accepted_memory(memory: Memory, now: datetime) -> Memory:
    """The memory after a person said that from now on the source is as it should be."""
    return replace(memory, accepted_at=now, gaps=(), new_at=None, first_new_at=None, quiet_runs=0)


def longest_pause(memory: Memory) -> float | None:
    """Seconds without a new article that are hardly ever exceeded; None where too little is known.

    Long pauses are taken to exceed the fifth longest as those of Poisson's process would; and a person wants
    to hear of nothing that is less than a day longer than what was seen.
    """
    first, last = memory.first_new_at, memory.new_at
    if first is None or last is None or len(memory.gaps) < _FEW_GAPS or last - first < _FEW_DAYS:
        return None
    longest = sorted((gap for _, gap in memory.gaps), reverse=True)
    shortest = longest[_LONG - 1]
    # Without the longest: it may have been a trouble, not a habit.
    excess = sum(gap - shortest for gap in longest[1 : _LONG - 1]) / _EXCESS
    excess *= 1 + _ERRORS / math.sqrt(_LONG)
    return max(shortest + excess * math.log(_LONG / len(longest) / _HARDLY), longest[0] + _DAY_S)


def weekly_bytes(memory: Memory) -> float:
    """What the source's runs store in a week, by the usual run and the usual pause; 0 of a few runs."""
    if len(memory.late_bytes) < FEW_RUNS:
        return 0.0
    begun = [at for at, _ in memory.late_bytes]
    pause = statistics.median((later - one).total_seconds() for one, later in pairwise(begun))
    return statistics.median(many for _, many in memory.late_bytes) * _WEEK_S / max(pause, 1.0)


def memory_of(told: Mapping[str, Any]) -> Memory:
    """The memory as the state file has it. Raises: ValueError, TypeError, KeyError."""
    values = dict(told)
    for name in _MOMENTS:
        values[name] = datetime.fromisoformat(values[name]) if values.get(name) else None
    for name in ("gaps", "late_bytes"):
        values[name] = tuple((datetime.fromisoformat(at), float(many)) for at, many in told[name])
    return Memory(**values)


_MOMENTS = ("started_at", "finished_at", "succeeded_at", "new_at", "first_new_at", "accepted_at")
