"""A pool of child processes for parsing: a call that hangs or crashes costs its child, nothing else.

Not multiprocessing.Pool, which waits for ever when a child is killed; not ProcessPoolExecutor, which can't
stop one call and breaks whole when one child dies.
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from pipelines.messages import NotAValueError, receive_value, send
from storage.article import Outcome

_Result = TypeVar("_Result")
_OUT_OF_TIME = f"signal {int(signal.SIGXCPU)}"

# The child gets our module path, so that it finds the same modules however this process was started.
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from pipelines.worker import main; main({}, {})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one call may cost, and after how many calls a child is replaced."""

    wall_s: float = 30.0
    cpu_s: int = 20
    memory_bytes: int = 3 << 29
    calls: int = 500


class CallFailedError(Exception):
    """A call that gave no result: `outcome` is PARSE_TIMED_OUT or PARSE_CRASHED, `reason` says more."""

    def __init__(self, outcome: Outcome, reason: str) -> None:
        """Keep both."""
        super().__init__(f"{outcome.value}: {reason}")
        self.outcome = outcome
        self.reason = reason


class Workers:
    """Runs functions in `count` children; each child has a thread that waits for it."""

    def __init__(self, count: int, limits: Limits | None = None) -> None:
        """Start no child before the first call."""
        self._limits = limits or Limits()
        self._threads = ThreadPoolExecutor(max_workers=count, thread_name_prefix="worker")
        self._local = threading.local()
        self._children: set[_Child] = set()

    def __enter__(self) -> Self:
        """The pool."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the children."""
        self.close()

    def submit(self, function: Callable[..., _Result], *arguments: object) -> Future[_Result]:
        """Run `function(*arguments)` in a child; both must pickle, and the result be a value (`messages`).

        The future may raise CallFailedError.
        """
        return self._threads.submit(self._call, function, arguments)

    def close(self) -> None:
        """Wait for the calls that run, drop those that wait, end the children."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        for child in self._children:
            child.end()
        self._children.clear()

    def _call(self, function: Callable[..., _Result], arguments: tuple[object, ...]) -> _Result:
        """Run one call in this thread's child."""
        child: _Child | None = getattr(self._local, "child", None)
        if child is None or child.calls >= self._limits.calls:
            child = self._renew(child)
        try:
            worked, value = child.call((function, arguments), self._limits.wall_s)
        except TimeoutError as error:
            self._renew(child)
            reason = f"no result after {self._limits.wall_s:g} s"
            raise CallFailedError(Outcome.PARSE_TIMED_OUT, reason) from error
        except (EOFError, OSError) as error:
            ended = child.exit_reason()
            self._renew(child)
            if ended == _OUT_OF_TIME:
                reason = f"no result after {self._limits.cpu_s} s of processor time"
                raise CallFailedError(Outcome.PARSE_TIMED_OUT, reason) from error
            raise CallFailedError(Outcome.PARSE_CRASHED, f"the process ended ({ended})") from error
        except NotAValueError as error:  # nothing more is believed of the process
            self._renew(child)
            raise CallFailedError(Outcome.PARSE_CRASHED, f"the answer is no value: {error}") from error
        if not worked:
            raise CallFailedError(Outcome.PARSE_CRASHED, value)
        result: _Result = value
        return result

    def _renew(self, old: _Child | None) -> _Child:
        """Put a new child in place of this thread's old one."""
        if old is not None:
            self._children.discard(old)
            old.end()
        child = _Child(self._limits)
        self._children.add(child)
        self._local.child = child
        return child


class _Child:
    """One child process and its two pipes."""

    def __init__(self, limits: Limits) -> None:
        """Start it."""
        self.calls = 0
        boot = _BOOT.format(limits.cpu_s, limits.memory_bytes)
        command = [sys.executable, "-c", boot, json.dumps(sys.path)]
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter)
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
        )

    def call(self, message: object, wall_s: float) -> tuple[bool, Any]:
        """Send a call and wait for its answer. Raises: TimeoutError, EOFError, OSError, NotAValueError."""
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise EOFError
        self.calls += 1
        late = threading.Event()
        timer = threading.Timer(wall_s, self._stop_late, [late])
        timer.start()
        try:
            send(stdin, message)
            answer = _answer(receive_value(stdout))
        except (EOFError, OSError, NotAValueError) as error:
            if late.is_set():
                raise TimeoutError from error
            raise
        finally:
            timer.cancel()
            timer.join()
        if late.is_set():  # killed in the moment of its answer: not to be asked again
            self.calls = sys.maxsize
        return answer

    def _stop_late(self, late: threading.Event) -> None:
        """Kill the process because its time is up."""
        late.set()
        self._process.kill()

    def exit_reason(self) -> str:
        """How the process ended: its code, or the signal's name."""
        try:
            code = self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return "still running"
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def end(self) -> None:
        """Kill the process and release its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue


def _answer(told: object) -> tuple[bool, Any]:
    """Whether a call gave a result, with it or the reason. Raises: NotAValueError where it is neither."""
    match told:
        case (True, result):
            return True, result
        case (False, str(reason)):
            return False, reason
    raise NotAValueError("neither a result nor a reason")
