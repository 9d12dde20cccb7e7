"""Where a paragraph stands: the element that it shares with its siblings, and whether it shows as text."""

from __future__ import annotations

import re

from pipelines.segments import Reading

FULL_WORDS, LINKED = 12, 0.5
CHILD_TAGS = frozenset(
    ("p", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "dl", "dd", "dt", "ul", "ol", "li")
)
HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
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
