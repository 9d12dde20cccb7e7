"""Lines of the archive's CDXJ index, all or those of chosen captures."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from storage.cdxj import place_of, read_lines
from storage.errors import ArchiveError
from storage.exports.files import whole_file
from storage.exports.places import places_of
from storage.index.choose import Choice
from storage.layout import Layout
from storage.query import open_published


def write_cdxj(layout: Layout, target: Path | BinaryIO, choice: Choice, *, force: bool) -> int:
    """Write the lines of the captures chosen, and of the bodies their revisits show; gives how many.

    Raises: ArchiveError where there is no CDXJ, IndexFaultError, UsageError, OutOfSpaceError.
    """
    need_cdxj(layout)
    places = None
    if not choice.is_all():
        with open_published(layout.root) as connection:
            places = places_of(connection, choice)
    lines = (line for line in read_lines(layout.cdxj) if places is None or place_of(line) in places)
    if not isinstance(target, Path):
        return _written(lines, target)
    with whole_file(target, force=force) as out:
        return _written(lines, out)


def need_cdxj(layout: Layout) -> None:
    """Nothing, unless the archive has no CDXJ. Raises: ArchiveError."""
    if not layout.cdxj.is_file():
        way = "replay" if layout.warc_files() else "crawl SEED"
        hint = f"presswarc {way} makes one; --archive names another archive"
        raise ArchiveError("there is no CDXJ index here", hint=hint, where=str(layout.cdxj))


def _written(lines: Iterable[bytes], out: BinaryIO) -> int:
    """Number of lines, once they are written."""
    count = 0
    for line in lines:
        out.write(line)
        count += 1
    return count
