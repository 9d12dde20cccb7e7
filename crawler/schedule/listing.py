"""The schedule as a table: a row a source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.schedule.cron import Timing
from crawler.schedule.due import standing

if TYPE_CHECKING:
    from crawler.schedule.shelf import Entry
    from crawler.schedule.state import Runs

COLUMNS = (
    "source",
    "schedule",
    "timezone",
    "next_start",
    "due",
    "last_start",
    "last_end",
    "last_exit",
    "note",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A source's row; `fault` says why its file can't be used."""

    source: str
    schedule: str | None = None
    timezone: str | None = None
    next_start_at: datetime | None = None
    due_at: datetime | None = None
    last_started_at: datetime | None = None
    last_finished_at: datetime | None = None
    last_exit: int | None = None
    last_reason: str | None = None
    fault: str | None = None

    def cells(self) -> tuple[object, ...]:
        """The row in the order of `COLUMNS`."""
        return (
            self.source,
            self.schedule,
            self.timezone,
            self.next_start_at,
            self.due_at,
            self.last_started_at,
            self.last_finished_at,
            self.last_exit,
            self.fault or self.last_reason,
        )


def listed(entry: Entry, runs: Runs | None, now: datetime) -> Listed:
    """How a seed file's source stands; without `runs` nothing has run."""
    if entry.fault is not None:
        return Listed(source=entry.name, fault=f"{entry.fault.message} ({entry.fault.where})")
    timing = Timing.of(entry.seed) if entry.seed is not None else None
    if timing is None:
        return Listed(source=entry.name)
    known_at = runs.known_at(timing) if runs is not None else None
    last = runs.last(timing.source, now) if runs is not None else None
    stands = standing(timing, known_at or now, last, now)
    return Listed(
        source=timing.source,
        schedule=timing.line,
        timezone=timing.zone,
        next_start_at=stands.next_start_at,
        due_at=stands.due_at,
        last_started_at=last.started_at if last else None,
        last_finished_at=last.finished_at if last else None,
        last_exit=last.exit_code if last else None,
        last_reason=last.reason if last else None,
    )
