"""A parsed page, or a plain-text dump -> its segments."""

from __future__ import annotations

import re
from typing import cast

from lxml import etree
from lxml.html import HtmlElement

from pipelines.page.image_source import image_source
from pipelines.page.segments import INLINE, Image, Node, Reading, Segment
from pipelines.page.wrapped import unwrapped

_SKIPPED = frozenset((
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "select",
    "option", "textarea", "input", "canvas", "audio", "head", "datalist", "map",
))  # fmt: skip
_BOLD = frozenset(("b", "strong"))
_PICTURES = frozenset(("img", "amp-img"))
_HINTING = frozenset(("class", "id", "role", "rel", "itemprop", "data-testid"))
_LONGEST_HINTS = 300
# Elements nested deeper are told apart no more: every one is a child of the last. It bounds what an element's
# ancestors cost where a page nests thousands, or never closes what it opens.
_DEEPEST = 100
_SPACES = re.compile(r"[ \t\r\n\f]{2,}|[\t\r\n\f]")
# Spaces of every width, joiners and marks that print nothing.
_EDGES = (
    " \t\r\n\f\v\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
# A link of this wording is a line of its own, also behind bare text.
_APART = "source link"
# What is glued to its neighbours where a page was flattened: a reader template, a photo's credit and VIRIN.
_GLUED = re.compile(r"(%d bloggers like this:)|(?=\bPhoto By: )|(?=\bVIRIN: \d{6}-)")
_LINE = re.compile(r"\r\n?|[\n\v\f\x1c-\x1e\u2028\u2029]")
# Controls that nobody writes: quotes and dashes of windows-1252, read as latin-1.
_MISREAD = {code: char for code in range(0x80, 0xA0) if (char := bytes([code]).decode("cp1252", "ignore"))}
_PHOTO_MARK = re.compile(r"\bVIRIN\b|\bPhoto By\b")
_FEWEST_SPANS = 3
_FAR = 9  # line breaks, in effect: a block's border stands before the text


def segment_text(text: str) -> Reading:
    """Segments of a plain-text dump: a line is a segment, its inner characters untouched."""
    segments: list[Segment] = []
    gap = True
    lines = _LINE.split(text.replace("\x00", "").translate(_MISREAD))
    for line in unwrapped([line.strip(" \t\r") if line.strip(_EDGES) else "" for line in lines]):
        parts = _parts(line)
        for part in parts:
            segments.append(Segment(text=part, gap=gap))
            gap = False
        gap = not parts
    return Reading(segments=tuple(segments))


def segment_page(root: HtmlElement) -> Reading:
    """Segments of a parsed page, images and the elements around them."""
    body = root.find(".//body")
    walker = _Walker()
    walk = etree.iterwalk(root if body is None else body, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        tag = cast("str", element.tag)
        if event == "start":
            if tag in _SKIPPED:
                walk.skip_subtree()
            elif tag == "br":
                walker.line_break()
            else:
                walker.start(element, tag)
            continue
        if event == "end" and tag not in _SKIPPED and tag != "br":
            walker.end(tag)
        text = element.tail
        if text and (walker.pieces or not text.isspace()):
            walker.text(text)
    walker.flush()
    return Reading(
        segments=tuple(walker.segments), nodes=tuple(walker.nodes), images=tuple(walker.images),
        top="" if body is None else "/html", depth=walker.deepest, elements=tuple(walker.elements),
    )  # fmt: skip


def _parts(text: str) -> list[str]:
    """The text, cut where known lines are glued to others."""
    if ": " not in text and "%d" not in text:
        return [stripped] if (stripped := text.strip(_EDGES)) else []
    return [stripped for part in _GLUED.split(text) if part and (stripped := part.strip(_EDGES))]


def _flat(text: str) -> str:
    """The text with one space for each run of them and none at its ends; wide spaces within it stay."""
    return " ".join(text.split()) if text.isascii() else _SPACES.sub(" ", text).strip(_EDGES)


class _Walker:
    """State of one walk through the tree; never recursive, as pages nest thousands deep.

    The loop runs for every element of every page: hence the slots, and no objects but what comes out.
    """

    __slots__ = (
        "anchors", "apart", "around", "bold", "breaks", "chars", "deepest", "elements", "homes", "href",
        "images", "nodes", "pieces", "segments", "stack",
    )  # fmt: skip

    def __init__(self) -> None:
        self.segments: list[Segment] = []
        self.nodes: list[Node] = []
        self.elements: list[HtmlElement] = []  # of each node
        self.images: list[Image] = []
        self.stack: list[int] = []
        self.pieces: list[str] = []
        self.homes: list[int] = []  # of each piece, its element
        self.chars = [0, 0, 0]  # all, linked, bold
        self.href = ""
        self.around = -1
        self.anchors: list[str] = []
        self.apart: list[bool] = []  # of each anchor, whether it is a line of its own
        self.bold = 0
        self.breaks = _FAR
        self.deepest = 0

    def start(self, element: HtmlElement, tag: str) -> None:
        """Enter an element."""
        text = element.text
        if tag not in INLINE:
            if self.pieces:
                self.flush()
            self.breaks = _FAR
        elif tag == "a":
            self._anchor(element.get("href") or "", text)
        elif tag in _BOLD:
            self.bold += 1
        self._push(element, tag)
        if tag in _PICTURES:
            self._image(element)
        if text and (self.pieces or not text.isspace()):
            self.text(text)

    def end(self, tag: str) -> None:
        """Leave an element."""
        if tag not in INLINE:
            if self.pieces:
                self.flush()
            self.breaks = _FAR
        elif tag == "a":
            self.anchors.pop()
            if self.apart.pop():
                self.flush()
                self.breaks = _FAR
        elif tag in _BOLD:
            self.bold -= 1
        self.stack.pop()

    def line_break(self) -> None:
        """Take a `br`."""
        self.flush()
        self.breaks += 1

    def text(self, text: str) -> None:
        """Take text that stands in the current element."""
        if not self.stack:
            return
        if not self.pieces and not text.strip(_EDGES):
            return
        size = len(text.strip())
        home = self.stack[-1]
        self.pieces.append(text)
        self.homes.append(home)
        if not size:
            return
        self.chars[0] += size
        if self.anchors:
            self.chars[1] += size
            self.href = self.anchors[-1] or self.href
        if self.bold:
            self.chars[2] += size
        if self.around != home:
            self.around = home if self.around < 0 else self._common(self.around, home)

    def flush(self) -> None:
        """Close the running segment."""
        if not self.pieces:
            return
        text = _flat("".join(self.pieces))
        if text:
            self._add(text)
            self.breaks = 0
        self.pieces, self.homes, self.chars, self.href, self.around = [], [], [0, 0, 0], "", -1

    def _anchor(self, href: str, text: str | None) -> None:
        self.anchors.append(href)
        self.apart.append(text is not None and text.strip().lower() == _APART)
        if self.apart[-1]:
            self.flush()
            self.breaks = _FAR

    def _add(self, text: str) -> None:
        total = max(self.chars[0], 1)
        photo = ("VIRIN" in text or "Photo By" in text) and _PHOTO_MARK.search(text)
        for line in (self._span_lines() if photo else []) or [text]:
            for part in _parts(line):
                self.segments.append(
                    Segment(
                        text=part, node=self.around, href=self.href, soft=self.breaks == 1,
                        link_share=self.chars[1] / total, bold_share=self.chars[2] / total,
                    ),
                )  # fmt: skip

    def _span_lines(self) -> list[str]:
        """A photograph's lines where each is a span of its own; none where text stands between the spans."""
        spans: dict[int, list[str]] = {}
        for piece, home in zip(self.pieces, self.homes, strict=True):
            if not piece.strip(_EDGES):
                continue
            while home != self.around and self.nodes[home].parent != self.around:
                home = self.nodes[home].parent  # noqa: PLW2901 -- climbs to the span
            spans.setdefault(home, []).append(piece)
        if self.around in spans or len(spans) < _FEWEST_SPANS:
            return []
        lines = [""]
        for text in (_flat("".join(span)) for span in spans.values()):
            if lines[-1].endswith(":"):  # a label and what it labels
                lines[-1] += f" {text}"
            else:
                lines.append(text)
        return lines[1:]

    def _push(self, element: HtmlElement, tag: str) -> None:
        depth = len(self.stack)
        if depth > _DEEPEST:
            self.deepest = max(self.deepest, depth)
            depth = _DEEPEST
        parent = self.stack[depth - 1] if depth else -1
        hidden = depth > 0 and self.nodes[parent].hidden
        hints: list[str] = []
        for name, value in element.items():
            if name in _HINTING:
                hints.append(value)
            elif name == "hidden" or (name == "style" and "display:none" in value.replace(" ", "").lower()):
                hidden = True
        self.nodes.append(Node(parent, tag, " ".join(hints).lower()[:_LONGEST_HINTS], hidden, depth))
        self.elements.append(element)
        self.stack.append(len(self.nodes) - 1)

    def _image(self, element: HtmlElement) -> None:
        alt = _SPACES.sub(" ", element.get("alt") or "").strip(_EDGES)
        position = len(self.segments) + bool(self.pieces)
        self.images.append(Image(position, self.stack[-1], alt, image_source(element)))

    def _common(self, one: int, other: int) -> int:
        nodes = self.nodes
        while one != other:
            if nodes[one].depth >= nodes[other].depth:
                one = nodes[one].parent
            else:
                other = nodes[other].parent
        return one
