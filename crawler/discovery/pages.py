"""Any HTML page -> its links, its feeds and the next page of a listing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urlsplit

from lxml.etree import _Element

from crawler.discovery.anchors import Anchor, anchors_of, told_once
from crawler.discovery.likeness import Likeness, article_likeness
from crawler.discovery.links import Discovery, FoundIn, Link, LinkKind, clean_url, next_page, priority
from crawler.discovery.listings import element_links
from crawler.discovery.markup import html_tree
from crawler.discovery.paging import Following, next_listing
from crawler.discovery.wordpress import posts_of_api
from crawler.seeds import Seed
from storage.model import Headers

MAX_PAGE_LINKS = 3_000
MAX_ANCHORS = 10_000
MAX_FEEDS = 100  # they are asked for before all else
_ENOUGH_MARKED = 3
_FEED_TYPES = {"application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json"}
_FEED_HREF = re.compile(r"/rss\.ashx\?|/feed/?$|[/.](?:rss|atom|rdf)(?:\.xml)?$", re.IGNORECASE)
_COMMENTS_FEED = re.compile(
    r"/comments/feed|[?&]feed=comments|/feed/?\?withcomments"
    r"|[?&]feed=\w+&(?:p|page_id|attachment_id)=|[?&](?:p|page_id|attachment_id)=\d+&feed=",
    re.IGNORECASE,
)
# What WordPress calls the body of a post, page or attachment: the feed below its address is of comments.
_SINGLE = re.compile(r"(?:^|\s)(?:postid|page-id|attachmentid)-\d+(?:\s|$)")
_PART = re.compile(r"(?<=[^/])/\d{1,3}$")  # of a post in several pages
NO_ARTICLES = "listing without articles"  # a note that a source's health is judged by
_REFRESH = re.compile(r"\s*(\d{1,4})(?:\.\d*)?\s*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"']+)", re.IGNORECASE)
_SOON_S = 30
_MAX_ABOVE = 20
_LINK_FIELD = re.compile(r"<([^<>]*)>((?:\s*;[^,<>]*)*)")
_MAX_FIELD = 4_000
_WORDPRESS_REL = "https://api.w.org/"


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
    every = list(islice(anchors_of(root, base, skipped), MAX_ANCHORS + 1))
    anchors = [anchor for anchor in every[:MAX_ANCHORS] if anchor.url != url]
    elements = element_links(root, base, found_in, seed)
    moved = _refreshed(root, base, url)
    of_comments = _own_feed(root, url)
    declared = [*_head_links(root, base), *_header_links(headers, base)]
    ahead = [Anchor(url=moved, text="", rel=frozenset())] if moved else []
    links = [*declared, *elements, *_links(told_once([*ahead, *anchors]), found_in, seed)]
    links = [link for link in links if link.kind is not LinkKind.FEED or link.url.rstrip("/") != of_comments]
    beyond = _feeds_beyond(links)
    links = [link for link in links if link.url not in beyond]
    articles = sum(link.kind is LinkKind.ARTICLE for link in links)
    following = next_listing(url, anchors, seed, articles=articles) if is_listing else None
    return Discovery(
        links=tuple(links),
        next_pages=(_next(following, found_in),) if following else (),
        notes=(
            *_notes(without=is_listing and not articles, more=len(every) > MAX_ANCHORS, moved=moved),
            *((f"{len(beyond)} feeds beyond the limit",) if beyond else ()),
        ),
        skipped=tuple(f"{count} {reason}" for reason, count in sorted(skipped.items())),
    )


def _next(following: Following, found_in: FoundIn) -> Link:
    """The link to the next page of a listing."""
    return next_page(following.url, LinkKind.LISTING, found_in, is_guess=following.is_guess)


def _own_feed(root: _Element, url: str) -> str:
    """The address of the feed of a WordPress page's comments, without a slash behind; empty for other pages.

    A front page that is such a page has the feed of the site below it.
    """
    body = root.find("body")
    classes = (body.get("class") or "") if body is not None else ""
    here = url.partition("?")[0].rstrip("/")
    here = _PART.sub("", here) if "paged-" in classes else here
    return f"{here}/feed" if _SINGLE.search(classes) and urlsplit(here).path.strip("/") else ""


def _feeds_beyond(links: list[Link]) -> frozenset[str]:
    """The feeds that are too many for one page."""
    feeds = dict.fromkeys(link.url for link in links if link.kind is LinkKind.FEED)
    return frozenset(list(feeds)[MAX_FEEDS:])


def _notes(*, without: bool, more: bool, moved: str | None) -> tuple[str, ...]:
    told = (
        (without, NO_ARTICLES),
        (more, f"more than {MAX_ANCHORS} anchors"),
        (moved is not None, "moved by a meta refresh: its target is taken as a link"),
    )
    return tuple(note for holds, note in told if holds)


def _refreshed(root: _Element, base: str, url: str) -> str | None:
    """Where a meta refresh sends the reader soon; one for readers without scripts sends nobody else."""
    for element in root.iter("meta"):
        if (element.get("http-equiv") or "").strip().lower() != "refresh":
            continue
        told = _REFRESH.match(element.get("content") or "")
        hidden = any(above.tag == "noscript" for above in islice(element.iterancestors(), _MAX_ABOVE))
        if told and not hidden and int(told[1]) <= _SOON_S:
            target = clean_url(told[2], base)
            if target and target != url:
                return target
    return None


def _header_links(headers: Headers, base: str) -> Iterator[Link]:
    """The REST interface that a Link field declares. Source: RFC 8288."""
    for value in headers.get_all("Link"):
        for found in _LINK_FIELD.finditer(value[:_MAX_FIELD]):
            if _WORDPRESS_REL in found[2]:
                yield from _rest_link(clean_url(found[1], base))


def _rest_link(target: str | None) -> Iterator[Link]:
    """The posts of a REST interface."""
    posts = posts_of_api(target) if target else None
    if posts:
        yield _declared(posts, LinkKind.WORDPRESS, None, "api.w.org")


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
            yield from _rest_link(target)


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
