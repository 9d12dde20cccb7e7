"""How a request came about: what its `Found` says, through retries and redirects. What its answer says."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from crawler.frontier import Found
from storage.model import Headers

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

    from crawler.discovery import Link

FOUND = "presswarc_found"  # request.meta key of the `Found` that a request was made for
REDIRECT = "redirect"
REQUISITE = "requisite"  # kind of what a browser asks for on behalf of a page
FALLBACK = "fallback"  # kind of what stands in for a page that is refused; `found_on` is that page
_MOST_HOPS = 50
_FAR, _FAR_COSTS = 3, 25
# Where a link found is a hop by manifest, as Heritrix has it; elsewhere it is one by link.
_MANIFESTS = frozenset({"feed", "sitemap", "wordpress", "robots"})


def found_link(link: Link, found_on: str, depth: int, hops_before: str) -> Found:
    """A link as the frontier remembers it; `hops_before` is the way to where it was found."""
    return Found(
        url=link.url,
        kind=link.kind.value,
        found_on=found_on,
        found_in=link.found_in.value,
        depth=depth,
        hops=_hop(hops_before, "M" if link.found_in.value in _MANIFESTS else "L") if found_on else "",
        title=link.title,
        published_raw=link.published_raw,
        modified_raw=link.modified_raw,
        priority=_of_far(link.priority, depth),
    )


def found_of(request: Request) -> Found | None:
    """How the URL of a request was found, None where nobody said (robots.txt that a middleware asks for).

    One that a redirect led to was found on the URL that redirected; title and dates are those of the link.
    """
    found: Found | None = request.meta.get(FOUND)
    came_by: list[str] = request.meta.get("redirect_urls", [])
    if found is None or not came_by:
        return found
    return replace(
        found,
        url=request.url,
        found_on=came_by[-1],
        found_in=REDIRECT,
        hops=_hop(found.hops, "R" * len(came_by)),
    )


def _of_far(priority: int, depth: int) -> int:
    """The priority of a link so many links away: one that only far pages name waits, behind all else at last.

    Articles made up without end, each leading to more, would have their turn before any other page.

    >>> [_of_far(50, depth) for depth in (0, 3, 4, 5, 9)], _of_far(-1, 9)
    ([50, 50, 25, 0, 0], -1)
    """
    return max(min(priority, 0), priority - _FAR_COSTS * max(0, depth - _FAR))


def requisite_of(page: Found, url: str) -> Found:
    """What a browser asks for on behalf of `page`; an embed, as Heritrix has it."""
    return Found(
        url=url,
        kind=REQUISITE,
        found_on=page.url,
        found_in="page",
        depth=page.depth,
        hops=_hop(page.hops, "E"),
    )


def _hop(hops: str, more: str) -> str:
    """The way with some hops more; of a long way, its end.

    >>> _hop("ML", "L"), len(_hop("L" * 50, "R"))
    ('MLL', 50)
    """
    return f"{hops}{more}"[-_MOST_HOPS:]


def headers_of(response: Response) -> Headers:
    """The headers of an answer as Scrapy has them."""
    return Headers(
        [
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, values in response.headers.items()
            for value in values
        ]
    )
