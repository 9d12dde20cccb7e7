"""Which capture answers a request: the next one of a crawl, or the newest one of all."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import TYPE_CHECKING

from crawler.replay.archived import Archive
from crawler.replay.fetches import Fetch
from crawler.replay.playback import Recording, entity
from storage.model import Capture, Failure, Headers, Record
from storage.postquery import METHODS_WITH_BODY, body_query
from storage.warc.http import headers_of

if TYPE_CHECKING:
    from scrapy import Request

_LATER = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS})  # "ask later", as the 500s
_SERVER_ERROR = 500
_EMPTY_PATH = re.compile(r"(https?://[^/?#]+)(/?)")
_OPAQUE = re.compile(r'(?:W/)?("[^"]*"|[^\s",]+)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as the archive knows it. `body` is written as in `Capture.request_body`."""

    method: str
    url: str
    body: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None

    @property
    def is_conditional(self) -> bool:
        """Whether a 304 may answer it."""
        return bool(self.if_none_match or self.if_modified_since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a request is answered with, and the capture with its record that a crawl would have been told."""

    capture: Capture
    record: Record
    recording: Recording


class Answers:
    """Answers from an archive.

    `in_order`: the n-th request for a URL gets its n-th fetch, as it went, and so does each one after the
    last the last. Otherwise the newest whole answer that is none of the server's troubles, else any answer,
    else the newest failure.
    """

    def __init__(self, archive: Archive, *, in_order: bool) -> None:
        """Answer from `archive`."""
        self._archive = archive
        self._in_order = in_order
        self._times: Counter[Asked] = Counter()

    def find(self, asked: Asked) -> Answer | Failure | None:
        """The answer or failure, None where the archive has neither."""
        fetches = [one for one in self._fetches(asked.url) if _is_of(one, asked)]
        if not fetches:
            return None
        if not self._in_order:
            return self._newest(fetches, asked)
        key = Asked(method=asked.method, url=asked.url, body=asked.body)
        at = min(self._times[key], len(fetches) - 1)
        self._times[key] += 1
        return self._as_it_went(fetches[at], asked)

    def _fetches(self, url: str) -> list[Fetch]:
        """Fetches of a URL; a host without a path is that with the path `/`."""
        found = self._archive.fetches(url)
        bare = _EMPTY_PATH.fullmatch(url)
        return found or (self._archive.fetches(bare[1] + ("" if bare[2] else "/")) if bare else [])

    def _newest(self, fetches: list[Fetch], asked: Asked) -> Answer | Failure | None:
        """The first of the fetches in the order of preference that there is something to give of."""
        for fetch in _preferred(fetches):
            found = fetch if isinstance(fetch, Failure) else self._with_body(fetch)
            if found is None:
                continue
            if isinstance(found, Answer) and asked.is_conditional and fits(asked, _headers(found)):
                return next(self._not_modified(fetches), found)
            return found
        return None

    def _not_modified(self, fetches: list[Fetch]) -> Iterator[Answer]:
        """The 304 answers among the fetches, newest first."""
        for fetch in reversed(fetches):
            if isinstance(fetch, Capture) and fetch.status == HTTPStatus.NOT_MODIFIED:
                answer = self._as_it_stands(fetch)
                if answer is not None:
                    yield answer

    def _as_it_went(self, fetch: Fetch, asked: Asked) -> Answer | Failure | None:
        """What a fetch brought: a 304 only where the request's condition holds, else what it stands for."""
        if isinstance(fetch, Failure):
            return fetch
        if fetch.status != HTTPStatus.NOT_MODIFIED:
            return self._with_body(fetch)
        stands = self._as_it_stands(fetch)
        whole = self._with_body(fetch)
        if stands is None or whole is None:
            return stands or whole
        fitting = asked.is_conditional and (fits(asked, _headers(stands)) or fits(asked, _headers(whole)))
        # The crawl was told of a 304, whichever of two requests for the URL comes first this time.
        return stands if fitting else replace(whole, capture=stands.capture, record=stands.record)

    def _with_body(self, capture: Capture) -> Answer | None:
        """A capture with its body, whichever record has that; None where no record does."""
        answer = self._as_it_stands(capture)
        if capture.record_type == "response" and capture.status != HTTPStatus.NOT_MODIFIED:
            return answer
        first = self._archive.original(capture)
        original = self._as_it_stands(first) if first else None
        if original is None or answer is None or capture.status in {HTTPStatus.NOT_MODIFIED, 0}:
            return original
        told = answer if self._in_order else original
        recording = _recording(capture, answer.recording.head, original.recording.payload)
        return Answer(capture=told.capture, record=told.record, recording=recording)

    def _as_it_stands(self, capture: Capture) -> Answer | None:
        """A capture with what its own record has."""
        record = self._archive.record(capture)
        if record is None:
            return None
        head, payload = entity(record.block)
        return Answer(capture=capture, record=record, recording=_recording(capture, head, payload))


def asked_of(request: Request) -> Asked:
    """What a Scrapy request asks the archive for."""

    def field(name: str) -> str | None:
        value = request.headers.get(name)
        return value.decode("latin-1") if value else None

    body = None
    if request.method in METHODS_WITH_BODY:
        body = body_query(field("Content-Type") or "", request.body)
    return Asked(
        method=request.method,
        url=request.url.partition("#")[0],
        body=body,
        if_none_match=field("If-None-Match"),
        if_modified_since=field("If-Modified-Since"),
    )


def fits(asked: Asked, headers: Headers) -> bool:
    """Whether the condition of a request holds for an answer with these headers, so that a 304 is due.

    Entity tags are compared weakly, dates only where no tag was sent. Source: RFC 9110 section 13.2.2.

    >>> fits(Asked(method="GET", url="", if_none_match='W/"a", "b"'), Headers([("ETag", '"a"')]))
    True
    """
    if asked.if_none_match:
        tag = _OPAQUE.fullmatch(headers.get("ETag", "").strip())
        known = {match[1] for match in _OPAQUE.finditer(asked.if_none_match)}
        return asked.if_none_match.strip() == "*" or (tag is not None and tag[1] in known)
    changed, since = _date(headers.get("Last-Modified")), _date(asked.if_modified_since)
    return changed is not None and since is not None and changed <= since


def _date(value: str | None) -> datetime | None:
    """Time of an HTTP date, None where it is none."""
    try:
        moment = parsedate_to_datetime(value or "")
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_of(fetch: Fetch, asked: Asked) -> bool:
    """Whether a fetch was made for such a request. A failure does not tell its method."""
    if isinstance(fetch, Failure):
        return True
    if fetch.method != asked.method:
        return False
    return asked.body is None or fetch.request_body in {None, asked.body}


def _preferred(fetches: list[Fetch]) -> list[Fetch]:
    """Fetches, best first: whole answers, then answers, then failures, each newest first."""
    return [one for rank in range(3) for one in reversed(fetches) if _rank(one) == rank]


def _rank(fetch: Fetch) -> int:
    """How little a fetch is worth to who wants the page."""
    if isinstance(fetch, Failure):
        return 2
    troubled = fetch.status >= _SERVER_ERROR or fetch.status in _LATER or fetch.truncated is not None
    return 1 if troubled else 0


def _recording(capture: Capture, head: bytes, payload: bytes) -> Recording:
    """What is played of a capture."""
    http2 = "h2" in re.split(r"[\s,]+", capture.protocol or "") or not head.startswith(b"HTTP/1")
    return Recording(head=head, payload=payload, cut=capture.truncated, ip=_address(capture.ip), http2=http2)


def _address(text: str | None) -> str | None:
    """An IP address, None for anything else."""
    try:
        return str(ip_address(text or ""))
    except ValueError:
        return None


def _headers(answer: Answer) -> Headers:
    """Header fields of an answer."""
    return headers_of(answer.recording.head)
