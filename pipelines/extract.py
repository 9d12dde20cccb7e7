"""Bytes of a page -> Article: blocks, fields, photos, by the page's markup and the engine's reading."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from pipelines.body import body_verdicts, left_over
from pipelines.boilerplate import Judgement, judge_markup, judge_story, judge_wording
from pipelines.charset import decode_html
from pipelines.dates import parse_date
from pipelines.engine import engine_lines
from pipelines.matching import matched
from pipelines.metadata import Fields, engine_date, read_fields
from pipelines.page_kind import page_kind, read_declared
from pipelines.photos import read_photo
from pipelines.segments import Reading
from pipelines.text import byline_names, first_dateline, title_line
from pipelines.walk import segment_page
from pipelines.words import ends_sentence
from storage.model import Article, Block, BlockKind, Outcome, PageKind

_SIGNATURES = (
    b"%PDF",
    b"\x89PNG",
    b"GIF8",
    b"\xff\xd8\xff",
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"RIFF",
    b"\x00\x00\x01\x00",
    b"OggS",
    b"ID3",
)
_HEAD_TAGS = frozenset({"base", "link", "meta", "noscript", "script", "style", "template", "title"})
_HTML_TYPES = ("text/html", "application/xhtml", "application/xml", "text/xml")
_TAG = re.compile(r"<[a-zA-Z!/][^<>]*>")
_NESTING = re.compile(
    r"(?:<(div|span|b|i|font|section|ul|li|table|tbody|tr|td|blockquote|center|p)\b[^<>]*>\s*){100,}",
    re.IGNORECASE,
)
_MOST_SHOWN = 500
_DEEPEST = 2000  # libxml2 drops what is nested deeper than 2048


def extract_article(html: bytes | str, *, url: str | None = None, content_type: str | None = None) -> Article:
    """The article of a page.

    Never raises on content: `outcome` and the rule of the blocks say why there is none.
    """
    reason = _not_html(html, content_type)
    text = "" if reason else decode_html(html, content_type) if isinstance(html, bytes) else html
    if not reason and text.strip() and not _TAG.search(text):
        reason = "no_tags"
    if reason:
        return _nothing(Outcome.NOT_HTML, f"not_html:{reason}", "" if isinstance(html, bytes) else html)
    tree = parse(text)
    reading = segment_page(tree) if tree is not None else Reading(segments=())
    if any(node.depth > _DEEPEST for node in reading.nodes):
        tree = parse(_NESTING.sub(lambda run: f"<{run[1]}>", text))
        reading = segment_page(tree) if tree is not None else reading
    if tree is None or not reading.segments:
        return _nothing(Outcome.EMPTY, "empty:no_text", "")
    return _article(tree, reading, url)


def parse(text: str) -> HtmlElement | None:
    """Tree of a page's text, None where the parser finds nothing."""
    text = text.replace("\x00", "")
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, remove_pis=True)
    try:
        tree = lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    _begin_body(tree)
    return tree


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


def _article(tree: HtmlElement, reading: Reading, url: str | None) -> Article:
    fields = read_fields(tree, url)
    declared = read_declared(tree, fields)
    judgement = judge_wording(reading)
    if not fields.title:
        title, site = title_line(reading, judgement.settled)
        fields = replace(fields, title=title, site_name=fields.site_name or site)
    judge_story(judgement, fields.title, fields.site_name)
    fields = _dated(fields, tree, judgement, url)
    lines = engine_lines(tree)
    judgement.add(body_verdicts(reading, matched(reading, lines), judgement.settled))
    judge_markup(judgement)
    judgement.add(left_over(reading, judgement.settled, judgement.kept))
    blocks = judgement.blocks()
    kind, reason = page_kind(reading, judgement.verdicts, declared, fields, url)
    return Article(
        title=fields.title,
        text=_join(reading, blocks),
        authors=fields.authors or byline_names(blocks, declared=fields.collective),
        dateline=first_dateline(blocks),
        published_at=fields.published_at,
        published_raw=fields.published_raw,
        modified_at=fields.modified_at,
        modified_raw=fields.modified_raw,
        language=fields.language,
        site_name=fields.site_name,
        section=fields.section,
        declared_canonical=fields.declared_canonical,
        origin_url=_origin(reading, judgement, fields, url),
        page_kind=kind,
        blocks=blocks,
        photos=tuple(
            read_photo(reading, group, url) for group in judgement.groups if group.captions or group.credits
        ),
        outcome=Outcome.NOT_AN_ARTICLE if reason else Outcome.ARTICLE,
        outcome_reason=reason,
    )


def _dated(fields: Fields, tree: HtmlElement, judgement: Judgement, url: str | None) -> Fields:
    """The fields with a date: the page's own, else its date line's, else the engine's."""
    if fields.published_at:
        return fields
    for index, verdict in sorted(judgement.verdicts.items()):
        text = judgement.reading.segments[index].text
        if verdict.kind is BlockKind.BYLINE and (moment := parse_date(text)):
            return replace(fields, published_at=moment, published_raw=text)
    day = engine_date(tree, url)
    return replace(fields, published_at=parse_date(day), published_raw=day) if day else fields


def _join(reading: Reading, blocks: tuple[Block, ...]) -> str:
    """Kept blocks joined by a blank line; a line broken inside a sentence goes on with a space."""
    paragraphs: list[str] = []
    previous = -2
    for index, block in enumerate(blocks):
        if not block.kept:
            continue
        runs_on = reading.segments[index].soft and previous == index - 1 and block.text[:1].islower()
        if runs_on and not ends_sentence(paragraphs[-1]):
            paragraphs[-1] = f"{paragraphs[-1]} {block.text}"
        else:
            paragraphs.append(block.text)
        previous = index
    return "\n\n".join(paragraphs)


def _origin(reading: Reading, judgement: Judgement, fields: Fields, url: str | None) -> str | None:
    """Where a repost says it comes from: its source line's link, else a canonical on another host."""
    for index, verdict in sorted(judgement.verdicts.items()):
        href = reading.segments[index].href
        if verdict.kind is BlockKind.SOURCE_LINK and (target := _foreign(href, url)):
            return target
    return _foreign(fields.declared_canonical, url) or _foreign(fields.og_url, url)


def _foreign(target: str | None, url: str | None) -> str | None:
    """The absolute form of a link that leads to another host; any, where the page's own URL is not known."""
    try:
        absolute = urljoin(url or "", target or "")
        there, here = urlsplit(absolute), urlsplit(url or "")
        if there.scheme not in ("http", "https") or not there.hostname:
            return None
        own = (here.hostname or "").removeprefix("www.") == there.hostname.removeprefix("www.")
    except ValueError:
        return None
    return None if own else absolute


def _not_html(html: bytes | str, content_type: str | None) -> str:
    """Why the content is no HTML, empty where it may be."""
    kind = (content_type or "").split(";")[0].strip().lower()
    if kind and not kind.startswith(_HTML_TYPES):
        return "content_type"
    if isinstance(html, bytes) and html.lstrip()[:8].startswith(_SIGNATURES):
        return "signature"
    return ""


def _nothing(outcome: Outcome, rule: str, text: str) -> Article:
    block = Block(text=" ".join(text.split())[:_MOST_SHOWN], kind=BlockKind.WIDGET, kept=False, rule=rule)
    return Article(title=None, text="", page_kind=PageKind.OTHER, blocks=(block,), outcome=outcome)
