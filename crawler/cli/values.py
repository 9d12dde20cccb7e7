"""Values as JSON and as text: one way for every verb."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

# What steers a terminal instead of being read: control letters, and those that turn the writing's direction.
CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


def as_json(value: object) -> Any:  # noqa: ANN401 (whatever JSON can say)
    r"""The value as JSON has it: times in UTC with a Z, bytes in hex, what is no number as null.

    >>> as_json((datetime(2026, 11, 21, 9, 30), b"\xff", float("nan"), {"a": (1,)}))
    ['2026-11-21T09:30:00Z', 'ff', None, {'a': [1]}]
    """
    if type(value) in _PLAIN:  # most are, and answers have millions of them
        return value
    if isinstance(value, dict):
        return {str(as_json(key)): as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(item) for item in value]
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    for kind, told in _TOLD:
        if isinstance(value, kind):
            return told(value)
    return str(value)


def iso(moment: datetime) -> str:
    """ISO 8601 in UTC; a time without a zone is UTC already.

    >>> iso(datetime(2026, 11, 21, 9, 30, 0, 250_000))
    '2026-11-21T09:30:00.250000Z'
    """
    utc = moment.astimezone(UTC) if moment.tzinfo else moment
    return utc.replace(tzinfo=None).isoformat() + "Z"


def as_second(moment: datetime) -> str:
    """The time to the second, as people read it; a midnight is a day, as pages tell most dates.

    >>> as_second(datetime(2026, 11, 21, 9, 30, 0, 250_000)), as_second(datetime(2026, 11, 21))
    ('2026-11-21 09:30:00Z', '2026-11-21')
    """
    return iso(moment.replace(microsecond=0)).replace("T00:00:00Z", "").replace("T", " ")


def as_text(value: object) -> str:
    """The value in a cell: nothing for NULL, texts as they are, lists as JSON.

    >>> as_text(None), as_text("a"), as_text(["a", 1]), as_text(True)
    ('', 'a', '["a", 1]', 'true')
    """
    told = as_json(value)
    if told is None:
        return ""
    if type(told) is int:
        return str(told)
    return told if isinstance(told, str) else to_json(told)


def to_json(value: object, *, indent: int | None = None) -> str:
    """JSON text of a value, letters beyond ASCII as they are."""
    if indent is None:
        return _ENCODER.encode(as_json(value))
    return json.dumps(as_json(value), ensure_ascii=False, allow_nan=False, indent=indent)


def printable(text: str) -> str:
    r"""The text without what would steer a terminal; its lines stay.

    >>> printable("a\x1b[2Jb\nc")
    'a[2Jb\nc'
    """
    return "\n".join(CONTROLS.sub("", line.replace("\t", " ")) for line in text.split("\n"))


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


_PLAIN = frozenset({type(None), bool, int, str})
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
# In this order: a StrEnum is a text, a datetime is a date.
_TOLD: tuple[tuple[type | tuple[type, ...], Callable[[Any], object]], ...] = (
    (Enum, lambda value: value.value),
    ((type(None), bool, int, str), lambda value: value),
    ((float, Decimal), _number),
    (datetime, iso),
    ((date, time), lambda value: value.isoformat()),
    (timedelta, lambda value: value.total_seconds()),
    ((bytes, bytearray, memoryview), lambda value: bytes(value).hex()),
)
