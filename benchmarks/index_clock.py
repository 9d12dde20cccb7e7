"""Where the time goes while an index is written: by step, and by statement within it.

Nothing in the program knows of it: `watched` puts a clock around the functions that a step is made of,
and gives the writer connections that time each statement.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from inspect import isfunction
from typing import Any
from unittest.mock import patch

from pipelines import ingest
from storage.cdxj_writing import NewLines
from storage.index import writer as writing
from storage.index.writer import IndexWriter

_TOLD = 88  # characters of a statement by which it is known


@dataclass(slots=True)
class Spent:
    """Seconds on the wall and of all processors, and how often."""

    wall: float = 0.0
    cpu: float = 0.0
    times: int = 0
    longest: float = 0.0

    def add(self, wall: float, cpu: float) -> None:
        self.wall += wall
        self.cpu += cpu
        self.times += 1
        self.longest = max(self.longest, wall)


@dataclass(slots=True)
class Clock:
    """Time spent in steps, each without the steps inside it, and in statements by step."""

    steps: dict[str, Spent] = field(default_factory=dict)
    statements: dict[tuple[str, str], Spent] = field(default_factory=dict)
    _within: list[tuple[str, list[float]]] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        inside = [0.0, 0.0]
        self._within.append((name, inside))
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            self._within.pop()
            self.steps.setdefault(name, Spent()).add(wall - inside[0], cpu - inside[1])
            if self._within:
                outer = self._within[-1][1]
                outer[0] += wall
                outer[1] += cpu

    @contextmanager
    def statement(self, sql: str) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            step = self._within[-1][0] if self._within else ""
            told = " ".join(sql.split())[:_TOLD].split("/tmp/")[0]
            one = self.statements.setdefault((step, told), Spent())
            one.add(time.perf_counter() - wall, time.process_time() - cpu)

    def taken(self) -> Clock:
        """What was measured so far; the clock starts anew."""
        was = Clock(steps=self.steps, statements=self.statements)
        self.steps, self.statements = {}, {}
        return was

    def timed(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: object, **named: object) -> object:
            with self.step(name):
                return function(*args, **named)

        return call


class TimedResult:
    """A result whose rows are counted to its statement."""

    def __init__(self, result: Any, clock: Clock, sql: str) -> None:  # noqa: ANN401 DuckDB's connection or result
        self._result, self._clock, self._sql = result, clock, sql

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        found = getattr(self._result, name)
        if not name.startswith("fetch"):
            return found

        def fetch(*args: object) -> object:
            with self._clock.statement(self._sql):
                return found(*args)

        return fetch


class TimedConnection:
    """A connection that times each statement."""

    def __init__(self, connection: Any, clock: Clock) -> None:  # noqa: ANN401
        self._connection, self._clock = connection, clock

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._connection, name)

    def execute(self, sql: str, *args: object) -> TimedResult:
        with self._clock.statement(sql):
            if sql.strip().upper().startswith(("CHECKPOINT", "FORCE CHECKPOINT")):
                with self._clock.step("checkpoint"):
                    return TimedResult(self._connection.execute(sql, *args), self._clock, sql)
            return TimedResult(self._connection.execute(sql, *args), self._clock, sql)

    def close(self) -> None:
        with self._clock.step("checkpoint"):
            self._connection.close()


@contextmanager
def watched(clock: Clock) -> Iterator[None]:
    """Every index writer opened inside, and every ingest's finish, is timed by the clock."""
    opened = writing.open_database

    def open_timed(*args: Any, **named: Any) -> TimedConnection:  # noqa: ANN401
        with clock.step("open"):
            return TimedConnection(opened(*args, **named), clock)

    with ExitStack() as stack:

        def put(owner: object, name: str, value: object) -> None:
            stack.enter_context(patch.object(owner, name, value))

        put(writing, "open_database", open_timed)
        put(writing, "replace_with_copy", clock.timed("copy", writing.replace_with_copy))
        put(NewLines, "write", clock.timed("cdxj", NewLines.write))
        for name in [one for one in vars(ingest) if one.startswith(("update_", "refresh_"))]:
            put(ingest, name, clock.timed(name.partition("_")[2], getattr(ingest, name)))
        methods = [name for name, one in vars(IndexWriter).items() if isfunction(one) and name[0] != "_"]
        for name in methods:
            put(IndexWriter, name, clock.timed(name, getattr(IndexWriter, name)))
        yield
