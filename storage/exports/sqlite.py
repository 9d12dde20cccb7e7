"""Tables of the index as one SQLite file, written by Python's own sqlite3.

Texts, numbers and NULL are what they are; times are texts in UTC with a Z, days texts, truth values 0 and 1,
lists and maps JSON. Where SQLite has FTS5, `articles_fts` finds words in titles and texts.
"""

# ruff: noqa: S608 (the names in these queries are the index's own, quoted; values go in as parameters)

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from storage.errors import OutOfSpaceError, PresswarcError
from storage.exports.accounts import Written
from storage.exports.files import put_file, refuse_existing, scratch_folder
from storage.exports.relations import ARTICLES, Relation, is_nested, iso_utc, quoted, relations_of, rows_of
from storage.index.choose import Choice
from storage.query import open_published
from storage.sqlite_faults import is_full

_WHOLE = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"}
_REAL = {"DOUBLE", "FLOAT"}
_INDEXED = ("article_id", "url", "cluster_id", "published_at", "captured_at", "left_id", "right_id")
_COLUMNS = """CREATE TABLE columns (
    table_name TEXT NOT NULL, column_name TEXT, duckdb_type TEXT, comment TEXT)"""
_SEARCH = (
    """CREATE VIRTUAL TABLE articles_fts USING fts5(
    title, text, content='articles', tokenize='porter unicode61')""",
    "INSERT INTO articles_fts (articles_fts) VALUES ('rebuild')",
)


def write_sqlite(
    archive: Path, path: Path, tables: Sequence[str], choice: Choice, *, force: bool
) -> tuple[Written, ...]:
    """Write tables into one SQLite file; its table `columns` says what each column holds.

    Raises: IndexFaultError, UsageError, OutOfSpaceError.
    """
    refuse_existing(path, force=force)
    with scratch_folder(path) as scratch, open_published(archive, scratch=scratch) as connection:
        relations = relations_of(connection, tables, choice)
        made = scratch / "rows.sqlite"
        made.touch()  # SQLite would not tell why a file can't be made
        with _room(path, made), closing(sqlite3.connect(made, isolation_level=None)) as database:
            for pragma in ("journal_mode = OFF", "synchronous = OFF"):
                database.execute(f"PRAGMA {pragma}")
            database.execute("BEGIN")
            written = tuple(_write(connection, database, relation) for relation in relations)
            _describe(database, relations)
            if any(relation.name == ARTICLES for relation in relations) and _has_fts5(database):
                for statement in _SEARCH:
                    database.execute(statement)
            database.execute("COMMIT")
        put_file(made, path, force=force)
    return written


def _write(
    connection: duckdb.DuckDBPyConnection, database: sqlite3.Connection, relation: Relation
) -> Written:
    """Write one table with its indexes."""
    name = quoted(relation.name)
    columns = ", ".join(f"{quoted(column.name)} {_type(column.type)}" for column in relation.columns)
    database.execute(f"CREATE TABLE {name} ({columns})")
    values = ", ".join(_value(quoted(column.name), column.type) for column in relation.columns)
    marks = ", ".join("?" for _ in relation.columns)
    rows = _Counted(rows_of(connection, relation.select(values)))
    database.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    for column in _INDEXED:
        if column in relation.names:
            index = quoted(f"{relation.name}_{column}")
            database.execute(f"CREATE INDEX {index} ON {name} ({quoted(column)})")
    return Written(name=relation.name, rows=rows.count)


class _Counted:
    """Rows that are counted while they are taken."""

    def __init__(self, rows: Iterator[tuple[object, ...]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[tuple[object, ...]]:
        for row in self._rows:
            self.count += 1
            yield row


def _describe(database: sqlite3.Connection, relations: Sequence[Relation]) -> None:
    """Write what each table and column holds; of a table itself the column's name is NULL."""
    database.execute(_COLUMNS)
    for relation in relations:
        rows: list[tuple[str | None, ...]] = [(relation.name, None, None, relation.comment)]
        rows += [(relation.name, one.name, one.type, one.comment) for one in relation.columns]
        database.executemany("INSERT INTO columns VALUES (?, ?, ?, ?)", rows)


def _has_fts5(database: sqlite3.Connection) -> bool:
    """Whether this SQLite can search texts."""
    found = database.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()
    return bool(found[0])


def _type(kind: str) -> str:
    """SQLite's type for one of DuckDB's.

    >>> [_type(kind) for kind in ("BIGINT", "BOOLEAN", "DOUBLE", "VARCHAR[]", "TIMESTAMP")]
    ['INTEGER', 'INTEGER', 'REAL', 'TEXT', 'TEXT']
    """
    if kind in _WHOLE or kind == "BOOLEAN":
        return "INTEGER"
    return "REAL" if kind in _REAL else "TEXT"


def _value(name: str, kind: str) -> str:
    """SQL for a value as SQLite takes it."""
    if kind in _WHOLE | _REAL | {"VARCHAR", "BLOB"}:
        return name
    if kind == "BOOLEAN":
        return f"{name}::INTEGER"
    if kind == "TIMESTAMP":
        return iso_utc(name)
    return f"to_json({name})::VARCHAR" if is_nested(kind) else f"{name}::VARCHAR"


@contextmanager
def _room(path: Path, made: Path) -> Iterator[None]:
    """Turn what SQLite says of a full or failing disk into an error of ours; it writes into `made`."""
    try:
        yield
    except sqlite3.OperationalError as error:
        if is_full(error, made):
            told, hint = f"no space left to write {path.name}", "make room, or name a file on another disk"
            raise OutOfSpaceError(told, hint=hint, where=str(path)) from error
        if not error.sqlite_errorname.startswith(("SQLITE_IOERR", "SQLITE_READONLY", "SQLITE_CANTOPEN")):
            raise
        told, hint = f"cannot write {path.name}: {error}", "look after the disk, or name a file on another"
        raise PresswarcError(told, hint=hint, where=str(path)) from error
