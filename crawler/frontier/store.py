"""What the frontier asks of a database. SQL is written with `:name` for values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol, TypeVar

_Result = TypeVar("_Result")
Values = Mapping[str, object]


class Store(Protocol):
    """A database with the tables of `schema`. Each method raises ArchiveError, OutOfSpaceError."""

    is_shared: bool  # other processes may be at work on the same tables
    skip_locked: str  # ends a SELECT of rows that nobody else is to take meanwhile

    def rows(self, sql: str, values: Values) -> list[tuple[Any, ...]]:
        """Rows of a statement."""

    def many(self, sql: str, values: Iterable[Values]) -> None:
        """Run a statement for each of the values."""

    def within(self, work: Callable[[], _Result]) -> _Result:
        """What `work` gives, its statements all done or none; called again where others were in the way."""

    def by_index(self, name: str) -> str:
        """Goes behind a table's name where the database might go through the whole of it instead."""

    def among(self, column: str, name: str) -> str:
        """The condition that a column is one of the values of `name`, which are given by `several`."""

    def several(self, values: Iterable[str]) -> object:
        """Values for `among`."""

    def close(self) -> None:
        """Let go of it."""
