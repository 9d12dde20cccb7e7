"""The text of a page -> its tree and its segments, however it is nested."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import cast

from lxml import etree
from lxml.html import HtmlComment, HtmlElement

from pipelines.page.segments import Reading
from pipelines.page.walk import segment_page

_HEAD_TAGS = frozenset({"base", "link", "meta", "noscript", "script", "style", "template", "title"})
_NESTING = re.compile(
    r"(?:<(div|span|b|i|font|section|ul|li|table|tbody|tr|td|blockquote|center|p)\b[^<>]*>\s*){100,}",
    re.IGNORECASE,
)
_ENDS = re.compile(r"</(?:html|body)\b[^<>]*>", re.IGNORECASE)
_NOTHING_MORE = re.compile(r"(?:\s|</(?:html|body)\b[^<>]*>|<!--(?:[^-]|-(?!->))*-->)*\Z", re.IGNORECASE)
# The parser's time grows with the square of an element's attributes.
_LONG, _TAG = 30_000, re.compile(r"<([a-zA-Z][^\s<>/]{0,40})")
_RAW_ENDS = ("</script", "</style")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_MOST_ATTRIBUTES = 1000
_DEEPEST = 2000  # libxml2 drops what is nested deeper than 2048


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedPage:
    """A page's tree, what is read in it, and the text that it was parsed from."""

    tree: HtmlElement
    reading: Reading
    text: str


def read_page(text: str) -> ParsedPage | None:
    """The page of a text, None where it has no element, or none with text in it and no story in a script."""
    page = _read(text)
    if page is not None and page.reading.depth > _DEEPEST:
        page = _read(_NESTING.sub(lambda run: f"<{run[1]}>", text)) or page
    return page if page is not None and (page.reading.segments or '"articleBody"' in text) else None


def parse(text: str) -> HtmlElement | None:
    """Tree of a page's text, without comments; None where the parser finds nothing."""
    data = _unended(uncrowded(text.replace("\x00", ""))).encode("utf-8", "replace")
    try:
        tree = cast("HtmlElement | None", etree.fromstring(data, parser=_parser()))
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    if tree is not None:
        _begin_body(tree)
    return tree


def _unended(text: str) -> str:
    """The text without end tags of page and body, where more follows: the parser would drop it.

    Source: HTML, sections 13.2.6.4.19 and 22: what stands behind the body is of the body.
    """
    places = [text.find(tag) for tag in ("</body", "</html")]
    if max(places) < 0:
        places = [text.find(tag) for tag in ("</BODY", "</HTML")]
    end = min((place for place in places if place >= 0), default=-1)
    return text if end < 0 or _NOTHING_MORE.match(text, end) else _ENDS.sub("", text)


def uncrowded(text: str) -> str:
    """The text, its tags with very many attributes without them."""
    half = _LONG // 2  # a long tag holds one of the pieces of this size whole: few need a search to the end
    if all(text.find(">", place, place + half) >= 0 for place in range(0, len(text) - half, half)):
        return text
    return ">".join(_bare(piece) if len(piece) > _LONG else piece for piece in text.split(">"))


def _bare(piece: str) -> str:
    """What stands before a `>`, its tag without its attributes if they are very many; `<` may be among them.

    A long tag may have a single long value. Scripts may have a `<` in them that begins no tag.
    """
    tag = _TAG.search(piece)
    if tag is None or piece.lower().endswith(_RAW_ENDS):
        return piece
    words = len(_QUOTED.sub("", piece[tag.start() :]).split())
    return f"{piece[: tag.start()]}<{tag[1]}" if words > _MOST_ATTRIBUTES else piece


def _read(text: str) -> ParsedPage | None:
    tree = parse(text)
    return None if tree is None else ParsedPage(tree=tree, reading=segment_page(tree), text=text)


def _parser() -> etree.HTMLParser:
    """A parser whose elements are all of one class: to choose one by the tag takes longer than to parse."""
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True, collect_ids=False
    )
    lookup = etree.ElementDefaultClassLookup(element=HtmlElement, comment=HtmlComment)
    parser.set_element_class_lookup(lookup)
    return parser


def _begin_body(tree: HtmlElement) -> None:
    """Give a page that leaves out the body tag its body.

    The parser knows no elements newer than HTML 4, and leaves `<article>` after a `<title>` in the head.
    Source: HTML, section 13.2.6.4.4 (the "in head" insertion mode).
    """
    head = tree.find("head")
    if head is None or tree.find("body") is not None:
        return
    body = etree.SubElement(tree, "body")
    strays = itertools.dropwhile(lambda child: child.tag in _HEAD_TAGS or callable(child.tag), list(head))
    body.extend(list(strays))
