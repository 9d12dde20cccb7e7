"""The join of two readings: what the engine takes for body, and what stands among it as its equal."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.boilerplate.verdict import Verdict, Verdicts, ends_sentence, word_count
from pipelines.segments import Reading
from storage.model import BlockKind

_LINKED = 0.5
_FULL_WORDS = 12
_PARAGRAPH_TAGS = frozenset(("p", "li", "h2", "h3", "h4", "h5", "h6", "blockquote", "dd", "dt", "pre", "td", "th", "a", "div"))
_LAST_STRAY = 3


def body_verdicts(reading: Reading, matched: frozenset[int], settled: frozenset[int]) -> Verdicts:
    """Verdicts that keep segments: those of the engine's reading, and their unsettled siblings."""
    core = matched - settled
    if not any(_is_full(reading, index) for index in core):
        core |= frozenset(_own_reading(reading, settled))
    if not core:
        return
    kept = {index: "engine" for index in core}
    kept.update(dict.fromkeys(_siblings(reading, core, settled), "sibling"))
    for index, rule in kept.items():
        yield index, Verdict(kind=_body_kind(reading, index), rule=f"body:{rule}", kept=True)


def left_over(reading: Reading, settled: frozenset[int]) -> Verdicts:
    """Verdicts on what neither reading takes for body nor a rule has named."""
    for index, segment in enumerate(reading.segments):
        if index in settled:
            continue
        if segment.link_share > _LINKED:
            yield index, Verdict(kind=BlockKind.NAVIGATION, rule="structure:links")
        else:
            yield index, Verdict(kind=BlockKind.WIDGET, rule="structure:outside_body")


def _siblings(reading: Reading, core: frozenset[int], settled: frozenset[int]) -> Iterator[int]:
    """Unsettled segments of the same homes as the core: within its span all that is text, beyond it whole sentences."""
    full = [index for index in core if _is_full(reading, index)] or sorted(core)
    first, last = min(full), max(full)
    homes = {_home(reading, index) for index in full}
    for index in range(first, last):
        if index not in core and index not in settled and _home(reading, index) in homes and _is_text(reading, index):
            yield index
    yield from _beyond(reading, range(first - 1, -1, -1), core | settled, homes)
    yield from _beyond(reading, range(last + 1, len(reading.segments)), core | settled, homes)


def _beyond(reading: Reading, indices: range, decided: frozenset[int], homes: set[int]) -> Iterator[int]:
    strays = 0
    for index in indices:
        if index in decided:
            continue
        if _home(reading, index) in homes and ends_sentence(reading.segments[index].text) and _is_text(reading, index):
            yield index
        else:
            strays += 1
        if strays > _LAST_STRAY:
            return


def _own_reading(reading: Reading, settled: frozenset[int]) -> Iterator[int]:
    """Full sentences of the home that has most of them: for pages on which the engine gives up."""
    weights: dict[int, int] = {}
    for index, segment in enumerate(reading.segments):
        if index not in settled and _is_text(reading, index) and ends_sentence(segment.text):
            home = _home(reading, index)
            weights[home] = weights.get(home, 0) + len(segment.text)
    if weights:
        best = max(weights, key=lambda home: (weights[home], -home))
        for index, segment in enumerate(reading.segments):
            if index not in settled and _home(reading, index) == best and ends_sentence(segment.text) and _is_text(reading, index):
                yield index


def _home(reading: Reading, index: int) -> int:
    """The element that a paragraph and its siblings stand in; for bare text the element itself."""
    node = reading.block(reading.segments[index].node)
    return reading.nodes[node].parent if node >= 0 and reading.nodes[node].tag == "p" else node


def _is_text(reading: Reading, index: int) -> bool:
    segment = reading.segments[index]
    node = reading.nodes[segment.node] if segment.node >= 0 else None
    return segment.link_share <= _LINKED and not (node and node.hidden)


def _is_full(reading: Reading, index: int) -> bool:
    segment = reading.segments[index]
    return word_count(segment.text) >= _FULL_WORDS and segment.link_share <= _LINKED


def _body_kind(reading: Reading, index: int) -> BlockKind:
    tag = reading.tags[index]
    if tag in ("h2", "h3", "h4", "h5", "h6"):
        return BlockKind.HEADING
    if tag in ("td", "th"):
        return BlockKind.TABLE
    around = {reading.nodes[node].tag for node in reading.ancestors(reading.segments[index].node)}
    if "blockquote" in around:
        return BlockKind.QUOTE
    return BlockKind.LIST if tag in ("li", "dd", "dt") else BlockKind.BODY
