"""The tables, views and macros of the index as data: names, types and what each column means.

Schema `main` is what analysts see. Schema `work` holds what it is derived from, and rides along in the
published copy, so that the copy is complete. Every text below ends up in the database as a comment.
"""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA_VERSION = 6

# DuckDB 2 writes a format of its own by default, which DuckDB 1 cannot read; this one they all read.
STORAGE_VERSION = "v1.4.0"

_TEXTS = frozenset({"text", "caption", "value"})  # columns of sentences; a compression in lists can't be told


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its DuckDB type and what it holds."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table. Rows of equal `key` are one row: the first by `rank` stays, whatever came first.

    Columns that rows are looked for by are `bare`, stored as they are: names that differ in each row pack to
    half at best, and to look through a million of them takes 10 ms instead of 26.
    """

    name: str
    comment: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    rank: tuple[str, ...] = ()
    bare: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns in order."""
        return tuple(column.name for column in self.columns)

    def statements(self) -> list[str]:
        """SQL that creates the table and its comments."""
        columns = ", ".join(
            f'"{column.name}" {_stored(column, is_bare=column.name in self.bare)}' for column in self.columns
        )
        return [f"CREATE TABLE {self.name} ({columns})", *self.comments()]

    def comments(self) -> list[str]:
        """SQL that comments on the table and its columns."""
        return [
            f"COMMENT ON TABLE {self.name} IS {literal(self.comment)}",
            *(
                f'COMMENT ON COLUMN {self.name}."{column.name}" IS {literal(column.comment)}'
                for column in self.columns
            ),
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A view and what its columns hold."""

    name: str
    comment: str
    select: str
    columns: tuple[Column, ...]

    def statements(self) -> list[str]:
        """SQL that creates the view and its comments."""
        # Named outside the query: DuckDB 1.4 takes no comment on a column that only the view's head names.
        names = ", ".join(f'"{column.name}"' for column in self.columns)
        comments = [
            f'COMMENT ON COLUMN {self.name}."{column.name}" IS {literal(column.comment)}'
            for column in self.columns
        ]
        return [
            f"CREATE VIEW {self.name} AS FROM ({self.select}) AS named({names})",
            f"COMMENT ON VIEW {self.name} IS {literal(self.comment)}",
            *comments,
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """A macro: `parameters` as between its brackets, `body` an expression or, of a table, a query."""

    name: str
    comment: str
    parameters: str
    body: str
    is_table: bool = True

    def statements(self) -> list[str]:
        """SQL that creates the macro and its comment."""
        table = "TABLE " if self.is_table else ""
        return [
            f"CREATE MACRO {self.name}({self.parameters}) AS {table}{self.body}",
            f"COMMENT ON MACRO {table}{self.name} IS {literal(self.comment)}",
        ]


def literal(text: str) -> str:
    """Text as an SQL string.

    >>> literal("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def rows_with(table: str, key: str, wanted: str) -> str:
    """The rows of `table` whose `key` is in `wanted`. SQL.

    By their places: a join alone reads all columns of the whole table before it knows which rows it wants.
    """
    places = f"SELECT t.rowid FROM {table} t SEMI JOIN {wanted} USING ({key})"  # noqa: S608 (names of ours)
    return f"(SELECT * FROM {table} WHERE rowid IN ({places}))"  # noqa: S608 (names of ours)


def columns(*lines: str) -> tuple[Column, ...]:
    """Columns from lines of `name | TYPE | comment`.

    >>> columns("url | VARCHAR | where it was")
    (Column(name='url', type='VARCHAR', comment='where it was'),)
    """
    return tuple(Column(*(part.strip() for part in line.split("|", 2))) for line in lines)


def _stored(column: Column, *, is_bare: bool) -> str:
    """Type with the compression it wants: ZSTD takes half the time for texts, and up to a third less room."""
    if is_bare:
        return f"{column.type} USING COMPRESSION uncompressed"
    return f"{column.type} USING COMPRESSION zstd" if column.name in _TEXTS else column.type
