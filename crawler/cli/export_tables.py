"""Tables of the index as Parquet, JSON lines, CSV and SQLite: what `presswarc export` does for them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.cli.options import Common
from storage.errors import UsageError
from storage.exports.accounts import Written
from storage.exports.relations import ALL, ARTICLES
from storage.exports.texts import Form

if TYPE_CHECKING:
    from crawler.cli.export import Targets
    from storage.index.choose import Choice
    from storage.layout import Layout

STDOUT = Path("-")
PARQUET = ".parquet"


def export_tables(common: Common, layout: Layout, wanted: Targets, choice: Choice, *, force: bool) -> None:
    """Write the tables wanted in every form asked for, and tell how many rows there are."""
    tables = tuple(dict.fromkeys(wanted.tables)) or (ARTICLES,)
    for path, write in (
        (wanted.parquet, _write_parquet),
        (wanted.jsonl, _write_jsonl),
        (wanted.csv_path, _write_csv),
        (wanted.sqlite, _write_sqlite),
    ):
        if path is not None:
            for one in write(layout.root, path, tables, choice, force):
                place = "stdout" if path == STDOUT else path
                files = f" in {one.files} files" if one.files > 1 else ""
                common.note(f"{place}: {one.rows} rows of {one.name}{files}")


def _write_parquet(
    archive: Path, path: Path, tables: tuple[str, ...], choice: Choice, force: bool
) -> tuple[Written, ...]:
    from storage.exports.parquet import write_file, write_folder

    _refuse_stdout(path)
    if path.suffix.lower() == PARQUET:
        return (write_file(archive, path, _only(tables, "--parquet DIR"), choice, force=force),)
    return write_folder(archive, path, tables, choice, force=force)


def _write_jsonl(
    archive: Path, path: Path, tables: tuple[str, ...], choice: Choice, force: bool
) -> tuple[Written, ...]:
    return _write_lines(archive, path, tables, choice, Form.JSONL, force=force)


def _write_csv(
    archive: Path, path: Path, tables: tuple[str, ...], choice: Choice, force: bool
) -> tuple[Written, ...]:
    return _write_lines(archive, path, tables, choice, Form.CSV, force=force)


def _write_sqlite(
    archive: Path, path: Path, tables: tuple[str, ...], choice: Choice, force: bool
) -> tuple[Written, ...]:
    from storage.exports.sqlite import write_sqlite

    _refuse_stdout(path)
    return write_sqlite(archive, path, tables, choice, force=force)


def _write_lines(
    archive: Path, path: Path, tables: tuple[str, ...], choice: Choice, form: Form, *, force: bool
) -> tuple[Written, ...]:
    """Write one table to a file or to stdout, several into a folder."""
    from storage.exports.texts import write_file, write_folder, write_stream

    if path == STDOUT:
        table = _only(tables, f"--{form} DIR")
        written = write_stream(archive, sys.stdout.buffer, table, choice, form)
        sys.stdout.buffer.flush()
        return (written,)
    if len(tables) > 1 or ALL in tables:
        return write_folder(archive, path, tables, choice, form, force=force)
    return (write_file(archive, path, tables[0], choice, form, force=force),)


def _only(tables: tuple[str, ...], several: str) -> str:
    """The one table there is. Raises: UsageError."""
    if len(tables) > 1 or ALL in tables:
        raise UsageError("one file takes one table", hint=f"{several} takes several")
    return tables[0]


def _refuse_stdout(path: Path) -> None:
    """Nothing, unless the place is stdout. Raises: UsageError."""
    if path == STDOUT:
        raise UsageError("this form is written to a file", hint="--jsonl - and --csv - write to stdout")
