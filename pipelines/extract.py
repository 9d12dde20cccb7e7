"""Bytes of a page -> Article: blocks, fields and photos, by the page's own markup and the engine's reading."""

from __future__ import annotations

import re
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import lxml.html
from lxml import etree
from lxml.html import HtmlElement

from pipelines.body import body_verdicts, left_over
from pipelines.boilerplate import Judgement, judge_markup, judge_story, judge_wording
from pipelines.boilerplate.verdict import ends_sentence, word_count
from pipelines.charset import decode_html
from pipelines.dates import parse_date
from pipelines.engine import engine_lines, matched
from pipelines.metadata import Fields, engine_date, read_fields
from pipelines.photos import read_photo
from pipelines.segments import Reading, segment_page
from pipelines.text import byline_names, first_dateline
from storage.model import Article, Block, BlockKind, Outcome, PageKind

_SIGNATURES = (b"%PDF", b"\x89PNG", b"GIF8", b"\xff\xd8\xff", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"\x00\x00\x01\x00", b"OggS", b"ID3")
_HTML_TYPES = ("text/html", "application/xhtml", "application/xml", "text/xml")
_TAG = re.compile(r"<[a-zA-Z!/][^<>]*>")
_NESTING = re.compile(r"(?:<(div|span|b|i|font|section|ul|li|table|tbody|tr|td|blockquote|center|p)\b[^<>]*>\s*){100,}", re.IGNORECASE)
_FEWEST_WORDS, _FEWEST_SENTENCES, _MOST_LINKED = 15, 1, 0.6


def extract_article(html: bytes | str, *, url: str | None = None, content_type: str | None = None) -> Article:
    """The article of a page. Never raises on content: `outcome` and the rule of the blocks say why there is none."""
    reason = _not_html(html, content_type)
    text = "" if reason else decode_html(html, content_type) if isinstance(html, bytes) else html
    if not reason and text.strip() and not _TAG.search(text):
        reason = "no_tags"
    if reason:
        return _nothing(Outcome.NOT_HTML, f"not_html:{reason}", "" if isinstance(html, bytes) else html)
    tree = parse(text)
    reading = segment_page(tree) if tree is not None else Reading(segments=())
    if tree is None or not reading.segments:
        return _nothing(Outcome.EMPTY, "empty:no_text", "")
    return _article(tree, reading, url)


def parse(text: str) -> HtmlElement | None:
    """Tree of a page's text, None where the parser finds nothing."""
    text = _NESTING.sub(lambda run: f"<{run[1]}>", text.replace("\x00", ""))
    parser = lxml.html.HTMLParser(encoding="utf-8", huge_tree=True, remove_pis=True)
    try:
        return lxml.html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _article(tree: HtmlElement, reading: Reading, url: str | None) -> Article:
    fields = read_fields(tree, url)
    judgement = judge_wording(reading)
    judge_story(judgement, fields.title)
    lines = engine_lines(tree)
    judgement.add(body_verdicts(reading, matched(reading, lines), judgement.settled))
    judge_markup(judgement)
    judgement.add(left_over(reading, judgement.settled))
    blocks = judgement.blocks()
    outcome = _outcome(reading, judgement, fields)
    return Article(
        title=fields.title,
        text=_join(reading, blocks),
        authors=fields.authors or byline_names(blocks),
        dateline=first_dateline(blocks),
        language=fields.language,
        site_name=fields.site_name,
        section=fields.section,
        declared_canonical=fields.declared_canonical,
        origin_url=_origin(reading, judgement, fields, url),
        page_kind=PageKind.LISTING if outcome is Outcome.NOT_AN_ARTICLE else fields.page_kind,
        blocks=blocks,
        photos=tuple(read_photo(reading, group, url) for group in judgement.groups if group.captions or group.credits),
        outcome=outcome,
        **_dates(tree, fields, blocks, url),
    )
