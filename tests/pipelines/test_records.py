from __future__ import annotations

import gzip
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pipelines.records import capture_of, crawl_by_name, crawl_of, decode, failure_of, page_of
from pipelines.run import extract, needs_extraction
from storage.article import Outcome
from storage.model import Headers, Record
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


@pytest.mark.parametrize("kind", ["request", "metadata", "warcinfo", "continuation", "unknown"])
def test_only_responses_revisits_resources_and_conversions_are_captures(kind):
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


def resource(url: str = URL, content_type: str = "Text/HTML; charset=utf-8") -> Record:
    return Record(
        record_id="urn:uuid:1",
        record_type="resource",
        target_uri=url,
        captured_at=NOW,
        headers=Headers([("Content-Type", content_type)]),
        block=HTML,
        offset=0,
        length=1,
    )


def test_a_resource_is_a_capture_without_a_status():
    found = capture(resource())
    assert found is not None
    assert (found.status, found.mime, found.record_type) == (0, "text/html", "resource")
    assert (found.method, found.redirect_to, found.request_body) == ("GET", None, None)
    assert page_of(resource()).body == HTML
    assert page_of(resource()).content_type == "Text/HTML; charset=utf-8"


@pytest.mark.parametrize(
    ("url", "content_type", "wanted"),
    [
        (URL, "text/html", True),
        (URL, "application/json", False),
        ("urn:pageinfo:" + URL, "text/html", False),
        ("file:///home/page.html", "text/html", False),
        ("metadata://gnu.org/software/wget/warc/wget.log", "text/plain", False),
    ],
)
def test_only_web_pages_among_resources_are_looked_at_for_articles(url, content_type, wanted):
    found = capture(resource(url, content_type))
    assert found is not None
    assert needs_extraction(found) is wanted


def asked(message: bytes) -> Record:
    return record_of(
        build.request(URL, NOW, message, build.response(URL, NOW, b"HTTP/1.1 200 OK\r\n\r\n", b"", []), [])
    )


@pytest.mark.parametrize(
    ("message", "method", "body"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "GET", None),
        (b"HEAD / HTTP/1.1\r\n\r\n", "HEAD", None),
        (b"OPTIONS * HTTP/1.1\r\n\r\n", "OPTIONS", None),
        (b'POST / HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{"a": 1}', "POST", "a=1"),
        (b"PUT / HTTP/1.1\r\n\r\n", "PUT", "__wb_post_data="),
        (b"", "GET", None),
        (b"\xff\xfe", "GET", None),
    ],
)
def test_the_method_comes_from_the_request(message, method, body):
    found = capture_of(
        response("Content-Type: text/html"), source="x", crawl_id="x", warc_file="x", request=asked(message)
    )
    assert found is not None
    assert (found.method, found.request_body) == (method, body)
    assert needs_extraction(found) is (method == "GET")


def test_a_payload_without_a_digest_gets_one():
    record = response("Content-Type: text/html", body=b"abc")
    bare = replace(record, headers=Headers([]))
    assert capture(bare).payload_digest == "sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5"
    assert capture(replace(bare, omitted_bytes=7)).payload_digest == ""
    assert capture(replace(bare, record_type="revisit")).payload_digest == ""


def test_a_page_that_is_too_large_to_read_gives_no_article_and_says_why():
    record = replace(response("Content-Type: text/html"), omitted_bytes=7)
    found = capture(record)
    told = extract(record, found)
    assert (told.outcome, told.reason) == (
        Outcome.TOO_LARGE,
        f"larger than is read: {len(record.block) + 7} bytes",
    )
    assert found.truncated is None


@pytest.mark.parametrize(
    "media", ["text/html;charset=x", "text/html charset=x", "TEXT/HTML", "text/html\t;q"]
)
def test_the_media_type_ends_at_a_blank_or_a_semicolon(media):
    assert capture(response(f"Content-Type: {media}")).mime == "text/html"


def test_a_file_with_the_name_that_an_import_gives_is_a_crawl_of_its_own():
    name = "2014/02/old-paper-20140216050221-00001-host.warc.gz"
    told = crawl_by_name(info(("software", "Heritrix/3"), ("robots", "classic")), name)
    assert (told.crawl_id, told.source) == ("import-old-paper-20140216050221-00001-host", "old-paper")
    assert (told.software, told.robots, told.started_at) == ("Heritrix/3", "classic", NOW)
    assert crawl_by_name(response(), name).software == ""
    assert crawl_by_name(info(("software", "x")), "elsewhere.warc.gz") is None


def test_a_failure_comes_back_with_its_outcome_and_reason():
    record = record_of(build.failure(URL, NOW, Outcome.TIMED_OUT, "no answer after 5 s", []))
    found = failure_of(record, source="harbor", crawl_id="harbor-1")
    assert found is not None
    assert (found.url, found.outcome, found.reason) == (URL, Outcome.TIMED_OUT, "no answer after 5 s")
    assert (found.failed_at, found.crawl_id) == (NOW, "harbor-1")
    assert failure_of(response(), source="harbor", crawl_id="harbor-1") is None


def test_metadata_of_another_tool_is_no_failure_of_ours():
    record = record_of(build.about(URL, NOW, "text/plain", b"fetchTimeMs: 31\r\n", []))
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
        ("zstd", zstandard.compress(HTML)),
        ("zstd", zstandard.compress(HTML[:50]) + zstandard.compress(HTML[50:])),
        ("zstd", HTML),  # a lie
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


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_is_unpacked_to_the_limit_only(coding):
    zeros = bytes(5_000_000)
    packed = {"gzip": gzip.compress(zeros), "deflate": zlib.compress(zeros), "br": brotli.compress(zeros)}
    packed["zstd"] = zstandard.compress(zeros)
    assert 0 < len(decode(packed[coding], coding, 100_000)) <= 300_000  # brotli gives its last step whole


@given(st.binary(), st.sampled_from(["gzip", "deflate", "br", "zstd", "x", ""]))
def test_no_body_makes_decoding_raise(body, coding):
    assert isinstance(decode(body, coding), bytes)
