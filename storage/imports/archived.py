"""Records of captures that a web archive made long ago and that were fetched from it now.

The record is the original's: its URI, its time to the second, its answer. `WARC-Source-URI` and
`WARC-Creation-Date` say where it was fetched and when; what else the archive told stands in a metadata record
that refers to it. A record that came byte for byte is left so: then all of that stands beside it.

Source: the fields that pywb's recorder and cdx-toolkit write.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from zlib_ng import zlib_ng

from storage.article import Outcome
from storage.model import Record
from storage.warc import build
from storage.warc.build import WARC_FIELDS, Draft, Fields, Original, header_url, warc_fields
from storage.warc.digests import holds
from storage.warc.heads import Heading, read_heading
from storage.warc.members import UNPACK_ERROR

MOST_RECORD_BYTES = 1 << 26
SOURCE_URI, SOURCE_RANGE, CREATED = "WARC-Source-URI", "WARC-Source-Range", "WARC-Creation-Date"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Where something was fetched, and when; `first` and `length` are its bytes in a file, if it is of one.

    `told` is what the archive said of it.
    """

    uri: str
    at: datetime
    first: int = -1
    length: int = 0
    told: tuple[tuple[str, str], ...] = ()

    def fields(self) -> Fields:
        """The header fields that tell it."""
        fields = [(SOURCE_URI, header_url(self.uri))]
        if self.first >= 0:
            fields.append((SOURCE_RANGE, f"{self.first}-{self.first + self.length - 1}"))
        return [*fields, (CREATED, second(self.at))]


def second(moment: datetime) -> str:
    """A time as the WARC fields have it that know it to the second.

    >>> second(datetime(2019, 1, 2, 3, 4, 5, 6, tzinfo=UTC))
    '2019-01-02T03:04:05Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def old_response(
    url: str, captured_at: datetime, head: bytes, body: bytes, fetched: Fetched, truncated: str = ""
) -> Draft:
    """The response record of an old capture."""
    extra = [*fetched.fields(), *([("WARC-Truncated", truncated)] if truncated else [])]
    draft = build.response(url, captured_at, head, body, extra)
    fields = ((name, second(captured_at) if name == "WARC-Date" else value) for name, value in draft.fields)
    return replace(draft, fields=tuple(fields))


def provenance(url: str, of: Draft | Original, fetched: Fetched) -> Draft:
    """The metadata record beside an old capture."""
    record_id = of.record_id if isinstance(of, Draft) else f"<{of.record.record_id}>"
    extra = [("WARC-Refers-To", record_id), *fetched.fields()]
    return build.about(url, fetched.at, WARC_FIELDS, warc_fields(fetched.told), extra)


def not_fetched(url: str, outcome: Outcome, reason: str, fetched: Fetched) -> Draft:
    """The metadata record of a capture that an archive told of and did not give."""
    return build.failure(url, fetched.at, outcome, reason, fetched.fields())


def told_fields(pairs: Iterable[tuple[str, object]]) -> tuple[tuple[str, str], ...]:
    """What an archive said, without what it left out.

    >>> told_fields([("status", 200), ("digest", "")])
    (('status', '200'),)
    """
    return tuple((name, str(value)) for name, value in pairs if value not in {"", None})


def original_of(packed: bytes) -> Original | str:
    """The record that a gzip member is, or why it is none that can be kept as it is."""
    inflater = zlib_ng.decompressobj(zlib_ng.MAX_WBITS + 16)
    try:
        data = inflater.decompress(packed, MOST_RECORD_BYTES)
    except UNPACK_ERROR as error:
        return f"it does not unpack: {error}"
    if not inflater.eof or inflater.unused_data:
        return "it is no gzip member, or too large" if not inflater.eof else "more follows its gzip member"
    return record_of(data, packed)


def record_of(data: bytes, packed: bytes) -> Original | str:
    """The record in `data`, what its gzip member holds, or why it is none that can be kept as it is."""
    heading = read_heading(data, 0, whole=True)
    if not isinstance(heading, Heading) or heading.arc:
        return "no WARC record" if isinstance(heading, Heading) or heading is None else heading.reason
    block = data[heading.end : heading.end + heading.length]
    if len(block) < heading.length or data[heading.end + heading.length :].strip():
        return "its block is not as long as it says"
    if holds(heading.headers.get("WARC-Block-Digest", ""), block) is False:
        return "its block digest does not hold"
    record = Record(
        record_id=heading.record_id,
        record_type=heading.record_type,
        target_uri=heading.target_uri,
        captured_at=heading.captured_at,
        headers=heading.headers,
        block=block,
        offset=0,
        length=len(packed),
    )
    return Original(record=record, packed=packed)
