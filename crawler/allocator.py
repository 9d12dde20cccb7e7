"""The C library's allocator, told to keep few arenas, and no large blocks in them.

glibc gives up to eight arenas a processor to the threads that come along, and each keeps what its busiest
thread once took: a service whose every crawl has threads of its own grows by that for hours. Blocks up to
32 MB lie in arenas, once such a one was freed: large answers, a few at a time, then leave holes between them.
"""

from __future__ import annotations

import ctypes
import os
import sys

_ARENA_MAX = -8  # M_ARENA_MAX of malloc.h
_LEAST = 2
_MMAP_THRESHOLD = -3  # M_MMAP_THRESHOLD
_LARGE_BYTES = 1 << 19  # from this size on a block is given back by itself


def keep_few_arenas() -> None:
    """Have no more arenas from now on than there are processors, where the C library can be told so."""
    if sys.platform == "linux" and "MALLOC_ARENA_MAX" not in os.environ:
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)  # musl has none
        if mallopt is not None:
            mallopt(_ARENA_MAX, max(_LEAST, os.cpu_count() or 1))
            mallopt(_MMAP_THRESHOLD, _LARGE_BYTES)
