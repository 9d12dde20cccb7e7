"""What Scrapy's client makes of an archived answer is what it made of the bytes on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from twisted.internet.error import ConnectError, DNSLookupError, NoRouteError
from twisted.internet.error import ConnectionRefusedError as RefusedError
from twisted.internet.protocol import Protocol
from twisted.web.http_headers import Headers

from builders import START
from crawler.replay.playback import Player, as_received, entity, raise_failure
from storage.article import Outcome
from storage.model import Failure
from storage.warc.http import stored_response

FIELDS = (
    b"Content-Type: text/html",
    b"content-type:text/plain",
    b"Set-Cookie: a=1",
    b"SET-COOKIE:  b=2 ",
    b"X-Folded: one\r\n\ttwo",
    b"no colon",
    b"X-Empty:",
    b"Connection: close",
    b"Content-Encoding: gzip",
    b"X-Latin: caf\xe9",
    b"x-archive-orig-content-length: 7",
)


@dataclass
class Heard(Protocol):
    """The body of a response, and how it ended."""

    body: bytes = b""
    end: list[str] = field(default_factory=list)

    def dataReceived(self, data: bytes) -> None:  # noqa: N802 (Twisted's name)
        self.body += data

    def connectionLost(self, reason: Any = None) -> None:  # noqa: N802 (the same)
        self.end.append(
            f"{reason.type.__name__} {[one.type.__name__ for one in getattr(reason.value, 'reasons', [])]}"
        )


def heard(received: bytes, method: bytes = b"GET") -> tuple[Any, ...]:
    """What Scrapy's client tells of an answer."""
    player, found, failed, reader = Player(received, "192.0.2.1"), [], [], Heard()
    answered = player.request(method, b"http://a.example/", Headers(), None)

    def begun(response: Any) -> None:
        found.append(
            (
                response.version,
                response.code,
                response.phrase,
                response.length,
                sorted(response.headers.getAllRawHeaders()),
            )
        )
        response.deliverBody(reader)

    answered.addCallback(begun)
    answered.addErrback(lambda failure: failed.append(failure.type.__name__))
    player.roll()
    return found, failed, reader.body, reader.end


def is_cut(told: tuple[Any, ...]) -> bool:
    """Whether Scrapy's client said that an answer did not come to its end."""
    _, failed, _, end = told
    return bool(failed) or any("_DataLoss" in one for one in end)


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    """Bytes of an answer as servers send them, often cut."""
    fields = draw(st.lists(st.sampled_from(FIELDS), max_size=4))
    body = draw(st.binary(max_size=60))
    framing = draw(st.sampled_from(["length", "longer", "close", "chunked", "both"]))
    if framing in {"length", "longer", "both"}:
        fields.append(b"Content-Length: %d" % len(body))
    if framing in {"chunked", "both"}:
        fields.append(draw(st.sampled_from([b"Transfer-Encoding: chunked", b"transfer-encoding:Chunked"])))
        body = draw(chunks(body))
    if framing == "longer":
        body += b"and more"
    status = draw(
        st.sampled_from([b"200 OK", b"200", b"404 Not\xe9 here", b"204 None", b"304 Same", b"503 Busy"])
    )
    early = draw(st.sampled_from([b"", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"]))
    head = b"HTTP/1.%d " % draw(st.integers(0, 1)) + b"\r\n".join([status, *fields]) + b"\r\n\r\n"
    whole = early + head + body
    return whole[: draw(st.integers(len(early) + 13, len(whole)))] if draw(st.booleans()) else whole


@st.composite
def chunks(draw: st.DrawFn, body: bytes) -> bytes:
    """Body in chunks of some sizes, with an extension and a trailer."""
    parts, at = [], 0
    while at < len(body):
        size = draw(st.integers(1, len(body) - at))
        parts.append(b"%x%s\r\n%s\r\n" % (size, draw(st.sampled_from([b"", b";a=b"])), body[at : at + size]))
        at += size
    return b"".join(parts) + b"0\r\n" + draw(st.sampled_from([b"", b"X-Sum: 1\r\n"])) + b"\r\n"


@example(wire=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 1\r\n\r\n", keep=True)
@example(wire=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", keep=False)
@example(wire=b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", keep=False)
@given(wire=answers(), keep=st.booleans())
def test_an_answer_played_is_the_answer_received(wire, keep):
    live = heard(wire)
    stored = stored_response(wire, ended=not is_cut(live), keep_transfer_encoding=keep)
    head, payload = entity(stored.head + stored.body)
    assert heard(as_received(head, payload, whole=not stored.cut)) == live


@given(wire=answers())
def test_the_head_that_answers_a_head_request_is_played_without_a_body(wire):
    head = wire.rpartition(b"\r\n\r\n")[0] + b"\r\n\r\n" if b"\r\n\r\n" in wire else wire
    live = heard(head, b"HEAD")
    stored = stored_response(head, ended=not is_cut(live), to_head=True)
    played = as_received(*entity(stored.head + stored.body), whole=not stored.cut, method="HEAD")
    assert heard(played, b"HEAD") == live


@pytest.mark.parametrize("body", [b"abc", b""])
def test_a_length_that_others_left_over_a_body_that_they_changed_is_not_taken_for_a_cut(body):
    found, _, played, end = heard(
        as_received(b"HTTP/1.1 301 Moved\r\nContent-Length: 9\r\n\r\n", body, whole=True)
    )
    assert (found[0][1], played, end) == (301, body, ["ResponseDone []"])


def test_a_body_that_others_dechunked_and_left_marked_as_chunked_is_played_whole():
    head, payload = entity(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<html>not chunked")
    assert heard(as_received(head, payload, whole=True))[2:] == (b"<html>not chunked", ["ResponseDone []"])


@pytest.mark.parametrize(
    ("outcome", "reason", "raised"),
    [
        (Outcome.TIMED_OUT, "", DownloadTimeoutError),
        (Outcome.TOO_LARGE, "", DownloadCancelledError),
        (Outcome.DISCONNECTED, "", DownloadFailedError),
        (Outcome.ADDRESS_REFUSED, "", IgnoreRequest),
        (Outcome.CONNECTION_FAILED, str(RefusedError()), DownloadConnectionRefusedError),
        (Outcome.CONNECTION_FAILED, str(DNSLookupError("no results")), CannotResolveHostError),
        (Outcome.CONNECTION_FAILED, str(NoRouteError()), ConnectError),
    ],
)
def test_a_failure_raises_what_it_raised_live(outcome, reason, raised):
    failure = Failure(
        record_id="",
        url="http://a.example/",
        source="",
        crawl_id="",
        failed_at=START,
        outcome=outcome,
        reason=reason,
    )
    with pytest.raises(raised):
        raise_failure(failure)
