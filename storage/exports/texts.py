"""Tables of the index as lines of JSON or CSV, times in UTC with a Z, as `presswarc query` writes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

import duckdb

from storage.exports.accounts import MARKER, Written, account
from storage.exports.files import put_file, put_folder, refuse_existing, refuse_folder, scratch_folder
from storage.exports.relations import Relation, is_nested, iso_utc, quoted, relations_of, rows_of
from storage.index.choose import Choice
from storage.index.schema import literal
from storage.query import open_published

_TO_QUOTE = re.compile(r'[",\r\n]|^\s|\s$|^$')


class Form(StrEnum):
    """What a line of the file is."""

    JSONL = "jsonl"
    CSV = "csv"


def write_stream(archive: Path, out: BinaryIO, table: str, choice: Choice, form: Form) -> Written:
    """Write one table to an open stream. Raises: IndexFaultError, UsageError, OutOfSpaceError, OSError."""
    with (
        TemporaryDirectory(prefix="presswarc-") as scratch,
        open_published(archive, scratch=Path(scratch).absolute()) as connection,
    ):
        (relation,) = relations_of(connection, [table], choice)
        return _written(connection, relation, out, form)


def write_file(archive: Path, path: Path, table: str, choice: Choice, form: Form, *, force: bool) -> Written:
    """Write one table to a file, or to a device or pipe.

    Raises: IndexFaultError, UsageError, OutOfSpaceError.
    """
    refuse_existing(path, force=force)
    if path.exists() and not path.is_file():
        with path.open("wb") as out:
            return write_stream(archive, out, table, choice, form)
    with scratch_folder(path) as scratch, open_published(archive, scratch=scratch) as connection:
        (relation,) = relations_of(connection, [table], choice)
        with (scratch / "rows").open("wb") as out:
            written = _written(connection, relation, out, form)
        put_file(scratch / "rows", path, force=force)
    return written


def write_folder(
    archive: Path, path: Path, tables: Sequence[str], choice: Choice, form: Form, *, force: bool
) -> tuple[Written, ...]:
    """Write tables into a folder, a file each. Raises: IndexFaultError, UsageError, OutOfSpaceError."""
    refuse_folder(path, MARKER, force=force)
    with scratch_folder(path) as scratch, open_published(archive, scratch=scratch) as connection:
        relations = relations_of(connection, tables, choice)
        made = scratch / "export"
        made.mkdir()
        written = []
        for relation in relations:
            with (made / f"{relation.name}.{form}").open("wb") as out:
                written.append(_written(connection, relation, out, form))
        (made / MARKER).write_text(account(relations, written), encoding="utf-8")
        put_folder(made, path, MARKER, force=force)
    return tuple(written)


def csv_line(values: Sequence[object]) -> str:
    r"""A line of CSV; NULL is an empty cell, an empty text a quoted one. Source: RFC 4180.

    >>> csv_line(["a", None, "", 'a "b" c', "c\nd"])
    'a,,"","a ""b"" c","c\nd"\r\n'
    """
    return ",".join("" if value is None else _cell(str(value)) for value in values) + "\r\n"


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _TO_QUOTE.search(text) else text


def _written(connection: duckdb.DuckDBPyConnection, relation: Relation, out: BinaryIO, form: Form) -> Written:
    """What was written: the rows as lines, made of texts that DuckDB has made."""
    count = 0
    if form == Form.CSV:
        out.write(csv_line(relation.names).encode())
        columns = ", ".join(_as_cell(column.name, column.type) for column in relation.columns)
        for row in rows_of(connection, relation.select(columns)):
            out.write(csv_line(row).encode())
            count += 1
    else:
        for (text,) in rows_of(connection, relation.select(_as_object(relation))):
            out.write(f"{text}\n".encode())
            count += 1
    return Written(name=relation.name, rows=count)


def _as_object(relation: Relation) -> str:
    """SQL for a row as the text of a JSON object."""
    members = (
        f"{literal(column.name)}: {_as_json(quoted(column.name), column.type)}" for column in relation.columns
    )
    return f"to_json({{{', '.join(members)}}})::VARCHAR"


def _as_json(name: str, kind: str) -> str:
    """SQL for a value as JSON can say it: times as texts, what is no number as null."""
    if kind == "TIMESTAMP":
        return iso_utc(name)
    if kind in {"DOUBLE", "FLOAT"}:
        return f"CASE WHEN isfinite({name}) THEN {name} END"
    return name


def _as_cell(name: str, kind: str) -> str:
    """SQL for a value as a text: lists as JSON, times in UTC."""
    if kind == "TIMESTAMP":
        return iso_utc(quoted(name))
    return f"to_json({quoted(name)})::VARCHAR" if is_nested(kind) else f"{quoted(name)}::VARCHAR"
