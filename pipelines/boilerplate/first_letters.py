"""Many expressions for words, tried by a word's first two letters: most words begin as none of them does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_GROUP = "(?:"
_PLAIN = re.compile(r"[a-z0-9][a-z0-9_-](?![?*{])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginnings:
    """Expressions by the two letters that they begin with, and a pattern for such places in a token."""

    places: re.Pattern[str]
    each: Mapping[str, tuple[tuple[int, re.Pattern[str]], ...]]

    def hits(self, token: str) -> dict[int, str]:
        """Numbers of the expressions that match from a word's start in the token, with the words."""
        found: dict[int, str] = {}
        for start in self.places.finditer(token):
            for number, pattern in self.each[start[0]]:
                if number not in found and (hit := pattern.match(token, start.start())):
                    found[number] = hit[0]
        return found


def by_first_letters(expressions: Iterable[str], *, start: str, end: str) -> Beginnings:
    r"""The alternatives of the expressions by what they begin with; words stand from `start` to `end`.

    Each alternative must begin with two letters or with a group of such.

    >>> beginnings = by_first_letters(["ads?|advert", "(?:news|mail)-?box"], start=r"\b", end="$")
    >>> sorted(beginnings.each), beginnings.hits("my newsbox")
    (['ad', 'ma', 'ne'], {1: 'newsbox'})
    """
    found: dict[str, dict[int, list[str]]] = {}
    for number, expression in enumerate(expressions):
        for one in alternatives(expression):
            for letters in _first_letters(one):
                found.setdefault(letters, {}).setdefault(number, []).append(one)
    seconds: dict[str, str] = {}
    for letters in sorted(found):
        seconds[letters[0]] = seconds.get(letters[0], "") + re.escape(letters[1])
    places = "|".join(f"{re.escape(first)}[{known}]" for first, known in seconds.items())
    each = {
        letters: tuple(
            (number, re.compile(f"(?:{'|'.join(words)}){end}")) for number, words in numbered.items()
        )
        for letters, numbered in found.items()
    }
    return Beginnings(places=re.compile(f"{start}(?:{places})"), each=each)


def alternatives(expression: str) -> list[str]:
    r"""The parts of an expression between its outermost bars.

    >>> alternatives(r"ads?|a(?:b|c)|x[|)]|y\|")
    ['ads?', 'a(?:b|c)', 'x[|)]', 'y\\|']
    """
    parts, depth = [""], 0
    for atom in re.findall(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", expression, re.DOTALL):
        depth += {"(": 1, ")": -1}.get(atom, 0)
        if atom == "|" and not depth:
            parts.append("")
        else:
            parts[-1] += atom
    return parts


def _first_letters(expression: str) -> set[str]:
    if expression.startswith(_GROUP):
        inside = alternatives(_group(expression))
        return {letter for one in inside for letter in _first_letters(one)}
    if not _PLAIN.match(expression):
        message = f"does not begin with two letters: {expression}"
        raise ValueError(message)
    return {expression[:2]}


def _group(expression: str) -> str:
    """What stands in the group that an expression begins with."""
    depth = 0
    for place, character in enumerate(expression):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if not depth:
            return expression[len(_GROUP) : place]
    return expression
