"""Runs `presswarc` in this process and notes each time that something kept the event loop from going on.

    python benchmarks/loop_watch.py HOLDS.ndjson crawl SEED ...

Each callback of the loop that took longer than 50 ms makes a line: how long on the wall, how much of it was
the thread's own processor time, and where it was, as often as a second thread came to look.
"""

from __future__ import annotations

import asyncio.events
import collections
import json
import sys
import threading
import time
import traceback
from pathlib import Path
from types import FrameType
from typing import Any

LONGEST_S = 0.05
LOOK_EVERY_S = 0.01
SHOWN_FRAMES = 9


class Watch:
    """The callback that the loop runs now, and the looks at it."""

    def __init__(self) -> None:
        """See nothing yet."""
        self.loop_thread = threading.get_ident()
        self.since: float | None = None
        self.callbacks = 0
        self.looks: collections.Counter[str] = collections.Counter()
        self.beside: collections.Counter[str] = collections.Counter()
        self.holds: list[dict[str, Any]] = []

    def look(self) -> None:
        """Note where a callback is that takes long, and what the other threads do, for ever."""
        while True:
            time.sleep(LOOK_EVERY_S)
            since = self.since
            if since is None or time.monotonic() - since < LONGEST_S / 2:
                continue
            for thread, frame in sys._current_frames().items():  # noqa: SLF001 (there is no other way)
                if thread == self.loop_thread:
                    self.looks[where(frame)] += 1
                elif thread != threading.get_ident():
                    self.beside[where(frame, 2)] += 1

    def ran(self, began: float, cpu_began: float) -> None:
        """Note a callback that has ended, if it held the loop."""
        self.since = None
        self.callbacks += 1
        took = time.monotonic() - began
        if took > LONGEST_S:
            self.holds.append(
                {
                    "at": time.time(),
                    "held_ms": round(1000 * took),
                    "cpu_ms": round(1000 * (time.thread_time() - cpu_began)),
                    "where": [one for one, _ in self.looks.most_common(3)],
                    "beside": [f"{count} x {one}" for one, count in self.beside.most_common(4)],
                }
            )
        if self.looks or self.beside:
            self.looks.clear()
            self.beside.clear()


def where(frame: FrameType, most: int = SHOWN_FRAMES) -> str:
    """The innermost functions of a stack, outermost first."""
    shown = traceback.extract_stack(frame)[-most:]
    return " > ".join(f"{Path(one.filename).stem}:{one.lineno} {one.name}" for one in shown)


def watched(watch: Watch) -> None:
    """Have the callbacks of every event loop looked at from now on."""
    run = asyncio.events.Handle._run  # noqa: SLF001 (the one place where loops call anything)

    def timed(handle: asyncio.events.Handle) -> None:
        began, cpu_began = time.monotonic(), time.thread_time()
        watch.since = began
        try:
            run(handle)
        finally:
            watch.ran(began, cpu_began)

    asyncio.events.Handle._run = timed  # type: ignore[method-assign]  # noqa: SLF001 (the same)
    threading.Thread(target=watch.look, daemon=True).start()


def main() -> None:
    """Run the command, then write what was noted."""
    from crawler.cli import main as presswarc

    watch = Watch()
    watched(watch)
    place, sys.argv = Path(sys.argv[1]), ["presswarc", *sys.argv[2:]]
    try:
        code = presswarc()
    finally:
        told = [*watch.holds, {"callbacks": watch.callbacks}]
        place.write_text("".join(f"{json.dumps(one)}\n" for one in told))
    sys.exit(code)


if __name__ == "__main__":
    main()
