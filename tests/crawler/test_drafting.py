"""Records of an exchange: what the WARC says of bytes, whatever bytes they are."""

from __future__ import annotations

import asyncio
import gzip
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.capture.drafting import Fetch, Keeping, drafts_of
from crawler.capture.payloads import Payloads
from crawler.capture.sink import CaptureSink, Kept
from crawler.capture.wire import Exchange
from crawler.frontier import Found
from pipelines.records import discovered_of
from storage.article import Outcome
from storage.index.bodies import PublishedBodies
from storage.layout import Layout
from storage.model import Discovered, Headers, Record
from storage.warc import read_records
from storage.warc.build import Draft, FirstCapture, read_warc_fields
from storage.warc.digests import digest
from storage.warc.write import Origin, WarcWriter

NOW = datetime(2026, 11, 22, 1, 2, 3, 45, tzinfo=UTC)
URL = "http://news.example.org/a?b=c"
BODY = b"<p>a page of news</p>" * 30
ASKED = b"GET /a?b=c HTTP/1.1\r\nHost: news.example.org\r\n\r\n"
FOUND = Found(
    url=URL,
    kind="article",
    found_on="http://news.example.org/feed",
    found_in="feed",
    depth=1,
    hops="M",
    title="A title",
    published_raw="Sun, 22 Nov 2026 01:00:00 GMT",
)


@dataclass(frozen=True)
class Bodies:
    """An archive that holds whatever is asked for, or nothing."""

    known: bool = False

    def same(self, url: str, payload_digest: str, *, chunked: bool) -> FirstCapture | None:
        del chunked
        first = FirstCapture(url=url, captured_at=NOW - timedelta(days=1), payload_digest=payload_digest)
        return first if self.known else None

    def validated(self, url: str, etag: str | None, last_modified: str | None) -> FirstCapture | None:
        return self.same(url, "sha256:old", chunked=False) if etag or last_modified else None


def exchange(received: bytes, sent: bytes = ASKED, url: str = URL) -> Exchange:
    made = Exchange(url, NOW, bytearray(sent), bytearray(received), 1 << 30)
    made.ip = "192.0.2.1"
    made.ended_at = NOW + timedelta(milliseconds=1234)
    return made


def answer(body: bytes = BODY, *fields: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/html", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunked(body: bytes = BODY, trailer: bytes = b"") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"%x\r\n%s\r\n0\r\n%s\r\n" % (len(body), body, trailer)


def drafts(received: bytes, *, sent: bytes = ASKED, known: bool = False, **told: object) -> list[Draft]:
    keeping = Keeping(**{name: told.pop(name) for name in ("secrets", "transfer_encoding") if name in told})
    fetch = Fetch(exchange=exchange(received, sent), **told)
    return drafts_of(fetch, Bodies(known), keeping).records


def fields(draft: Draft) -> Headers:
    return Headers(draft.fields)


def kinds(made: list[Draft]) -> list[str]:
    return [one.record_type for one in made]


def test_an_answer_is_a_response_with_its_request_and_how_it_was_found():
    made = drafts(answer(), found=FOUND)
    assert kinds(made) == ["response", "request", "metadata"]
    response, request, metadata = made
    assert response.block == answer()
    assert request.block == ASKED
    assert {fields(one)["WARC-Date"] for one in made} == {"2026-11-22T01:02:03.000045Z"}
    assert {fields(one)["WARC-Concurrent-To"] for one in made[1:]} == {response.record_id}
    assert read_warc_fields(metadata.block).pairs == (
        ("via", "http://news.example.org/feed"),
        ("hopsFromSeed", "M"),
        ("fetchTimeMs", "1234"),
        ("foundIn", "feed"),
        ("linkKind", "article"),
        ("depth", "1"),
        ("title", "A title"),
        ("publishedRaw", "Sun, 22 Nov 2026 01:00:00 GMT"),
    )


def test_what_nobody_found_has_no_metadata():
    assert kinds(drafts(answer())) == ["response", "request"]


def test_secrets_of_a_request_are_hidden_and_the_record_says_so():
    sent = ASKED.replace(b"\r\n\r\n", b"\r\nCookie: a=1\r\nauthorization: Basic eHg6eXk=\r\n\r\n")
    _, request = drafts(answer(), sent=sent)
    assert fields(request)["X-Presswarc-Redacted"] == "Cookie, authorization"
    assert b"a=1" not in request.block
    assert b"eHg6" not in request.block
    assert fields(request)["WARC-Block-Digest"] == digest(request.block)
    _, kept = drafts(answer(), sent=sent, secrets=True)
    assert kept.block == sent
    assert "X-Presswarc-Redacted" not in fields(kept)


def test_heads_that_came_before_the_answer_are_kept_as_they_were():
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    response, _, interim = drafts(early + answer())
    assert response.block == answer()
    assert interim.block == early
    assert fields(interim)["Content-Type"] == "application/http;msgtype=response"
    assert fields(interim)["WARC-Concurrent-To"] == response.record_id


def test_bytes_that_are_no_http_are_kept_beside_the_failure():
    failure, request, received = drafts(
        b"SSH-2.0-lamp\r\n", outcome=Outcome.DISCONNECTED, reason="no status line", found=FOUND
    )[:3]
    assert read_warc_fields(failure.block)["fetchOutcome"] == "disconnected"
    assert request.block == ASKED
    assert received.block == b"SSH-2.0-lamp\r\n"
    assert fields(received)["Content-Type"] == "application/octet-stream"
    assert fields(received)["WARC-Concurrent-To"] == failure.record_id
    assert fields(received)["WARC-Truncated"] == "disconnect"


def test_a_fetch_that_was_never_sent_is_a_failure_and_how_it_was_found():
    made = drafts(b"", sent=b"", outcome=Outcome.ROBOTS_DENIED, reason="robots.txt", found=FOUND)
    assert kinds(made) == ["metadata", "metadata"]
    assert fields(made[1])["WARC-Concurrent-To"] == made[0].record_id
    assert "fetchTimeMs" not in read_warc_fields(made[1].block)


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [(Outcome.TIMED_OUT, "time"), (Outcome.TOO_LARGE, "length"), (Outcome.DISCONNECTED, "disconnect")],
)
def test_a_cut_answer_says_why_and_is_never_a_revisit(outcome, reason):
    response, _ = drafts(answer()[:-5], known=True, outcome=outcome)
    assert response.record_type == "response"
    assert fields(response)["WARC-Truncated"] == reason


def test_the_same_payload_is_a_revisit_of_its_head_alone():
    revisit, _ = drafts(answer(), known=True)
    assert revisit.record_type == "revisit"
    assert revisit.block == answer().removesuffix(BODY)
    told = fields(revisit)
    assert told["WARC-Profile"].endswith("/revisit/identical-payload-digest")
    assert told["WARC-Refers-To-Target-URI"] == URL
    assert told["WARC-Refers-To-Date"] == "2026-11-21T01:02:03.000045Z"
    assert told["WARC-Payload-Digest"] == digest(BODY)


@pytest.mark.parametrize(
    ("received", "sent"),
    [
        (answer(b"small"), ASKED),
        (answer(status="404 Not Found"), ASKED),
        (answer(), ASKED.replace(b"GET", b"HEAD")),
        (answer(), ASKED.replace(b"GET", b"POST")),
        (answer(b"", status="304 Not Modified"), ASKED),  # not conditional
    ],
)
def test_other_answers_are_stored_whole_even_where_their_payload_is_known(received, sent):
    response, _ = drafts(received, sent=sent, known=True)
    assert response.record_type == "response"
    assert response.block == received


def test_a_304_is_a_revisit_of_what_was_asked_about():
    conditional = ASKED.replace(b"\r\n\r\n", b'\r\nIf-None-Match: "1"\r\n\r\n')
    head = b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
    revisit, _ = drafts(head, sent=conditional, known=True)
    assert (revisit.record_type, revisit.block) == ("revisit", head)
    assert fields(revisit)["WARC-Profile"].endswith("/revisit/server-not-modified")
    assert fields(revisit)["WARC-Payload-Digest"] == "sha256:old"
    assert kinds(drafts(head, sent=conditional)) == ["response", "request"]
    assert kinds(drafts(head + b"a body", sent=conditional, known=True))[0] == "response"


def test_a_payload_has_one_digest_with_and_without_its_chunks():
    plain, _ = drafts(chunked())
    framed, _ = drafts(chunked(), transfer_encoding=True)
    assert plain.block.endswith(b"\r\n\r\n" + BODY)
    assert framed.block == chunked()
    assert fields(plain)["WARC-Payload-Digest"] == fields(framed)["WARC-Payload-Digest"] == digest(BODY)
    assert fields(framed)["WARC-Block-Digest"] == digest(chunked())


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("known", [False, True])
def test_trailers_are_kept_somewhere_in_every_mode(keep, known):
    made = drafts(chunked(trailer=b"X-Sum: 1\r\n"), known=known, transfer_encoding=keep)
    assert sum(one.block.count(b"X-Sum: 1\r\n") for one in made) == 1


LINE = st.binary(max_size=60).map(lambda line: line.replace(b"\n", b""))
HOSTILE_TEXT = st.text(max_size=40) | st.sampled_from(
    ["a\r\nX: y", "a\nWARC/1.1\r\n", "\ud800", "\x85x", "\u2028", "\x00", "\x1c\x1d", "a: b\r\n\r\n"]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    reason=LINE,
    location=LINE,
    lines=st.lists(LINE, max_size=5),
    body=st.binary(max_size=300),
    texts=st.lists(HOSTILE_TEXT, min_size=7, max_size=7),
)
def test_nothing_hostile_reaches_a_header_line(tmp_path, reason, location, lines, body, texts):
    head = b"\r\n".join([b"HTTP/1.1 302 " + reason, b"Location: " + location, *lines])
    url = f"http://news.example.org/{texts[0]}"
    found = Found(
        url=url,
        kind="article",
        found_on=texts[1],
        found_in="feed",
        depth=2,
        title=texts[2],
        published_raw=texts[3],
        modified_raw=texts[4],
    )
    sent = b"GET /" + texts[5].encode("utf-8", "surrogatepass") + b" HTTP/1.1\r\n\r\n"
    for number, outcome in enumerate((None, Outcome.TIMED_OUT)):
        folder = tmp_path / f"{number}-{digest(head, body)[7:20]}"
        received = head + b"\r\n\r\n" + body if outcome is None else body
        fetch = Fetch(exchange=exchange(received, sent, url), outcome=outcome, reason=texts[6], found=found)
        made = drafts_of(fetch, Bodies(), Keeping()).records
        with WarcWriter(Layout(folder), Origin(source="x", fields=()), max_bytes=1) as writer:
            placed = writer.write(made)
        path = Layout(folder).warc / placed[0].warc_file
        read = list(read_records(path))
        assert read == [one.record for one in placed]
        for one, draft in zip(read[1:], made, strict=True):
            assert isinstance(one, Record)
            assert one.block == draft.block
            assert [name for name, _ in one.headers.pairs] == [name for name, _ in draft.fields]
        told = discovered_of(placed[-1].record)
        assert isinstance(told, Discovered)
        assert (told.found_in, told.kind, told.depth) == ("feed", "article", 2)
        path.unlink()


def test_the_sink_tells_what_a_reader_of_its_file_finds(tmp_path):
    layout = Layout(tmp_path)
    payloads = Payloads(layout, PublishedBodies(tmp_path))
    told: list[Kept] = []
    writer = WarcWriter(layout, Origin(source="x", fields=()), max_bytes=1 << 30)
    sink = CaptureSink(writer, payloads, source="x", crawl_id="x-1", told=told.append)

    async def crawl() -> None:
        await sink.store(exchange(answer()), found=FOUND)
        await sink.store(exchange(answer()), found=FOUND)
        await sink.store(exchange(b"", ASKED.replace(b"GET", b"HEAD")), Outcome.TIMED_OUT, "late")
        await sink.refuse(URL, Outcome.ROBOTS_DENIED, "forbidden", FOUND)

    asyncio.run(crawl())
    sink.close()
    payloads.close()
    (path,) = layout.warc_files()
    first, again, failed, refused = told
    assert [one.capture.record_type for one in told if one.capture] == ["response", "revisit"]
    assert first.capture is not None
    assert again.capture is not None
    assert again.capture.refers_to_at == first.capture.captured_at
    assert [one.failure.outcome for one in told if one.failure] == [Outcome.TIMED_OUT, Outcome.ROBOTS_DENIED]
    assert failed.discovered is None
    assert refused.discovered is not None
    assert refused.failure is not None
    assert refused.discovered.record_id == refused.failure.record_id
    records = [one for one in read_records(path) if isinstance(one, Record)]
    assert [one.discovered for one in told if one.discovered] == [
        one for one in map(discovered_of, records) if one
    ]
    assert first.record in records
    assert gzip.decompress(path.read_bytes()).count(b"WARC/1.1\r\n") == len(records)
