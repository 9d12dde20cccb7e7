"""What only listings have: custom elements with an article in their attributes."""

from __future__ import annotations

from lxml.etree import _Element

from crawler.discovery.likeness import matches
from crawler.discovery.links import FoundIn, Link, LinkKind, clean_url, priority
from crawler.discovery.markup import one_line
from crawler.seeds import Seed

# The content system behind defense.gov sends its listings as elements that a script fills in the browser.
_URL_ATTRIBUTES = ("article-url-or-link-absolute", "article-url-or-link", "article-url")


def element_links(root: _Element, base: str, found_in: FoundIn, seed: Seed) -> list[Link]:
    """Articles whose address, title and date stand in the attributes of custom elements."""
    links = []
    for element in root.iter():
        if not isinstance(element.tag, str) or not any(name in element.attrib for name in _URL_ATTRIBUTES):
            continue
        addresses = (element.get(name) for name in _URL_ATTRIBUTES)
        target = next((url for address in addresses if address and (url := clean_url(address, base))), None)
        if target:
            links.append(_element_link(element, target, found_in, seed))
    return links


def _element_link(element: _Element, target: str, found_in: FoundIn, seed: Seed) -> Link:
    # Albums and videos are listed by the same elements: where the seed says what its articles look like, it
    # is believed.
    article = not seed.scope.article or matches(seed.scope.article, target)
    kind = LinkKind.ARTICLE if article else LinkKind.PAGE
    return Link(
        url=target,
        kind=kind,
        found_in=found_in,
        title=one_line(element.get("article-title") or ""),
        published_raw=element.get("publish-date-jss") or element.get("publish-date-ap"),
        priority=priority(kind, FoundIn.LISTING),
        reasons=("attributes of a custom element",),
    )
