"""Any HTML page -> its links, its feeds and the next page of a listing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from lxml.etree import _Element

from crawler.discovery.likeness import Likeness, article_likeness
from crawler.discovery.links import Discovery, FoundIn, Link, LinkKind, clean_url, next_page, priority
from crawler.discovery.listings import element_links, next_listing
from crawler.discovery.markup import html_tree, one_line
from crawler.discovery.wordpress import posts_url
from crawler.seeds import Seed
from storage.model import Headers

MAX_PAGE_LINKS = 3_000
MAX_ANCHORS = 10_000
_MAX_TEXT = 300
_MAX_PIECES = 50
_ENOUGH_MARKED = 3
_FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
_FEED_HREF = re.compile(r"/rss\.ashx\?|/feed/?$|[/.](?:rss|atom|rdf)(?:\.xml)?$", re.IGNORECASE)
_COMMENTS_FEED = re.compile(r"/comments/feed|[?&]feed=comments|/feed/?\?withcomments", re.IGNORECASE)
_TEMPLATE = re.compile(r"\{\{|\}\}|%7B%7B|\$\{", re.IGNORECASE)
_SCHEME = re.compile(r"\s*([a-zA-Z][a-zA-Z0-9+.-]*):")
_WORDPRESS_REL = "https://api.w.org/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """A link as the page has it, made absolute."""

    url: str
    text: str
    rel: frozenset[str]


def parse_page(
    *, url: str, content_type: str | None, body: bytes, headers: Headers, is_listing: bool, seed: Seed
) -> Discovery:
    """The links of a page. On a listing, links to articles count more, and the next page is looked for."""
    root = html_tree(body, content_type)
    if root is None:
        return Discovery(notes=("no HTML",))
    if _no_follow(root, headers):
        return Discovery(notes=("the page asks that its links are not followed",))
    found_in = FoundIn.LISTING if is_listing else FoundIn.PAGE
    base = _base(root, url)
    skipped: Counter[str] = Counter()
    every = list(islice(_anchors(root, base, skipped), MAX_ANCHORS + 1))
    anchors = [anchor for anchor in every[:MAX_ANCHORS] if anchor.url != url]
    elements = element_links(root, base, found_in)
    links = [*_head_links(root, base), *elements, *_links(anchors, found_in, seed)]
    articles = sum(link.kind is LinkKind.ARTICLE for link in links)
    following = None
    if is_listing:
        following = next_listing(
            url, [(anchor.url, anchor.rel) for anchor in anchors], seed, has_articles=articles > 0
        )
    return Discovery(
        links=tuple(links),
        next_pages=(next_page(following, LinkKind.LISTING, found_in),) if following else (),
        notes=_notes(without=is_listing and not articles, more=len(every) > MAX_ANCHORS),
        skipped=tuple(f"{count} {reason}" for reason, count in sorted(skipped.items())),
    )


def _notes(*, without: bool, more: bool) -> tuple[str, ...]:
    notes = ("listing without articles",) if without else ()
    return (*notes, f"more than {MAX_ANCHORS} anchors") if more else notes


def _no_follow(root: _Element, headers: Headers) -> bool:
    """Whether the page's robots meta element or the X-Robots-Tag field forbids following, for all robots."""
    told = [value for value in headers.get_all("X-Robots-Tag") if ":" not in value]
    told += [
        element.get("content") or ""
        for element in root.iter("meta")
        if (element.get("name") or "").lower() == "robots"
    ]
    words = {word for value in told for word in re.split(r"[\s,]+", value.lower())}
    return not words.isdisjoint({"nofollow", "none"})


def _base(root: _Element, url: str) -> str:
    """What relative links are relative to: the first `base href` that is sound, or the page."""
    for element in root.iter("base"):
        href = element.get("href")
        if href:
            return clean_url(href, url) or url
    return url


def _anchors(root: _Element, base: str, skipped: Counter[str]) -> Iterator[Anchor]:
    """The page's anchors that lead to web pages; the others are counted in `skipped`."""
    for element in root.iter("a", "area", "link"):
        href = (element.get("href") or "").strip()
        rel = frozenset((element.get("rel") or "").lower().split())
        if not href or href.startswith("#") or (element.tag == "link" and "next" not in rel):
            continue
        reason, target = _target(href, base, rel)
        if target:
            yield Anchor(url=target, text=_text(element), rel=rel)
        else:
            skipped[reason] += 1


def _target(href: str, base: str, rel: frozenset[str]) -> tuple[str, str | None]:
    """The absolute URL, or the reason why there is none."""
    if "nofollow" in rel:
        return "links marked nofollow", None
    if _TEMPLATE.search(href):
        return "links of unfilled templates", None
    scheme = _SCHEME.match(href)
    if scheme and scheme[1].lower() not in {"http", "https"}:
        return "links of other schemes", None
    return "broken links", clean_url(href, base)


def _text(element: _Element) -> str:
    """What a reader sees of the link: its text, its title, or its image's description."""
    # A broken page may put all that follows into one anchor.
    text = one_line("".join(islice(element.itertext(), _MAX_PIECES))[: _MAX_TEXT * 4])
    described = (image.get("alt") for image in element.iter("img"))
    return (text or element.get("title") or next((alt for alt in described if alt), ""))[:_MAX_TEXT]


def _head_links(root: _Element, base: str) -> Iterator[Link]:
    """Feeds and the REST interface that the page declares."""
    for element in root.iter("link"):
        target = clean_url(element.get("href") or "", base) if element.get("href") else None
        rel = (element.get("rel") or "").lower().split()
        media = (element.get("type") or "").partition(";")[0].strip().lower()
        if not target or _COMMENTS_FEED.search(target):
            continue
        if "alternate" in rel and media in _FEED_TYPES:
            yield _declared(target, LinkKind.FEED, element.get("title"), "alternate")
        elif _WORDPRESS_REL in rel:
            api = clean_url("wp/v2/posts", target.rstrip("/") + "/")
            if api and "?" not in target:
                yield _declared(posts_url(api, 1), LinkKind.WORDPRESS, None, "api.w.org")


def _declared(target: str, kind: LinkKind, title: str | None, reason: str) -> Link:
    return Link(
        url=target,
        kind=kind,
        found_in=FoundIn.PAGE,
        title=title,
        priority=priority(kind, FoundIn.PAGE),
        reasons=(reason,),
    )


def _links(anchors: list[Anchor], found_in: FoundIn, seed: Seed) -> Iterator[Link]:
    """The anchors as links. Where several are marked as articles, those unmarked are the site's sections."""
    scored = [(anchor, article_likeness(anchor.url, seed, text=anchor.text)) for anchor in anchors]
    marked = {anchor.url for anchor, likeness in scored if likeness.is_article and likeness.is_marked}
    for anchor, likeness in scored:
        article = likeness.is_article and (likeness.is_marked or len(marked) < _ENOUGH_MARKED)
        yield _link(anchor, likeness, found_in, is_article=article)


def _link(anchor: Anchor, likeness: Likeness, found_in: FoundIn, *, is_article: bool) -> Link:
    if _FEED_HREF.search(anchor.url) and not _COMMENTS_FEED.search(anchor.url):
        return _declared(anchor.url, LinkKind.FEED, anchor.text or None, "feed address")
    kind = LinkKind.ARTICLE if is_article else LinkKind.LISTING if likeness.is_listing else LinkKind.PAGE
    points = priority(kind, found_in)
    return Link(
        url=anchor.url,
        kind=kind,
        found_in=found_in,
        title=anchor.text or None,
        # A tag page found on some page is no start of the crawl: it waits behind the articles.
        priority=points if kind is LinkKind.ARTICLE else 10 if kind is LinkKind.LISTING else 0,
        reasons=likeness.reasons,
    )
