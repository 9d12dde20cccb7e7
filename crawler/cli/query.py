"""`presswarc query`: SQL on the published index."""

from __future__ import annotations

import resource
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from crawler.cli.faults import was_interrupted
from crawler.cli.options import Common, archive_options
from crawler.cli.output import Output, row_options, write_rows
from storage.errors import QueryError, UsageError

STDIN = "-"
MEMORY_BYTES = 4 * 1024**3  # beside DuckDB's own 2 GB: the rows as Python's values
_TABLES = """
SELECT table_name AS "table", 'table' AS kind, estimated_size AS "rows", comment
FROM duckdb_tables() WHERE schema_name = 'main' AND NOT internal
UNION ALL
SELECT view_name, 'view', NULL, comment FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal
ORDER BY 1
"""


@click.command(
    epilog="""\b
Examples:
  presswarc query
  presswarc query "SELECT host, count(*) FROM articles GROUP BY 1 ORDER BY 2 DESC"
  presswarc query "SELECT url, title FROM articles WHERE published_at >= $day" -p day=2026-01-01
  presswarc query --csv -o captures.csv - < captures.sql
"""
)
@click.argument("sql", required=False)
@click.option(
    "-p",
    "--parameter",
    "parameters",
    multiple=True,
    metavar="NAME=VALUE",
    help="Value of $NAME in the SQL; DuckDB casts it to what it is compared with.",
)
@click.option(
    "--timeout",
    "timeout_s",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="Stop the query after that.",
)
@click.option(
    "--max-rows",
    type=click.IntRange(min=0),
    metavar="N",
    help="Print N rows at most, and say how many there are.",
)
@row_options()
@archive_options
def query(
    sql: str | None,
    parameters: tuple[str, ...],
    timeout_s: float,
    max_rows: int | None,
    *,
    output: Output,
    common: Common,
) -> None:
    """Ask the published index in SQL (`-` reads it from stdin); without SQL, list its tables and views.

    The index is opened read-only: SQL can reach no other file and no network, nor change anything.
    """
    values = dict(_parameter(one) for one in parameters)
    _ask(_sql(sql), values, common.config().archive, timeout_s, max_rows, output, common)


def _ask(
    sql: str,
    values: dict[str, str],
    archive: Path,
    timeout_s: float,
    max_rows: int | None,
    output: Output,
    common: Common,
) -> None:
    from storage.query import open_published, run_sql

    try:
        with open_published(archive) as connection, memory_bound(MEMORY_BYTES):
            result = run_sql(connection, sql, values or None, timeout_s)
    except QueryError as error:
        if was_interrupted(error.__cause__):
            raise KeyboardInterrupt from error
        raise
    rows = result.rows if max_rows is None else result.rows[:max_rows]
    write_rows(result.columns, rows, output)
    if len(rows) < len(result.rows):
        common.note(f"{len(rows)} of {len(result.rows)} rows")


@contextmanager
def memory_bound(size: int) -> Iterator[None]:
    """At most `size` bytes of data for this process, as far as its system counts them.

    DuckDB's own limit leaves out what a single vector holds, and rows once they are handed over.
    """
    before, hard = resource.getrlimit(resource.RLIMIT_DATA)
    known = [limit for limit in (size, before, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min(known), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, hard))


def _sql(sql: str | None) -> str:
    """The SQL to run. Raises: QueryError where stdin has none."""
    if sql is None:
        return _TABLES
    text = sys.stdin.buffer.read().decode("utf-8", "replace") if sql == STDIN else sql
    if not text.strip():
        raise QueryError("there is no SQL to run", hint="`presswarc query` alone lists the tables")
    return text


def _parameter(text: str) -> tuple[str, str]:
    """Name and value of a parameter. Raises: UsageError.

    >>> _parameter("day=2026-01-01"), _parameter("$where=a=b")
    (('day', '2026-01-01'), ('where', 'a=b'))
    """
    name, equals, value = text.partition("=")
    name = name.strip().removeprefix("$")
    if not equals or not name.isidentifier():
        raise UsageError(f"`{text}` gives no parameter a value", hint="-p name=value, and $name in the SQL")
    return name, value
