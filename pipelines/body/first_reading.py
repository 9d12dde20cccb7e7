"""The first reading of a page's body: what the engine's quick pass takes, checked against the page itself.

Where that is little beside the paragraphs that the page has, the element that holds most of them is read.
Only a page without such an element is given to the engine for all it can do.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.body.engine import can_read, engine_lines, prune, quick_lines
from pipelines.body.matching import matched
from pipelines.boilerplate import Judgement, markup
from pipelines.page.parsing import ParsedPage, parse
from pipelines.page.segments import Reading

_FULL_WORDS, _LINKED = 12, 0.5
_FEWEST_CHARS, _THIN = 250, 0.5
_NEARLY_ALL, _MOST, _LEVELS, _FEWEST_PARAGRAPHS = 0.9, 0.6, 4, 3
_TAIL_TAGS = frozenset(("li", "dd", "dt", "td", "th", "p", "blockquote", "pre", "h2", "h3", "h4", "h5", "h6"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstReading:
    """Segments of the body and who named them: engine, main_element, or no_engine where it gave up."""

    segments: frozenset[int]
    source: str


NO_READING = FirstReading(segments=frozenset(), source="none")


def first_reading(page: ParsedPage, judgement: Judgement) -> FirstReading:
    """The segments that are body by the engine, or by the page's main element. It uses up the page's tree."""
    reading, settled = page.reading, judgement.settled
    full = [
        index for index in range(len(reading.segments)) if index not in settled and _is_full(reading, index)
    ]
    size = sum(len(reading.segments[index].text) for index in full)
    lines = _quick(page, settled)
    if lines is not None and sum(map(len, lines)) >= max(_FEWEST_CHARS, _THIN * size):
        return FirstReading(segments=matched(reading, lines), source="engine")
    element = _main_element(reading, full, size)
    if element >= 0:
        found = matched(reading, lines or ()) | frozenset(_within(reading, element, full, judgement))
        return FirstReading(segments=found, source="no_engine" if lines is None else "main_element")
    lines = _whole(page)
    return FirstReading(
        segments=matched(reading, lines or ()), source="no_engine" if lines is None else "engine"
    )


def _quick(page: ParsedPage, settled: frozenset[int]) -> tuple[str, ...] | None:
    if not can_read(page.reading):
        return None
    prune(page.reading, settled)
    return quick_lines(page.tree)


def _whole(page: ParsedPage) -> tuple[str, ...] | None:
    """What the engine keeps by all it can do, of the page as it was before anything was taken out of it."""
    tree = parse(page.text) if can_read(page.reading, whole=True) else None
    return None if tree is None else engine_lines(tree)


def _main_element(reading: Reading, full: list[int], size: int) -> int:
    """The innermost element near the paragraphs with nearly all, else most of their text; -1 without."""
    weights: dict[int, int] = {}
    counts: dict[int, int] = {}
    for index in full:
        for node in reading.ancestors(reading.block(reading.segments[index].node))[1 : 1 + _LEVELS]:
            weights[node] = weights.get(node, 0) + len(reading.segments[index].text)
            counts[node] = counts.get(node, 0) + 1
    for share in (_NEARLY_ALL, _MOST):
        found = [n for n, held in counts.items() if held >= _FEWEST_PARAGRAPHS and weights[n] >= share * size]
        if found:
            return max(found, key=lambda node: (reading.nodes[node].depth, weights[node]))
    return -1


def _within(reading: Reading, element: int, full: list[int], judgement: Judgement) -> list[int]:
    """What is text in an element from its first paragraph to its last, and lists and tables behind that.

    Bare text of the elements around it is its own: a page that closes none of them nests all that follows.
    """
    around = frozenset(reading.ancestors(element))
    nodes = [segment.node for segment in reading.segments]
    inside = [element in reading.ancestors(node) or reading.block(node) in around for node in nodes]
    named = judgement.settled | {n for n, _ in markup.judge(reading, judgement.settled, firm=False)}
    paragraphs = [index for index in full if inside[index]]
    last = paragraphs[-1] + 1
    while last < len(nodes) and (last in named or reading.tags[last] in _TAIL_TAGS):
        last += 1
    return [
        index
        for index in range(paragraphs[0], last)
        if inside[index]
        and index not in named
        and reading.segments[index].link_share <= _LINKED
        and not reading.nodes[nodes[index]].hidden
    ]


def _is_full(reading: Reading, index: int) -> bool:
    """Whether a segment is a paragraph of its own words."""
    segment = reading.segments[index]
    return (
        reading.words[index] >= _FULL_WORDS
        and reading.sentences[index]
        and segment.link_share < _LINKED
        and not (segment.node >= 0 and reading.nodes[segment.node].hidden)
    )
