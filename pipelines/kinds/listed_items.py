"""The items of a listing: repeated elements with a linked heading and a teaser each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urljoin, urlsplit

from pipelines.page.segments import Reading

_HEADING_TAGS = frozenset(("h1", "h2", "h3", "h4", "h5", "h6"))
_HEADING_HINT = re.compile(r"(?:^|[\s_-])(?:title|headline|heading)(?=$|[\s_-])")
_LINKED, _FEWEST_WORDS = 0.85, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedItems:
    """Items that hold kept text: how many, what share of the kept words, and all their segments."""

    count: int
    share: float
    members: frozenset[int]


def find_items(reading: Reading, kept: list[int], url: str | None) -> ListedItems:
    """The items of a page. Headings that lead off the site or to the page itself head none."""
    headings = [index for index in range(len(reading.segments)) if _heads_item(reading, index, url)]
    counts = [0] * len(reading.nodes)
    for index in headings:
        for node in reading.ancestors(reading.segments[index].node):
            counts[node] += 1
    items = {_outermost(reading, reading.segments[index].node, counts) for index in headings}
    at: dict[int, list[int]] = {}
    for index, segment in enumerate(reading.segments if items else ()):
        around = next((node for node in reading.ancestors(segment.node) if node in items), -1)
        if around >= 0:
            at.setdefault(around, []).append(index)
    return _weighed(reading, frozenset(kept), list(at.values()), frozenset(headings))


def _weighed(
    reading: Reading, kept: frozenset[int], items: list[list[int]], headings: frozenset[int]
) -> ListedItems:
    """Of the items those with a teaser: kept text beside the heading."""
    held = [members for members in items if kept.intersection(members) - headings]
    members = frozenset(index for item in held for index in item)
    words = sum(reading.words[index] for index in kept)
    inside = sum(reading.words[index] for index in kept & members)
    return ListedItems(count=len(held), share=inside / words if words else 0.0, members=members)


def _heads_item(reading: Reading, index: int, url: str | None) -> bool:
    segment = reading.segments[index]
    if segment.link_share < _LINKED or reading.words[index] < _FEWEST_WORDS:
        return False
    return _is_heading(reading, index) and _leads_to_sibling(segment.href, url)


def _is_heading(reading: Reading, index: int) -> bool:
    near = (reading.nodes[node] for node in reading.ancestors(reading.segments[index].node)[:3])
    return any(node.tag in _HEADING_TAGS or (node.hints and _is_heading_hint(node.hints)) for node in near)


@lru_cache(maxsize=4096)
def _is_heading_hint(hints: str) -> bool:
    return _HEADING_HINT.search(hints) is not None


def _leads_to_sibling(href: str, url: str | None) -> bool:
    """Whether a link leads to another page of the same site."""
    try:
        there, here = urlsplit(urljoin(url or "", href.strip())), urlsplit(url or "")
    except ValueError:
        return False
    if not there.path.strip("/") and not there.query:
        return False
    same_page = (there.path.rstrip("/"), there.query) == (here.path.rstrip("/"), here.query)
    return there.netloc == here.netloc and not same_page


def _outermost(reading: Reading, node: int, counts: list[int]) -> int:
    """The largest element around `node` with no other heading in it."""
    while node >= 0:
        parent = reading.nodes[node].parent
        if parent < 0 or counts[parent] != 1:
            return node
        node = parent
    return node
