"""The values that discovery gives: links, what they lead to, and how a URL is made fit to be one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urljoin, urlsplit, urlunsplit

from w3lib.url import safe_url_string

MAX_URL_LENGTH = 4_000
# What a link carries so that its reader can be traced; the page behind it is the same without.
_TRACKING = re.compile(
    r"(?:utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|yclid|mc_cid|mc_eid|igshid|_ga|_hsenc|_hsmi)(?:=|$)",
    re.IGNORECASE,
)
# What browsers strip from both ends of a link. Source: WHATWG URL, basic URL parser.
_BLANK = "".join(map(chr, range(0x21)))
_DEFAULT_PORTS = {"http": 80, "https": 443}


class LinkKind(StrEnum):
    """What a link is thought to lead to."""

    ARTICLE = "article"
    LISTING = "listing"
    FEED = "feed"
    SITEMAP = "sitemap"
    WORDPRESS = "wordpress"  # a page of posts of the REST interface
    ROBOTS = "robots"
    PAGE = "page"  # any other page


class FoundIn(StrEnum):
    """Where a link was found."""

    SEED = "seed"
    FEED = "feed"
    SITEMAP = "sitemap"
    LISTING = "listing"
    PAGE = "page"
    WORDPRESS = "wordpress"
    ROBOTS = "robots"


# What is new comes first: feeds, their articles, those of listings; sitemaps hold the old.
PRIORITIES = {
    (LinkKind.ARTICLE, FoundIn.FEED): 80,
    (LinkKind.ARTICLE, FoundIn.WORDPRESS): 75,
    (LinkKind.ARTICLE, FoundIn.LISTING): 65,
    (LinkKind.ARTICLE, FoundIn.PAGE): 50,
    (LinkKind.ARTICLE, FoundIn.SITEMAP): 40,
}
_KIND_PRIORITIES = {
    LinkKind.ROBOTS: 100,
    LinkKind.FEED: 90,
    LinkKind.LISTING: 70,
    LinkKind.WORDPRESS: 60,
    LinkKind.SITEMAP: 45,
    LinkKind.ARTICLE: 40,
    LinkKind.PAGE: 0,
}
NEXT_PAGE_PENALTY = 35  # further pages of a feed or listing wait until the articles of the first are through


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A URL worth a look. The `_raw` dates stand as the feed, sitemap or page wrote them.

    `reasons` say why it is taken for its kind. `priority`: higher is sooner.
    """

    url: str
    kind: LinkKind
    found_in: FoundIn
    title: str | None = None
    published_raw: str | None = None
    modified_raw: str | None = None
    priority: int = 0
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """What one answer led to. `next_pages` continue the feed or listing.

    `notes` tell a person what is amiss (an empty feed, HTML instead of a sitemap); `skipped` counts
    what is no link for a crawl, as `3 links of other schemes`.
    """

    links: tuple[Link, ...] = ()
    next_pages: tuple[Link, ...] = ()
    notes: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


def priority(kind: LinkKind, found_in: FoundIn) -> int:
    """How soon a link of that kind, found there, is fetched.

    >>> priority(LinkKind.ARTICLE, FoundIn.FEED) > priority(LinkKind.ARTICLE, FoundIn.SITEMAP)
    True
    """
    return PRIORITIES.get((kind, found_in), _KIND_PRIORITIES[kind])


GUESS = "template"  # reason of a next page that only the seed's template tells of


def next_page(url: str, kind: LinkKind, found_in: FoundIn, *, is_guess: bool = False) -> Link:
    """The link to the next page of a feed or listing, which the page names unless it `is_guess`."""
    return Link(
        url=url,
        kind=kind,
        found_in=found_in,
        priority=priority(kind, found_in) - NEXT_PAGE_PENALTY,
        reasons=("next", GUESS) if is_guess else ("next",),
    )


def clean_url(href: str, base: str) -> str | None:
    """The absolute, escaped http address that `href` means on the page `base`; None where it means none.

    Fragment, default port and tracking fields are left out.

    >>> clean_url(" ../a b?x=1&utm_source=mail#top", "https://Example.org:443/news/today/")
    'https://example.org/news/a%20b?x=1'
    >>> clean_url("mailto:desk@example.org", "https://example.org/"), clean_url("http://[", "https://example.org/")
    (None, None)
    """
    try:
        joined = urljoin(base, href.strip(_BLANK))
        if len(joined) > MAX_URL_LENGTH:
            return None
        parts = urlsplit(safe_url_string(joined))
        host, port = parts.hostname, parts.port
    except (ValueError, UnicodeError):
        return None
    # A user name in a link leads to somewhere else than it seems to.
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        return None
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _DEFAULT_PORTS[parts.scheme]:
        netloc = f"{netloc}:{port}"
    return urlunsplit((parts.scheme, netloc, parts.path or "/", _untracked(parts.query), ""))


def _untracked(query: str) -> str:
    """The query without tracking fields, everything else as it stands.

    >>> _untracked("id=7&utm_source=mail&&q"), _untracked("a&&b")
    ('id=7&&q', 'a&&b')
    """
    fields = query.split("&")
    kept = [each for each in fields if not _TRACKING.match(each)]
    return "&".join(kept)


def first_of_each(links: Iterable[Link], most: int) -> tuple[tuple[Link, ...], int]:
    """Each URL once, with its highest priority and in its first place, and how many were cut off."""
    kept: dict[str, Link] = {}
    for link in links:
        seen = kept.get(link.url)
        if seen is None or link.priority > seen.priority:
            kept[link.url] = link
    return tuple(kept.values())[:most], max(len(kept) - most, 0)
