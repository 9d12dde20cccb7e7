"""Answers to SQL, a batch of rows at a time: bounded in time, with DuckDB's own words where it refuses."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from storage.errors import DISK_FULL, IndexFaultError, OutOfSpaceError, QueryError

MEMORY_LIMIT = "2GB"
REBUILD = "presswarc replay builds it again from the WARC files"
GRACE_S = 3.0  # how long DuckDB gets to stop once it was told to
_BATCH = 2048  # rows that DuckDB computes at a time
_DISK_FULL = tuple(os.strerror(code) for code in DISK_FULL)
_TOO_LARGE = f"a query may use {MEMORY_LIMIT}: ask for fewer rows or columns"
_NOT_ENCODED = ("cannot encode str as UTF-8", "std::bad_cast")  # of a value, of the SQL
_NO_TEXT = "the SQL, or a value in it, has bytes that are no UTF-8"
_NO_FILES = "SQL here reaches no file and no network; presswarc query -o FILE writes the rows of an answer"
_READ_ONLY = "the published index is read-only; presswarc query -o FILE writes the rows of an answer"
_FIXED = "memory, threads and access are fixed here; --timeout SECONDS gives a query more time"
# What DuckDB's messages have in them -> what to try; the first that fits. Its own candidates stand above it.
_HINTS = (
    ("Out of Memory", _TOO_LARGE),
    ("bad allocation", _TOO_LARGE),
    ("configuration has been locked", _FIXED),
    ("Cannot change configuration", _FIXED),
    ("disabled by configuration", _NO_FILES),
    ("disabled through configuration", _NO_FILES),
    ("read-only", _READ_ONLY),
    ("Values were not provided for the following", "-p NAME=VALUE gives $NAME its value"),
    ("identifiers of the excess parameters", "the SQL has no $NAME of that name"),
    ("argument count mismatch", "the SQL has no $NAME of that name"),
    (
        "only supported for the last statement",
        "SET VARIABLE x = ... and getvariable('x') work in all of them",
    ),
    ("Table with name", "SHOW TABLES lists the tables; DESCRIBE articles lists the columns"),
    ("STRING_LITERAL", "a value given by -p is a text; -p NAME:INTEGER=3 gives it a type"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Names and DuckDB types of the columns, and the rows, which are computed while they are taken.

    The connection takes no other SQL before the last row is taken.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    rows: Iterator[tuple[object, ...]]


def ask(
    connection: duckdb.DuckDBPyConnection,
    sql: str,
    params: Sequence[object] | Mapping[str, object] | None,
    timeout_s: float,
    stuck: Callable[[], None] | None = None,
) -> Answer:
    """The answer to the SQL, of several statements that to the last.

    DuckDB gets `timeout_s` in all; what is spent between two rows by who takes them does not count. Where it
    does not stop then, `stuck` is called in another thread. Raises: QueryError with what DuckDB said, also
    while rows are taken; IndexFaultError where the file itself is damaged.
    """
    clock = _Clock(connection, timeout_s, stuck)
    with clock.running():
        answer = connection.execute(sql, params)
        if answer is None:
            raise QueryError("there is no statement to run", hint="presswarc query --help has examples")
        described = answer.description or []
    return Answer(
        columns=tuple(str(column[0]) for column in described),
        types=tuple(str(column[1]) for column in described),
        rows=_rows(answer, clock) if described else iter(()),
    )


def last_statement(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[str, str]:
    """What comes before the last statement of the SQL, and that statement, without its semicolon.

    Raises: QueryError.
    """
    with told():
        statements = [one.query for one in connection.extract_statements(sql)]
    if not statements:
        raise QueryError("there is no statement to run", hint="presswarc query --help has examples")
    before = "".join(one.strip().removesuffix(";") + "\n;\n" for one in statements[:-1])
    return before, statements[-1].strip().removesuffix(";")


@contextmanager
def told(overdue: str = "") -> Iterator[None]:
    """Turn what DuckDB raises into errors with a hint; `overdue` says why it was interrupted.

    Raises: QueryError, IndexFaultError, OutOfSpaceError.
    """
    try:
        yield
    except duckdb.InterruptException as error:
        hint = "narrow it by host, source or published_at, or give it more time (--timeout)"
        raise QueryError(overdue or "the query was stopped", hint=hint) from error
    except MemoryError as error:
        raise QueryError("there is not enough memory for the answer", hint=_TOO_LARGE) from error
    except (duckdb.Error, RuntimeError, ValueError) as error:
        text = str(error).strip()
        if any(reason in text for reason in _NOT_ENCODED):
            raise QueryError(_NO_TEXT, hint="write it in UTF-8") from error
        if "Corrupt database file" in text:
            line = text.split("\n", 1)[0]
            raise IndexFaultError(f"the index is damaged: {line}", hint=REBUILD) from error
        if any(reason in text for reason in _DISK_FULL):
            hint = "make room, or name a file on another disk"
            raise OutOfSpaceError(f"no space left: {text.splitlines()[0]}", hint=hint) from error
        if os.strerror(errno.EIO) in text:
            hint = "look after the disk, then run the same command"
            raise IndexFaultError(f"the disk fails: {text.splitlines()[0]}", hint=hint) from error
        raise QueryError(text, hint=hint_for(text)) from error


def hint_for(message: str) -> str:
    """What to try after DuckDB said this.

    >>> hint_for("Catalog Error: Table with name artcles does not exist!")
    'SHOW TABLES lists the tables; DESCRIBE articles lists the columns'
    """
    return next((hint for part, hint in _HINTS if part in message), "")


class _Clock:
    """The time that DuckDB may still take; it runs only while DuckDB works."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, timeout_s: float, stuck: Callable[[], None] | None
    ) -> None:
        self._connection = connection
        self._timeout_s = self._left_s = timeout_s
        self._stuck = stuck

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the time inside, and end it once there is none left. Raises: what `told` raises."""
        ended = threading.Event()
        watch = threading.Thread(target=self._watch, args=(ended, self._left_s), daemon=True)
        watch.start()
        started = time.monotonic()
        try:
            with told(f"the query was stopped after {self._timeout_s:g} s"):
                yield
        finally:
            ended.set()
            watch.join()  # or it might interrupt what comes next
            self._left_s = max(0.0, self._left_s - (time.monotonic() - started))

    def _watch(self, ended: threading.Event, left_s: float) -> None:
        """Interrupt DuckDB in `left_s`, unless it has ended by then."""
        if ended.wait(left_s):
            return
        self._connection.interrupt()
        if self._stuck is not None and not ended.wait(GRACE_S):
            self._stuck()


def _rows(answer: duckdb.DuckDBPyConnection, clock: _Clock) -> Iterator[tuple[object, ...]]:
    """The rows of an open answer."""
    while True:
        with clock.running():
            rows = answer.fetchmany(_BATCH)
        if not rows:
            return
        yield from rows
