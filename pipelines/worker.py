"""The child process that parses: reads calls from stdin, writes results to stdout, until stdin ends.

Each message is its length in 8 bytes and a pickle. The process runs under limits of CPU time and memory; its
parent is `pipelines.workers`.
"""

from __future__ import annotations

import os
import pickle
import resource
import struct
import sys
from typing import IO, Any

HEADER = struct.Struct(">Q")


def send(stream: IO[bytes], value: object) -> None:
    """Write one message."""
    data = pickle.dumps(value, protocol=pickle.HIGHEST_PROTOCOL)
    stream.write(HEADER.pack(len(data)) + data)
    stream.flush()


def receive(stream: IO[bytes]) -> Any:  # noqa: ANN401 (whatever was sent)
    """Read one message. Raises: EOFError where the stream ends."""
    header = stream.read(HEADER.size)
    if len(header) < HEADER.size:
        raise EOFError
    (size,) = HEADER.unpack(header)
    data = stream.read(size)
    if len(data) < size:
        raise EOFError
    return pickle.loads(data)  # noqa: S301 (our own parent and children)


def main(cpu_s: int, memory_bytes: int) -> None:
    """Answer calls: each is (function, arguments), each answer (True, result) or (False, reason)."""
    calls, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints goes to stderr, not between the messages
    if memory_bytes:
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    while True:
        try:
            function, arguments = receive(calls)
        except EOFError:
            return
        _limit_cpu(cpu_s)
        try:
            answer = (True, function(*arguments))
        except Exception as error:  # noqa: BLE001 (the border round one page: its fault is its verdict)
            answer = (False, f"{type(error).__name__}: {error}"[:500])
        send(answers, answer)


def _limit_cpu(cpu_s: int) -> None:
    """Allow `cpu_s` seconds of CPU time from now; the kernel ends the process after that."""
    if cpu_s:
        usage = resource.getrusage(resource.RUSAGE_SELF)
        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(usage.ru_utime + usage.ru_stime) + 1 + cpu_s, hard))


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
