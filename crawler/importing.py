"""WARC, ARC and WACZ files that others made, brought into the archive with their bytes and their origin.

A file is copied under a name that nobody reads, told of in a metadata record, given its name, then indexed.
Killed at any of these, the next import of the same file goes on: what has its name is indexed by the next
session, what has none is copied again.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Self
from zipfile import BadZipFile

from crawler.config import Config, software
from crawler.import_plan import Brought, default_source, shown
from crawler.session import Session
from pipelines.ingest import Row, absorb
from pipelines.records import crawl_of
from storage.imports.foreign import Foreign, Recognised, recognise
from storage.imports.packages import Package, open_package
from storage.imports.provenance import IMPORT_SOURCE, Imported, imported_files, note_draft
from storage.imports.repack import repack
from storage.model import Capture, Damage
from storage.parts import Copied, copy_bytes, durable, finish, part_in, remove_parts, sha256_of
from storage.warc.build import warc_date
from storage.warc.write import Origin, WarcWriter, file_safe

log = logging.getLogger(__name__)
MAX_NESTING = 3
_TYPES = {
    ".json": "application/json",
    ".jsonl": "application/x-ndjson",
    ".txt": "text/plain",
    ".log": "text/plain",
}


@dataclass(slots=True)
class Counting:
    """Gives rows on to a session and counts the captures among them."""

    session: Session
    captures: int = 0

    def add(self, row: Row) -> None:
        """Take one row."""
        self.captures += isinstance(row, Capture)
        self.session.add(row)

    def add_bare(self, capture: Capture) -> None:
        """Nothing to take note of: an import puts no row over another."""


class Importer:
    """One import, while it runs. Raises: OutOfSpaceError, ArchiveError."""

    def __init__(self, session: Session, *, source: str | None = None) -> None:
        """Bring files into the session's archive, as of `source` or of the source that each name tells."""
        self._session = session
        self._layout = session.layout
        self._source = source
        self._known = {one.sha256: one for one in imported_files(self._layout)}
        self._own_files: dict[str, None] = {}
        remove_parts(self._layout.warc)
        self._writer = WarcWriter(
            self._layout,
            Origin(source=IMPORT_SOURCE, fields=warcinfo_fields(session.config, datetime.now(UTC))),
            max_bytes=session.config.warc_max_bytes,
        )

    def __enter__(self) -> Self:
        """The import."""
        return self

    def __exit__(self, *_: object) -> None:
        """Finish the file that tells of what was brought in."""
        self._writer.close()
        for name in self._own_files:
            absorb(Counting(self._session), self._layout.warc / name, name, self._session.workers)

    def bring(self, path: Path) -> Iterator[Brought]:
        """Bring in a file, or the files in a WACZ, one after the other."""
        resolved, root = path.resolve(), self._layout.warc.resolve()
        if resolved.is_relative_to(root):
            yield Brought(
                name=shown(path.name), archived_as=resolved.relative_to(root).as_posix(), known=True
            )
        else:
            yield from self._bring(path, None, path.name, inside=())

    def _bring(
        self, path: Path, part: Copied | None, name: str, inside: tuple[str, ...]
    ) -> Iterator[Brought]:
        """Bring in what lies at `path`, a `part` of ours already where it was called `name` in a WACZ."""
        what = recognise(path)
        if isinstance(what, Foreign):
            yield Brought(name=shown(name, inside), refused=what.refusal)
        elif isinstance(what, Recognised):
            yield self._bring_file(path, part, what, name, inside)
        elif len(inside) < MAX_NESTING:
            yield from self._bring_package(path, name, inside)
        else:
            yield Brought(name=shown(name, inside), refused="WACZ files lie too deep in each other")

    def _bring_file(
        self, path: Path, part: Copied | None, what: Recognised, name: str, inside: tuple[str, ...]
    ) -> Brought:
        """Copy a WARC or ARC file into the archive and index it."""
        known = self._known_copy(path)
        if known is not None:
            return Brought(name=shown(name, inside), archived_as=known.archived_as, known=True)
        with self._copied(path, part) as (copy, copied):
            final = self._free_name(what, inside[0] if inside else name)
            imported = Imported(
                name=name,
                inside="!".join(inside),
                sha256=copied.sha256,
                size=copied.size,
                archived_as=self._layout.warc_name(final),
                packed_anew=what.in_one_piece,
            )
            torn = self._packed_anew(copy) if what.in_one_piece else ()
            problems = tuple(f"{one.length} bytes at {one.offset}: {one.reason}" for one in torn)
            self._tell(replace(imported, problems=problems), [])
            finish(copy, final)
        taken = Counting(self._session)
        damages = absorb(taken, final, imported.archived_as, self._session.workers)
        return Brought(
            name=shown(name, inside),
            archived_as=imported.archived_as,
            packed_anew=what.in_one_piece,
            captures=taken.captures,
            damages=(*torn, *damages),
        )

    def _bring_package(self, path: Path, name: str, inside: tuple[str, ...]) -> Iterator[Brought]:
        """Bring in the WARC files of a WACZ, and keep what else it has as metadata."""
        try:
            package = open_package(path)
        except BadZipFile as error:
            yield Brought(name=shown(name, inside), refused=f"it is a ZIP that can't be read: {error}")
            return
        with package:
            for member in package.warcs():
                with part_in(self._layout.warc) as part:
                    with durable(part) as out:
                        copied = package.extract(member, out)
                    if copied is not None:
                        yield from self._bring(part, copied, member.filename, (*inside, name))
            self._tell_of_package(package, path, name, inside)
            yield Brought(
                name=shown(name, inside),
                is_package=True,
                signed_by=package.about.signed_by,
                problems=tuple(package.problems),
            )

    def _tell_of_package(self, package: Package, path: Path, name: str, inside: tuple[str, ...]) -> None:
        """Write down a WACZ that was brought in, with its members that are no WARC files."""
        digest = sha256_of(path)
        if digest in self._known:
            return
        notes = [(one.filename, package.read(one)) for one in package.notes()]
        imported = Imported(
            name=name,
            inside="!".join(inside),
            sha256=digest,
            size=path.stat().st_size,
            archived_as="",
            title=package.about.title,
            software=package.about.software,
            created=package.about.created,
            signed_by=package.about.signed_by,
            problems=tuple(package.problems),
        )
        self._tell(imported, [(note, body) for note, body in notes if body is not None])

    def _tell(self, imported: Imported, notes: list[tuple[str, bytes]]) -> None:
        """Write the metadata records of something brought in."""
        now = datetime.now(UTC)
        drafts = [imported.draft(now)]
        for name, body in notes:
            content_type = _TYPES.get(Path(name).suffix.lower(), "application/octet-stream")
            drafts.append(note_draft(imported, name, content_type, body, now))
        for placed in self._writer.write(drafts):
            self._own_files[placed.warc_file] = None
        self._known[imported.sha256] = imported

    def _known_copy(self, path: Path) -> Imported | None:
        """What the archive knows of these very bytes, if it still has them."""
        size = path.stat().st_size
        if all(one.size != size for one in self._known.values()):
            return None
        known = self._known.get(sha256_of(path))
        there = known and known.archived_as and self._layout.has_warc_file(known.archived_as)
        return known if there else None

    @contextmanager
    def _copied(self, path: Path, part: Copied | None) -> Iterator[tuple[Path, Copied]]:
        """A copy of the file in the making, or the file itself where it is one already."""
        if part is not None:
            yield path, part
            return
        with part_in(self._layout.warc) as copy:
            with durable(copy) as out:
                copied = copy_bytes(path, out)
            yield copy, copied

    def _packed_anew(self, part: Path) -> tuple[Damage, ...]:
        """What is lost where a file compressed as a whole makes place for one that is so record by record."""
        with part_in(self._layout.warc) as plain, part_in(self._layout.warc) as anew:
            with durable(anew) as out:
                torn = repack(part, plain, out)
            anew.replace(part)
        return (torn,) if torn else ()

    def _free_name(self, what: Recognised, name: str) -> Path:
        """A name in the archive that no file has yet; its source is the one asked for, or told, or named."""
        own = crawl_of(what.info) if what.info else None
        source = self._source or file_safe(own.source if own else "") or default_source(name)
        moment = what.first_at
        folder = self._layout.warc / f"{moment.year:04d}" / f"{moment.month:02d}"
        stamp = moment.strftime("%Y%m%d%H%M%S").rjust(14, "0")
        host = file_safe(socket.gethostname())
        names = (f"{source}-{stamp}-{serial:05d}-{host}{what.ending}" for serial in count(1))
        return next(folder / one for one in names if not (folder / one).exists())


def warcinfo_fields(config: Config, started_at: datetime) -> tuple[tuple[str, str], ...]:
    """Fields of the warcinfo record of the files that tell of an import."""
    stamp = started_at.strftime("%Y%m%dT%H%M%S") + f"{started_at.microsecond // 1000:03d}Z"
    return (
        ("software", software()),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
        ("description", "Where files that others made come from: one metadata record each"),
        ("operator", config.operator),
        ("source", IMPORT_SOURCE),
        ("crawlId", f"{IMPORT_SOURCE}-{stamp}"),
        ("crawlStarted", warc_date(started_at)),
    )
