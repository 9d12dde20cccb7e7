"""A person says that a source is as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crawler.health.alarms import Alarm, accepted
from crawler.health.memory import Memory, accepted_memory
from crawler.health.state import held, read_state, write_state

if TYPE_CHECKING:
    from datetime import datetime

    from storage.layout import Layout


def accept_source(layout: Layout, source: str, now: datetime) -> tuple[Alarm, ...]:
    """The alarms that this closes; from now on the source is compared with what comes, not with its past.

    Raises: OutOfSpaceError.
    """
    with held(layout):
        state = read_state(layout)
        change = accepted(state.open, source, now)
        memory = accepted_memory(state.sources.get(source, Memory()), now)
        write_state(layout, state.after(change).with_memory(source, memory))
    return change.closed
