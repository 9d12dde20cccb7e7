"""What an import is about to do: which files, of which source, which of them the archive has already."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

from storage.imports.foreign import Foreign, Kind, Recognised, recognise
from storage.imports.packages import open_package
from storage.imports.provenance import IMPORT_SOURCE, imported_files
from storage.layout import WARC_ENDINGS, Layout
from storage.model import Damage
from storage.parts import sha256_of
from storage.warc.write import file_safe

_ENDINGS = (".wacz", ".open", *sorted(WARC_ENDINGS, key=len, reverse=True))
_STAMPED = re.compile(r"[-_.]\d{12,17}(?:\d{3})?(?:[-_.].*)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What became, or would become, of one file.

    `archived_as` is its name in the archive; "" where it has none: refused, a WACZ, or not brought in yet.
    `known` says that the archive had it already, `packed_anew` that it is compressed as a whole. `problems`
    are those of a WACZ that is not as it says itself.
    """

    name: str
    archived_as: str = ""
    known: bool = False
    refused: str = ""
    packed_anew: bool = False
    is_package: bool = False
    signed_by: str = ""
    captures: int = 0
    damages: tuple[Damage, ...] = ()
    problems: tuple[str, ...] = ()


def default_source(name: str) -> str:
    """Source that a file's name tells: without what tells its kind and its time.

    >>> default_source("rec-20220118045432650779-crawl-now.warc.gz"), default_source("Old Paper.wacz")
    ('rec', 'Old-Paper')
    >>> default_source("import-20220101000000-00001-host.warc.gz"), default_source("../.warc")
    ('imported', 'imported')
    """
    stem = name.rpartition("/")[2]
    while stem.lower().endswith(_ENDINGS):
        stem = stem[: -len(next(one for one in _ENDINGS if stem.lower().endswith(one)))]
    source = file_safe(_STAMPED.sub("", stem)).strip("-")
    return source if source not in {"", IMPORT_SOURCE} else "imported"


def capture_files(folder: Path) -> Iterator[Path]:
    """Files below a folder that are WARC, ARC or WACZ by their name or their content, in order."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and (
            path.name.lower().endswith(_ENDINGS) or not isinstance(recognise(path), Foreign)
        ):
            yield path


def planned(paths: Sequence[Path], layout: Layout) -> Iterator[Brought]:
    """What an import would do with each file; nothing is written."""
    known = {one.sha256: one for one in imported_files(layout) if one.archived_as}
    for path in paths:
        what = recognise(path)
        if isinstance(what, Foreign):
            yield Brought(name=shown(path.name), refused=what.refusal)
        elif what is Kind.WACZ:
            yield from _planned_package(path)
        elif isinstance(what, Recognised):
            copy = known.get(sha256_of(path))
            archived_as = copy.archived_as if copy else ""
            yield Brought(
                name=shown(path.name),
                archived_as=archived_as,
                known=copy is not None,
                packed_anew=what.in_one_piece,
            )


def _planned_package(path: Path) -> Iterator[Brought]:
    """What is in a WACZ, and whether it is as its description says."""
    try:
        package = open_package(path)
    except BadZipFile as error:
        yield Brought(name=shown(path.name), refused=f"it is a ZIP that can't be read: {error}")
        return
    with package:
        for member in package.warcs():
            package.check(member)
            yield Brought(name=shown(member.filename, (path.name,)))
        yield Brought(
            name=shown(path.name),
            is_package=True,
            signed_by=package.about.signed_by,
            problems=tuple(package.problems),
        )


def shown(name: str, inside: Sequence[str] = ()) -> str:
    r"""A name with the files that it lies in, outermost first, fit for a terminal.

    >>> shown("archive/a.warc.gz", ["b.wacz"]), shown("a\n\x1b[2J.warc")
    ('b.wacz!archive/a.warc.gz', 'a\\n\\x1b[2J.warc')
    """
    return "!".join(one if one.isprintable() else ascii(one)[1:-1] for one in (*inside, name))
