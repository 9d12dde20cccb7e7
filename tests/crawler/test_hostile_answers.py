"""Content codings that lie, and redirects to nowhere: what the spider gets to see of them."""

from __future__ import annotations

import asyncio
import gzip
import threading
import zlib
from types import SimpleNamespace
from typing import Any

import brotli
import pytest
import zstandard
from scrapy.exceptions import IgnoreRequest
from scrapy.http import HtmlResponse, Request, Response
from scrapy.settings import Settings

from crawler.middlewares import compression
from crawler.middlewares.compression import CompressionMiddleware
from crawler.middlewares.redirects import NOWHERE, TolerantRedirectMiddleware
from pipelines import records

BODY = b"<p>" + b"Word after word of a page. " * 400 + b"</p>"
PACKED = gzip.compress(bytes(range(256)) * 40 + BODY)
REQUEST = Request("http://a.test/page")


def crawler(**settings: int) -> Any:
    """As much of a crawler as the middlewares need: a real one wants a reactor."""
    signals = SimpleNamespace(connect=lambda *_, **__: None)
    told = {"DOWNLOAD_WARNSIZE": 0, **settings}
    return SimpleNamespace(stats=None, settings=Settings(told), signals=signals, spider=None)


def unpacked(body: bytes, coding: str) -> bytes:
    """What the middleware makes of a body."""
    middleware = CompressionMiddleware(crawler=crawler(DOWNLOAD_MAXSIZE=1_000_000))
    headers = {"Content-Type": "text/html", "Content-Encoding": coding}
    response = Response(REQUEST.url, headers=headers, body=body)
    result = asyncio.run(middleware.process_response(REQUEST, response))
    assert isinstance(result, HtmlResponse)
    return result.body


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_that_is_not_packed_at_all_is_given_as_it_is(coding):
    assert unpacked(BODY, coding) == BODY


def test_a_body_that_is_cut_is_given_as_far_as_it_unpacks():
    assert unpacked(PACKED[:-40], "gzip").startswith(bytes(range(256)) * 30)


def test_nested_codings_are_undone_in_their_order():
    assert unpacked(brotli.compress(gzip.compress(BODY)), "gzip, br") == BODY


@pytest.mark.parametrize(
    ("pack", "coding"),
    [
        (gzip.compress, "gzip"),
        (zlib.compress, "deflate"),
        (brotli.compress, "br"),
        (zstandard.ZstdCompressor().compress, "zstd"),
    ],
)
def test_a_bomb_is_no_page(pack, coding):
    with pytest.raises(IgnoreRequest, match="exceeded"):
        unpacked(pack(bytes(3_000_000)), coding)


def test_however_little_came_it_is_unpacked_beside_the_event_loop(monkeypatch):
    at_work = []

    def decode(body: bytes, coding: str, most_bytes: int) -> bytes:
        at_work.append(threading.current_thread())
        return records.decode(body, coding, most_bytes)

    monkeypatch.setattr(compression, "decode", decode)
    assert unpacked(brotli.compress(b"<p>" + bytes(900_000)), "br")  # a few bytes
    assert at_work
    assert threading.current_thread() not in at_work


@pytest.mark.parametrize("target", ["http://[", "http://[::1", "http://a.test:99x/", "//[/"])
def test_a_redirect_to_no_address_is_an_answer_with_a_note(target):
    noted = []
    told = crawler(REDIRECT_MAX_TIMES=5)
    told.spider = SimpleNamespace(crawling=SimpleNamespace(noted=lambda url, note: noted.append((url, note))))
    response = HtmlResponse(REQUEST.url, status=302, headers={"Location": target})
    assert TolerantRedirectMiddleware.from_crawler(told).process_response(REQUEST, response) is response
    assert noted == [(REQUEST.url, NOWHERE)]
