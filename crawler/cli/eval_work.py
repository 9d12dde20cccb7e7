"""The pages of a corpus through child processes, each with its truth."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

from crawler.cli.eval_corpus import Case, Truth, read_page, read_truth
from crawler.cli.faults import tell
from crawler.cli.options import Common
from storage.article import Outcome
from storage.errors import PresswarcError

_Result = TypeVar("_Result")
_AHEAD = 8  # pages handed to the workers beyond those that run


@dataclass(slots=True)
class Work:
    """The pages to score, how many are done, and how many could not be used."""

    cases: tuple[Case, ...]
    jobs: int
    common: Common
    done: int = 0
    failed: int = 0

    def each(
        self,
        function: Callable[[str, Truth, bytes], _Result],
        instead: Callable[[str, Truth, Outcome], _Result],
    ) -> Iterator[_Result]:
        """`function` of each page's name, truth and bytes, in order, several at a time in child processes.

        A page whose files cannot be used is told and left out; of one whose extraction fails, `instead`.
        """
        from pipelines.workers import CallFailedError, Workers

        running: deque[tuple[str, Truth, Future[_Result]]] = deque()

        def next_one() -> _Result:
            name, truth, future = running.popleft()
            try:
                return future.result()
            except CallFailedError as error:
                self.common.note(f"{name}: {error}")
                return instead(name, truth, error.outcome)
            finally:
                self.done += 1

        with Workers(self.jobs) as pool:
            for case in self.cases:
                try:
                    truth, html = read_truth(case.truth), read_page(case.html)
                except PresswarcError as error:
                    self.fault(error)
                    continue
                running.append((case.name, truth, pool.submit(function, case.name, truth, html)))
                if len(running) > self.jobs + _AHEAD:
                    yield next_one()
            while running:
                yield next_one()

    def fault(self, error: PresswarcError) -> None:
        """Tell what is wrong with a page's files."""
        tell(error, debug=self.common.debug)
        self.failed += 1

    def exit_code(self) -> int:
        """0, 1 where some pages could not be used, 2 where none could."""
        return 0 if not self.failed else 1 if self.done else 2
