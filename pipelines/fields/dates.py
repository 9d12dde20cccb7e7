"""Dates as pages write them -> UTC.

No clock is read: whether a date lies in the future is judged against the moment that the caller gives.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone

from pipelines.fields.date_words import COASTS, MONTHS, ZONES

_FIRST_YEAR, _LAST_YEAR = 1800, 2100
_LONGEST = 400
_MOST_SECONDS = 1e11  # a larger number counts milliseconds
_AHEAD = timedelta(hours=26)  # a date without a zone may be a day ahead of the capture's UTC
_EPOCH = re.compile(r"\d{10}(?:\d{3})?(?:\.\d+)?")
_ISO = re.compile(r"(\d{4})(?P<joint>[-/.]?)(\d{1,2})(?P=joint)(\d{1,2})(?!\d)")
_WORD_FIRST = re.compile(
    r"(?:(?<![^\W_])|(?<=[a-z])(?=[A-Z]))([^\W\d_]{3,12})\.?[ ,]{1,3}(\d{1,2})(?:st|nd|rd|th|º|\.)?(?:,|\.)"
    r"?[ ,]{1,3}(\d{4})(?!\d)"
)
_DAY_FIRST = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|°)?\.?(?:[ ,-]{1,3}|\s+d[eio]l?\s+|\s+of\s+)([^\W\d_]{3,12})\.?,?"
    r"(?:[ ,-]{1,3}|\s+del?\s+)(\d{4})(?!\d)"
)
_WORD_LAST = re.compile(r"(?<!\d)(\d{4})(?:\.? |-)([^\W\d_]{3,12})[ -](\d{1,2})(?!\d)")
_NUMBERS = re.compile(r"(?<![\d.])(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![\d/]|[.-]\d)")
_CLOCK = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-3])(?:(?P<joint>[:.hH])(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))"
    r"?(?:[.,]\d+)?)?"
    r"[ \u202f]?(?P<half>[AaPp]\.?[Mm]\b\.?)?(?=$|[^\d:])"
)
_OFFSET = re.compile(r"\s?(?:\(?(?:UTC|GMT)\s?([+\u2212-])(\d{1,2})|([+\u2212-])(\d{2})):?(\d{2})?(?!\d)")
_ZONE = re.compile(r"[ (,]{0,3}([A-Za-z]{1,7})\b")
_UNIX = re.compile(r"([A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d) ?([A-Z]{1,5}|[+-]\d{4})? (\d{4})\b")
_HAN = re.compile(r"(\d{4})[年년] ?(\d{1,2})[月월] ?(\d{1,2})[日일]")
_HAN_CLOCK = re.compile(r"(\d{1,2})[時时시] ?(\d{1,2})[分분]")
_SHORT_YEAR = re.compile(r"\b(\d{1,2}-[A-Za-z]{3}-)(\d\d)(?=\s)")
_RUN = re.compile(r"(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")
_SPACED = re.compile(r"^(\d{4})\. ?(\d{1,2})\. ?(\d{1,2})\.?(?=\D|$)")
_COMPACT = re.compile(r"T(\d\d)(\d\d)(?:\d\d)?")
_HALF_DAY = 12


def parse_date(raw: str, *, day_first: bool = False) -> datetime | None:
    """The moment that `raw` names, in UTC; without a zone it is read as UTC, without a time as midnight.

    `day_first` reads 4/5/2023 as the 4th of May. Years that no news page can mean give None.

    >>> parse_date("2022-04-06T21:05:00-04:00").isoformat(), parse_date("April 6, 2022").isoformat()
    ('2022-04-07T01:05:00+00:00', '2022-04-06T00:00:00+00:00')
    >>> parse_date("Published 6. März 2022, 19.15 Uhr").isoformat(), parse_date("1649279100000").isoformat()
    ('2022-03-06T19:15:00+00:00', '2022-04-06T21:05:00+00:00')
    >>> parse_date("Updated 5:05 p.m. ET, Wed April 6, 2022").isoformat()
    '2022-04-06T21:05:00+00:00'
    >>> parse_date("soon")
    """
    text = " ".join(raw.split())[:_LONGEST]
    if not any(char.isdigit() for char in text):
        return None
    try:
        found = _epoch(text) or _written(unicodedata.normalize("NFC", text), day_first=day_first)
    except (ValueError, OverflowError):
        return None
    return found if found and is_plausible(found) else None


def is_plausible(moment: datetime, captured_at: datetime | None = None) -> bool:
    """Whether a page may have been published then: not at the zero of a clock, not after its capture."""
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR or moment.timestamp() in (0.0, -62135596800.0):
        return False
    if captured_at is None:
        return True
    captured = captured_at if captured_at.tzinfo else captured_at.replace(tzinfo=UTC)
    return moment <= captured + _AHEAD


def _epoch(text: str) -> datetime | None:
    if not _EPOCH.fullmatch(text):
        return None
    seconds = float(text)
    return datetime.fromtimestamp(seconds / 1000 if seconds > _MOST_SECONDS else seconds, tz=UTC).replace(
        microsecond=0
    )


def _written(text: str, *, day_first: bool) -> datetime | None:
    """The first day that the text names, with the time beside it."""
    if "年" in text or "년" in text:
        text = _HAN_CLOCK.sub(r"\1:\2", _HAN.sub(r"\1-\2-\3 ", text))
    text = _SHORT_YEAR.sub(r"\g<1>20\2", text)
    text = _SPACED.sub(r"\1-\2-\3 ", text)
    if run := _RUN.fullmatch(text):
        text = "{}-{}-{}T{}:{}:{}".format(*run.groups())
    if text[-5:-4] == " ":
        text = _UNIX.sub(r"\1 \2 \5 \3 \4", text)
    for read in (_iso_day, _named_day, _numbered_day):
        told = read(text, day_first)
        if told is not None:
            day, start, end = told
            behind = text[end : end + 60]
            if compact := _COMPACT.match(behind):
                behind = f"{compact[1]}:{compact[2]}{behind[compact.end() :]}"
            return _at(day, behind, text[max(0, start - 40) : start])
    return None


_Told = tuple[datetime, int, int]


def _iso_day(text: str, _day_first: bool) -> _Told | None:
    for found in _ISO.finditer(text):
        glued = not found["joint"] and len(found[0]) != 8  # noqa: PLR2004 -- yyyymmdd
        if glued or (found.start() and text[found.start() - 1].isdigit()):
            continue
        if (day := _day(found[1], found[3], found[4])) is not None:
            return day, found.start(), found.end()
    return None


def _named_day(text: str, _day_first: bool) -> _Told | None:
    told: list[_Told] = []
    for pattern, order in ((_WORD_FIRST, (3, 1, 2)), (_DAY_FIRST, (3, 2, 1)), (_WORD_LAST, (1, 2, 3))):
        for found in pattern.finditer(text):
            month = MONTHS.get(found[order[1]].lower())
            day = _day(found[order[0]], month, found[order[2]]) if month else None
            if day is not None:
                told.append((day, found.start(), found.end()))
                break
    return min(told, key=lambda item: item[1], default=None)


def _numbered_day(text: str, day_first: bool) -> _Told | None:
    for found in _NUMBERS.finditer(text):
        one, other = (found[1], found[3]) if day_first or found[2] == "." else (found[3], found[1])
        year = found[4] if len(found[4]) > 2 else f"20{found[4]}"  # noqa: PLR2004 -- a year without its century
        day = _day(year, other, one) or _day(year, one, other)
        if day is not None:
            return day, found.start(), found.end()
    return None


def _day(year: str, month: str | int, day: str) -> datetime | None:
    try:
        return datetime(int(year), int(month), int(day), tzinfo=UTC)
    except ValueError:
        return None


def _at(day: datetime, behind: str, before: str) -> datetime:
    """The day with the time that stands behind it, or before it ("5:05 p.m. ET, April 6")."""
    for text in (behind, before):
        for found in _CLOCK.finditer(text):
            if not found["half"] and (not found["joint"] or not _tells_time(text, found)):
                continue
            hour = int(found["hour"])
            if found["half"]:
                hour = hour % _HALF_DAY + (_HALF_DAY if found["half"][0] in "pP" else 0)
            clock = day.replace(hour=hour, minute=int(found["minute"] or 0), second=int(found["second"] or 0))
            return clock - _offset(text[found.end() :], clock)
    return day


def _tells_time(text: str, found: re.Match[str]) -> bool:
    """Whether two numbers with a full stop or an h between them are a time."""
    return found["joint"] == ":" or (
        found["joint"] in "hH"
        or text[found.end() :].lstrip().lower().startswith(("uhr", "uur", "bst", "gmt"))
        or text[: found.start()].rstrip().lower().endswith((" kl", " kl.", " klo"))
    )


def _offset(text: str, clock: datetime) -> timedelta:
    """How far the zone named next is ahead of UTC; nothing where none is named."""
    if found := _OFFSET.match(text):
        ahead = timedelta(hours=int(found[2] or found[4]), minutes=int(found[5] or 0))
        if ahead < timedelta(hours=24):
            return ahead if (found[1] or found[3]) == "+" else -ahead
    found = _ZONE.match(text)
    name = found[1].lower() if found else ""
    if name in COASTS:
        return timedelta(hours=COASTS[name] + _is_summer(clock))
    return timedelta(hours=ZONES.get(name, 0))


def _is_summer(clock: datetime) -> bool:
    """Whether American clocks are put forward that day: second Sunday of March to first of November."""
    march, november = datetime(clock.year, 3, 8, 2, tzinfo=UTC), datetime(clock.year, 11, 1, 2, tzinfo=UTC)
    start = march + timedelta(days=(6 - march.weekday()) % 7)
    end = november + timedelta(days=(6 - november.weekday()) % 7)
    return start <= clock < end


def offset_of(raw: str) -> timezone | None:
    """The zone that an ISO date was written in, None where it names none.

    >>> offset_of("2022-04-06T21:05:00-04:00")
    datetime.timezone(datetime.timedelta(days=-1, seconds=72000))
    """
    found = re.search(r"T[\d:.]+([+-])(\d\d):?(\d\d)$", raw.strip())
    if not found:
        return None
    ahead = timedelta(hours=int(found[2]), minutes=int(found[3]))
    return timezone(ahead if found[1] == "+" else -ahead) if ahead < timedelta(hours=24) else None
