"""`presswarc verify`: whether the archive, or files that others made, are sound."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.options import Common, archive_options
from storage.errors import UsageError

if TYPE_CHECKING:
    from storage.layout import Layout
    from storage.verify import Finding
    from storage.warc.repair import Mended

_SHOWN = 10
_EXAMPLES = """\b
Examples:
  presswarc verify
  presswarc verify --json | jq .findings
  presswarc verify old.arc.gz crawl-*.warc.gz
  presswarc verify --repair

\b
Exit codes: 0 sound; 1 findings."""


@click.command(epilog=_EXAMPLES)
@click.argument(
    "files", nargs=-1, metavar="[FILE]...", type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--repair", is_flag=True, help="Write a mended copy beside each damaged file, never over it.")
@click.option(
    "--all", "show_all", is_flag=True, help=f"Show every finding, not the first {_SHOWN} of a kind."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object: what was checked, and the findings.")
@archive_options
def verify(*, common: Common, files: tuple[Path, ...], repair: bool, show_all: bool, as_json: bool) -> int:
    """Check WARC digests, and that the CDXJ and the index agree with the files.

    With FILE: WARC and ARC files by themselves, whoever made them. Changes nothing, but for --repair.
    """
    from crawler.progress import ticking
    from storage.verify import Checked, Kind, verify_files
    from storage.verify import verify as check

    checked = Checked()
    _check_files(files)
    layout = None if files else _layout(common)
    found = verify_files(list(files), checked) if layout is None else check(layout, checked)
    told = _Told(show_all=show_all or as_json)
    with ticking(lambda: f"{checked.files} files, {checked.records} records checked", quiet=common.quiet):
        for finding in found:
            told.add(finding)
    mended = _mended(layout, told.files_with(Kind.DAMAGE)) if repair else []
    if as_json:
        _print_json(checked, told, mended)
    else:
        told.print()
        for one in mended:
            click.echo(_mended_line(one))
        click.echo(told.summary(checked))
    return 1 if told.findings else 0


def _layout(common: Common) -> Layout:
    """The archive's layout. Raises: ArchiveError where there is none."""
    from storage.errors import ArchiveError
    from storage.layout import Layout

    layout = Layout(common.config().archive)
    if not layout.root.is_dir():
        hint = "--archive names the archive; presswarc demo makes one"
        raise ArchiveError("there is no archive here", hint=hint, where=str(layout.root))
    return layout


class _Told:
    """Findings by file and kind: how many, and as many of them as are shown."""

    def __init__(self, *, show_all: bool) -> None:
        self._limit = None if show_all else _SHOWN
        self._shown: dict[tuple[str, str, str, bool], list[Finding]] = {}
        self._counts: Counter[tuple[str, str, str, bool]] = Counter()

    def add(self, finding: Finding) -> None:
        """Take one finding."""
        group = (finding.file, finding.kind.value, finding.remedy, finding.note)
        self._counts[group] += 1
        shown = self._shown.setdefault(group, [])
        if self._limit is None or len(shown) < self._limit:
            shown.append(finding)

    @property
    def findings(self) -> int:
        """How many findings there are, notes not counted."""
        return sum(count for (*_, note), count in self._counts.items() if not note)

    def kept(self, *, notes: bool) -> list[Finding]:
        """The findings, or the notes, that were kept."""
        return [one for (*_, note), shown in self._shown.items() if note is notes for one in shown]

    def files_with(self, kind: str) -> list[str]:
        """Files that have findings of a kind."""
        return list(dict.fromkeys(file for file, found, *_ in self._shown if found == kind))

    def print(self) -> None:
        """Tell the findings, then how many notes of each kind there are."""
        for group, shown in self._shown.items():
            _, kind, remedy, note = group
            if note and self._limit is not None:
                continue
            for one in shown:
                click.echo(f"{one.where}: {'note: ' if note else ''}{one.problem}")
            more = self._counts[group] - len(shown)
            if more:
                click.echo(f"  and {more} more like these ({kind}); --all shows them")
            if not note:
                click.echo(f"  try: {remedy}")
        notes = Counter[str]()
        for (_, kind, _, note), count in self._counts.items():
            notes[kind] += count if note else 0
        for kind, count in notes.items():
            if count and self._limit is not None:
                click.echo(f"note: {count} x {NOTES[kind]}; --all shows them")

    def summary(self, checked: object) -> str:
        """The last line: whether it is sound, and what was looked at."""
        from dataclasses import asdict

        counts = ", ".join(
            f"{count} {name.replace('_', ' ')}"
            for name, count in asdict(checked).items()  # type: ignore[call-overload]
        )
        many = self.findings
        return f"{'sound' if not many else f'{many} finding' + 's' * (many > 1)}: {counts}"


NOTES = {
    "reading": "a payload digest holds in another reading than the standard's",
    "unchecked": "a digest can't be understood",
    "repeated_id": "a record lies in several places",
    "lone_part": "a record is concurrent to one that is not in these files",
    "lone_revisit": "a revisit refers to a capture that is not in these files",
}


def _check_files(files: Iterable[Path]) -> None:
    """Nothing, where each can be read as a file and named in a finding. Raises: UsageError."""
    for path in files:
        if not path.is_file():
            raise UsageError("it is no file: a pipe or a device", hint="name WARC files", where=str(path))
        if not str(path).isprintable():
            hint = "rename it, or give a link to it"
            raise UsageError("the file's name has what no finding can show", hint=hint, where=repr(str(path)))


def _mended(layout: Layout | None, names: Iterable[str]) -> list[Mended]:
    """Mended copies of the files with these names."""
    from storage.warc.repair import mend

    return [mend(layout.warc / name if layout else Path(name)) for name in names]


def _mended_line(mended: Mended) -> str:
    """What a mended copy holds, for a person."""
    repacked = f", {mended.repacked} of them packed anew" if mended.repacked else ""
    return (
        f"{mended.path}: {mended.records} records{repacked}; {mended.left_out_bytes} bytes left out\n"
        "  try: look at it, then move it over the damaged file and run presswarc replay"
    )


def _print_json(checked: object, told: _Told, mended: list[Mended]) -> None:
    """Everything as one JSON object."""
    import json
    from dataclasses import asdict

    out = {
        "checked": asdict(checked),  # type: ignore[call-overload]
        "findings": [asdict(finding) for finding in told.kept(notes=False)],
        "notes": [asdict(finding) for finding in told.kept(notes=True)],
    }
    if mended:
        out["mended"] = [
            {
                "path": str(one.path),
                "records": one.records,
                "repacked": one.repacked,
                "left_out": [asdict(damage) for damage in one.left_out],
            }
            for one in mended
        ]
    click.echo(json.dumps(out, indent=2))
