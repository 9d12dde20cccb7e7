"""Where imported files come from: metadata records in WARC files of the import's own.

The copy of a file that others made keeps its bytes, so what is known of its coming stands beside it: in files
`import-<stamp>-<serial>-<host>.warc.gz`, one metadata record a file brought in, about `urn:sha256:<digest>`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from storage.layout import Layout
from storage.model import Damage, Record
from storage.warc import read_records
from storage.warc.build import WARC_FIELDS, Draft, about, read_warc_fields, warc_fields

IMPORT_SOURCE = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """One file that was brought in, or a WACZ that brought in others (`archived_as` is "" then).

    `name` is what it was called, `inside` the WACZ it came out of. `sha256` and `size` are those of its bytes
    as they came; where those were packed anew to be readable record by record, `packed_anew` says so.
    """

    name: str
    inside: str
    sha256: str
    size: int
    archived_as: str
    packed_anew: bool = False
    title: str = ""
    software: str = ""
    created: str = ""
    signed_by: str = ""
    problems: tuple[str, ...] = ()

    @property
    def urn(self) -> str:
        """What the metadata record is about."""
        return f"urn:sha256:{self.sha256}"

    def draft(self, moment: datetime) -> Draft:
        """The metadata record that tells it."""
        fields = [
            ("importedName", self.name),
            ("importedFrom", self.inside),
            ("importedDigest", f"sha256:{self.sha256}"),
            ("importedBytes", str(self.size)),
            ("archivedAs", self.archived_as),
            ("archivedForm", _FORMS[self.packed_anew] if self.archived_as else ""),
            ("title", self.title),
            ("software", self.software),
            ("created", self.created),
            ("signedBy", f"{self.signed_by} (not checked)" if self.signed_by else ""),
            *(("problem", problem) for problem in self.problems),
        ]
        return about(self.urn, moment, WARC_FIELDS, warc_fields(fields), [])


_FORMS = {False: "the bytes as they came", True: "the records as they came, each compressed by itself"}


def note_draft(package: Imported, name: str, content_type: str, body: bytes, moment: datetime) -> Draft:
    """A metadata record with a member of a WACZ that is no WARC file, its bytes as they came."""
    return about(f"{package.urn}#{name}", moment, content_type, body, [])


def imported_files(layout: Layout) -> Iterator[Imported]:
    """Every file that imports have brought in, as the archive's import records tell it."""
    for path in sorted(layout.warc.glob(f"*/*/{IMPORT_SOURCE}-*.warc.gz")):
        for record in read_records(path):
            if not isinstance(record, Damage) and (found := imported_of(record)):
                yield found


def imported_of(record: Record) -> Imported | None:
    """What a metadata record tells of a file that was brought in; None for any other record."""
    if record.record_type != "metadata" or record.headers.get("Content-Type") != WARC_FIELDS:
        return None
    fields = read_warc_fields(record.block)
    size = fields.get("importedBytes", "")
    digest = fields.get("importedDigest", "")
    if "importedName" not in fields or not size.isdecimal() or not digest.startswith("sha256:"):
        return None
    return Imported(
        name=fields["importedName"],
        inside=fields.get("importedFrom", ""),
        sha256=digest.removeprefix("sha256:"),
        size=int(size),
        archived_as=fields.get("archivedAs", ""),
        packed_anew=fields.get("archivedForm", "") == _FORMS[True],
        title=fields.get("title", ""),
        software=fields.get("software", ""),
        created=fields.get("created", ""),
        signed_by=fields.get("signedBy", "").removesuffix(" (not checked)"),
        problems=fields.get_all("problem"),
    )
