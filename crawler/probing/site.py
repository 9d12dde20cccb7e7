"""A site's address -> its feeds, sitemaps, listings and REST interface, each found to work."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from crawler.discovery import LinkKind
from crawler.discovery.likeness import matches
from crawler.discovery.markup import root_name
from crawler.discovery.wordpress import posts_url
from crawler.probing.afpims import SITEMAP as AFPIMS_SITEMAP
from crawler.probing.afpims import feed_addresses, is_afpims
from crawler.probing.facts import AFPIMS, WORDPRESS, Facts
from crawler.probing.listings import listing_candidates, template_of
from crawler.probing.patterns import article_patterns
from crawler.seeds import Listing, Scope, Seed, load_seed
from storage.errors import PresswarcError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from crawler.probing.reading import Looked, Reader

_MOST_FEEDS, _MOST_LISTINGS, _MOST_SITEMAPS = 12, 10, 6
_OK = 200
_FEED_PLACES = ("/feed/", "/rss.xml", "/rss", "/feed.xml", "/atom.xml", "/index.xml", "/feed.json")
_SITEMAP_PLACES = (
    "/sitemap.xml",
    "/sitemap_index.xml",
    "/wp-sitemap.xml",
    "/news-sitemap.xml",
    "/sitemap.xml.gz",
)
_REST = "/wp-json/wp/v2/posts"
_NEWS_SITEMAP = re.compile(r"news", re.IGNORECASE)
_FEED_ROOTS = {"rss", "feed", "rdf", "channel"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """What was found out of a site. `useless` are the addresses that gave nothing, with the reason."""

    seed: Seed
    facts: Facts
    feeds: tuple[Looked, ...]
    sitemaps: tuple[Looked, ...]
    named_in_robots: bool
    wordpress: Looked | None
    listings: tuple[tuple[Listing, Looked], ...]
    article: tuple[str, ...]
    crawl_delay_s: float
    useless: tuple[Looked, ...]
    notes: tuple[str, ...]


def look_at(url: str, reader: Reader) -> Site:
    """What there is at the site. Raises: PresswarcError where its front page is not to be had."""
    seed, front = _front(url, reader)
    facts = reader.facts(front.answer)
    if is_afpims(facts, front.answer, reader.asker.robots(seed.urls[0])):
        facts = replace(facts, cms=AFPIMS)
    useless: list[Looked] = []
    feeds = _feeds(url, front, facts, seed, reader, useless)
    sitemaps, named = _sitemaps(seed, facts, reader, useless)
    posts = _posts(front, facts, seed, reader, useless)
    known = [
        link.url
        for looked in (*feeds, *((posts,) if posts else ()), *(one for one in sitemaps if _is_news(one)))
        for link in looked.in_scope
        if link.kind is LinkKind.ARTICLE
    ]
    listings = tuple(_listings(front, facts, seed, reader))
    others = [link.url for link in front.in_scope if link.kind is not LinkKind.ARTICLE]
    return Site(
        seed=seed,
        facts=facts,
        feeds=feeds,
        sitemaps=sitemaps,
        named_in_robots=named,
        wordpress=posts,
        listings=listings,
        article=_patterns(known, [one for _, one in listings], others),
        crawl_delay_s=reader.asker.crawl_delay(seed.urls[0]),
        useless=tuple(useless),
        notes=front.found.notes,
    )


def _patterns(known: Sequence[str], listings: Sequence[Looked], others: Sequence[str]) -> tuple[str, ...]:
    """Patterns learned of the articles known; none that leave a listing without any of its articles."""
    patterns = article_patterns(known, others)
    listed = [[link.url for link in one.in_scope if link.kind is LinkKind.ARTICLE] for one in listings]
    if all(any(matches(patterns, url) for url in urls) for urls in listed):
        return patterns
    return article_patterns([*known, *(url for urls in listed for url in urls)], others)


def _front(url: str, reader: Reader) -> tuple[Seed, Looked]:
    """The seed that the address alone makes, and the front page; a feed's address leads to its site's."""
    seed = load_seed(url)
    looked = reader.look(url, LinkKind.PAGE, seed)
    if looked.answer.status != _OK:
        raise PresswarcError(f"nothing to look at: {looked.problem}", hint="check the address", where=url)
    here = looked.answer.url
    if root_name(looked.answer.body) in _FEED_ROOTS | {"urlset", "sitemapindex"}:
        home = load_seed(urljoin(here, "/"))
        return home, reader.look(home.urls[0], LinkKind.PAGE, home)
    if (
        urlsplit(here).netloc != urlsplit(url).netloc
    ):  # the site has moved, or another form of its host answers
        asked, seed = seed, load_seed(here)
        hosts = tuple(dict.fromkeys((*seed.scope.hosts, *asked.scope.hosts)))
        same = hosts[0].removeprefix("www.") == hosts[-1].removeprefix("www.")
        seed = replace(seed, scope=Scope(hosts=seed.scope.hosts if same else hosts))
        looked = reader.look(here, LinkKind.PAGE, seed)
    return seed, looked


def _first_few(
    addresses: Iterable[str], kind: LinkKind, seed: Seed, reader: Reader, useless: list[Looked], most: int
) -> tuple[Looked, ...]:
    """Those of the addresses that work, each once; the others go to `useless`."""
    useful: list[Looked] = []
    for address in list(dict.fromkeys(addresses))[:most]:
        looked = reader.look(address, kind, seed)
        known = any(one.answer.url == looked.answer.url for one in useful)
        if looked.is_useful and not known:
            useful.append(looked)
        elif not known:
            useless.append(looked)
    return tuple(useful)


def _feeds(
    url: str, front: Looked, facts: Facts, seed: Seed, reader: Reader, useless: list[Looked]
) -> tuple[Looked, ...]:
    """The feeds that pages link; where they link none that works, those at the usual places."""
    linked = [link.url for link in front.found.links if link.kind is LinkKind.FEED]
    if url not in seed.urls and root_name(reader.asker.ask(url).body) in _FEED_ROOTS:
        linked.insert(0, url)
    if facts.cms == AFPIMS:
        linked += feed_addresses(front, seed, reader)
    found = _first_few(linked, LinkKind.FEED, seed, reader, useless, _MOST_FEEDS)
    for place in _FEED_PLACES if not found else ():
        guessed = reader.look(urljoin(seed.urls[0], place), LinkKind.FEED, seed)
        if guessed.is_useful:
            return (guessed,)
    return found


def _sitemaps(
    seed: Seed, facts: Facts, reader: Reader, useless: list[Looked]
) -> tuple[tuple[Looked, ...], bool]:
    """The sitemaps that robots.txt names, and True; else one at the usual places."""
    answer = reader.asker.robots(seed.urls[0])
    robots = reader.look(answer.url, LinkKind.ROBOTS, seed) if answer.status == _OK else None
    named = [link.url for link in robots.found.links if "guess" not in link.reasons] if robots else []
    if named:
        useful = _first_few(named, LinkKind.SITEMAP, seed, reader, useless, _MOST_SITEMAPS)
        return (*useful, *_news_of(useful, seed, reader)), True
    places = (AFPIMS_SITEMAP, *_SITEMAP_PLACES) if facts.cms == AFPIMS else _SITEMAP_PLACES
    if facts.cms == WORDPRESS:
        places = ("/wp-sitemap.xml", "/?sitemap=index", *places)
    for place in dict.fromkeys(places):
        guessed = reader.look(urljoin(seed.urls[0], place), LinkKind.SITEMAP, seed)
        if guessed.is_useful:
            return (guessed, *_news_of((guessed,), seed, reader)), False
    return (), False


def _news_of(indexes: tuple[Looked, ...], seed: Seed, reader: Reader) -> Iterator[Looked]:
    """The news sitemap that one of the indexes names, if any: it holds the newest articles."""
    named = [
        link.url
        for one in indexes
        for link in one.in_scope
        if link.kind is LinkKind.SITEMAP and _NEWS_SITEMAP.search(urlsplit(link.url).path)
    ]
    for address in named[:1]:
        looked = reader.look(address, LinkKind.SITEMAP, seed)
        if looked.is_useful:
            yield looked


def _is_news(sitemap: Looked) -> bool:
    """Whether it is a news sitemap, all of whose pages are articles."""
    return any("news sitemap" in link.reasons for link in sitemap.in_scope)


def _posts(front: Looked, facts: Facts, seed: Seed, reader: Reader, useless: list[Looked]) -> Looked | None:
    """WordPress's REST interface, where the page declares one or WordPress made the page."""
    declared = [link.url for link in front.found.links if link.kind is LinkKind.WORDPRESS]
    if not declared and facts.cms == WORDPRESS:
        declared = [posts_url(urljoin(seed.urls[0], _REST), 1)]
    return next(iter(_first_few(declared, LinkKind.WORDPRESS, seed, reader, useless, 1)), None)


def _listings(front: Looked, facts: Facts, seed: Seed, reader: Reader) -> Iterator[tuple[Listing, Looked]]:
    """Sections of the front page, and of those sections, that have articles and further pages."""
    waiting = listing_candidates(front.in_scope)
    known: set[str] = set()
    asked = 0
    while asked < min(len(waiting), _MOST_LISTINGS):
        looked = reader.look(waiting[asked], LinkKind.LISTING, seed)
        asked += 1
        template = template_of(looked, scripted=facts.cms == AFPIMS)
        if template and template not in known and looked.articles > 1:
            known.add(template)
            waiting += [url for url in listing_candidates(looked.in_scope) if url not in waiting]
            yield Listing(url=template, max_pages=3), looked
