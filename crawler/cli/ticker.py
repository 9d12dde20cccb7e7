"""How far a long piece of work is: a live line on a terminal, a plain line a minute elsewhere; on stderr."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PLAIN_EVERY_S = 60.0


@contextmanager
def ticking(line: Callable[[], str], *, quiet: bool) -> Iterator[None]:
    """Show what `line` says while the work is done."""
    if quiet:
        yield
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        console = Console(stderr=True)
        # Left to itself it would send what is written to stdout, a file maybe, to the terminal.
        shown = Live(
            console=console,
            transient=True,
            get_renderable=lambda: Text(line()),
            redirect_stdout=False,
            redirect_stderr=False,
        )
        with shown:
            yield
    else:
        done = threading.Event()
        teller = threading.Thread(target=_tell, args=(line, done), daemon=True)
        teller.start()
        try:
            yield
        finally:
            done.set()
            teller.join()


def _tell(line: Callable[[], str], done: threading.Event) -> None:
    """Print a plain line once a minute."""
    while not done.wait(PLAIN_EVERY_S):
        sys.stderr.write(f"{line()}\n")
