"""Capture against a server that logs every byte: what is archived is what went over the wire.

All routes are crawled once; each test looks at one of them. A route's `stored` is the response as it must be
archived, by default exactly as it was sent.
"""

from __future__ import annotations

import gzip
import ssl
import subprocess
import sys
from dataclasses import dataclass, field

import pytest
from captures import Crawled, archived, crawled, self_signed

from crawler.capture.wire import HEAD_LIMIT_BYTES
from storage.warc.build import read_warc_fields
from storage.warc.digests import digest
from storage.warc.http import payload_of

MAX_BYTES = 200_000
HTML = b"<title>Harbor light relit</title><p>The lamp on Gull Rock burns again after forty years.</p>" * 8
PACKED = gzip.compress(HTML, mtime=0)
LONG = b"x" * (MAX_BYTES + 50_000)


def with_length(body: bytes, *lines: bytes, status: bytes = b"HTTP/1.1 200 OK") -> bytes:
    return b"\r\n".join([status, *lines, b"Content-Length: %d" % len(body), b"", b""]) + body


def chunked(*chunks: bytes, extension: bytes = b"", trailer: bytes = b"") -> bytes:
    parts = [b"%x%s\r\n%s\r\n" % (len(chunk), extension, chunk) for chunk in chunks]
    return b"".join(parts) + b"0\r\n" + trailer + b"\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """What the server sends for a path, and what the archive must hold of it.

    `stored` is the record's block by default, where it is not what was sent; `parts` is kept beside it.
    """

    sent: bytes
    then: str = "keep"
    stored: bytes | None = None
    truncated: str | None = None
    parts: dict[str, bytes] = field(default_factory=dict)

    def block(self, mode: str) -> bytes:
        """The record's block; with chunks kept, what came after the 1xx heads, unless it was cut."""
        if mode == "chunked" and not self.truncated:
            return self.sent.removeprefix(self.parts.get("interim", b""))
        return self.sent if self.stored is None else self.stored

    def beside(self, mode: str) -> dict[str, bytes]:
        """What is kept beside the record."""
        in_block = mode == "chunked" and not self.truncated
        return {name: part for name, part in self.parts.items() if name != "trailer" or not in_block}


CHUNK_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\nX-After: 1\r\n\r\n"
DECHUNKED_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\n"
    b"X-After: 1\r\nContent-Length: %d\r\n\r\n"
)
CUT_HEAD = b"HTTP/1.1 200 OK\r\n%sContent-Length: 5000\r\n\r\n"
RENAMED = b"X-Archive-Orig-"
TLS_13 = {"TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256", "TLS_CHACHA20_POLY1305_SHA256"}
CHACHA = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256"
AES = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
AES_CBC = "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384"
HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
INTERIM = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\nX-odd:  1\n\n" + HINTS * 2

ROUTES = {
    "/plain": Route(sent=with_length(HTML, b"Content-Type: text/html; charset=utf-8", b"Server: lamp/0.1")),
    "/gzip": Route(sent=with_length(PACKED, b"Content-Type: text/html", b"Content-Encoding: gzip")),
    "/chunked": Route(
        sent=CHUNK_HEAD + chunked(HTML[:100], HTML[100:], extension=b";mark=1", trailer=b"X-Check: 7\r\n"),
        stored=DECHUNKED_HEAD % len(HTML) + HTML,
        parts={"trailer": b"X-Check: 7\r\n\r\n"},
    ),
    "/chunked-spaced": Route(
        sent=b"HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n\r\n" + chunked(HTML),
        stored=b"HTTP/1.1 200 OK\r\nX-Archive-Orig-Transfer-Encoding : chunked\r\n"
        + b"Content-Length: %d\r\n\r\n" % len(HTML)
        + HTML,
    ),
    "/chunked-padded": Route(
        sent=CHUNK_HEAD
        + chunked(HTML[:100], HTML[100:], extension=b'   ; a="b \xff"').replace(b"0\r\n", b"0  \r\n"),
        stored=DECHUNKED_HEAD % len(HTML) + HTML,
    ),
    "/identity": Route(sent=with_length(HTML, b"Transfer-Encoding: Identity", b"Content-Type: text/html")),
    "/chunked-more": Route(
        sent=CHUNK_HEAD + chunked(HTML) + b"and more",
        then="close",
        stored=DECHUNKED_HEAD % len(HTML) + HTML,
        parts={"trailer": b"\r\nand more"},
    ),
    "/chunked-gzip": Route(
        sent=b"HTTP/1.1 200 OK\r\ntransfer-ENCODING:Chunked\r\nContent-Encoding: gzip\r\n\r\n"
        + chunked(PACKED),
        stored=b"HTTP/1.1 200 OK\r\nX-Archive-Orig-transfer-ENCODING:Chunked\r\nContent-Encoding: gzip\r\n"
        + b"Content-Length: %d\r\n\r\n" % len(PACKED)
        + PACKED,
    ),
    "/cookies": Route(
        sent=with_length(
            HTML, b"Set-Cookie: a=1; Path=/", b"X-Between: 1", b"set-cookie: b=2", b"Set-Cookie: a=3"
        )
    ),
    "/odd-case": Route(
        sent=with_length(HTML, b"conTENT-tYpE:text/html", b"X-Space:    wide   ", b"x-EMPTY:", b'ETAG:\t"q"')
    ),
    "/folded": Route(
        sent=with_length(HTML, b"X-Long: one,", b"  two,", b"\tthree", b"Content-Type: text/html")
    ),
    "/bad-line": Route(sent=with_length(HTML, b"this line has no colon", b"Content-Type: text/html")),
    "/bad-names": Route(
        sent=with_length(
            HTML, b"X Blank: 1", "X-Ünï: 2".encode(), b"X-N\0L: 3", b": 4", b"X-Nul: a\0b", b"X-CR: a\rb"
        )
    ),
    "/long-line": Route(sent=with_length(HTML, b"X-Policy: " + b"default-src 'self'; " * 2500)),
    "/reason": Route(sent=with_length(HTML, status="HTTP/1.1 200 Schön ✓".encode())),
    "/no-reason": Route(sent=with_length(HTML, status=b"HTTP/1.1 200")),
    "/latin-header": Route(
        sent=with_length(HTML, "X-Ort: Åre".encode(), b"X-Raw: \xe5\x85\xff", b"X-End: 1")
    ),
    "/line-feeds": Route(sent=b"HTTP/1.1 200 OK\nContent-Type: text/html\nContent-Length: 5\n\nhello"),
    "/204": Route(sent=b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n"),
    "/301": Route(sent=with_length(b"", b"Location: /plain", status=b"HTTP/1.1 301 Moved Permanently")),
    "/404": Route(sent=with_length(b"no such page", status=b"HTTP/1.1 404 Not Found")),
    "/500": Route(sent=with_length(b"broken", status=b"HTTP/1.1 500 Internal Server Error")),
    "/hints": Route(
        sent=HINTS + with_length(HTML, b"X-F: 1"),
        stored=with_length(HTML, b"X-F: 1"),
        parts={"interim": HINTS},
    ),
    "/interim": Route(
        sent=INTERIM + CHUNK_HEAD + chunked(HTML),
        stored=DECHUNKED_HEAD % len(HTML) + HTML,
        parts={"interim": INTERIM},
    ),
    "/switching": Route(
        sent=b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n\x81\x05hello",
        then="close",
        truncated="disconnect",
    ),
    "/304-chunked": Route(sent=b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"),
    "/http10": Route(sent=b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML, then="close"),
    "/cut": Route(
        sent=CUT_HEAD % b"" + HTML,
        then="close",
        stored=CUT_HEAD % RENAMED + HTML,
        truncated="disconnect",
    ),
    "/cut-chunk": Route(
        sent=CHUNK_HEAD + b"5\r\nhello\r\n40\r\nand no more",
        then="close",
        stored=DECHUNKED_HEAD % 16 + b"helloand no more",
        truncated="disconnect",
    ),
    "/longer": Route(sent=b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" + HTML, then="close"),
    "/two-lengths": Route(
        sent=b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\nhello",
        then="close",
        stored=b"HTTP/1.1 200 OK\r\n%sContent-Length: 5\r\n%sContent-Length: 9\r\n\r\nhello"
        % (RENAMED, RENAMED),
        truncated="disconnect",
    ),
    "/negative-length": Route(
        sent=b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello", then="close", truncated="disconnect"
    ),
    "/bad-chunk": Route(
        sent=CHUNK_HEAD + b"5\r\nhello\r\nzz\r\nworld\r\n0\r\n\r\n",
        then="close",
        stored=DECHUNKED_HEAD % 5 + b"hello",
        truncated="disconnect",
        parts={"trailer": b"zz\r\nworld\r\n0\r\n\r\n"},
    ),
    "/slow": Route(
        sent=CUT_HEAD % b"" + HTML,
        then="hold",
        stored=CUT_HEAD % RENAMED + HTML,
        truncated="time",
    ),
    "/slow-head": Route(sent=b"HTTP/1.1 200 OK\r\nX-Begun: 1\r\n", then="hold", truncated="time"),
    "/keep-1": Route(sent=with_length(HTML, b"X-Page: 1")),
    "/keep-2": Route(sent=with_length(HTML, b"X-Page: 2")),
    "/warc-inside": Route(
        sent=with_length(b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 0\r\n\r\n\r\n\r\n")
    ),
}
TRUNCATED_ERRORS = {
    "disconnect": {"ResponseDataLossError", "DownloadFailedError"},
    "time": {"DownloadTimeoutError"},
}


@pytest.fixture(scope="module", params=["dechunked", "chunked", "tls"])
def mode(request) -> str:
    """How chunked bodies are archived; "tls": as by default, and all over TLS."""
    return str(request.param)


@pytest.fixture(scope="module")
def everything(serve_for_module, wire, capture_crawl, tmp_path_factory, mode) -> Crawled:
    answers = {path: wire.Answer(sent=route.sent, then=route.then) for path, route in ROUTES.items()}
    folder = tmp_path_factory.mktemp("wire")
    server = serve_for_module(answers, self_signed(folder) if mode == "tls" else None)
    timeouts = {"/slow", "/slow-head"}
    paths = [(path, {"meta": {"download_timeout": 1}} if path in timeouts else {}) for path in ROUTES]
    keeping = {"transfer_encoding": mode == "chunked", "secrets": True}
    settings = {"DOWNLOAD_VERIFY_CERTIFICATES": False}
    return crawled(capture_crawl, server, folder / "archive", paths, keeping=keeping, settings=settings)


@pytest.mark.parametrize("path", ROUTES)
def test_each_response_is_archived_as_it_was_sent(everything, mode, path):
    route, one = ROUTES[path], everything.only(path)
    assert one.answer.record_type == "response"
    assert one.answer.block == route.block(mode)
    assert one.answer.headers.get("WARC-Truncated") == route.truncated
    assert one.parts == route.beside(mode)


@pytest.mark.parametrize("path", ROUTES)
def test_each_request_is_archived_as_the_server_received_it(everything, path):
    (received,) = everything.server.requests(path)
    one = everything.only(path)
    assert one.request is not None
    assert one.request.block == received
    assert one.request.target_uri == one.answer.target_uri
    assert one.request.headers["WARC-Date"] == one.answer.headers["WARC-Date"]


@pytest.mark.parametrize("path", ROUTES)
def test_the_spider_gets_what_scrapy_would_give_it(everything, path):
    (answer,) = everything.answers[path]
    expected = ROUTES[path].truncated
    if expected:
        assert answer["error"] in TRUNCATED_ERRORS[expected]
    else:
        (one,) = everything.exchanges[path]
        assert answer["record_id"] == one.answer.record_id


@pytest.mark.parametrize(
    "path",
    [
        *["/plain", "/gzip", "/chunked", "/chunked-gzip", "/chunked-spaced", "/chunked-more", "/hints"],
        *["/interim", "/http10", "/bad-names", "/long-line", "/chunked-padded", "/identity"],
    ],
)
def test_the_spider_gets_the_whole_page_unpacked(everything, path):
    (answer,) = everything.answers[path]
    assert answer["body"].encode("latin-1") == HTML


@pytest.mark.parametrize("path", ROUTES)
def test_the_digests_are_those_of_the_block_and_the_entity_body(everything, path):
    (one,) = everything.exchanges[path]
    assert one.answer.headers["WARC-Block-Digest"] == digest(one.answer.block)
    assert one.answer.headers["WARC-Payload-Digest"] == digest(payload_of(one.answer.block))


def test_a_chunked_page_and_a_plain_one_have_the_same_payload_digest(everything):
    digests = {
        everything.exchanges[path][0].answer.headers["WARC-Payload-Digest"] for path in ("/plain", "/chunked")
    }
    assert len(digests) == 1


def test_requests_to_one_host_share_a_connection(everything):
    numbers = {one.path: one.connection for one in everything.server.seen}
    assert numbers["/keep-1"] == numbers["/keep-2"]


def test_each_answer_tells_address_and_protocol(everything, mode):
    new, old = everything.only("/plain").answer, everything.only("/http10").answer
    secured = ("tls/1.3",) if mode == "tls" else ()
    assert new.headers["WARC-IP-Address"] == "127.0.0.1"
    assert new.headers.get_all("WARC-Protocol") == ("http/1.1", *secured)
    assert old.headers.get_all("WARC-Protocol") == ("http/1.0", *secured)
    assert ("WARC-Cipher-Suite" in new.headers) is (mode == "tls")


def test_warcio_finds_no_fault_in_the_file(everything, mode):
    if mode == "chunked":
        pytest.skip("warcio takes the digest of the chunks for that of the payload")
    check = subprocess.run(
        [sys.executable, "-m", "warcio.cli", "check", "-v", *map(str, everything.files)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stdout + check.stderr
    assert "digest pass" in check.stdout


def test_a_page_seen_again_is_a_revisit_of_its_first_capture(serve, wire, capture_crawl, tmp_path):
    server = serve({"/page": wire.Answer(sent=ROUTES["/chunked"].sent)})
    result = crawled(capture_crawl, server, tmp_path, ["/page", "/page"])
    first, second = (one.answer for one in result.exchanges["/page"])
    assert (first.record_type, second.record_type) == ("response", "revisit")
    assert second.headers["WARC-Refers-To-Target-URI"] == first.target_uri
    assert second.headers["WARC-Refers-To-Date"] == first.headers["WARC-Date"]
    assert second.headers["WARC-Payload-Digest"] == first.headers["WARC-Payload-Digest"]
    assert second.headers["WARC-Profile"].endswith("/1.1/revisit/identical-payload-digest")
    assert second.block == DECHUNKED_HEAD % len(HTML)


def test_a_304_is_a_revisit_of_the_capture_it_confirms(serve, wire, capture_crawl, tmp_path):
    fresh = with_length(HTML, b'ETag: "v1"')
    unchanged = b'HTTP/1.1 304 Not Modified\r\nETag: "v1"\r\n\r\n'
    server = serve({"/page": wire.Answer(sent=fresh, reused=wire.Answer(sent=unchanged))})
    asked = ["/page", ("/page", {"headers": {"If-None-Match": '"v1"'}})]
    result = crawled(capture_crawl, server, tmp_path, asked)
    first, second = result.exchanges["/page"]
    assert second.answer.record_type == "revisit"
    assert second.answer.block == unchanged
    assert second.answer.headers["WARC-Profile"].endswith("/1.1/revisit/server-not-modified")
    assert second.answer.headers["WARC-Refers-To-Date"] == first.answer.headers["WARC-Date"]
    assert b'If-None-Match: "v1"\r\n' in second.request.block


def test_a_cut_page_is_no_revisit_even_with_the_bytes_of_the_first(serve, wire, capture_crawl, tmp_path):
    cut = wire.Answer(sent=CUT_HEAD % b"" + HTML, then="close")
    server = serve({"/page": wire.Answer(sent=with_length(HTML), reused=cut)})
    result = crawled(capture_crawl, server, tmp_path, ["/page", "/page"])
    _, second = result.exchanges["/page"]
    assert (second.answer.record_type, second.answer.headers["WARC-Truncated"]) == ("response", "disconnect")


def test_a_304_for_a_page_not_archived_is_a_plain_response(serve, wire, capture_crawl, tmp_path):
    unchanged = b"HTTP/1.1 304 Not Modified\r\nContent-Length: 700\r\n\r\n"
    server = serve({"/page": wire.Answer(sent=unchanged)})
    result = crawled(capture_crawl, server, tmp_path, ["/page"])
    (one,) = result.exchanges["/page"]
    assert (one.answer.record_type, one.answer.block) == ("response", unchanged)
    assert "WARC-Truncated" not in one.answer.headers


def test_a_request_repeated_on_a_fresh_connection_is_archived_once(serve, wire, capture_crawl, tmp_path):
    stale = wire.Answer(sent=b"", then="close")
    page = with_length(HTML)
    server = serve({"/warm": wire.Answer(sent=page), "/page": wire.Answer(sent=page, reused=stale)})
    result = crawled(capture_crawl, server, tmp_path, ["/warm", "/page"])
    assert len(server.requests("/page")) == 2
    (one,) = result.exchanges["/page"]
    assert one.request.block == server.requests("/page")[1]
    assert one.answer.block == page


def test_exchanges_at_the_same_time_are_not_mixed(serve, wire, capture_crawl, tmp_path):
    pages = {f"/{number}": chunked(*[b"%d." % number * 3000] * 20) for number in range(24)}
    server = serve({path: wire.Answer(sent=CHUNK_HEAD + body) for path, body in pages.items()})
    settings = {"CONCURRENT_REQUESTS": 8, "CONCURRENT_REQUESTS_PER_DOMAIN": 8}
    result = crawled(capture_crawl, server, tmp_path, list(pages), settings=settings)
    assert server.connections > 1
    for number, path in enumerate(pages):
        (one,) = result.exchanges[path]
        assert payload_of(one.answer.block) == b"%d." % number * 3000 * 20
        assert [one.request.block] == server.requests(path)


def test_each_try_is_an_exchange_of_its_own(serve, wire, capture_crawl, tmp_path):
    busy = with_length(b"busy", status=b"HTTP/1.1 503 Service Unavailable")
    server = serve({"/page": wire.Answer(sent=busy, reused=wire.Answer(sent=with_length(HTML)))})
    settings = {"RETRY_ENABLED": True, "RETRY_TIMES": 1}
    result = crawled(capture_crawl, server, tmp_path, ["/page"], settings=settings)
    assert [one.answer.block for one in result.exchanges["/page"]] == [busy, with_length(HTML)]
    assert [one.request.block for one in result.exchanges["/page"]] == server.requests("/page")
    assert result.answers["/page"][0]["status"] == 200


def test_a_full_disk_stops_the_crawl_and_leaves_whole_records(serve, wire, capture_crawl, tmp_path):
    noise = b"".join(digest(b"%d" % number).encode() for number in range(2000))
    server = serve(
        {"/small": wire.Answer(sent=with_length(HTML)), "/large": wire.Answer(sent=with_length(noise))}
    )
    told = {"file_limit": 50_000, "settings": {"RETRY_ENABLED": True}}
    result = crawled(capture_crawl, server, tmp_path, ["/small", "/large"], **told)
    assert result.result["stopped"] == ["OutOfSpaceError"]
    assert result.answers["/large"] == [{"error": "IgnoreRequest"}]
    assert [one.answer.block for one in result.exchanges["/small"]] == [with_length(HTML)]
    assert set(result.exchanges) == {"/small"}
    assert len(server.requests("/large")) == 1


@pytest.mark.parametrize("kind", ["declared", "chunked"])
def test_a_body_over_the_limit_is_archived_as_far_as_it_came(serve, wire, capture_crawl, tmp_path, kind):
    sent = with_length(LONG) if kind == "declared" else CHUNK_HEAD + chunked(*[b"y" * 1000] * 250)
    server = serve({"/long": wire.Answer(sent=sent)})
    result = crawled(capture_crawl, server, tmp_path, ["/long"], settings={"DOWNLOAD_MAXSIZE": MAX_BYTES})
    (one,) = result.exchanges["/long"]
    assert result.answers["/long"] == [{"error": "DownloadCancelledError"}]
    assert one.answer.headers["WARC-Truncated"] == "length"
    body = payload_of(one.answer.block)
    assert body == (LONG if kind == "declared" else b"y" * 250_000)[: len(body)]


def test_an_endless_head_is_given_up(serve, wire, capture_crawl, tmp_path):
    endless = wire.Answer(sent=b"HTTP/1.1 200 OK\r\n", then="flood", filler=b"X-More: and more\r\n" * 500)
    server = serve({"/endless": endless, "/plain": wire.Answer(sent=with_length(HTML))})
    result = crawled(capture_crawl, server, tmp_path, ["/endless", "/plain"])
    (one,) = result.exchanges["/endless"]
    assert one.answer.headers["WARC-Truncated"] == "length"
    assert len(one.answer.block) <= 2 << 20
    assert result.answers["/plain"][0]["status"] == 200


def test_heads_before_an_answer_that_never_comes_are_given_up(serve, wire, capture_crawl, tmp_path):
    endless = wire.Answer(sent=b"", then="flood", filler=b"HTTP/1.1 102 Processing\r\n\r\n" * 400)
    server = serve({"/endless": endless})
    one = crawled(capture_crawl, server, tmp_path, ["/endless"]).only("/endless")
    assert read_warc_fields(one.answer.block)["fetchOutcome"] == "too_large"
    assert HEAD_LIMIT_BYTES < len(one.parts["received"]) < HEAD_LIMIT_BYTES + (1 << 17)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"SSH-2.0-lamp\r\n\r\n",
        b"220 mail.example ESMTP\r\n",
        b"<html><p>HTTP/0.9 has no head.</p></html>\r\n" * 40,
        bytes(range(256)) * 8,
        b"HTTP/1.1 20",
        b"HTTP/1.1 OK\r\n\r\n",
        b"\r\nHTTP/1.1 200 OK\r\n\r\n",
        b"ICY 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        # Twisted takes these two for answers; a reader of the archive could not.
        b"XYZ/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 2000 OK\r\nContent-Length: 5\r\n\r\nhello",
    ],
)
def test_what_is_no_http_leaves_a_failure_with_all_its_bytes(serve, wire, capture_crawl, tmp_path, sent):
    server = serve({"/odd": wire.Answer(sent=sent, then="close")})
    result = crawled(capture_crawl, server, tmp_path, ["/odd"])
    one = result.only("/odd")
    assert one.answer.record_type == "metadata"
    assert read_warc_fields(one.answer.block)["fetchOutcome"] == "disconnected"
    assert one.request.block == server.requests("/odd")[0]
    assert one.parts.get("received", b"") == sent
    assert result.answers["/odd"] == [{"error": "DownloadFailedError"}]


def test_secrets_of_a_request_are_sent_but_not_archived(serve, wire, capture_crawl, tmp_path):
    server = serve({"/page": wire.Answer(sent=with_length(HTML))})
    headers = {"Authorization": "Basic bGFtcDpnbG93", "Cookie": "id=glow", "Accept": "text/html"}
    settings = {"COOKIES_ENABLED": False}
    result = crawled(capture_crawl, server, tmp_path, [("/page", {"headers": headers})], settings=settings)
    (sent,), request = server.requests("/page"), result.only("/page").request
    assert b"bGFtcDpnbG93" in sent
    assert b"id=glow" in sent
    assert sent.replace(b"Basic bGFtcDpnbG93", b"redacted").replace(b"id=glow", b"redacted") == request.block
    assert set(request.headers["X-Presswarc-Redacted"].split(", ")) == {"Authorization", "Cookie"}


def test_a_head_request_is_whole_though_its_answer_has_no_body(serve, wire, capture_crawl, tmp_path):
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nTransfer-Encoding: chunked\r\n\r\n"
    server = serve({"/page": wire.Answer(sent=head)})
    one = crawled(capture_crawl, server, tmp_path, [("/page", {"method": "HEAD"})]).only("/page")
    assert (one.answer.block, one.answer.headers.get("WARC-Truncated")) == (head, None)


def test_a_port_where_nobody_listens_leaves_a_failure_without_request(serve, capture_crawl, tmp_path):
    server = serve({})
    gone = Gone(server.port)
    server.stop()
    result = crawled(capture_crawl, gone, tmp_path, ["/x"])
    (one,) = result.exchanges["/x"]
    assert read_warc_fields(one.answer.block)["fetchOutcome"] == "connection_failed"
    assert one.request is None


def test_connect_to_leaves_the_url_and_the_host_header_alone(serve, wire, capture_crawl, tmp_path):
    server = serve({"/story?id=1": wire.Answer(sent=with_length(HTML))})
    told = {
        "archive": str(tmp_path),
        "connect_to": {"news.example.org:80": f"127.0.0.1:{server.port}"},
        "requests": [{"url": "http://news.example.org/story?id=1#top"}],
    }
    capture_crawl(told)
    (one,) = archived(tmp_path)
    assert one.answer.target_uri == "http://news.example.org/story?id=1"
    assert one.request.block == server.requests("/story?id=1")[0]
    assert b"Host: news.example.org\r\n" in one.request.block


@pytest.mark.parametrize(
    ("asked", "cipher"),
    [
        ("", None),
        ("ECDHE-ECDSA-CHACHA20-POLY1305", CHACHA),
        ("ECDHE-RSA-AES128-GCM-SHA256", AES),
        ("ECDHE-RSA-AES256-SHA384", AES_CBC),
    ],
)
def test_over_tls_version_and_cipher_are_told(serve, wire, capture_crawl, tmp_path, asked, cipher):
    context = self_signed(tmp_path, with_rsa="RSA" in asked)
    if asked:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(asked)
    server = serve({"/page": wire.Answer(sent=with_length(HTML))}, context)
    settings = {"DOWNLOAD_VERIFY_CERTIFICATES": False}
    one = crawled(capture_crawl, server, tmp_path / "archive", ["/page"], settings=settings).only("/page")
    told = "tls/1.2" if asked else "tls/1.3"
    for record in (one.answer, one.request):
        assert record.headers.get_all("WARC-Protocol") == ("http/1.1", told)
        suite = record.headers["WARC-Cipher-Suite"]
        assert suite == cipher if cipher else suite in TLS_13


def test_a_certificate_that_nobody_vouches_for_is_a_failure(serve, wire, capture_crawl, tmp_path):
    server = serve({"/": wire.Answer(sent=with_length(HTML))}, self_signed(tmp_path))
    settings = {"DOWNLOAD_VERIFY_CERTIFICATES": True}
    result = crawled(capture_crawl, server, tmp_path / "archive", ["/"], settings=settings)
    (one,) = result.exchanges["/"]
    fields = read_warc_fields(one.answer.block)
    assert fields["fetchOutcome"] == "disconnected"
    assert "certificate" in fields["fetchReason"]
    assert server.seen == []
    assert one.request is None


def test_a_request_over_tls_without_an_answer_tells_version_and_cipher(serve, wire, capture_crawl, tmp_path):
    answers = {"/close": wire.Answer(sent=b"", then="close"), "/hold": wire.Answer(sent=b"", then="hold")}
    server = serve(answers, self_signed(tmp_path))
    settings = {"DOWNLOAD_VERIFY_CERTIFICATES": False, "DOWNLOAD_TIMEOUT": 1}
    result = crawled(capture_crawl, server, tmp_path / "archive", list(answers), settings=settings)
    for path in answers:
        one = result.only(path)
        assert one.request is not None
        assert one.request.block in server.requests(path)
        for record in (one.answer, one.request):
            assert record.headers.get_all("WARC-Protocol") == ("http/1.1", "tls/1.3")
            assert record.headers["WARC-Cipher-Suite"] in TLS_13


@dataclass(frozen=True, slots=True)
class Gone:
    """A port without a server."""

    port: int
    tls: None = None
