"""Lines of a dump that was wrapped at a column -> the lines as they were before."""

from __future__ import annotations

import re
from itertools import pairwise

from pipelines.words import ends_sentence

_NARROWEST, _WIDEST = 40, 120
_FEWEST_BREAKS, _SHARE = 4, 0.6
_FIRST_CHUNK = re.compile(r"[^ \t-]*-?")  # what must stand on one line: a word, or up to its hyphen
_CUT_WORD = re.compile(r"\w-$")


def unwrapped(lines: list[str]) -> list[str]:
    """The lines, joined again where the next word had no place left; as they are where nothing was wrapped.

    >>> unwrapped(["Short lines", "stay apart."])
    ['Short lines', 'stay apart.']
    """
    width = max((len(line) for line in lines if " " in line), default=0)
    if not _NARROWEST <= width <= _WIDEST:
        return lines
    pairs = [(line, below) for line, below in pairwise(lines) if line and below]
    broken = sum(_is_full(line, below, width) and not ends_sentence(line) for line, below in pairs)
    if broken < max(_FEWEST_BREAKS, _SHARE * len(pairs)):
        return lines
    joined: list[str] = []
    above = ""
    for line in lines:
        if above and line and _is_full(above, line, width):
            joined[-1] += line if _CUT_WORD.search(above) else f" {line}"
        else:
            joined.append(line)
        above = line
    return joined


def _is_full(line: str, below: str, width: int) -> bool:
    found = _FIRST_CHUNK.match(below)
    return len(line) + 1 + len(found[0] if found else "") > width
