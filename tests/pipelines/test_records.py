from __future__ import annotations

import gzip
import zlib
from datetime import UTC, datetime

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import records
from pipelines.records import capture_of, crawl_of, decode, failure_of, page_of
from storage.model import Headers, Outcome, Record
from storage.warc import build
from storage.warc.build import Draft, FirstCapture

NOW = datetime(2026, 11, 22, 1, 2, 3, 45, tzinfo=UTC)
URL = "http://news.example.org/a"
HTML = "<p>Ein Leuchtturm über dem Hafen.</p>".encode() * 40


def record_of(draft: Draft) -> Record:
    return draft.placed(700, 350)


def response(
    *fields: str, body: bytes = HTML, status: str = "200 OK", extra: build.Fields | None = None
) -> Record:
    head = "\r\n".join([f"HTTP/1.1 {status}", *fields, "", ""]).encode("latin-1")
    return record_of(build.response(URL, NOW, head, body, extra or []))


def capture(record: Record):
    return capture_of(record, source="harbor", crawl_id="harbor-1", warc_file="2026/11/x.warc.gz")


def test_a_response_says_everything_that_captures_has_a_column_for():
    extra = [
        ("WARC-IP-Address", "192.0.2.1"),
        ("WARC-Protocol", "http/1.1"),
        ("WARC-Protocol", "tls/1.3"),
        ("WARC-Truncated", "length"),
    ]
    record = response(
        "Content-Type: Text/HTML; Charset=UTF-8", "Location: /b", status="301 Moved", extra=extra
    )
    found = capture(record)
    assert found is not None
    assert (found.url, found.status, found.mime, found.redirect_to) == (URL, 301, "text/html", "/b")
    assert (found.ip, found.protocol, found.truncated) == ("192.0.2.1", "http/1.1 tls/1.3", "length")
    assert (found.warc_file, found.warc_offset, found.warc_length) == ("2026/11/x.warc.gz", 700, 350)
    assert found.payload_digest == record.headers["WARC-Payload-Digest"]
    assert (found.captured_at, found.record_id) == (NOW, record.record_id)


def test_a_revisit_says_what_it_refers_to():
    first = FirstCapture(url=URL, captured_at=datetime(2025, 1, 2, tzinfo=UTC), payload_digest="sha256:0")
    draft = build.revisit(URL, NOW, b"HTTP/1.1 304 Not Modified\r\n\r\n", build.NOT_MODIFIED, first, [])
    found = capture(record_of(draft))
    assert found is not None
    assert (found.record_type, found.status, found.mime) == ("revisit", 304, "")
    assert (found.refers_to_url, found.refers_to_at) == (URL, first.captured_at)
    assert found.payload_digest == "sha256:0"


def test_what_a_foreign_writer_got_wrong_costs_only_that_field():
    record = record_of(
        build.response(URL, NOW, b"no head at all", b"", [("WARC-Refers-To-Date", "yesterday")])
    )
    found = capture(record)
    assert found is not None
    assert (found.status, found.refers_to_at) == (0, None)


@pytest.mark.parametrize("kind", ["request", "metadata", "warcinfo", "resource", "unknown"])
def test_only_responses_and_revisits_are_captures(kind):
    record = response()
    other = Record(
        record_id=record.record_id,
        record_type=kind,
        target_uri=URL,
        captured_at=NOW,
        headers=Headers(()),
        block=record.block,
        offset=0,
        length=1,
    )
    assert capture(other) is None


def test_a_failure_comes_back_with_its_outcome_and_reason():
    record = record_of(build.failure(URL, NOW, Outcome.TIMED_OUT, "no answer after 5 s", []))
    found = failure_of(record, source="harbor", crawl_id="harbor-1")
    assert found is not None
    assert (found.url, found.outcome, found.reason) == (URL, Outcome.TIMED_OUT, "no answer after 5 s")
    assert (found.failed_at, found.crawl_id) == (NOW, "harbor-1")
    assert failure_of(response(), source="harbor", crawl_id="harbor-1") is None


def test_metadata_of_another_tool_is_no_failure_of_ours():
    record = record_of(build._draft("metadata", URL, NOW, [], b"", b"fetchTimeMs: 31\r\n", "text/plain"))
    assert failure_of(record, source="x", crawl_id="x") is None


def info(*fields: tuple[str, str]) -> Record:
    return record_of(build.warcinfo("x.warc.gz", fields, NOW))


def test_a_crawl_comes_back_from_its_warcinfo_record():
    found = crawl_of(
        info(
            ("crawlId", "harbor-1"),
            ("source", "harbor"),
            ("crawlStarted", build.warc_date(NOW)),
            ("software", "presswarc/0"),
            ("seed", "http://news.example.org/"),
            ("robots", "obey"),
        )
    )
    assert found is not None
    assert (found.crawl_id, found.source, found.started_at) == ("harbor-1", "harbor", NOW)
    assert (found.software, found.seed_url, found.robots) == (
        "presswarc/0",
        "http://news.example.org/",
        "obey",
    )


@pytest.mark.parametrize(
    "fields",
    [
        [("software", "another tool")],
        [("crawlId", "x")],
        [("crawlId", "x"), ("crawlStarted", "last week")],
    ],
)
def test_a_warcinfo_record_that_is_not_ours_tells_of_no_crawl(fields):
    assert crawl_of(info(*fields)) is None


def deflated(body: bytes, window: int) -> bytes:
    squeezer = zlib.compressobj(wbits=window)
    return squeezer.compress(body) + squeezer.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(HTML, mtime=0)),
        ("X-GZip", gzip.compress(HTML, mtime=0)),
        ("gzip", gzip.compress(HTML[:50], mtime=0) + gzip.compress(HTML[50:], mtime=0)),
        ("gzip", gzip.compress(HTML, mtime=0) + b"\0\0trailing"),
        ("deflate", zlib.compress(HTML)),
        ("deflate", deflated(HTML, -15)),
        ("br", brotli.compress(HTML)),
        ("identity", HTML),
        ("", HTML),
        ("none", HTML),
        ("gzip", HTML),  # a lie
        ("br", HTML),
        ("deflate", HTML),
        ("gzip, gzip", gzip.compress(gzip.compress(HTML, mtime=0), mtime=0)),
        ("deflate, br", brotli.compress(zlib.compress(HTML))),
    ],
)
def test_a_page_is_given_with_its_content_coding_undone(coding, body):
    page = page_of(response(f"Content-Encoding: {coding}", "Content-Type: text/html", body=body))
    assert (page.url, page.content_type, page.body) == (URL, "text/html", HTML)


def test_codings_in_several_fields_are_undone_from_the_last():
    body = gzip.compress(zlib.compress(HTML))
    assert page_of(response("Content-Encoding: deflate", "Content-Encoding: gzip", body=body)).body == HTML


def test_a_cut_body_is_given_as_far_as_it_unpacks():
    noise = bytes(one % 251 for one in range(200_000))
    packed = gzip.compress(noise, mtime=0)
    part = page_of(response("Content-Encoding: gzip", body=packed[: len(packed) // 2])).body
    assert noise.startswith(part)
    assert len(part) > 1000


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br"])
def test_a_bomb_is_unpacked_to_the_limit_only(monkeypatch, coding):
    monkeypatch.setattr(records, "MAX_PAGE_BYTES", 100_000)
    zeros = bytes(5_000_000)
    packed = {"gzip": gzip.compress(zeros), "deflate": zlib.compress(zeros), "br": brotli.compress(zeros)}
    assert 0 < len(decode(packed[coding], coding)) <= 300_000  # brotli gives its last step whole


@given(st.binary(), st.sampled_from(["gzip", "deflate", "br", "zstd", "x", ""]))
def test_no_body_makes_decoding_raise(body, coding):
    assert isinstance(decode(body, coding), bytes)
