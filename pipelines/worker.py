"""The child process that parses: reads calls from stdin, writes results to stdout, until stdin ends.

The process runs under limits of CPU time and memory; its parent is `pipelines.workers`, and how they talk is
in `pipelines.messages`.
"""

from __future__ import annotations

import os
import resource
import sys

from pipelines.messages import receive_call, send


def main(cpu_s: int, memory_bytes: int) -> None:
    """Answer calls: each is (function, arguments), each answer (True, result) or (False, reason).

    A parent that was ended at once takes no answer any more: the child goes, without a word.
    """
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes to stderr, not between the messages
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash leaves no page on the disk
    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
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


def _limit_cpu(cpu_s: int) -> None:
    """Allow `cpu_s` seconds of CPU time from now; the kernel ends the process after that."""
    if cpu_s:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + 1 + cpu_s, hard))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
