"""One child process that parses, seen from its parent: started, called, ended."""

from __future__ import annotations

import errno
import json
import logging
import os
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from pipelines.messages import NotAValueError, receive_value, send
from pipelines.pipes import TimedPipes
from pipelines.worker import READY
from storage.errors import WorkersError

# Address space of a child. Measured (most of it at one time, VmPeak): 57 MB with all modules; 116 MB for the
# worst of the 54 largest of 931 real pages; 240 MB for a page of 3.5 MB of text. A sitemap at the standard's
# limit, packed (50,000 addresses, 49 MB unpacked), passes at 384 MB.
MEMORY_BYTES = 512 << 20
_START_S = 60.0
_END_S = 5.0
# What a system under load gives out for a moment: processes, memory, descriptors.
_SHORT_OF = frozenset({errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE})
_TRIES_AFTER_S = (0.2, 1.0, 3.0)
# The child gets our module path, so that it finds the same modules however this process was started.
_BOOT = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from pipelines.worker import main; main({}, {}, {})"
)
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one call may cost, and when a child is replaced: after how many calls, or if it holds how much.

    `resting_bytes` is what a child may hold between two calls: what a large page took is not always given
    back.
    """

    wall_s: float = 30.0
    cpu_s: int = 20
    memory_bytes: int = MEMORY_BYTES
    calls: int = 500
    resting_bytes: int = 1 << 27


class Child:
    """One process and its pipes. What it forks is of its group, and ends with it."""

    def __init__(self, limits: Limits) -> None:
        """Start it and wait until it can be called. Raises: WorkersError."""
        self._limits = limits
        self._calls = 0
        self._process = _started(_BOOT.format(limits.cpu_s, limits.memory_bytes, os.getpid()))
        stdin, stdout = self._process.stdin, self._process.stdout
        if stdin is None or stdout is None:
            raise EOFError
        self._pipes = TimedPipes(stdin.fileno(), stdout.fileno())
        self._pipes.ends_at = monotonic() + _START_S
        try:
            if receive_value(self._pipes) == READY:
                return
            told = "what it says is not understood"
        except TimeoutError:
            told = f"no sign of it after {_START_S:g} s"
        except (EOFError, OSError, NotAValueError):
            told = self.ended()
        self.end()
        raise WorkersError(
            f"a parsing process does not start: {told}",
            hint="see what it wrote above; where memory_bytes is set, set it higher",
            where=sys.executable,
        )

    def is_fit(self) -> bool:
        """Whether it may be called once more."""
        return (
            self._calls < self._limits.calls
            and self._pipes.is_quiet()
            and resident_bytes(self._process.pid) <= self._limits.resting_bytes
        )

    def call(self, message: object) -> tuple[bool, Any]:
        """Send a call and wait for its answer. Raises: TimeoutError, EOFError, OSError, NotAValueError."""
        self._calls += 1
        self._pipes.ends_at = monotonic() + self._limits.wall_s
        send(self._pipes, message)
        return _answer(receive_value(self._pipes))

    def ended(self) -> str:
        """How it ended, "exit code 7" or "signal 11", once it has closed its pipes."""
        try:
            code = self._process.wait(timeout=_END_S)
        except subprocess.TimeoutExpired:
            return "it closed its pipes and went on"
        return f"signal {-code}" if code < 0 else f"exit code {code}"

    def end(self) -> None:
        """Kill it, and what it forked, and release the pipes."""
        with suppress(ProcessLookupError, PermissionError):  # nobody left; a group of zombies on macOS
            os.killpg(self._process.pid, signal.SIGKILL)
        try:
            self._process.wait(timeout=_END_S)
        except subprocess.TimeoutExpired:  # it waits for a disk that does not answer
            log.warning("the parsing process %d can't be ended", self._process.pid)
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def resident_bytes(process: int) -> int:
    """Memory that a process holds; 0 where the system does not tell."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1]) * os.sysconf(
            "SC_PAGE_SIZE"
        )
    except (OSError, ValueError):
        return 0


def _started(boot: str) -> subprocess.Popen[bytes]:
    """A new process of our interpreter, the leader of its own group. Raises: WorkersError."""
    command = [sys.executable, "-c", boot, json.dumps(sys.path)]
    for pause_s in (*_TRIES_AFTER_S, None):
        try:
            return subprocess.Popen(  # noqa: S603 (our own interpreter)
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, start_new_session=True
            )
        except OSError as error:
            if pause_s is None or error.errno not in _SHORT_OF:
                raise WorkersError(
                    f"no parsing process can be started: {error.strerror or error}",
                    hint="fewer `workers`, or more memory, processes (ulimit -u), open files (ulimit -n)",
                    where=sys.executable,
                ) from error
            sleep(pause_s)
    raise AssertionError  # the last try returns or raises


def _answer(told: object) -> tuple[bool, Any]:
    """Whether a call gave a result, with it or the reason. Raises: NotAValueError where it is neither."""
    match told:
        case (True, result):
            return True, result
        case (False, str(reason)):
            return False, reason
    raise NotAValueError("neither a result nor a reason")
