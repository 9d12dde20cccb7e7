"""HTTP/2 capture against a real HTTP/2 server: what its frames held is in the archive, however they end."""

from __future__ import annotations

from typing import Any

import pytest
from captures import Crawled, crawled, self_signed

from storage.warc.build import read_warc_fields
from storage.warc.digests import digest
from storage.warc.http import payload_of, split_head

pytest.importorskip("h2", reason="needs the extra http2")

HTML = b"<title>Harbor light relit</title><p>The lamp on Gull Rock burns again after forty years.</p>" * 8
LARGE = b"".join(b"<p>Line %d of the harbour's log.</p>" % number for number in range(60_000))
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n"
MAX_BYTES = 4_000_000
SETTINGS = {
    "PRESSWARC_HTTP2": True,
    "DOWNLOAD_VERIFY_CERTIFICATES": False,
    "DOWNLOAD_MAXSIZE": MAX_BYTES,
    "COOKIES_ENABLED": False,
}
RENAMED = b"X-Archive-Orig-content-length"


def routes(http2: Any) -> dict[str, Any]:
    ok, page, steps = http2.OK, http2.page, http2.steps
    fields = [(b"x-a", b"1"), (b"set-cookie", b"a=1"), (b"x-b", b"  wide "), (b"set-cookie", b"b=2")]
    return {
        "/page": page(HTML),
        "/page?id=1&x=%20y": page(HTML),
        "/fields": page(HTML, *fields),
        "/large": page(LARGE),
        "/hints": steps(
            ("head", [(b":status", b"103"), (b"link", b"</a.css>")]),
            ("head", ok),
            ("data", HTML),
            ("done", None),
        ),
        "/trailers": steps(("head", ok), ("data", HTML), ("trailers", [(b"x-check", b"7")])),
        "/304": steps(("head_alone", [(b":status", b"304"), (b"content-length", b"700")])),
        "/404": steps(("head", [(b":status", b"404")]), ("data", b"no such page"), ("done", None)),
        "/299": steps(("head_alone", [(b":status", b"299")])),
        "/line-ends": page(
            HTML, (b"x-a", b"one\r\nx-b: two"), (b"x-n\0l", b"3"), (b"transfer-encoding", b"chunked")
        ),
        "/connection": page(HTML, (b"connection", b"keep-alive"), (b"X-Case", b"kept")),
        "/reset": steps(("head", ok), ("data", HTML), ("reset", 2)),
        "/reset-at-once": steps(("reset", 2)),
        "/silent": steps(("hang", None)),
        "/slow": steps(("head", ok), ("data", HTML), ("hang", None)),
        "/drip": steps(("head", ok), *[("data", b"drip "), ("pause", 0.2)] * 50),
        "/short": page(HTML, (b"content-length", b"5000")),
        "/long": page(HTML, (b"content-length", b"5")),
        "/no-body": steps(("head_alone", [*ok, (b"content-length", b"5000")])),
        "/part": steps(
            ("head", [*ok, (b"content-length", b"5000")]),
            ("data", HTML),
            ("raw", lambda stream: http2.part_of_data(stream, 900, b"the last words")),
            ("close", None),
        ),
        "/gone": steps(("head", ok), ("data", HTML), ("close", None)),
        "/going": steps(("head", ok), ("raw", http2.goaway), ("data", HTML), ("done", None)),
        "/refused": [steps(("raw", lambda _: http2.goaway(0)), ("close", None)), page(HTML)],
        "/refused-stream": [steps(("reset", 7)), page(HTML)],
        "/stale": [steps(("close", None)), page(HTML)],
        "/always-refused": steps(("reset", 7)),
        "/flood": steps(("raw", lambda _: http2.pings(20_000)), ("hang", None)),
        "/declared-large": steps(
            ("head", [*ok, (b"content-length", b"%d" % (MAX_BYTES + 1))]), ("hang", None)
        ),
        "/too-large": steps(("head", ok), *[("data", b"x" * 500_000)] * 12, ("done", None)),
        "/bad-frame": steps(("head", ok), ("data", HTML), ("raw", lambda _: b"\xff" * 20), ("hang", None)),
        "/no-status": steps(("head", [(b"content-type", b"text/html")]), ("data", HTML), ("done", None)),
        "/last": page(HTML),
    }


CUT = {
    "/reset": ("disconnect", HEAD + HTML, "ResponseDataLossError"),
    "/slow": ("time", HEAD + HTML, "DownloadTimeoutError"),
    "/gone": ("disconnect", HEAD + HTML, "ResponseDataLossError"),
    "/part": (
        "disconnect",
        HEAD.replace(b"\r\n\r\n", b"\r\n%s: 5000\r\n\r\n" % RENAMED) + HTML + b"the last words",
        "ResponseDataLossError",
    ),
    "/short": (
        "disconnect",
        HEAD.replace(b"\r\n\r\n", b"\r\n%s: 5000\r\n\r\n" % RENAMED) + HTML,
        "ResponseDataLossError",
    ),
    "/long": (
        "disconnect",
        HEAD.replace(b"\r\n\r\n", b"\r\ncontent-length: 5\r\n\r\n") + HTML,
        "ResponseDataLossError",
    ),
    "/no-body": (
        "disconnect",
        HEAD.replace(b"\r\n\r\n", b"\r\n%s: 5000\r\n\r\n" % RENAMED),
        "ResponseDataLossError",
    ),
    "/bad-frame": ("disconnect", HEAD + HTML, "ResponseDataLossError"),
}
FAILED = {
    "/silent": ("timed_out", "DownloadTimeoutError"),
    "/reset-at-once": ("disconnected", "DownloadFailedError"),
    "/always-refused": ("disconnected", "UnansweredError"),
    "/flood": ("disconnected", "DownloadFailedError"),
}


@pytest.fixture(scope="module")
def alpn(tmp_path_factory) -> Any:
    """TLS of a server that offers HTTP/2."""
    context = self_signed(tmp_path_factory.mktemp("tls"))
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


@pytest.fixture(scope="module")
def everything(serve_http2, http2, alpn, capture_crawl, tmp_path_factory) -> Crawled:
    server = serve_http2(routes(http2), alpn)
    paths = [(path, {"meta": {"download_timeout": 2}}) for path in server.routes]
    return crawled(capture_crawl, server, tmp_path_factory.mktemp("h2"), paths, settings=SETTINGS)


def block(everything: Crawled, path: str) -> bytes:
    return everything.only(path).answer.block


@pytest.mark.parametrize("path", ["/page", "/page?id=1&x=%20y", "/hints", "/trailers", "/going", "/last"])
def test_a_page_is_its_head_in_the_form_of_http1_and_the_body_of_its_frames(everything, path):
    one = everything.only(path)
    assert one.answer.record_type == "response"
    assert one.answer.block == HEAD + HTML
    assert "WARC-Truncated" not in one.answer.headers
    (answer,) = everything.answers[path]
    assert (answer["status"], answer["body"].encode()) == (200, HTML)


@pytest.mark.parametrize("path", ["/page", "/page?id=1&x=%20y", "/404", "/slow", "/silent"])
def test_the_request_is_archived_with_the_fields_that_the_server_got(everything, path):
    (fields,) = everything.server.fields(path)
    pseudo, others = dict(fields[:4]), fields[4:]
    assert (pseudo[b":method"], pseudo[b":path"]) == (b"GET", path.encode())
    lines = [b"GET %s HTTP/1.1" % path.encode(), b"host: %s" % pseudo[b":authority"]]
    lines += [b"%s: %s" % (name, value) for name, value in others]
    assert everything.only(path).request.block == b"\r\n".join([*lines, b"", b""])


def test_every_record_of_an_exchange_tells_the_protocols(everything):
    one = everything.only("/page")
    for record in (one.answer, one.request):
        assert record.headers.get_all("WARC-Protocol") == ("h2", "tls/1.3")
        assert record.headers["WARC-Cipher-Suite"].startswith("TLS_")
        assert record.headers["WARC-IP-Address"] == "127.0.0.1"


def test_fields_keep_their_order_case_and_repeats(everything):
    head, _ = split_head(block(everything, "/fields"))
    assert head.split(b"\r\n")[2:6] == [b"x-a: 1", b"set-cookie: a=1", b"x-b:   wide ", b"set-cookie: b=2"]
    assert b"X-Case: kept\r\n" in block(everything, "/connection")


def test_a_line_end_in_a_field_begins_no_line_of_its_own(everything):
    head, body = split_head(block(everything, "/line-ends"))
    assert body == HTML
    assert head.split(b"\r\n")[2:5] == [
        b"x-a: one  x-b: two",
        b"x-n l: 3",
        b"x-archive-orig-transfer-encoding: chunked",
    ]


def test_a_page_larger_than_the_windows_comes_whole(everything):
    assert digest(block(everything, "/large")) == digest(HEAD + LARGE)


def test_heads_before_the_answer_and_fields_after_it_are_kept_beside_it(everything):
    assert everything.only("/hints").parts == {
        "interim": b"HTTP/1.1 103 Early Hints\r\nlink: </a.css>\r\n\r\n"
    }
    assert everything.only("/trailers").parts == {"trailer": b"x-check: 7\r\n"}


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("/304", b"HTTP/1.1 304 Not Modified\r\ncontent-length: 700\r\n\r\n"),
        ("/404", b"HTTP/1.1 404 Not Found\r\n\r\nno such page"),
        ("/299", b"HTTP/1.1 299 \r\n\r\n"),
    ],
)
def test_other_answers_have_the_usual_reason_phrase(everything, path, start):
    assert block(everything, path) == start
    assert "WARC-Truncated" not in everything.only(path).answer.headers


@pytest.mark.parametrize("path", CUT)
def test_an_answer_that_is_cut_is_archived_as_far_as_it_came(everything, path):
    truncated, expected, error = CUT[path]
    one = everything.only(path)
    assert (one.answer.headers["WARC-Truncated"], one.answer.block) == (truncated, expected)
    assert everything.answers[path] == [{"error": error}]


def test_an_answer_that_drips_is_given_up_after_the_time_of_a_request(everything):
    one = everything.only("/drip")
    assert one.answer.headers["WARC-Truncated"] == "time"
    drops = payload_of(one.answer.block)
    assert drops == b"drip " * (len(drops) // 5)
    assert 3 <= len(drops) // 5 <= 12


@pytest.mark.parametrize("path", FAILED)
def test_a_request_without_an_answer_leaves_a_failure(everything, path):
    outcome, error = FAILED[path]
    one = everything.only(path)
    assert read_warc_fields(one.answer.block)["fetchOutcome"] == outcome
    assert one.request is not None
    assert everything.answers[path] == [{"error": error}]


@pytest.mark.parametrize(("path", "least"), [("/declared-large", 0), ("/too-large", MAX_BYTES)])
def test_an_answer_over_the_limit_is_cut_there(everything, path, least):
    one = everything.only(path)
    assert one.answer.headers["WARC-Truncated"] == "length"
    assert least <= len(payload_of(one.answer.block)) <= least + (1 << 16)
    assert everything.answers[path] == [{"error": "DownloadCancelledError"}]
    assert path in everything.server.resets


def test_an_answer_without_a_status_is_kept_as_a_failure(everything):
    assert everything.answers["/no-status"] == [{"error": "DownloadFailedError"}]
    assert HTML in everything.only("/no-status").parts["received"]


@pytest.mark.parametrize("path", ["/refused", "/refused-stream", "/stale"])
def test_a_request_that_the_server_did_not_take_up_goes_out_again_and_is_archived_once(everything, path):
    assert len(everything.server.fields(path)) == 2
    assert block(everything, path) == HEAD + HTML


def test_many_requests_share_a_connection_as_the_server_allows(
    serve_http2, http2, alpn, capture_crawl, tmp_path
):
    pages = {f"/{number}": b"%d." % number * 30_000 for number in range(40)}
    scripts = {path: http2.steps(("pause", 0.02), *_sent(http2.page(body))) for path, body in pages.items()}
    server = serve_http2(scripts, alpn, most_streams=4)
    settings = {**SETTINGS, "CONCURRENT_REQUESTS": 16, "CONCURRENT_REQUESTS_PER_DOMAIN": 16}
    result = crawled(capture_crawl, server, tmp_path, list(pages), settings=settings)
    assert server.connections == 1
    assert 1 < server.most_at_once <= 4
    for path, body in pages.items():
        assert digest(payload_of(result.only(path).answer.block)) == digest(body), path


def _sent(page: list[Any]) -> list[tuple[str, Any]]:
    return [(step.do, step.value) for step in page]


def test_a_connection_that_ends_takes_only_its_own_requests_along(
    serve_http2, http2, alpn, capture_crawl, tmp_path
):
    cut = http2.steps(("head", http2.OK), ("data", HTML), ("pause", 0.3), ("close", None))
    server = serve_http2({f"/{number}": [cut, http2.page(HTML)] for number in range(6)}, alpn)
    settings = {
        **SETTINGS,
        "CONCURRENT_REQUESTS": 6,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 6,
        "RETRY_ENABLED": True,
    }
    result = crawled(capture_crawl, server, tmp_path, list(server.routes), settings=settings)
    for path, (first, second) in result.exchanges.items():
        assert first.answer.headers["WARC-Truncated"] == "disconnect", path
        assert second.answer.block == HEAD + HTML, path


@pytest.mark.parametrize("length", [b"5", b"5000"])
def test_a_body_of_another_length_than_its_head_says_takes_no_other_answer_along(
    serve_http2, http2, alpn, capture_crawl, tmp_path, length
):
    whole = http2.steps(("head", http2.OK), ("pause", 0.5), ("data", HTML), ("done", None))
    lying = http2.steps(("pause", 0.2), *_sent(http2.page(HTML, (b"content-length", length))))
    server = serve_http2({"/whole": whole, "/lying": lying}, alpn)
    settings = {**SETTINGS, "CONCURRENT_REQUESTS": 2, "CONCURRENT_REQUESTS_PER_DOMAIN": 2}
    result = crawled(capture_crawl, server, tmp_path, ["/whole", "/lying"], settings=settings)
    assert server.connections == 1
    assert result.only("/lying").answer.headers["WARC-Truncated"] == "disconnect"
    assert result.only("/whole").answer.block == HEAD + HTML


@pytest.mark.parametrize("offered", [None, ["http/1.1"]])
def test_a_server_without_http2_is_asked_over_http1(serve, wire, capture_crawl, tmp_path, offered):
    context = self_signed(tmp_path)
    if offered:
        context.set_alpn_protocols(offered)
    sent = b"HTTP/1.1 200 Fine\r\nX-CASE: 1\r\nContent-Length: %d\r\n\r\n%s" % (len(HTML), HTML)
    server = serve({path: wire.Answer(sent=sent) for path in ("/a", "/b", "/c")}, context)
    result = crawled(capture_crawl, server, tmp_path / "archive", ["/a", "/b", "/c"], settings=SETTINGS)
    for path in ("/a", "/b", "/c"):
        assert result.only(path).answer.block == sent
        assert result.only(path).answer.headers.get_all("WARC-Protocol") == ("http/1.1", "tls/1.3")
        assert [result.only(path).request.block] == server.requests(path)
    assert server.connections == 2  # one to learn what the server speaks


def test_plain_http_and_requests_with_a_body_go_over_http1(serve, wire, capture_crawl, tmp_path):
    sent = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    server = serve({"/a": wire.Answer(sent=sent)})
    result = crawled(capture_crawl, server, tmp_path, ["/a"], settings=SETTINGS)
    assert result.only("/a").answer.block == sent


def test_a_server_that_wants_http1_for_a_request_gets_it(serve_http2, http2, alpn, capture_crawl, tmp_path):
    server = serve_http2({"/a": http2.steps(("reset", 13))}, alpn)
    result = crawled(capture_crawl, server, tmp_path, ["/a"], settings=SETTINGS)
    # The test server speaks nothing else: it is enough that it was asked again, without HTTP/2.
    assert server.connections == 2
    assert result.only("/a").answer.headers.get_all("WARC-Protocol") == ("http/1.1", "tls/1.3")


def test_an_address_that_is_refused_is_not_dialled(serve_http2, http2, alpn, capture_crawl, tmp_path):
    server = serve_http2({"/a": http2.page(HTML)}, alpn)
    url = f"https://127.0.0.1:{server.port}/a"
    result = capture_crawl({"archive": str(tmp_path), "requests": [{"url": url}] * 2, "settings": SETTINGS})
    assert result["answers"] == [{"error": "IgnoreRequest"}] * 2
    assert server.connections == 0


def test_a_certificate_that_nobody_vouches_for_is_a_failure(
    serve_http2, http2, alpn, capture_crawl, tmp_path
):
    server = serve_http2({"/a": http2.page(HTML)}, alpn)
    settings = {**SETTINGS, "DOWNLOAD_VERIFY_CERTIFICATES": True}
    one = crawled(capture_crawl, server, tmp_path, ["/a"], settings=settings).only("/a")
    assert "certificate" in read_warc_fields(one.answer.block)["fetchReason"]
    assert server.asked == []


def test_a_server_that_agrees_on_http2_and_speaks_something_else_is_a_failure(
    serve_http2, alpn, capture_crawl, tmp_path
):
    server = serve_http2({}, alpn, greeting=b"220 mail.example ESMTP\r\n" * 40)
    one = crawled(capture_crawl, server, tmp_path, ["/a"], settings=SETTINGS).only("/a")
    assert read_warc_fields(one.answer.block)["fetchOutcome"] == "disconnected"


def test_redirects_are_followed_and_each_hop_is_archived(serve_http2, http2, alpn, capture_crawl, tmp_path):
    moved = http2.steps(("head_alone", [(b":status", b"301"), (b"location", b"/new")]))
    server = serve_http2({"/old": moved, "/new": http2.page(HTML)}, alpn)
    settings = {**SETTINGS, "REDIRECT_ENABLED": True}
    result = crawled(capture_crawl, server, tmp_path, ["/old"], settings=settings)
    assert result.only("/old").answer.block == b"HTTP/1.1 301 Moved Permanently\r\nlocation: /new\r\n\r\n"
    assert result.only("/new").answer.block == HEAD + HTML
    assert result.answers["/old"][0]["body"].encode() == HTML
