"""The one way into discovery: an answer's bytes -> links."""

from __future__ import annotations

from dataclasses import replace

from crawler.discovery.feeds import parse_feed, parse_json_feed
from crawler.discovery.links import Discovery, LinkKind, first_of_each
from crawler.discovery.markup import from_its_start, html_tree, one_line, root_name, unpacked
from crawler.discovery.pages import MAX_PAGE_LINKS, parse_page
from crawler.discovery.robots import parse_robots
from crawler.discovery.sitemaps import parse_sitemap, parse_url_list
from crawler.discovery.wordpress import parse_posts
from crawler.seeds import Seed
from pipelines.ballast import without_ballast
from pipelines.page.bounds import MAX_READ_BYTES, bounded, up_to_tag
from storage.model import Headers

_FEED_ROOTS = {"rss", "feed", "rdf", "channel"}
_SITEMAP_ROOTS = {"urlset", "sitemapindex"}
_MOST_TAGS = 500_000  # of a feed
_MOST_TAGS_OF_SITEMAP = 5_000_000  # 50,000 addresses with fifty each for pictures and translations
_PAGES = {LinkKind.ARTICLE, LinkKind.LISTING, LinkKind.PAGE}


def discover(
    *, url: str, content_type: str | None, body: bytes, headers: Headers, kind_hint: LinkKind, seed: Seed
) -> Discovery:
    """What the answer at `url` leads to. `body` is without Content-Encoding, `kind_hint` what is expected.

    Never raises on content, whatever it is. Scope is not judged here: see `crawler.scope.judge`.
    """
    data, problem = unpacked(body)
    root = root_name(data)
    pages = kind_hint in _PAGES and root not in _FEED_ROOTS | _SITEMAP_ROOTS
    lean = without_ballast(data, MAX_READ_BYTES) if pages else data
    most_tags = _MOST_TAGS_OF_SITEMAP if root in _SITEMAP_ROOTS else _MOST_TAGS
    data = bounded(lean) if pages else up_to_tag(lean, most_tags)
    try:
        found = _parse(url, content_type, data, headers, kind_hint, seed)
    except UnicodeDecodeError:  # libxml2 recovered text that is no Unicode; lxml tells when it is read
        return Discovery(notes=(f"unreadable characters in a {kind_hint}",))
    most = min(seed.limits.max_links, MAX_PAGE_LINKS) if pages else seed.limits.max_links
    links, cut = first_of_each(found.links, most)
    notes = (
        *found.notes,
        *((problem,) if problem else ()),
        *(("larger than is read: its end is left out",) if len(data) < len(lean) else ()),
        *((f"{cut} links beyond the limit",) if cut else ()),
    )
    return replace(found, links=links, notes=notes)


def _parse(
    url: str, content_type: str | None, body: bytes, headers: Headers, kind_hint: LinkKind, seed: Seed
) -> Discovery:
    if kind_hint is LinkKind.ROBOTS:
        return parse_robots(url=url, content_type=content_type, body=body)
    if kind_hint is LinkKind.WORDPRESS:
        return parse_posts(url=url, content_type=content_type, body=body, headers=headers, seed=seed)
    if kind_hint in {LinkKind.FEED, LinkKind.SITEMAP}:
        body = from_its_start(body)
    root = root_name(body)
    if root in _FEED_ROOTS:
        return parse_feed(url=url, content_type=content_type, body=body, seed=seed)
    if root in _SITEMAP_ROOTS:
        return parse_sitemap(url=url, content_type=content_type, body=body, seed=seed)
    if kind_hint in _PAGES:
        return parse_page(
            url=url,
            content_type=content_type,
            body=body,
            headers=headers,
            is_listing=kind_hint is LinkKind.LISTING,
            seed=seed,
        )
    return _unexpected(url, content_type, body, root, kind_hint, seed)


def _unexpected(
    url: str, content_type: str | None, body: bytes, root: str, kind_hint: LinkKind, seed: Seed
) -> Discovery:
    """A feed or sitemap that is none in XML: JSON Feed, a plain list of URLs, or an answer worth a note."""
    if not body.strip():
        return Discovery(notes=(f"empty answer instead of a {kind_hint}",))
    if kind_hint is LinkKind.FEED and root in {"{", "["}:
        return parse_json_feed(url=url, content_type=content_type, body=body, seed=seed)
    if kind_hint is LinkKind.SITEMAP and not root:
        return parse_url_list(url=url, content_type=content_type, body=body, seed=seed)
    if root in {"html", "head", "body", "div", "title", "script", "meta"}:
        title = _title(body, content_type)
        return Discovery(notes=(f"HTML instead of a {kind_hint}" + (f': "{title}"' if title else ""),))
    return Discovery(notes=(f"no {kind_hint}: <{root}>" if root else f"no {kind_hint}: plain text",))


def _title(body: bytes, content_type: str | None) -> str | None:
    tree = html_tree(body, content_type)
    title = tree.findtext(".//title") if tree is not None else None
    return (one_line(title) or "")[:100] if title else None
