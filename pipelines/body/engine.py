"""The engine's reading of a page: what trafilatura takes for the body, by one quick pass or by all it can do.

The whole of it reads a page up to five times (its own extractor, readability, justext, each on a copy, then
once more in recall mode), which pays only where the first finds little. The quick pass is the first alone.
"""

from __future__ import annotations

import logging
from functools import cache

from lxml.html import HtmlElement
from trafilatura import bare_extraction
from trafilatura.htmlprocessing import convert_tags, tree_cleaning
from trafilatura.main_extractor import _extract
from trafilatura.settings import Extractor
from trafilatura.xml import delete_element, xmltotxt

from pipelines.page.segments import INLINE, Reading

_LOG = logging.getLogger(__name__)
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it logs each page it gives up on

# Their absence would change how the engine sees what is left around them.
_KEPT_TAGS = INLINE | frozenset((
    "body", "br", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "html", "li", "p", "table", "tbody", "td",
    "th", "tr",
))  # fmt: skip

# The engine's time grows with the square of what a page nests and of its paragraphs. A page of thousands of
# either is no story's: real ones have at most a few thousand elements, a few dozen deep.
_DEEPEST, _MOST_NODES, _MOST_PARAGRAPHS = 200, 20_000, 2_000


def can_read(reading: Reading, *, whole: bool = False) -> bool:
    """Whether the engine comes to an end on a page in good time, by its quick pass or by all it can do."""
    paragraphs = len(reading.segments) if whole else 0
    return reading.depth <= _DEEPEST and len(reading.nodes) <= _MOST_NODES and paragraphs <= _MOST_PARAGRAPHS


def engine_lines(tree: HtmlElement) -> tuple[str, ...] | None:
    """Lines that the engine keeps of the page by all it can do; None where it gives up.

    Pure: no metadata, no memory of other pages.
    """
    try:
        document = bare_extraction(tree, include_comments=False, with_metadata=False, deduplicate=False)
    except Exception as fault:  # noqa: BLE001 -- the engine is foreign code on hostile input: what it raises is not ours to list
        _LOG.debug("engine gave up: %r", fault)
        return None
    return None if document is None else _lines(getattr(document, "text", None) or "")


def quick_lines(tree: HtmlElement) -> tuple[str, ...] | None:
    """Lines that the engine's own extractor keeps; the tree is used up. None where it gives up."""
    try:
        options = _options()
        cleaned = convert_tags(tree_cleaning(tree, options), options)
        return _lines(xmltotxt(_extract(cleaned, options)[0], include_formatting=False))
    except Exception as fault:  # noqa: BLE001 -- as above; also where these inner functions are not what they were
        _LOG.debug("engine's first pass gave up: %r", fault)
        return None


def prune(reading: Reading, settled: frozenset[int]) -> None:
    """Take out of the page's tree the elements whose text is all settled: less for the engine to look at."""
    nodes = reading.nodes
    left = [0] * (len(nodes) + 1)  # of each node its unsettled segments; behind them the page's
    for index, segment in enumerate(reading.segments):
        if index not in settled:
            left[segment.node] += 1
    for number in range(len(nodes) - 1, -1, -1):  # children stand behind their parents
        left[nodes[number].parent] += left[number]
    for number, node in enumerate(nodes):
        if not left[number] and left[node.parent] and node.tag not in _KEPT_TAGS:
            try:
                delete_element(reading.elements[number])
            except ValueError:  # a control character in the text behind it, which can't be moved
                continue


@cache
def _options() -> Extractor:
    return Extractor(output_format="python", comments=False, fast=True)


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())
