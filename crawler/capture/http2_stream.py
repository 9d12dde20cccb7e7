"""One request over HTTP/2 and its answer, kept as HTTP/1.1 would have written it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from h2.errors import ErrorCodes
from h2.events import (
    DataReceived,
    Event,
    InformationalResponseReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from scrapy.exceptions import DownloadCancelledError, DownloadFailedError, ResponseDataLossError

from crawler.capture.http2_heads import Fields, field, head_of, lines_of, status_line, status_of
from crawler.capture.wire import TOO_LARGE, Exchange
from storage.warc.http import NO_BODY


class UnansweredError(DownloadFailedError):
    """The server did nothing about a request: it may go out again on another connection."""


class Http1RequiredError(DownloadFailedError):
    """The server wants the request over HTTP/1.1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole answer."""

    status: int
    fields: Fields
    body: bytes


@dataclass(slots=True)
class Stream:
    """One request under way; `body_at` is where its body begins in `exchange.received`, if it does."""

    exchange: Exchange
    most_bytes: int
    done: asyncio.Future[Answer]
    sent_at: float
    status: int = 0
    fields: Fields = ()
    body_at: int | None = None

    def take(self, event: Event) -> bool:
        """Act on what a frame meant; whether it brought head or body."""
        before = len(self.exchange.received)
        if isinstance(event, DataReceived):
            self.exchange.receive(event.data or b"")
            self.check()
        elif isinstance(event, InformationalResponseReceived):
            fields = event.headers or []
            self.exchange.receive(head_of(status_line(status_of(fields)), fields))
            self.check()
        elif isinstance(event, ResponseReceived):
            self.begin(event.headers or [])
        elif isinstance(event, TrailersReceived):
            self.exchange.trailers = lines_of(event.headers or [])
        elif isinstance(event, StreamEnded):
            self.finish()
        elif isinstance(event, StreamReset):
            self.reset(event.error_code)
        return len(self.exchange.received) > before

    def reset(self, code: int | None) -> None:
        """End because the server gave the stream up."""
        if code == ErrorCodes.HTTP_1_1_REQUIRED:
            self.fail(Http1RequiredError("the server wants HTTP/1.1"))
        elif code == ErrorCodes.REFUSED_STREAM and not self.exchange.received:
            self.fail(UnansweredError("the server refused the stream"))
        else:
            self.cut(f"the server reset the stream: {error_name(code)}")

    def begin(self, fields: Fields) -> None:
        """Take the final head."""
        self.status, self.fields = status_of(fields), fields
        self.exchange.receive(head_of(status_line(self.status), fields))
        self.body_at = len(self.exchange.received)
        length = field(fields, b"content-length")
        if self.most_bytes and length.isdigit() and int(length[:18]) > self.most_bytes:
            self.fail(DownloadCancelledError(TOO_LARGE))
        self.check()

    def check(self) -> None:
        """Give up where too much came."""
        body_bytes = len(self.exchange.received) - (self.body_at or 0)
        if self.exchange.too_large or (self.most_bytes and self.body_at and body_bytes > self.most_bytes):
            self.exchange.too_large = True
            self.fail(DownloadCancelledError(TOO_LARGE))

    def finish(self) -> None:
        """Hand the whole answer on."""
        if self.body_at is None:
            self.cut("the stream ended without an answer")
        elif not self.done.done():
            body = bytes(memoryview(self.exchange.received)[self.body_at :])
            if self._has_length(len(body)):
                self.done.set_result(Answer(status=self.status, fields=self.fields, body=body))
            else:
                self.cut(f"a body of {len(body)} bytes, which is not what its head says")

    def _has_length(self, body_bytes: int) -> bool:
        """Whether the body is as long as its head says, if it says so."""
        if self.status in NO_BODY or self.exchange.sent.startswith(b"HEAD "):
            return True
        told = [value for name, value in self.fields if name.lower() == b"content-length"]
        return all(int(value[:18]) == body_bytes for value in told if value.isdigit())

    def cut(self, reason: str, cause: BaseException | None = None) -> None:
        """End with what came so far."""
        error = (DownloadFailedError if self.body_at is None else ResponseDataLossError)(reason)
        error.__cause__ = cause
        self.fail(error)

    def fail(self, error: Exception) -> None:
        """End with an error; the first end counts."""
        if not self.done.done():
            self.done.set_exception(error)


def error_name(code: int | None) -> str:
    """Name of an error code of HTTP/2.

    >>> error_name(8), error_name(999)
    ('CANCEL', '999')
    """
    known = {one.value: one.name for one in ErrorCodes}
    return known.get(code or 0, str(code))
