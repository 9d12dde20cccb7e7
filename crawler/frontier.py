"""What the crawler remembers of each URL: when to look again, with which validators, what it got last time.

One SQLite file for the archive, in WAL mode: each step is committed, so a crawl that is killed loses none. It
can be done without: a crawl then starts anew, and nothing that is archived is lost.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from storage.errors import ArchiveError
from storage.model import Capture, Headers, Outcome
from storage.warc.build import FirstCapture

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
    payload_digest TEXT,
    payload_at TEXT,
    PRIMARY KEY (source, url)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS urls_due ON urls (source, state, next_visit_at);
"""
_OK = 200
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
    """A link in scope, as discovery hands it over."""

    url: str
    kind: str
    found_on: str
    found_in: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a conditional request for a URL sends."""

    etag: str | None = None
    last_modified: str | None = None


class Frontier:
    """The URLs of one source in the archive's frontier file."""

    def __init__(self, path: Path, source: str) -> None:
        """Open or create the file. Raises: ArchiveError where it is no frontier or can't be written."""
        self._source = source
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=30, isolation_level=None, check_same_thread=False)
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.executescript(_SCHEMA)
        except (sqlite3.DatabaseError, OSError) as error:
            hint = "remove the file: the crawl starts anew, nothing archived is lost"
            raise ArchiveError(f"the frontier can't be used: {error}", hint=hint, where=str(path)) from error

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
        """Remember links; those known already stay as they are."""
        rows = [
            (self._source, one.url, one.kind, one.found_on, one.found_in, _text(now), State.DISCOVERED)
            for one in found
        ]
        self._db.execute("BEGIN")
        try:
            self._db.executemany(
                "INSERT INTO urls (source, url, kind, found_on, found_in, discovered_at, state) "
                "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                rows,
            )
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def due(self, now: datetime) -> list[Found]:
        """URLs to ask for now: first those never fetched, then those due again, longest waiting first.

        Never robots.txt: whoever needs it asks for it.
        """
        rows = self._db.execute(
            "SELECT url, kind, found_on, found_in FROM urls WHERE source = ? AND kind <> 'robots' "
            "AND (state IN ('discovered', 'captured') "
            "OR (state IN ('done', 'denied') AND next_visit_at <= ?)) "
            "ORDER BY state IN ('done', 'denied'), next_visit_at, discovered_at, url",
            (self._source, _text(now)),
        )
        return [
            Found(url=url, kind=kind, found_on=found_on, found_in=found_in)
            for url, kind, found_on, found_in in rows
        ]

    def is_due(self, url: str, now: datetime) -> bool:
        """Whether a URL that a page links to is to be fetched now."""
        row = self._row(url, "state, next_visit_at")
        if row is None or row[0] in {State.DISCOVERED, State.GONE}:
            return True
        return row[0] in {State.DONE, State.DENIED} and row[1] is not None and row[1] <= _text(now)

    def validators(self, url: str) -> Validators:
        """Validators of the last answer to `url`; none where its links are still to be read."""
        row = self._row(url, "etag, last_modified, state")
        if row is None or row[2] == State.CAPTURED:
            return Validators()
        return Validators(etag=row[0], last_modified=row[1])

    def first_capture(self, url: str) -> FirstCapture | None:
        """The newest whole 200 answer to a GET of `url`: what a revisit refers to."""
        row = self._row(url, "payload_at, payload_digest")
        if row is None or row[0] is None:
            return None
        digest = row[1] or ""
        return FirstCapture(url=url, captured_at=datetime.fromisoformat(row[0]), payload_digest=digest)

    def captured(
        self, capture: Capture, headers: Headers, revisit_after_s: float, *, to_read: bool = False
    ) -> None:
        """Note an answer: its validators, its payload, when to look again.

        One that is `to_read` is settled by `read` alone, so that a crawl killed in between loses no link. An
        article is settled at once: what it links to is mostly found elsewhere too.
        """
        kind = "robots" if urlsplit(capture.url).path == "/robots.txt" else "page"
        unknown = Found(url=capture.url, kind=kind, found_on="", found_in="page")
        self.discover([unknown], capture.captured_at)
        if capture.status == _OK and capture.truncated is None:
            self._db.execute(
                "UPDATE urls SET etag = ?, last_modified = ? WHERE source = ? AND url = ?",
                (headers.get("ETag"), headers.get("Last-Modified"), self._source, capture.url),
            )
            if capture.record_type == "response":
                self._db.execute(
                    "UPDATE urls SET payload_digest = ?, payload_at = ? WHERE source = ? AND url = ?",
                    (capture.payload_digest, _text(capture.captured_at), self._source, capture.url),
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
            (state, outcome, _text(at), _text(again) if again else None, self._source, url),
        )


def _text(moment: datetime) -> str:
    """A time as the file stores it: sorts as text, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
