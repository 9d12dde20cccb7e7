"""Where listings and feeds end: at a bound if their pages have no numbers, else at the last page."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from crawler.discovery.links import GUESS, LinkKind
from crawler.discovery.paging import page_number

if TYPE_CHECKING:
    from crawler.discovery.links import Link

_MOST_NESTED = 4  # by the standard an index names no index; some do
_Key = tuple[str, str, frozenset[str]]


class Chains:
    """Counts the further pages of each listing in one crawl; numbered ones are bounded by the parsers."""

    def __init__(self, most: int) -> None:
        """Let `most` pages of each listing pass."""
        self._most = most
        self._pages: dict[_Key, set[str]] = {}
        self._chain_by_page: dict[str, _Key] = {}
        self._naming: set[_Key] = set()  # listings whose pages name the next

    def refusal(self, link: Link, found_on: str = "", hops: str = "") -> str | None:
        """Why the link is not followed: one page too many of a listing, or one that there is not.

        `hops` is the way from the seed to where it was found: sitemaps that name sitemaps end somewhere.

        A listing one of whose pages named the next ends with the page that names none. What the page
        `found_on` names is of its listing, whatever the address looks like.
        """
        if link.kind is LinkKind.SITEMAP and hops.count("M") >= _MOST_NESTED:
            return "nested_sitemaps"
        if "next" not in link.reasons:
            return None
        chain = self._chain_by_page.get(found_on) or _chain_of(link.url)
        if GUESS in link.reasons:
            return "end_of_listing" if chain in self._naming else None
        self._naming.add(chain)
        self._chain_by_page[link.url] = chain
        if page_number(link.url) > max(page_number(found_on), 1):
            return None
        pages = self._pages.setdefault(chain, set())
        if link.url not in pages and len(pages) >= self._most:
            return "endless_paging"
        pages.add(link.url)
        return None


def _chain_of(url: str) -> _Key:
    """What the pages of one listing have in common: the path, and the names in the query or its last folder.

    >>> _chain_of("https://example.org/news?after=a1") == _chain_of("https://example.org/news?after=b2")
    True
    >>> _chain_of("https://example.org/news/a1/") == _chain_of("https://example.org/news/b2/")
    True
    """
    parts = urlsplit(url)
    path = parts.path.rstrip("/")
    names = frozenset(name for name, _ in parse_qsl(parts.query, keep_blank_values=True))
    return parts.netloc, path if names else path.rpartition("/")[0], names
