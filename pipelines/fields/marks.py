"""What a page's markup says of its article, gathered in one pass over the tree."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from lxml import etree
from lxml.html import HtmlElement

from pipelines.fields.author_classes import AUTHOR_TITLE, names_author
from pipelines.fields.json_scripts import parsely_metas
from pipelines.fields.people import says_by
from pipelines.fields.surroundings import in_remark, of_another_story, said_before
from pipelines.page.parsing import ParsedPage

_HEAD_TAGS = ("link", "meta", "script", "title")
_TAGS = frozenset(("a", "abbr", "h1", "time"))
_ITEM_TYPES = etree.XPath("//@itemtype", smart_strings=False)
_DATE_PROPS = {"datepublished": "published", "datecreated": "published", "datemodified": "modified"}
_PUBLISHED = re.compile(r"publi|posted|entry-date(?!.*updated)|pubdate|date-?created", re.IGNORECASE)
_MODIFIED = re.compile(r"updated?(?![a-z])|modifi", re.IGNORECASE)
_AUTHOR_PATH = re.compile(
    r"/(?:authors?|byline|people|person|profiles?|contributors?|journalists?|reporters?|staff|writers?|"
    r"columnists?)/[^/?#]+/?(?:[?#]|$)",
    re.IGNORECASE,
)
_FEED_TYPES, _MOST_FEEDS = frozenset(("application/rss+xml", "application/atom+xml")), 8
_UNREAD = frozenset(("script", "style", "svg", "noscript"))
_BREAKING = frozenset(("br", "div", "p", "li"))
_MOST_PARAGRAPHS, _MOST_NAMED = 5, 400  # between a heading and its byline; elements that are looked at
_MOST_MARKS, _LONGEST_AUTHOR, _LONGEST_DATE, _MOST_PIECES, _LONGEST_VALUE = 40, 200, 100, 24, 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A value that an element holds; `place` is the element's number in the page.

    The pieces of an author's element stand in `text` on a line each.
    """

    place: int
    text: str
    source: str
    far: bool = False  # several paragraphs behind the heading


@dataclass(frozen=True, slots=True, kw_only=True)
class PageMarks:
    """Everything that the fields are read from, but for the page's text."""

    metas: Mapping[str, tuple[str, ...]]  # lower-case names, values in page order
    language: str = ""
    title: str = ""
    canonical: str = ""
    headings: tuple[Mark, ...] = ()  # h1; source `home` where it links to the front page
    authors: tuple[Mark, ...] = ()
    dates: tuple[Mark, ...] = ()  # source is published, modified, time, or other: of another story
    linked: tuple[str, ...] = ()  # texts of JSON-LD scripts
    data: tuple[str, ...] = ()  # texts of scripts with data of another form
    types: tuple[str, ...] = ()  # schema.org types of the markup, without the vocabulary
    classes: frozenset[str] = frozenset()  # of the body
    feeds: tuple[str, ...] = ()  # titles of the feeds that the page declares

    def meta(self, *names: str) -> str:
        """The first value of the first of these that the page has, empty if it has none."""
        return next((self.metas[name][0] for name in names if name in self.metas), "")


def read_marks(page: ParsedPage, url: str | None = None) -> PageMarks:
    """The marks of a parsed page. Of its body only elements are looked at that can have text."""
    gatherer, tree = _Gatherer(url), page.tree
    for element in tree.iter(*_HEAD_TAGS):
        gatherer.head(element)
    elements = page.reading.elements
    for place, (_, tag, hints, _, _) in enumerate(page.reading.nodes):
        if tag == "p":
            gatherer.paragraphs += bool(gatherer.headings)
        elif tag in _TAGS:
            gatherer.known(place, elements[place], tag)
        if hints and ("author" in hints or "date" in hints or "byline" in hints or "contributor" in hints):
            gatherer.hinted(place, elements[place])
    root = tree if tree.tag == "html" else next(tree.iter("html"), tree)
    body = tree if tree.tag == "body" else tree.find("body")
    body = tree.find(".//body") if body is None else body
    classes = (body.get("class") or "") if body is not None else ""
    kinds = (str(kind) for kind in _ITEM_TYPES(tree)) if "itemtype" in page.text else ()
    return PageMarks(
        metas={name: tuple(values) for name, values in gatherer.metas.items()},
        language=root.get("lang") or root.get("{http://www.w3.org/XML/1998/namespace}lang")
        or root.get("xml:lang") or "",
        title=gatherer.title, canonical=gatherer.canonical, headings=tuple(gatherer.headings),
        authors=tuple(gatherer.authors), dates=tuple(gatherer.dates), linked=tuple(gatherer.linked),
        data=tuple(gatherer.data), types=tuple(kind.rstrip("/").rpartition("/")[2].lower() for kind in kinds),
        classes=frozenset(classes.lower().split()), feeds=tuple(gatherer.feeds),
    )  # fmt: skip


@dataclass(slots=True)
class _Gatherer:
    """State of the pass."""

    url: str | None
    metas: dict[str, list[str]] = field(default_factory=dict)
    title: str = ""
    canonical: str = ""
    headings: list[Mark] = field(default_factory=list)
    authors: list[Mark] = field(default_factory=list)
    dates: list[Mark] = field(default_factory=list)
    linked: list[str] = field(default_factory=list)
    data: list[str] = field(default_factory=list)
    feeds: list[str] = field(default_factory=list)
    paragraphs: int = 0  # behind the first heading
    named: int = 0  # elements that may name an author

    def head(self, element: HtmlElement) -> None:
        """Take an element that is not shown."""
        tag = element.tag
        if tag == "meta":
            self._meta(element)
        elif tag == "script":
            self._script(element)
        elif tag == "title" and not _is_drawn(element):
            self.title = self.title or _text(element)
        elif tag == "link":
            self._related(element, (element.get("rel") or "").lower().split())

    def known(self, place: int, element: HtmlElement, tag: str) -> None:
        """Take an element that is told by its tag."""
        if tag == "a":
            self._link(place, element)
        elif tag != "h1":
            self._moment(place, element)
        elif text := _text(element):
            source = "home" if _leads_home(element, self.url) else "h1"
            self.headings.append(Mark(place=place, text=text, source=source))

    def hinted(self, place: int, element: HtmlElement) -> None:
        """Take an element that is told by its classes or by a property of microdata."""
        names = element.get("class") or ""
        if names_author(names) or (AUTHOR_TITLE.search(names) and says_by(_text(element, _LONGEST_AUTHOR))):
            self._author(place, element, "class")
        if prop := element.get("itemprop"):
            self._property(place, element, prop.lower())

    def _meta(self, element: HtmlElement) -> None:
        content = element.get("content")
        if not content or not (content := " ".join(content.split())[:_LONGEST_VALUE]):
            return
        for key in ("property", "name", "itemprop", "http-equiv"):
            name = element.get(key)
            if name and (name := name.strip().lower()):
                self.metas.setdefault(name, []).append(content)
                if name == "parsely-page":
                    for part, value in parsely_metas(content):
                        self.metas.setdefault(part, []).append(value)

    def _related(self, element: HtmlElement, rel: list[str]) -> None:
        if "canonical" in rel:
            self.canonical = self.canonical or (element.get("href") or "").strip()
        elif "alternate" in rel and element.get("type") in _FEED_TYPES and len(self.feeds) < _MOST_FEEDS:
            self.feeds.append(" ".join((element.get("title") or "").split())[:_LONGEST_AUTHOR])

    def _script(self, element: HtmlElement) -> None:
        kind = (element.get("type") or "").lower()
        text = element.text or ""
        if "ld+json" in kind:
            self.linked.append("".join(element.itertext()))
        elif text and ("json" in kind or "ublish" in text):
            self.data.append(text)

    def _link(self, place: int, element: HtmlElement) -> None:
        if "author" in (element.get("rel") or ""):
            self._author(place, element, "rel=author")
        elif (target := element.get("href")) and _AUTHOR_PATH.search(target) and self._is_own(target):
            self._author(place, element, "link")

    def _is_own(self, target: str) -> bool:
        """Whether a link stays on the site, or on a host of its domain."""
        if target.startswith("/") and not target.startswith("//"):
            return True
        try:
            there, here = urlsplit(target).hostname or "", urlsplit(self.url or "").hostname or ""
        except ValueError:
            return False
        return not there or not here or there.split(".")[-2:] == here.split(".")[-2:]

    def _moment(self, place: int, element: HtmlElement) -> None:
        """Take a time element, or an abbreviation of old blogs that has the moment for a title."""
        if len(self.dates) >= _MOST_MARKS:
            return
        hints = f"{element.get('class') or ''} {element.get('itemprop') or ''} {element.get('id') or ''}"
        if element.tag == "abbr":
            value = element.get("title") if "publ" in hints.lower() else ""
        else:
            hints += " pubdate" if element.get("pubdate") is not None else ""
            value = element.get("datetime") or _text(element, _LONGEST_DATE)
        if value and value.strip():
            kind = _kind_of_moment(hints) or _kind_of_moment(said_before(element))
            kind = kind or ("other" if of_another_story(element) else "time")
            self.dates.append(Mark(place=place, text=value.strip()[:_LONGEST_DATE], source=kind))

    def _property(self, place: int, element: HtmlElement, prop: str) -> None:
        if prop == "author" and element.tag != "meta":
            inner = next(
                (e for e in element.iter(etree.Element) if "name" in (e.get("itemprop") or "")), element
            )
            self._author(place, inner, "itemprop=author")
        elif prop in _DATE_PROPS and element.tag not in ("meta", "time") and len(self.dates) < _MOST_MARKS:
            value = element.get("content") or element.get("datetime") or _text(element, _LONGEST_DATE)
            if value and value.strip():
                self.dates.append(
                    Mark(place=place, text=value.strip()[:_LONGEST_DATE], source=_DATE_PROPS[prop])
                )

    def _author(self, place: int, element: HtmlElement, source: str) -> None:
        self.named += 1
        if len(self.authors) >= _MOST_MARKS or self.named > _MOST_NAMED:
            return
        text = element.get("content") or "\n".join(_pieces(element))
        if text and len(text) <= _LONGEST_AUTHOR and not in_remark(element):
            if source in ("class", "link") and of_another_story(element):
                return
            far = self.paragraphs > _MOST_PARAGRAPHS
            self.authors.append(Mark(place=place, text=text, source=source, far=far))


def _kind_of_moment(words: str) -> str:
    """What classes, or the words before a moment, say of it; empty for nothing."""
    return "published" if _PUBLISHED.search(words) else "modified" if _MODIFIED.search(words) else ""


def _pieces(element: HtmlElement) -> Iterator[str]:
    """The pieces of text of an element, without styles and scripts; bounded."""
    for part in itertools.islice(element.iter(etree.Element), _MOST_PIECES):
        if part.tag not in _UNREAD and (text := " ".join((part.text or "").split())):
            yield text[: _LONGEST_AUTHOR + 1]
        if part is not element and (text := " ".join((part.tail or "").split())):
            yield text[: _LONGEST_AUTHOR + 1]


def _is_drawn(title: HtmlElement) -> bool:
    """Whether a title is that of a drawing (SVG), not of the page."""
    return any(above.tag == "svg" for above in itertools.islice(title.iterancestors(), 4))


def _text(element: HtmlElement, most: int = _LONGEST_VALUE) -> str:
    glue, drawn = "", False
    for child in element.iter(etree.Element):
        glue, drawn = (" " if child.tag in _BREAKING else glue), drawn or child.tag in _UNREAD
    told = element.itertext(etree.Element) if not drawn else _read_texts(element)
    return " ".join(glue.join(told).split())[:most]


def _read_texts(element: HtmlElement) -> Iterator[str]:
    """The texts of an element that a reader sees: none of its drawings, scripts and styles."""
    walker = etree.iterwalk(element, events=("start", "end", "comment", "pi"))
    for event, node in walker:
        if event != "start":
            yield "" if node is element else node.tail or ""
        elif node.tag in _UNREAD:
            walker.skip_subtree()
        else:
            yield node.text or ""


def _leads_home(heading: HtmlElement, url: str | None) -> bool:
    """Whether a heading links to the site's front page: then it is the site's name."""
    for link in heading.iter("a"):
        try:
            target = urlsplit(urljoin(url or "http://site.invalid/", (link.get("href") or "#").strip()))
        except ValueError:
            continue
        if link.get("href") and not target.path.strip("/") and not target.query and not target.fragment:
            return True
    return False
