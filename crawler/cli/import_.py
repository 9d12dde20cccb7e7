"""`presswarc import`: WARC, ARC and WACZ files that others made, into the archive."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.import_options import checked_source
from crawler.cli.options import Common, archive_options

if TYPE_CHECKING:
    from crawler.import_plan import Brought

EXIT_FINDINGS, EXIT_REFUSED = 1, 2
MOST_TOLD = 20
SERVICES = ("wayback", "commoncrawl")  # words that name where to fetch from, and so name no file

_EXAMPLES = """\b
Examples:
  presswarc import crawl.warc.gz old/*.arc.gz
  presswarc import my-collection.wacz --source town-paper
  presswarc import /mnt/archive-of-2009 --dry-run
  presswarc import wayback 'https://www.defense.gov/News/*' --dry-run

\b
Exit codes: 0 done; 1 some files are damaged, or a WACZ is not as it says
(what can be read is in); 2 a file is no WARC, ARC or WACZ (the others are
in); 4 another process writes to the archive; 5 out of space. Run it again:
files that are in are known by their digest and not copied twice."""


class _Import(click.Group):
    """The verb for files; where its first word names a service, that service's command takes its place."""

    allow_interspersed_args = True  # options may follow the files

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401 (click's)
    ) -> click.Context:
        """The context of whichever command is meant."""
        if args and args[0] in SERVICES:
            service = _service(args[0])
            return service.make_context(f"{info_name} {args[0]}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's)
        """The services."""
        return list(SERVICES)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 (click's)
        """The command of a service."""
        return _service(cmd_name) if cmd_name in SERVICES else None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the words as those of a command without others below it."""
        return click.Command.parse_args(self, ctx, args)

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 (click's)
        """Run it as such."""
        return click.Command.invoke(self, ctx)


def _service(name: str) -> click.Command:
    """The command that asks a service."""
    command: click.Command = getattr(import_module(f"crawler.cli.import_{name}"), name)
    return command


@click.command("import", cls=_Import, epilog=_EXAMPLES, subcommand_metavar="", no_args_is_help=False)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--source", metavar="NAME", help="Source of what comes in.  [default: told by each file, or its name]"
)
@click.option("--dry-run", is_flag=True, help="Say what would come in; nothing is written.")
@archive_options
def import_(*, common: Common, files: tuple[Path, ...], source: str | None, dry_run: bool) -> int:
    """Bring in WARC, ARC and WACZ files that others made, or folders of them.

    WARC and ARC files are copied byte for byte, those in a WACZ too. Where they come from is written down
    beside them, and their pages become articles. With the name of a service for its first word it fetches
    old captures from there.
    """
    from crawler.import_plan import planned
    from storage.layout import Layout

    if source is not None:
        checked_source(source)
    paths = _paths(files)
    config = common.config()
    if dry_run:
        return _tell_all(planned(paths, Layout(config.archive)), common, "would come in")
    from crawler.importing import Importer
    from crawler.session import Session

    with Session(config) as session:
        with Importer(session, source=source) as importer:
            code = _tell_all((one for path in paths for one in importer.bring(path)), common, "came in")
        session.finish()
    return code


def _paths(files: tuple[Path, ...]) -> list[Path]:
    """Every file to look at; of a folder those that may be captures. Raises: UsageError."""
    from crawler.import_plan import capture_files
    from storage.errors import UsageError

    found: dict[Path, None] = {}
    for path in files:
        if not path.exists():
            service = f"put the word {path} first, before all options" if str(path) in SERVICES else ""
            raise UsageError("no such file", hint=service or "name files or folders", where=str(path))
        inside = list(capture_files(path)) if path.is_dir() else [path]
        if not inside:
            hint = "name a folder that holds some, or the files themselves"
            raise UsageError("no WARC, ARC or WACZ file in this folder", hint=hint, where=str(path))
        found.update(dict.fromkeys(inside))
    return list(found)


def _tell_all(brought: Iterable[Brought], common: Common, done: str) -> int:
    """Exit code, with what became of each file told on stderr."""
    code = files = captures = 0
    for one in brought:
        _tell(one, common, done)
        if one.refused:
            code = EXIT_REFUSED
        elif one.damages or one.problems:
            code = max(code, EXIT_FINDINGS)
        files += not (one.refused or one.known or one.is_package)
        captures += one.captures
    with_captures = f", with {_counted(captures, 'capture')}" if captures else ""
    common.note(f"{_counted(files, 'file')} {done}{with_captures}")
    return code


def _tell(one: Brought, common: Common, done: str) -> None:
    """Say what became of one file."""
    if one.refused:
        click.echo(f"refused: {one.name}: {one.refused}", err=True)
    elif one.known:
        common.note(f"known: {one.name} is {one.archived_as}")
    elif not one.is_package:
        place = f" as {one.archived_as}: {_counted(one.captures, 'capture')}" if one.archived_as else ""
        common.note(f"{done}: {one.name}{place}")
    if one.packed_anew:
        common.note(
            f"note: {one.name} is compressed as a whole; its records are compressed one by one instead"
        )
    told = [f"{damage.offset}: {damage.reason}" for damage in one.damages]
    for problem in told[:MOST_TOLD]:
        click.echo(f"damaged: {one.name}:{problem}", err=True)
    if len(told) > MOST_TOLD:
        click.echo(f"damaged: {one.name}: {len(told) - MOST_TOLD} more; `presswarc verify` has all", err=True)
    if one.signed_by:
        common.note(f"note: {one.name} is signed by {one.signed_by}; the signature is kept, not checked")
    for problem in one.problems:
        click.echo(f"differs: {one.name}: {problem}", err=True)


def _counted(number: int, thing: str) -> str:
    """So many things.

    >>> _counted(1, "file"), _counted(2, "file")
    ('1 file', '2 files')
    """
    return f"{number} {thing}{'' if number == 1 else 's'}"
