"""Which links of a front page may be listings, and the template of a listing's pages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.discovery import LinkKind
from crawler.discovery.paging import page_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from crawler.discovery import Link
    from crawler.probing.reading import Looked

_NEWS = re.compile(
    r"/(?:news(?:room)?|latest|releases?|press(?:-releases?)?|stor(?:y|ies)|articles?|speeches|transcripts|contracts"
    r"|advisories|world|national|local|politics|business|economy|sports?|culture|science|opinion|blog"
    r"|nachrichten|aktuell|actualites?|noticias)(?:[-/]|$)",
    re.IGNORECASE,
)
_TAGS = re.compile(r"/(?:tags?|authors?|archives?|label|contributors?)/", re.IGNORECASE)
_DEEPEST = 3
_TWO_IN_QUERY = re.compile(r"(?<=[?&])([A-Za-z_]+)=2(?=&|$)")
_TWO_IN_PATH = re.compile(r"(?<=[/-])2(?=/?$|\.html?$)")


def listing_candidates(links: Iterable[Link]) -> list[str]:
    """Addresses that may be listings, the likeliest first: sections of news, then other categories."""
    ranked: dict[str, int] = {}
    for link in links:
        parts = urlsplit(link.url)
        depth = len([segment for segment in parts.path.split("/") if segment])
        if link.kind not in {LinkKind.LISTING, LinkKind.PAGE} or parts.query or not 0 < depth <= _DEEPEST:
            continue
        points = 4 * bool(_NEWS.search(parts.path)) + 2 * (link.kind is LinkKind.LISTING)
        points -= 4 * bool(_TAGS.search(parts.path))
        if points > 0 and page_number(link.url) == 1:
            ranked.setdefault(link.url, points)
    return sorted(ranked, key=lambda url: -ranked[url])


def template_of(looked: Looked, *, scripted: bool) -> str | None:
    """The listing's address with `{page}` for the page's number; None where it has no second page.

    On the content system behind defense.gov a script makes the pager, so nothing in the page tells of it.
    """
    here = looked.answer.url
    for link in looked.found.next_pages:
        for two in (_TWO_IN_QUERY, _TWO_IN_PATH):
            found = two.search(link.url)
            if found:
                number = "{page}" if two is _TWO_IN_PATH else f"{found[1]}={{page}}"
                return f"{link.url[: found.start()]}{number}{link.url[found.end() :]}"
    by_script = any("attributes of a custom element" in link.reasons for link in looked.found.links)
    return f"{here}?Page={{page}}" if scripted and by_script and "?" not in here else None
