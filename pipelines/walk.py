"""A parsed page, or a plain-text dump -> its segments."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree
from lxml.html import HtmlElement

from pipelines.segments import INLINE, Image, Node, Reading, Segment
from pipelines.wrapped import unwrapped

_SKIPPED = frozenset((
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "embed", "select",
    "option", "textarea", "input", "canvas", "audio", "head", "datalist", "map",
))  # fmt: skip
_BOLD = frozenset(("b", "strong"))
_MAX_PATH_DEPTH = 60
_SPACES = re.compile(r"[ \t\r\n\f]+")
# Spaces of every width, joiners and marks that print nothing.
_EDGES = (
    " \t\r\n\f\v\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
)
# A link of this wording is a line of its own, also behind bare text.
_APART = re.compile(r"source link", re.IGNORECASE)
# What is glued to its neighbours where a page was flattened: a reader template, a photo's credit and VIRIN.
_GLUED = re.compile(r"(%d bloggers like this:)|(?=\bPhoto By: )|(?=\bVIRIN: \d{6}-)")
_LINE = re.compile(r"\r\n?|[\n\v\f\x1c-\x1e\u2028\u2029]")
# Controls that nobody writes: quotes and dashes of windows-1252, read as latin-1.
_MISREAD = {code: char for code in range(0x80, 0xA0) if (char := bytes([code]).decode("cp1252", "ignore"))}
_PHOTO_MARK = re.compile(r"\bVIRIN\b|\bPhoto By\b")
_FEWEST_SPANS = 3


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
    walker = _Walker(("",) if body is None else ("", "html"))
    walk = etree.iterwalk(root if body is None else body, events=("start", "end", "comment", "pi"))
    for event, element in walk:
        if event in ("comment", "pi"):
            walker.text(element.tail)
        elif event == "start":
            if element.tag in _SKIPPED:
                walk.skip_subtree()
            walker.start(element)
        else:
            walker.end(element)
    walker.flush()
    return Reading(segments=tuple(walker.segments), nodes=tuple(walker.nodes), images=tuple(walker.images))


def _parts(text: str) -> list[str]:
    """The text, cut where known lines are glued to others."""
    if ": " not in text and "%d" not in text:
        return [stripped] if (stripped := text.strip(_EDGES)) else []
    return [stripped for part in _GLUED.split(text) if part and (stripped := part.strip(_EDGES))]


@dataclass
class _Walker:
    """State of one walk through the tree; never recursive, as pages nest thousands deep."""

    root: tuple[str, ...]  # steps above the first element
    segments: list[Segment] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)  # of a path: tag and place among its like
    counts: list[dict[str, int]] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    stack: list[int] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    homes: list[int] = field(default_factory=list)  # of each piece, its element
    chars: list[int] = field(default_factory=lambda: [0, 0, 0])  # all, linked, bold
    href: str = ""
    around: int = -1
    anchors: list[str] = field(default_factory=list)
    bold: int = 0
    breaks: int = 9

    def start(self, element: HtmlElement) -> None:
        """Enter an element."""
        tag = str(element.tag).lower()
        if tag in _SKIPPED:
            return
        if tag == "br":
            self.flush()
            self.breaks += 1
            return
        if tag not in INLINE or self._stands_apart(element, tag):
            self.flush()
            self.breaks = 9
        self._push(element, tag)
        if tag in ("img", "amp-img"):
            self._image(element)
        if tag == "a":
            self.anchors.append(element.get("href") or "")
        self.bold += tag in _BOLD
        self.text(element.text)

    def end(self, element: HtmlElement) -> None:
        """Leave an element and take the text behind it."""
        tag = str(element.tag).lower()
        if tag not in _SKIPPED and tag != "br":
            if tag not in INLINE or self._stands_apart(element, tag):
                self.flush()
                self.breaks = 9
            if tag == "a":
                self.anchors.pop()
            self.bold -= tag in _BOLD
            self.stack.pop()
        self.text(element.tail)

    def text(self, text: str | None) -> None:
        """Take text that stands in the current element."""
        if not text or not self.stack:
            return
        self.pieces.append(text)
        self.homes.append(self.stack[-1])
        size = len(text.strip())
        if not size:
            return
        self.chars[0] += size
        if self.anchors:
            self.chars[1] += size
            self.href = self.anchors[-1] or self.href
        self.chars[2] += size if self.bold else 0
        self.around = self.stack[-1] if self.around < 0 else self._common(self.around, self.stack[-1])

    def flush(self) -> None:
        """Close the running segment."""
        text = _SPACES.sub(" ", "".join(self.pieces)).strip(_EDGES)
        if text:
            total = max(self.chars[0], 1)
            parts = self._span_lines() if _PHOTO_MARK.search(text) else []
            for part in (known for line in parts or [text] for known in _parts(line)):
                self.segments.append(
                    Segment(
                        text=part, node=self.around, path=self._path(), href=self.href, soft=self.breaks == 1,
                        link_share=self.chars[1] / total, bold_share=self.chars[2] / total,
                    ),
                )  # fmt: skip
            self.breaks = 0
        self.pieces, self.homes, self.chars, self.href, self.around = [], [], [0, 0, 0], "", -1

    def _span_lines(self) -> list[str]:
        """A photograph's lines where each is a span of its own; none where text stands between the spans."""
        spans: dict[int, str] = {}
        for piece, home in zip(self.pieces, self.homes, strict=True):
            if not piece.strip(_EDGES):
                continue
            while home != self.around and self.nodes[home].parent != self.around:
                home = self.nodes[home].parent  # noqa: PLW2901 -- climbs to the span
            spans[home] = spans.get(home, "") + piece
        if self.around in spans or len(spans) < _FEWEST_SPANS:
            return []
        lines = [""]
        for text in (_SPACES.sub(" ", span).strip(_EDGES) for span in spans.values()):
            if lines[-1].endswith(":"):  # a label and what it labels
                lines[-1] += f" {text}"
            else:
                lines.append(text)
        return lines[1:]

    def _push(self, element: HtmlElement, tag: str) -> None:
        parent = self.stack[-1] if self.stack else -1
        depth = self.nodes[parent].depth + 1 if parent >= 0 else 0
        above = self.nodes[parent] if parent >= 0 else None
        hints = " ".join(
            value
            for name, value in element.items()
            if name in ("class", "id", "role", "rel", "itemprop", "data-testid")
        )
        style = (element.get("style") or "").replace(" ", "").lower()
        hidden = (
            "display:none" in style
            or element.get("hidden") is not None
            or (above is not None and above.hidden)
        )
        self.nodes.append(Node(parent=parent, tag=tag, hints=hints.lower()[:300], hidden=hidden, depth=depth))
        counts = self.counts[parent] if parent >= 0 else {}
        counts[tag] = counts.get(tag, 0) + 1
        self.counts.append({})
        self.steps.append(f"{tag}[{counts[tag]}]" if parent >= 0 else tag)
        self.stack.append(len(self.nodes) - 1)

    def _image(self, element: HtmlElement) -> None:
        alt = _SPACES.sub(" ", element.get("alt") or "").strip(_EDGES)
        src = element.get("src") or ""
        if not src or src.startswith("data:"):
            src = element.get("data-src") or element.get("data-lazy-src") or src
        position = len(self.segments) + (1 if "".join(self.pieces).strip(_EDGES) else 0)
        self.images.append(Image(position=position, node=self.stack[-1], alt=alt, src=src.strip()))

    def _stands_apart(self, element: HtmlElement, tag: str) -> bool:
        return tag == "a" and _APART.fullmatch((element.text or "").strip()) is not None

    def _path(self) -> str:
        steps: list[str] = []
        node = self.around
        while node >= 0:
            steps.append(self.steps[node])
            node = self.nodes[node].parent
        return "/".join([*self.root, *reversed(steps)][:_MAX_PATH_DEPTH])

    def _common(self, one: int, other: int) -> int:
        while one != other:
            if self.nodes[one].depth >= self.nodes[other].depth:
                one = self.nodes[one].parent
            else:
                other = self.nodes[other].parent
        return one
