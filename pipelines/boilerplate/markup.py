"""What the elements around a text say of it: tags, classes, ids and roles."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.boilerplate.hints import Sign, signs
from pipelines.boilerplate.verdict import Verdict, Verdicts
from pipelines.page.segments import Node, Reading
from pipelines.words import normal
from storage.article import BlockKind

_MOST_SHARE = 0.3
_SENTENCE_WORDS = 12
_LANDMARKS = frozenset(("footer", "nav", "aside"))
_WHOLE_PAGE = frozenset(("body", "html", "main"))
_NONE, _OPEN = -1, -2  # in no landmark; in content, where landmarks are the story's own
_LANDMARK_ROLES = re.compile(r"(?:^|\s)(?:contentinfo|navigation|banner|complementary)(?=$|\s)")
_CONTENT = frozenset(("article", "main", "blockquote"))
_NO_DIALOGS = frozenset(("article", "main", "h1", "nav", "footer"))
_HEADING_TAGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_PARTS = re.compile(r"[^-_]+")
_FEWEST_PARTS, _FEWEST_LETTERS = 4, 8


def judge_landmarks(reading: Reading) -> Verdicts:
    """Verdicts on what stands in the site's frame, however little text stands elsewhere.

    A landmark within an article, a main or a quote, or around one, is no part of the frame.
    """
    around_content = {number for node in _content_nodes(reading) for number in reading.ancestors(node)}
    inside: list[int] = []  # of each node, its outermost landmark; -1 without
    for number, node in enumerate(reading.nodes):
        above = inside[node.parent] if node.parent >= 0 else _NONE
        if above == _NONE and number not in around_content and _is_landmark(node):
            above = number
        inside.append(_OPEN if node.tag in _CONTENT and above == _NONE else above)
    places = [inside[segment.node] if segment.node >= 0 else _NONE for segment in reading.segments]
    full = [
        index
        for index, place in enumerate(places)
        if place < 0 and reading.words[index] >= _SENTENCE_WORDS // 2 and reading.sentences[index]
    ]
    for index, found in enumerate(places):
        if found < 0:
            continue
        tag = reading.nodes[found].tag
        among = tag == "aside" and full and full[0] < index < full[-1]
        kind = BlockKind.RELATED if among else BlockKind.NAVIGATION
        yield index, Verdict(kind=kind, rule=f"landmark:{tag}")


def judge(reading: Reading, settled: frozenset[int], *, firm: bool) -> Verdicts:
    """Verdicts by the nearest element that names a kind and does not hold a good part of the page's text."""
    weights, nodes = reading.weights, reading.nodes
    most = _MOST_SHARE * max(weights[-1], 1)
    told = _told(reading, firm=firm)
    near: list[int] = []  # of each node, the innermost one with a sign at or around it
    for number, node in enumerate(nodes):
        near.append(number if told[number] else near[node.parent] if node.parent >= 0 else -1)
    whole = _around_content(reading) if any(found and found.sure for found in told) else frozenset[int]()
    for index, segment in enumerate(reading.segments):
        number = -1 if index in settled or segment.node < 0 else near[segment.node]
        while number >= 0:
            found = told[number]
            light = found and (weights[number] <= most or (found.sure and number not in whole))
            if found and light and not _is_told_otherwise(reading, index, number, found):
                yield index, found.verdict
                break
            above = nodes[number].parent
            number = near[above] if above >= 0 else -1


def _told(reading: Reading, *, firm: bool) -> list[Sign | None]:
    """What each element with text in it says; the page's largest ones say nothing."""
    column = 0 if firm else 1
    return [
        signs(node.tag, node.hints)[column] if count and node.tag not in _WHOLE_PAGE else None
        for node, count in zip(reading.nodes, reading.counts, strict=True)
    ]


def _is_told_otherwise(reading: Reading, index: int, node: int, found: Sign) -> bool:
    """Whether an element's sign is none for this segment.

    An id is made of its heading's words; a button holds the question of an answer below; a byline is no
    sentence.
    """
    tag = reading.nodes[node].tag
    if found.word.startswith(("read-more", "readmore")):  # also around a story's second half
        return reading.sentences[index] and not reading.segments[index].link_share
    if tag == "button" and not found.token:
        return reading.segments[index].text.endswith("?")
    if found.verdict.kind is BlockKind.BYLINE:
        told = reading.words[index] >= _SENTENCE_WORDS and reading.sentences[index]
        return told and "author" not in found.token
    if found.sure or len(found.token) <= len(found.word):
        return tag in _HEADING_TAGS and bool(found.token) and normal(found.token) in reading.flats[index]
    return _is_slug(reading, index, node, found)


def _is_slug(reading: Reading, index: int, node: int, found: Sign) -> bool:
    """Whether the id that gives the sign is the heading's own words: `#what-share-of-boats-sails`."""
    name = normal(found.token)
    if reading.nodes[node].tag in _HEADING_TAGS:
        return name in reading.flats[index] or name.removeprefix("h") in reading.flats[index]
    if len(_PARTS.findall(found.token)) < _FEWEST_PARTS or "__" in found.token:
        return False
    first = reading.firsts[node]
    return len(reading.flats[first]) >= _FEWEST_LETTERS and name.startswith(reading.flats[first])


def _around_content(reading: Reading) -> frozenset[int]:
    """Elements with more in them than a dialog has: an article, a main, the page's heading or its frame."""
    content = [n for n, node in enumerate(reading.nodes) if node.tag in _NO_DIALOGS]
    return frozenset(number for node in content for number in reading.ancestors(node))


def _content_nodes(reading: Reading) -> Iterator[int]:
    """Elements of content with text in them."""
    yield from (
        number for number, node in enumerate(reading.nodes) if node.tag in _CONTENT and reading.counts[number]
    )


def _is_landmark(node: Node) -> bool:
    return node.tag in _LANDMARKS or (_LANDMARK_ROLES.search(node.hints) is not None and node.tag != "body")
