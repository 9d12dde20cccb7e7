"""An archived answer, played to Scrapy's own HTTP/1.1 client: the spider sees what it saw live.

The record's bytes are put back into the form in which they came over the wire, and Scrapy's client reads them
from memory. So each rule of Scrapy holds that holds live: which header fields a response shows, the flags of
a body without an end, what is raised for one that was cut, DOWNLOAD_MAXSIZE, StopDownload. Nothing here can
connect to anything: there is no pool, no endpoint, no name looked up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, NoReturn

from scrapy.core.downloader.handlers.http11 import _LenientHTTP11ClientProtocol, _ScrapyAgent
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
)
from scrapy.http import Headers as ScrapyHeaders
from scrapy.utils._download_handlers import make_response, wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.error import ConnectError, ConnectionDone, DNSLookupError
from twisted.internet.error import ConnectionRefusedError as RefusedError
from twisted.python.failure import Failure as TwistedFailure
from twisted.web._newclient import Request as ClientRequest

from crawler.capture.wire import HEAD_LIMIT_BYTES
from storage.article import Outcome
from storage.model import Record
from storage.warc import read_record_at
from storage.warc.http import ORIGINAL, dechunk, headers_of, skip_interim, split_head, status_of
from storage.warc.write import OPEN_SUFFIX

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.defer import Deferred
    from twisted.web.http_headers import Headers as TxHeaders
    from twisted.web.iweb import IResponse

    from storage.layout import Layout
    from storage.model import Failure

_CHUNKED = b"Transfer-Encoding"
_LENGTH = b"Content-Length"
_NOBODY = "0.0.0.0"  # noqa: S104 (stands for an address that the record does not tell; nothing listens)
_NO_BODY = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """An answer as the archive has it: `head` and entity body, whose transfer coding is removed.

    `cut` is the value of WARC-Truncated, None where the answer is whole.
    """

    head: bytes
    payload: bytes
    cut: str | None = None
    ip: str | None = None
    http2: bool = False


def as_received(head: bytes, payload: bytes, *, whole: bool, method: str = "GET") -> bytes:
    r"""The answer's bytes as they came: what archiving renamed is restored, a chunked body is chunked again.

    A length that does not hold is one of the archive's making, unless the answer was cut: what a browser
    archived lacks the bodies of redirects.

    >>> head = b"HTTP/1.1 200 OK\r\nX-Archive-Orig-Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n"
    >>> as_received(head, b"abc", whole=True)
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n'
    """
    chunked = _restored(head, _CHUNKED)
    if chunked != head:
        head = _without(chunked, _LENGTH)  # the length is that of the chunks joined
    head = _restored(head, _LENGTH)
    headers = headers_of(head)
    codings = ",".join(headers.get_all("Transfer-Encoding"))
    if codings.rpartition(",")[2].strip().lower() == "chunked":
        return head + _chunk(payload) + (b"0\r\n\r\n" if whole else b"")
    declared = headers.get("Content-Length", "")
    if whole and not _is_bodiless(head, method) and declared.isdecimal() and int(declared) > len(payload):
        head = _valued(head, _LENGTH, b"%d" % len(payload))
    return head + payload


def entity(block: bytes) -> tuple[bytes, bytes]:
    """Head and entity body of a stored message. A body that only claims to be chunked is taken as it is."""
    head, body = split_head(skip_interim(block))
    codings = ",".join(headers_of(head).get_all("Transfer-Encoding"))
    if codings.rpartition(",")[2].strip().lower() == "chunked":
        payload, whole = dechunk(body)
        return head, payload if whole or payload else body
    return head, body


def recorded(layout: Layout, warc_file: str, offset: int) -> Recording | None:
    """The answer in a record of a WARC file, also of one that this crawl still writes; None if not whole."""
    try:
        path = layout.warc_file(warc_file)
        record = read_record_at(path if path.exists() else path.with_name(path.name + OPEN_SUFFIX), offset)
    except OSError:
        return None
    if not isinstance(record, Record) or record.record_type != "response" or record.omitted_bytes:
        return None
    head, payload = entity(record.block)
    return Recording(head=head, payload=payload, http2=not head.startswith(b"HTTP/1"))


async def play(recording: Recording, request: Request, crawler: Crawler) -> Response:
    """The response that Scrapy makes of a recording. Raises: what it raised live."""
    if recording.cut == "time":
        raise DownloadTimeoutError(f"Getting {request.url} took too long when it was archived.")
    if recording.cut == "length":
        raise DownloadCancelledError(f"{request.url} was larger than what was taken when it was archived.")
    if recording.http2:
        response = _of_http2(recording, request)
    else:
        with wrap_twisted_exceptions():
            received = as_received(
                recording.head,
                recording.payload,
                whole=recording.cut is None,
                method=request.method,
            )
            player = Player(received, recording.ip)
            answered = _PlayingAgent(player, crawler).download_request(request)
            player.roll()
            response = await maybe_deferred_to_future(answered)
    if recording.ip is None:
        response.ip_address = None
    return response


def raise_failure(failure: Failure) -> NoReturn:
    """Raise what a fetch without an answer raised live, as far as its outcome and reason tell."""
    match failure.outcome:
        case Outcome.TIMED_OUT:
            raise DownloadTimeoutError(failure.reason)
        case Outcome.TOO_LARGE:
            raise DownloadCancelledError(failure.reason)
        case Outcome.DISCONNECTED:
            raise DownloadFailedError(failure.reason)
        case Outcome.CONNECTION_FAILED:
            if failure.reason.startswith(RefusedError.MESSAGE):
                raise DownloadConnectionRefusedError(failure.reason)
            if failure.reason.startswith(DNSLookupError.MESSAGE):
                raise CannotResolveHostError(failure.reason)
            raise ConnectError(string=failure.reason)  # type: ignore[no-untyped-call]  # Twisted's
        case _:
            raise IgnoreRequest(failure.reason)


class _PlayingAgent(_ScrapyAgent):
    """Scrapy's agent for one request, whose connection is the player."""

    def __init__(self, player: Player, crawler: Crawler) -> None:
        settings = crawler.settings
        super().__init__(
            contextFactory=None,  # type: ignore[arg-type]  # for connections, of which there are none
            maxsize=settings.getint("DOWNLOAD_MAXSIZE"),
            warnsize=settings.getint("DOWNLOAD_WARNSIZE"),
            fail_on_dataloss=settings.getbool("DOWNLOAD_FAIL_ON_DATALOSS"),
            crawler=crawler,
        )
        self._player = player

    def _get_agent(self, request: Request, timeout: float) -> Any:  # noqa: ANN401, ARG002 (Scrapy's signature)
        """Play instead of connecting; the one place where Scrapy's agent gets at the network."""
        return self._player


class Player:
    """What Scrapy's agent takes for Twisted's: its `request` is answered when it is told to `roll`."""

    def __init__(self, received: bytes, ip: str | None) -> None:
        """Answer with the bytes `received`, which came from `ip`."""
        self._received = received
        self._ip = ip
        self._protocol = _LenientHTTP11ClientProtocol()  # type: ignore[no-untyped-call]  # Twisted's

    def request(
        self, method: bytes, uri: bytes, headers: TxHeaders, body_producer: object
    ) -> Deferred[IResponse]:
        """The response to be."""
        del body_producer
        protocol = self._protocol
        protocol.makeConnection(_Tape(self._ip or _NOBODY))  # type: ignore[no-untyped-call]
        headers.setRawHeaders(b"Host", headers.getRawHeaders(b"Host") or [b"archive"])
        answered = protocol.request(
            ClientRequest._construct(method, uri, headers, None)  # type: ignore[no-untyped-call]  # noqa: SLF001
        )
        if protocol._parser is not None:  # noqa: SLF001 (as the capture does)
            protocol._parser.MAX_LENGTH = HEAD_LIMIT_BYTES  # noqa: SLF001
        return answered

    def roll(self) -> None:
        """Receive the answer, to the end of the connection."""
        self._protocol.dataReceived(self._received)  # type: ignore[no-untyped-call]
        self._protocol.connectionLost(TwistedFailure(ConnectionDone()))  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class _Tape:
    """A transport that swallows what is written: the answer is there already.

    `host` is the address that answered, which is all that anybody asks its peer.
    """

    host: str

    def getPeer(self) -> _Tape:  # noqa: N802 (Twisted's name)
        return self

    def write(self, data: bytes) -> None:
        pass

    def writeSequence(self, parts: list[bytes]) -> None:  # noqa: N802 (Twisted's name)
        pass

    def _nothing(self) -> None:
        pass

    stopProducing = pauseProducing = resumeProducing = loseConnection = abortConnection = _nothing  # noqa: N815


def _of_http2(recording: Recording, request: Request) -> Response:
    """The response to an HTTP/2 exchange, as Scrapy's handler for it makes one."""
    if recording.cut:
        raise DownloadFailedError(f"the answer of {request.url} was cut when it was archived")
    head = _restored(recording.head, _LENGTH)
    headers = ScrapyHeaders()
    for name, value in headers_of(head).pairs:
        headers.appendlist(name.encode("latin-1"), value.encode("latin-1"))
    return make_response(
        url=request.url.partition("#")[0],
        status=status_of(head),
        headers=headers,
        body=b"" if _is_bodiless(head, request.method) else recording.payload,
        ip_address=ip_address(recording.ip or _NOBODY),
        protocol="h2",
    )


def _is_bodiless(head: bytes, method: str) -> bool:
    """Whether an answer has no body, whatever length it declares. Source: RFC 9110 section 6.4.1."""
    return method == "HEAD" or status_of(head) in _NO_BODY


def _chunk(payload: bytes) -> bytes:
    """Payload as one chunk, nothing where it is empty (an empty chunk would be the last)."""
    return b"%x\r\n%s\r\n" % (len(payload), payload) if payload else b""


def _restored(head: bytes, name: bytes) -> bytes:
    """Head whose field `name` has its own name again. As written here: archives send the like themselves."""
    field = re.compile(rb"(?m)^%s(?i:%s)(?=[ \t]*:)" % (re.escape(ORIGINAL), re.escape(name)))
    return field.sub(lambda match: match.group()[len(ORIGINAL) :], head)


def _without(head: bytes, name: bytes) -> bytes:
    """Head without the lines of the field `name`."""
    return re.sub(rb"(?mi)^%s[ \t]*:[^\n]*\n" % re.escape(name), b"", head)


def _valued(head: bytes, name: bytes, value: bytes) -> bytes:
    """Head with another value for the field `name`."""
    return re.sub(
        rb"(?mi)^(%s[ \t]*:)[^\r\n]*" % re.escape(name), lambda match: match[1] + b" " + value, head
    )
