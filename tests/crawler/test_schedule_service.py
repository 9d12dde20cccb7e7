"""The schedule at work, with a clock that the tests drive: whole months go by in a moment."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.schedule.cron import Timing
from crawler.schedule.listing import listed
from crawler.schedule.service import Service
from crawler.schedule.shelf import Shelf
from crawler.schedule.state import Ran, Runs
from storage.errors import ArchiveBusyError, ArchiveError, IndexFaultError, OutOfSpaceError

BEGIN = datetime(2026, 11, 1, 12, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
SEED = 'title = "Paper"\nurls = ["https://news.example/"]\nschedule = "{}"\n'


class DrivenClock:
    """A clock that stands still until it is driven on; whoever sleeps wakes at their time, not later."""

    def __init__(self, now: datetime = BEGIN) -> None:
        self._now = now
        self._sleeping: list[tuple[datetime, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._sleeping.append((self._now + timedelta(seconds=seconds), woken))
        await woken

    async def drive(self, until: datetime) -> None:
        await settle()
        while waking := sorted(at for at, woken in self._sleeping if at <= until and not woken.done()):
            self._now = max(self._now, waking[0])
            for at, woken in self._sleeping:
                if at <= self._now and not woken.done():
                    woken.set_result(None)
            self._sleeping = [one for one in self._sleeping if not one[1].done()]
            await settle()
        self._now = until
        await settle()


async def settle() -> None:
    """Until everybody waits."""
    for _ in range(20):
        await asyncio.sleep(0)


class Archive:
    """Where a schedule's crawls go: each takes `takes` of its source, on the driven clock."""

    def __init__(self, clock: DrivenClock) -> None:
        self.clock = clock
        self.takes: dict[str, timedelta] = {}
        self.raises: dict[str, Exception] = {}
        self.leaves: dict[str, list[timedelta]] = {}  # how long after its end a run's host is open again
        self.held: Exception | None = None  # why it can't be had
        self.sound = True
        self.opened = self.closed = 0
        self.log: list[tuple[str, datetime]] = []
        self.running: set[str] = set()
        self.most = 0
        self.stopped = asyncio.Event()

    async def open(self) -> None:
        if self.held is not None:
            raise self.held
        self.sound = True
        self.opened += 1

    async def close(self) -> None:
        assert not self.running
        self.closed += 1

    def stop(self) -> None:
        self.stopped.set()

    async def run(self, seed: Any) -> Ran:
        name = seed.name
        assert name not in self.running
        assert self.opened == self.closed + 1
        self.log.append((name, self.clock.now()))
        self.running.add(name)
        self.most = max(self.most, len(self.running))
        try:
            if name in self.raises:
                raise self.raises[name]
            over = asyncio.create_task(self.clock.sleep(self.takes.get(name, HOUR / 6).total_seconds()))
            cut = asyncio.create_task(self.stopped.wait())
            await asyncio.wait([over, cut], return_when=asyncio.FIRST_COMPLETED)
            interrupted = self.stopped.is_set()
            for task in (over, cut):
                task.cancel()
        finally:
            self.running.discard(name)
        if interrupted:
            return Ran(exit_code=130, reason="shutdown")
        if self.leaves.get(name):
            again_at = self.clock.now() + self.leaves[name].pop(0)
            return Ran(exit_code=3, reason="finished", again_at=again_at)
        return Ran(exit_code=0, reason="finished")

    def starts(self, name: str) -> list[str]:
        return [f"{at:%d %H:%M}" for source, at in self.log if source == name]


class Scene:
    """A folder of seeds, and services on them, one after another, on one clock."""

    def __init__(self, folder: Path, told: list[str]) -> None:
        self.clock = DrivenClock()
        self.archive = Archive(self.clock)
        self.told = told
        self.folder = folder / "seeds"
        self.folder.mkdir()
        self._state = folder / "schedule.sqlite"
        self._service: Service | None = None
        self._task: asyncio.Task[int] | None = None

    def seed(self, name: str, line: str, more: str = "") -> None:
        (self.folder / f"{name}.toml").write_text(SEED.format(line) + more)

    def service(self, runs: Runs, at_once: int = 4) -> Service:
        return Service(Shelf(), runs, self.archive, self.clock, tell=self.told.append, at_once=at_once)

    async def serve(self, until: datetime, at_once: int = 4) -> int:
        """Exit code of a service that is stopped at a time."""
        with Runs(self._state) as runs:
            service = self.service(runs, at_once)
            self.archive.stopped.clear()
            task = asyncio.create_task(service.forever())
            await self.clock.drive(until)
            assert not task.done()
            service.stop()
            return await task

    async def once(self, at_once: int = 4) -> int:
        with Runs(self._state) as runs:
            task = asyncio.create_task(self.service(runs, at_once).once())
            await self.clock.drive(self.clock.now() + 5 * HOUR)
            return await task

    async def killed(self, until: datetime) -> None:
        """A service that ends as with `kill -9`."""
        with Runs(self._state) as runs:
            task = asyncio.create_task(self.service(runs).forever())
            await self.clock.drive(until)
            for one in asyncio.all_tasks() - {asyncio.current_task()}:
                one.cancel()
            await asyncio.gather(task, return_exceptions=True)
            await settle()
        self.archive.running.clear()
        self.archive.closed = self.archive.opened

    def known_since(self, name: str, line: str, moment: datetime) -> None:
        with Runs(self._state) as runs:
            runs.know(Timing(source=name, line=line), moment)


@pytest.fixture
def scene(tmp_path, monkeypatch) -> Scene:
    monkeypatch.chdir(tmp_path)
    return Scene(tmp_path, [])


def played(play: Callable[[], Coroutine[Any, Any, None]]) -> None:
    asyncio.run(play())


def test_each_source_runs_when_it_is_due_and_the_archive_is_free_in_between(scene):
    scene.seed("hourly", "5 * * * *")
    scene.seed("daily", "30 15 * * *")

    async def play() -> None:
        assert await scene.serve(BEGIN + 6 * HOUR) == 0
        assert scene.archive.starts("daily") == ["01 15:30"]
        assert scene.archive.starts("hourly") == [f"01 {hour}:05" for hour in range(13, 19)]
        assert scene.archive.opened == scene.archive.closed == 7

    played(play)


def test_sources_run_side_by_side_as_far_as_there_are_places_the_longest_waiting_first(scene):
    for name in ("a", "b", "c"):
        scene.seed(name, "0 * * * *")
        scene.archive.takes[name] = HOUR / 2

    async def play() -> None:
        await scene.serve(BEGIN + HOUR * 1.9, at_once=2)
        assert scene.archive.most == 2
        assert [(name, f"{at:%H:%M}") for name, at in scene.archive.log] == [
            ("a", "13:00"), ("b", "13:00"), ("c", "13:30"), ("a", "14:00"), ("b", "14:00"),
        ]  # fmt: skip

    played(play)


def test_of_all_that_was_missed_one_run_is_made_up_for(scene):
    scene.seed("paper", "0 * * * *")
    scene.seed("fresh", "0 * * * *")
    scene.known_since("paper", "0 * * * *", BEGIN - 50 * HOUR)

    async def play() -> None:
        await scene.serve(BEGIN + HOUR)
        assert scene.archive.starts("paper") == ["01 12:30", "01 13:00"]
        assert scene.archive.starts("fresh") == ["01 13:00"]
        assert any("paper: makes up for the run due at 2026-11-01 12:00Z" in line for line in scene.told)

    played(play)


def test_a_source_that_takes_longer_than_its_pause_runs_once_at_a_time_and_not_on_its_own_heels(scene):
    scene.seed("slow", "*/15 * * * *")
    scene.archive.takes["slow"] = timedelta(minutes=40)

    async def play() -> None:
        await scene.serve(BEGIN + 3 * HOUR)
        assert scene.archive.starts("slow") == ["01 12:45", "01 13:30", "01 14:15", "01 15:00"]

    played(play)


def test_what_was_left_waiting_for_its_host_is_asked_for_as_soon_as_that_is_open(scene):
    scene.seed("daily", "0 14 * * *")
    scene.archive.leaves["daily"] = [HOUR, HOUR / 2, 30 * HOUR]

    async def play() -> None:
        await scene.serve(BEGIN + 2 * HOUR)
        with Runs(scene._state) as runs:
            stands = listed(Shelf().entries()[0], runs, scene.clock.now())
        assert f"{stands.next_start_at:%H:%M}" == "15:10"
        await scene.serve(BEGIN + 30 * HOUR)  # another service: the note is in the file

    played(play)
    # The third pause is longer than until the line's next time, which goes first.
    assert scene.archive.starts("daily") == ["01 14:00", "01 15:10", "01 15:50", "02 14:00"]
    assert sum("asks for what was left waiting" in line for line in scene.told) == 2


def test_notes_of_an_earlier_version_are_gone_on_with(tmp_path):
    path = tmp_path / "s.sqlite"
    with Runs(path) as runs:
        runs.begin("paper", BEGIN, BEGIN)
    with closing(sqlite3.connect(path)) as db:
        db.execute("ALTER TABLE runs DROP COLUMN again_at")
        db.commit()
    with Runs(path) as runs:
        runs.end("paper", BEGIN, BEGIN, Ran(exit_code=3, reason="finished", again_at=BEGIN + HOUR))
        last = runs.last("paper", BEGIN)
    assert last is not None
    assert last.again_at == BEGIN + HOUR


def test_a_source_that_crashes_or_hangs_stops_no_other(scene):
    for name in ("crashes", "fails", "hangs", "sound"):
        scene.seed(name, "0 * * * *")
    scene.archive.raises |= {"crashes": ZeroDivisionError("no"), "fails": ArchiveError("no frontier")}
    scene.archive.takes["hangs"] = 1000 * HOUR

    async def play() -> None:
        assert await scene.serve(BEGIN + 3 * HOUR) == 130
        assert len(scene.archive.starts("sound")) == 3
        assert len(scene.archive.starts("crashes")) == 3
        assert len(scene.archive.starts("hangs")) == 1
        assert any("crashes: ended with 1: ZeroDivisionError: no" in line for line in scene.told)
        assert any("fails: ended with 1: no frontier" in line for line in scene.told)

    played(play)


def test_a_broken_seed_file_is_told_once_and_runs_once_it_is_mended(scene):
    scene.seed("sound", "0 * * * *")
    scene.seed("paper", "0 * * * *", "colour = 3\n")

    async def play() -> None:
        with Runs(Path("s.sqlite")) as runs:
            service = scene.service(runs)
            task = asyncio.create_task(service.forever())
            await scene.clock.drive(BEGIN + 2 * HOUR)
            assert len([line for line in scene.told if "paper: left out: " in line]) == 1
            assert scene.archive.starts("paper") == []
            scene.seed("paper", "0 * * * *")
            (scene.folder / "sound.toml").unlink()
            await scene.clock.drive(BEGIN + 4 * HOUR)
            service.stop()
            await task
        assert scene.archive.starts("paper") == ["01 15:00", "01 16:00"]
        assert scene.archive.starts("sound") == ["01 13:00", "01 14:00"]

    played(play)


def test_while_another_process_has_the_archive_the_run_waits_and_this_is_told_once(scene):
    scene.seed("paper", "0 * * * *")

    async def play() -> None:
        with Runs(Path("s.sqlite")) as runs:
            service = scene.service(runs)
            task = asyncio.create_task(service.forever())
            scene.archive.held = ArchiveBusyError("another process writes to this archive (pid 7)")
            await scene.clock.drive(BEGIN + HOUR * 0.75)
            assert scene.archive.log == []
            scene.archive.held = None
            await scene.clock.drive(BEGIN + HOUR)
            service.stop()
            await task
        assert scene.archive.starts("paper") == ["01 13:16"]
        assert sum("pid 7" in line for line in scene.told) == 1

    played(play)


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, 1, hour, minute, tzinfo=UTC)


def test_what_a_stop_cuts_short_goes_on_at_the_next_start(scene):
    scene.seed("paper", "0 13 * * *")

    async def play() -> None:
        assert await scene.serve(at(13, 5)) == 130
        await scene.clock.drive(at(14))
        assert await scene.serve(at(15)) == 0
        assert scene.archive.starts("paper") == ["01 13:00", "01 14:00"]
        assert any("goes on with the run due at 2026-11-01 13:00Z" in line for line in scene.told)
        assert await scene.serve(at(16)) == 0
        assert len(scene.archive.log) == 2

    played(play)


def test_a_run_that_takes_its_process_with_it_each_time_is_given_up_after_three(scene):
    scene.seed("deadly", "0 13,18 * * *")
    scene.archive.takes["deadly"] = 1000 * HOUR

    async def play() -> None:
        for hour in range(13, 18):
            await scene.killed(at(hour, 5))
        assert scene.archive.starts("deadly") == ["01 13:00", "01 13:05", "01 14:05"]
        await scene.killed(at(18, 5))
        assert scene.archive.starts("deadly")[3:] == ["01 18:00"]

    played(play)


def test_once_runs_what_is_due_and_ends_with_the_worst_code(scene):
    for name in ("a", "b", "later"):
        scene.seed(name, "0 * * * *" if name != "later" else "0 3 * * *")
    scene.known_since("a", "0 * * * *", BEGIN - HOUR)
    scene.known_since("b", "0 * * * *", BEGIN - HOUR)
    scene.archive.raises["b"] = ArchiveError("no frontier")

    async def play() -> None:
        assert await scene.once(at_once=1) == 1
        assert [name for name, _ in scene.archive.log] == ["a", "b"]
        assert scene.archive.opened == scene.archive.closed == 1
        del scene.archive.raises["b"]
        assert await scene.once() == 0
        assert [name for name, _ in scene.archive.log] == ["a", "b", "a", "b"]

    played(play)


def test_once_tells_that_the_archive_is_busy_and_the_next_makes_up_for_it(scene):
    scene.seed("paper", "0 * * * *")
    scene.known_since("paper", "0 * * * *", BEGIN - HOUR)

    async def play() -> None:
        scene.archive.held = ArchiveBusyError("another process writes to this archive (pid 7)")
        assert await scene.once() == 4
        scene.archive.held = None
        assert await scene.once() == 0
        assert len(scene.archive.log) == 1

    played(play)


def test_an_archive_that_is_no_longer_sound_is_closed_before_anything_else_begins(scene):
    scene.seed("first", "0 * * * *")
    scene.seed("second", "5 * * * *")
    scene.archive.takes["first"] = HOUR / 3

    async def play() -> None:
        with Runs(Path("s.sqlite")) as runs:
            service = scene.service(runs)
            task = asyncio.create_task(service.forever())
            await scene.clock.drive(datetime(2026, 11, 1, 13, 1, tzinfo=UTC))
            scene.archive.sound = False
            await scene.clock.drive(datetime(2026, 11, 1, 13, 50, tzinfo=UTC))
            service.stop()
            await task
        assert scene.archive.log == [
            ("first", datetime(2026, 11, 1, 13, 0, tzinfo=UTC)),
            ("second", datetime(2026, 11, 1, 13, 20, tzinfo=UTC)),
        ]
        assert scene.archive.opened == 2

    played(play)


def test_a_changed_line_makes_up_for_nothing_that_it_would_have_been_due_for(scene):
    scene.seed("paper", "0 3 * * *")

    async def play() -> None:
        await scene.serve(BEGIN + HOUR)
        scene.seed("paper", "45 * * * *")
        await scene.serve(BEGIN + 2 * HOUR)
        assert scene.archive.starts("paper") == ["01 13:45"]

    played(play)


def test_a_clock_that_was_years_ahead_puts_nothing_off(scene):
    scene.seed("paper", "0 * * * *")
    scene.seed("other", "0 * * * *")
    scene.known_since("other", "0 * * * *", BEGIN + 10_000 * HOUR)
    with Runs(scene._state) as runs:
        runs.begin("paper", BEGIN + 9_000 * HOUR, BEGIN + 9_000 * HOUR)
        runs.end("paper", BEGIN + 9_000 * HOUR, BEGIN + 9_001 * HOUR, Ran(exit_code=0, reason="finished"))
    scene.known_since("paper", "0 * * * *", BEGIN - HOUR / 4)

    async def play() -> None:
        await scene.serve(BEGIN + 2 * HOUR)
        assert scene.archive.starts("paper") == ["01 13:00", "01 14:00"]
        assert scene.archive.starts("other") == ["01 13:00", "01 14:00"]

    played(play)


def test_notes_that_cannot_be_written_for_a_while_stop_nothing_and_are_not_tried_without_a_pause(
    scene, monkeypatch
):
    scene.seed("paper", "0 * * * *")

    async def play() -> None:
        with Runs(Path("s.sqlite")) as runs:
            service = scene.service(runs)
            task = asyncio.create_task(service.forever())
            await scene.clock.drive(BEGIN + HOUR * 0.75)
            with monkeypatch.context() as patched:
                patched.setattr(runs, "_write", _full)
                scene.seed("late", "0 * * * *")
                await scene.clock.drive(BEGIN + HOUR)
                (scene.folder / "late.toml").unlink()
                await scene.clock.drive(BEGIN + HOUR * 1.75)
            await scene.clock.drive(BEGIN + HOUR * 3)
            service.stop()
            await task
        assert scene.archive.starts("paper") == ["01 13:00", "01 14:16", "01 15:00"]
        assert 25 < sum("no space left" in line for line in scene.told) < 35

    played(play)


PAPER = Timing(source="paper", line="0 * * * *", zone="UTC")


@pytest.mark.parametrize("damage", [b"no database at all" * 100, b""])
def test_damaged_notes_are_set_aside_and_the_schedule_begins_anew(tmp_path, caplog, damage):
    path = tmp_path / "schedule.sqlite"
    with Runs(path) as runs:
        runs.know(PAPER, BEGIN)
        written = damage or path.read_bytes()[:4096] + b"\xff" * 8192
        path.write_bytes(written)
    with pytest.raises(ArchiveError), Runs(path, looked=True) as runs:
        runs.known_at(PAPER)
    with Runs(path) as runs:
        assert runs.known_at(PAPER) is None
        runs.know(PAPER, BEGIN + HOUR)
        assert runs.known_at(PAPER) == BEGIN + HOUR
    assert (tmp_path / "schedule.sqlite.damaged").read_bytes() == written
    assert str(tmp_path / "schedule.sqlite.damaged") in caplog.text


def test_notes_that_turn_out_damaged_while_the_schedule_runs_are_set_aside(scene):
    scene.seed("paper", "0 * * * *")
    path = Path("s.sqlite").absolute()

    async def play() -> None:
        with Runs(path) as runs:
            service = scene.service(runs)
            task = asyncio.create_task(service.forever())
            await scene.clock.drive(BEGIN + HOUR)
            with path.open("r+b") as file:
                file.seek(24)  # the file's own count of its changes, and all pages behind it
                file.write(b"\xff" * 8000)
            await scene.clock.drive(BEGIN + HOUR * 3)
            service.stop()
            await task
        assert scene.archive.starts("paper") == ["01 13:00", "01 14:00", "01 15:00"]
        assert path.with_name("s.sqlite.damaged").exists()

    played(play)


def test_a_run_that_the_disk_cut_short_goes_on_at_once_but_not_for_ever(scene):
    scene.seed("paper", "0 * * * *")
    scene.archive.raises["paper"] = IndexFaultError("the index cannot be written")

    async def play() -> None:
        with Runs(Path("s.sqlite")) as runs:
            service = scene.service(runs)
            task = asyncio.create_task(service.forever())
            await scene.clock.drive(BEGIN + HOUR)
            service.stop()
            await task
        assert scene.archive.starts("paper") == ["01 13:00"] * 3

    played(play)


def _full(*_: object) -> None:
    raise OutOfSpaceError("no space left for the schedule's notes")


def test_nothing_begins_once_it_is_stopped_even_if_the_archive_is_just_being_opened(scene):
    scene.seed("paper", "0 * * * *")

    async def play() -> None:
        with Runs(Path("s.sqlite")) as runs:
            service = scene.service(runs)
            opens = scene.archive.open

            async def stopped_meanwhile() -> None:
                await opens()
                service.stop()

            scene.archive.open = stopped_meanwhile
            task = asyncio.create_task(service.forever())
            await scene.clock.drive(at(13, 5))
            assert await task == 0
        assert scene.archive.log == []
        assert scene.archive.opened == scene.archive.closed == 1

    played(play)
