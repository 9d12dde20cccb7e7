"""What can be wrong with a value of a seed: each check returns the problem, or an empty text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from crawler.pattern_trial import is_slow
from crawler.toml_keys import nearest

_CRON_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 7))
_CRON_NAMES = {
    "month": ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
    "weekday": ("sun", "mon", "tue", "wed", "thu", "fri", "sat"),
}
_CRON_PART = re.compile(r"(?:(?P<all>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>[0-9]{1,4}))?")
_CRON_NUMBER = re.compile(r"[0-9]{1,4}")
LONGEST_URL = 2_000  # as for links; the crawler asks for none that is much longer
_SHOWN = 200
_MOST = 1e10  # three hundred years in seconds
_LONGEST_PATTERN = 10_000
_LONGEST_NAME = 80
_LONGEST_TEXT = 1_000
_LONGEST_HOST = 253  # RFC 1035, without the last dot
_HOST = re.compile(r"(?:\*\.)?(?:[^\s\x00-\x1f\x7f/:@?#*\[\]]+|\[[0-9a-fA-F:.]+\])(?::\d{1,5})?")


def url_problem(url: str) -> str:
    """Why `url` is no http address.

    >>> url_problem("https://example.org/"), url_problem("ftp://example.org/")
    ('', "not an http or https URL: 'ftp://example.org/'")
    """
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or " " in url or not url.isprintable():
        return f"not an http or https URL: {url[:_SHOWN]!r}"
    if len(url) > LONGEST_URL:
        return f"longer than {LONGEST_URL} characters: {url[:_SHOWN]!r}..."
    return f"a URL with a user name or password: {url!r}" if "@" in parts.netloc else ""


def template_problem(url: str) -> str:
    """Why `url` is no listing template.

    >>> template_problem("https://example.org/news/?page={page}"), template_problem("https://example.org/")
    ('', "lacks {page}: 'https://example.org/'")
    """
    if "{page}" not in url:
        return f"lacks {{page}}: {url!r}"
    return url_problem(url.replace("{page}", "1"))


def pattern_problem(pattern: str) -> str:
    """Why `pattern` is no regular expression.

    >>> pattern_problem("/news/"), pattern_problem("/news/(")
    ('', "bad pattern '/news/(': missing ), unterminated subpattern at position 6")
    """
    if len(pattern) > _LONGEST_PATTERN:
        return f"a pattern of over {_LONGEST_PATTERN} characters: {pattern[:_SHOWN]!r}..."
    try:
        slow = is_slow(re.compile(pattern))
    except (re.error, RecursionError, OverflowError) as error:
        return f"bad pattern {pattern[:_SHOWN]!r}: {error}"
    # One that can go wrong in many ways is written without a repetition inside a repetition.
    return f"takes too long on some URLs: {pattern!r}, as one repetition is inside another" if slow else ""


def host_problem(host: str) -> str:
    """Why `host` is no host name (with `*.` before it, or a port behind it).

    >>> host_problem("*.example.org"), host_problem("127.0.0.1:8080"), host_problem("https://example.org")
    ('', '', "not a host name: 'https://example.org'")
    """
    sound = len(host) <= _LONGEST_HOST and _HOST.fullmatch(host)
    return "" if sound else f"not a host name: {host[:_SHOWN]!r}"


def cron_problem(line: str) -> str:
    """Why `line` is no cron line of five fields.

    >>> cron_problem("*/15 6-20 * * mon-fri"), cron_problem("61 * * * *"), cron_problem("@daily")
    ('', 'minute `61` is not within 0-59', 'a cron line has 5 fields, this has 1')
    >>> cron_problem("0 0 30 2 *")
    'bad day-of-month: no such day comes'
    """
    fields = line.split()
    if len(fields) != len(_CRON_FIELDS):
        return f"a cron line has {len(_CRON_FIELDS)} fields, this has {len(fields)}"
    problems = (
        _cron_part_problem(name, part, low, high)
        for text, (name, low, high) in zip(fields, _CRON_FIELDS, strict=True)
        for part in text.split(",")
    )
    return next((problem for problem in problems if problem), "") or _never_due(line)


def _never_due(line: str) -> str:
    """Why the library that tells when a line is due has no time for it."""
    try:
        next(CronSim(line, datetime(2026, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        return f"{str(error)[:1].lower()}{str(error)[1:]}: no such day comes"
    except StopIteration:
        return "no such day comes"
    return ""


def _cron_part_problem(name: str, part: str, low: int, high: int) -> str:
    match = _CRON_PART.fullmatch(part)
    if not match:
        return f"{name} `{part}` is not a number, range, step or *"
    if match["step"] and int(match["step"]) == 0:
        return f"{name} `{part}` has a step of 0"
    if match["all"]:
        return ""
    ends = [_cron_number(name, match[group]) for group in ("first", "last") if match[group]]
    if any(end is None or not low <= end <= high for end in ends):
        return f"{name} `{part}` is not within {low}-{high}"
    return f"{name} `{part}` runs backwards" if (ends[-1] or 0) < (ends[0] or 0) else ""


def _cron_number(name: str, text: str) -> int | None:
    if _CRON_NUMBER.fullmatch(text):
        return int(text)
    names = _CRON_NAMES.get(name, ())
    # The weekdays' names count from Sunday 0, the months' from January 1.
    return names.index(text.lower()) + (name == "month") if text.lower() in names else None


def timezone_problem(name: str) -> str:
    """Why `name` is no time zone.

    >>> timezone_problem("Europe/Vienna"), timezone_problem("noon")
    ('', "not a time zone: 'noon'")
    >>> timezone_problem("America/New_Yrok")
    "not a time zone: 'America/New_Yrok', did you mean `America/New_York`?"
    """
    if name == "UTC":  # also where the machine has no table of zones
        return ""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        return f"not a time zone: {name!r}{nearest(name, available_timezones())}"
    return ""


def choice_problem(value: str, choices: Iterable[str]) -> str:
    """Why `value` is none of the choices.

    >>> choice_problem("al", ["all", "articles"])
    "must be one of all, articles, not 'al', did you mean `all`?"
    """
    choices = tuple(choices)
    if value in choices:
        return ""
    return f"must be one of {', '.join(choices)}, not {value!r}{nearest(value, choices)}"


def name_problem(value: str) -> str:
    """Why `value` is no name of a source."""
    sound = value.isascii() and value.replace("-", "").replace("_", "").replace(".", "").isalnum()
    if not sound:
        return f"must be letters, digits, hyphens, underscores and dots, not {value!r}"
    return f"must have at most {_LONGEST_NAME} letters" if len(value) > _LONGEST_NAME else ""


def text_problem(value: str) -> str:
    r"""Why `value` is no text for people to read, on one line.

    >>> text_problem("Harbor Courier"), text_problem("Harbor\x1b[2J")
    ('', 'must be printable text on one line, of at most 1000 characters')
    """
    sound = value.isprintable() and len(value) <= _LONGEST_TEXT
    return "" if sound else f"must be printable text on one line, of at most {_LONGEST_TEXT} characters"


def positive_problem(value: float) -> str:
    """Why `value` is no number above 0."""
    return _too_large(value) or ("" if value > 0 else f"must be above 0, not {value}")


def negative_problem(value: float) -> str:
    """Why `value` is no number from 0 on."""
    return _too_large(value) or ("" if value >= 0 else f"must not be below 0, not {value}")


def at_most(most: float, check: Callable[[float], str]) -> Callable[[float], str]:
    """A check of numbers that are not above `most` besides."""
    return lambda value: f"must be at most {most:.15g}, not {value}" if value > most else check(value)


def _too_large(value: float) -> str:
    """Why nothing can be counted to `value`: no calendar goes on for so many seconds."""
    return f"must be at most {_MOST:.0f}, not {value}" if value > _MOST else ""
