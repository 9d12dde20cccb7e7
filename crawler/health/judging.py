"""A source's latest runs and its past -> what is wrong with it, by kind. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.health import fetches, overdue, pages, silence
from crawler.health.compare import State
from crawler.health.kinds import Kind, Verdict

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from crawler.health.memory import Memory
    from crawler.health.runs import RunHealth
    from crawler.seed import Seed


def verdicts_on(
    newest_first: Sequence[RunHealth], memory: Memory, seed: Seed, now: datetime
) -> list[Verdict]:
    """What the newest run, with those before it, says of each kind; `memory` has the newest run in it."""
    found = [
        pages.layout(newest_first, seed.health),
        fetches.blocked(newest_first),
        fetches.unreachable(newest_first),
        fetches.robots(newest_first),
        fetches.certificate(newest_first),
        fetches.fault(newest_first),
        overdue.stale(seed, memory, newest_first[0].started_at, now),
    ]
    hindered = any(one.state is State.BAD and one.kind is not Kind.STALE for one in found)
    found.append(silence.silent(newest_first, memory, seed.health, now, hindered=hindered))
    hidden = _consequences({one.kind for one in found if one.state is State.BAD}, newest_first)
    return [Verdict(kind=one.kind, state=State.UNKNOWN) if one.kind in hidden else one for one in found]


def _consequences(bad: set[Kind], newest_first: Sequence[RunHealth]) -> set[Kind]:
    """What is wrong only because something else is: a person is told of the cause alone."""
    if Kind.CERTIFICATE in bad:
        return {Kind.UNREACHABLE, Kind.ROBOTS} & bad
    if {Kind.UNREACHABLE, Kind.ROBOTS} <= bad:
        # An outage goes by one name from its beginning to its end, whether the server is faulty or silent.
        known = newest_first[1].alarms if newest_first[1:] else ()
        if (Kind.UNREACHABLE in known) is not (Kind.ROBOTS in known):
            return {Kind.ROBOTS} if Kind.UNREACHABLE in known else {Kind.UNREACHABLE}
        # A server that answers, if only with faults, is there; nothing but robots.txt was asked for.
        return {Kind.UNREACHABLE} if newest_first[0].statuses else {Kind.ROBOTS}
    return set()
