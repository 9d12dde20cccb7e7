"""The join of two readings: what the engine takes for body, and what stands among it as its equal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from pipelines.boilerplate.verdict import Verdict, Verdicts
from pipelines.publishers import Container, find_container
from pipelines.segments import Reading
from storage.model import BlockKind

_LINKED = 0.5
_PULLED = re.compile(r"\bpull-?(?:ed-?)?quote|\bpull_quote")
_FULL_WORDS, _NEAR = 12, 4
_CHILD_TAGS = frozenset(
    ("p", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "dl", "dd", "dt", "ul", "ol", "li")
)
_LAST_STRAY = 3
_SEEN_LITTLE, _TABLE_SHARE = 0.6, 0.3


def body_verdicts(reading: Reading, matched: frozenset[int], settled: frozenset[int]) -> Verdicts:
    """Verdicts that keep segments: those of the engine's reading, and their unsettled siblings."""
    core = matched - settled
    container = find_container(reading)
    inside = frozenset(_within(reading, container, core, settled)) if container else frozenset[int]()
    if container and container.exact and any(reading.sentences[index] for index in inside):
        for index in inside:
            yield (
                index,
                Verdict(kind=_body_kind(reading, index), rule=f"publisher:{container.publisher}", kept=True),
            )
        return
    core |= inside
    if not any(_is_full(reading, index) for index in core):
        core |= frozenset(_own_reading(reading, settled))
    if not core:
        return
    kept = dict.fromkeys(core, "engine")
    kept.update(dict.fromkeys(_table_cells(reading, core, settled), "table"))
    kept.update(dict.fromkeys(_siblings(reading, core, settled), "sibling"))
    twice = {
        index for index in kept if _is_printed_above(reading, index, kept) or _is_pulled(reading, index, kept)
    }
    for index, rule in kept.items():
        if index in twice:
            yield index, Verdict(kind=BlockKind.REPEATED, rule="body:twice")
        else:
            yield index, Verdict(kind=_body_kind(reading, index), rule=f"body:{rule}", kept=True)


def _is_pulled(reading: Reading, index: int, kept: Mapping[int, str]) -> bool:
    """Whether a line is a quote set large that a paragraph has too."""
    hints = " ".join(reading.nodes[node].hints for node in reading.ancestors(reading.segments[index].node))
    flat = reading.flats[index]
    return (
        "pull" in hints
        and _PULLED.search(hints) is not None
        and any(n != index and flat in reading.flats[n] for n in kept)
    )


def _is_printed_above(reading: Reading, index: int, kept: Mapping[int, str]) -> bool:
    """Whether a paragraph was just printed, as a deck that the story begins with."""
    above = range(max(index - _NEAR, 0), index)
    return _is_full(reading, index) and any(
        n in kept and reading.flats[n] == reading.flats[index] for n in above
    )


def left_over(reading: Reading, settled: frozenset[int], kept: frozenset[int]) -> Verdicts:
    """Verdicts on what neither reading takes for body nor a rule has named.

    Links among the body lead to other stories.
    """
    for index, segment in enumerate(reading.segments):
        if index in settled:
            continue
        if segment.link_share > _LINKED and kept and min(kept) < index < max(kept):
            yield index, Verdict(kind=BlockKind.RELATED, rule="structure:links_in_body")
        elif segment.link_share > _LINKED:
            yield index, Verdict(kind=BlockKind.NAVIGATION, rule="structure:links")
        else:
            yield index, Verdict(kind=BlockKind.WIDGET, rule="structure:outside_body")


def _siblings(reading: Reading, core: frozenset[int], settled: frozenset[int]) -> Iterator[int]:
    """Unsettled segments of the core's homes: within its span all that is text, beyond it whole sentences."""
    full = [index for index in core if _is_full(reading, index)] or sorted(core)
    first, last = min(full), max(full)
    homes = {_home(reading, index) for index in full}
    for index in range(first, last):
        home = _home(reading, index)
        if index in core or index in settled or home not in homes or not _is_text(reading, index):
            continue
        bare = home == reading.segments[index].node
        if reading.sentences[index] or reading.tags[index] in _CHILD_TAGS or bare:
            yield index
    yield from _beyond(reading, range(first - 1, -1, -1), core | settled, homes)
    yield from _beyond(reading, range(last + 1, len(reading.segments)), core | settled, homes)


def _table_cells(reading: Reading, core: frozenset[int], settled: frozenset[int]) -> Iterator[int]:
    """The other cells of tables that the engine keeps a good part of."""
    cells: dict[int, list[int]] = {}
    for index, segment in enumerate(reading.segments):
        tables = [node for node in reading.ancestors(segment.node) if reading.nodes[node].tag == "table"]
        if tables:
            cells.setdefault(tables[0], []).append(index)
    for indices in cells.values():
        if sum(index in core for index in indices) >= _TABLE_SHARE * len(indices):
            yield from (index for index in indices if index not in core and index not in settled)


def _beyond(reading: Reading, indices: range, decided: frozenset[int], homes: set[int]) -> Iterator[int]:
    strays = 0
    for index in indices:
        if index in decided:
            continue
        if _home(reading, index) in homes and reading.sentences[index] and _is_text(reading, index):
            yield index
        else:
            strays += 1
        if strays > _LAST_STRAY:
            return


def _within(
    reading: Reading, container: Container, core: frozenset[int], settled: frozenset[int]
) -> list[int]:
    """Unsettled text of the publisher's element; of an inexact one only if the engine saw little of it."""
    inside = [
        index
        for index in range(len(reading.segments))
        if index not in settled
        and _is_text(reading, index)
        and container.node in reading.ancestors(reading.segments[index].node)
    ]
    if container.exact:
        return inside
    sentences = [index for index in inside if reading.sentences[index]]
    size = sum(len(reading.segments[index].text) for index in sentences)
    seen = sum(len(reading.segments[index].text) for index in sentences if index in core)
    return sentences if seen < _SEEN_LITTLE * size else []


def _own_reading(reading: Reading, settled: frozenset[int]) -> Iterator[int]:
    """Full sentences of the home that has most of them: for pages on which the engine gives up."""
    weights: dict[int, int] = {}
    for index, segment in enumerate(reading.segments):
        if index not in settled and _is_text(reading, index) and reading.sentences[index]:
            home = _home(reading, index)
            weights[home] = weights.get(home, 0) + len(segment.text)
    if weights:
        best = max(weights, key=lambda home: (weights[home], -home))
        for index in range(len(reading.segments)):
            if (
                index not in settled
                and _home(reading, index) == best
                and reading.sentences[index]
                and _is_text(reading, index)
            ):
                yield index


def _home(reading: Reading, index: int) -> int:
    """The element that a paragraph and its siblings stand in; for bare text the element itself."""
    node = reading.block(reading.segments[index].node)
    while node >= 0 and (reading.nodes[node].tag in _CHILD_TAGS or _is_leaf(reading, node)):
        node = reading.nodes[node].parent
    return node


def _is_leaf(reading: Reading, node: int) -> bool:
    """Whether a `div` or the like stands for a paragraph: no other text is in it."""
    return reading.counts[node] == 1 and reading.nodes[node].tag not in ("td", "th", "body")


def _is_text(reading: Reading, index: int) -> bool:
    segment = reading.segments[index]
    node = reading.nodes[segment.node] if segment.node >= 0 else None
    return segment.link_share <= _LINKED and not (node and node.hidden)


def _is_full(reading: Reading, index: int) -> bool:
    segment = reading.segments[index]
    return reading.words[index] >= _FULL_WORDS and segment.link_share <= _LINKED


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
