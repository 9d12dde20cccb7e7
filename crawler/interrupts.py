"""^C, remembered: a library may swallow the exception that it raises, and the work would go on."""

from __future__ import annotations

import signal
import threading
from types import FrameType

_asked = threading.Event()


def remember_interrupts() -> None:
    """From now on ^C is remembered besides raising KeyboardInterrupt. Call it in the main thread."""
    _asked.clear()
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _interrupt)


def heed_interrupt() -> None:
    """Nothing, unless ^C was pressed: a loop that goes through a library calls it now and then.

    Raises: KeyboardInterrupt.
    """
    if _asked.is_set():
        raise KeyboardInterrupt


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    _asked.set()
    raise KeyboardInterrupt
