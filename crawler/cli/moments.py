"""Times as people type them on the command line."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    TimeType = click.ParamType[datetime]
else:
    TimeType = click.ParamType  # takes no parameter in older releases of click

_AGO = re.compile(r"(\d{1,6})\s*(m|h|d|w)")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
# With dashes, or without as web archives write it.
_DAYS = re.compile(r"(\d{4})(?:(?:-(\d\d)(?:-(\d\d))?)|(?:(\d\d)(\d\d)?))?")
_STAMP = re.compile(r"(\d{8})(\d{6})")


class Moment(TimeType):
    """A day, month, year or time (UTC if it names no zone), or how long ago; with `end` a day is its end."""

    name = "TIME"

    def __init__(self, *, end: bool = False) -> None:
        """Take days from their first moment, or as `end` to their last."""
        self._end = end

    def convert(
        self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """The time. Raises: click.BadParameter."""
        if isinstance(value, datetime):
            return value
        try:
            return moment(value, now=datetime.now(UTC), end=self._end)
        except (ValueError, OverflowError):
            self.fail(
                f"`{value}` is no time; write 2026-11-20, 2026-11-20T08:30, or 7d for seven days ago"
                " (m, h, d, w)",
                param,
                ctx,
            )


def moment(text: str, *, now: datetime, end: bool = False) -> datetime:
    """The time that a text names. Raises: ValueError, OverflowError.

    >>> now = datetime(2026, 11, 22, 9, tzinfo=UTC)
    >>> moment("2026-11-20T08:30+02:00", now=now).isoformat(), moment("36h", now=now).isoformat()
    ('2026-11-20T06:30:00+00:00', '2026-11-20T21:00:00+00:00')
    >>> moment("2026-11-20", now=now, end=True).isoformat()
    '2026-11-21T00:00:00+00:00'
    >>> [f"{moment(text, now=now, end=True):%Y-%m-%d}" for text in ("20261120", "202612", "2019")]
    ['2026-11-21', '2027-01-01', '2020-01-01']
    >>> moment("20190201083000", now=now).isoformat()
    '2019-02-01T08:30:00+00:00'
    """
    text = text.strip()
    ago = _AGO.fullmatch(text)
    if ago:
        return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    days = _DAYS.fullmatch(text)
    if days:
        return _first_of(days, end=end)
    parsed = datetime.fromisoformat(_STAMP.sub(r"\1T\2", text) if _STAMP.fullmatch(text) else text)
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def _first_of(days: re.Match[str], *, end: bool) -> datetime:
    """The first moment of a year, month or day, or as `end` of the next one."""
    year, month, day = int(days[1]), days[2] or days[4], days[3] or days[5]
    first = datetime(year, int(month or 1), int(day or 1), tzinfo=UTC)
    if not end:
        return first
    if day:
        return first + timedelta(days=1)
    if month:
        return first.replace(year=year + first.month // 12, month=first.month % 12 + 1)
    return first.replace(year=year + 1)
