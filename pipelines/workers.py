"""A pool of child processes for parsing: a call that hangs or crashes costs its child, nothing else.

Not multiprocessing.Pool, which waits for ever when a child is killed; not ProcessPoolExecutor, which can't
stop one call and breaks whole when one child dies.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Self, TypeVar

from pipelines.child import Child, Limits
from pipelines.messages import NotAValueError
from pipelines.worker import OUT_OF_MEMORY
from storage.article import Outcome

__all__ = ["CallFailedError", "Limits", "Workers"]

_Result = TypeVar("_Result")
LARGE_BYTES = 1 << 19
_PACKED, _TIMES_LARGER = b"\x1f\x8b", 16  # a sitemap that is packed counts as what it may hold
_OUT_OF_TIME = f"signal {int(signal.SIGXCPU)}"
_NO_MEMORY = f"exit code {OUT_OF_MEMORY}"


class CallFailedError(Exception):
    """A call that gave no result: `outcome` is PARSE_TIMED_OUT or PARSE_CRASHED, `reason` says more."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        """Keep both."""
        super().__init__(f"{outcome.value}: {reason}")
        self.outcome = outcome
        self.reason = reason


class Workers:
    """Runs functions in `count` children; each child has a thread that waits for it.

    Calls with much to read have one more child of their own, one after the other: the tree of a large page
    takes hundreds of megabytes, and as many of them at once as there are children are too much.
    """

    def __init__(self, count: int, limits: Limits | None = None) -> None:
        """Start no child before the first call."""
        self._limits = limits or Limits()
        # A child ends with the thread that started it: the kernel sees to that, even where all is killed.
        self._threads = ThreadPoolExecutor(max_workers=count, thread_name_prefix="worker")
        self._for_large = ThreadPoolExecutor(max_workers=1, thread_name_prefix="worker-large")
        self._local = threading.local()
        self._children: set[Child] = set()

    def __enter__(self) -> Self:
        """The pool."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the children."""
        self.close()

    def submit(self, function: Callable[..., _Result], *arguments: object) -> Future[_Result]:
        """Run `function(*arguments)` in a child; both must pickle, and the result be a value (`messages`).

        The future may raise CallFailedError; WorkersError where no child can be started.
        """
        large = bytes_given(function, arguments) > LARGE_BYTES
        return (self._for_large if large else self._threads).submit(self._call, function, arguments)

    def close(self) -> None:
        """Wait for the calls that run, drop those that wait, end the children."""
        for threads in (self._threads, self._for_large):
            threads.shutdown(wait=True, cancel_futures=True)
        for child in self._children:
            child.end()
        self._children.clear()

    def _call(self, function: Callable[..., _Result], arguments: tuple[object, ...]) -> _Result:
        """Run one call in this thread's child."""
        child = self._fit_child()
        try:
            worked, value = child.call((function, arguments))
        except TimeoutError as error:
            self._drop(child)
            reason = f"no result after {self._limits.wall_s:g} s"
            raise CallFailedError(Outcome.PARSE_TIMED_OUT, reason) from error
        except (EOFError, OSError) as error:
            ended = child.ended()
            self._drop(child)
            if ended == _OUT_OF_TIME:
                reason = f"no result after {self._limits.cpu_s} s of processor time"
                raise CallFailedError(Outcome.PARSE_TIMED_OUT, reason) from error
            reason = f"the process ended ({ended})"
            if ended == _NO_MEMORY:
                reason = f"more memory than the {self._limits.memory_bytes} bytes allowed"
            raise CallFailedError(Outcome.PARSE_CRASHED, reason) from error
        except NotAValueError as error:  # nothing more is believed of the process
            self._drop(child)
            raise CallFailedError(Outcome.PARSE_CRASHED, f"the answer is no value: {error}") from error
        if not child.is_fit():  # what a large page took is not held until the next one comes
            self._drop(child)
        if not worked:
            raise CallFailedError(Outcome.PARSE_CRASHED, value)
        result: _Result = value
        return result

    def _fit_child(self) -> Child:
        """This thread's child, a new one where there is none that is fit. Raises: WorkersError."""
        child: Child | None = getattr(self._local, "child", None)
        if child is not None and child.is_fit():
            return child
        if child is not None:
            self._drop(child)
        self._local.child = child = Child(self._limits)
        self._children.add(child)
        return child

    def _drop(self, child: Child) -> None:
        """End this thread's child."""
        self._local.child = None
        self._children.discard(child)
        child.end()


def bytes_given(function: Callable[..., object], arguments: Sequence[object]) -> int:
    """How much a call is given to read: bodies, texts, records.

    >>> bytes_given(partial(print, end=b"abc"), ("de", 7)), bytes_given(print, (bytes((31, 139, 8)),))
    (5, 48)
    """
    bound = (*function.args, *function.keywords.values()) if isinstance(function, partial) else ()
    read = (getattr(one, "block", one) for one in (*arguments, *bound))
    return sum(_weight(one) for one in read if isinstance(one, str | bytes))


def _weight(text: str | bytes) -> int:
    """How much there is to read in it."""
    is_packed = isinstance(text, bytes) and text.startswith(_PACKED)
    return len(text) * (_TIMES_LARGER if is_packed else 1)
