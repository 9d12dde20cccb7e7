"""Where a paragraph stands: the element that it shares with its siblings, and whether it shows as text."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from pipelines.page.segments import Reading

FULL_WORDS, LINKED = 12, 0.5
CHILD_TAGS = frozenset(
    ("p", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "dl", "dd", "dt", "ul", "ol", "li")
)
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_DIGITS = re.compile(r"\d+")
_Make = tuple[int, str, str, str, str]
_LEVELS = 3
_STREAMED = re.compile(r"s:[0-9a-f]+(?:\s|$)")  # what React renders on the server after the page's end


def find_homes(reading: Reading) -> tuple[int, ...]:
    """Of each segment the element that it and its siblings stand in; of bare text the element itself."""
    known: dict[int, int] = {}
    return tuple(_home(reading, segment.node, known) for segment in reading.segments)


def _home(reading: Reading, around: int, known: dict[int, int]) -> int:
    if around not in known:
        node = reading.block(around)
        while node >= 0 and (reading.nodes[node].tag in CHILD_TAGS or _is_leaf(reading, node)):
            node = reading.nodes[node].parent
        known[around] = node
    return known[around]


def joined(reading: Reading, homes: tuple[int, ...], own: Collection[int]) -> tuple[int, ...]:
    """The homes, with one for all pieces of a story that advertisements split, of which `own` are some.

    Pieces are elements of one class in elements of one class, all within one element.
    """
    made: dict[_Make, int] = {}
    for home in sorted(own):
        if (key := _make(reading, home)) is not None:
            made.setdefault(key, home)
    known: dict[int, int] = {}
    for segment, home in zip(reading.segments, homes, strict=True):
        if segment.node not in known:
            block = reading.block(segment.node)
            near = (*reading.ancestors(block)[:_LEVELS], home) if _is_piece(reading, block) else (home,)
            keys = (_make(reading, node) for node in near)
            known[segment.node] = next((made[key] for key in keys if key in made), home)
    return tuple(known[segment.node] for segment in reading.segments)


def _is_piece(reading: Reading, block: int) -> bool:
    return block >= 0 and reading.nodes[block].tag == "p"


def _make(reading: Reading, node: int) -> _Make | None:
    """What pieces of one story have in common; None for an element without a class."""
    if node < 0 or reading.nodes[node].parent < 0 or not reading.nodes[node].hints:
        return None
    parent, tag, hints, *_ = reading.nodes[node]
    above, above_tag, above_hints, *_ = reading.nodes[parent]
    return above, tag, numberless(hints), above_tag, numberless(above_hints)


@lru_cache(maxsize=8192)
def numberless(hints: str) -> str:
    """Classes and ids without the numbers that tell one piece of a story from the next."""
    return _DIGITS.sub("#", hints)


def _is_leaf(reading: Reading, node: int) -> bool:
    """Whether a `div` or the like stands for a paragraph: no other text is in it."""
    return reading.counts[node] == 1 and reading.nodes[node].tag not in ("td", "th", "body", "aside")


def is_text(reading: Reading, index: int) -> bool:
    """Whether a segment shows and is no link."""
    return reading.segments[index].link_share <= LINKED and not is_hidden(reading, index)


def is_full(reading: Reading, index: int) -> bool:
    """Whether a segment is long enough for a paragraph, and no link."""
    return reading.words[index] >= FULL_WORDS and reading.segments[index].link_share <= LINKED


def is_hidden(reading: Reading, index: int) -> bool:
    """Whether a segment does not show; what a page streams behind its end and then puts in place does."""
    node = reading.segments[index].node
    if node < 0 or not reading.nodes[node].hidden:
        return False
    outer = [number for number in reading.ancestors(node) if reading.nodes[number].hidden][-1]
    return _STREAMED.match(reading.nodes[outer].hints) is None
