"""What is due: each source's timing, what it has run, and the time now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.schedule.cron import Timing, last_start, next_start

if TYPE_CHECKING:
    from crawler.schedule.state import Run

INTERRUPTED = 130
_TRIES = 3  # of one run that is interrupted, or takes its process with it, each time
_CUT_SHORT = frozenset({"OutOfSpaceError", "IndexFaultError"})  # reasons: what came is not in the index yet


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a source stands: what is due now, and what comes next; None where nothing does.

    `resumed`: what is due was begun before. `missed`: it was due long before, while nothing was running.
    `left`: it is what the last run left waiting for a host that may be asked again by then.
    """

    due_at: datetime | None = None
    resumed: bool = False
    missed: bool = False
    left: bool = False
    next_due_at: datetime | None = None
    next_start_at: datetime | None = None


def standing(timing: Timing, known_at: datetime, last: Run | None, now: datetime) -> Standing:
    """How a source stands. Of all that was missed, the latest alone is due."""
    unfinished = last is not None and _is_unfinished(last)
    after = known_at
    if last is not None:
        # What came due while the source itself ran is passed over: runs do not follow on each other's heels.
        ended_at = last.finished_at or last.started_at
        after = max(after, last.due_at if unfinished else min(ended_at, now))
    due_at = last_start(timing, after, now)
    earlier = next_start(timing, after, after) if due_at is not None else None
    resumed = due_at is None and unfinished
    if resumed and last is not None:
        due_at = last.due_at
    again_at = last.again_at if last is not None and not unfinished else None
    left = due_at is None and again_at is not None and again_at <= now
    if left:
        due_at = again_at
    coming = next_start(timing, max(after, due_at) if due_at else after, now)
    if due_at is None and again_at is not None and (coming is None or again_at < coming[1]):
        coming = (again_at, again_at)
    return Standing(
        due_at=due_at,
        resumed=resumed,
        missed=earlier is not None and earlier[0] != due_at,
        left=left,
        next_due_at=coming[0] if coming else None,
        next_start_at=coming[1] if coming else None,
    )


def _is_unfinished(last: Run) -> bool:
    """Whether a run is to go on: it was interrupted, killed, or its disk failed it; not for ever."""
    cut_short = last.exit_code == INTERRUPTED or last.reason in _CUT_SHORT
    return (last.finished_at is None or cut_short) and last.tries < _TRIES
