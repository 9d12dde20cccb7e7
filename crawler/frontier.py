"""What the crawler remembers of each URL: how it was found, when to look again, with which validators.

One SQLite file for the archive, in WAL mode: each step is committed, so a crawl that is killed loses none. It
can be done without: a crawl then starts anew, and nothing that is archived is lost.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Self
from urllib.parse import urlsplit

from storage.article import Outcome
from storage.errors import DISK_FULL, ArchiveError, OutOfSpaceError
from storage.model import Capture, Headers

_SCHEMA = """
CREATE TABLE IF NOT EXISTS urls (
    source TEXT NOT NULL,
    url TEXT NOT NULL,
    kind TEXT NOT NULL,
    found_on TEXT NOT NULL,
    found_in TEXT NOT NULL,
    discovered_at TEXT NOT NULL,
    state TEXT NOT NULL,
    outcome TEXT,
    visited_at TEXT,
    next_visit_at TEXT,
    etag TEXT,
    last_modified TEXT,
    depth INTEGER NOT NULL DEFAULT 1,
    hops TEXT NOT NULL DEFAULT 'L',
    title TEXT,
    published_raw TEXT,
    modified_raw TEXT,
    PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS urls_due ON urls (source, state, next_visit_at);
"""
# What files made before these columns lack.
_LATER = {
    "depth": "INTEGER NOT NULL DEFAULT 1",
    "hops": "TEXT NOT NULL DEFAULT 'L'",
    "title": "TEXT",
    "published_raw": "TEXT",
    "modified_raw": "TEXT",
}
_FOUND = "url, kind, found_on, found_in, depth, hops, title, published_raw, modified_raw"
_DISCOVER = f"""
INSERT INTO urls (source, discovered_at, state, {_FOUND}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET found_on = excluded.found_on, found_in = excluded.found_in, depth = excluded.depth,
    hops = excluded.hops, title = excluded.title, published_raw = excluded.published_raw,
    modified_raw = excluded.modified_raw
WHERE coalesce(title, published_raw, modified_raw) IS NULL
    AND coalesce(excluded.title, excluded.published_raw, excluded.modified_raw) IS NOT NULL
"""  # noqa: S608 (the columns are our own)
_FULL = frozenset({"SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"})  # the second where the WAL's index has no room
_OK = 200
_FIT = re.compile(r"[\t\x20-\x7e\x80-\xff]{1,1000}")
# A site that shuts everybody out for a day is not to be lost for good.
DENIED_FOR = timedelta(days=7)


class State(StrEnum):
    """Where a URL stands."""

    DISCOVERED = "discovered"  # in scope, never fetched to an end
    CAPTURED = "captured"  # archived, but what it leads to was not noted: fetched whole at the next start
    DONE = "done"  # fetched; due again at next_visit_at
    GONE = "gone"  # 404, 410: not asked for again unless something links to it anew
    DENIED = "denied"  # robots.txt or the address guard forbids it; asked again at next_visit_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A link in scope, as discovery hands it over.

    `hops` is the way from the seed, a letter a hop: M found in a feed, sitemap or the like, L on a page, R a
    redirect. `depth` counts what limits a crawl: links between pages. The `_raw` dates stand as found.
    """

    url: str
    kind: str
    found_on: str
    found_in: str
    depth: int = 0
    hops: str = ""
    title: str | None = None
    published_raw: str | None = None
    modified_raw: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a conditional request for a URL sends, as `headers_of` read it in the last answer."""

    etag: str | None = None
    last_modified: str | None = None

    def conditions(self) -> dict[str, bytes]:
        r"""The request's fields, in the bytes that the server sent.

        A server refuses a request with control characters or overlong fields: one that sends such a validator
        would never be seen to change again.

        >>> Validators(etag='"\xe9"', last_modified="a\0b").conditions()
        {'If-None-Match': b'"\xe9"'}
        """
        told = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {
            name: value.encode("latin-1") for name, value in told.items() if value and _FIT.fullmatch(value)
        }


class Frontier:
    """The URLs of one source in the archive's frontier file."""

    def __init__(self, path: Path, source: str) -> None:
        """Open or create the file. Raises: ArchiveError where it is no frontier or can't be written."""
        self._source = source
        self._db = open_frontier(path, _SCHEMA, {"urls": _LATER})

    def __enter__(self) -> Self:
        """The frontier."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def discover(self, found: Iterable[Found], now: datetime) -> None:
        """Remember links; those known already stay as they are, but for a title or date not known so far."""
        rows = [
            (
                self._source, as_text(now), State.DISCOVERED, one.url, one.kind, one.found_on, one.found_in,
                one.depth, one.hops, one.title, one.published_raw, one.modified_raw,
            )
            for one in found
        ]  # fmt: skip
        self._db.execute("BEGIN")
        try:
            self._db.executemany(_DISCOVER, rows)
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def due(self, now: datetime) -> list[Found]:
        """URLs to ask for now: first those never fetched, then those due again, longest waiting first.

        Never robots.txt: whoever needs it asks for it.
        """
        rows = self._db.execute(
            f"SELECT {_FOUND} FROM urls WHERE source = ? AND kind <> 'robots' "  # noqa: S608 (the columns are our own)
            "AND (state IN ('discovered', 'captured') "
            "OR (state IN ('done', 'denied') AND next_visit_at <= ?)) "
            "ORDER BY state IN ('done', 'denied'), next_visit_at, discovered_at, url",
            (self._source, as_text(now)),
        )
        names = _FOUND.split(", ")
        return [Found(**dict(zip(names, row, strict=True))) for row in rows]

    def is_due(self, url: str, now: datetime) -> bool:
        """Whether a URL that a page links to is to be fetched now."""
        row = self._row(url, "state, next_visit_at")
        if row is None or row[0] in {State.DISCOVERED, State.GONE}:
            return True
        return row[0] in {State.DONE, State.DENIED} and row[1] is not None and row[1] <= as_text(now)

    def validators(self, url: str) -> Validators:
        """Validators of the last answer to `url`; none where its links are still to be read."""
        row = self._row(url, "etag, last_modified, state")
        if row is None or row[2] == State.CAPTURED:
            return Validators()
        return Validators(etag=row[0], last_modified=row[1])

    def captured(
        self,
        capture: Capture,
        headers: Headers,
        revisit_after_s: float,
        *,
        to_read: bool = False,
        found: Found | None = None,
    ) -> None:
        """Note an answer: its validators, when to look again.

        One that is `to_read` is settled by `read` alone, so that a crawl killed in between loses no link. An
        article is settled at once: what it links to is mostly found elsewhere too. `found` tells of a URL
        that nobody discovered, such as the target of a redirect.
        """
        kind = "robots" if urlsplit(capture.url).path == "/robots.txt" else "page"
        found = found or Found(url=capture.url, kind=kind, found_on="", found_in="page", depth=1)
        self.discover([replace(found, url=capture.url, kind=kind)], capture.captured_at)
        if capture.status == _OK and capture.truncated is None and capture.method == "GET":
            self._db.execute(
                "UPDATE urls SET etag = ?, last_modified = ? WHERE source = ? AND url = ?",
                (headers.get("ETag"), headers.get("Last-Modified"), self._source, capture.url),
            )
        again = capture.captured_at + timedelta(seconds=revisit_after_s)
        to_read = to_read and self._row(capture.url, "kind") != ("article",)
        state = State.GONE if capture.status in {404, 410} else State.CAPTURED if to_read else State.DONE
        self._settle(capture.url, state, str(capture.status), capture.captured_at, again)

    def read(self, url: str) -> None:
        """Note that everything the answer to `url` leads to was handed to `discover`."""
        self._db.execute(
            "UPDATE urls SET state = ? WHERE source = ? AND url = ? AND state = ?",
            (State.DONE, self._source, url, State.CAPTURED),
        )

    def failed(self, url: str, outcome: Outcome, at: datetime) -> None:
        """Note a fetch without an answer; it stays to be fetched, if it is forbidden only after some days."""
        if outcome in {Outcome.ROBOTS_DENIED, Outcome.ADDRESS_REFUSED}:
            self._settle(url, State.DENIED, outcome.value, at, at + DENIED_FOR)
        else:
            self._settle(url, State.DISCOVERED, outcome.value, at, None)

    def _row(self, url: str, columns: str) -> tuple[str | None, ...] | None:
        """Some columns of one URL's row."""
        sql = f"SELECT {columns} FROM urls WHERE source = ? AND url = ?"  # noqa: S608 (columns are our own)
        row: tuple[str | None, ...] | None = self._db.execute(sql, (self._source, url)).fetchone()
        return row

    def _settle(self, url: str, state: State, outcome: str, at: datetime, again: datetime | None) -> None:
        """Write where a URL stands."""
        self._db.execute(
            "UPDATE urls SET state = ?, outcome = ?, visited_at = ?, next_visit_at = ? "
            "WHERE source = ? AND url = ?",
            (state, outcome, as_text(at), as_text(again) if again else None, self._source, url),
        )


def open_frontier(
    path: Path, schema: str, later: Mapping[str, Mapping[str, str]] = MappingProxyType({})
) -> sqlite3.Connection:
    """The frontier's file, created when missing; its tables get the columns that came `later`.

    Raises: OutOfSpaceError, ArchiveError where it is no frontier or can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=NORMAL")
        db.executescript(schema)
        for table, columns in later.items():
            there = {row[1] for row in db.execute(f"PRAGMA table_info({table})")}
            for name in columns.keys() - there:
                db.execute(f"ALTER TABLE {table} ADD COLUMN {name} {columns[name]}")
    except (sqlite3.DatabaseError, OSError) as error:
        if is_full(error):
            hint = "free some space, then run the same command"
            raise OutOfSpaceError("no space left for the frontier", hint=hint, where=str(path)) from error
        hint = "remove the file: the crawl starts anew, nothing archived is lost"
        raise ArchiveError(f"the frontier can't be used: {error}", hint=hint, where=str(path)) from error
    return db


def is_full(error: Exception) -> bool:
    """Whether a file or database could not be written for want of space."""
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", "") in _FULL
    return isinstance(error, OSError) and error.errno in DISK_FULL


def as_text(moment: datetime) -> str:
    """A time as the file stores it: sorts as text, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
