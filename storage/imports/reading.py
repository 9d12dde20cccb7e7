"""How far large files elsewhere were read through for an import, so that the next one goes on there.

Told in WARC files of the import's own, as what was brought in is: one metadata record each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from storage.imports.provenance import IMPORT_SOURCE
from storage.layout import Layout
from storage.model import Damage, Record
from storage.warc import read_records
from storage.warc.build import WARC_FIELDS, about, read_warc_fields, warc_fields
from storage.warc.write import Origin, WarcWriter

_MOST_BYTES = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far the file at a URL was read for a choice of its records; `whole`: to its end."""

    url: str
    choice: str
    read_to: int = 0
    whole: bool = False


class ReadingMarks:
    """What earlier imports told of their reading, and a place to tell more. Raises: ArchiveError.

    `files` are those that it was told in, by the names that `Layout.warc_name` gives.
    """

    def __init__(self, layout: Layout, about_import: tuple[tuple[str, str], ...]) -> None:
        """Read what was told; `about_import` are the fields of the warcinfo records of what is to be told."""
        self.files: dict[str, None] = {}
        self._known: dict[tuple[str, str], Progress] = {}
        for path in sorted(layout.warc.glob(f"*/*/{IMPORT_SOURCE}-*.warc.gz")):
            for record in read_records(path):
                told = None if isinstance(record, Damage) else progress_of(record)
                if told is not None:
                    self._note(told)
        origin = Origin(source=IMPORT_SOURCE, fields=about_import)
        self._writer = WarcWriter(layout, origin, max_bytes=_MOST_BYTES)

    def __enter__(self) -> Self:
        """The marks."""
        return self

    def __exit__(self, *_: object) -> None:
        """Finish the file."""
        self._writer.close()

    def of(self, url: str, choice: str) -> Progress:
        """How far a file was read for a choice."""
        return self._known.get((url, choice), Progress(url=url, choice=choice))

    def tell(self, progress: Progress) -> None:
        """Write down how far a file was read."""
        fields = [
            ("readFor", progress.choice),
            ("readTo", str(progress.read_to)),
            ("readWhole", "yes" if progress.whole else "no"),
        ]
        mark = about(progress.url, datetime.now(UTC), WARC_FIELDS, warc_fields(fields), [])
        self.files.update((one.warc_file, None) for one in self._writer.write([mark]))
        self._note(progress)

    def _note(self, told: Progress) -> None:
        """Keep what tells most."""
        before = self.of(told.url, told.choice)
        if (told.whole, told.read_to) >= (before.whole, before.read_to):
            self._known[told.url, told.choice] = told


def progress_of(record: Record) -> Progress | None:
    """What a metadata record tells of a reading; None for any other record."""
    if record.record_type != "metadata" or record.headers.get("Content-Type") != WARC_FIELDS:
        return None
    fields = read_warc_fields(record.block)
    read_to = fields.get("readTo", "")
    if "readFor" not in fields or not (read_to.isascii() and read_to.isdecimal()) or not record.target_uri:
        return None
    return Progress(
        url=record.target_uri,
        choice=fields["readFor"],
        read_to=int(read_to),
        whole=fields.get("readWhole") == "yes",
    )
