"""What the schedule has run, and what it was in the middle of: `state/schedule.sqlite` of an archive.

Each step is committed, so that a service that is killed knows at its next start what it was at.
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Self, TypeVar

from crawler.schedule.cron import Timing
from storage.errors import ArchiveError, OutOfSpaceError
from storage.layout import Layout
from storage.sqlite_faults import foreign, is_damaged, is_full, is_sound, remedy, set_aside

if TYPE_CHECKING:
    from pathlib import Path

_SCHEMA = """
CREATE TABLE IF NOT EXISTS sources (
    source TEXT PRIMARY KEY,
    line TEXT NOT NULL,
    zone TEXT NOT NULL,
    known_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (
    source TEXT NOT NULL,
    due_at TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    exit_code INTEGER,
    reason TEXT,
    tries INTEGER NOT NULL DEFAULT 1,
    again_at TEXT,
    PRIMARY KEY (source, due_at)
) STRICT, WITHOUT ROWID;
"""
_BEGIN = """
INSERT INTO runs (source, due_at, started_at) VALUES (?, ?, ?)
ON CONFLICT DO UPDATE SET started_at = excluded.started_at, finished_at = NULL, exit_code = NULL,
    reason = NULL, again_at = NULL, tries = tries + 1
"""
_LAST = """
SELECT due_at, started_at, finished_at, exit_code, reason, tries, again_at FROM runs
WHERE source = ? AND started_at <= ? ORDER BY due_at DESC LIMIT 1
"""
_KEPT_FOR = timedelta(days=400)
_ANEW = "the schedule begins anew, nothing archived is lost"
_Result = TypeVar("_Result")
log = logging.getLogger(__name__)


def state_file(archive: Path) -> Path:
    """Where an archive's schedule keeps its notes."""
    return Layout(archive).state / "schedule.sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a crawl ended: its exit code, why, and a line that tells what it brought.

    `again_at` is when what it left waiting for a host may be asked for; None where it left nothing.
    """

    exit_code: int
    reason: str
    line: str = ""
    again_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One scheduled run, begun `tries` times; without `finished_at` it runs, or its process was killed.

    `again_at` is when what it had to leave may be asked for.
    """

    due_at: datetime
    started_at: datetime
    finished_at: datetime | None = None
    exit_code: int | None = None
    reason: str | None = None
    tries: int = 1
    again_at: datetime | None = None


class Runs:
    """The runs of an archive's sources; a damaged file is set aside, unless it is only `looked` at."""

    def __init__(self, path: Path, *, looked: bool = False) -> None:
        """Open or create the file. Raises: ArchiveError, OutOfSpaceError."""
        self._path, self._looked = path, looked
        try:
            self._db = _opened(path)
        except ArchiveError as error:
            if looked or not is_damaged(error.__cause__):
                raise
            self._db = self._begun_anew(error)

    def __enter__(self) -> Self:
        """The runs."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def known_at(self, timing: Timing) -> datetime | None:
        """Since when the source has this cron line; None for never."""
        sql = "SELECT known_at FROM sources WHERE source = ? AND line = ? AND zone = ?"
        row = self._row(sql, (timing.source, timing.line, timing.zone))
        return datetime.fromisoformat(row[0]) if row is not None else None

    def know(self, timing: Timing, now: datetime) -> None:
        """Note that the source has this cron line from now on."""
        self._write(
            "INSERT INTO sources VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
            "SET line = excluded.line, zone = excluded.zone, known_at = excluded.known_at",
            (timing.source, timing.line, timing.zone, _text(now)),
        )

    def last(self, source: str, now: datetime) -> Run | None:
        """The source's latest run that was begun by `now`: a clock that was ahead once puts nothing off."""
        row = self._row(_LAST, (source, _text(now)))
        if row is None:
            return None
        due_at, started_at, finished_at, exit_code, reason, tries, again_at = row
        return Run(
            due_at=datetime.fromisoformat(due_at),
            started_at=datetime.fromisoformat(started_at),
            finished_at=datetime.fromisoformat(finished_at) if finished_at else None,
            exit_code=exit_code,
            reason=reason,
            tries=tries,
            again_at=datetime.fromisoformat(again_at) if again_at else None,
        )

    def begin(self, source: str, due_at: datetime, now: datetime) -> None:
        """Note that a run begins; one begun before is begun anew."""
        self._write(_BEGIN, (source, _text(due_at), _text(now)))

    def end(self, source: str, due_at: datetime, now: datetime, ran: Ran) -> None:
        """Note how a run ended; runs of long ago are forgotten."""
        again_at = _text(ran.again_at) if ran.again_at is not None else None
        self._write(
            "UPDATE runs SET finished_at = ?, exit_code = ?, reason = ?, again_at = ? "
            "WHERE source = ? AND due_at = ?",
            (_text(now), ran.exit_code, ran.reason, again_at, source, _text(due_at)),
        )
        self._write(
            "DELETE FROM runs WHERE source = ? AND due_at < ?", (source, _text(min(due_at, now) - _KEPT_FOR))
        )

    def _row(self, sql: str, values: tuple[object, ...]) -> tuple[Any, ...] | None:
        """The first row. Raises: ArchiveError."""
        found: tuple[Any, ...] | None = self._done(lambda: self._db.execute(sql, values).fetchone())
        return found

    def _write(self, sql: str, values: tuple[object, ...]) -> None:
        """One statement, committed. Raises: ArchiveError, OutOfSpaceError."""
        self._done(lambda: self._db.execute(sql, values))

    def _done(self, work: Callable[[], _Result]) -> _Result:
        """What `work` gives, on a new file where this one turns out to be damaged."""
        try:
            with _faults(self._path):
                return work()
        except ArchiveError as error:
            if self._looked or not is_damaged(error.__cause__):
                raise
            self._db.close()
            # Another process may have begun a new one by now.
            self._db = _opened(self._path) if is_sound(self._path) else self._begun_anew(error)
        with _faults(self._path):
            return work()

    def _begun_anew(self, error: ArchiveError) -> sqlite3.Connection:
        """A new file in the place of a damaged one."""
        with _faults(self._path):
            aside = set_aside(self._path)
        log.warning("%s; it is set aside as %s: %s", error.message, aside, _ANEW)
        return _opened(self._path)


def _opened(path: Path) -> sqlite3.Connection:
    """The file with its tables. Raises: ArchiveError, OutOfSpaceError."""
    with _faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=30, isolation_level=None)
        try:
            db.executescript(_SCHEMA)
            _bring_up(db)
        except BaseException:
            db.close()
            raise
    return db


def _bring_up(db: sqlite3.Connection) -> None:
    """Bring an earlier version's tables to today's."""
    there = {row[1] for row in db.execute("PRAGMA table_info(runs)")}
    if not there >= {"source", "due_at", "tries"}:
        raise foreign("it has tables of another kind")
    if "again_at" not in there:
        db.execute("ALTER TABLE runs ADD COLUMN again_at TEXT")


def _text(moment: datetime) -> str:
    """A time as the file stores it: sorts as text."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    """Errors of the file become ours."""
    try:
        yield
    except (sqlite3.DatabaseError, OSError) as error:
        raise _fault(error, path) from error


def _fault(error: Exception, path: Path) -> ArchiveError:
    """The error to raise for a file that can't be used."""
    if is_full(error, path):
        hint = "free some space, then run the same command"
        return OutOfSpaceError("no space left for the schedule's notes", hint=hint, where=str(path))
    hint = remedy(error, f"remove the file: {_ANEW}")
    return ArchiveError(f"the schedule's notes can't be used: {error}", hint=hint, where=str(path))
