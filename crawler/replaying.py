"""The index rebuilt from WARC files alone: no network, the same functions as a live crawl."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.ingest import Ingest, absorb
from pipelines.workers import Workers
from storage.errors import ArchiveError
from storage.index.writer import IndexWriter
from storage.layout import Layout
from storage.warc.salvage import salvage


@dataclass(slots=True, kw_only=True)
class Replayed:
    """What a replay read, and the damages it met as (file, offset, reason)."""

    files: int = 0
    damages: list[tuple[str, int, str]]
    published: Path | None = None


def replay(archive: Layout, files: Sequence[Path], into: Layout, workers: Workers) -> Replayed:
    """Index WARC files of `archive` (all of them if `files` is empty) into the index of `into`.

    A whole replay starts the index of `into` anew; one of named files adds to it. Raises: ArchiveBusyError,
    ArchiveError.
    """
    whole = not files
    if archive.warc.is_dir() and into.root == archive.root:
        salvage(archive)
    chosen = list(files) or archive.warc_files()
    if not chosen:
        hint = "presswarc crawl SEED makes captures; --archive names another archive"
        raise ArchiveError("there are no WARC files to replay", hint=hint, where=str(archive.warc))
    replayed = Replayed(damages=[])
    with IndexWriter(into.root, anew=whole) as writer:
        ingest = Ingest(writer, into.cdxj, anew=whole)
        for path in chosen:
            name = _name(archive, path)
            found = absorb(ingest, path, name, workers)
            replayed.files += 1
            replayed.damages += [(name, damage.offset, damage.reason) for damage in found]
        replayed.published = ingest.finish()
    return replayed


def _name(archive: Layout, path: Path) -> str:
    """The file's name in the index: relative to the archive's folder where it lies in it."""
    if not path.is_file():
        raise ArchiveError(
            "no such WARC file", hint="name files that exist, or none for all", where=str(path)
        )
    resolved = path.resolve()
    root = archive.warc.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else resolved.as_posix()
