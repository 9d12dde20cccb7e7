"""`presswarc replay`: the index from the captures, without the network."""

from __future__ import annotations

from pathlib import Path

import click

from crawler.cli.options import Common, archive_options

_EXAMPLES = """\b
Examples:
  presswarc replay
  presswarc replay --into second
  presswarc replay archive/warc/2026/11/*.warc.gz

\b
Exit codes: 0 done; 1 some files are damaged (what can be read is indexed);
4 another process writes to the archive."""


@click.command(epilog=_EXAMPLES)
@click.argument("warc", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--into", metavar="DIR", type=click.Path(path_type=Path), help="Build a second index in DIR instead."
)
@click.option("--workers", metavar="N", type=click.IntRange(min=1), help="Processes that parse.")
@click.option(
    "--engine",
    type=click.Choice(["local"]),
    default="local",
    show_default=True,
    help="Where the work is done.",
)
@archive_options
def replay(
    *, common: Common, warc: tuple[Path, ...], into: Path | None, workers: int | None, engine: str
) -> int:
    """Make the articles again from WARC files: the whole archive, or those named."""
    from crawler import replaying
    from pipelines.workers import Limits, Workers
    from storage.layout import Layout

    del engine  # one so far
    config = common.config()
    limits = Limits(wall_s=config.wall_s, cpu_s=config.cpu_s, memory_bytes=config.memory_bytes)
    archive = Layout(config.archive)
    with Workers(workers or config.workers, limits) as pool:
        replayed = replaying.replay(archive, warc, Layout(into) if into else archive, pool)
    for name, offset, reason in replayed.damages:
        click.echo(f"damaged: {name}:{offset}: {reason}", err=True)
    common.note(f"{replayed.files} WARC files replayed; index: {replayed.published or 'unchanged'}")
    return 1 if replayed.damages else 0
