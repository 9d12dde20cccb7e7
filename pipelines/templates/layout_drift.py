"""Whether a template's element holds what the page tells: by weight of its text, in doubt by the engine."""

from __future__ import annotations

from pipelines.page.segments import Reading
from pipelines.templates.content_element import subtree
from pipelines.templates.template import Template

_LINKED = 0.5
_FEWEST_WORDS, _LEAST_SHARE, _LEAST_OF_BARE, _ENGINE_SHARE = 5, 0.6, 0.2, 0.5


def is_healthy(reading: Reading, template: Template, removed: frozenset[int]) -> bool:
    """Whether the element has most of the page's sentences, so that no other reading need be asked.

    `removed` are the segments that rules took out of the text.
    """
    if template.body < 0 or template.lacks or not reading.counts[template.body]:
        return False
    inside, outside = _weights(reading, template, removed)
    share = _LEAST_OF_BARE if template.bare else _LEAST_SHARE
    enough = (inside > 0 or template.bare) and inside >= share * (inside + outside)
    return enough and not any(_tells(reading, index) for index in beside(reading, template) - removed)


def beside(reading: Reading, template: Template) -> frozenset[int]:
    """Segments of the article that stand outside of the element of its story."""
    if template.around < 0:
        return frozenset()
    article, story = subtree(reading, template.around), subtree(reading, template.body)
    return frozenset(
        index
        for index, segment in enumerate(reading.segments)
        if segment.node in article and segment.node not in story
    )


def _tells(reading: Reading, index: int) -> bool:
    """Whether a segment is a sentence of some length, and no link."""
    told = reading.sentences[index] and reading.segments[index].link_share <= _LINKED
    return told and reading.words[index] >= _FEWEST_WORDS


def departure(reading: Reading, template: Template, matched: frozenset[int], removed: frozenset[int]) -> str:
    """How a page departs from its template, empty where the engine's text (`matched`) lies in the element."""
    if template.body < 0:
        return template.drift
    others = frozenset(range(len(reading.segments))) - matched
    inside, outside = _weights(reading, template, removed | others)
    if inside >= _ENGINE_SHARE * (inside + outside):
        return ""
    hints = reading.nodes[template.body].hints.split(" ")[0]
    share = round(100 * inside / (inside + outside))
    return f"{template.publisher}: {share} % of the text stands in .{hints}"


def _weights(reading: Reading, template: Template, removed: frozenset[int]) -> tuple[int, int]:
    """Characters of the sentences that are left, in the element and outside of it."""
    weights = [0, 0]
    within = subtree(reading, template.body)
    for index, segment in enumerate(reading.segments):
        inside = segment.node in within
        left = index not in removed or (inside and template.bare)
        if left and _tells(reading, index):
            weights[not inside] += len(segment.text)
    return weights[0], weights[1]
