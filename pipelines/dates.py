"""Dates as pages write them -> UTC.

No clock is read: whether a date lies in the future is the caller's to judge.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NAMED = re.compile(
    r"\b(?P<month>[A-Z][a-z]{2,8})\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})\b|"
    r"\b(?P<day2>\d{1,2})(?:st|nd|rd|th)?\.? (?P<month2>[A-Z][a-z]{2,8})\.?,? (?P<year2>\d{4})\b",
)
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?\s?(?:Z|[+-]\d\d:?\d\d)?)?")


def parse_date(raw: str) -> datetime | None:
    """The moment that `raw` names, in UTC; without a zone it is read as UTC.

    >>> parse_date("2022-04-06T21:05:00-04:00").isoformat(), parse_date("April 6, 2022").isoformat()
    ('2022-04-07T01:05:00+00:00', '2022-04-06T00:00:00+00:00')
    >>> parse_date("soon")
    """
    text = raw.strip()
    for read in (_iso, _rfc, _named):
        try:
            found = read(text)
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
        if found is not None:
            return found
    return None


def _iso(text: str) -> datetime | None:
    found = _ISO.match(text)
    return _utc(datetime.fromisoformat(found[0].replace(" ", "T", 1).replace(" ", ""))) if found else None


def _rfc(text: str) -> datetime | None:
    return _utc(parsedate_to_datetime(text)) if "," in text and ":" in text else None


def _named(text: str) -> datetime | None:
    found = _NAMED.search(text)
    if not found:
        return None
    month = (found["month"] or found["month2"])[:3].lower()
    if month not in _MONTHS:
        return None
    day, year = int(found["day"] or found["day2"]), int(found["year"] or found["year2"])
    return datetime(year, _MONTHS.index(month) + 1, day, tzinfo=UTC)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
