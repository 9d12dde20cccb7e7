"""What is known of hosts from crawl to crawl: their robots.txt, and how often they turned the crawler away.

One small SQLite file beside the frontier. It can be done without: robots.txt is then asked for anew, and a
damaged file is set aside.
"""

from __future__ import annotations

import logging
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from storage.errors import ArchiveError, OutOfSpaceError
from storage.sqlite_faults import is_damaged, is_full, is_sound, remedy, set_aside

_SCHEMA = """
CREATE TABLE IF NOT EXISTS robots (
    authority TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    fetched_at TEXT NOT NULL,
    fresh_until TEXT NOT NULL,
    status INTEGER NOT NULL,
    content_type TEXT,
    body BLOB NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS refusals (
    host TEXT PRIMARY KEY,
    pauses INTEGER NOT NULL,
    until TEXT NOT NULL,
    reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class RobotsCopy:
    """The last answer that decided about an authority ("https://example.org"); `url` is where it stood.

    `body` is without its Content-Encoding. A `status` from 400 up means that there are no rules.
    """

    authority: str
    url: str
    fetched_at: datetime
    fresh_until: datetime
    status: int
    content_type: str | None
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusals:
    """How many pauses a host made necessary without a good answer between them, and how long the last is."""

    pauses: int
    until: datetime
    reason: str


class Hosts:
    """The file, written by crawls; several may use it at once. Raises at opening: ArchiveError."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open it; `read_only` neither makes nor changes a file, and knows nothing where there is none."""
        self._path, self._read_only = path, read_only
        self._db = _opened(path, read_only=read_only)

    def __enter__(self) -> Self:
        """The file."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def robots(self, authority: str) -> RobotsCopy | None:
        """The last robots.txt of an authority."""
        row = self._row("SELECT * FROM robots WHERE authority = ?", authority)
        if row is None:
            return None
        _, url, fetched_at, fresh_until, status, content_type, body = row
        return RobotsCopy(
            authority=authority,
            url=url,
            fetched_at=datetime.fromisoformat(fetched_at),
            fresh_until=datetime.fromisoformat(fresh_until),
            status=status,
            content_type=content_type,
            body=body,
        )

    def keep_robots(self, copy: RobotsCopy) -> None:
        """Remember a robots.txt in place of the last one."""
        self._write(
            "INSERT OR REPLACE INTO robots VALUES (?, ?, ?, ?, ?, ?, ?)",
            copy.authority, copy.url, copy.fetched_at.isoformat(), copy.fresh_until.isoformat(),
            copy.status, copy.content_type, copy.body,
        )  # fmt: skip

    def refusals(self, host: str) -> Refusals | None:
        """How often a host turned the crawler away since its last good answer."""
        row = self._row("SELECT pauses, until, reason FROM refusals WHERE host = ?", host)
        if row is None:
            return None
        return Refusals(pauses=row[0], until=datetime.fromisoformat(row[1]), reason=row[2])

    def refused(self, host: str, told: Refusals) -> None:
        """Remember a pause."""
        sql = "INSERT OR REPLACE INTO refusals VALUES (?, ?, ?, ?)"
        self._write(sql, host, told.pauses, told.until.isoformat(), told.reason)

    def answered(self, host: str) -> None:
        """Forget the pauses of a host that gave a good answer."""
        self._write("DELETE FROM refusals WHERE host = ?", host)

    def _row(self, sql: str, *values: object) -> tuple[Any, ...] | None:
        """The first row; None also where it can't be read."""
        try:
            row: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
        except sqlite3.Error as error:
            log.warning("not known any more: %s", error)
            self._begin_anew(error)
            return None
        return row

    def _write(self, sql: str, *values: object) -> None:
        """Run a statement; what can't be remembered is no reason to end a crawl."""
        try:
            self._db.execute(sql, values)
        except sqlite3.Error as error:
            log.warning("not remembered: %s", error)
            self._begin_anew(error)

    def _begin_anew(self, error: sqlite3.Error) -> None:
        """Set a damaged file aside, unless it was only to be read, and go on with an empty one."""
        if self._read_only or not is_damaged(error):
            return
        self._db.close()
        try:
            if not is_sound(self._path):  # another crawl may have begun a new one by now
                log.warning("%s is damaged; it is set aside as %s", self._path.name, set_aside(self._path))
            self._db = _database(self._path, read_only=False)
        except (ArchiveError, OSError, sqlite3.Error) as fault:
            log.warning("what is known of hosts is kept for this crawl only: %s", fault)
            self._db = _connect(":memory:")


def _opened(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """The file, made anew where it is damaged, or an empty one in memory."""
    try:
        return _database(path, read_only=read_only)
    except ArchiveError as error:
        if read_only or not (error.__cause__ and is_damaged(error.__cause__)):
            raise
        log.warning("%s; it is set aside as %s", error.message, set_aside(path))
        return _database(path, read_only=False)


def _database(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """The file as it is, or an empty one in memory."""
    try:
        if read_only and path.exists():
            db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
            db.execute("SELECT 1 FROM robots, refusals LIMIT 1")
            return db
        if not read_only:
            path.parent.mkdir(parents=True, exist_ok=True)
        # No WAL: there is little to write, and a reader must be able to look without making a file.
        return _connect(":memory:" if read_only else path)
    except (sqlite3.DatabaseError, OSError) as error:
        if is_full(error, path):
            hint = "free some space, then run the same command: it goes on"
            told = "no space left for what is known of hosts"
            raise OutOfSpaceError(told, hint=hint, where=str(path)) from error
        raise ArchiveError(
            f"what is known of hosts can't be read: {error}",
            hint=remedy(error, "remove the file: robots.txt is asked for anew, nothing archived is lost"),
            where=str(path),
        ) from error


def _connect(place: Path | str) -> sqlite3.Connection:
    """A database with our tables."""
    db = sqlite3.connect(place, timeout=30, isolation_level=None, check_same_thread=False)
    try:
        db.executescript(_SCHEMA)
    except BaseException:
        db.close()
        raise
    return db
