"""`presswarc replay`: the index from the captures, without the network, or what it would be."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.choosing import choice_options
from crawler.cli.diff_output import DiffOutput, diff_options, write_differences
from crawler.cli.faults import was_interrupted
from crawler.cli.options import Common, archive_options
from crawler.progress import ticking
from storage.errors import UsageError

if TYPE_CHECKING:
    from crawler.comparing import Comparison
    from crawler.replaying import Job, Replayed
    from pipelines.workers import Workers
    from storage.index.choose import Choice
    from storage.layout import Layout

_EXAMPLES = """\b
Examples:
  presswarc replay
  presswarc replay --into second
  presswarc replay archive/warc/2026/11/*.warc.gz
  presswarc replay --since 7d --host example.org
  presswarc replay --url https://example.org/news/story
  presswarc replay --diff --limit 50
  presswarc replay --diff --ndjson --host example.org > changes.ndjson

\b
Without a choice the whole index is built anew: it has then what the WARC files have, and no
more. With files or a choice the rows of those captures alone are replaced, by today's rules.
Only with files are the captures' own rows read anew too. A chosen revisit brings in the
capture whose body it shows. Nothing takes effect before the end: stopped, a replay has
changed nothing.

\b
--diff compares what the published index has with what today's rules make of the same
captures: fields, text, photos, removed blocks with kind, rule and path. It does not compare
the kinds of blocks that stay in the text, which URLs are one article, nor clusters.

\b
Exit codes: 0 done, also when nothing was chosen (--diff: no differences); 1 some files are
damaged or missing (what can be read is indexed), or --diff found differences; 2 a name that
no capture has; 4 another process writes to the archive (never with --diff); 130 interrupted,
nothing changed."""
_MOST_TOLD = 20


@click.command(epilog=_EXAMPLES)
@click.argument("warc", nargs=-1, type=click.Path(path_type=Path))
@choice_options
@diff_options
@click.option(
    "--into", metavar="DIR", type=click.Path(path_type=Path), help="Build a second index in DIR instead."
)
@click.option("--workers", metavar="N", type=click.IntRange(1, 256), help="Processes that parse.")
@click.option(
    "--engine",
    type=click.Choice(["local"]),
    default="local",
    show_default=True,
    help="Where the work is done.",
)
@archive_options
def replay(
    *,
    common: Common,
    warc: tuple[Path, ...],
    choice: Choice,
    diff: DiffOutput | None,
    into: Path | None,
    workers: int | None,
    engine: str,
) -> int:
    """Make the articles again from WARC files: the whole archive, those named, or the captures chosen."""
    from pipelines.workers import Limits, Workers
    from storage.layout import Layout

    del engine  # one so far
    if diff and into:
        raise UsageError("--diff builds no index, and --into names a place for one", hint="leave one out")
    config = common.config()
    archive = Layout(config.archive)
    limits = Limits(wall_s=config.wall_s, cpu_s=config.cpu_s, memory_bytes=config.memory_bytes)
    with Workers(workers or config.workers, limits) as pool:
        if diff:
            from crawler.comparing import Comparison

            with closing(Comparison(archive, choice, pool, files=warc)) as comparison:
                return _compare(common, comparison, diff)
        from crawler.replaying import Job

        job = Job(archive=archive, into=Layout(into) if into else archive, files=warc, choice=choice)
        return _replay(common, job, pool)


def _compare(common: Common, comparison: Comparison, diff: DiffOutput) -> int:
    """Compare, and tell what differs."""
    tally = comparison.tally

    def progress() -> str:
        return f"{tally.captures} of {comparison.chosen} captures compared, {tally.captures_changed} differ"

    if not comparison.chosen:
        common.note("no capture was chosen")
    with ticking(progress, quiet=common.quiet):
        report = write_differences(comparison.articles(), tally, diff)
    click.echo(report, nl=False)
    _tell_unread(tally.unread.elements())
    return 1 if tally.captures_changed or tally.unread else 0


def _replay(common: Common, job: Job, pool: Workers) -> int:
    """Replay, and tell what came of it."""
    from crawler.replaying import Replayed
    from crawler.replaying import replay as run

    replayed = Replayed()
    started = time.monotonic()
    try:
        with ticking(lambda: _progress(replayed, time.monotonic() - started), quiet=common.quiet):
            run(job, pool, replayed)
    except (KeyboardInterrupt, RuntimeError) as error:
        if was_interrupted(error):
            common.note("interrupted: the index is as it was")
        raise
    _tell_faults(replayed)
    _note_result(common, replayed, job.archive)
    return 1 if replayed.damages or replayed.unread or replayed.gone else 0


def _note_result(common: Common, replayed: Replayed, archive: Layout) -> None:
    """Say what was done."""
    chosen = replayed.chosen
    if replayed.unindexed:
        common.note(
            f"{len(replayed.unindexed)} WARC files are not in the index; nothing of them was chosen:"
            f" {replayed.unindexed[0]}{', ...' if len(replayed.unindexed) > 1 else ''}\n"
            f"  try: presswarc replay {archive.warc / replayed.unindexed[0]}"
        )
    if chosen is not None and not chosen.asked:
        common.note("no capture was chosen; nothing was changed")
        return
    what = f"{replayed.files} WARC files"
    if chosen is not None:
        also = f" (and {chosen.bodies} whose bodies they show)" if chosen.bodies else ""
        what = f"{chosen.asked} captures{also} in {len(chosen.files)} WARC files"
    common.note(
        f"{what} replayed, {replayed.pages} pages extracted; index: {replayed.published or 'unchanged'}"
    )


def _tell_faults(replayed: Replayed) -> None:
    """Say on stderr what could not be read."""
    for name, offset, reason in replayed.damages:
        click.echo(f"damaged: {name}:{offset}: {reason}", err=True)
    _tell_unread((one.capture.warc_file, one.reason) for one in replayed.unread)
    for name, count in replayed.gone.items():
        click.echo(
            f"gone: {name}: the file is not in the archive; its {count} captures are out of the index",
            err=True,
        )


def _tell_unread(unread: Iterable[tuple[str, str]]) -> None:
    """Say of which files captures could not be read, and that their rows stay."""
    counts = Counter(unread)
    for (name, reason), count in list(counts.items())[:_MOST_TOLD]:
        click.echo(f"unread: {name}: {count} captures, whose rows stay as they are: {reason}", err=True)
    if len(counts) > _MOST_TOLD:
        click.echo(f"unread: and captures of {len(counts) - _MOST_TOLD} more files", err=True)


def _progress(replayed: Replayed, seconds: float) -> str:
    """How far the replay is, in a line.

    >>> from crawler.replaying import Replayed
    >>> _progress(Replayed(files=2, of_files=9, read_bytes=10**8, of_bytes=10**9, pages=500), 20)
    '2 of 9 WARC files, 100 of 1000 MB, 500 pages, 25/s'
    """
    size = (
        f", {replayed.read_bytes / 1e6:.0f} of {replayed.of_bytes / 1e6:.0f} MB" if replayed.of_bytes else ""
    )
    rate = f", {replayed.pages / seconds:.0f}/s" if replayed.pages and seconds else ""
    return f"{replayed.files} of {replayed.of_files} WARC files{size}, {replayed.pages} pages{rate}"
