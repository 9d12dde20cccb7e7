"""Where the published index knows a body of a URL: earlier sessions' captures, whoever made them."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from storage.index.schema import literal
from storage.layout import Layout

log = logging.getLogger(__name__)

_WHOLE = """
SELECT captured_at, warc_file, warc_offset FROM published.captures
WHERE url = ? AND payload_digest = ? AND record_type = 'response' AND method = 'GET' AND status = 200
    AND truncated IS NULL
ORDER BY captured_at, record_id
"""


# One thread: a look-up is to leave the parsing workers their processors.
_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "512MB",
    "threads": 1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A whole 200 answer to a GET, and where its record lies."""

    captured_at: datetime
    warc_file: str
    warc_offset: int


class PublishedBodies:
    """Looks bodies up in the index that is published when it is first asked, or asked anew after `renew`.

    Any thread may ask.
    """

    def __init__(self, archive: Path) -> None:
        """Open nothing yet."""
        self._index = Layout(archive).index
        self._lock = threading.Lock()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._closed = not self._index.is_file()

    def of(self, url: str, payload_digest: str) -> list[Body]:
        """Captures of `url` with that payload, oldest first; none after `close` or from a broken index."""
        with self._lock:
            try:
                found = self._ask([url, payload_digest])
            except duckdb.Error as error:
                log.warning("the published index is not asked for known bodies: %s", error)
                self._let_go()
                return []
        return [
            Body(captured_at=at.replace(tzinfo=UTC), warc_file=warc_file, warc_offset=offset)
            for at, warc_file, offset in found
        ]

    def close(self) -> None:
        """Let go of the index."""
        with self._lock:
            self._let_go()

    def renew(self) -> None:
        """Let go of the index; the next who asks gets the one that is published then."""
        with self._lock:
            self._let_go()
            self._closed = not self._index.is_file()

    def _ask(self, parameters: list[str]) -> list[tuple[datetime, str, int]]:
        """Rows of the index."""
        if self._closed:
            return []
        if self._connection is None:
            self._connection = _attached(self._index)
        return self._connection.execute(_WHOLE, parameters).fetchall()

    def _let_go(self) -> None:
        """Close the connection; there will be no other unless renewed."""
        self._closed = True
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _attached(index: Path) -> duckdb.DuckDBPyConnection:
    """A connection to a database of its own in memory, to which the index is attached as `published`.

    Opened by itself, the index would be the one that every later connection of this process gets, even when
    another file has been published in its place.
    """
    connection = duckdb.connect(":memory:", config=_CONFIG)
    try:
        connection.execute(f"ATTACH {literal(str(index))} AS published (READ_ONLY)")
        # What is called a table there may be a view of any file, where somebody else has made the index.
        connection.execute("SET GLOBAL enable_external_access = false")
        connection.execute("SET GLOBAL disabled_filesystems = 'LocalFileSystem'")
        connection.execute("SET lock_configuration = true")
    except BaseException:
        connection.close()
        raise
    return connection
