"""JSON that strangers wrote -> values: where it is nested too deeply or broken, what can be had of it.

The parser gives up all of it for one value that is nested deeper than the interpreter's stack, or for one
letter; what stands before and beside that is sound.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from typing import Any

TOO_DEEP = "values nested too deeply are left out"
READ_IN_PART = "broken JSON: read up to the fault"
_DEEPEST = 100  # no feed and no answer of an interface has ten
_LONGEST_NUMBER = 300
# A string, to the end of the text if nothing ends it, or what opens or closes a value.
_TOKEN = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_BLANK = re.compile(r"[\s,]*")
_COLON = re.compile(r"\s*:\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadJson:
    """What was read, None for nothing at all, and notes on what was not."""

    value: Any = None  # of whatever type
    notes: tuple[str, ...] = ()


def read_json(text: str) -> ReadJson:
    """The value of a text; of a broken one the members or elements before the fault, of a list in it too.

    >>> read = read_json('[1, ' + "[" * 5000 + "]" * 5000 + ", 2]")
    >>> read.value[::2], read.notes
    ([1, 2], ('values nested too deeply are left out',))
    >>> read_json('{"items": [{"url": "/1"}, {"url": "/2"}, {"url').value, read_json("<html>").value
    ({'items': [{'url': '/1'}, {'url': '/2'}]}, None)
    """
    text = text.strip("\ufeff\x00 \t\r\n")
    try:
        return _read(text)
    except RecursionError:
        text, notes = _shallow(text), (TOO_DEEP,)
    except ValueError:
        return _broken(text)
    try:
        read = _read(text)
    except (ValueError, RecursionError):
        read = _broken(text)
    return replace(read, notes=(*notes, *read.notes))


def _read(text: str) -> ReadJson:
    """The value that a text begins with. Raises: ValueError, RecursionError."""
    value, end = _DECODER.raw_decode(text)
    return ReadJson(value=value, notes=(READ_IN_PART,) if end < len(text) else ())


def _broken(text: str) -> ReadJson:
    """What stands before the fault of a text."""
    value = _elements(text, 1) if text[:1] == "[" else _members(text) if text[:1] == "{" else None
    return ReadJson(value=value, notes=(READ_IN_PART,)) if value else ReadJson()


def _elements(text: str, at: int) -> list[object]:
    """The elements of a list whose first one begins there, as far as they are sound."""
    found: list[object] = []
    while True:
        try:
            value, at = _DECODER.raw_decode(text, _after(_BLANK, text, at))
        except (ValueError, RecursionError):
            return found
        found.append(value)


def _members(text: str) -> dict[str, object]:
    """The members of the object that a text begins with, as far as they are sound; the last may be a list."""
    found: dict[str, object] = {}
    at = 1
    while True:
        try:
            name, at = _DECODER.raw_decode(text, _after(_BLANK, text, at))
        except (ValueError, RecursionError):
            return found
        if not isinstance(name, str):
            return found
        at = _after(_COLON, text, at)
        try:
            found[name], at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            if text[at : at + 1] == "[":
                found[name] = _elements(text, at + 1)
            return found


def _shallow(text: str) -> str:
    """The text with `null` for each value that is nested too deeply; what has no end goes to the end.

    >>> _shallow('{"a": "[", "b": ' + "[" * 99 + '[1, {"c": "]"}]' + "]" * 99 + "}").count("null")
    1
    """
    kept: list[str] = []
    at = depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] in {"[", "{"}:
            depth += 1
            if depth == _DEEPEST + 1:
                kept.append(text[at : token.start()])
        elif token[0] in {"]", "}"}:
            if depth == _DEEPEST + 1:
                kept.append("null")
                at = token.end()
            depth = max(depth - 1, 0)
    kept.append(text[at:] if depth <= _DEEPEST else "null")
    return "".join(kept)


def _after(pattern: re.Pattern[str], text: str, at: int) -> int:
    """Where what matches there ends; that place where nothing does."""
    found = pattern.match(text, at)
    return found.end() if found else at


def _number(digits: str) -> int:
    """A whole number; 0 for one that Python takes for an attack, and refuses.

    >>> _number("12"), _number("9" * 5000)
    (12, 0)
    """
    return int(digits) if len(digits) <= _LONGEST_NUMBER else 0


_DECODER = json.JSONDecoder(strict=False, parse_int=_number)
