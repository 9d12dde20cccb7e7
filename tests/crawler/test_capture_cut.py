"""How an exchange can end too early, and what the archive then says: why, with all bytes that came."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from captures import Crawled, crawled

from storage.warc.build import read_warc_fields
from storage.warc.http import payload_of

pytestmark = pytest.mark.long

MAX_BYTES = 200_000
TEXT = b"<p>The lamp on Gull Rock burns again.</p>" * 40
LENGTH = b"HTTP/1.1 200 OK\r\nContent-Length: 150000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CLOSING = b"HTTP/1.1 200 OK\r\n\r\n"
CHUNK = b"%x\r\n%s\r\n" % (len(TEXT), TEXT)
BOMB = gzip.compress(b"\0" * (40 * MAX_BYTES), mtime=0)
BOMB_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%s" % (len(BOMB), BOMB)


def routes(wire: Any) -> dict[str, Any]:
    answer = wire.Answer
    return {
        "/time/silent-body": answer(sent=LENGTH, then="hold"),
        "/time/half": answer(sent=LENGTH + TEXT, then="hold"),
        "/time/half-chunk": answer(sent=CHUNKED + CHUNK, then="hold"),
        "/time/drip": answer(sent=LENGTH, then="drip", filler=b"drip "),
        "/time/drip-head": answer(sent=b"HTTP/1.1 200 OK\r\n", then="drip", filler=b"X-More: 1\r\n"),
        "/disconnect/closed": answer(sent=LENGTH + TEXT, then="close"),
        "/disconnect/closed-chunk": answer(sent=CHUNKED + CHUNK, then="close"),
        "/disconnect/aborted": answer(sent=LENGTH + TEXT, then="abort"),
        "/disconnect/aborted-chunk": answer(sent=CHUNKED + CHUNK, then="abort"),
        "/disconnect/aborted-unmeasured": answer(sent=CLOSING + TEXT, then="abort"),
        "/length/declared": answer(
            sent=b"HTTP/1.1 200 OK\r\nContent-Length: 900000\r\n\r\n" + TEXT, then="hold"
        ),
        "/length/chunks": answer(sent=CHUNKED, then="flood", filler=CHUNK * 20),
        "/length/unmeasured": answer(sent=CLOSING, then="flood", filler=TEXT * 20),
    }


@pytest.fixture(scope="module")
def everything(serve_for_module, wire, capture_crawl, tmp_path_factory) -> Crawled:
    server = serve_for_module(
        {
            **routes(wire),
            "/silent": wire.Answer(sent=b"", then="hold"),
            "/bomb": wire.Answer(sent=BOMB_ANSWER),
        }
    )
    paths = [(path, {"meta": {"download_timeout": 2}}) for path in server.routes]
    settings = {"DOWNLOAD_MAXSIZE": MAX_BYTES}
    return crawled(capture_crawl, server, tmp_path_factory.mktemp("cut"), paths, settings=settings)


def cut_paths() -> list[str]:
    return [
        *["/time/silent-body", "/time/half", "/time/half-chunk", "/time/drip", "/time/drip-head"],
        *["/disconnect/closed", "/disconnect/closed-chunk", "/disconnect/aborted"],
        *["/disconnect/aborted-chunk", "/disconnect/aborted-unmeasured"],
        *["/length/declared", "/length/chunks", "/length/unmeasured"],
    ]


def test_every_route_is_looked_at(wire):
    assert cut_paths() == list(routes(wire))


@pytest.mark.parametrize("path", cut_paths())
def test_a_cut_answer_says_why_and_makes_no_replayer_wait(everything, path):
    one = everything.only(path)
    assert one.answer.record_type == "response"
    assert one.answer.headers["WARC-Truncated"] == path.split("/")[1]
    head, _, body = one.answer.block.partition(b"\r\n\r\n")
    assert b"\r\nTransfer-Encoding" not in head
    declared = [line for line in head.split(b"\r\n") if line.startswith(b"Content-Length: ")]
    assert declared in ([], [b"Content-Length: %d" % len(body)])


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/time/half", "DownloadTimeoutError"),
        ("/time/drip-head", "DownloadTimeoutError"),
        ("/disconnect/closed", "ResponseDataLossError"),
        ("/disconnect/aborted-chunk", "ResponseDataLossError"),
        ("/length/declared", "DownloadCancelledError"),
        ("/length/unmeasured", "DownloadCancelledError"),
    ],
)
def test_the_spider_gets_the_error_of_scrapy(everything, path, error):
    assert everything.answers[path] == [{"error": error}]


@pytest.mark.parametrize(
    "path", [path for path in cut_paths() if path.startswith("/disconnect") or "half" in path]
)
def test_every_byte_that_came_is_kept(everything, path):
    assert payload_of(everything.only(path).answer.block) == TEXT


def test_a_body_without_end_is_kept_up_to_the_limit(everything):
    for path in ("/length/chunks", "/length/unmeasured"):
        body = payload_of(everything.only(path).answer.block)
        assert MAX_BYTES <= len(body) < MAX_BYTES + (1 << 20)
        assert body == (TEXT * (len(body) // len(TEXT) + 1))[: len(body)]


def test_silence_leaves_a_failure_with_the_request(everything):
    one = everything.only("/silent")
    assert read_warc_fields(one.answer.block)["fetchOutcome"] == "timed_out"
    assert one.request is not None


def test_an_answer_too_large_once_unpacked_is_archived_whole(everything):
    one = everything.only("/bomb")
    assert one.answer.block == BOMB_ANSWER
    assert "WARC-Truncated" not in one.answer.headers
    assert "error" in everything.answers["/bomb"][0]
