"""Capture against a server that logs every byte: what is archived is what went over the wire.

All routes are crawled once; each test looks at one of them. A route's `stored` is the response as it must be
archived, by default exactly as it was sent.
"""

from __future__ import annotations

import gzip
import ssl
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from storage.layout import Layout
from storage.model import Record
from storage.warc import read_records
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
    """What the server sends for a path, and what the archive must hold of it."""

    sent: bytes
    then: str = "keep"
    stored: bytes | None = None
    truncated: str | None = None


CHUNK_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\nX-After: 1\r\n\r\n"
DECHUNKED_HEAD = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\n"
    b"X-After: 1\r\nContent-Length: %d\r\n\r\n"
)
CUT_HEAD = b"HTTP/1.1 200 OK\r\n%sContent-Length: 5000\r\n\r\n"
RENAMED = b"X-Archive-Orig-"

ROUTES = {
    "/plain": Route(sent=with_length(HTML, b"Content-Type: text/html; charset=utf-8", b"Server: lamp/0.1")),
    "/gzip": Route(sent=with_length(PACKED, b"Content-Type: text/html", b"Content-Encoding: gzip")),
    "/chunked": Route(
        sent=CHUNK_HEAD + chunked(HTML[:100], HTML[100:], extension=b";mark=1", trailer=b"X-Check: 7\r\n"),
        stored=DECHUNKED_HEAD % len(HTML) + HTML,
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
        sent=b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
        + with_length(HTML, b"X-F: 1"),
        stored=with_length(HTML, b"X-F: 1"),
    ),
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """The records of an exchange: its answer (response, revisit, metadata), its request if one was sent."""

    answer: Record
    request: Record | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """What a crawl left: exchanges by path in their order, and what the spider got for each path."""

    exchanges: dict[str, list[Archived]]
    answers: dict[str, list[Any]]
    files: list[Path]
    server: Any
    result: dict[str, Any]


def archived(archive: Path) -> list[Archived]:
    records = [one for path in Layout(archive).warc_files() for one in read_records(path)]
    assert all(isinstance(one, Record) for one in records), records
    requests = {one.headers["WARC-Concurrent-To"]: one for one in records if one.record_type == "request"}
    assert len(requests) == sum(one.record_type == "request" for one in records)
    return [
        Archived(answer=one, request=requests.get(f"<{one.record_id}>"))
        for one in records
        if one.record_type in {"response", "revisit", "metadata"}
    ]


def crawled(crawl: Callable[..., Any], server: Any, archive: Path, paths: list[Any], **told: Any) -> Crawled:
    """Crawl `paths` of `server`: each a path, or a path with more for the request."""
    scheme = "https" if server.tls else "http"
    asked = [(one, {}) if isinstance(one, str) else one for one in paths]
    base = f"{scheme}://127.0.0.1:{server.port}"
    requests = [{"url": base + path, **more} for path, more in asked]
    allowed = [["127.0.0.1", server.port]]
    result = crawl({"archive": str(archive), "allowed": allowed, "requests": requests, **told})
    exchanges: dict[str, list[Archived]] = {}
    for one in archived(archive):
        exchanges.setdefault((one.answer.target_uri or "").removeprefix(base), []).append(one)
    answers: dict[str, list[Any]] = {}
    for (path, _), answer in zip(asked, result["answers"], strict=True):
        answers.setdefault(path, []).append(answer)
    files = Layout(archive).warc_files()
    return Crawled(exchanges=exchanges, answers=answers, files=files, server=server, result=result)


@pytest.fixture(scope="module")
def everything(serve_for_module, wire, capture_crawl, tmp_path_factory) -> Crawled:
    answers = {path: wire.Answer(sent=route.sent, then=route.then) for path, route in ROUTES.items()}
    server = serve_for_module(answers)
    timeouts = {"/slow", "/slow-head"}
    paths = [(path, {"meta": {"download_timeout": 1}} if path in timeouts else {}) for path in ROUTES]
    return crawled(capture_crawl, server, tmp_path_factory.mktemp("wire"), paths)


@pytest.mark.parametrize("path", ROUTES)
def test_each_response_is_archived_as_it_was_sent(everything, path):
    route = ROUTES[path]
    (one,) = everything.exchanges[path]
    assert one.answer.record_type == "response"
    assert one.answer.block == (route.sent if route.stored is None else route.stored)
    assert one.answer.headers.get("WARC-Truncated") == route.truncated


@pytest.mark.parametrize("path", ROUTES)
def test_each_request_is_archived_as_the_server_received_it(everything, path):
    (received,) = everything.server.requests(path)
    (one,) = everything.exchanges[path]
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


@pytest.mark.parametrize("path", ["/plain", "/gzip", "/chunked", "/chunked-gzip", "/hints", "/http10"])
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


def test_each_answer_tells_address_and_protocol(everything):
    (new,), (old,) = everything.exchanges["/plain"], everything.exchanges["/http10"]
    assert new.answer.headers["WARC-IP-Address"] == "127.0.0.1"
    assert new.answer.headers.get_all("WARC-Protocol") == ("http/1.1",)
    assert old.answer.headers.get_all("WARC-Protocol") == ("http/1.0",)
    assert "WARC-Cipher-Suite" not in new.answer.headers


def test_warcio_finds_no_fault_in_the_file(everything):
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


@pytest.mark.parametrize("sent", [b"", b"SSH-2.0-lamp\r\n\r\n"])
def test_a_server_that_speaks_no_http_leaves_a_failure(serve, wire, capture_crawl, tmp_path, sent):
    server = serve({"/odd": wire.Answer(sent=sent, then="close")})
    result = crawled(capture_crawl, server, tmp_path, ["/odd"])
    (one,) = result.exchanges["/odd"]
    assert one.answer.record_type == "metadata"
    assert read_warc_fields(one.answer.block)["fetchOutcome"] == "disconnected"
    assert one.request.block == server.requests("/odd")[0]
    assert sent.strip() in one.answer.block


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


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's TLS with a certificate for 127.0.0.1 that nobody vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


@pytest.mark.parametrize(
    ("version", "protocol"), [(ssl.TLSVersion.TLSv1_3, "tls/1.3"), (ssl.TLSVersion.TLSv1_2, "tls/1.2")]
)
def test_over_tls_the_bytes_inside_are_archived_with_version_and_cipher(
    serve, wire, capture_crawl, tmp_path, version, protocol
):
    context = self_signed(tmp_path)
    context.maximum_version = version
    server = serve({"/chunked": wire.Answer(sent=ROUTES["/chunked"].sent)}, context)
    settings = {"DOWNLOAD_VERIFY_CERTIFICATES": False}
    result = crawled(capture_crawl, server, tmp_path / "archive", ["/chunked"], settings=settings)
    (one,) = result.exchanges["/chunked"]
    assert one.answer.block == ROUTES["/chunked"].stored
    assert one.request.block == server.requests("/chunked")[0]
    assert one.answer.headers.get_all("WARC-Protocol") == ("http/1.1", protocol)
    cipher = one.answer.headers["WARC-Cipher-Suite"]
    assert cipher in {each["name"] for each in ssl.create_default_context().get_ciphers()}


def test_a_certificate_that_nobody_vouches_for_is_a_failure(serve, wire, capture_crawl, tmp_path):
    server = serve({"/": wire.Answer(sent=with_length(HTML))}, self_signed(tmp_path))
    settings = {"DOWNLOAD_VERIFY_CERTIFICATES": True}
    result = crawled(capture_crawl, server, tmp_path / "archive", ["/"], settings=settings)
    (one,) = result.exchanges["/"]
    fields = read_warc_fields(one.answer.block)
    assert fields["fetchOutcome"] == "disconnected"
    assert "certificate" in fields["fetchReason"]
    assert server.seen == []


@dataclass(frozen=True, slots=True)
class Gone:
    """A port without a server."""

    port: int
    tls: None = None
