"""Bounds of a query's process: memory, and an end for sure where DuckDB does not let go."""

from __future__ import annotations

import os
import resource
import select
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

from crawler.cli.faults import EXIT_INTERRUPTED, tell
from storage.errors import QueryError

MEMORY_BYTES = 4 * 1024**3  # beside DuckDB's own 2 GB: the rows as Python's values
GRACE_S = 3.0  # from ^C until the process ends though DuckDB goes on
_STUCK = "a function in it takes one value for very long: give it smaller ones"
_SLOW = "give it more time (--timeout); presswarc replay builds an index of your own from the WARC files"


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


@contextmanager
def time_bound(timeout_s: float, *leftovers: Path) -> Iterator[None]:
    """An end for sure after `timeout_s`, for what asks the index by itself.

    Whoever made the index may have put macros and views into it that keep DuckDB busy for ever.
    """
    with sure_end(timeout_s, *leftovers, hint=_SLOW) as stuck:
        timer = threading.Timer(timeout_s, stuck)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()


@contextmanager
def sure_end(timeout_s: float, *leftovers: Path | None, hint: str = _STUCK) -> Iterator[Callable[[], None]]:
    """A function that ends the process with the error of a query out of time; ^C ends it too.

    DuckDB looks at ^C and at its own interrupt between two batches only, and one function of one value may
    take hours. `leftovers` are the unfinished files and folders to remove.
    """
    ended = threading.Event()

    def stuck() -> None:
        _leave(leftovers, tell(QueryError(f"the query was stopped after {timeout_s:g} s", hint=hint)))

    readable, writable = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    in_main_thread = threading.current_thread() is threading.main_thread()
    before = signal.set_wakeup_fd(writable, warn_on_full_buffer=False) if in_main_thread else -1
    threading.Thread(target=_heed, args=(readable, ended, leftovers), daemon=True).start()
    try:
        yield stuck
    finally:
        ended.set()
        if in_main_thread:
            signal.set_wakeup_fd(before)
        os.close(writable)  # which ends the thread that reads the other end


def _heed(readable: int, ended: threading.Event, leftovers: Sequence[Path | None]) -> None:
    """End the process where ^C was pressed and the work did not end by itself soon after."""
    try:
        while True:
            select.select([readable], [], [])
            numbers = os.read(readable, 64)
            if not numbers:
                return
            if signal.SIGINT in numbers and not ended.wait(GRACE_S):
                _leave(leftovers, EXIT_INTERRUPTED)
    finally:
        os.close(readable)


def _leave(leftovers: Sequence[Path | None], code: int) -> NoReturn:
    """End the process at once, without what is unfinished."""
    for leftover in filter(None, leftovers):
        shutil.rmtree(leftover, ignore_errors=True)
        with suppress(OSError):
            leftover.unlink()
    os._exit(code)
