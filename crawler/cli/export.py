"""`presswarc export`: the archive and its index for other programs."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.bounds import time_bound
from crawler.cli.choosing import choice_options
from crawler.cli.faults import was_interrupted
from crawler.cli.numbers import timeout_option
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
  presswarc export --parquet articles.parquet
  presswarc export --parquet tables --table articles --table captures
  presswarc export --jsonl - --source defense-gov | head -1
  presswarc export --sqlite november.sqlite --table all --since 2026-11-01

\b
Exit codes: 0 done; 1 the export lacks captures (they are named); 2 usage;
5 out of space. It takes no lock: a crawl may go on meanwhile, and what it
has finished is exported."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """Where each form is to be written, and which tables."""

    wacz: Path | None
    cdxj: Path | None
    pywb: Path | None
    parquet: Path | None
    jsonl: Path | None
    csv_path: Path | None
    sqlite: Path | None
    tables: tuple[str, ...]

    def paths(self) -> list[Path]:
        """Every place to write to."""
        forms = (self.wacz, self.cdxj, self.pywb, self.parquet, self.jsonl, self.csv_path, self.sqlite)
        return [path for path in forms if path]

    def unfinished(self) -> list[Path]:
        """What lies beside these places while they are written."""
        from storage.exports.files import unfinished

        return [unfinished(path) for path in self.paths() if path.name and str(path) != STDOUT]


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
@click.option(
    "--parquet",
    metavar="FILE|DIR",
    type=click.Path(path_type=Path),
    help="Tables as Parquet: one file where the name ends in .parquet, else a folder,"
    " by source and month (articles/source=NAME/month=2026-11/part-0.parquet).",
)
@click.option(
    "--jsonl",
    metavar="FILE|DIR",
    type=click.Path(path_type=Path),
    help="A table as a JSON object a line; several as files in a folder; `-` is stdout.",
)
@click.option(
    "--csv",
    "csv_path",
    metavar="FILE|DIR",
    type=click.Path(path_type=Path),
    help="The same as CSV (RFC 4180): lists as JSON, an empty cell is NULL.",
)
@click.option(
    "--sqlite",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Tables as one SQLite file, with indexes and full-text search.",
)
@click.option(
    "--table",
    "tables",
    multiple=True,
    metavar="NAME",
    help="Table or view to write in these four forms; may be repeated; `all` is every one."
    "  [default: articles]",
)
@choice_options
@click.option("--title", metavar="TEXT", default="", help="Title of the WACZ file.")
@timeout_option(21_600.0, "Stop the export after that.")
@click.option("--force", is_flag=True, help="Replace what is there.")
@archive_options
def export(
    *,
    common: Common,
    choice: Choice,
    title: str,
    timeout_s: float,
    force: bool,
    **targets: Any,  # noqa: ANN401 (paths by form, and the names of tables)
) -> int:
    """Write the archive or its tables, or those of chosen captures, in a form that other programs read.

    A choice takes revisits together with the captures whose bodies they show. A WACZ file holds whole WARC
    files, byte for byte: with a choice those in which chosen captures lie. Of a table a choice takes the rows
    of captures chosen, or of articles that they show.
    """
    from storage.errors import QueryError, UsageError
    from storage.layout import Layout

    wanted = Targets(**targets)
    if not wanted.paths():
        hint = (
            "--wacz FILE, --cdxj FILE, --pywb DIR, --parquet DIR, --jsonl FILE, --csv FILE or --sqlite FILE"
        )
        raise UsageError("there is nothing to export to", hint=hint)
    layout = Layout(common.config().archive)
    if not choice.is_all():
        if wanted.pywb:
            hint = "export a WACZ file or CDXJ lines of the captures chosen"
            raise UsageError("pywb shows the archive as it is, without a choice", hint=hint)
        _check_names(layout, choice)
    try:
        with time_bound(timeout_s, *wanted.unfinished()):
            return _export(common, layout, wanted, choice, title, force=force)
    except QueryError as error:
        if was_interrupted(error.__cause__):
            raise KeyboardInterrupt from error
        raise


def _export(
    common: Common, layout: Layout, wanted: Targets, choice: Choice, title: str, *, force: bool
) -> int:
    """Exit code, once everything that is wanted is written."""
    lacking = 0
    if wanted.wacz:
        lacking += _export_wacz(common, layout, wanted.wacz, choice, title, force=force)
    if wanted.cdxj:
        _export_cdxj(common, layout, wanted.cdxj, choice, force=force)
    if wanted.pywb:
        lacking += _export_pywb(common, layout, wanted.pywb, force=force)
    if wanted.parquet or wanted.jsonl or wanted.csv_path or wanted.sqlite:
        from crawler.cli.export_tables import export_tables

        export_tables(common, layout, wanted, choice, force=force)
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
