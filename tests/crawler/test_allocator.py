"""The C library's allocator in a process of its own, which has many threads."""

from __future__ import annotations

import ctypes
import subprocess
import sys

import pytest

THREADS = """
import ctypes, os, sys, threading
from crawler.allocator import keep_few_arenas

os.cpu_count = lambda: 3
if sys.argv[1] == "few":
    keep_few_arenas()
held, together = [], threading.Barrier(13)


def take() -> None:
    held.append(bytearray(b"x") * 100_000)
    together.wait()
    together.wait()


for _ in range(12):
    threading.Thread(target=take).start()
together.wait()
libc = ctypes.CDLL(None)
libc.fdopen.restype = ctypes.c_void_p
libc.malloc_info(0, ctypes.c_void_p(libc.fdopen(1, b"w")))
libc.fflush(None)
together.wait()
"""


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_info"), reason="another C library than glibc")
def test_a_process_of_many_threads_has_no_more_arenas_than_processors(monkeypatch):
    monkeypatch.delenv("MALLOC_ARENA_MAX", raising=False)
    arenas = {
        how: subprocess.run(
            [sys.executable, "-c", THREADS, how], capture_output=True, text=True, timeout=60, check=True
        ).stdout.count("<heap nr=")
        for how in ("few", "as usual")
    }
    assert arenas["few"] <= 3 < arenas["as usual"]
