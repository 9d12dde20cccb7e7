"""What stands around an element: whose words it is among, and what is said before it."""

from __future__ import annotations

import itertools
import re

from lxml import etree
from lxml.html import HtmlElement

_REMARK = re.compile(
    r"comment|review|reply|related|testimonial|recommend|site-?footer|sidebar", re.IGNORECASE
)
_OTHERS = re.compile(
    r"related|recommend|suggest|latest|trending|popular|most-?(?:read|viewed|shared)|ticker|comment(?!ary)|"
    r"(?:up|read)-?next|more-?(?:news|stories|posts|articles|from)|(?:current|today)-?date|masthead",
    re.IGNORECASE,
)
_REPLY = re.compile(r"comment|reply", re.IGNORECASE)  # a heading over a form may have a link to leave it
_ASIDE, _HEADINGS = frozenset(("aside", "nav", "footer")), frozenset(("h2", "h3", "h4", "h5"))
_ITEMS = frozenset(("li", "article", "div", "a", "section"))
_MOST_AROUND, _MOST_OF_ITEM, _ITEM_LEVELS, _LONGEST_LEAD = 8, 40, 3, 24


def in_remark(element: HtmlElement) -> bool:
    """Whether an element stands in a reader's comment, a review or a list of other stories."""
    around = itertools.islice(element.iterancestors(), _MOST_AROUND)
    return any(
        _REMARK.search(f"{e.get('class') or ''} {e.get('id') or ''} {e.get('itemprop') or ''}")
        for e in around
    )


def of_another_story(element: HtmlElement) -> bool:
    """Whether a moment is not the page's own: beside the story, among others, under a headline that links."""
    around = list(itertools.islice(element.iterancestors(), _MOST_AROUND))
    around = [e for e in around if e.tag not in ("html", "body", "main")]
    inside = any(e.tag == "article" for e in around)
    if not inside and any(e.tag in _ASIDE for e in around):
        return True
    if any(_OTHERS.search(f"{e.get('class') or ''} {e.get('id') or ''}") for e in (element, *around)):
        return True
    items = itertools.takewhile(lambda e: e.tag in _ITEMS, around[:_ITEM_LEVELS])
    return any(_links_headline(item) for item in items)


def _links_headline(item: HtmlElement) -> bool:
    """Whether a box is another story's: its only headlines are links."""
    heads = [
        e
        for e in itertools.islice(item.iter(etree.Element), _MOST_OF_ITEM)
        if e.tag in (*_HEADINGS, "h1") and not _REPLY.search(f"{e.get('class') or ''} {e.get('id') or ''}")
    ]
    return bool(heads) and all(
        e.tag != "h1" and (e.find(".//a") is not None or any(up.tag == "a" for up in e.iterancestors()))
        for e in heads
    )


def said_before(element: HtmlElement) -> str:
    """The few words before an element, in its parent or the element before it: "Updated"."""
    previous = element.getprevious()
    parent = element.getparent()
    if previous is None:
        text = parent.text if parent is not None else ""
    else:
        text = (
            previous.tail
            if (previous.tail or "").strip()
            else "".join(itertools.islice(previous.itertext(etree.Element), 4))
        )
    return " ".join((text or "").split())[-_LONGEST_LEAD:]
