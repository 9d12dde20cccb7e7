"""The archive as one WACZ file: WARC files as they are, an index, the pages with titles and text.

Everything streams: memory does not grow with the archive. Source: WACZ 1.1.1; the index in blocks as
cdxj-indexer writes it.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby, islice
from pathlib import Path

import duckdb

from storage.cdxj import place_of, read_lines
from storage.errors import ArchiveError
from storage.exports.files import refuse_existing, whole_file
from storage.exports.lines import moment_of, packed_line
from storage.exports.package import Package
from storage.exports.pages import (
    EXTRA_HEAD,
    PAGES_HEAD,
    Page,
    head_line,
    page_lines,
    pages_of,
)
from storage.exports.places import Places, places_of, rows_of
from storage.index.choose import Choice
from storage.layout import Layout
from storage.query import open_published
from storage.warc.write import OPEN_SUFFIX

PACKABLE = (".warc", ".warc.gz")  # what the format allows in archive/
_LINES_A_BLOCK = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What the file says of itself: when it was made, by which program, under which title.

    Without a title it names the sources that were crawled.
    """

    created_at: datetime
    software: str
    title: str = ""


class Why(StrEnum):
    """Why a WARC file is not in a WACZ file."""

    FORM = "WACZ takes WARC files, plain or packed by gzip"
    OPEN = "it is still being written"
    MISSING = "the file is missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A WARC file that is not in, with the number of captures in it that should be."""

    warc_file: str
    captures: int
    why: Why


@dataclass(slots=True, kw_only=True)
class Packed:
    """What a WACZ file holds, and what it cannot hold."""

    warc_files: int = 0
    captures: int = 0
    pages: int = 0
    extra_pages: int = 0
    left_out: tuple[LeftOut, ...] = ()


def write_wacz(layout: Layout, path: Path, choice: Choice, label: Label, *, force: bool) -> Packed:
    """Write a WACZ file of the captures chosen; the same archive and label give the same bytes.

    Without a choice it holds every finished WARC file. With one it holds the files, whole, in which captures
    chosen lie, but only those captures (and the bodies that their revisits need) are in its index and among
    its pages. Raises: IndexFaultError, ArchiveError where nothing is chosen, UsageError, OutOfSpaceError.
    """
    refuse_existing(path, force=force)
    with open_published(layout.root) as connection:
        places = None if choice.is_all() else places_of(connection, choice)
        names, packed = _files(layout, places)
        contents = _Contents(connection, places, names)
        with (
            whole_file(path, force=force) as out,
            Package(out, label.created_at, scratch=path.parent) as package,
        ):
            _write(package, layout, contents, label, packed)
    return packed


@dataclass(frozen=True, slots=True)
class _Contents:
    """What goes in: `names` are those of the WARC files in the index -> in archive/."""

    connection: duckdb.DuckDBPyConnection
    places: Places | None
    names: Mapping[str, str]


def _write(package: Package, layout: Layout, contents: _Contents, label: Label, packed: Packed) -> None:
    """Write every member."""
    packed.captures = _write_index(package, _lines(layout, contents))
    main = _write_pages(package, contents, packed)
    for name, flat in contents.names.items():
        with layout.warc_file(name).open("rb") as file:
            package.add(f"archive/{flat}", file, os.fstat(file.fileno()).st_size)
    title = label.title or _title(contents.connection)
    package.describe(title=title, software=label.software, main=main)


def _files(layout: Layout, places: Places | None) -> tuple[dict[str, str], Packed]:
    """The WARC files to pack, with their names in archive/, and the start of the account.

    Raises: ArchiveError where there is none.
    """
    counts: dict[str, int] = {}
    for line in read_lines(layout.cdxj):
        place = place_of(line)
        if places is None or place in places:
            counts[place[0]] = counts.get(place[0], 0) + 1
    wanted = set(counts)
    if places is None:
        wanted.update(layout.warc_name(path) for path in layout.warc_files())
    finished = {name for name in wanted if name.endswith(PACKABLE) and layout.has_warc_file(name)}
    if not finished:
        hint = "presswarc query 'FROM captures' shows what there is to choose from"
        raise ArchiveError("no WARC file holds what is to be exported", hint=hint, where=str(layout.warc))
    left_out = tuple(
        LeftOut(warc_file=name, captures=counts.get(name, 0), why=_why(layout, name))
        for name in sorted(wanted - finished)
    )
    return _flat_names(finished), Packed(warc_files=len(finished), left_out=left_out)


def _why(layout: Layout, name: str) -> Why:
    """Why a WARC file cannot go in."""
    if not name.endswith(PACKABLE):
        return Why.FORM
    return Why.OPEN if layout.has_warc_file(f"{name}{OPEN_SUFFIX}") else Why.MISSING


def _flat_names(names: Iterable[str]) -> dict[str, str]:
    """A name without folders for each WARC file, no two the same.

    >>> _flat_names(["2026/11/a.warc.gz", "2026/10/b.warc", "2026/10/a.warc.gz"])
    {'2026/10/a.warc.gz': 'a.warc.gz', '2026/10/b.warc': 'b.warc', '2026/11/a.warc.gz': '11-a.warc.gz'}
    """
    flat: dict[str, str] = {}
    taken: set[str] = set()
    for name in sorted(names):
        parts = name.strip("/").split("/")
        tries = (*("-".join(parts[at:]) for at in range(len(parts) - 1, -1, -1)),)
        chosen = next((one for one in tries if one.lower() not in taken), "")
        number = 1
        while not chosen or chosen.lower() in taken:
            number += 1
            chosen = f"{number}-{parts[-1]}"
        taken.add(chosen.lower())
        flat[name] = chosen
    return flat


def _lines(layout: Layout, contents: _Contents) -> Iterator[bytes]:
    """Lines of the index, sorted: of captures chosen, in files that are packed."""
    for _, group in groupby(read_lines(layout.cdxj), key=moment_of):
        lines = []
        for line in group:
            place = place_of(line)
            if place[0] in contents.names and (contents.places is None or place in contents.places):
                lines.append(packed_line(line, contents.names[place[0]]))
        yield from sorted(lines)


def _write_index(package: Package, lines: Iterator[bytes]) -> int:
    """Write the lines in blocks of gzip with an index of the blocks; gives how many there are."""
    count = 0
    blocks = [f"!meta 0 {json.dumps({'format': 'cdxj-gzip-1.0', 'filename': 'index.cdx.gz'})}\n"]
    with package.member("indexes/index.cdx.gz") as member:
        while block := list(islice(lines, _LINES_A_BLOCK)):
            squeezer = zlib.compressobj(wbits=zlib.MAX_WBITS + 16)
            data = squeezer.compress(b"".join(block)) + squeezer.flush()
            place = {
                "offset": member.tell(),
                "length": len(data),
                "digest": f"sha256:{hashlib.sha256(data).hexdigest()}",
            }
            blocks.append(f"{moment_of(block[0]).decode()} {json.dumps(place)}\n")
            member.write(data)
            count += len(block)
    with package.member("indexes/index.idx", packed=True) as member:
        member.write("".join(blocks).encode())
    return count


def _write_pages(package: Package, contents: _Contents, packed: Packed) -> Page | None:
    """Write both files of pages, count them, and give the first seed among them."""
    first: list[Page] = []
    for path, head, main in (
        ("pages/pages.jsonl", PAGES_HEAD, True),
        ("pages/extraPages.jsonl", EXTRA_HEAD, False),
    ):
        pages = pages_of(contents.connection, contents.names, chosen=contents.places is not None, main=main)
        count = 0
        with package.member(path, packed=True) as member:
            member.write(head_line(head))
            for line in page_lines(contents.connection, _noting_seed(pages, first)):
                member.write(line)
                count += 1
        if main:
            packed.pages = count
        else:
            packed.extra_pages = count
    return first[0] if first else None


def _noting_seed(pages: Iterator[Page], first: list[Page]) -> Iterator[Page]:
    """The pages; the first seed among them is put into `first`."""
    for page in pages:
        if page.is_seed and not first:
            first.append(page)
        yield page


def _title(connection: duckdb.DuckDBPyConnection) -> str:
    """A title by the sources that were crawled."""
    names = [
        str(row[0]) for row in rows_of(connection, "SELECT DISTINCT source FROM crawls ORDER BY 1 LIMIT 4")
    ]
    more = [*names[:3], "and others"] if names[3:] else names
    return f"Captures of {', '.join(more)}" if names else "Captures"
