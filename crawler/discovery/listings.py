"""What only listings have: custom elements with an article in their attributes, and a next page."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import parse_qsl, urlsplit

from lxml.etree import _Element

from crawler.discovery.links import FoundIn, Link, LinkKind, clean_url, priority
from crawler.discovery.markup import one_line
from crawler.seeds import Listing, Seed

# The content system behind defense.gov sends its listings as elements that a script fills in the browser.
_URL_ATTRIBUTES = ("article-url-or-link-absolute", "article-url-or-link", "article-url")
_PAGE_FIELDS = ("page", "paged", "pg", "p")
_COUNT = re.compile(r"[0-9]{1,6}")
_PAGE_PATH = re.compile(r"/page/(\d{1,6})/?$", re.IGNORECASE)


def element_links(root: _Element, base: str, found_in: FoundIn) -> list[Link]:
    """Articles whose address, title and date stand in the attributes of custom elements."""
    links = []
    for element in root.iter():
        if not isinstance(element.tag, str) or not any(name in element.attrib for name in _URL_ATTRIBUTES):
            continue
        addresses = (element.get(name) for name in _URL_ATTRIBUTES)
        target = next((url for address in addresses if address and (url := clean_url(address, base))), None)
        if target:
            links.append(_element_link(element, target, found_in))
    return links


def _element_link(element: _Element, target: str, found_in: FoundIn) -> Link:
    return Link(
        url=target,
        kind=LinkKind.ARTICLE,
        found_in=found_in,
        title=one_line(element.get("article-title") or ""),
        published_raw=element.get("publish-date-jss") or element.get("publish-date-ap"),
        priority=priority(LinkKind.ARTICLE, FoundIn.LISTING),
        reasons=("attributes of a custom element",),
    )


def next_listing(
    url: str, anchors: Iterable[tuple[str, frozenset[str]]], seed: Seed, *, has_articles: bool
) -> str | None:
    """The next page of the listing at `url`: `rel=next`, the pager's next number, or the seed's template.

    `anchors` are the page's links with their `rel`. The template serves where there are articles
    and no pager: a script may make that.
    """
    anchors = tuple(anchors)
    current, listing = page_number(url), _listing_of(url, seed)
    most = listing.max_pages if listing else seed.limits.max_paging
    if current >= most or not has_articles:
        return None
    named = (target for target, rel in anchors if "next" in rel and target != url)
    first = next(named, None)
    if first:
        return first
    numbers = {number: target for target, number in _pager(url, (target for target, _ in anchors))}
    if numbers:
        return numbers.get(current + 1)
    return listing.url.replace("{page}", str(current + 1)) if listing else None


def page_number(url: str) -> int:
    """Which page of a listing the URL is.

    >>> page_number("https://example.org/news/?Page=3"), page_number("https://example.org/news/page/2/")
    (3, 2)
    >>> page_number("https://example.org/news/")
    1
    """
    return _without_page(url)[1]


def _pager(url: str, targets: Iterable[str]) -> Iterator[tuple[str, int]]:
    """The targets that are other pages of the same listing, with their numbers."""
    here = _without_page(url)[0]
    for target in targets:
        rest, number = _without_page(target)
        if rest == here and target != url:
            yield target, number


def _without_page(url: str) -> tuple[tuple[str, str, frozenset[tuple[str, str]]], int]:
    """The URL without what numbers its page, and that number."""
    parts = urlsplit(url)
    path, number = parts.path, 1
    in_path = _PAGE_PATH.search(path)
    if in_path:
        path, number = f"{path[: in_path.start()]}/", int(in_path[1])
    fields = []
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name.lower() in _PAGE_FIELDS and _COUNT.fullmatch(value):
            number = int(value)
        else:
            fields.append((name, value))
    return (parts.netloc, path.rstrip("/").lower(), frozenset(fields)), number


def _listing_of(url: str, seed: Seed) -> Listing | None:
    """The seed's listing that the URL is a page of."""
    here = _without_page(url)[0]
    listings = ((listing, _without_page(listing.url.replace("{page}", "1"))[0]) for listing in seed.listings)
    return next((listing for listing, place in listings if place == here), None)
