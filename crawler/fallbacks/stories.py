"""What feeds and interfaces tell of an article, and the small page that is made of it.

The page is what extraction reads, live and in a replay: title, date and author as structured data, the text
as plain paragraphs. Nothing of the markup that came is kept but paragraphs, headings, lists and links.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby

from lxml import etree

from crawler.discovery.links import clean_url
from crawler.discovery.markup import html_tree, local_name
from pipelines.fields.dates import parse_date

MOST_CHARS = 2_000_000  # of a story's markup
_UTF8 = "text/html; charset=utf-8"
_DROPPED = frozenset(
    {"head", "title", "script", "style", "iframe", "figure", "form", "template", "noscript", "svg", "object"}
)
_BLOCKS = {
    **dict.fromkeys(("p", "div", "section", "article", "header", "footer", "pre", "td", "dd", "dt"), "p"),
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), "h2"),
    "li": "li",
    "blockquote": "blockquote",
}
_KEPT_AROUND = frozenset({"li", "blockquote"})  # of a paragraph in one
_BREAK = "\0"  # which no parser gives
_BREAKS = re.compile(r"\0\s*\0[\s\0]*")
_TAG = re.compile(r"<[^>]*>")


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """An article as told elsewhere than on its page. `markup` is HTML or text; `part` names what it was.

    The `_raw` dates stand as found.
    """

    url: str
    title: str | None
    markup: str
    part: str
    authors: tuple[str, ...] = ()
    published_raw: str | None = None
    modified_raw: str | None = None
    language: str | None = None


def page_of_story(story: Story) -> bytes | None:
    """A small HTML page of the story; None where it has no text."""
    body = "\n".join(_paragraphs(story.markup[:MOST_CHARS], story.url))
    if not body:
        return None
    title = html.escape(story.title or "")
    language = f' lang="{html.escape(story.language)}"' if story.language else ""
    lines = [
        "<!DOCTYPE html>",
        f'<html{language}><head><meta charset="utf-8"><title>{title}</title>',
        '<meta property="og:type" content="article">',
        f'<script type="application/ld+json">{_linked_data(story)}</script>',
        f"</head><body><article>{f'<h1>{title}</h1>' if title else ''}",
        body,
        "</article></body></html>",
        "",
    ]
    return "\n".join(lines).encode("utf-8", "replace")


def _linked_data(story: Story) -> str:
    """Title, dates and authors by schema.org. A date that can't be read is left out, not guessed."""
    dates = {"datePublished": story.published_raw, "dateModified": story.modified_raw}
    read = {name: parse_date(raw) for name, raw in dates.items() if raw}
    told: dict[str, object] = {"@context": "https://schema.org", "@type": "NewsArticle", "url": story.url}
    told |= {"headline": story.title} if story.title else {}
    told |= {name: moment.isoformat() for name, moment in read.items() if moment is not None}
    told |= {"author": [{"@type": "Person", "name": name} for name in story.authors]} if story.authors else {}
    return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c")


@dataclass(slots=True)
class _Reader:
    """Reads markup into clean blocks; two line breaks in a row part paragraphs, as in feeds of plain text."""

    base: str
    blocks: list[str] = field(default_factory=list)
    tag: str = "p"
    parts: list[str] = field(default_factory=list)

    def read(self, element: etree._Element) -> None:
        """Take an element and all in it, but for what follows it."""
        name = local_name(element)
        if name in _DROPPED:
            return
        if name == "br":
            self.parts.append(_BREAK)
            return
        outer = self.tag
        if name in _BLOCKS:
            self.end_block()
            self.tag = outer if _BLOCKS[name] == "p" and outer in _KEPT_AROUND else _BLOCKS[name]
        target = _target(element, self.base) if name == "a" else None
        self.parts.append(f'<a href="{html.escape(target)}">' if target else "")
        self.parts.append(html.escape(element.text or ""))
        for one in element:
            self.read(one)
            self.parts.append(html.escape(one.tail or ""))
        self.parts.append("</a>" if target else "")
        if name in _BLOCKS:
            self.end_block()
            self.tag = outer

    def end_block(self) -> None:
        """Put what was read since the last block in blocks of its own."""
        texts = _BREAKS.split("".join(self.parts))
        self.parts.clear()
        for text in texts:
            line = " ".join(text.replace(_BREAK, " ").split())
            if _TAG.sub("", line).strip():
                self.blocks.append(f"<{self.tag}>{line}</{self.tag}>")


def _paragraphs(markup: str, url: str) -> Iterator[str]:
    """The blocks of a story's markup, clean; items of a list in one."""
    root = html_tree(markup.encode("utf-8", "replace"), _UTF8)
    if root is None:
        return
    reader = _Reader(url)
    reader.read(root)
    reader.end_block()
    for is_list, blocks in groupby(reader.blocks, key=lambda block: block.startswith("<li>")):
        joined = "\n".join(blocks)
        yield f"<ul>\n{joined}\n</ul>" if is_list else joined


def _target(element: etree._Element, base: str) -> str | None:
    """Where a link leads that holds no block of its own."""
    if any(local_name(one) in _BLOCKS or local_name(one) == "br" for one in element.iterdescendants()):
        return None
    return clean_url(element.get("href") or "", base)
