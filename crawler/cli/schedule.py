"""`presswarc schedule`: each source by its cron line, as a service or what is due now."""

from __future__ import annotations

import logging
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from crawler.cli.numbers import Amount
from crawler.cli.options import OUR_PACKAGES, Common, address_options, archive_options
from crawler.cli.output import Output, row_options
from storage.errors import UsageError

if TYPE_CHECKING:
    from crawler.crawls import Limits
    from crawler.guard import AddressPolicy
    from crawler.schedule.shelf import Shelf

_EXAMPLES = """\b
Examples:
  presswarc schedule                      (until it is stopped)
  presswarc schedule --once               (what is due now: from cron or a timer)
  presswarc schedule my-paper --list
  presswarc schedule --seeds /etc/presswarc/seeds
  presswarc schedule --systemd --archive /srv/news

\b
In a seed's file:
  schedule = "*/30 6-22 * * *"     minute hour day month weekday
  timezone = "America/New_York"    else UTC
  jitter_s = 300                   a run begins up to 5 minutes later

\b
Of what came due while nothing ran, one run is made up for. A change to or
from summer time neither skips nor doubles a run. A run that left URLs
waiting for a host that wants to be asked later is followed by another as
soon as that is open, if none is due before. While nothing runs the
archive is free for replay, import and crawls by hand; where one of them
holds it, the schedule waits.

\b
Exit codes: 0 done, or stopped while nothing ran; 130 stopped, and crawls
were cut short: they go on at the next start. With --once the worst of what
ran, as of `presswarc crawl`; 2 a seed file with faults; 4 another process
writes to the archive."""
_LOG_FORMAT, _LOG_TIME = "%(asctime)sZ %(name)s: %(levelname)s %(message)s", "%Y-%m-%d %H:%M:%S"
_HOW = ("folder", "at_once", "max_seconds", "max_pages", "allow_address", "connect_to")
_AT_ONCE = 4
_MOST_SECONDS = 6 * 3600


@click.command(epilog=_EXAMPLES)
@click.argument("seed", nargs=-1)
@click.option(
    "--seeds",
    "folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    default=Path("seeds"),
    help="Folder of the seeds.  [default: ./seeds]",
)
@click.option("--once", is_flag=True, help="Run what is due now, then exit.")
@click.option("--list", "listed", is_flag=True, help="Show when each source runs next; run nothing.")
@click.option("--systemd", is_flag=True, help="Print units that run this schedule; run nothing.")
@click.option(
    "--at-once",
    metavar="N",
    type=click.IntRange(min=1),
    default=_AT_ONCE,
    help=f"At most so many sources side by side.  [default: {_AT_ONCE}]",
)
@click.option(
    "--max-seconds",
    metavar="S",
    type=Amount(min=1),
    default=_MOST_SECONDS,
    help=f"A run ends after so long, the next goes on.  [default: {_MOST_SECONDS}]",
)
@click.option("--max-pages", metavar="N", type=click.IntRange(min=1), help="A run ends after N answers.")
@address_options
@row_options()
@archive_options
def schedule(  # noqa: PLR0913 (the options of the verb)
    *,
    common: Common,
    output: Output,
    seed: tuple[str, ...],
    folder: Path,
    once: bool,
    listed: bool,
    systemd: bool,
    at_once: int,
    max_seconds: float,
    max_pages: int | None,
    allow_address: tuple[str, ...],
    connect_to: tuple[str, ...],
) -> int:
    """Crawl each SEED when it is due: names, TOML files, or else all in the folder that have a cron line."""
    if once + listed + systemd > 1:
        raise UsageError("--once, --list and --systemd exclude one another", hint="give one of them")
    from crawler.schedule.shelf import Shelf

    shelf = Shelf(seed, folder)
    if not shelf.entries():
        raise UsageError(
            f"no seed in {folder if folder.is_absolute() else f'./{folder}'} has a schedule",
            hint='say in a seed\'s file when it is due: schedule = "17 * * * *"; or name seeds',
        )
    if systemd:
        return _print_units(common, seed, _given())
    if listed:
        return _list(common, shelf, output)
    from crawler.crawls import Limits
    from crawler.guard import address_policy

    limits = Limits(max_pages=max_pages, max_seconds=max_seconds)
    policy = address_policy(allow_address, connect_to)
    return _serve(common, shelf, limits, policy, at_once=at_once, once=once)


def _serve(
    common: Common, shelf: Shelf, limits: Limits, policy: AddressPolicy, *, at_once: int, once: bool
) -> int:
    """Exit code of the schedule at work."""
    from crawler.crawls import Loop
    from crawler.schedule.clock import SystemClock
    from crawler.schedule.crawls import ArchiveCrawls
    from crawler.schedule.service import Service
    from crawler.schedule.state import Runs, state_file

    config = common.config()
    for advice in config.advice():
        common.note(f"note: {advice}")
    _log_with_times(common)
    with Runs(state_file(config.archive)) as runs:
        loop = Loop(config)
        crawls = ArchiveCrawls(loop, config, policy, limits)
        service = Service(shelf, runs, crawls, SystemClock(), tell=common.note, at_once=at_once)
        return loop.run(service.once() if once else service.forever(), service.stop)


def _log_with_times(common: Common) -> None:
    """Have warnings of a crawl written with their time, as the schedule's own lines are."""
    lines = logging.Formatter(_LOG_FORMAT, _LOG_TIME)
    lines.converter = time.gmtime
    root = logging.getLogger()
    if not root.handlers:  # --debug has its own
        root.addHandler(logging.StreamHandler())
        root.handlers[0].setLevel(logging.ERROR if common.quiet else logging.WARNING)
        for package in OUR_PACKAGES:
            logging.getLogger(package).handlers.clear()  # each line once
    root.handlers[0].setFormatter(lines)


def _list(common: Common, shelf: Shelf, output: Output) -> int:
    """Print how each source stands: its timing, its last run, what is due and when it runs next."""
    from crawler.cli.output import write_rows
    from crawler.schedule.clock import SystemClock
    from crawler.schedule.listing import COLUMNS, Listed, listed
    from crawler.schedule.state import Runs, state_file

    path = state_file(common.config().archive)
    now, entries = SystemClock().now(), shelf.entries()
    if path.exists():
        with Runs(path, looked=True) as runs:
            rows = [listed(entry, runs, now) for entry in entries]
    else:
        rows = [listed(entry, None, now) for entry in entries]
    write_rows(COLUMNS, [Listed.cells(row) for row in rows], output)
    return UsageError.exit_code if any(row.fault for row in rows) else 0


def _print_units(common: Common, seeds: tuple[str, ...], options: list[str]) -> int:
    """Print systemd units."""
    from crawler.schedule.units import Installed, units

    here = Installed.here(common.config(), common.config_file, options, seeds)
    click.echo(units(here), nl=False)
    for folder in here.writable:
        if not folder.is_dir():
            common.note(
                f"note: {folder} is not there: make it before the service starts, which may write only there"
            )
    return 0


def _given() -> list[str]:
    """The options that say how to crawl, as they were given on the command line."""
    context = click.get_current_context()
    words = []
    for option in context.command.params:
        if option.name in _HOW and context.get_parameter_source(option.name) is ParameterSource.COMMANDLINE:
            value = context.params[option.name]
            for one in value if isinstance(value, tuple) else (value,):
                words += [option.opts[0], _word(one)]
    return words


def _word(value: object) -> str:
    """An option's value as it is written on a command line; a folder by its whole path.

    >>> _word(20.0), _word("127.0.0.1:80"), _word(Path("/srv/seeds"))
    ('20', '127.0.0.1:80', '/srv/seeds')
    """
    if isinstance(value, Path):
        return str(value.absolute())
    return f"{value:g}" if isinstance(value, float) else str(value)
