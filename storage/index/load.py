"""Rows into tables in bulk, as a set: what is there already is not added, and order does not matter.

DuckDB takes rows one by one some forty times slower than it reads them from a file, so a batch goes through a
temporary file of JSON lines (see benchmarks/index_load.py).
"""

# ruff: noqa: S608 (the names in these queries are this package's own; values go in as parameters or files)

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import duckdb

from storage.index.schema import Table, literal

_LEAST_OBJECT_BYTES = 16 * 1024 * 1024  # DuckDB's own default


def staging_folder() -> Path:
    """The folder of this process that batches go through: the only one that the writer's SQL may read."""
    return Path(_staging().name)


@cache
def _staging() -> tempfile.TemporaryDirectory[str]:
    """The folder, which goes when the process ends."""
    return tempfile.TemporaryDirectory(prefix="presswarc-")


def naive_utc(moment: datetime) -> datetime:
    """The moment in UTC without its zone, as TIMESTAMP columns hold it; one without a zone is UTC already.

    >>> naive_utc(datetime(2026, 1, 1, 12, tzinfo=UTC))
    datetime.datetime(2026, 1, 1, 12, 0)
    """
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def stage(connection: duckdb.DuckDBPyConnection, table: Table, rows: Iterable[Sequence[object]]) -> int:
    """Number of rows put into the temporary table `staged`, which has the first columns of `table`.

    Each row has the values of those columns in order.
    """
    lines = 0
    longest = 0
    with tempfile.NamedTemporaryFile(suffix=".ndjson", dir=staging_folder()) as file:
        width = 0
        for row in rows:
            width = len(row)
            named = dict(zip(table.names, row, strict=False))
            line = json.dumps(named, ensure_ascii=False, default=_plain).encode("utf-8", "replace")
            file.write(line + b"\n")
            longest = max(longest, len(line))
            lines += 1
        file.flush()
        if lines:
            shape = ", ".join(f'"{column.name}": {literal(column.type)}' for column in table.columns[:width])
            connection.execute(
                "CREATE OR REPLACE TEMP TABLE staged AS SELECT * FROM read_json("
                f"{literal(file.name)}, format = 'newline_delimited', columns = {{{shape}}}, "
                f"maximum_object_size = {max(longest + 1024, _LEAST_OBJECT_BYTES)})"
            )
    return lines


def merge(connection: duckdb.DuckDBPyConnection, table: Table, rows: Iterable[Sequence[object]]) -> int:
    """Number of rows of `table` that changed; those are left in the temporary table `fresh`.

    Of several rows with one key the first by the table's rank stays, so that the table depends on the set
    of rows alone; those that gave way are left in `former`. Call it inside a transaction.
    """
    return _put(connection, table, list(rows), "s.rank_ < t.rank_")


def replace(
    connection: duckdb.DuckDBPyConnection, table: Table, rows: Iterable[Sequence[object]], *, unless: str = ""
) -> int:
    """Number of rows of `table` that changed; those are left in the temporary table `fresh`.

    Each row takes the place of the one with its key, whatever their ranks; `unless` is a condition on the row
    given (s) and the one there (t) under which that stays. Columns that the rows lack stay as they are. Rows
    that gave way are left in `former`. Call it inside a transaction.
    """
    given = list(rows)
    names = table.names[: len(given[0])] if given else ()
    differs = " OR ".join(f't."{name}" IS DISTINCT FROM s."{name}"' for name in names)
    return _put(connection, table, given, f"({differs}) AND NOT ({unless or 'false'})")


def _put(
    connection: duckdb.DuckDBPyConnection, table: Table, rows: Sequence[Sequence[object]], better: str
) -> int:
    """Number of rows that came into the table, as `fresh`: new ones, and `better` ones than were there."""
    if not stage(connection, table, rows):
        return 0
    keys = ", ".join(table.key)
    places = [table.names.index(name) for name in table.key]
    if len({tuple(row[place] for place in places) for row in rows}) < len(rows):
        first = f"row_number() OVER (PARTITION BY {keys} ORDER BY {', '.join(table.rank)}) = 1"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE best AS SELECT * FROM staged QUALIFY {first}")
        connection.execute("DROP TABLE staged; ALTER TABLE best RENAME TO staged")
    known = connection.execute(
        "CREATE OR REPLACE TEMP TABLE known AS "
        f"SELECT t.rowid AS place, {keys} FROM {table.name} t SEMI JOIN staged USING ({keys})"
    ).fetchall()[0][0]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE former AS FROM {table.name} LIMIT 0")
    if known:
        _give_way(connection, table, better)
    else:
        connection.execute("DROP TABLE IF EXISTS fresh; ALTER TABLE staged RENAME TO fresh")
    names = ", ".join(f'"{name}"' for name in table.names)
    given = table.names[: len(rows[0])]
    values = ", ".join(f'{"s" if name in given else "f"}."{name}"' for name in table.names)
    (changed,) = connection.execute(
        f"INSERT INTO {table.name} ({names}) SELECT {values} FROM fresh s LEFT JOIN former f USING ({keys})"
    ).fetchall()[0]
    return int(changed)


def _give_way(connection: duckdb.DuckDBPyConnection, table: Table, better: str) -> None:
    """Take rows out that `staged` has better ones for; those are left in `fresh`, with the new ones."""
    keys = ", ".join(table.key)
    same = " AND ".join(f"t.{name} = s.{name}" for name in table.key)
    parts = ", ".join(f"r{place} := {expression}" for place, expression in enumerate(table.rank))
    # By their places in the file: a join by keys would read the other columns of the whole table.
    (worse,) = connection.execute(
        "CREATE OR REPLACE TEMP TABLE worse AS SELECT t.place_ FROM "
        f"(SELECT *, rowid AS place_, struct_pack({parts}) AS rank_ FROM {table.name} "
        "WHERE rowid IN (SELECT place FROM known)) t "
        f"JOIN (SELECT *, struct_pack({parts}) AS rank_ FROM staged) s ON {same} WHERE {better}"
    ).fetchall()[0]
    if worse:
        chosen = f"{table.name} WHERE rowid IN (FROM worse)"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE former AS SELECT * FROM {chosen}")
        connection.execute(f"DELETE FROM {chosen}")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE fresh AS SELECT * FROM staged "
        f"WHERE ({keys}) NOT IN (SELECT ({keys}) FROM known) OR ({keys}) IN (SELECT ({keys}) FROM former)"
    )


def _plain(value: object) -> str:
    """JSON form of what JSON has no type for."""
    if isinstance(value, datetime):
        return naive_utc(value).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no column takes a {type(value).__name__}")
