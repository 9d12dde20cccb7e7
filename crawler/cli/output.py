"""Rows on stdout or in a file, as a table, JSON, NDJSON, CSV or Markdown."""

from __future__ import annotations

import csv
import functools
import io
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, TextIO

import click

from crawler.cli.values import as_text, printable, to_json
from storage.errors import UsageError

Function = Callable[..., Any]
Row = Sequence[object]


class Form(StrEnum):
    """How rows are written."""

    TABLE = "table"
    JSON = "json"
    NDJSON = "ndjson"
    CSV = "csv"
    MARKDOWN = "markdown"


_FORM_OF_SUFFIX = {
    ".csv": Form.CSV,
    ".json": Form.JSON,
    ".jsonl": Form.NDJSON,
    ".md": Form.MARKDOWN,
    ".ndjson": Form.NDJSON,
    ".txt": Form.TABLE,
}
HELP_OF_FORM = {
    Form.TABLE: "A table; on a terminal this is the default.",
    Form.JSON: "One JSON array.",
    Form.NDJSON: "A JSON object a line; in a pipe this is the default.",
    Form.CSV: "CSV with a header line.",
    Form.MARKDOWN: "A Markdown table.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """Where rows go and how: `path` None is stdout, `form` None is what suits the place."""

    form: Form | None = None
    path: Path | None = None

    def suitable(self) -> Form:
        """The form asked for, else by the file's suffix, else a table on a terminal and NDJSON in a pipe."""
        if self.form:
            return self.form
        if self.path:
            return _FORM_OF_SUFFIX.get(self.path.suffix.lower(), Form.NDJSON)
        return Form.TABLE if sys.stdout.isatty() else Form.NDJSON


def row_options(forms: Mapping[Form, str] = HELP_OF_FORM) -> Callable[[Function], Function]:
    """A decorator: options for these forms, with their help, and `-o FILE`, given to the verb as `output`."""

    def decorate(verb: Function) -> Function:
        @functools.wraps(verb)
        def call(*args: object, form: str | None, output_path: Path | None, **rest: object) -> object:
            path = None if output_path == Path("-") else output_path
            return verb(*args, output=Output(form=Form(form) if form else None, path=path), **rest)

        function: Function = click.option(
            "-o",
            "--output",
            "output_path",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="Write there instead of stdout; its suffix tells the form.",
        )(call)
        for one in reversed(list(forms)):
            flag = click.option(f"--{one}", "form", flag_value=one.value, help=forms[one])
            function = flag(function)
        return function

    return decorate


def write_rows(columns: Sequence[str], rows: Iterable[Row], output: Output | None = None) -> None:
    """Write the rows under these column names. Raises: UsageError where the file cannot be written."""
    output = output or Output()
    check_suffix(output)
    with open_output(output) as file:
        match output.suitable():
            case Form.TABLE:
                from crawler.cli.tables import write_table

                write_table(columns, rows, file)
            case Form.MARKDOWN:
                lines = _markdown(columns, rows)
                file.writelines(map(printable, lines) if file.isatty() else lines)
            case Form.CSV:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerow(columns)
                shown = printable if file.isatty() else str  # in a file or pipe, letter for letter
                writer.writerows([shown(as_text(value)) for value in row] for row in rows)
            case Form.JSON:
                _write_array(columns, rows, file)
            case Form.NDJSON:
                names = _distinct(columns)
                for row in rows:
                    file.write(_line(names, row) + "\n")


def check_suffix(output: Output, forms: Iterable[Form] = tuple(Form)) -> None:
    """Nothing, unless the file's suffix promises a form that there is not. Raises: UsageError."""
    known = {suffix for suffix, form in _FORM_OF_SUFFIX.items() if form in forms}
    if output.form or output.path is None or output.path.suffix.lower() in {"", *known}:
        return
    raise UsageError(
        f"no form is known by the suffix `{output.path.suffix}`",
        hint=f"one of {' '.join(sorted(known))}, or say {', '.join(f'--{form}' for form in forms)}",
        where=str(output.path),
    )


@contextmanager
def open_output(output: Output) -> Iterator[TextIO]:
    """The stream to write to; a file gets its name once it is whole. Raises: UsageError, OutOfSpaceError."""
    path = output.path
    if path is None:
        yield sys.stdout
        return
    from storage.exports.files import whole_file

    with whole_file(path, force=True) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", errors="backslashreplace", newline="")
        try:
            yield text
            text.flush()
        finally:
            with suppress(OSError, ValueError):  # of these the first was raised already
                text.detach()


def _write_array(columns: Sequence[str], rows: Iterable[Row], file: TextIO) -> None:
    """One array, an object a line, without holding the rows."""
    names = _distinct(columns)
    before = "[\n"
    for row in rows:
        file.write(before + _line(names, row))
        before = ",\n"
    file.write("[]\n" if before == "[\n" else "\n]\n")


def _markdown(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Lines of a Markdown table; what would end a cell is written as what shows like it."""
    yield _cells(columns)
    yield f"|{' --- |' * len(columns)}\n"
    for row in rows:
        yield _cells([as_text(value) for value in row])


def _cells(texts: Iterable[str]) -> str:
    r"""The texts as a row of a Markdown table.

    >>> _cells(["a|b", "c\nd"])
    '| a\\|b | c<br>d |\n'
    """
    cells = (
        text.replace("\\", "\\\\").replace("|", "\\|").replace("\r", "").replace("\n", "<br>")
        for text in texts
    )
    return f"| {' | '.join(cells)} |\n"


def _line(names: Sequence[str], row: Row) -> str:
    return to_json(dict(zip(names, row, strict=True)))


def _distinct(columns: Sequence[str]) -> list[str]:
    """The names, each once: an object cannot hold two values of one name.

    >>> _distinct(["a", "b", "a"])
    ['a', 'b', 'a_2']
    """
    names: list[str] = []
    for column in columns:
        count = 1
        name = column
        while name in names:
            count += 1
            name = f"{column}_{count}"
        names.append(name)
    return names
