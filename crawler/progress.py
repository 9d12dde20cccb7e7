"""How the crawls stand while they run: a live line a crawl on a terminal, a plain line a minute elsewhere."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.table import Table

    from crawler.replay.crawl import ReplaySession
    from crawler.session import Session

PLAIN_EVERY_S = 60.0


@contextmanager
def shown(session: Session | ReplaySession, *, quiet: bool) -> Iterator[None]:
    """Show on stderr how the session's crawls stand."""
    if quiet:
        yield
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.live import Live

        console = Console(stderr=True)
        with Live(console=console, transient=True, get_renderable=lambda: _table(session)):
            yield
    else:
        done = threading.Event()
        teller = threading.Thread(target=_tell, args=(session, done), daemon=True)
        teller.start()
        try:
            yield
        finally:
            done.set()
            teller.join()


def _tell(session: Session | ReplaySession, done: threading.Event) -> None:
    """Print a plain line a crawl, once a minute."""
    while not done.wait(PLAIN_EVERY_S):
        for report in session.reports:
            sys.stderr.write(f"{report.line()}\n")


def _table(session: Session | ReplaySession) -> Table:
    """A line a crawl."""
    from rich.table import Table

    table = Table("crawl", "answers", "articles", "not modified", "failed", "MB", box=None, pad_edge=False)
    for report in session.reports:
        failed = sum(report.fetches.values()) - report.answers - report.fetches["revisits"]
        table.add_row(
            report.source,
            str(report.answers),
            str(report.pages["article"]),
            str(report.fetches["not_modified"]),
            str(max(0, failed)),
            f"{report.received_bytes / 1e6:.1f}",
        )
    return table
