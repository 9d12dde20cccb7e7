"""Which bodies the archive holds, so that the same bytes are not written twice.

The frontier's file remembers those that this machine's crawls wrote; without it, or for what other sources
and imports brought, the published index is asked. Everything here can be lost: a body is then stored again.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.frontier import as_text, open_file
from storage.model import Capture, Headers, Record
from storage.warc import read_record_at
from storage.warc.build import FirstCapture
from storage.warc.digests import digest
from storage.warc.http import payload_of, split_head
from storage.warc.write import OPEN_SUFFIX

if TYPE_CHECKING:
    from storage.index.bodies import Body, PublishedBodies
    from storage.layout import Layout

log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS payloads (
    url TEXT NOT NULL,
    payload_digest TEXT NOT NULL,
    chunked INTEGER NOT NULL,
    captured_at TEXT NOT NULL,
    warc_file TEXT NOT NULL,
    etag TEXT,
    last_modified TEXT,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (url, payload_digest, chunked)
) STRICT, WITHOUT ROWID;
"""
_OK = 200


def _prepare(db: sqlite3.Connection) -> None:
    """Make the table."""
    db.execute(_SCHEMA)


class Payloads:
    """The whole 200 answers to a GET that the archive has, by URL and by payload or validator.

    What it gives is always a response record in a WARC file that is there. Any thread may use it.
    """

    def __init__(self, layout: Layout, published: PublishedBodies) -> None:
        """Use the frontier's file. Raises: ArchiveError."""
        self._layout = layout
        self._published = published
        self._lock = threading.Lock()
        self._has_told = False
        self._db = open_file(layout.frontier, _prepare)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def same(self, url: str, payload_digest: str, *, chunked: bool) -> FirstCapture | None:
        """The capture of `url` that has this payload, its body stored with chunks or without."""
        rows = self._rows(
            "SELECT captured_at, warc_file, payload_digest FROM payloads "
            "WHERE url = ? AND payload_digest = ? AND chunked = ?",
            (url, payload_digest, chunked),
        )
        return self._present(url, rows) or self._of_earlier_sessions(url, payload_digest, chunked=chunked)

    def validated(self, url: str, etag: str | None, last_modified: str | None) -> FirstCapture | None:
        """The capture of `url` that came with this ETag, or else with this date: what a 304 speaks of.

        Where several did, the latest; never a later answer that came with other validators.
        """
        for column, value in (("etag", etag), ("last_modified", last_modified)):
            rows = self._rows(
                "SELECT captured_at, warc_file, payload_digest FROM payloads "  # noqa: S608 (the column is ours)
                f"WHERE url = ? AND {column} = ? ORDER BY seen_at DESC",
                (url, value),
            )
            if (found := self._present(url, rows)) is not None:
                return found
        return None

    def add(self, capture: Capture, headers: Headers, first: FirstCapture | None, *, chunked: bool) -> None:
        """Note a capture that is in a WARC file; of a revisit, `first` is what it refers to."""
        whole = capture.status == _OK and capture.truncated is None and capture.method == "GET"
        if not whole or (capture.record_type == "revisit") is (first is None):
            return
        seen_at = as_text(capture.captured_at)
        place = (as_text(first.captured_at), first.warc_file) if first else (seen_at, capture.warc_file)
        validators = (headers.get("ETag"), headers.get("Last-Modified"))
        self._rows(
            "INSERT INTO payloads VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET "
            "captured_at = excluded.captured_at, warc_file = excluded.warc_file, etag = excluded.etag, "
            "last_modified = excluded.last_modified, seen_at = excluded.seen_at",
            (capture.url, capture.payload_digest, chunked, *place, *validators, seen_at),
        )

    def _rows(self, sql: str, values: tuple[object, ...]) -> list[tuple[str, str, str]]:
        """What the file says; nothing where it can't be used, for then it is as if it were lost."""
        try:
            with self._lock:
                return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            level = logging.DEBUG if self._has_told else logging.WARNING
            log.log(level, "which bodies are known can't be looked up, they are stored again: %s", error)
            self._has_told = True
            return []

    def _present(self, url: str, rows: list[tuple[str, str, str]]) -> FirstCapture | None:
        """The first of `rows` whose WARC file is there, finished or still growing."""
        for captured_at, warc_file, payload_digest in rows:
            names = (warc_file, f"{warc_file}{OPEN_SUFFIX}")
            if any(map(self._layout.has_warc_file, names)):
                return FirstCapture(
                    url=url,
                    captured_at=datetime.fromisoformat(captured_at),
                    payload_digest=payload_digest,
                    warc_file=warc_file,
                )
        return None

    def _of_earlier_sessions(self, url: str, payload_digest: str, *, chunked: bool) -> FirstCapture | None:
        """What the published index knows, once the record itself was looked at."""
        for body in self._published.of(url, payload_digest):
            if self._holds(body, payload_digest, chunked=chunked):
                return FirstCapture(
                    url=url,
                    captured_at=body.captured_at,
                    payload_digest=payload_digest,
                    warc_file=body.warc_file,
                )
        return None

    def _holds(self, body: Body, payload_digest: str, *, chunked: bool) -> bool:
        """Whether the record is where the index says, and has that payload with chunks or without.

        A head that speaks of chunks would not fit a body without them: readers take one from the revisit, the
        other from what it refers to.
        """
        try:
            record = read_record_at(self._layout.warc_file(body.warc_file), body.warc_offset)
        except OSError:
            return False
        if not isinstance(record, Record):
            return False
        payload = payload_of(record.block)
        has_chunks = payload != split_head(record.block)[1]
        return has_chunks is chunked and digest(payload) == payload_digest
