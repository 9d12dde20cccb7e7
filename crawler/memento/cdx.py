"""What a CDX server says of its captures: the question as a URL, and the three forms of the answer.

The Internet Archive answers with an array of arrays whose first names the fields, and a resume key behind an
empty one; pywb and Common Crawl with a JSON object a line; older programs with the fields between blanks.

Source: Internet Archive, wayback-cdx-server README; pywb manual, "CDXJ Server API".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

REVISIT_MIME = "warc/revisit"
_FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
_STAMP = re.compile(r"\d{14}")
_NUMBER = re.compile(r"[0-9]{1,18}")  # Python reads no number of over 4,300 digits
# Crawlers of old wrote the port into each address, and indexes have it still: http://news.example:80/.
_OWN_PORT = re.compile(r"^(?:(http://[^/?#]+):80|(https://[^/?#]+):443)(?=[/?#]|$)")
_NOTHING = frozenset({"", "-", "None"})
# What no page has. pywb takes a filter without a sign for plain words, which these never are: to it they say
# nothing, and what it sends too much is left out here.
_SERVER_FILTERS = ("!mimetype:(image|video|audio|font)/.*",)
_OK_FILTER = "!statuscode:[345].."
PAGES = r"text/html|application/xhtml\+xml|unk|"  # the last for what names no type
OK = "200"


class Match(StrEnum):
    """Which URLs are meant by one."""

    EXACT = "exact"
    PREFIX = "prefix"
    HOST = "host"
    DOMAIN = "domain"


@dataclass(frozen=True, slots=True, kw_only=True)
class CdxRow:
    """A capture as a CDX server tells it; what it does not tell is "" or 0.

    `offset`, `length` and `filename` are its place in a WARC file, where the server tells that.
    """

    key: str
    stamp: str
    url: str
    mime: str = ""
    status: str = ""
    digest: str = ""
    length: int = 0
    offset: int = -1
    filename: str = ""

    @property
    def captured_at(self) -> datetime:
        """The second of the capture."""
        return datetime.strptime(self.stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class CdxPage:
    """Rows of one answer; `resume_key` leads to the next, `unread` counts what is no row."""

    rows: tuple[CdxRow, ...] = ()
    resume_key: str = ""
    unread: int = 0
    is_array: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Captures to ask for: of which URLs, from when to before when, with which statuses and types."""

    url: str
    match: Match = Match.EXACT
    since: datetime | None = None
    until: datetime | None = None
    status: str = OK
    mime: str = PAGES

    def fits(self, row: CdxRow) -> bool:
        """Whether a capture is wanted. What a revisit is of is not told: it is asked for."""
        if self.since and row.captured_at < self.since:
            return False
        if self.until and row.captured_at >= self.until:
            return False
        is_revisit = row.mime == REVISIT_MIME
        status = (is_revisit and not row.status) or re.fullmatch(self.status, row.status)
        return bool(status and (is_revisit or re.fullmatch(self.mime, row.mime, re.IGNORECASE)))


def wanted_urls(text: str, match: Match | None) -> tuple[str, Match]:
    """URL and kind of match of what was typed: a star at the end asks for a prefix.

    >>> wanted_urls("https://news.example/2019/*", None)
    ('https://news.example/2019/', <Match.PREFIX: 'prefix'>)
    >>> wanted_urls("*.news.example", None), wanted_urls("news.example", Match.HOST)[1].value
    (('news.example', <Match.DOMAIN: 'domain'>), 'host')
    """
    if text.startswith("*."):
        return text[2:], match or Match.DOMAIN
    if text.endswith("*"):
        return text.rstrip("*"), match or Match.PREFIX
    return text, match or Match.EXACT


def cdx_query(server: str, wanted: Wanted, more: Iterable[tuple[str, str]] = ()) -> str:
    """The URL that asks a CDX server for what is wanted."""
    parameters = [("url", wanted.url), ("output", "json")]
    if wanted.match is not Match.EXACT:
        parameters.append(("matchType", wanted.match.value))
    if wanted.since:
        parameters.append(("from", wanted.since.strftime("%Y%m%d%H%M%S")))
    if wanted.until:
        last = wanted.until - timedelta(seconds=1)
        parameters.append(("to", last.strftime("%Y%m%d%H%M%S")))
    filters = [_OK_FILTER] if wanted.status == OK else []
    filters += _SERVER_FILTERS if wanted.mime == PAGES else []
    parameters += [("filter", one) for one in filters]
    return f"{server}?{urlencode([*parameters, *more])}"


def read_cdx(body: bytes) -> CdxPage:
    """The rows of an answer, in whichever of its forms."""
    text = body.decode("utf-8", "replace").strip()
    if text.startswith("["):
        return _array(text)
    told = [_of_line(line) for line in text.splitlines() if line.strip()]
    rows = [one for one in told if one is not None]
    return CdxPage(rows=tuple(rows), unread=len(told) - len(rows))


def _array(text: str) -> CdxPage:
    """The Internet Archive's form. What was cut is taken as far as it is whole lines."""
    try:
        lines = json.loads(text)
    except (ValueError, RecursionError):
        return CdxPage(unread=1, is_array=True)
    if not lines or not isinstance(lines[0], list):
        return CdxPage(is_array=True, unread=len(lines))
    names = [str(name) for name in lines[0]]
    key, rows, unread = "", [], 0
    entries = iter(lines[1:])
    for entry in entries:
        if entry == []:
            last = next(entries, [""])
            key = str(last[0]) if isinstance(last, list) and last else ""
            break
        is_row = isinstance(entry, list) and len(entry) == len(names)
        row = _row(dict(zip(names, entry, strict=True))) if is_row else None
        rows += [row] if row else []
        unread += row is None
    return CdxPage(rows=tuple(rows), resume_key=key, unread=unread, is_array=True)


def _of_line(line: str) -> CdxRow | None:
    """A row of NDJSON, of CDXJ or of blanks between the fields."""
    start = line.find("{")
    if start < 0:
        return _row(dict(zip(_FIELDS, line.split(), strict=False)))
    try:
        told = json.loads(line[start:])
    except (ValueError, RecursionError):
        return None
    before = dict(zip(_FIELDS, line[:start].split(), strict=False))
    return _row({**before, **told}) if isinstance(told, dict) else None


def _row(told: dict[str, Any]) -> CdxRow | None:
    """A row by the field names of either form; None without a URL and a time."""

    def text(*names: str) -> str:
        found = next((str(told[name]) for name in names if told.get(name) is not None), "")
        return "" if found in _NOTHING else found

    def number(name: str, default: int) -> int:
        return int(value) if _NUMBER.fullmatch(value := text(name)) else default

    stamp, url = text("timestamp"), _OWN_PORT.sub(r"\1\2", text("url", "original"))
    row = CdxRow(
        key=text("urlkey"),
        stamp=stamp,
        url=url,
        mime=text("mime", "mimetype"),
        status=text("status", "statuscode"),
        digest=text("digest"),
        length=number("length", 0),
        offset=number("offset", -1),
        filename=text("filename"),
    )
    return row if url and _is_moment(stamp) else None


def _is_moment(stamp: str) -> bool:
    """Whether 14 digits are a time.

    >>> _is_moment("20190230000000"), _is_moment("20190228235959")
    (False, True)
    """
    try:
        return bool(_STAMP.fullmatch(stamp) and datetime.strptime(stamp, "%Y%m%d%H%M%S"))  # noqa: DTZ007
    except ValueError:
        return False


def told_apart(rows: Iterable[CdxRow]) -> Iterator[tuple[CdxRow, bool]]:
    """Each row once, with whether it has the same bytes as the one of its URL before it."""
    key, digest, seen = "", "", set[tuple[str, str]]()
    for row in rows:
        if row.key != key:
            key, digest = row.key, ""
            seen.clear()
        if (row.url, row.stamp) in seen:
            continue
        seen.add((row.url, row.stamp))
        same = bool(row.digest) and row.digest == digest
        digest = row.digest or digest
        yield row, same
