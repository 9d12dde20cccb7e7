"""The text segments of a page or of a plain-text dump, in order: the one shape that every rule reads."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pipelines.words import ends_sentence, normal, word_count

INLINE = frozenset((
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em",
    "font", "i", "img", "ins", "kbd", "label", "mark", "nobr", "o:p", "picture", "q", "rp", "rt",
    "ruby", "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup", "time", "tt", "u",
    "var", "wbr",
))  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An element that text stands in; `parent` is the number of the node around it, -1 at the root."""

    parent: int
    tag: str
    hints: str  # class, id, role and the like, lower case
    hidden: bool
    depth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """An image: it stands before segment number `position`."""

    position: int
    node: int
    alt: str
    src: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A piece of text between two block borders or line breaks.

    `node` is the deepest element around all of it. `soft`: one single line break stands before it. `gap`:
    in a dump, a blank line does. `href` is its last link's.
    """

    text: str
    node: int = -1
    path: str = ""
    link_share: float = 0.0
    bold_share: float = 0.0
    href: str = ""
    soft: bool = False
    gap: bool = True


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Everything with text on a page, in page order. A dump has no nodes and no images."""

    segments: tuple[Segment, ...]
    nodes: tuple[Node, ...] = ()
    images: tuple[Image, ...] = ()

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Tag of the innermost block element around each segment, empty in a dump."""
        return tuple(self._block_tag(segment.node) for segment in self.segments)

    @cached_property
    def counts(self) -> tuple[int, ...]:
        """Number of segments within each node."""
        counts = [0] * len(self.nodes)
        for segment in self.segments:
            for node in self.ancestors(segment.node):
                counts[node] += 1
        return tuple(counts)

    @cached_property
    def flats(self) -> tuple[str, ...]:
        """Letters and digits of each segment, lower case."""
        return tuple(normal(segment.text) for segment in self.segments)

    @cached_property
    def words(self) -> tuple[int, ...]:
        """Number of words of each segment."""
        return tuple(word_count(segment.text) for segment in self.segments)

    @cached_property
    def sentences(self) -> tuple[bool, ...]:
        """Whether each segment ends as a sentence does."""
        return tuple(ends_sentence(segment.text) for segment in self.segments)

    @cached_property
    def alts(self) -> frozenset[str]:
        """Alternative texts of the page's images."""
        return frozenset(image.alt for image in self.images if image.alt)

    @property
    def is_dump(self) -> bool:
        """Whether it is plain text, with no markup to go by."""
        return not self.nodes

    @cached_property
    def _chains(self) -> dict[int, tuple[int, ...]]:
        return {-1: ()}

    def ancestors(self, node: int) -> tuple[int, ...]:
        """`node` and the nodes around it, innermost first."""
        known = self._chains.get(node)
        if known is None:
            found = []
            place = node
            while place >= 0:
                found.append(place)
                place = self.nodes[place].parent
            known = self._chains[node] = tuple(found)
        return known

    def block(self, node: int) -> int:
        """Index of the innermost block element at or around `node`."""
        while node >= 0 and self.nodes[node].tag in INLINE:
            node = self.nodes[node].parent
        return node

    def _block_tag(self, node: int) -> str:
        found = self.block(node)
        return self.nodes[found].tag if found >= 0 else ""
