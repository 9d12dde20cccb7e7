"""The child process that parses: reads calls from stdin, writes results to stdout, until stdin ends.

The process runs in a box (`pipelines.box`), under limits of CPU time and memory; its parent is
`pipelines.workers`, and how they talk is in `pipelines.messages`.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

from pipelines.box import close_box
from pipelines.messages import receive_call, send

READY = "ready"  # what is said before the first call
OUT_OF_MEMORY = 77  # exit code
_SET_PARENT_DEATH_SIGNAL = 1


def main(cpu_s: int, memory_bytes: int, parent: int) -> None:
    """Answer calls: each is (function, arguments), each answer (True, result) or (False, reason).

    Where the parent was ended at once the child goes, without a word.
    """
    _end_with(parent)
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes to stderr, not between the messages
    nowhere = os.open(os.devnull, os.O_WRONLY)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves no page on the disk
    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    close_box()
    send(answers, READY)
    for said in (1, 2):  # a page could have libraries write millions of lines of complaints
        os.dup2(nowhere, said)
    sys.unraisablehook = _end_without_memory
    while True:
        try:
            function, arguments = receive_call(calls)
        except EOFError:
            return
        _limit_cpu(cpu_s)
        try:
            answer = (True, function(*arguments))
        except MemoryError:
            answer = (False, f"more memory than the {memory_bytes} bytes allowed")
        except Exception as error:  # noqa: BLE001 (the border round one page: its fault is its verdict)
            answer = (False, f"{type(error).__name__}: {error}"[:500])
        try:
            send(answers, answer)
        except BrokenPipeError:
            os._exit(0)  # what is not sent would be tried once more, and complained of, at a usual end


def _end_without_memory(unraisable: sys.UnraisableHookArgs) -> None:
    """End where memory ran out in a place that can't raise: libxml2 would go on complaining."""
    if issubclass(unraisable.exc_type, MemoryError):
        os._exit(OUT_OF_MEMORY)


def _end_with(parent: int) -> None:
    """Have the kernel end this process when its parent is gone: what hangs would not see that it is alone.

    Elsewhere than on Linux it goes when it next reads or writes, or after its time of CPU.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)


def _limit_cpu(cpu_s: int) -> None:
    """Allow `cpu_s` seconds of CPU time from now; the kernel ends the process after that."""
    if cpu_s:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + 1 + cpu_s, hard))
