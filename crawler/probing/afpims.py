"""The content system of the U.S. military's sites: where its feeds lie, which its pages seldom link."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from crawler.discovery import LinkKind
from crawler.probing.facts import AFPIMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.probing.facts import Facts
    from crawler.probing.fetching import Answer
    from crawler.probing.reading import Looked, Reader
    from crawler.seeds import Seed

SITEMAP = "/DesktopModules/SiteData/SiteMap.ashx"
# News, advisories, releases, speeches, transcripts, contracts, feature stories, as the system numbers them.
_CONTENT_TYPES = (1, 2, 9, 11, 13, 400, 800)
_FEED_PAGES = ("/News/RSS/", "/RSS/")
_FEED = "/DesktopModules/ArticleCS/RSS.ashx"
_SITE_NUMBER = re.compile(
    rb"RSS\.ashx\?[^\"'<>\s]{0,200}?\bSite=(\d{1,6})|\bsite-?id=[\"'](\d{1,6})[\"']", re.IGNORECASE
)

_TRACES = re.compile(
    rb"/DesktopModules/SiteData/SiteMap\.ashx|article-url-or-link|/DesktopModules/ArticleCS/"
)


def is_afpims(facts: Facts, front: Answer, robots: Answer) -> bool:
    """Whether the site runs on it: its pages name only the system below, if any."""
    return facts.cms == AFPIMS or any(_TRACES.search(answer.body) for answer in (front, robots))


def feed_addresses(front: Looked, seed: Seed, reader: Reader) -> Iterator[str]:
    """The feeds that the site's page of feeds links; those of every content type, where none does."""
    pages = [front.answer]
    linked: list[str] = []
    for place in _FEED_PAGES:
        looked = reader.look(urljoin(seed.urls[0], place), LinkKind.PAGE, seed)
        linked += [link.url for link in looked.found.links if link.kind is LinkKind.FEED]
        pages.append(looked.answer)
    numbers = (found[1] or found[2] for page in pages if (found := _SITE_NUMBER.search(page.body)))
    number = next(numbers, None)
    if linked or number is None:
        yield from linked
        return
    for content_type in _CONTENT_TYPES:
        query = f"ContentType={content_type}&Site={number.decode()}&max=20"
        yield urljoin(seed.urls[0], f"{_FEED}?{query}")
