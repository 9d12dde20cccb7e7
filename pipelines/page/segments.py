"""The text segments of a page or of a plain-text dump, in order: the one shape that every rule reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from lxml.html import HtmlElement

from pipelines.words import ends_sentence, normal, word_count

INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "nobr", "o:p", "picture", "q", "rp", "rt",
    "ruby", "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "var", "wbr",
))  # fmt: skip
_LONGEST_PATH = 58  # steps below the root element
_SENTENCE_WORDS, _LINKED = 12, 0.5


class Node(NamedTuple):
    """An element that text stands in; `parent` is the number of the node around it, -1 at the root.

    A tuple, as are images and segments: a page has hundreds to many thousands, and all rules read them.
    """

    parent: int
    tag: str
    hints: str  # class, id, role and the like, lower case
    hidden: bool
    depth: int


class Image(NamedTuple):
    """An image: it stands before segment number `position`."""

    position: int
    node: int
    alt: str
    src: str


class Segment(NamedTuple):
    """A piece of text between two block borders or line breaks.

    `node` is the deepest element around all of it. `soft`: one single line break stands before it. `gap`:
    in a dump, a blank line does. `href` is its last link's.
    """

    text: str
    node: int = -1
    link_share: float = 0.0
    bold_share: float = 0.0
    href: str = ""
    soft: bool = False
    gap: bool = True


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Everything with text on a page, in page order. A dump has no nodes and no images.

    `top` is the path of the element around the first node, `depth` how deep the page nests if that is deeper
    than nodes are told apart. `elements` are the parsed elements of the nodes, for who must change the tree.
    """

    segments: tuple[Segment, ...]
    nodes: tuple[Node, ...] = ()
    images: tuple[Image, ...] = ()
    top: str = ""
    depth: int = 0
    elements: tuple[HtmlElement, ...] = field(default=(), repr=False, compare=False)

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Tag of the innermost block element around each segment, empty in a dump."""
        return tuple(self._block_tag(segment.node) for segment in self.segments)

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """Number of segments within each node."""
        counts = [0] * (len(self.nodes) + 1)  # behind them the page's, for nodes without a parent
        for segment in self.segments:
            counts[segment.node] += 1
        for number in range(len(self.nodes) - 1, -1, -1):  # children stand behind their parents
            counts[self.nodes[number].parent] += counts[number]
        return tuple(counts[:-1])

    @cached_property
    def firsts(self) -> tuple[int, ...]:
        """Number of the first segment within each node; the number of segments for a node without text."""
        firsts = [len(self.segments)] * (len(self.nodes) + 1)
        for index in range(len(self.segments) - 1, -1, -1):
            firsts[self.segments[index].node] = index
        for number in range(len(self.nodes) - 1, -1, -1):
            parent = self.nodes[number].parent
            firsts[parent] = min(firsts[parent], firsts[number])
        return tuple(firsts[:-1])

    @cached_property
    def flats(self) -> tuple[str, ...]:
        """Letters and digits of each segment, lower case."""
        return tuple(normal(segment.text) for segment in self.segments)

    @cached_property
    def lowered(self) -> str:
        """All the text, lower case: what is not in it is in no segment, and need not be sought in each."""
        return "\n".join(segment.text for segment in self.segments).lower()

    @cached_property
    def hints(self) -> str:
        """All the nodes' hints: what is not in it is of no element, and need not be sought in each."""
        return "\n".join(node.hints for node in self.nodes if node.hints)

    @cached_property
    def words(self) -> tuple[int, ...]:
        """Number of words of each segment."""
        return tuple(word_count(segment.text) for segment in self.segments)

    @cached_property
    def weights(self) -> tuple[int, ...]:
        """Characters of full sentences within each node, and behind them the page's total."""
        weights = [0] * (len(self.nodes) + 1)
        for index, segment in enumerate(self.segments):
            if (
                segment.link_share < _LINKED
                and self.words[index] >= _SENTENCE_WORDS
                and self.sentences[index]
            ):
                weights[segment.node] += len(segment.text)
        for number in range(len(self.nodes) - 1, -1, -1):  # children stand behind their parents
            weights[self.nodes[number].parent] += weights[number]
        return tuple(weights)

    @cached_property
    def sentences(self) -> tuple[bool, ...]:
        """Whether each segment ends as a sentence does."""
        return tuple(ends_sentence(segment.text) for segment in self.segments)

    @cached_property
    def alts(self) -> frozenset[str]:
        """Alternative texts of the page's images."""
        return frozenset(image.alt for image in self.images if image.alt)

    @cached_property
    def image_places(self) -> tuple[int, ...]:
        """Numbers of the segments that the images stand before, in order."""
        return tuple(image.position for image in self.images)

    @property
    def is_dump(self) -> bool:
        """Whether it is plain text, with no markup to go by."""
        return not self.nodes

    @cached_property
    def _chains(self) -> dict[int, tuple[int, ...]]:
        return {-1: ()}

    @cached_property
    def _paths(self) -> dict[int, str]:
        return {-1: self.top}

    @cached_property
    def _places(self) -> tuple[int, ...]:
        """Of each node its number among its parent's children of its tag."""
        seen: dict[tuple[int, str], int] = {}
        places: list[int] = []
        for node in self.nodes:
            key = node[:2]
            place = seen[key] = seen.get(key, 0) + 1
            places.append(place)
        return tuple(places)

    def ancestors(self, node: int) -> tuple[int, ...]:
        """`node` and the nodes around it, innermost first."""
        known = self._chains.get(node)
        if known is None:
            known = self._chains[node] = (node, *self.ancestors(self.nodes[node].parent))
        return known

    def path(self, node: int) -> str:
        """Where an element stands: the steps from the root to it, of which the first sixty are told."""
        known = self._paths.get(node)
        if known is None:
            parent, tag, _, _, depth = self.nodes[node]
            known = self.path(parent)
            if depth < _LONGEST_PATH:
                known += f"/{tag}[{self._places[node]}]" if depth else f"/{tag}"
            self._paths[node] = known
        return known

    def block(self, node: int) -> int:
        """Index of the innermost block element at or around `node`."""
        while node >= 0 and self.nodes[node].tag in INLINE:
            node = self.nodes[node].parent
        return node

    def _block_tag(self, node: int) -> str:
        found = self.block(node)
        return self.nodes[found].tag if found >= 0 else ""
