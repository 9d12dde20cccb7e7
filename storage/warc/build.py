"""WARC records of an exchange, ready to be written.

Source: WARC/1.1, sections 5 (named fields) and 6 (record types).
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import quote

from storage.article import Outcome
from storage.model import Headers, Record
from storage.warc.digests import digest

WARC_FIELDS = "application/warc-fields"
RESPONSE = "application/http;msgtype=response"
OCTETS = "application/octet-stream"
# Characters that may not stand in a header line: they could end it, or hide what follows.
UNFIT = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")
_UNFIT_IN_URL = re.compile(rf"{UNFIT.pattern}|\s")
IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

Fields = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A record that has no place in a file yet. `head` and `body` together are its block."""

    record_type: str
    fields: tuple[tuple[str, str], ...]
    head: bytes
    body: bytes

    @property
    def block(self) -> bytes:
        """The record's block."""
        return self.head + self.body

    @property
    def record_id(self) -> str:
        """The record's id, in its angle brackets."""
        return dict(self.fields)["WARC-Record-ID"]

    def placed(self, offset: int, length: int) -> Record:
        """The record as a reader will find it at `offset`."""
        headers = Headers(self.fields)
        return Record(
            record_id=headers["WARC-Record-ID"].strip("<>"),
            record_type=self.record_type,
            target_uri=headers.get("WARC-Target-URI"),
            captured_at=datetime.fromisoformat(headers["WARC-Date"]),
            headers=headers,
            block=self.block,
            offset=offset,
            length=length,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A record that others wrote, with the gzip member that it is: it is written as it is."""

    record: Record
    packed: bytes

    def placed(self, offset: int, length: int) -> Record:
        """The record as a reader will find it at `offset`."""
        return replace(self.record, offset=offset, length=length)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstCapture:
    """The capture that a revisit refers to; `warc_file` is where it lies (see `Layout.warc_name`)."""

    url: str
    captured_at: datetime
    payload_digest: str
    warc_file: str = ""


def warc_date(moment: datetime) -> str:
    """WARC-Date of a time, to the microsecond.

    >>> warc_date(datetime(2026, 11, 22, 1, 2, 3, 45, tzinfo=UTC))
    '2026-11-22T01:02:03.000045Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def warcinfo(filename: str, fields: Iterable[tuple[str, str]], moment: datetime) -> Draft:
    """The record that opens a file and says who wrote it, for which crawl."""
    head = [("WARC-Filename", filename)]
    return _draft("warcinfo", None, moment, head, WARC_FIELDS, b"", warc_fields(fields))


def response(
    url: str, moment: datetime, head: bytes, body: bytes, extra: Fields, *, payload_digest: str | None = None
) -> Draft:
    """A response record; `head` and `body` are the HTTP message as archived.

    `payload_digest` is that of the body without its transfer coding, where the archived one has it still.
    """
    fields = [("WARC-Payload-Digest", payload_digest or digest(body)), *extra]
    return _draft("response", url, moment, fields, RESPONSE, head, body)


def revisit(
    url: str, moment: datetime, head: bytes, profile: str, first: FirstCapture, extra: Fields
) -> Draft:
    """A revisit record: the HTTP head alone, and what it refers to."""
    fields = [
        ("WARC-Profile", profile),
        ("WARC-Refers-To-Target-URI", header_url(first.url)),
        ("WARC-Refers-To-Date", warc_date(first.captured_at)),
        ("WARC-Payload-Digest", first.payload_digest),
        *extra,
    ]
    return _draft("revisit", url, moment, fields, RESPONSE, head, b"")


def request(url: str, moment: datetime, message: bytes, concurrent_to: Draft, extra: Fields) -> Draft:
    """The request record of a response, revisit or failure."""
    fields = [("WARC-Concurrent-To", concurrent_to.record_id), *extra]
    return _draft("request", url, moment, fields, "application/http;msgtype=request", message, b"")


def failure(url: str, moment: datetime, outcome: Outcome, reason: str, extra: Fields) -> Draft:
    """A metadata record for a fetch that left no response."""
    block = warc_fields([("fetchOutcome", outcome.value), ("fetchReason", reason)])
    return _draft("metadata", url, moment, extra, WARC_FIELDS, b"", block)


def metadata(
    url: str, moment: datetime, concurrent_to: Draft, content_type: str, block: bytes, extra: Fields
) -> Draft:
    """A metadata record that tells more of the fetch of which `concurrent_to` is the answer or failure."""
    fields = [("WARC-Concurrent-To", concurrent_to.record_id), *extra]
    return _draft("metadata", url, moment, fields, content_type, b"", block)


def conversion(
    of: Record, content_type: str, block: bytes, extra: Fields, *, url: str | None = None
) -> Draft:
    """A record of what a page was made into; one capture, so one date. `url`: what it tells of.

    Source: WARC/1.1, section 6.8.
    """
    fields = [
        ("WARC-Refers-To", f"<{of.record_id}>"),
        ("WARC-Refers-To-Target-URI", header_url(of.target_uri or "")),
        ("WARC-Refers-To-Date", warc_date(of.captured_at)),
        ("WARC-Payload-Digest", digest(block)),
        *extra,
    ]
    return _draft("conversion", url or of.target_uri, of.captured_at, fields, content_type, b"", block)


def beside(of: Draft, fields: Fields) -> Draft:
    """A metadata record of warc-fields that tells more of another record."""
    headers = dict(of.fields)
    url, moment = headers["WARC-Target-URI"], datetime.fromisoformat(headers["WARC-Date"])
    return metadata(url, moment, of, WARC_FIELDS, warc_fields(fields), [])


def about(urn: str, moment: datetime, content_type: str, block: bytes, extra: Fields) -> Draft:
    """A metadata record about a thing that was not fetched: a file that was brought in."""
    return _draft("metadata", urn, moment, extra, content_type, b"", block)


def header_url(url: str) -> str:
    r"""The URL as a header line can hold it: blanks and whatever could break a line percent-encoded.

    >>> header_url("http://a.example/x y?q=\r\nX: 1")
    'http://a.example/x%20y?q=%0D%0AX:%201'
    """
    return _UNFIT_IN_URL.sub(lambda match: quote(match[0].encode("utf-8", "surrogatepass")), url)


def warc_fields(fields: Iterable[tuple[str, str]]) -> bytes:
    r"""An application/warc-fields block; line ends inside a value become blanks.

    >>> warc_fields([("software", "presswarc"), ("note", "a\nb")])
    b'software: presswarc\r\nnote: a b\r\n'
    """
    lines = [f"{name}: {' '.join(value.split())}\r\n" for name, value in fields if value]
    return "".join(lines).encode("utf-8", "replace")


def read_warc_fields(block: bytes) -> Headers:
    """Fields of an application/warc-fields block."""
    lines = [line.partition(":") for line in block.decode("utf-8", "replace").splitlines()]
    return Headers([(name.strip(), value.strip()) for name, colon, value in lines if colon])


def _draft(
    record_type: str,
    url: str | None,
    moment: datetime,
    extra: Fields,
    content_type: str,
    head: bytes,
    body: bytes,
) -> Draft:
    """A record with the fields that every type has."""
    fields: Fields = [("WARC-Type", record_type)]
    fields += [("WARC-Target-URI", header_url(url))] if url else []
    fields += [("WARC-Date", warc_date(moment)), ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid4()}>"), *extra]
    fields += [("WARC-Block-Digest", digest(head, body)), ("Content-Type", content_type)]
    fields += [("Content-Length", str(len(head) + len(body)))]
    return Draft(record_type=record_type, fields=tuple(fields), head=head, body=body)
