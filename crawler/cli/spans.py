"""Spans of time that a plot's columns stand for: from a minute to a century, whichever fits the width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_FIRST = datetime(1, 1, 1, tzinfo=UTC)  # a Monday
_MINUTE_S, _DAY_S = 60, 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A length of time: so many seconds, or so many months; `label` says how a column's start is written."""

    name: str
    seconds: int = 0
    months: int = 0
    label: str = "%Y-%m-%d"

    def number(self, moment: datetime) -> int:
        """Number of the span that the moment lies in, counted from year 1."""
        if self.months:
            return ((moment.year - 1) * 12 + moment.month - 1) // self.months
        return int((moment - _FIRST).total_seconds()) // self.seconds

    def start(self, number: int) -> datetime:
        """First moment of a span."""
        if self.months:
            years, month = divmod(number * self.months, 12)
            return datetime(years + 1, month + 1, 1, tzinfo=UTC)
        return _FIRST + timedelta(seconds=number * self.seconds)

    def told(self, number: int) -> str:
        """A span's start in words.

        >>> SPANS[-3].told(SPANS[-3].number(datetime(2026, 11, 22, tzinfo=UTC)))
        '2026'
        """
        start = self.start(number)
        return start.strftime(self.label.replace("%Y", f"{start.year:04}"))  # glibc pads no year


SPANS = (
    Span(name="minute", seconds=_MINUTE_S, label="%m-%d %H:%M"),
    Span(name="5 minutes", seconds=5 * _MINUTE_S, label="%m-%d %H:%M"),
    Span(name="quarter of an hour", seconds=15 * _MINUTE_S, label="%m-%d %H:%M"),
    Span(name="hour", seconds=60 * _MINUTE_S, label="%m-%d %H:%M"),
    Span(name="6 hours", seconds=360 * _MINUTE_S, label="%m-%d %H:%M"),
    Span(name="day", seconds=_DAY_S),
    Span(name="week", seconds=7 * _DAY_S),
    Span(name="month", months=1, label="%Y-%m"),
    Span(name="quarter", months=3, label="%Y-%m"),
    Span(name="year", months=12, label="%Y"),
    Span(name="decade", months=120, label="%Y"),
    Span(name="century", months=1200, label="%Y"),
)


def as_moment(value: object) -> datetime | None:
    """The time of a date or datetime in UTC, None for anything else.

    >>> as_moment(date(2026, 11, 22)).isoformat(), as_moment("2026")
    ('2026-11-22T00:00:00+00:00', None)
    """
    if isinstance(value, datetime):
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    return None


def fitting(moments: list[datetime], most: int) -> Span:
    """The shortest span of which at most `most` lie between the first and the last of the moments.

    It is none shorter than what the moments tell: of days a day, of months' first days a month.
    """
    told = _told(moments)
    spans = [span for span in SPANS[told:] if _count(span, moments) <= most]
    return spans[0] if spans else SPANS[-1]


def _count(span: Span, moments: list[datetime]) -> int:
    return span.number(max(moments)) - span.number(min(moments)) + 1


def _told(moments: list[datetime]) -> int:
    """Place in SPANS of the longest span that all moments begin (up to a year)."""
    whole = [at for at, span in _candidates() if all(span.start(span.number(one)) == one for one in moments)]
    return max(whole, default=0) if len(moments) > 1 else min(max(whole, default=0), 5)


def _candidates() -> Iterator[tuple[int, Span]]:
    """The spans with their places: those that a query's date_trunc makes."""
    return ((at, span) for at, span in enumerate(SPANS) if span.months <= 12)  # noqa: PLR2004 (a year)
