"""How far a long piece of work is: live on a terminal, a plain line a minute elsewhere; on stderr."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType
    from rich.table import Table

    from crawler.replay.crawl import ReplaySession
    from crawler.session import Session

PLAIN_EVERY_S = 60.0


@contextmanager
def shown(session: Session | ReplaySession, *, quiet: bool) -> Iterator[None]:
    """Show on stderr how the session's crawls stand."""
    reports = session.reports
    with _telling(lambda: _table(session), lambda: [report.line() for report in reports], quiet=quiet):
        yield


@contextmanager
def ticking(line: Callable[[], str], *, quiet: bool) -> Iterator[None]:
    """Show what `line` says while the work is done."""
    with _telling(lambda: _text(line()), lambda: [line()], quiet=quiet):
        yield


@contextmanager
def _telling(
    live: Callable[[], RenderableType], lines: Callable[[], Iterable[str]], *, quiet: bool
) -> Iterator[None]:
    """Show what `live` gives on a terminal, and print what `lines` gives once a minute elsewhere."""
    if quiet:
        yield
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.live import Live

        # Left to itself it would send what is written to stdout, a file maybe, to the terminal.
        with Live(
            console=Console(stderr=True),
            transient=True,
            get_renderable=live,
            redirect_stdout=False,
            redirect_stderr=False,
        ):
            yield
    else:
        done = threading.Event()
        teller = threading.Thread(target=_tell, args=(lines, done), daemon=True)
        teller.start()
        try:
            yield
        finally:
            done.set()
            teller.join()


def _tell(lines: Callable[[], Iterable[str]], done: threading.Event) -> None:
    """Print plain lines once a minute."""
    while not done.wait(PLAIN_EVERY_S):
        for line in lines():
            sys.stderr.write(f"{line}\n")


def _text(line: str) -> RenderableType:
    """A line as it stands, brackets and all."""
    from rich.text import Text

    return Text(line)


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
