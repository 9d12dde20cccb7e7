"""Alarms: raised once, open while the trouble lasts, closed with a note. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from crawler.health.compare import State
from crawler.health.kinds import ADVICE, Kind, Verdict

ARCHIVE = ""  # the source of an alarm that is the archive's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One trouble of one source. `seen` counts the runs that gave cause for it.

    `crawl_id` is the run that raised it. A closed one has `closed_at` and a `note` on how it ended.
    """

    source: str
    kind: Kind
    since: datetime
    crawl_id: str
    seen_at: datetime
    seen: int
    signs: tuple[str, ...]
    closed_at: datetime | None = None
    note: str = ""

    @property
    def message(self) -> str:
        """What is wrong, in a line."""
        return "; ".join(self.signs)

    @property
    def advice(self) -> str:
        """What a person does about it."""
        return ADVICE[self.kind].replace("SOURCE", self.source or "SOURCE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """What verdicts made of the open alarms: those open now, and those raised and closed by them."""

    open: tuple[Alarm, ...]
    raised: tuple[Alarm, ...] = ()
    closed: tuple[Alarm, ...] = ()


def folded(
    alarms: Sequence[Alarm], verdicts: Sequence[Verdict], *, source: str, crawl_id: str, now: datetime
) -> Folded:
    """The alarms after these verdicts on a source; alarms of others stay."""
    still: list[Alarm] = []
    closed: list[Alarm] = []
    said = {one.kind: one for one in verdicts}
    for alarm in alarms:
        verdict = said.pop(alarm.kind, None) if alarm.source == source else None
        if verdict is None or verdict.state is State.UNKNOWN:
            still.append(alarm)
        elif verdict.state is State.GOOD:
            closed.append(
                replace(alarm, closed_at=now, note="it is over: the latest run shows no sign of it")
            )
        else:
            still.append(replace(alarm, seen=alarm.seen + 1, seen_at=now, signs=verdict.signs))
    raised = [
        Alarm(
            source=source,
            kind=verdict.kind,
            since=now,
            crawl_id=crawl_id,
            seen_at=now,
            seen=1,
            signs=verdict.signs,
        )
        for verdict in said.values()
        if verdict.state is State.BAD
    ]
    return Folded(open=(*still, *raised), raised=tuple(raised), closed=tuple(closed))


def accepted(alarms: Sequence[Alarm], source: str, now: datetime) -> Folded:
    """The alarms after a person said that the source is as it should be: those that compare are closed."""
    mine = [one for one in alarms if one.source == source and one.kind in {Kind.LAYOUT, Kind.SILENT}]
    closed = tuple(replace(one, closed_at=now, note="accepted by a person") for one in mine)
    return Folded(open=tuple(one for one in alarms if one not in mine), closed=closed)


def alarm_of(told: Mapping[str, Any]) -> Alarm:
    """The alarm as the state file has it. Raises: ValueError, TypeError, KeyError."""
    values = dict(told)
    for name in ("since", "seen_at", "closed_at"):
        values[name] = datetime.fromisoformat(values[name]) if values.get(name) else None
    return Alarm(**values | {"kind": Kind(told["kind"]), "signs": tuple(told["signs"])})
