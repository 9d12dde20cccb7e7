"""`presswarc crawl`: one crawl now of each source named."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from crawler.cli.options import Common, archive_options

if TYPE_CHECKING:
    from crawler.seeds import Seed

_EXAMPLES = """\b
Examples:
  presswarc crawl demo demo-defense
  presswarc crawl seeds/my-paper.toml --max-pages 200
  presswarc crawl https://news.example.org/ --delay 5
  presswarc crawl http://127.0.0.1:8000/ --allow-address 127.0.0.1:8000

\b
Exit codes: 0 done; 2 usage; 3 incomplete (nothing answered, or stopped by
a fault); 4 another process writes to the archive; 5 out of space; 130
interrupted and saved. Run it again: it goes on where it stopped, and asks
for known pages only if they have changed."""


@click.command(epilog=_EXAMPLES)
@click.argument("seed", nargs=-1, required=True)
@click.option("--max-pages", metavar="N", type=click.IntRange(min=1), help="Stop after N answers.")
@click.option("--max-seconds", metavar="S", type=click.FloatRange(min=1), help="Stop after S seconds.")
@click.option(
    "--delay", metavar="S", type=click.FloatRange(min=0), help="Seconds between two requests to a host."
)
@click.option("--dry-run", is_flag=True, help="Show what would be asked for first; no request, no file.")
@click.option(
    "--allow-address",
    metavar="HOST:PORT",
    multiple=True,
    help="Dial this address though it is not public. May be given again.",
)
@click.option(
    "--connect-to",
    metavar="HOST:PORT:ADDRESS:PORT",
    multiple=True,
    help="For HOST:PORT connect to ADDRESS:PORT instead. May be given again.",
)
@click.option(
    "--no-robots", is_flag=True, help="Ignore robots.txt; only for seeds that say so, with a reason."
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
    allow_address: tuple[str, ...],
    connect_to: tuple[str, ...],
    no_robots: bool,
) -> int:
    """Crawl each SEED once: a name in seeds/, a TOML file or a URL."""
    from crawler.seeds import load_seed

    seeds = [load_seed(name) for name in dict.fromkeys(seed)]
    _check_robots(seeds, no_robots=no_robots)
    if dry_run:
        return _show_starts(seeds)
    from crawler.crawls import Limits, run_crawls
    from crawler.guard import address_policy
    from crawler.progress import shown
    from crawler.session import Session

    policy = address_policy(allow_address, connect_to)
    config = common.config()
    for advice in config.advice() if not all(one.bundled for one in seeds) else ():
        common.note(f"note: {advice}")
    limits = Limits(max_pages=max_pages, max_seconds=max_seconds, delay_s=delay)
    with Session(config, policy) as session, shown(session, quiet=common.quiet):
        reports = run_crawls(seeds, session, limits)
    for report in reports:
        common.note(report.line())
    return max(report.exit_code() for report in reports)


def _check_robots(seeds: list[Seed], *, no_robots: bool) -> None:
    """Refuse `--no-robots` for a seed that does not say so itself. Raises: UsageError."""
    from storage.errors import UsageError

    for seed in seeds:
        if no_robots and seed.robots.obey:
            raise UsageError(
                f"--no-robots: the seed `{seed.name}` obeys robots.txt",
                hint='set obey = false and reason = "..." under [robots] in its file',
                where=str(seed.path or seed.name),
            )


def _show_starts(seeds: list[Seed]) -> int:
    """Print the requests that a crawl would begin with."""
    from crawler.discovery import starts
    from crawler.scope import judge

    for seed in seeds:
        robots = "robots.txt obeyed" if seed.robots.obey else f"robots.txt ignored: {seed.robots.reason}"
        click.echo(f"# {seed.name}: {robots}, {seed.politeness.delay_s:g} s between requests", err=True)
        for link in starts(seed):
            verdict = judge(link, seed)
            click.echo(f"{link.kind}\t{'in' if verdict.in_scope else verdict.reason}\t{link.url}")
    return 0
