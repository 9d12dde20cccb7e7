"""WARC records of an exchange, ready to be written.

Source: WARC/1.1, sections 5 (named fields) and 6 (record types).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from storage.model import Headers, Outcome, Record
from storage.warc.digests import digest

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
class FirstCapture:
    """The capture that a revisit refers to."""

    url: str
    captured_at: datetime
    payload_digest: str


def warc_date(moment: datetime) -> str:
    """WARC-Date of a time, to the microsecond.

    >>> warc_date(datetime(2026, 11, 22, 1, 2, 3, 45, tzinfo=UTC))
    '2026-11-22T01:02:03.000045Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def warcinfo(filename: str, fields: Iterable[tuple[str, str]], moment: datetime) -> Draft:
    """The record that opens a file and says who wrote it, for which crawl."""
    head = [("WARC-Filename", filename)]
    return _draft("warcinfo", None, moment, head, b"", warc_fields(fields), "application/warc-fields")


def response(url: str, moment: datetime, head: bytes, body: bytes, extra: Fields) -> Draft:
    """A response record; `head` is the HTTP head as archived."""
    fields = [("WARC-Payload-Digest", digest(body)), *extra]
    return _draft("response", url, moment, fields, head, body, "application/http;msgtype=response")


def revisit(
    url: str, moment: datetime, head: bytes, profile: str, first: FirstCapture, extra: Fields
) -> Draft:
    """A revisit record: the HTTP head alone, and what it refers to."""
    fields = [
        ("WARC-Profile", profile),
        ("WARC-Refers-To-Target-URI", first.url),
        ("WARC-Refers-To-Date", warc_date(first.captured_at)),
        ("WARC-Payload-Digest", first.payload_digest),
        *extra,
    ]
    return _draft("revisit", url, moment, fields, head, b"", "application/http;msgtype=response")


def request(url: str, moment: datetime, message: bytes, concurrent_to: Draft, extra: Fields) -> Draft:
    """The request record of a response or revisit."""
    record_id = Headers(concurrent_to.fields)["WARC-Record-ID"]
    fields = [("WARC-Concurrent-To", record_id), *extra]
    return _draft("request", url, moment, fields, message, b"", "application/http;msgtype=request")


def failure(url: str, moment: datetime, outcome: Outcome, reason: str, extra: Fields) -> Draft:
    """A metadata record for a fetch that left no response."""
    block = warc_fields([("fetchOutcome", outcome.value), ("fetchReason", reason)])
    return _draft("metadata", url, moment, extra, b"", block, "application/warc-fields")


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
    head: bytes,
    body: bytes,
    content_type: str,
) -> Draft:
    """A record with the fields that every type has."""
    block = head + body
    fields: Fields = [("WARC-Type", record_type)]
    fields += [("WARC-Target-URI", url)] if url else []
    fields += [("WARC-Date", warc_date(moment)), ("WARC-Record-ID", f"<urn:uuid:{uuid.uuid4()}>"), *extra]
    fields += [("WARC-Block-Digest", digest(block)), ("Content-Type", content_type)]
    fields += [("Content-Length", str(len(block)))]
    return Draft(record_type=record_type, fields=tuple(fields), head=head, body=body)
