"""Record headers: the named fields of WARC 0.17 to 1.1, and the one line of ARC 1 and 2.

An ARC record has no type, no id and no named fields. Its type here is `warcinfo` for the `filedesc:` record
that opens the file, `response` for http and https URLs, `resource` for the rest (dns:). Its id is derived
from its bytes, and its fields bear the names of the ARC format: URL, IP-address, Archive-date, Content-type,
...

Source: WARC/1.1 sections 4 and 5; Internet Archive, "Arc File Format" (1996), versions 1 and 2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from storage.model import Headers

HEAD_LIMIT = 1 << 20
UNKNOWN_LENGTH = -1

VERSION = re.compile(rb"WARC/(?:0\.1[78]|1\.[01])[ \t]*\r?\n")
_LINE = rb"(?:[^\x00-\x20\x7f:][^\x00-\x08\x0a-\x1f\x7f:]*:|[ \t])[^\x00-\x08\x0a-\x0c\x0e-\x1f\x7f]*\n"
MARK = re.compile(VERSION.pattern + rb"(?=[^\x00-\x20\x7f:][^\x00-\x1f\x7f:]{0,200}:)")
# The same where the bytes end in its first field: the header may go on in another member.
CUT_MARK = re.compile(VERSION.pattern + rb"(?=(?:[^\x00-\x20\x7f:][^\x00-\x1f\x7f:]{0,200})?\Z)")
_FIELD_LINES = re.compile(rb"(?:" + _LINE + rb")*+")
_BLANK = re.compile(rb"\r?\n")
_IP = rb"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f.]*:[0-9A-Fa-f:.]+|-)"
_ARC_TEXT = rb"[A-Za-z][A-Za-z0-9+.\-]{0,30}:[^\x00-\x1f\x7f]{0,8000}? "
ARC_LINE = re.compile(
    rb"(" + _ARC_TEXT[:-1] + rb") (" + _IP + rb") (\d{12,18}) ([^\n]{0,4000}) (\S{1,20})\r?\n"
)
_ARC_REST = _IP + rb" \d{12,18} [^\x00-\x1f\x7f]{0,4000} (?:\d{1,15}|-1)\r?\n"
_ARC_LOOSE = (
    rb"(?:https?://|dns:|filedesc://)[^\x00-\x20\x7f]{0,2000}+ "  # what stood before it may be damaged
)
ARC_MARK = re.compile(rb"(?:(?<![^\n])" + _ARC_TEXT + rb"|" + _ARC_LOOSE + rb")" + _ARC_REST)
_ARC_NAMES = ("URL", "IP-address", "Archive-date", "Content-type")
_ARC_NAMES_2 = ("Result-code", "Checksum", "Location", "Offset", "Filename")
_MONTH = re.compile(r"\d{4}(?:-\d\d)?")
_FRACTION = re.compile(r"\.(\d+)(?=Z|[+-]\d\d:?\d\d|$)")
_DAY_OF_YEAR = re.compile(r"(\d{4})-(\d\d)-(\d{2,3})(?=T)")
_DIGITS = re.compile(r"\d{14}")
_LENGTH_DIGITS = 18  # more than a file offset can have


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A record's header; its block, `length` bytes long, stands at `end` of the bytes that were given."""

    headers: Headers
    record_type: str
    record_id: str
    target_uri: str | None
    captured_at: datetime
    length: int
    end: int
    arc: bool


@dataclass(frozen=True, slots=True)
class BadHead:
    """Why the bytes are no header; with the fields and their end where these can be read."""

    reason: str
    headers: Headers = field(default_factory=lambda: Headers(()))
    end: int = 0


def record_starts(data: bytes, at: int = 0) -> bool:
    r"""Whether a record's first line stands at `at`.

    >>> record_starts(b"WARC/1.1\r\n"), record_starts(b"dns:a.org 1.2.3.4 20010203040506 text/dns 12\n")
    (True, True)
    """
    return VERSION.match(data, at) is not None or ARC_LINE.match(data, at) is not None


def read_heading(data: bytes, at: int, *, whole: bool) -> Heading | BadHead | None:
    """The header at `at`; None where it goes on beyond `data`, which `whole` says it can't."""
    version = VERSION.match(data, at)
    if version:
        return _warc(data, version.end(), whole=whole)
    arc = ARC_LINE.match(data, at)
    if arc:
        return _arc(arc)
    if not whole and b"\n" not in data[at : at + HEAD_LIMIT] and len(data) - at < HEAD_LIMIT:
        return None
    return BadHead("no record starts here")


def _warc(data: bytes, at: int, *, whole: bool) -> Heading | BadHead | None:
    """The named fields from `at` on."""
    lines = _FIELD_LINES.match(data, at)
    stop = lines.end() if lines else at
    blank = _BLANK.match(data, stop)
    if blank is None:
        if stop - at > HEAD_LIMIT or data.find(b"\n", stop, stop + HEAD_LIMIT) >= 0:
            return BadHead("a line of the record's header is no field")
        if whole or len(data) - stop > HEAD_LIMIT:
            return BadHead("the record's header does not end")
        return None
    if VERSION.search(data, at, stop):
        return BadHead("another record's header starts inside the record's header")
    return _told(_fields(data[at:stop]), blank.end())


def _told(headers: Headers, end: int) -> Heading | BadHead:
    """What the named fields tell, of which every record must have a length and a date."""
    length = headers.get("Content-Length", "")
    if not (length.isascii() and length.isdecimal()) or len(length) > _LENGTH_DIGITS:
        return BadHead("the record has no usable Content-Length", headers, end)
    captured_at = warc_datetime(headers.get("WARC-Date", ""))
    if captured_at is None:
        return BadHead("the record has no usable WARC-Date", headers, end)
    return Heading(
        headers=headers,
        record_type=headers.get("WARC-Type", "unknown").lower(),
        record_id=headers.get("WARC-Record-ID", "").strip("<>"),
        target_uri=_uri(headers.get("WARC-Target-URI")),
        captured_at=captured_at,
        length=int(length),
        end=end,
        arc=False,
    )


def _fields(head: bytes) -> Headers:
    """Named fields; folded lines are joined."""
    pairs: list[tuple[str, str]] = []
    for line in head.decode("utf-8", "replace").split("\n"):
        name, colon, value = line.partition(":")
        if line[:1] in {" ", "\t"} and pairs:
            pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {line.strip()}")
        elif colon:
            pairs.append((name.strip(), value.strip()))
    return Headers(pairs)


def _arc(found: re.Match[bytes]) -> Heading | BadHead:
    """The header that an ARC line is."""
    url, ip, date, rest, length = (part.decode("utf-8", "replace") for part in found.groups())
    captured_at = warc_datetime(f"{date:0<14}"[:14])
    if captured_at is None:
        return BadHead("the record has no usable Archive-date")
    usable = length.isascii() and length.isdecimal() and len(length) <= _LENGTH_DIGITS
    if not usable and length != str(UNKNOWN_LENGTH):
        return BadHead("the record has no usable Archive-length")
    more = rest.split(" ")
    second = len(more) == 1 + len(_ARC_NAMES_2)
    kind, extra = (more[0], more[1:]) if second else (rest, [])
    pairs = [*zip(_ARC_NAMES, (url, ip, date, kind), strict=True), *zip(_ARC_NAMES_2, extra, strict=False)]
    scheme = url.partition(":")[0].lower()
    return Heading(
        headers=Headers([*pairs, ("Archive-length", length)]),
        record_type={"filedesc": "warcinfo", "http": "response", "https": "response"}.get(scheme, "resource"),
        record_id="",
        target_uri=url,
        captured_at=captured_at,
        length=int(length),
        end=found.end(),
        arc=True,
    )


def warc_datetime(text: str) -> datetime | None:
    """UTC time of a WARC-Date, or of the 14 digits of an ARC date; None where it is neither.

    Digits after the microsecond are dropped; a date without day is its first. ClueWeb's writer put the day of
    the year where the day of the month should be.

    >>> warc_datetime("2009-03-65T08:43:19-0800").isoformat(), warc_datetime("20140216050221").isoformat()
    ('2009-03-06T16:43:19+00:00', '2014-02-16T05:02:21+00:00')
    """
    if _DIGITS.fullmatch(text):
        text = f"{text[:8]}T{text[8:]}Z"
    elif _MONTH.fullmatch(text):
        text = f"{text}-01-01"[:10]
    else:
        text = _FRACTION.sub(lambda found: f".{found.group(1)[:6].ljust(6, '0')}", text)
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        plain = _DAY_OF_YEAR.sub(_day_of_month, text)
        return None if plain == text else warc_datetime(plain)
    try:
        return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
    except OverflowError:
        return None


def _day_of_month(found: re.Match[str]) -> str:
    """The date whose day is given as that of the year, if it lies in the month that is given."""
    year, month, day = found.groups()
    if not 31 < int(day) <= 366 or int(year) == 0:  # noqa: PLR2004 (days in a month, days in a year)
        return found.group()
    meant = datetime(int(year), 1, 1, tzinfo=UTC) + timedelta(days=int(day) - 1)
    return meant.strftime("%Y-%m-%d") if meant.month == int(month) else found.group()


def _uri(text: str | None) -> str | None:
    """Target URI without the angle brackets that WARC 1.0 writers such as wget put round it."""
    return text[1:-1] if text and text.startswith("<") and text.endswith(">") else text
