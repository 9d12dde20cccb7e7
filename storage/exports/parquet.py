"""Parquet files: tables of the index, and the rows of an answer.

Written by DuckDB in zstd. Times are flagged as UTC (TIMESTAMP WITH TIME ZONE in DuckDB): without the flag
Spark takes them for local ones. Lists, structs and maps stay what they are.
"""

# ruff: noqa: S608 (paths go in as SQL strings, names quoted)

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

import duckdb

from storage.answer import ask, last_statement, told
from storage.errors import QueryError
from storage.exports.accounts import MARKER, Written, account
from storage.exports.files import put_file, put_folder, refuse_existing, refuse_folder, scratch_folder
from storage.exports.relations import Relation, quoted, relations_of, rows_of
from storage.index.choose import Choice
from storage.index.schema import literal
from storage.query import open_published

UNKNOWN = "unknown"
_ROWS_A_GROUP = 20_480  # 50 MB of texts: what a reader must hold of one column
_FORM = f"FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROWS_A_GROUP}, USE_TMP_FILE false"
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


def write_file(archive: Path, path: Path, table: str, choice: Choice, *, force: bool) -> Written:
    """Write one table as one Parquet file.

    Raises: IndexFaultError, UsageError, OutOfSpaceError.
    """
    refuse_existing(path, force=force)
    with scratch_folder(path) as scratch, open_published(archive, scratch=scratch) as connection:
        (relation,) = relations_of(connection, [table], choice)
        made = scratch / "rows.parquet"
        count = _copy(connection, relation.select(_columns(relation)), made, relation)
        put_file(made, path, force=force)
    return Written(name=relation.name, rows=count, files=1)


def write_folder(
    archive: Path, path: Path, tables: Sequence[str], choice: Choice, *, force: bool
) -> tuple[Written, ...]:
    """Write tables into a folder: `articles/source=NAME/month=2026-11/part-0.parquet`, others one file.

    A table that has both a source and a time is laid out by them. Raises: IndexFaultError, UsageError,
    OutOfSpaceError.
    """
    refuse_folder(path, MARKER, force=force)
    with scratch_folder(path) as scratch, open_published(archive, scratch=scratch) as connection:
        relations = relations_of(connection, tables, choice)
        made = scratch / "export"
        made.mkdir()
        written = tuple(_write(connection, relation, made / relation.name) for relation in relations)
        (made / MARKER).write_text(account(relations, written), encoding="utf-8")
        put_folder(made, path, MARKER, force=force)
    return written


def write_answer(
    archive: Path,
    path: Path,
    sql: str,
    values: Callable[[duckdb.DuckDBPyConnection], Mapping[str, object]],
    *,
    timeout_s: float,
    stuck: Callable[[], None] | None = None,
) -> int:
    """Write the rows of one statement as a Parquet file; gives how many there are.

    `values` gives those of the parameters, once there is a connection. Raises: QueryError, IndexFaultError,
    UsageError, OutOfSpaceError.
    """
    refuse_existing(path, force=True)
    with scratch_folder(path) as scratch, open_published(archive, scratch=scratch) as connection:
        before, statement = last_statement(connection, sql)
        if before:
            # They would run with leave to write, which a query within COPY cannot use.
            raise QueryError(
                "a Parquet file is written of one statement", hint="WITH names what comes before"
            )
        made = scratch / "rows.parquet"
        copy = f"COPY (\n{statement}\n) TO {literal(str(made))} ({_FORM})"
        (row,) = ask(connection, copy, values(connection) or None, timeout_s, stuck).rows
        put_file(made, path, force=True)
    return int(str(row[0]))


def _write(connection: duckdb.DuckDBPyConnection, relation: Relation, folder: Path) -> Written:
    """Write one table into its folder."""
    folder.mkdir()
    if "source" in relation.names and relation.time():
        return _write_parts(connection, relation, folder)
    count = _copy(connection, relation.select(_columns(relation)), folder / "part-0.parquet", relation)
    return Written(name=relation.name, rows=count, files=1)


def _write_parts(connection: duckdb.DuckDBPyConnection, relation: Relation, folder: Path) -> Written:
    """Write one table by source and month, each part in order.

    Sorted once, on the disk where it does not fit; DuckDB's own PARTITION_BY holds every part in memory.
    """
    month = f"coalesce(strftime({quoted(relation.time())}, '%Y-%m'), '{UNKNOWN}')"
    with told():
        connection.execute("DROP TABLE IF EXISTS sorted_rows")
        connection.execute(
            f"CREATE TEMP TABLE sorted_rows AS SELECT {_columns(relation)}, {month} AS part_month "
            f"FROM {quoted(relation.name)} WHERE {relation.where} "
            f"ORDER BY source, part_month, {relation.order()}"
        )
    parts = list(
        rows_of(
            connection,
            "SELECT source, part_month, min(rowid), max(rowid) FROM sorted_rows GROUP BY ALL ORDER BY ALL",
        )
    )
    count = 0
    for source, part_month, first, last in parts:
        place = folder / _level("source", source) / _level("month", part_month)
        place.mkdir(parents=True)
        sql = f"SELECT * EXCLUDE (source, part_month) FROM sorted_rows WHERE rowid BETWEEN {first} AND {last}"
        count += _copy(connection, sql, place / "part-0.parquet", relation)
    if not parts:
        nothing = f"SELECT {_columns(relation)} FROM {quoted(relation.name)} LIMIT 0"
        _copy(connection, nothing, folder / "part-0.parquet", relation)
    with told():
        connection.execute("DROP TABLE sorted_rows")
    return Written(name=relation.name, rows=count, files=max(1, len(parts)))


def _copy(connection: duckdb.DuckDBPyConnection, sql: str, path: Path, relation: Relation) -> int:
    """Number of rows, once they are written, with what the table and its columns hold."""
    comments = {column.name: column.comment for column in relation.columns if column.comment}
    told_of = {"comment": relation.comment, "column_comments": json.dumps(comments, ensure_ascii=False)}
    metadata = ", ".join(f"{quoted(name)}: {literal(text)}" for name, text in told_of.items())
    with told():
        copy = f"COPY ({sql}) TO {literal(str(path))} ({_FORM}, KV_METADATA {{{metadata}}})"
        (row,) = connection.execute(copy).fetchall()
    return int(row[0])


def _columns(relation: Relation) -> str:
    """Its columns, times with their zone."""
    return ", ".join(
        f"timezone('UTC', {quoted(column.name)}) AS {quoted(column.name)}"
        if column.type == "TIMESTAMP"
        else quoted(column.name)
        for column in relation.columns
    )


def _level(name: str, value: object) -> str:
    """Name of a folder that gives the rows in it a value, as Hive, Spark and DuckDB read it.

    >>> _level("source", "a b/c=d"), _level("source", "zürich"), _level("source", None)
    ('source=a%20b%2Fc%3Dd', 'source=zürich', 'source=__HIVE_DEFAULT_PARTITION__')
    """
    if value in {None, ""}:
        return f"{name}={_NO_VALUE}"
    text = "".join(letter if letter > "\x7f" else quote(letter, safe="") for letter in str(value))
    return f"{name}={text}"
