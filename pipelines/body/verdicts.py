"""The join of two readings: what the engine takes for body, and what stands among it as its equal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipelines.body.among import headings, siblings, table_cells
from pipelines.body.copies import printed_twice
from pipelines.body.homes import LINKED, find_homes, is_full, is_text
from pipelines.body.second_reading import behind_story, fuller
from pipelines.boilerplate.verdict import Verdict, Verdicts
from pipelines.page.segments import Reading
from pipelines.publishers import Template
from pipelines.templates.content_element import all_within
from storage.article import BlockKind

_SEEN_LITTLE = 0.6


def template_verdicts(reading: Reading, template: Template, indices: Iterable[int]) -> Verdicts:
    """Verdicts that keep what stands in the story's element of a page that is as its template has it."""
    for index in indices:
        kind = _body_kind(reading, index)
        yield index, Verdict(kind=kind, rule=f"publisher:{template.publisher}", kept=True)


def part_verdicts(reading: Reading, template: Template) -> Verdicts:
    """Verdicts on what a template sets around the story: byline, tags, other stories."""
    kinds = dict(template.parts)
    for index, segment in enumerate(reading.segments if kinds else ()):
        part = next((node for node in reading.ancestors(segment.node) if node in kinds), -1)
        if part >= 0:
            yield index, Verdict(kind=kinds[part], rule=f"publisher:{template.publisher}")


def body_verdicts(
    reading: Reading,
    matched: frozenset[int],
    settled: frozenset[int],
    template: Template | None = None,
    *,
    source: str = "engine",
) -> Verdicts:
    """Verdicts that keep segments: those of the first reading (of `source`), and their unsettled siblings."""
    core = matched - settled
    inside = frozenset(_within(reading, template, core, settled)) if template else frozenset[int]()
    core |= inside
    if not any(is_full(reading, index) for index in core):
        core |= frozenset(_own_reading(reading, settled))
    if not core:
        return
    homes = find_homes(reading)
    kept = dict.fromkeys(core, source)
    kept.update(fuller(reading, core, settled))
    for index in behind_story(reading, kept):
        del kept[index]
    core = frozenset(kept)
    kept.update(dict.fromkeys(table_cells(reading, core, settled), "table"))
    kept.update(dict.fromkeys(siblings(reading, homes, core, settled), "sibling"))
    kept.update(dict.fromkeys(headings(reading, frozenset(kept), settled), "heading"))
    twice = printed_twice(reading, homes, kept.keys())
    for index, rule in kept.items():
        if index in twice:
            yield index, Verdict(kind=BlockKind.REPEATED, rule="body:twice")
        else:
            yield index, Verdict(kind=_body_kind(reading, index), rule=f"body:{rule}", kept=True)


def left_over(reading: Reading, settled: frozenset[int], kept: frozenset[int]) -> Verdicts:
    """Verdicts on what neither reading takes for body nor a rule has named.

    Links among the body lead to other stories.
    """
    first, last = (min(kept), max(kept)) if kept else (0, 0)
    for index, segment in enumerate(reading.segments):
        if index in settled:
            continue
        if segment.link_share > LINKED and first < index < last:
            yield index, Verdict(kind=BlockKind.RELATED, rule="structure:links_in_body")
        elif segment.link_share > LINKED:
            yield index, Verdict(kind=BlockKind.NAVIGATION, rule="structure:links")
        else:
            yield index, Verdict(kind=BlockKind.WIDGET, rule="structure:outside_body")


def _within(reading: Reading, template: Template, core: frozenset[int], settled: frozenset[int]) -> list[int]:
    """Unsettled sentences of the template's element, if the engine saw little of it."""
    sentences = [n for n in sorted(all_within(reading, template, settled)) if reading.sentences[n]]
    size = sum(len(reading.segments[index].text) for index in sentences)
    seen = sum(len(reading.segments[index].text) for index in sentences if index in core)
    return sentences if seen < _SEEN_LITTLE * size else []


def _own_reading(reading: Reading, settled: frozenset[int]) -> Iterator[int]:
    """Full sentences of the home that has most of them: for pages on which the engine gives up."""
    homes = find_homes(reading)
    sentences = [
        index
        for index in range(len(reading.segments))
        if index not in settled and reading.sentences[index] and is_text(reading, index)
    ]
    weights: dict[int, int] = {}
    for index in sentences:
        weights[homes[index]] = weights.get(homes[index], 0) + len(reading.segments[index].text)
    if weights:
        best = max(weights, key=lambda home: (weights[home], -home))
        yield from (index for index in sentences if homes[index] == best)


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
