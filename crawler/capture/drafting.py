"""What a WARC gets of an exchange: its bytes as record drafts. No file, no clock, no network.

The answer comes first: a response, a revisit, or for want of an answer the failure. Then the request, then
metadata: what has no place in either (1xx heads, trailers, bytes that are no HTTP), and how the URL was
found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from crawler.capture.wire import Exchange
from crawler.frontier import Found
from storage.article import Outcome
from storage.warc import build
from storage.warc.build import Draft, Fields, FirstCapture
from storage.warc.digests import digest
from storage.warc.http import StoredResponse, headers_of, redacted, split_head, stored_response

MIN_REVISIT_BYTES = 256  # below that the revisit record is as large as the response
REDACTED = "X-Presswarc-Redacted"  # names the fields of a request whose values are not archived
PART = "X-Presswarc-Part"  # what of the exchange a metadata record holds
ENDED = "unspecified"  # WARC-Truncated of an answer that the crawl's end cut short
_TRUNCATED = {Outcome.TIMED_OUT: "time", Outcome.TOO_LARGE: "length", Outcome.INTERRUPTED: ENDED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """What is archived as it went over the wire: transfer codings, and the secrets in requests."""

    transfer_encoding: bool = False
    secrets: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """An exchange, how it ended (`outcome` None: in order), and how its URL was found, if that is known."""

    exchange: Exchange
    outcome: Outcome | None = None
    reason: str = ""
    found: Found | None = None

    @property
    def method(self) -> bytes:
        """The method that was sent; empty where nothing was."""
        return bytes(self.exchange.sent[:32]).partition(b" ")[0]


class Bodies(Protocol):
    """What the archive holds already."""

    def same(self, url: str, payload_digest: str, *, chunked: bool) -> FirstCapture | None:
        """A whole answer to a GET of `url` with that payload, stored with or without its chunks."""

    def validated(self, url: str, etag: str | None, last_modified: str | None) -> FirstCapture | None:
        """The answer to a GET of `url` that came with one of these validators, the latest if several."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """The records of a fetch, the answer or failure first. `first` is what a revisit among them refers to.

    `chunked` says that the answer was stored with its chunks.
    """

    records: list[Draft]
    first: FirstCapture | None
    chunked: bool


def drafts_of(fetch: Fetch, bodies: Bodies, keeping: Keeping) -> Drafted:
    """The records of a fetch."""
    exchange = fetch.exchange
    stored = stored_response(
        bytes(exchange.received),
        ended=fetch.outcome is None,
        keep_transfer_encoding=keeping.transfer_encoding,
        to_head=fetch.method == b"HEAD",
    )
    first = _known(fetch, stored, bodies)
    answer = _answer(fetch, stored, first) if stored.status else _failure(fetch)
    drafts = [answer]
    if exchange.sent:
        drafts.append(_request(exchange, answer, keeping))
    drafts += _parts(fetch, stored, answer)
    if fetch.found is not None:
        block = build.warc_fields(_found_fields(fetch.found, exchange))
        drafts.append(build.metadata(exchange.url, exchange.started_at, answer, build.WARC_FIELDS, block, []))
    return Drafted(records=drafts, first=first, chunked=stored.payload != stored.body)


def _known(fetch: Fetch, stored: StoredResponse, bodies: Bodies) -> FirstCapture | None:
    """The capture that has the payload already, for an answer that came whole.

    The same bytes at another URL are an article of their own, which readers look up by URL and date: only
    captures of the same URL are referred to.
    """
    url = fetch.exchange.url
    if fetch.method != b"GET" or _truncated(fetch, stored):
        return None
    if stored.status == HTTPStatus.NOT_MODIFIED and not stored.body:
        asked = headers_of(split_head(bytes(fetch.exchange.sent))[0])
        return bodies.validated(url, asked.get("If-None-Match"), asked.get("If-Modified-Since"))
    if stored.status == HTTPStatus.OK and len(stored.payload) >= MIN_REVISIT_BYTES:
        return bodies.same(url, digest(stored.payload), chunked=stored.payload != stored.body)
    return None


def _answer(fetch: Fetch, stored: StoredResponse, first: FirstCapture | None) -> Draft:
    """The response record, or a revisit where the archive has the payload already."""
    url, moment, extra = fetch.exchange.url, fetch.exchange.started_at, _connection(fetch.exchange)
    extra += [("WARC-Resource-Type", fetch.exchange.part)] if fetch.exchange.part else []
    if first is not None:
        same = stored.status == HTTPStatus.OK
        profile = build.IDENTICAL_PAYLOAD if same else build.NOT_MODIFIED
        return build.revisit(url, moment, stored.head, profile, first, extra)
    truncated = _truncated(fetch, stored)
    extra += [("WARC-Truncated", truncated)] if truncated else []
    payload_digest = None if stored.payload is stored.body else digest(stored.payload)
    return build.response(url, moment, stored.head, stored.body, extra, payload_digest=payload_digest)


def _truncated(fetch: Fetch, stored: StoredResponse) -> str | None:
    """Why the answer is not whole, as WARC-Truncated says it."""
    if fetch.outcome is None:
        return "disconnect" if stored.cut else None
    return _TRUNCATED.get(fetch.outcome, "disconnect")


def _failure(fetch: Fetch) -> Draft:
    """The metadata record of a fetch that brought no HTTP answer."""
    exchange, outcome = fetch.exchange, fetch.outcome or Outcome.DISCONNECTED
    reason = fetch.reason or ("" if fetch.outcome else "the answer is no HTTP")
    return build.failure(exchange.url, exchange.started_at, outcome, reason, _connection(exchange))


def _request(exchange: Exchange, answer: Draft, keeping: Keeping) -> Draft:
    """The request as sent, its secrets hidden unless they are to be kept."""
    message, extra = bytes(exchange.sent), _connection(exchange)
    if not keeping.secrets:
        message, hidden = redacted(message)
        extra += [(REDACTED, ", ".join(hidden))] if hidden else []
    return build.request(exchange.url, exchange.started_at, message, answer, extra)


def _parts(fetch: Fetch, stored: StoredResponse, answer: Draft) -> Iterator[Draft]:
    """Metadata records for what was received and is not in the answer's record."""
    exchange = fetch.exchange
    parts: list[tuple[str, str, bytes]] = []
    if stored.status:
        trailer = _trailer(fetch, stored, answer) + bytes(exchange.trailers)
        parts += [("interim", build.RESPONSE, stored.interim), ("trailer", build.OCTETS, trailer)]
    else:
        parts.append(("received", build.OCTETS, bytes(exchange.received)))
    cut = "" if stored.status else _truncated(fetch, stored) or ""
    extra = [("WARC-Truncated", cut)] if cut else []
    for name, content_type, block in parts:
        if block:
            fields = [(PART, name), *extra]
            yield build.metadata(exchange.url, exchange.started_at, answer, content_type, block, fields)


def _trailer(fetch: Fetch, stored: StoredResponse, answer: Draft) -> bytes:
    """What came after the last chunk and is not in the answer's record: a revisit has no body to hold it."""
    if answer.record_type == "revisit" and stored.payload != stored.body:
        return stored_response(bytes(fetch.exchange.received), ended=True).trailer
    return stored.trailer


def _found_fields(found: Found, exchange: Exchange) -> Fields:
    """How a URL was found, and how long its answer took."""
    took = (exchange.ended_at - exchange.started_at) if exchange.ended_at and exchange.sent else None
    return found_fields(found, str(round(took.total_seconds() * 1000)) if took is not None else "")


def found_fields(found: Found, fetch_time_ms: str = "") -> Fields:
    """How a URL was found; the first three by the names that Heritrix gave them."""
    return [
        ("via", found.found_on),
        ("hopsFromSeed", found.hops),
        ("fetchTimeMs", fetch_time_ms),
        ("foundIn", found.found_in),
        ("linkKind", found.kind),
        ("depth", str(found.depth)),
        ("title", found.title or ""),
        ("publishedRaw", found.published_raw or ""),
        ("modifiedRaw", found.modified_raw or ""),
    ]


def _connection(exchange: Exchange) -> Fields:
    """WARC fields for the connection of an exchange."""
    fields = [("WARC-IP-Address", exchange.ip)] if exchange.ip else []
    fields += [("WARC-Protocol", name) for name in exchange.protocols]
    fields += [("WARC-Cipher-Suite", exchange.cipher)] if exchange.cipher else []
    return fields
