"""`presswarc export`: the archive for other programs."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.choosing import choice_options
from crawler.cli.options import Common, archive_options

if TYPE_CHECKING:
    from storage.index.choose import Choice
    from storage.layout import Layout

STDOUT = "-"
_EXAMPLES = """\b
Examples:
  presswarc export --wacz archive.wacz
  presswarc export --wacz november.wacz --since 2026-11-01 --until 2026-11-30
  presswarc export --cdxj - --host news.example.org | wc -l
  presswarc export --pywb archive/pywb

\b
Exit codes: 0 done; 1 the export lacks captures (they are named); 2 usage;
5 out of space. It takes no lock: a crawl may go on meanwhile, and what it
has finished is exported."""


@click.command(epilog=_EXAMPLES)
@click.option(
    "--wacz",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="One file with WARC files, index, and pages with titles and text.",
)
@click.option(
    "--cdxj",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Lines of the CDXJ index; `-` is stdout.",
)
@click.option(
    "--pywb",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A pywb collection that shows the archive where it lies.",
)
@choice_options
@click.option("--title", metavar="TEXT", default="", help="Title of the WACZ file.")
@click.option("--force", is_flag=True, help="Replace what is there.")
@archive_options
def export(
    *,
    common: Common,
    wacz: Path | None,
    cdxj: Path | None,
    pywb: Path | None,
    choice: Choice,
    title: str,
    force: bool,
) -> int:
    """Write the archive, or chosen captures of it, in a form that other programs read.

    A choice takes revisits together with the captures whose bodies they show. A WACZ file holds whole WARC
    files, byte for byte: with a choice those in which chosen captures lie.
    """
    from storage.errors import UsageError
    from storage.layout import Layout

    if not (wacz or cdxj or pywb):
        raise UsageError("there is nothing to export to", hint="--wacz FILE, --cdxj FILE or --pywb DIR")
    layout = Layout(common.config().archive)
    if not choice.is_all():
        if pywb:
            hint = "export a WACZ file or CDXJ lines of the captures chosen"
            raise UsageError("pywb shows the archive as it is, without a choice", hint=hint)
        _check_names(layout, choice)
    lacking = 0
    if wacz:
        lacking += _export_wacz(common, layout, wacz, choice, title, force=force)
    if cdxj:
        _export_cdxj(common, layout, cdxj, choice, force=force)
    if pywb:
        lacking += _export_pywb(common, layout, pywb, force=force)
    return 1 if lacking else 0


def _check_names(layout: Layout, choice: Choice) -> None:
    """Nothing, unless the choice names what no capture has. Raises: UsageError."""
    from crawler.replaying import check_names
    from storage.query import open_published

    with open_published(layout.root) as connection:
        check_names(connection, choice)


def _export_wacz(
    common: Common, layout: Layout, path: Path, choice: Choice, title: str, *, force: bool
) -> int:
    """Number of WARC files that the WACZ file lacks for good, once it is written and told."""
    from crawler.config import software
    from storage.exports.wacz import Label, Why, write_wacz

    label = Label(created_at=datetime.now(UTC), software=software(), title=title)
    packed = write_wacz(layout, path, choice, label, force=force)
    for one in packed.left_out:
        click.echo(f"left out: {one.warc_file} ({one.captures} captures): {one.why}", err=True)
    common.note(
        f"{path}: {packed.captures} captures in {packed.warc_files} WARC files, {packed.pages} articles and "
        f"seeds, {packed.extra_pages} other pages"
    )
    return sum(one.why is not Why.OPEN for one in packed.left_out)


def _export_cdxj(common: Common, layout: Layout, path: Path, choice: Choice, *, force: bool) -> None:
    """Write the CDXJ lines and tell how many there are."""
    from storage.exports.cdxj import write_cdxj

    if str(path) == STDOUT:
        count = write_cdxj(layout, sys.stdout.buffer, choice, force=force)
        sys.stdout.buffer.flush()
    else:
        count = write_cdxj(layout, path, choice, force=force)
    common.note(f"{'stdout' if str(path) == STDOUT else path}: {count} lines")


def _export_pywb(common: Common, layout: Layout, folder: Path, *, force: bool) -> int:
    """Number of files that pywb cannot show, once the collection is written and told."""
    import shlex

    from storage.exports.pywb import COLLECTION, write_collection

    made = write_collection(layout, folder, force=force)
    for name in made.unreadable:
        click.echo(f"left out: {name}: pywb takes WARC and ARC files, plain or packed by gzip", err=True)
    common.note(
        f"{made.config}: {made.captures} captures; start pywb with\n"
        f"  wayback -b 127.0.0.1 -p 8080 -d {shlex.quote(str(folder))}\n"
        f"and open http://127.0.0.1:8080/{COLLECTION}/"
    )
    return len(made.unreadable)
