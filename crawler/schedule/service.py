"""Runs each source when it is due: several side by side, none twice at once, none stopped by another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from crawler.schedule.cron import Timing
from crawler.schedule.due import INTERRUPTED, Standing, standing
from crawler.schedule.state import Ran
from storage.errors import ArchiveBusyError, PresswarcError, SeedError

if TYPE_CHECKING:
    from crawler.schedule.clock import Clock
    from crawler.schedule.shelf import Shelf
    from crawler.schedule.state import Runs
    from crawler.seeds import Seed

LOOK_AGAIN = timedelta(minutes=1)  # for seed files that changed, and an archive that could not be had
_FAULT = 1
log = logging.getLogger(__name__)


class Crawls(Protocol):
    """What crawls, on an archive that is held only from `open` to `close`."""

    @property
    def sound(self) -> bool:
        """Whether it takes further crawls; if not, it is to be closed and opened anew."""

    async def open(self) -> None:
        """Take the archive. Raises: ArchiveBusyError, PresswarcError."""

    async def run(self, seed: Seed) -> Ran:
        """Crawl a source, and bring the index up to it. Raises: PresswarcError."""

    def stop(self) -> None:
        """Have the crawls that run come to their end in order."""

    async def close(self) -> None:
        """Let go of the archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A seed with a schedule that does not run now, and how it stands."""

    seed: Seed
    standing: Standing


class Service:
    """The schedule at work."""

    def __init__(
        self,
        shelf: Shelf,
        runs: Runs,
        crawls: Crawls,
        clock: Clock,
        *,
        tell: Callable[[str], None],
        at_once: int,
    ) -> None:
        """Run at most `at_once` crawls side by side; what a person is to know goes to `tell`, by lines."""
        self._shelf, self._runs, self._crawls, self._clock = shelf, runs, crawls, clock
        self._say, self._at_once = tell, at_once
        self._running: dict[str, asyncio.Task[None]] = {}
        self._stopping = asyncio.Event()
        self._open = False
        self._no_archive = ""  # why it could not be had the last time
        self._codes: set[int] = set()
        self._faults: dict[str, str] = {}
        self._not_before: dict[str, datetime] = {}  # sources of which nothing could be noted

    def stop(self) -> None:
        """Begin no more; what runs comes to its end in order."""
        if not self._stopping.is_set():
            self._tell("schedule", f"stopping; {', '.join(sorted(self._running)) or 'nothing'} running")
            self._stopping.set()
            self._crawls.stop()

    async def forever(self) -> int:
        """Exit code once it is stopped: 0, or 130 if that cut crawls short."""
        self._tell_next(list(self._jobs()))
        while not self._stopping.is_set():
            try:
                jobs = await self._turn()
            except PresswarcError as error:  # its own notes, on a full disk: what runs goes on
                self._tell("schedule", f"{error.message} ({error.where})")
                jobs = []
            await self._pause(jobs)
        await self._wind_up()
        return INTERRUPTED if INTERRUPTED in self._codes else 0

    async def once(self) -> int:
        """The worst exit code of what was due; 0 where nothing was."""
        jobs = list(self._jobs())
        left = {job.seed.name for job in jobs if job.standing.due_at is not None}
        if not left:
            self._tell_next(jobs)
        while left and not self._stopping.is_set():
            jobs = await self._turn(left)
            left = {job.seed.name for job in jobs if job.standing.due_at is not None} - self._running.keys()
            if self._no_archive:
                break
            if self._running:
                await self._one_ends()
        await self._wind_up()
        return max(self._codes, default=0)

    async def _turn(self, only: Collection[str] | None = None) -> list[Job]:
        """Begin what is due as far as there are places; how all that does not run stood before."""
        jobs = list(self._jobs(only))
        if not self._open and _due(jobs) and await self._take():
            jobs = list(self._jobs(only))  # another process may have run them in the meantime
        if self._open and self._crawls.sound and not self._stopping.is_set():
            for job in _due(jobs)[: max(0, self._at_once - len(self._running))]:
                self._running[job.seed.name] = asyncio.create_task(self._run(job))
        if self._open and not self._running:
            await self._let_go()
        return jobs

    def _jobs(self, only: Collection[str] | None = None) -> Iterator[Job]:
        """The scheduled seeds that do not run; files with faults are told of, each fault once."""
        now, faults = self._clock.now(), {}
        for entry in self._shelf.entries():
            if entry.fault is not None:
                faults[entry.name] = f"left out: {entry.fault.message} ({entry.fault.where})"
            elif entry.seed is not None and (timing := Timing.of(entry.seed)) is not None:
                name = entry.seed.name
                waits = self._not_before.get(name, now) > now
                if name not in self._running and not waits and (only is None or name in only):
                    yield Job(seed=entry.seed, standing=self._standing(timing, now))
        for name, text in faults.items():
            if self._faults.get(name) != text:
                self._codes.add(SeedError.exit_code)
                self._tell(name, text)
        self._faults = faults

    def _standing(self, timing: Timing, now: datetime) -> Standing:
        """How a source stands; of one that is new nothing was missed."""
        known_at = self._runs.known_at(timing)
        if known_at is None or known_at > now:
            self._runs.know(timing, now)
            known_at = now
        return standing(timing, known_at, self._runs.last(timing.source, now), now)

    async def _take(self) -> bool:
        """Whether the archive could be had; why not is told once."""
        try:
            await self._crawls.open()
        except PresswarcError as error:
            self._codes.add(error.exit_code)
            if self._no_archive != error.message:
                again = "; it is tried again" if isinstance(error, ArchiveBusyError) else f" ({error.where})"
                self._tell("schedule", f"{error.message}{again}")
            self._no_archive = error.message
            return False
        self._open, self._no_archive = True, ""
        return True

    async def _run(self, job: Job) -> None:
        """One run, from its note that it begins to the note how it ended; whatever it raises ends here."""
        name, due_at = job.seed.name, job.standing.due_at or self._clock.now()
        if not self._noted(name, lambda now: self._runs.begin(name, due_at, now)):
            del self._running[name]
            return
        self._tell(name, _begins(job.standing, due_at))
        try:
            ran = await self._crawls.run(job.seed)
        except PresswarcError as error:
            ran = Ran(exit_code=error.exit_code, reason=type(error).__name__, line=error.message)
        except Exception as error:  # the border of a run: the others go on
            log.debug("%s", name, exc_info=True)
            ran = Ran(exit_code=_FAULT, reason=type(error).__name__, line=f"{type(error).__name__}: {error}")
        self._codes.add(ran.exit_code)
        self._tell(name, f"ended with {ran.exit_code}: {ran.line or ran.reason}")
        self._noted(name, lambda now: self._runs.end(name, due_at, now, ran))
        del self._running[name]

    def _noted(self, name: str, note: Callable[[datetime], None]) -> bool:
        """Whether a note of a run could be written; if not its source is left alone for a while."""
        now = self._clock.now()
        try:
            note(now)
        except PresswarcError as error:
            self._codes.add(error.exit_code)
            self._tell(name, f"{error.message} ({error.where})")
            self._not_before[name] = now + LOOK_AGAIN
            return False
        self._not_before.pop(name, None)
        return True

    async def _pause(self, jobs: list[Job]) -> None:
        """Wait until a run begins or ends, a file may have changed, or all is stopped."""
        if _due(jobs) and not self._running and not self._no_archive:
            return  # the archive was let go of because it was to be opened anew
        now = self._clock.now()
        starts = [job.standing.next_start_at for job in jobs if job.standing.next_start_at is not None]
        until = min([now + LOOK_AGAIN, *starts])
        await self._one_ends(self._clock.sleep(max(0.0, (until - now).total_seconds())))

    async def _one_ends(self, pause: Coroutine[Any, Any, None] | None = None) -> None:
        """Wait for the end of a run, of the `pause`, or of all."""
        others = [asyncio.create_task(self._stopped())]
        if pause is not None:
            others.append(asyncio.create_task(pause))
        await asyncio.wait([*others, *self._running.values()], return_when=asyncio.FIRST_COMPLETED)
        for task in others:
            task.cancel()

    async def _stopped(self) -> None:
        """Nothing, once it is stopped."""
        await self._stopping.wait()

    async def _wind_up(self) -> None:
        """Wait for what runs, and let go of the archive."""
        if self._running:
            await asyncio.wait(self._running.values())
        if self._open:
            await self._let_go()

    async def _let_go(self) -> None:
        """Let go of the archive: others may replay, import, crawl by hand."""
        await self._crawls.close()
        self._open = False

    def _tell_next(self, jobs: list[Job]) -> None:
        """Say what comes next."""
        starts = sorted(
            (one.standing.next_start_at, one.seed.name)
            for one in jobs
            if one.standing.next_start_at is not None
        )
        coming = "".join(f"; next {name} at {_minute(start_at)}" for start_at, name in starts[:1])
        self._tell("schedule", f"{len(jobs)} sources, {len(_due(jobs))} due{coming}")

    def _tell(self, name: str, text: str) -> None:
        self._say(f"{self._clock.now():%Y-%m-%d %H:%M:%S}Z {name}: {text}")


def _due(jobs: list[Job]) -> list[Job]:
    """What is due, the longest waiting first."""
    due = [(job.standing.due_at, job.seed.name, job) for job in jobs if job.standing.due_at is not None]
    return [job for _, _, job in sorted(due, key=lambda one: one[:2])]


def _begins(standing: Standing, due_at: datetime) -> str:
    """What is said when a run begins."""
    if standing.left:
        return "asks for what was left waiting for its host"
    how = "goes on with" if standing.resumed else "makes up for" if standing.missed else "begins"
    return f"{how} the run due at {_minute(due_at)}"


def _minute(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z"
