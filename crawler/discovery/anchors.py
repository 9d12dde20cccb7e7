"""The links of a page as a reader sees them: where they lead, what they say, whether they say "next"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from lxml.etree import _Element

from crawler.discovery.links import MAX_URL_LENGTH, clean_url
from crawler.discovery.markup import one_line

_MAX_TEXT = 300
_MAX_PIECES = 50
_MAX_IMAGES = 5
_TEMPLATE = re.compile(r"\{\{|\}\}|%7B%7B|\$\{", re.IGNORECASE)
_SCHEME = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9+.-]*):")
_NEXT_WORDS = re.compile(
    r"\W*(?:(?:go to )?(?:the )?next(?: page)?|older(?: posts| entries| articles| stories| news)?"
    r"|(?:load|show|view) more"
    r"|more (?:posts|news|stories|articles|results)|weiter|nächste(?: seite)?|ältere (?:beiträge|artikel)"
    r"|(?:page )?suivante?|(?:página )?siguiente|(?:página )?próxima?|successiva?|volgende"
    r"|следующая|次へ|下一页)\W*|\s*[\u203a\u00bb\u2192>]{1,2}\s*",
    re.IGNORECASE,
)
_NEXT_CLASS = re.compile(
    r"(?:^|\s)(?:next|[\w-]*(?:next-page|page-next|pager?[\w-]*-next|pagination[\w-]*next))(?:\s|$)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A link as the page has it, made absolute.

    `is_named`: the text is the link's own, not that of its image. `is_next`: it says that it leads on.
    """

    url: str
    text: str = ""
    rel: frozenset[str] = frozenset()
    is_named: bool = True
    is_next: bool = False


def anchors_of(root: _Element, base: str, skipped: Counter[str]) -> Iterator[Anchor]:
    """The page's anchors that lead to web pages; the others are counted in `skipped`."""
    for element in root.iter("a", "area", "link"):
        href = (element.get("href") or "").strip()
        rel = frozenset((element.get("rel") or "").lower().split())
        if not href or href.startswith("#") or (element.tag == "link" and "next" not in rel):
            continue
        reason, target = _target(href, base, rel)
        if target:
            own = _own_text(element)
            yield Anchor(
                url=target,
                text=own or _described(element),
                rel=rel,
                is_named=bool(own),
                is_next="next" in rel or _says_next(element, own),
            )
        else:
            skipped[reason] += 1


def told_once(anchors: Iterable[Anchor]) -> list[Anchor]:
    """Each address once, in its first place, with the longest that its links say of themselves.

    A story is often linked three times: by its picture, its headline and "read more".
    """
    first: dict[str, Anchor] = {}
    for anchor in anchors:
        known = first.get(anchor.url)
        if known is None:
            first[anchor.url] = anchor
        elif (anchor.is_named, len(anchor.text)) > (known.is_named, len(known.text)):
            first[anchor.url] = replace(known, text=anchor.text, is_named=anchor.is_named)
    return list(first.values())


def _target(href: str, base: str, rel: frozenset[str]) -> tuple[str, str | None]:
    """The absolute URL, or the reason why there is none."""
    if "nofollow" in rel:
        return "links marked nofollow", None
    if _TEMPLATE.search(href):
        return "links of unfilled templates", None
    if len(href) > MAX_URL_LENGTH:
        return "links too long to be asked for", None
    scheme = _SCHEME.match(href)
    if scheme and scheme[1].lower() not in {"http", "https"}:
        return "links of other schemes", None
    return "broken links", clean_url(href, base)


def _own_text(element: _Element) -> str:
    """The link's text."""
    # A broken page may put all that follows into one anchor.
    return (one_line("".join(islice(element.itertext(), _MAX_PIECES))[: _MAX_TEXT * 4]) or "")[:_MAX_TEXT]


def _described(element: _Element) -> str:
    """What a link without a text shows: its title, or its image's description."""
    described = (image.get("alt") for image in islice(element.iter("img"), _MAX_IMAGES))
    text = element.get("title") or next((alt for alt in described if alt), "")
    return (one_line(text) or "")[:_MAX_TEXT]


def _says_next(element: _Element, text: str) -> bool:
    """Whether a person would take it for the way to the next page."""
    told = (text, element.get("aria-label") or "", element.get("title") or "")
    if any(_NEXT_WORDS.fullmatch(one[:_MAX_TEXT]) for one in told if one):
        return True
    parent = element.getparent()
    classes = (
        element.get("class"),
        parent.get("class") if parent is not None and parent.tag == "li" else None,
    )
    return any(_NEXT_CLASS.search(one[:_MAX_TEXT]) for one in classes if one)
