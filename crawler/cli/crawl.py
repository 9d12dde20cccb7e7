"""`presswarc crawl`: one crawl now of each source named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.moments import Moment
from crawler.cli.numbers import Amount
from crawler.cli.options import Common, address_options, archive_options
from storage.errors import UsageError

if TYPE_CHECKING:
    from crawler.crawls import Limits
    from crawler.guard import AddressPolicy
    from crawler.report import Report
    from crawler.seeds import Seed

_EXAMPLES = """\b
Examples:
  presswarc crawl demo demo-defense
  presswarc crawl seeds/my-paper.toml --max-pages 200
  presswarc crawl https://news.example.org/ --delay 5
  presswarc crawl http://127.0.0.1:8000/ --allow-address 127.0.0.1:8000
  presswarc crawl demo --from-archive -o articles.jsonl
  presswarc crawl demo --dry-run --url http://www.harbor-courier.test/about/

\b
With --dry-run each line is what a URL would be asked for as, whether it is
in scope, the URL, and what the last known robots.txt says of it, with the
line that decides. Hosts, pauses and what is due are told on stderr.

\b
With --from-archive nobody is asked and nothing is kept: the spider runs
over what the archive has, the newest capture of each URL, or those of one
--crawl in their order, so that a change of the spider or the seed can be
tried. What the archive lacks is told.

\b
Exit codes: 0 done; 2 usage; 3 incomplete (nothing answered, URLs left
waiting for a host that wants to be asked later, start pages not in the
archive, or stopped by a fault); 4 another process writes to
the archive; 5 out of space; 130 interrupted and saved. Run it again: it
goes on where it stopped, and asks for known pages only if they have
changed."""


@click.command(epilog=_EXAMPLES)
@click.argument("seed", nargs=-1, required=True)
@click.option("--max-pages", metavar="N", type=click.IntRange(min=1), help="Stop after N answers.")
@click.option("--max-seconds", metavar="S", type=Amount(min=1), help="Stop after S seconds.")
@click.option("--delay", metavar="S", type=Amount(min=0), help="Seconds between two requests to a host.")
@click.option("--dry-run", is_flag=True, help="Show what would be asked for first; no request, no file.")
@click.option(
    "--url", metavar="URL", multiple=True, help="With --dry-run: what of this URL? May be given again."
)
@address_options
@click.option(
    "--no-robots", is_flag=True, help="Ignore robots.txt; only for seeds that say so, with a reason."
)
@click.option("--from-archive", is_flag=True, help="Answer every request from the archive, none live.")
@click.option("--crawl", "crawl_id", metavar="ID", help="From the archive: the captures of this crawl.")
@click.option(
    "--until", type=Moment(end=True), help="From the archive: nothing captured later; of a day, to its end."
)
@click.option(
    "--miss",
    type=click.Choice(["raise", "404"]),
    help="From the archive: what a request gets that it has nothing for.  [default: raise]",
)
@click.option(
    "-o",
    "--output",
    "items",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="From the archive: write the articles there, a JSON object a line; - is stdout.",
)
@archive_options
def crawl(  # noqa: PLR0913 (the options of the verb)
    *,
    common: Common,
    seed: tuple[str, ...],
    max_pages: int | None,
    max_seconds: float | None,
    delay: float | None,
    dry_run: bool,
    url: tuple[str, ...],
    allow_address: tuple[str, ...],
    connect_to: tuple[str, ...],
    no_robots: bool,
    from_archive: bool,
    crawl_id: str | None,
    until: datetime | None,
    miss: str | None,
    items: Path | None,
) -> int:
    """Crawl each SEED once: a name in seeds/, a TOML file or a URL."""
    from crawler.seeds import load_seed

    seeds = [load_seed(name) for name in dict.fromkeys(seed)]
    _check_robots(seeds, no_robots=no_robots)
    if dry_run:
        return _show_outlook(common, seeds, url, delay)
    if url:
        raise UsageError("--url goes with --dry-run", hint="to crawl a URL, give it without an option")
    from crawler.crawls import Limits
    from crawler.guard import address_policy

    limits = Limits(max_pages=max_pages, max_seconds=max_seconds, delay_s=delay)
    live_only = {"--delay": delay, "--allow-address": allow_address, "--connect-to": connect_to}
    archive_only = {"--crawl": crawl_id, "--until": until, "--miss": miss, "--output": items}
    _check_use(archive_only if not from_archive else live_only, from_archive=from_archive)
    if from_archive:
        reports = _replay(common, seeds, limits, _Wanted(crawl_id, until, miss or "raise", items))
    else:
        reports = _crawl(common, seeds, limits, address_policy(allow_address, connect_to))
    for report in reports:
        common.note(report.line())
    return max(report.exit_code() for report in reports)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a replay is to answer with, and where its articles go."""

    crawl_id: str | None
    until: datetime | None
    miss: str
    items: Path | None


def _crawl(common: Common, seeds: list[Seed], limits: Limits, policy: AddressPolicy) -> list[Report]:
    """The reports of live crawls."""
    from crawler.crawls import run_crawls
    from crawler.progress import shown
    from crawler.session import Session

    config = common.config()
    for advice in config.advice() if not all(one.bundled for one in seeds) else ():
        common.note(f"note: {advice}")
    with Session(config, policy) as session, shown(session, quiet=common.quiet):
        return run_crawls(seeds, session, limits)


def _replay(common: Common, seeds: list[Seed], limits: Limits, wanted: _Wanted) -> list[Report]:
    """The reports of crawls over the archive; the articles are written."""
    from crawler.cli.output import Form, Output, check_suffix, open_output
    from crawler.crawls import run_crawls
    from crawler.item_lines import item_writer
    from crawler.progress import shown
    from crawler.replay.archived import Scope
    from crawler.replay.crawl import ReplaySession

    if wanted.crawl_id and len(seeds) > 1:
        raise UsageError("--crawl is one crawl, of one seed", hint="name one seed")
    output = Output(path=None if wanted.items == Path("-") else wanted.items)
    check_suffix(output, [Form.NDJSON])
    config = common.config()
    scope = Scope(root=config.archive, crawl_id=wanted.crawl_id, until=wanted.until)
    with ReplaySession(config, scope, miss=wanted.miss) as session, shown(session, quiet=common.quiet):
        if wanted.items is None:
            return run_crawls(seeds, session, limits)
        with open_output(output) as file:
            return run_crawls(seeds, session, limits, taken=item_writer(file))


def _check_use(useless: Mapping[str, object], *, from_archive: bool) -> None:
    """Nothing, unless an option was given that has no use here. Raises: UsageError."""
    given = [option for option, value in useless.items() if value]
    if given:
        why = "nobody is asked with --from-archive" if from_archive else "it goes with --from-archive"
        raise UsageError(f"{given[0]} has no use here: {why}", hint="presswarc crawl --help has examples")


def _check_robots(seeds: list[Seed], *, no_robots: bool) -> None:
    """Refuse `--no-robots` for a seed that does not say so itself. Raises: UsageError."""
    for seed in seeds:
        if no_robots and seed.robots.obey:
            raise UsageError(
                f"--no-robots: the seed `{seed.name}` obeys robots.txt",
                hint='set obey = false and reason = "..." under [robots] in its file',
                where=str(seed.path or seed.name),
            )


def _show_outlook(common: Common, seeds: list[Seed], urls: tuple[str, ...], delay_s: float | None) -> int:
    """Print what a crawl would begin with, and what would be decided of other URLs."""
    from crawler.crawls import Limits, bounded
    from crawler.dry_run import outlook

    config = common.config()
    for seed in seeds:
        found = outlook(bounded(seed, Limits(delay_s=delay_s)), config, urls)
        for host in found.hosts:
            click.echo(f"# {seed.name}: {host.line()}", err=True)
        for one in found.judged:
            click.echo(f"{one.kind}\t{one.scope}\t{one.url}\t{one.robots}")
    return 0
