"""`presswarc seeds`: list, check and add seeds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from crawler.cli.options import Common, talk_options
from crawler.cli.output import Output, row_options, write_rows
from crawler.cli.site_options import Asking, site_options
from crawler.cli.values import printable
from crawler.cli.verbs import VerbGroup
from crawler.seeds import load_seed, read_seed, seed_folders, seed_names
from crawler.toml_keys import line_of
from storage.errors import SeedError, UsageError

_LIST_COLUMNS = ("name", "title", "spider", "schedule", "file")


@click.group(cls=VerbGroup)
def seeds() -> None:
    """List, check and add seeds: the TOML files in `seeds/` that say where crawls start."""


@seeds.command(
    "list",
    epilog="""\b
Examples:
  presswarc seeds list
  presswarc seeds list --csv -o seeds.csv
""",
)
@row_options()
@talk_options
def list_seeds(*, output: Output, common: Common) -> None:
    """List every seed: the name to crawl it by, its title, spider, schedule and file."""
    write_rows(_LIST_COLUMNS, list(_list_rows(common)), output)


@seeds.command(
    epilog="""\b
Examples:
  presswarc seeds check
  presswarc seeds check defense-gov ./my-seed.toml
  presswarc seeds check my-paper --live

\b
With --live each feed, sitemap, listing, start page and REST interface of
the seeds is asked for once, as a crawl would, and a row tells what it gave:
status, links, those in scope, the newest date, and what is wrong. Nothing
is kept. Exit code 1 if one gives no link in scope.
"""
)
@click.argument("wanted", nargs=-1, metavar="[FILE or NAME]...")
@click.option("--live", is_flag=True, help="Ask for each address once, and tell what it gives.")
@site_options
@row_options()
@talk_options
def check(
    wanted: tuple[str, ...],
    *,
    live: bool,
    asking: Asking,
    output: Output,
    common: Common,
) -> int:
    """Check seeds, all of them by default: a line a fault on stdout, exit code 1 if there is one."""
    if not live and (asking.is_set or output != Output()):
        raise UsageError(
            "forms of output, --delay and addresses go with --live", hint="presswarc seeds check SEED --live"
        )
    if live and not wanted:
        raise UsageError("--live asks the servers of the seeds that you name", hint="name a seed or its file")
    paths = [_path_of(name) for name in wanted or seed_names()]
    faults = [line for path in paths for line in _faults(path)]
    for line in faults:
        click.echo(printable(line))
    amount = "1 seed" if len(paths) == 1 else f"{len(paths)} seeds"
    common.note(f"{amount} checked, {len(faults) or 'no'} fault{'' if len(faults) == 1 else 's'}")
    if not live or faults:
        return 1 if faults else 0
    from crawler.cli.seeds_live import show_live

    return show_live([read_seed(path) for path in paths], asking, output, common)


@seeds.command(
    epilog="""\b
Examples:
  presswarc seeds add https://news.example.org/
  presswarc seeds add https://news.example.org/ --name courier
  presswarc seeds add https://news.example.org/ -o elsewhere/courier.toml
  presswarc seeds add http://127.0.0.1:8000/ --allow-address 127.0.0.1:8000

\b
Asks the site for its front page, robots.txt, the feeds, sitemaps and
sections that they name (or the usual places), and, of WordPress, for the
REST interface: some 10 to 40 requests, a second apart, robots.txt obeyed.
What works goes into the file, with what it gave; read it over before use.
"""
)
@click.argument("url")
@click.option("--name", metavar="NAME", help="What the source is called.  [default: its host]")
@click.option(
    "-o",
    "--output",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write there.  [default: seeds/NAME.toml]",
)
@site_options
@talk_options
def add(url: str, *, name: str | None, file: Path | None, asking: Asking, common: Common) -> int:
    """Find a site's feeds, sitemaps and listings, and write a seed for it."""
    from crawler.cli.seeds_live import add_seed

    return add_seed(url, name, file, asking, common)


def _list_rows(common: Common) -> Iterator[tuple[object, ...]]:
    for name in seed_names():
        path = _path_of(name)
        try:
            seed = read_seed(path)
        except SeedError as error:
            common.note(f"{name}: {error.message.splitlines()[0]}; `presswarc seeds check {name}` tells more")
            yield name, None, None, None, path
        else:
            yield name, seed.title, seed.spider, seed.schedule, path


def _path_of(wanted: str) -> Path:
    """The file of a seed named or given as a path. Raises: SeedError where no seed is called so."""
    path = Path(wanted)
    if path.is_file():
        return path
    for folder in seed_folders():
        if (folder / f"{wanted}.toml").is_file():
            return _shown(folder / f"{wanted}.toml")
    load_seed(wanted)  # says what is wrong with the name
    raise SeedError(f"`{wanted}` is no seed file", hint="give a seed's name or its TOML file")


def _faults(path: Path) -> list[str]:
    """Every fault of the file, each with its place."""
    try:
        seed = read_seed(path)
    except SeedError as error:
        first, *rest = error.message.splitlines()
        return rest or [f"{error.where or path} {first}"]
    if not seed.fallbacks:
        return []
    from crawler.config import load_config
    from crawler.fallbacks.checks import fallback_problems

    text, key = path.read_text(encoding="utf-8"), load_config().dvids_key
    return [
        f"{path}:{line_of(text, ('fallbacks',), fallback.value)} fallbacks: {fallback.value}: {problem}"
        for fallback, problem in fallback_problems(seed, key)
    ]


def _shown(path: Path) -> Path:
    """The path as seen from the current folder, where it lies below it."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
