"""What of a theme's content element is the story: not boxes without sentences, nor headings of nothing."""

from __future__ import annotations

import re

from pipelines.page.segments import Reading
from pipelines.templates.template import Template

_LINKED, _MIXED_SHARE = 0.5, 0.3
# What a click shows: the rest of a story, the answers of a list of questions.
_FOLDED = re.compile(
    r"(?:^|[\s_-])(?:read-?more|more-?(?:text|content|link-?content)|expand\w*|collaps\w*|accordion\w*|toggle\w*|"
    r"tab-?(?:content|pane|panel)|spoiler\w*|answer|faq\w*|truncat\w*)(?=$|[\s_-])"
)
_HEADINGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_LISTED = frozenset(("li", "dt", "dd", "td", "th", "pre", "blockquote", "caption"))
_APART = frozenset(("aside", "form", "nav", "dialog", "footer"))
_TEXT_TAGS = frozenset(("p", "ul", "ol", "dl", *_HEADINGS, *_LISTED))


def subtree(reading: Reading, node: int) -> range:
    """Numbers of a node and of those within it: parents stand before their children."""
    last = node + 1
    while last < len(reading.nodes) and reading.nodes[last].parent >= node:
        last += 1
    return range(node, last)


def all_within(reading: Reading, template: Template, settled: frozenset[int]) -> frozenset[int]:
    """Numbers of the unsettled segments in the template's element; of a bare one of all."""
    within = subtree(reading, template.body)
    return frozenset(
        index
        for index, segment in enumerate(reading.segments)
        if segment.node in within and (template.bare or (index not in settled and _is_text(reading, index)))
    )


def story_within(reading: Reading, template: Template, settled: frozenset[int]) -> frozenset[int]:
    """Numbers of the segments of the story in the template's element, of those that no rule has settled."""
    within = subtree(reading, template.body)
    apart = _marked(reading, within, _APART)
    listed = _marked(reading, within, _LISTED)
    shown = [
        index
        for index, segment in enumerate(reading.segments)
        if segment.node in within
        and index not in settled
        and segment.node not in apart
        and _shows(reading, segment.node)
    ]
    told = [index for index in shown if reading.segments[index].link_share <= _LINKED]
    homes = {_home(reading, index) for index in told if reading.sentences[index]}
    kept = {
        index
        for index in told
        if reading.sentences[index] or reading.segments[index].node in listed
        or reading.tags[index] in _HEADINGS or _home(reading, index) in homes
    }  # fmt: skip
    lists = _mixed_lists(reading, shown)
    kept.update(index for index in shown if lists and _list(reading, index) in lists)
    return frozenset(kept.difference(_headings_of_nothing(reading, shown, kept)))


def _is_text(reading: Reading, index: int) -> bool:
    segment = reading.segments[index]
    return segment.link_share <= _LINKED and _shows(reading, segment.node)


def _shows(reading: Reading, node: int) -> bool:
    """Whether a reader sees an element, at once or by unfolding it."""
    if not reading.nodes[node].hidden:
        return True
    hidden = [reading.nodes[number] for number in reading.ancestors(node) if reading.nodes[number].hidden]
    return _FOLDED.search(hidden[-1].hints) is not None


def _marked(reading: Reading, within: range, tags: frozenset[str]) -> frozenset[int]:
    """The nodes below the first that are, or stand in, an element of one of the tags."""
    found: set[int] = set()
    for number in within[1:]:
        node = reading.nodes[number]
        if node.tag in tags or node.parent in found:
            found.add(number)
    return frozenset(found)


def _home(reading: Reading, index: int) -> int:
    """The element that a line's paragraph stands in."""
    node = reading.block(reading.segments[index].node)
    while node >= 0 and reading.nodes[node].tag in _TEXT_TAGS:
        node = reading.nodes[node].parent
    return node


def _list(reading: Reading, index: int) -> int:
    """The list that a line is an item of, -1 without."""
    if reading.tags[index] != "li":
        return -1
    around = reading.ancestors(reading.segments[index].node)
    return next((node for node in around if reading.nodes[node].tag in ("ul", "ol")), -1)


def _mixed_lists(reading: Reading, shown: list[int]) -> frozenset[int]:
    """Lists in which but some items are links to other pages."""
    items: dict[int, list[int]] = {}
    for index in shown:
        if (found := _list(reading, index)) >= 0:
            items.setdefault(found, []).append(index)
    return frozenset(
        found
        for found, indices in items.items()
        if sum(reading.segments[index].link_share <= _LINKED for index in indices)
        >= _MIXED_SHARE * len(indices)
    )


def _headings_of_nothing(reading: Reading, shown: list[int], kept: set[int]) -> list[int]:
    """Headings behind which nothing of the story comes, up to the next heading or the end."""
    found: list[int] = []
    empty = True
    for index in reversed(shown):
        if reading.tags[index] not in _HEADINGS:
            empty = empty and index not in kept
        elif index in kept:
            if empty:
                found.append(index)
            empty = False  # a heading above a heading heads it
    return found
