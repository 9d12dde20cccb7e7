"""The frontier in an archive's SQLite file: WAL mode, each step committed, so that a kill loses none."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from crawler.frontier.schema import COLUMNS, INDEXES, TABLES
from crawler.frontier.store import Values
from storage.errors import ArchiveError, OutOfSpaceError
from storage.sqlite_faults import foreign, is_damaged, is_full, remedy, set_aside
from storage.urls import article_key

log = logging.getLogger(__name__)
_ALWAYS = frozenset({"source", "url", "state", "next_visit_at"})
_KEPT = "what is archived is taken from the index, nothing of it is lost"
_Result = TypeVar("_Result")
# Files made before a URL had a host and a tier.
_FILL = (
    """UPDATE urls SET host = host_of(url), article = CASE kind WHEN 'article' THEN key_of(url) END,
        tier = CASE WHEN kind = 'article' THEN 2 WHEN kind = 'page' THEN 1 ELSE 0 END,
        rank = CASE WHEN kind = 'article' THEN 40 WHEN kind = 'page' THEN 0 ELSE 45 END,
        open_at = CASE state WHEN 'gone' THEN next_visit_at END,
        next_visit_at = CASE WHEN state IN ('gone', 'discovered') THEN NULL ELSE next_visit_at END
        WHERE host = ''""",
    "INSERT OR IGNORE INTO source_hosts SELECT DISTINCT source, host FROM urls",
)


class SqliteStore:
    """One file an archive, which the archive's lock keeps to one process; a damaged one is set aside."""

    is_shared = False
    skip_locked = ""

    def __init__(self, path: Path) -> None:
        """Open or create the file. Raises: ArchiveError where it can't be written."""
        self._path = path
        self._db = open_file(path, _prepare)
        self._status = path.stat()

    def rows(self, sql: str, values: Values) -> list[tuple[Any, ...]]:
        """Rows of a statement."""
        with self._faults():
            return self._db.execute(sql, values).fetchall()

    def many(self, sql: str, values: Iterable[Values]) -> None:
        """Run a statement for each of the values."""
        with self._faults():
            self._db.executemany(sql, values)

    def within(self, work: Callable[[], _Result]) -> _Result:
        """What `work` gives, all of it done or nothing."""
        with self._faults():
            if self._db.in_transaction:
                return work()
            self._db.execute("BEGIN IMMEDIATE")
            try:
                result = work()
            except BaseException:
                if self._db.in_transaction:  # SQLite itself rolls back where the disk fails it
                    self._db.execute("ROLLBACK")
                raise
            self._db.execute("COMMIT")
            return result

    def by_index(self, name: str) -> str:
        """Without statistics, which nobody makes, SQLite takes the primary key for the better way."""
        return f"INDEXED BY {name} "

    def among(self, column: str, name: str) -> str:
        """The condition that a column is one of several values."""
        return f"{column} IN (SELECT value FROM json_each(:{name}))"  # noqa: S608 (our own names)

    def several(self, values: Iterable[str]) -> object:
        """Values for `among`."""
        return json.dumps(list(values))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Raises a fault of the file as our own; the next crawl finds a damaged one set aside."""
        try:
            with _told(self._path):
                yield
        except ArchiveError as error:
            if is_damaged(error.__cause__) and self._is_there():
                aside = set_aside(self._path)
                told = f"the frontier is damaged, and set aside as {aside.name}: {error.__cause__}"
                hint = f"run the same command: {_KEPT}"
                raise ArchiveError(told, hint=hint, where=str(aside)) from error.__cause__
            raise

    def _is_there(self) -> bool:
        """Whether the file still has its name: another crawl may have set it aside already."""
        try:
            return os.path.samestat(self._status, self._path.stat())
        except OSError:
            return False


def open_file(path: Path, prepare: Callable[[sqlite3.Connection], None]) -> sqlite3.Connection:
    """The frontier's file with the tables that `prepare` makes; a new one for one missing or damaged.

    Raises: OutOfSpaceError, ArchiveError where it can't be written.
    """
    try:
        return _opened(path, prepare)
    except ArchiveError as error:
        if not (is_damaged(error.__cause__) and path.is_file()):
            raise
        log.warning("%s; it is set aside as %s: %s", error.message, set_aside(path), _KEPT)
        return _opened(path, prepare)


def _opened(path: Path, prepare: Callable[[sqlite3.Connection], None]) -> sqlite3.Connection:
    """The file as it is, created when missing."""
    with _told(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        try:
            db.execute("PRAGMA journal_mode=WAL")
            db.execute("PRAGMA synchronous=NORMAL")
            prepare(db)
        except BaseException:
            db.close()
            raise
    return db


def _prepare(db: sqlite3.Connection) -> None:
    """Make the tables; those that an earlier version made get the columns that came later."""
    for table in TABLES:
        db.execute(f"{table} WITHOUT ROWID")
    there = {row[1] for row in db.execute("PRAGMA table_info(urls)")}
    if not there >= _ALWAYS:
        raise foreign("it has tables of another kind")
    lacking = [name for name in COLUMNS if name not in there]
    if lacking:
        db.create_function("host_of", 1, lambda url: urlsplit(url).netloc)
        db.create_function("key_of", 1, article_key)
        db.execute("BEGIN IMMEDIATE")
        for name in lacking:
            db.execute(f"ALTER TABLE urls ADD COLUMN {name} {COLUMNS[name]}")
        for statement in _FILL if "host" in lacking else ():
            db.execute(statement)
        db.execute("DROP INDEX IF EXISTS urls_due")
        db.execute("COMMIT")
    for index in INDEXES:
        db.execute(index)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    """Raises a fault of the file or the disk as our own."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        if is_full(error, path):
            hint = "free some space, then run the same command: it goes on"
            raise OutOfSpaceError("no space left for the frontier", hint=hint, where=str(path)) from error
        hint = remedy(error, f"move the file away: {_KEPT}")
        raise ArchiveError(f"the frontier can't be used: {error}", hint=hint, where=str(path)) from error
