"""Whether a regular expression of a seed takes for ever on some URL: tried on URLs made to mislead it.

Python's expressions go back and try again where a part can match in several ways: `(a+)+$` takes twice as
long with each letter more. Such a pattern would stand still in the middle of a crawl, at the first URL that
somebody wrote for it, so each is tried when its seed is read.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from itertools import islice
from re import _constants as code  # type: ignore[attr-defined] # the parser is private, and there is no other
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MOST_S = 0.1  # a sound pattern takes a thousandth of it
_LONGEST = 2_000  # the longest URL that is asked for
_GROWTH = 1.25
_MOST_TRIAL_S = 1.0
_MOST_TEXTS = 60
_MANY = 16  # times that a part may occur before it counts as without end
_SAMPLES = {code.CATEGORY_DIGIT: "1", code.CATEGORY_SPACE: " ", code.CATEGORY_WORD: "a"}
_OTHERS = "a1/-_.%é \n"
_SPOILERS = ("\x00", "!", "")
_Node = tuple[Any, Any]


def is_slow(pattern: re.Pattern[str]) -> bool:
    """Whether the pattern takes over a tenth of a second of CPU time on a URL that may well be met.

    >>> is_slow(re.compile("/(news|sport)/[^/]+/$")), is_slow(re.compile("(a+)+$"))
    (False, True)
    """
    # Some flags can be set in the pattern only, which the parser reads for itself.
    nodes = list(parser.parse(pattern.pattern, pattern.flags & ~re.UNICODE))
    texts = list(dict.fromkeys(islice(_repeated(nodes, ""), _MOST_TEXTS)))
    started = time.thread_time()
    for before, unit in texts:
        if time.thread_time() - started > _MOST_TRIAL_S or any(
            _grows(pattern, before, unit, spoiler) for spoiler in _SPOILERS
        ):
            return True
    return False


def _grows(pattern: re.Pattern[str], before: str, unit: str, spoiler: str) -> bool:
    """Whether the time grows beyond bounds with the times that `unit` stands in the text.

    One more at a time at first: what doubles each time is found out before it takes long.
    """
    times = 4
    while len(before) + times * len(unit) <= _LONGEST:
        started = time.thread_time()
        pattern.search(f"{before}{unit * times}{spoiler}")
        if time.thread_time() - started > MOST_S:
            return True
        times = max(times + 1, int(times * _GROWTH) if times > 2 * _MANY else 0)
    return False


def _repeated(nodes: list[_Node], before: str) -> Iterator[tuple[str, str]]:
    """What may stand before each part that may be repeated without end, and each way that part may look."""
    for kind, value in nodes:
        if kind in {code.MAX_REPEAT, code.MIN_REPEAT} and value[1] > _MANY:
            yield from ((before, unit) for unit in _looks(list(value[2])) if unit)
        for inner in _inner(kind, value):
            yield from _repeated(inner, before)
        before += next(iter(_looks([(kind, value)])), "")


def _inner(kind: Any, value: Any) -> list[list[_Node]]:  # noqa: ANN401 (the parser's own)
    """The parts of a node that have parts themselves."""
    if kind in {code.MAX_REPEAT, code.MIN_REPEAT}:
        return [list(value[2])]
    if kind is code.BRANCH:
        return [list(branch) for branch in value[1]]
    if kind is code.SUBPATTERN:
        return [list(value[3])]
    return [list(value[1])] if kind in {code.ASSERT, code.ASSERT_NOT} else []


def _looks(nodes: list[_Node]) -> list[str]:
    """A few texts that the nodes match."""
    texts = [""]
    for kind, value in nodes:
        ways = _ways(kind, value)[:4]
        texts = [text + way for text in texts for way in ways][:8]
    return texts


def _ways(kind: Any, value: Any) -> list[str]:  # noqa: ANN401, PLR0911 (the parser's own; one return a kind)
    """A few texts that one node matches."""
    if kind is code.LITERAL:
        return [chr(value)]
    if kind is code.NOT_LITERAL:
        return [next(letter for letter in _OTHERS if ord(letter) != value)]
    if kind is code.ANY:
        return ["a"]
    if kind is code.IN:
        return [_member(value)]
    if kind in {code.MAX_REPEAT, code.MIN_REPEAT}:
        return [text * max(1, min(value[0], _MANY)) for text in _looks(list(value[2]))]
    if kind is code.BRANCH:
        return [text for branch in value[1] for text in _looks(list(branch))[:2]]
    if kind is code.SUBPATTERN:
        return _looks(list(value[3]))
    return [""]


def _member(members: list[_Node]) -> str:
    """A letter of a set."""
    first, value = members[0]
    if first is code.NEGATE:
        return next(
            (letter for letter in _OTHERS if not any(_holds(one, letter) for one in members[1:])), "~"
        )
    if first is code.RANGE:
        return chr(value[0])
    return chr(value) if first is code.LITERAL else _SAMPLES.get(value, "-")


def _holds(member: _Node, letter: str) -> bool:
    """Whether a letter is of a part of a set."""
    kind, value = member
    if kind is code.LITERAL:
        return bool(ord(letter) == value)
    if kind is code.RANGE:
        return bool(value[0] <= ord(letter) <= value[1])
    return bool(_SAMPLES.get(value) == letter)
