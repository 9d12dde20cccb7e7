"""The tables and views of the published index as an export takes them: columns, order, choice of rows."""

# ruff: noqa: S608 (the names in these queries are the index's own, quoted; values go in as parameters)

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

import duckdb

from storage.answer import told
from storage.errors import UsageError
from storage.index.choose import Choice, choose
from storage.index.schema import Column

ARTICLES = "articles"
ALL = "all"
_INNER = ("schema_version", "search_")  # what these names begin with means nothing without the index
_RELATIONS = """
    SELECT table_name, comment, true FROM duckdb_tables() WHERE schema_name = 'main' AND NOT internal
    UNION ALL
    SELECT view_name, comment, false FROM duckdb_views() WHERE schema_name = 'main' AND NOT internal
    ORDER BY 1"""
_COLUMNS = """
    SELECT table_name, column_name, data_type, coalesce(comment, '') FROM duckdb_columns()
    WHERE schema_name = 'main' AND NOT internal ORDER BY table_name, column_index"""
_TIMES = ("published_at", "captured_at", "dropped_at", "failed_at", "started_at", "day")
_IDS = (
    "article_id", "url", "version", "record_id", "left_id", "right_id", "cluster_id", "crawl_id", "source",
    "position", "field", "url_id",
)  # fmt: skip
# Column of a relation -> which of its rows a choice of captures takes; the first that it has decides.
_CHOSEN = (
    ("record_id", "record_id IN (FROM wanted_records)"),
    ("article_id", "article_id IN (FROM wanted_articles)"),
    ("left_id", "(left_id IN (FROM wanted_articles) OR right_id IN (FROM wanted_articles))"),
    ("crawl_id", "crawl_id IN (FROM wanted_crawls)"),
    ("source", "source IN (FROM wanted_sources)"),
)
_WANTED = (
    """CREATE TEMP TABLE wanted_records AS SELECT DISTINCT record_id FROM chosen WHERE asked""",
    """CREATE TEMP TABLE wanted_articles AS SELECT DISTINCT article_id FROM captures
    SEMI JOIN wanted_records USING (record_id) WHERE article_id IS NOT NULL""",
    """CREATE TEMP TABLE wanted_crawls AS SELECT DISTINCT crawl_id FROM captures
    SEMI JOIN wanted_records USING (record_id)""",
    """CREATE TEMP TABLE wanted_sources AS SELECT DISTINCT source FROM captures
    SEMI JOIN wanted_records USING (record_id)""",
)
_BATCH = 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table or view with its columns; `where` is the SQL that says which rows to take."""

    name: str
    comment: str
    columns: tuple[Column, ...]
    is_table: bool
    where: str = "true"

    @property
    def names(self) -> tuple[str, ...]:
        """Names of its columns."""
        return tuple(column.name for column in self.columns)

    def time(self) -> str:
        """The column with the time of its rows, or nothing."""
        return next((name for name in _TIMES if name in self.names), "")

    def order(self) -> str:
        """Columns that put its rows by time, then by their identifiers; a view's by all that are not long."""
        ids = [name for name in _IDS if name in self.names]
        rest = [] if ids and self.is_table else [name for name in self.names if name != "text"]
        keys = dict.fromkeys([*([self.time()] if self.time() else []), *ids, *rest])
        return ", ".join(f"{quoted(name)} NULLS FIRST" for name in keys)

    def select(self, columns: str) -> str:
        """SQL for these columns of the rows to take, in order."""
        return f"SELECT {columns} FROM {quoted(self.name)} WHERE {self.where} ORDER BY {self.order()}"


def relations_of(
    connection: duckdb.DuckDBPyConnection, names: Sequence[str], choice: Choice
) -> tuple[Relation, ...]:
    """The tables and views of these names, `all` for every one, with the rows that the choice takes.

    The connection gets temporary tables of the choice. Raises: UsageError for a name that there is not, and
    for one whose rows no capture chooses.
    """
    with told():
        known = {one.name: one for one in _relations(connection)}
        if not choice.is_all():
            choose(connection, choice)
            for statement in _WANTED:
                connection.execute(statement)
    wanted = list(known) if ALL in names else list(dict.fromkeys(names))
    for name in wanted:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            told_near = f", did you mean `{near[0]}`?" if near else ""
            hint = f"--table with {', '.join(known)} or {ALL}"
            raise UsageError(f"no table or view is called `{name}`{told_near}", hint=hint)
    found = (known[name] for name in wanted)
    return tuple(found if choice.is_all() else map(_narrowed, found))


def rows_of(connection: duckdb.DuckDBPyConnection, sql: str) -> Iterator[tuple[object, ...]]:
    """Rows of a query, a part of them at a time. Raises: QueryError, IndexFaultError, OutOfSpaceError."""
    with told():
        answer = connection.execute(sql)
    while True:
        with told():
            rows = answer.fetchmany(_BATCH)
        if not rows:
            return
        yield from rows


def quoted(name: str) -> str:
    """A name as SQL takes it.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def iso_utc(column: str) -> str:
    """SQL for a TIMESTAMP as `2026-11-22T08:00:00Z`, with a fraction where it has one."""
    fraction = f"CASE WHEN microsecond({column}) % 1000000 = 0 THEN '' ELSE strftime({column}, '.%f') END"
    return f"strftime({column}, '%Y-%m-%dT%H:%M:%S') || {fraction} || 'Z'"


def is_nested(kind: str) -> bool:
    """Whether a DuckDB type is one of lists, structs or maps.

    >>> [is_nested(kind) for kind in ("VARCHAR[]", "MAP(VARCHAR, BIGINT)", "DECIMAL(4,2)", "VARCHAR")]
    [True, True, False, False]
    """
    return kind.endswith("]") or kind.startswith(("STRUCT(", "MAP(", "UNION("))


def _relations(connection: duckdb.DuckDBPyConnection) -> Iterator[Relation]:
    """Every table and view that an export may take, by name."""
    columns: dict[str, list[Column]] = {}
    for table, name, kind, comment in connection.execute(_COLUMNS).fetchall():
        columns.setdefault(table, []).append(Column(name, kind, comment))
    for name, comment, is_table in connection.execute(_RELATIONS).fetchall():
        if not name.startswith(_INNER):
            yield Relation(
                name=name, comment=comment or "", columns=tuple(columns[name]), is_table=bool(is_table)
            )


def _narrowed(relation: Relation) -> Relation:
    """The relation with the rows of what was chosen. Raises: UsageError."""
    for column, condition in _CHOSEN:
        if column in relation.names:
            return Relation(
                name=relation.name,
                comment=relation.comment,
                columns=relation.columns,
                is_table=relation.is_table,
                where=condition,
            )
    hint = f"export {relation.name} without --since, --until, --host, --url, --source and --crawl"
    raise UsageError(f"no capture chooses rows of `{relation.name}`", hint=hint)
