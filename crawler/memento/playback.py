"""The original answer, from what a web archive sends when asked for its raw form (`id_`).

The Internet Archive sends each field of the original head as `X-Archive-Orig-NAME` among fields of its own;
pywb sends the original head and adds some. The body may have been coded or decoded on the way, and what is
shown may be another capture, the nearest: neither is taken for the original.

Source: RFC 7089 (Memento); what both services send.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urljoin

from crawler.memento.cdx import CdxRow
from crawler.memento.service import Answer
from pipelines.records import decode
from storage.article import Outcome
from storage.warc.digests import holds

ORIGINAL = "x-archive-orig-"
# Fields of the message alone: our own archive too keeps some of them under that prefix.
_HOP_FIELDS = frozenset(
    {"transfer-encoding", "content-length", "content-encoding", "connection", "keep-alive"}
)
_OWN_FIELDS = frozenset(
    {"memento-datetime", "preference-applied", "connection", "keep-alive", "transfer-encoding"}
)
# What both put the prefix before: without it, it is said of the answer that came to us.
_MOVED_FIELDS = frozenset(
    {
        "age", "alt-svc", "cache-control", "content-md5", "content-security-policy", "etag", "expires",
        "last-modified", "p3p", "pragma", "public-key-pins", "retry-after", "server", "status",
        "strict-transport-security", "tk", "trailer", "upgrade", "vary", "via", "warning", "x-frame-options",
        "x-xss-protection",
    }
)  # fmt: skip
_INTERNET_ARCHIVE = ("X-App-Server", "X-Archive-Src", "X-Ts")  # one of them stands on all its answers
_LEFT_ALONE = frozenset({"content-type", "content-disposition", "content-language"})
_A_DAY_S = 86400.0
_SERVER_ERROR = 500
_GZIP = b"\x1f\x8b\x08"
_PLACED = re.compile(r"/(\d{1,14})[a-z]{2}_/(.+)", re.DOTALL)
_NO_BODY_REASON = "the archive sent no body, and its index says that there is one"
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """The original answer: its head and body are the block of its record.

    `digest_holds` says whether the body is the one that the index promised, None where that can't be told.
    `is_short` says that the original was cut when it was archived. `archive_file` is where the archive has
    it.
    """

    head: bytes
    body: bytes
    status: int
    digest_holds: bool | None
    is_short: bool
    archive_file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Why an answer is not the capture that was asked for."""

    outcome: Outcome
    reason: str


def playback_url(endpoint: str, row: CdxRow) -> str:
    """Where an archive has the raw form of a capture.

    >>> row = CdxRow(key="", stamp="20190102030405", url="http://news.example/a b?c=%20|d")
    >>> playback_url("https://web.archive.org/web", row)
    'https://web.archive.org/web/20190102030405id_/http://news.example/a%20b?c=%20|d'
    """
    return f"{endpoint}/{row.stamp}id_/{quote(row.url, safe=_SAFE)}"


_SAFE = ":/?&=%;+,@~!$()*'[]|"


def rebuilt(row: CdxRow, answer: Answer, endpoint: str) -> Rebuilt | Missed:
    """The original answer to what was asked for, or why it is not here."""
    names = {name.lower().removeprefix(ORIGINAL) for name in answer.headers if _is_prefixed(name)}
    missed = _other(row, answer, endpoint, is_told=bool(names - _HOP_FIELDS))
    if missed is not None:
        return missed
    fields = _original_fields(answer, names, endpoint)
    body, fields = _body(row, answer, fields)
    agrees = digest_holds(row.digest, body)
    if answer.cut and not agrees:
        outcome = {"time": Outcome.TIMED_OUT, "length": Outcome.TOO_LARGE}.get(
            answer.cut, Outcome.DISCONNECTED
        )
        return Missed(outcome=outcome, reason=f"{len(body)} bytes of it came ({answer.cut})")
    if not body and agrees is False:
        return Missed(outcome=Outcome.NOT_ARCHIVED, reason=_NO_BODY_REASON)
    fields, is_short = _framed(fields, len(body))
    return Rebuilt(
        head=_head(answer, fields),
        body=body,
        status=answer.status,
        digest_holds=agrees,
        is_short=is_short,
        archive_file=answer.headers.get("X-Archive-Src", ""),
    )


def digest_holds(told: str, body: bytes) -> bool | None:
    """Whether a digest of a CDX line, SHA-1 in base32 where it has no label, is that of the body.

    >>> digest_holds("3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", b""), digest_holds("", b"")
    (True, None)
    """
    return holds(told if ":" in told else f"sha1:{told}", body) if told else None


def _other(row: CdxRow, answer: Answer, endpoint: str, *, is_told: bool) -> Missed | None:
    """Why the answer is not that of the capture, None where it is."""
    shown = answer.headers.get("Memento-Datetime")
    if shown is not None:
        return _another_memento(row, answer, shown)
    led_to = _placed(answer.headers.get("Location", ""), endpoint, answer.url)
    if answer.status in _REDIRECTS and led_to is not None and led_to[0] != row.stamp:
        return _missed(f"the nearest capture is that of {led_to[0]}")
    if answer.status in _REDIRECTS and led_to is not None and not is_told:
        return _missed(f"it leads to {led_to[1]}")
    if is_told or (str(answer.status) == row.status and digest_holds(row.digest, answer.body)):
        return None
    error = answer.headers.get("X-Archive-Wayback-Runtime-Error", "")
    reason = f"status {answer.status} from the archive{': ' if error else ''}{error[:200]}"
    outcome = Outcome.HTTP_ERROR if answer.status >= _SERVER_ERROR else Outcome.NOT_ARCHIVED
    return Missed(outcome=outcome, reason=reason)


def _another_memento(row: CdxRow, answer: Answer, shown: str) -> Missed | None:
    """Why a capture that is shown is another one, None where it is not."""
    moment = _moment(shown)
    if moment != row.captured_at:
        nearest = moment.strftime("%Y%m%d%H%M%S") if moment else shown[:100]
        return _missed(f"the nearest capture is that of {nearest}")
    if row.status and row.status != str(answer.status):
        return _missed(f"of that second the archive shows a {answer.status}, not the {row.status}")
    return None


def _missed(reason: str) -> Missed:
    return Missed(outcome=Outcome.NOT_ARCHIVED, reason=reason)


def _is_prefixed(name: str) -> bool:
    return name.lower().startswith(ORIGINAL)


def _original_fields(answer: Answer, names: set[str], endpoint: str) -> list[tuple[str, str]]:
    """The fields of the original head in their order; `names` are those that have the prefix."""
    is_told = bool(names - _HOP_FIELDS)
    of_internet_archive = is_told and any(mark in answer.headers for mark in _INTERNET_ARCHIVE)
    kept = []
    for name, value in answer.headers.pairs:
        low = name.lower()
        if _is_prefixed(name):
            kept.append((name[len(ORIGINAL) :], value))
        elif low in names or (of_internet_archive and low not in _LEFT_ALONE):
            continue
        elif not (is_told and low in _MOVED_FIELDS) and not _is_added(low, value, answer, endpoint):
            kept.append((name, value))
    return [(name, _led_back(name, value, endpoint, answer.url)) for name, value in kept]


def _is_added(low: str, value: str, answer: Answer, endpoint: str) -> bool:
    """Whether the replayer, or the server it runs in, made a field."""
    if low == "link":
        return 'rel="timegate"' in value or 'rel="timemap"' in value
    if low == "content-location":
        return _placed(value, endpoint, answer.url) is not None
    if low == "date":
        made = _moment(value)
        return made is None or abs((made - answer.asked_at).total_seconds()) < _A_DAY_S
    return low in _OWN_FIELDS


def _moment(text: str) -> datetime | None:
    """The time of an HTTP date, None for none."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _body(row: CdxRow, answer: Answer, fields: list[tuple[str, str]]) -> tuple[bytes, list[tuple[str, str]]]:
    """The body as it was archived, and the fields that go with it."""
    body, sent, original = answer.body, _coding(list(answer.headers.pairs)), _coding(fields)
    agrees = digest_holds(row.digest, body)
    if sent and not original and not agrees:  # coded on the way
        return decode(body, sent), fields
    if original and not sent and not agrees and decode(body, original) == body:  # decoded on the way
        renamed = [
            (f"X-Archive-Orig-{name}", value) if name.lower() == "content-encoding" else (name, value)
            for name, value in fields
        ]
        return body, renamed
    coding = sent or ("gzip" if _is_packed_page(body, answer) else "")
    return body, fields if original or not coding else [*fields, ("Content-Encoding", coding)]


def _is_packed_page(body: bytes, answer: Answer) -> bool:
    """Whether a page is in gzip though nothing says so: archives lose that field now and then."""
    is_page = "html" in answer.headers.get("Content-Type", "").lower()
    return is_page and body.startswith(_GZIP) and decode(body, "gzip") != body


def _coding(fields: list[tuple[str, str]]) -> str:
    """Content coding of a head, "" for none."""
    told = next((value for name, value in fields if name.lower() == "content-encoding"), "").strip().lower()
    return "" if told == "identity" else told


def _framed(fields: list[tuple[str, str]], length: int) -> tuple[list[tuple[str, str]], bool]:
    """Fields that fit a body without chunks, and whether the original promised more of it.

    As in what is captured live, a field that does not hold keeps its value under another name.
    """
    wrong = [value for name, value in fields if _is_wrong(name, value, length)]
    chunked = any(name.lower() == "transfer-encoding" for name, _ in fields)
    framed = [
        (f"X-Archive-Orig-{name}", value)
        if name.lower() == "transfer-encoding" or _is_wrong(name, value, length)
        else (name, value)
        for name, value in fields
    ]
    is_short = any(value.isdecimal() and int(value[:18]) > length for value in wrong) and not chunked
    has_length = any(name.lower() == "content-length" for name, _ in framed)
    if not has_length and (chunked or (wrong and not is_short)):
        framed.append(("Content-Length", str(length)))
    return framed, is_short


def _is_wrong(name: str, value: str, length: int) -> bool:
    """Whether a field tells another length than the body's."""
    return name.lower() == "content-length" and value != str(length)


def _head(answer: Answer, fields: list[tuple[str, str]]) -> bytes:
    """The head with its blank line; the protocol is that of the archive's answer."""
    line = answer.head.split(b"\r\n", 1)[0].decode("latin-1")
    protocol, _, status = line.partition(" ")
    status = status.removesuffix(" None")  # pywb's word for no reason at all
    lines = [f"{protocol} {status}", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace")


def _led_back(name: str, value: str, endpoint: str, asked: str) -> str:
    """Where a redirect led before the archive led it to itself; any other field as it is."""
    placed = _placed(value, endpoint, asked) if name.lower() == "location" else None
    return placed[1] if placed else value


def _placed(location: str, endpoint: str, asked: str) -> tuple[str, str] | None:
    """Time and URL of the capture that a URL of the archive is of, None for any other."""
    try:
        full = urljoin(asked, location)
    except ValueError:  # as http://[
        return None
    bare, own = full.partition("://")[2], endpoint.partition("://")[2]
    found = _PLACED.fullmatch(bare.removeprefix(own)) if bare.startswith(own) else None
    return (found[1], found[2]) if found else None
