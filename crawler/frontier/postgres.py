"""The frontier in PostgreSQL, for many crawlers: rows are leased, a host has one owner at a time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, TypeVar
from urllib.parse import urlsplit

from crawler.frontier.schema import COLUMNS, INDEXES, TABLES
from crawler.frontier.store import Values
from storage.errors import ArchiveError, ConfigError

SCHEMES = ("postgresql://", "postgres://")
_NAME = re.compile(r"(?<!:):(\w+)")
_PREPARING = 7_305_846  # an advisory lock: two crawlers that start together make the tables one by one
_TIMES = 5  # that a transaction is tried which others were in the way of
_Result = TypeVar("_Result")


class PostgresStore:
    """A database that many processes share."""

    is_shared = True
    skip_locked = " FOR UPDATE SKIP LOCKED"

    def __init__(self, address: str) -> None:
        """Connect, and make the tables where they are missing. Raises: ArchiveError, ConfigError."""
        if find_spec("psycopg") is None:
            raise ConfigError(
                "the frontier is to be in PostgreSQL, and the package for it is not installed",
                hint="pip install 'presswarc[postgres]', or leave `frontier` out of presswarc.toml",
            )
        import psycopg

        self._where = shown(address)
        with self._told():
            self._db = psycopg.connect(address, autocommit=True, application_name="presswarc")
            try:
                self.within(self._prepare)
            except BaseException:
                self._db.close()
                raise

    def rows(self, sql: str, values: Values) -> list[tuple[Any, ...]]:
        """Rows of a statement."""
        with self._told():
            done = self._db.execute(_of_psycopg(sql), values)
            return done.fetchall() if done.description else []

    def many(self, sql: str, values: Iterable[Values]) -> None:
        """Run a statement for each of the values."""
        with self._told(), self._db.cursor() as cursor:
            cursor.executemany(_of_psycopg(sql), list(values))

    def within(self, work: Callable[[], _Result]) -> _Result:
        """What `work` gives, all of it done or nothing; again where another crawler was in the way."""
        import psycopg

        in_the_way = (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)
        outermost = self._db.info.transaction_status is psycopg.pq.TransactionStatus.IDLE
        for left in reversed(range(_TIMES if outermost else 1)):
            try:
                with self._db.transaction():
                    return work()
            except ArchiveError as error:
                if not left or not isinstance(error.__cause__, in_the_way):
                    raise
                time.sleep(0.01 * (_TIMES - left))
        raise AssertionError("unreachable")

    def by_index(self, name: str) -> str:
        """Nothing: PostgreSQL knows its tables."""
        del name
        return ""

    def among(self, column: str, name: str) -> str:
        """The condition that a column is one of several values."""
        return f"{column} = ANY(:{name})"

    def several(self, values: Iterable[str]) -> object:
        """Values for `among`."""
        return list(values)

    def close(self) -> None:
        """Close the connection."""
        self._db.close()

    def _prepare(self) -> None:
        """Make the tables, with the columns that came later."""
        self._db.execute("SELECT pg_advisory_xact_lock(%s)", [_PREPARING])
        for table in TABLES:
            self._run(table)
        for name, kind in COLUMNS.items():
            self._run(f"ALTER TABLE urls ADD COLUMN IF NOT EXISTS {name} {kind}")
        for index in INDEXES:
            self._run(index)

    def _run(self, statement: str) -> None:
        """Run a statement of the schema, in PostgreSQL's types; texts sort by their bytes as in SQLite."""
        kinds = {" TEXT": ' TEXT COLLATE "C"', " REAL": " DOUBLE PRECISION", " INTEGER": " BIGINT"}
        for ours, theirs in kinds.items():
            statement = statement.replace(ours, theirs)
        self._db.execute(statement.encode())

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Raises a fault of the database as our own."""
        import psycopg

        try:
            yield
        except psycopg.Error as error:
            reason = str(error).strip().splitlines() or [type(error).__name__]
            hint = (
                "see that the server runs and that `frontier` names it; then run the same command: it goes on"
            )
            raise ArchiveError(
                f"the frontier can't be used: {reason[0]}", hint=hint, where=self._where
            ) from error


def is_address(frontier: str) -> bool:
    """Whether a setting names a PostgreSQL database.

    >>> is_address("postgresql://desk@db.example/crawl"), is_address("")
    (True, False)
    """
    return frontier.startswith(SCHEMES)


def shown(address: str) -> str:
    """The address without its password.

    >>> shown("postgresql://desk:secret@db.example/crawl")
    'postgresql://desk@db.example/crawl'
    """
    parts = urlsplit(address)
    user, _, host = parts.netloc.rpartition("@")
    netloc = f"{user.partition(':')[0]}@{host}" if user else host
    return f"{parts.scheme}://{netloc}{parts.path}"


def _of_psycopg(sql: str) -> bytes:
    """A statement with psycopg's signs for values."""
    return _NAME.sub(r"%(\1)s", sql).encode()
