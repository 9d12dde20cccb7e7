"""A bound for listings and feeds that go on for ever without numbering their pages in the address."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from crawler.discovery.paging import page_number

if TYPE_CHECKING:
    from crawler.discovery.links import Link

_Key = tuple[str, str, frozenset[str]]


class Chains:
    """Counts the further pages of each listing in one crawl; numbered ones are bounded by the parsers."""

    def __init__(self, most: int) -> None:
        """Let `most` pages of each listing pass."""
        self._most = most
        self._pages: dict[_Key, set[str]] = {}

    def admits(self, link: Link) -> bool:
        """Whether the link is no further page of a listing, or one of the first."""
        if "next" not in link.reasons or page_number(link.url) > 1:
            return True
        pages = self._pages.setdefault(_chain_of(link.url), set())
        if link.url not in pages and len(pages) >= self._most:
            return False
        pages.add(link.url)
        return True


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
