"""Known bodies: what a revisit may refer to, and what it may not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.capture.payloads import Payloads
from storage.index.bodies import PublishedBodies
from storage.index.writer import IndexWriter
from storage.layout import Layout
from storage.model import Capture, Headers
from storage.warc import build
from storage.warc.build import FirstCapture
from storage.warc.digests import digest
from storage.warc.write import Origin, WarcWriter

pytestmark = pytest.mark.long

NOW = datetime(2026, 11, 22, 1, 2, 3, 45, tzinfo=UTC)
URL = "http://news.example.org/1"
BODY = b"<p>a page</p>" * 30
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


def capture(at: datetime = NOW, payload: bytes = BODY, **changes: object) -> Capture:
    made = Capture(
        record_id=f"urn:x:{at.isoformat()}",
        url=URL,
        source="harbor",
        crawl_id="harbor-1",
        captured_at=at,
        method="GET",
        status=200,
        mime="text/html",
        payload_digest=digest(payload),
        record_type="response",
        warc_file="2026/11/a.warc.gz",
        warc_offset=0,
        warc_length=1,
    )
    return replace(made, **changes)


def headers(**fields: str) -> Headers:
    return Headers([(name.replace("_", "-"), value) for name, value in fields.items()])


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    made = Layout(tmp_path / "archive")
    for name in ("2026/11/a.warc.gz", "2026/11/b.warc.gz.open"):
        (made.warc / name).parent.mkdir(parents=True, exist_ok=True)
        (made.warc / name).touch()
    return made


@pytest.fixture
def payloads(layout):
    opened = Payloads(layout, PublishedBodies(layout.root))
    yield opened
    opened.close()


def at_of(first: FirstCapture | None) -> datetime | None:
    return first.captured_at if first else None


def test_a_body_is_known_by_its_url_and_digest(payloads):
    payloads.add(capture(), headers(), None, chunked=False)
    found = payloads.same(URL, digest(BODY), chunked=False)
    assert found == FirstCapture(
        url=URL, captured_at=NOW, payload_digest=digest(BODY), warc_file="2026/11/a.warc.gz"
    )
    assert payloads.same("http://news.example.org/2", digest(BODY), chunked=False) is None
    assert payloads.same(URL, digest(b"other"), chunked=False) is None


def test_a_body_stored_with_its_chunks_is_not_one_stored_without(payloads):
    payloads.add(capture(), headers(), None, chunked=True)
    assert payloads.same(URL, digest(BODY), chunked=False) is None
    assert at_of(payloads.same(URL, digest(BODY), chunked=True)) == NOW


def test_a_page_that_changes_back_is_that_of_the_first_time(payloads):
    day = timedelta(days=1)
    payloads.add(capture(), headers(ETag='"a"'), None, chunked=False)
    payloads.add(capture(NOW + day, b"changed"), headers(ETag='"b"'), None, chunked=False)
    first = payloads.same(URL, digest(BODY), chunked=False)
    assert at_of(first) == NOW
    back = capture(NOW + 2 * day, record_type="revisit", refers_to_url=URL, refers_to_at=NOW)
    payloads.add(back, headers(ETag='"a2"'), first, chunked=False)
    assert at_of(payloads.same(URL, digest(BODY), chunked=False)) == NOW
    assert at_of(payloads.validated(URL, '"a2"', None)) == NOW
    assert at_of(payloads.validated(URL, '"b"', None)) == NOW + day


def test_a_304_speaks_of_the_capture_whose_validators_were_sent(payloads):
    payloads.add(capture(), headers(ETag='"1"', Last_Modified="Mon"), None, chunked=False)
    later = capture(NOW + timedelta(days=1), b"later")
    payloads.add(later, headers(ETag='"2"', Last_Modified="Tue"), None, chunked=False)
    assert at_of(payloads.validated(URL, '"1"', "Tue")) == NOW  # the ETag counts, as RFC 9110 has it
    assert at_of(payloads.validated(URL, None, "Tue")) == later.captured_at
    assert at_of(payloads.validated(URL, '"3"', "Tue")) == later.captured_at
    assert payloads.validated(URL, '"3"', None) is None
    assert payloads.validated(URL, None, None) is None


def test_of_answers_with_one_validator_the_latest_is_meant(payloads):
    payloads.add(capture(), headers(ETag='"x"'), None, chunked=False)
    later = capture(NOW + timedelta(days=1), b"later")
    payloads.add(later, headers(ETag='"x"'), None, chunked=False)
    assert at_of(payloads.validated(URL, '"x"', None)) == later.captured_at


@pytest.mark.parametrize(
    "change",
    [
        {"status": 500},
        {"status": 304},
        {"truncated": "length"},
        {"method": "HEAD"},
        {"method": "POST"},
        {"record_type": "revisit"},
    ],
)
def test_only_a_whole_answer_to_a_get_is_referred_to(payloads, change):
    payloads.add(capture(**change), headers(ETag='"1"'), None, chunked=False)
    assert payloads.same(URL, digest(BODY), chunked=False) is None
    assert payloads.validated(URL, '"1"', None) is None


def test_a_capture_whose_file_is_gone_is_not_referred_to(payloads, layout):
    payloads.add(capture(), headers(ETag='"1"'), None, chunked=False)
    (layout.warc / "2026/11/a.warc.gz").unlink()
    assert payloads.same(URL, digest(BODY), chunked=False) is None
    assert payloads.validated(URL, '"1"', None) is None
    anew = capture(NOW + timedelta(days=1), warc_file="2026/11/b.warc.gz")
    payloads.add(anew, headers(ETag='"1"'), None, chunked=False)
    assert at_of(payloads.same(URL, digest(BODY), chunked=False)) == anew.captured_at  # still .open


def published(layout: Layout, *, head: bytes = HEAD, body: bytes = BODY, **changes: object) -> Capture:
    """A capture that a session before wrote and indexed, and whose frontier is lost."""
    with WarcWriter(layout, Origin(source="paper", fields=()), max_bytes=1 << 30) as writer:
        draft = build.response(URL, NOW, head, body, [], payload_digest=digest(BODY))
        (*_, placed) = writer.write([draft])
    made = replace(
        capture(),
        record_id=placed.record.record_id,
        source="another",
        warc_file=placed.warc_file,
        warc_offset=placed.record.offset,
        **changes,
    )
    with IndexWriter(layout.root) as index:
        index.add(captures=[made])
        index.refresh()
        index.publish()
    return made


@pytest.fixture
def asked(layout):
    """Payloads made after the test has published what it wants."""
    made: list[Payloads] = []
    bodies: list[PublishedBodies] = []

    def ask(*, chunked: bool = False) -> FirstCapture | None:
        bodies.append(PublishedBodies(layout.root))
        made.append(Payloads(layout, bodies[-1]))
        return made[-1].same(URL, digest(BODY), chunked=chunked)

    yield ask
    for each in (*made, *bodies):
        each.close()


def test_without_the_frontier_the_published_index_knows(layout, asked):
    made = published(layout)
    found = asked()
    assert found == FirstCapture(
        url=URL, captured_at=NOW, payload_digest=digest(BODY), warc_file=made.warc_file
    )


@pytest.mark.parametrize(
    "change", [{"status": 404}, {"truncated": "time"}, {"method": "HEAD"}, {"record_type": "revisit"}]
)
def test_the_index_too_is_asked_for_whole_answers_alone(layout, asked, change):
    published(layout, **change)
    assert asked() is None


def test_a_row_whose_file_or_record_is_not_there_is_passed_over(layout, asked):
    made = published(layout)
    path = layout.warc / made.warc_file
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    assert asked() is None
    path.unlink()
    assert asked() is None


def test_a_record_of_the_index_fits_only_with_the_same_transfer_coding(layout, asked):
    head = HEAD.replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n")
    published(layout, head=head, body=b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY))
    assert asked() is None
    assert asked(chunked=True) is not None


def test_a_published_index_that_is_none_is_as_good_as_no_index(layout, asked):
    layout.index.write_bytes(b"not an index, by any means " * 500)
    assert asked() is None


def test_once_closed_the_published_index_is_let_go(layout):
    published(layout)
    bodies = PublishedBodies(layout.root)
    assert bodies.of(URL, digest(BODY))
    bodies.close()
    assert bodies.of(URL, digest(BODY)) == []
