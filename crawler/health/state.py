"""The state of health of an archive, `state/health.json`: open and closed alarms, what is remembered."""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from crawler.health.alarms import Alarm, Folded, alarm_of
from crawler.health.memory import Memory, memory_of
from storage.exports.files import unwritable, whole_file
from storage.sqlite_faults import set_aside

if TYPE_CHECKING:
    from pathlib import Path

    from storage.layout import Layout

log = logging.getLogger(__name__)
_CLOSED_KEPT = 200
_UNTOLD_KEPT = 100
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthState:
    """Alarms and memories. `untold` are alarms, raised or closed, that the webhook did not take yet."""

    open: tuple[Alarm, ...] = ()
    closed: tuple[Alarm, ...] = ()
    untold: tuple[Alarm, ...] = ()
    sources: Mapping[str, Memory] = field(default_factory=dict)

    def after(self, change: Folded) -> HealthState:
        """The state with alarms raised and closed."""
        return replace(
            self,
            open=change.open,
            closed=(*self.closed, *change.closed)[-_CLOSED_KEPT:],
            untold=(*self.untold, *change.raised, *change.closed)[-_UNTOLD_KEPT:],
        )

    def with_memory(self, source: str, memory: Memory) -> HealthState:
        """The state with a source's memory."""
        return replace(self, sources={**self.sources, source: memory})


def read_state(layout: Layout) -> HealthState:
    """The state as it was kept; an empty one where there is none, or none that can be read."""
    path = _path(layout)
    try:
        return _read(path)
    except FileNotFoundError:
        return HealthState()
    except _UNREADABLE as error:
        log.warning("%s can't be read: nothing is known of past runs and alarms: %r", path, error)
        return HealthState()


def write_state(layout: Layout, state: HealthState) -> None:
    """Keep the state; what can't be read in its place is set aside. Raises: OutOfSpaceError, UsageError."""
    path = _path(layout)
    _make_room(path)
    with whole_file(path, force=True) as file:
        file.write((json.dumps(asdict(state), default=_told, ensure_ascii=False, indent=1) + "\n").encode())


@contextmanager
def held(layout: Layout, what: str = "health") -> Iterator[None]:
    """Nobody else changes the state meanwhile, neither a thread nor another process. Raises: OSError.

    `what` else is to be done by one at a time has a lock of its own.
    """
    layout.state.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(layout.state / f"{what}.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _make_room(path: Path) -> None:
    """Set a file aside that can't be read: it is about to be replaced."""
    try:
        _read(path)
    except OSError:  # none there, or told where it is written
        return
    except _UNREADABLE:
        try:
            log.warning("%s is made anew; the old one is set aside as %s", path, set_aside(path))
        except OSError as error:
            raise unwritable(error, path) from error


def _read(path: Path) -> HealthState:
    """The state in a file. Raises: what `_UNREADABLE` names, FileNotFoundError."""
    told = json.loads(path.read_text(encoding="utf-8"))
    return HealthState(
        open=tuple(alarm_of(one) for one in told["open"]),
        closed=tuple(alarm_of(one) for one in told["closed"]),
        untold=tuple(alarm_of(one) for one in told["untold"]),
        sources={name: memory_of(one) for name, one in told["sources"].items()},
    )


def _path(layout: Layout) -> Path:
    return layout.state / "health.json"


def _told(value: Any) -> str:  # noqa: ANN401 (whatever JSON has no word for)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(value)
