"""From each way into the bundled sites alone, and from all together, every article is found. No network."""

import heapq
from dataclasses import replace
from urllib.parse import urljoin, urlsplit

import pytest

from crawler.demo import afpims, wordpress
from crawler.demo.answers import Request
from crawler.demo.content import COURIER_HOST, DEFENSE_HOST, site_stories
from crawler.demo.posts import permalink
from crawler.demo.sections import article_url
from crawler.discovery import LinkKind, discover, starts
from crawler.scope import judge
from crawler.seeds import load_seed
from storage.model import Headers

SITES = {
    "demo": (wordpress.answer, COURIER_HOST, permalink),
    "demo-defense": (afpims.answer, DEFENSE_HOST, article_url),
}
MOVED = {301, 302, 303, 307, 308}


def crawled(seed, respond, kinds=frozenset(LinkKind)):
    """The links fetched, in order, when the crawl starts from the seed's links of those kinds."""
    seen, waiting, fetched = set(), [], []

    def put(links, depth):
        for link in links:
            if link.url not in seen and judge(link, seed, depth=depth).in_scope:
                seen.add(link.url)
                heapq.heappush(waiting, (-link.priority, len(seen), depth, link))

    put([link for link in starts(seed) if link.kind in kinds], 0)
    while waiting:
        _, _, depth, link = heapq.heappop(waiting)
        parts = urlsplit(link.url)
        answer = respond(Request(target=f"{parts.path}?{parts.query}".rstrip("?"), edition=1))
        fetched.append(link)
        headers = Headers(list(answer.headers))
        if answer.status in MOVED:
            put([replace(link, url=urljoin(link.url, headers["Location"]))], depth)
        elif answer.status == 200:
            found = discover(
                url=link.url,
                content_type=answer.content_type,
                body=answer.body,
                headers=headers,
                kind_hint=link.kind,
                seed=seed,
            )
            put((*found.next_pages, *found.links), depth + 1)
    return fetched


def articles(host, address):
    return {address(story) for story in site_stories(host, 1)}


@pytest.mark.parametrize("name", SITES)
def test_a_crawl_of_a_bundled_seed_finds_every_article(name):
    respond, host, address = SITES[name]
    fetched = crawled(load_seed(name), respond)
    kinds = {link.url: link.kind for link in fetched}
    wanted = articles(host, address)
    assert wanted <= kinds.keys()
    assert {kinds[url] for url in wanted} == {LinkKind.ARTICLE}
    assert len(fetched) < 3 * len(wanted) + 30, "the crawl wanders"


@pytest.mark.parametrize("name", SITES)
def test_the_address_alone_is_enough_to_find_every_article(name):
    respond, host, address = SITES[name]
    fetched = crawled(load_seed(f"http://{host}/"), respond)
    assert articles(host, address) <= {link.url for link in fetched}
    assert {LinkKind.FEED, LinkKind.SITEMAP, LinkKind.ROBOTS} <= {link.kind for link in fetched}


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("demo", {LinkKind.FEED}),
        ("demo", {LinkKind.WORDPRESS}),
        ("demo-defense", {LinkKind.ROBOTS}),
        ("demo-defense", {LinkKind.SITEMAP, LinkKind.LISTING, LinkKind.FEED}),
    ],
)
def test_one_road_leads_to_nearly_all_articles(name, kinds):
    respond, host, address = SITES[name]
    seed = load_seed(name)
    # Only what the roads themselves name: no links of pages.
    seed = replace(seed, scope=replace(seed.scope, deny=(*seed.scope.deny, r"\.test/$")))
    fetched = crawled(seed, respond, kinds)
    wanted = articles(host, address)
    assert len(wanted & {link.url for link in fetched}) >= 0.9 * len(wanted)


def test_articles_are_fetched_before_the_pages_that_are_none():
    respond = SITES["demo-defense"][0]
    kinds = [link.kind for link in crawled(load_seed("demo-defense"), respond)]
    assert LinkKind.PAGE not in kinds[8 : kinds.index(LinkKind.SITEMAP)]
