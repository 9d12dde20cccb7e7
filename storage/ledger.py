"""What the records, the CDXJ and the index say, side by side in a temporary database, and where they differ.

A million captures take no memory: SQLite keeps its temporary database in a file that goes when it is closed.
"""

# ruff: noqa: S608 (the names in these queries are this module's own; values go in as parameters)

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Self

from storage.cdxj import REVISIT_MIME

_TABLES = {
    "record": "file, offset, length, id, type, url, second, digest, "
    "concurrent, refers_id, refers_url, refers_second, status, mime",
    "line": "number, file, offset, length, url, second, digest, status, mime",
    "indexed": "id, file, offset, length, url, digest, status, mime",
    "file": "name",
}
_INDICES = (
    "record (file, offset)",
    "record (id)",
    "record (url, second)",
    "record (digest)",
    "line (file, offset)",
    "indexed (file, offset)",
    "indexed (id)",
)
_CAPTURE = "r.type IN ('response', 'revisit', 'resource') AND r.url != ''"  # what has a CDXJ line
_INDEXED = "r.type IN ('response', 'revisit', 'resource', 'conversion') AND r.url != ''"
_BATCH = 1000

Row = tuple[str | int, ...]


class Ledger:
    """The tables, filled first, then asked."""

    def __init__(self) -> None:
        """Start with empty tables."""
        self._base = sqlite3.connect("")  # an empty name: temporary, on disk
        self._base.execute("PRAGMA journal_mode = OFF")
        self._base.execute("PRAGMA synchronous = OFF")
        self._waiting: dict[str, list[Row]] = {table: [] for table in _TABLES}
        for table, columns in _TABLES.items():
            self._base.execute(f"CREATE TABLE {table} ({columns})")

    def __enter__(self) -> Self:
        """The ledger."""
        return self

    def __exit__(self, *_: object) -> None:
        """Throw the tables away."""
        self._base.close()

    def add(self, table: str, row: Row) -> None:
        """Take one row of a table, its values in the order of the columns."""
        waiting = self._waiting[table]
        waiting.append(row)
        if len(waiting) >= _BATCH:
            self._write(table)

    def settle(self) -> None:
        """Write what waits, and index it."""
        for table in _TABLES:
            self._write(table)
        for number, columns in enumerate(_INDICES):
            self._base.execute(f"CREATE INDEX i{number} ON {columns}")

    def _write(self, table: str) -> None:
        rows, self._waiting[table] = self._waiting[table], []
        if rows:
            places = ", ".join("?" * len(rows[0]))
            self._base.executemany(f"INSERT INTO {table} VALUES ({places})", rows)

    def _ask(self, sql: str) -> Iterator[tuple[str, ...]]:
        rows: Iterable[tuple[object, ...]] = self._base.execute(sql)
        return (tuple(str(value) for value in row) for row in rows)

    def repeated_ids(self) -> Iterator[tuple[str, ...]]:
        """Id, number of records, the first's file and offset, whether they differ (1 or 0)."""
        return self._ask(
            "SELECT id, count(*), min(file), min(offset), "
            "count(DISTINCT type || url || second || digest) > 1 "
            "FROM record WHERE id != '' GROUP BY id HAVING count(*) > 1 ORDER BY min(file), min(offset)"
        )

    def lone_parts(self) -> Iterator[tuple[str, ...]]:
        """File, offset, type and the id that is named as concurrent, where no record has it."""
        return self._ask(
            "SELECT file, offset, type, concurrent FROM record r WHERE concurrent != '' "
            "AND NOT EXISTS (SELECT 1 FROM record o WHERE o.id = r.concurrent) ORDER BY file, offset"
        )

    def lone_revisits(self) -> Iterator[tuple[str, ...]]:
        """File, offset, and the URL and time referred to, of revisits whose first capture is not there."""
        return self._ask(
            "SELECT file, offset, refers_url, refers_second FROM record r WHERE type = 'revisit' "
            "AND NOT EXISTS (SELECT 1 FROM record o WHERE o.id = r.refers_id AND r.refers_id != '') "
            "AND NOT EXISTS (SELECT 1 FROM record o WHERE r.refers_url != '' AND o.url = r.refers_url "
            "  AND o.second = r.refers_second AND o.type IN ('response', 'resource', 'revisit')) "
            "AND NOT EXISTS (SELECT 1 FROM record o WHERE r.refers_url = '' AND r.refers_id = '' "
            "  AND r.digest != '' AND o.digest = r.digest AND o.type IN ('response', 'resource')) "
            "ORDER BY file, offset"
        )

    def missing_files(self, table: str) -> Iterator[tuple[str, ...]]:
        """Names of files that the table points into and that are not there, and how often."""
        return self._ask(
            f"SELECT file, count(*) FROM {table} WHERE file NOT IN (SELECT name FROM file) "
            "GROUP BY file ORDER BY file"
        )

    def lines_astray(self) -> Iterator[tuple[str, ...]]:
        """Line number, file and offset of lines that point at no capture of a file that is there."""
        return self._ask(
            "SELECT number, file, offset FROM line l WHERE file IN (SELECT name FROM file) AND NOT EXISTS "
            f"(SELECT 1 FROM record r WHERE r.file = l.file AND r.offset = l.offset AND {_CAPTURE}) "
            "ORDER BY number"
        )

    def lines_that_differ(self) -> Iterator[tuple[str, ...]]:
        """Line number, file and offset of lines that say something else than the capture they point at."""
        return self._ask(
            "SELECT number, file, offset FROM line l WHERE EXISTS (SELECT 1 FROM record r "
            f"WHERE r.file = l.file AND r.offset = l.offset AND {_CAPTURE}) "
            "AND NOT EXISTS (SELECT 1 FROM record r WHERE r.file = l.file AND r.offset = l.offset "
            "AND r.length = l.length AND replace(r.url, ' ', '%20') = l.url AND r.second = l.second "
            "AND (r.digest = '' OR r.digest = l.digest) AND r.status = l.status "
            f"AND l.mime = CASE r.type WHEN 'revisit' THEN '{REVISIT_MIME}' ELSE r.mime END) ORDER BY number"
        )

    def without_line(self) -> Iterator[tuple[str, ...]]:
        """File and offset of captures that have no line."""
        return self._ask(
            f"SELECT DISTINCT file, offset FROM record r WHERE {_CAPTURE} AND NOT EXISTS "
            "(SELECT 1 FROM line l WHERE l.file = r.file AND l.offset = r.offset) ORDER BY file, offset"
        )

    def indexed_astray(self) -> Iterator[tuple[str, ...]]:
        """File and offset where the index has a capture and the file, which is there, has not."""
        return self._ask(
            "SELECT file, offset FROM indexed i WHERE file IN (SELECT name FROM file) AND NOT EXISTS "
            f"(SELECT 1 FROM record r WHERE r.file = i.file AND r.offset = i.offset AND {_INDEXED}) "
            "ORDER BY file, offset"
        )

    def indexed_that_differ(self) -> Iterator[tuple[str, ...]]:
        """File, offset and URL of captures of which the index says something else than the file."""
        return self._ask(
            "SELECT file, offset, url FROM indexed i WHERE EXISTS "
            "(SELECT 1 FROM record r WHERE r.file = i.file AND r.offset = i.offset) "
            "AND NOT EXISTS (SELECT 1 FROM record r WHERE r.file = i.file AND r.offset = i.offset "
            "AND r.length = i.length AND r.url = i.url AND (r.digest = '' OR r.digest = i.digest) "
            "AND r.status = i.status AND r.mime = i.mime) "
            "ORDER BY file, offset"
        )

    def not_indexed(self) -> Iterator[tuple[str, ...]]:
        """File and offset of captures that the index has not; a record in several files is there once."""
        return self._ask(
            f"SELECT DISTINCT file, offset FROM record r WHERE {_INDEXED} AND NOT EXISTS "
            "(SELECT 1 FROM indexed i WHERE i.file = r.file AND i.offset = r.offset) AND NOT EXISTS "
            "(SELECT 1 FROM indexed i WHERE r.id != '' AND i.id = r.id) ORDER BY file, offset"
        )
