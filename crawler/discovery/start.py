"""A seed -> the links its crawl begins with."""

from __future__ import annotations

from urllib.parse import urljoin

from crawler.discovery.links import FoundIn, Link, LinkKind, clean_url, first_of_each, priority
from crawler.discovery.wordpress import posts_url
from crawler.seeds import Seed


def starts(seed: Seed) -> tuple[Link, ...]:
    """Feeds, listings, sitemaps, the REST interface and start pages of the seed, each once, soonest first.

    Where the sitemaps are to be found by robots.txt, that is among them: fetch it like the others.
    """
    wanted = [(url, LinkKind.PAGE) for url in seed.urls]
    wanted += [(url, LinkKind.FEED) for url in seed.feeds]
    wanted += [(listing.url.replace("{page}", "1"), LinkKind.LISTING) for listing in seed.listings]
    wanted += [(url, LinkKind.SITEMAP) for url in seed.sitemaps]
    if seed.wordpress:
        wanted.append((posts_url(seed.wordpress, 1), LinkKind.WORDPRESS))
    if seed.sitemaps_auto:
        wanted += [(url, LinkKind.ROBOTS) for url in _robots_urls(seed)]
    links = (_link(url, kind) for address, kind in wanted if (url := clean_url(address, address)))
    once, _ = first_of_each(links, len(wanted))
    return tuple(sorted(once, key=lambda link: -link.priority))


def _robots_urls(seed: Seed) -> tuple[str, ...]:
    """robots.txt of each host that the seed starts at."""
    posts = (seed.wordpress,) if seed.wordpress else ()
    addresses = (*seed.urls, *seed.feeds, *(listing.url for listing in seed.listings), *posts)
    return tuple(dict.fromkeys(urljoin(address, "/robots.txt") for address in addresses))


def _link(url: str, kind: LinkKind) -> Link:
    # The front page leads to what is new, so it does not wait behind the sitemaps.
    points = 85 if kind is LinkKind.PAGE else priority(kind, FoundIn.SEED)
    return Link(url=url, kind=kind, found_in=FoundIn.SEED, priority=points, reasons=("seed",))
