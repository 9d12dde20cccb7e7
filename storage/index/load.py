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

import duckdb

from storage.index.schema import Table, literal

_LEAST_OBJECT_BYTES = 16 * 1024 * 1024  # DuckDB's own default


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
    with tempfile.NamedTemporaryFile(suffix=".ndjson") as file:
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
    of rows alone. Call it inside a transaction.
    """
    if not stage(connection, table, rows):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT * FROM {table.name} LIMIT 0")
        return 0
    same = " AND ".join(f"t.{name} = s.{name}" for name in table.key)
    ranks = ", ".join(table.rank)
    rank = ", ".join(f"r{place} := {expression}" for place, expression in enumerate(table.rank))
    keys = ", ".join(table.key)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE best AS SELECT *, struct_pack({rank}) AS rank_ FROM staged "
        f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {ranks}) = 1"
    )
    there = f"SELECT {keys}, struct_pack({rank}) AS rank_ FROM {table.name} SEMI JOIN best USING ({keys})"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE fresh AS SELECT s.* EXCLUDE (rank_) "
        f"FROM best s LEFT JOIN ({there}) t ON {same} WHERE t.rank_ IS NULL OR s.rank_ < t.rank_"
    )
    connection.execute(f"DELETE FROM {table.name} t USING fresh s WHERE {same}")
    names = [row[0] for row in connection.execute("DESCRIBE fresh").fetchall()]
    columns = ", ".join(f'"{name}"' for name in names)
    (changed,) = connection.execute(
        f"INSERT INTO {table.name} ({columns}) SELECT {columns} FROM fresh"
    ).fetchall()[0]
    return int(changed)


def replace(
    connection: duckdb.DuckDBPyConnection, table: Table, rows: Iterable[Sequence[object]], *, unless: str = ""
) -> int:
    """Number of rows of `table` that changed; those are left in the temporary table `fresh`.

    Each row takes the place of the one with its key, whatever their ranks; `unless` is a condition on the row
    given (s) and the one there (t) under which that stays. Columns that the rows lack stay as they are. Call
    it inside a transaction.
    """
    if not stage(connection, table, rows):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT * FROM {table.name} LIMIT 0")
        return 0
    names = [str(row[0]) for row in connection.execute("DESCRIBE staged").fetchall()]
    columns = ", ".join(f'"{name}"' for name in names)
    keys = ", ".join(table.key)
    same = " AND ".join(f"t.{name} = s.{name}" for name in table.key)
    differs = " OR ".join(f't."{name}" IS DISTINCT FROM s."{name}"' for name in names)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE best AS SELECT * FROM staged "
        f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {', '.join(table.rank)}) = 1"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT s.* FROM best s LEFT JOIN {table.name} t ON {same} "
        f"WHERE t.{table.key[0]} IS NULL OR ({differs}) AND NOT ({unless or 'false'})"
    )
    others = [name for name in names if name not in table.key]
    values = ", ".join(f'"{name}" = s."{name}"' for name in others)
    connection.execute(f"UPDATE {table.name} AS t SET {values} FROM fresh s WHERE {same}")
    new = f"SELECT {columns} FROM fresh ANTI JOIN {table.name} USING ({keys})"
    connection.execute(f"INSERT INTO {table.name} ({columns}) {new}")
    (changed,) = connection.execute("SELECT count(*) FROM fresh").fetchall()[0]
    return int(changed)


def _plain(value: object) -> str:
    """JSON form of what JSON has no type for."""
    if isinstance(value, datetime):
        return naive_utc(value).isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no column takes a {type(value).__name__}")
