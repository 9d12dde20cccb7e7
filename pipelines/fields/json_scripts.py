"""Values of JSON scripts, also of those that no parser reads as they stand."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator

_OPENINGS = ("<!--", "//<![CDATA[", "// <![CDATA[", "/*<![CDATA[*/", "/* <![CDATA[ */", "<![CDATA[")
_CLOSINGS = ("-->", "//]]>", "// ]]>", "/*]]>*/", "/* ]]> */", "]]>")
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_LONE_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')
_MOST_VALUES = 20  # of one script


def load_script(text: str) -> object:
    """The script's value, mended where writers of templates err; None where it can't be read."""
    cleaned = text.strip("\ufeff \t\r\n").rstrip("; \n")
    for opening, closing in zip(_OPENINGS, _CLOSINGS, strict=True):
        cleaned = cleaned.removeprefix(opening).removesuffix(closing).strip()
    cleaned = cleaned.rstrip(";")
    if cleaned.startswith("/*"):
        cleaned = cleaned.partition("*/")[2].strip()
    if not cleaned:
        return ()
    mended = (
        cleaned,
        _LONE_ESCAPE.sub(r"\\\\", _TRAILING_COMMA.sub(r"\1", cleaned)),
        _TRAILING_COMMA.sub(r"\1", html.unescape(cleaned)),
    )
    for attempt in mended:
        try:
            return json.loads(attempt, strict=False)
        except (ValueError, RecursionError):
            continue
    return _values(cleaned) or None


def _values(text: str) -> list[object]:
    """The values that stand one after the other in a script, as far as they can be read."""
    decoder, found, place = json.JSONDecoder(strict=False), list[object](), 0
    while len(found) < _MOST_VALUES:
        while place < len(text) and (text[place].isspace() or text[place] in ",;\ufeff"):
            place += 1
        try:
            value, place = decoder.raw_decode(text, place)
        except (ValueError, RecursionError):
            break
        found.append(value)
    return found


def parsely_metas(content: str) -> Iterator[tuple[str, str]]:
    """The meta elements that a Parse.ly element of the old form stands for.

    >>> list(parsely_metas('{"pub_date": "2019-05-03T08:15:00Z", "authors": ["Ann Example"], "tags": []}'))
    [('parsely-pub-date', '2019-05-03T08:15:00Z'), ('parsely-author', 'Ann Example')]
    """
    told = load_script(content)
    told = told if isinstance(told, dict) else {}
    for key in ("title", "pub_date", "section", "author", "authors"):
        values = told.get(key)
        for value in values if isinstance(values, list) else [values]:
            if isinstance(value, str) and value:
                yield f"parsely-{key.removesuffix('s').replace('_', '-')}", value
