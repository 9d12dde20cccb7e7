"""`presswarc query`: SQL on the published index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from crawler.cli.bounds import MEMORY_BYTES, memory_bound, sure_end
from crawler.cli.bytes_given import STDIN, read_given
from crawler.cli.faults import was_interrupted
from crawler.cli.numbers import timeout_option
from crawler.cli.options import Common, archive_options
from crawler.cli.output import Form, Output, check_suffix, open_output, row_options, write_rows
from crawler.cli.query_parameters import Parameter, parameter, values_of
from storage.errors import QueryError, UsageError

if TYPE_CHECKING:
    import duckdb

    from storage.answer import Answer

PARQUET = ".parquet"
_MOST_SQL_BYTES = 10_000_000
_COUNTED = 1_000_000  # rows that are counted beyond --max-rows
_TABLES = """
SELECT table_name AS "table", 'table' AS kind, estimated_size AS "rows", comment
FROM duckdb_tables() WHERE schema_name = 'main' AND NOT internal
UNION ALL
SELECT view_name, 'view', NULL, comment FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal
ORDER BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is asked, in what time, and what of the answer is wanted."""

    sql: str
    parameters: tuple[Parameter, ...]
    timeout_s: float
    max_rows: int | None
    plan: str  # the words before the statement, EXPLAIN or EXPLAIN ANALYZE; empty for its rows
    plot: bool


@click.command(
    epilog="""\b
Examples:
  presswarc query
  presswarc query "SELECT host, count(*) FROM articles GROUP BY 1 ORDER BY 2 DESC"
  presswarc query "SELECT url, title FROM articles WHERE published_at >= $day" -p day=2026-01-01
  presswarc query "FROM articles WHERE host IN $host" -p host=a.example -p host=b.example
  presswarc query "SELECT published_at::DATE, count(*) FROM articles GROUP BY 1" --plot
  presswarc query --csv -o captures.csv - < captures.sql
  presswarc query -f report.sql -o report.parquet

\b
Of several statements the last one's rows are written. A query may use 2 GB
of memory; its rows are written while it runs."""
)
@click.argument("sql", required=False)
@click.option(
    "-f",
    "--file",
    "sql_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Read the SQL from there.",
)
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of $NAME in the SQL, given again a list of values; NAME:TYPE=VALUE is of that type"
    " (NAME:NULL= is NULL), else DuckDB casts it to what it is compared with.",
)
@timeout_option(60.0, "Stop the query after that.")
@click.option(
    "--max-rows",
    type=click.IntRange(min=0),
    metavar="N",
    help="Print N rows at most, and say how many there are.",
)
@click.option("--explain", is_flag=True, help="Show how DuckDB would run the query; it is not run.")
@click.option("--analyze", is_flag=True, help="Run the query and show what each step took.")
@click.option(
    "--plot",
    is_flag=True,
    help="Draw bars: the first column is the axis, the next number their length, a third column the series.",
)
@row_options()
@archive_options
def query(  # noqa: PLR0913 (one argument an option, as click gives them)
    *,
    sql: str | None,
    sql_file: Path | None,
    parameters: tuple[str, ...],
    timeout_s: float,
    max_rows: int | None,
    explain: bool,
    analyze: bool,
    plot: bool,
    output: Output,
    common: Common,
) -> None:
    """Ask the published index in SQL (`-` reads it from stdin); without SQL, list its tables and views.

    The index is opened read-only: SQL can reach no other file and no network, nor change anything.
    """
    question = Question(
        sql=_sql(sql, sql_file),
        parameters=tuple(parameter(one) for one in parameters),
        timeout_s=timeout_s,
        max_rows=max_rows,
        plan="EXPLAIN ANALYZE" if analyze else "EXPLAIN" if explain else "",
        plot=plot,
    )
    if question.plan and plot:
        raise UsageError("a plan is not plotted", hint="--plot without --explain and --analyze")
    try:
        with memory_bound(MEMORY_BYTES):
            _answer(question, common.config().archive, output, common)
    except QueryError as error:
        if was_interrupted(error.__cause__):
            raise KeyboardInterrupt from error
        raise


def _answer(question: Question, archive: Path, output: Output, common: Common) -> None:
    """Ask, and write what comes."""
    if output.form is None and output.path and output.path.suffix.lower() == PARQUET:
        _write_parquet(question, archive, output.path, common)
        return
    check_suffix(output)
    from storage.query import open_published

    with (
        sure_end(question.timeout_s, _unfinished(output.path)) as stuck,
        open_published(archive) as connection,
    ):
        from storage.answer import ask

        values = _values(connection, question)
        sql = question.sql
        if question.plan:
            sql = _explaining(connection, question, output)
        answer = ask(connection, sql, values or None, question.timeout_s, stuck)
        if question.plan or question.plot:
            with open_output(output) as file:
                file.writelines(f"{line}\n" for line in _drawn(question, answer, file))
        else:
            _write(answer, question, output, common)


def _write(answer: Answer, question: Question, output: Output, common: Common) -> None:
    """Write the rows, and count those beyond the most that are wanted."""
    rows = answer.rows
    if question.max_rows is None:
        write_rows(answer.columns, rows, output)
        return
    written = 0

    def counted() -> Iterator[tuple[object, ...]]:
        nonlocal written
        for row in islice(rows, question.max_rows):
            written += 1
            yield row

    write_rows(answer.columns, counted(), output)
    more = sum(1 for _ in islice(rows, _COUNTED + 1))
    if more > _COUNTED:
        common.note(f"{written} of more than {written + _COUNTED} rows")
    elif more:
        common.note(f"{written} of {written + more} rows")


def _write_parquet(question: Question, archive: Path, path: Path, common: Common) -> None:
    """Write the rows as a Parquet file."""
    if question.plan or question.plot or question.max_rows is not None:
        hint = "LIMIT in the SQL, or another suffix"
        raise UsageError("a Parquet file takes all rows of an answer and nothing else", hint=hint)
    from storage.exports.files import unfinished
    from storage.exports.parquet import write_answer

    with sure_end(question.timeout_s, unfinished(path)) as stuck:
        count = write_answer(
            archive,
            path,
            question.sql,
            lambda connection: _values(connection, question),
            timeout_s=question.timeout_s,
            stuck=stuck,
        )
    common.note(f"{path}: {count} rows")


def _values(connection: duckdb.DuckDBPyConnection, question: Question) -> dict[str, object]:
    """Values of the parameters, of the types they were given. Raises: QueryError."""
    from storage.answer import ask

    def cast(one: Parameter) -> object:
        sql = f"SELECT CAST(? AS {one.type})"
        try:
            (row,) = ask(connection, sql, [one.text], question.timeout_s).rows
        except QueryError as error:
            # The lines after that show our SQL, not the user's.
            told = error.message.partition("\n\n")[0]
            raise QueryError(told, hint=error.hint, where=f"-p {one.name}:{one.type}") from error
        return row[0]

    return values_of(question.parameters, cast)


def _explaining(connection: duckdb.DuckDBPyConnection, question: Question, output: Output) -> str:
    """The SQL with its last statement explained, in JSON where that is the form."""
    from storage.answer import last_statement

    before, last = last_statement(connection, question.sql)
    analyze = "ANALYZE, " if question.plan.endswith("ANALYZE") else ""
    words = f"EXPLAIN ({analyze}FORMAT json)" if output.form == Form.JSON else question.plan
    return f"{before}{words} {last}"


def _drawn(question: Question, answer: Answer, file: TextIO) -> list[str]:
    """The lines of a plan or a plot."""
    if question.plan:
        return [str(row[-1]).rstrip("\n") for row in answer.rows]
    from crawler.cli.plot import plot

    return plot(answer.columns, answer.rows, letters=(file.encoding or "utf-8").lower().startswith("utf"))


def _unfinished(path: Path | None) -> Path | None:
    """What an end in the midst of it would leave of the output's file."""
    if path is None:
        return None
    from storage.exports.files import unfinished

    return unfinished(path)


def _sql(sql: str | None, file: Path | None) -> str:
    """The SQL to run. Raises: UsageError for a file that cannot be read, QueryError where there is none."""
    if sql is not None and file is not None:
        raise UsageError("the SQL is given twice", hint="an argument or -f FILE")
    if sql is None and file is None:
        return _TABLES
    try:
        if sql == STDIN or file == Path(STDIN):
            text = read_given(STDIN, _MOST_SQL_BYTES).decode("utf-8", "replace")
        else:
            text = (
                str(sql)
                if file is None
                else read_given(str(file), _MOST_SQL_BYTES).decode("utf-8-sig", "replace")
            )
    except OSError as error:
        told = f"the SQL cannot be read: {error.strerror}"
        raise UsageError(told, hint="-f FILE names a file with SQL", where=str(file)) from error
    if not text.strip():
        raise QueryError("there is no SQL to run", hint="`presswarc query` alone lists the tables")
    return text
