"""Sitemaps and sitemap indexes (with Google's news extension), and plain lists of URLs -> links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from lxml import etree

from crawler.discovery.likeness import article_likeness, is_front
from crawler.discovery.links import Discovery, FoundIn, Link, LinkKind, clean_url, priority
from crawler.discovery.markup import child, decoded, local_name, text_of, xml_elements, xml_tree
from crawler.seeds import Seed
from pipelines.page.bounds import up_to_tag

_ENTRIES = ("url", "sitemap")
_MOST_BROKEN_TAGS = 500_000  # of one that has to be read as a tree
# What a sitemap's own name tells of its URLs, as WordPress, its SEO plugins and AFPIMS name them.
_OF_ARTICLES = re.compile(r"posts-post|post-sitemap|article|news|story|stories", re.IGNORECASE)
_OF_OTHERS = re.compile(
    r"taxonom|categor|(?:^|[-_/])tags?[-_.]|author|users|posts-page|page-sitemap|image|video", re.IGNORECASE
)
_BONUS, _MALUS = 2, -2
# Sitemaps that hold posts alone: of WordPress, with pretty addresses and without, and of its SEO plugins.
_OF_POSTS = re.compile(
    r"/(?:wp-sitemap-posts-post-\d+|post-sitemap\d*)\.xml$|[?&]sitemap=posts&sitemap-subtype=post(?:&|$)"
)


def parse_sitemap(*, url: str, content_type: str | None, body: bytes, seed: Seed) -> Discovery:
    """The URLs of an XML sitemap, or the sitemaps of an index."""

    def read(element: etree._Element) -> Link | None:
        is_sitemap = local_name(element) == "sitemap"
        return _sitemap(element, url) if is_sitemap else _page(element, url, seed)

    found = xml_elements(body, content_type, _ENTRIES, read)
    if found is None:
        root = xml_tree(up_to_tag(body, _MOST_BROKEN_TAGS), content_type)
        if root is None:
            return Discovery(notes=("sitemap is not XML",))
        found = [read(element) for element in root.iter() if local_name(element) in _ENTRIES]
    links = tuple(link for link in found if link)
    return Discovery(links=links, notes=_notes(found=bool(links), bad=found.count(None)))


def parse_url_list(*, url: str, content_type: str | None, body: bytes, seed: Seed) -> Discovery:
    """The URLs of a plain text sitemap, one a line."""
    targets = [clean_url(line, url) for line in _lines(decoded(body, content_type))]
    links = tuple(_link(target, url, None, seed) for target in targets if target)
    return Discovery(links=links, notes=_notes(found=bool(links), bad=targets.count(None)))


def _lines(text: str) -> Iterator[str]:
    """The lines that hold an address: those of an error page in plain text do not."""
    return (line.strip() for line in text.splitlines() if line.strip().startswith(("http://", "https://")))


def _sitemap(element: etree._Element, url: str) -> Link | None:
    target = clean_url(text_of(child(element, "loc")) or "", url)
    if not target or target == url:
        return None
    others = _OF_OTHERS.search(urlsplit(target).path)
    return Link(
        url=target,
        kind=LinkKind.SITEMAP,
        found_in=FoundIn.SITEMAP,
        modified_raw=text_of(child(element, "lastmod")),
        priority=priority(LinkKind.SITEMAP, FoundIn.SITEMAP) - (20 if others else 0),
        reasons=("sitemap of other pages than articles" if others else "sitemap",),
    )


def _page(element: etree._Element, url: str, seed: Seed) -> Link | None:
    address = text_of(child(element, "loc"))
    target = clean_url(address, url) if address else None
    return _link(target, url, element, seed) if target else None


def _link(target: str, sitemap: str, element: etree._Element | None, seed: Seed) -> Link:
    news = child(element, "news") if element is not None else None
    path = urlsplit(sitemap).path
    bonus = _MALUS if _OF_OTHERS.search(path) else _BONUS if _OF_ARTICLES.search(path) else 0
    likeness = article_likeness(target, seed, bonus=bonus)
    proven = news is not None or (_OF_POSTS.search(sitemap) is not None and not is_front(target))
    article = likeness.is_article or (proven and not seed.scope.article)
    kind = LinkKind.ARTICLE if article else LinkKind.LISTING if likeness.is_listing else LinkKind.PAGE
    return Link(
        url=target,
        kind=kind,
        found_in=FoundIn.SITEMAP,
        title=text_of(child(news, "title")) if news is not None else None,
        published_raw=text_of(child(news, "publication_date")) if news is not None else None,
        modified_raw=text_of(child(element, "lastmod")) if element is not None else None,
        # Listings of a sitemap are a long way round to articles that it names itself.
        priority=priority(kind, FoundIn.SITEMAP) if article else 0,
        reasons=(
            *(("news sitemap",) if news is not None else ("sitemap of posts",) if proven else ()),
            *likeness.reasons,
        ),
    )


def _notes(*, found: bool, bad: int) -> tuple[str, ...]:
    notes = () if found else ("empty sitemap",)
    return (*notes, f"{bad} sitemap entries without a web address") if bad else notes
