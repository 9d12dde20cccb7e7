"""Posts of WordPress's REST interface -> links to articles."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from crawler.discovery.json_values import read_json
from crawler.discovery.likeness import article_likeness
from crawler.discovery.links import Discovery, FoundIn, Link, LinkKind, clean_url, next_page, priority
from crawler.discovery.markup import decoded, from_its_start, one_line
from crawler.seeds import Seed
from storage.model import Headers

PAGE_SIZE = 100
FIELDS = "link,date_gmt,modified_gmt,title"
_COUNT = re.compile(r"[0-9]{1,8}")
_POSTS = "wp/v2/posts"
_TAG = re.compile(r"<[^<>]*>")


def posts_of_api(api_url: str) -> str | None:
    """Address of the first page of posts of the interface that a page declares; None where it is none.

    >>> posts_of_api("https://example.org/?rest_route=/").partition("&")[0]
    'https://example.org/?per_page=100'
    """
    parts = urlsplit(api_url)
    if parts.query:  # a site without pretty addresses
        fields = parse_qs(parts.query)
        route = fields.get("rest_route", [""])[0]
        if not route:
            return None
        query = urlencode({"rest_route": f"{route.rstrip('/')}/{_POSTS}"}, safe="/")
        return posts_url(urlunsplit(parts._replace(query=query)), 1)
    return posts_url(f"{api_url.rstrip('/')}/{_POSTS}", 1)


def posts_url(api_url: str, page: int) -> str:
    """Address of one page of posts, newest first, without their texts.

    >>> posts_url("https://example.org/wp-json/wp/v2/posts", 2)
    'https://example.org/wp-json/wp/v2/posts?per_page=100&_fields=link,date_gmt,modified_gmt,title&page=2'
    """
    parts = urlsplit(api_url)
    usual = {"per_page": [str(PAGE_SIZE)], "_fields": [FIELDS]}
    fields = {**usual, **parse_qs(parts.query, keep_blank_values=True), "page": [str(page)]}
    return urlunsplit(parts._replace(query=urlencode(fields, doseq=True, safe=",/")))


def parse_posts(
    *, url: str, content_type: str | None, body: bytes, headers: Headers, seed: Seed
) -> Discovery:
    """The posts of one page, and the next page while `X-WP-TotalPages` tells of more."""
    read = read_json(decoded(from_its_start(body, json=True), content_type))
    if read.value is None:
        return Discovery(notes=("REST answer is not JSON",))
    posts = read.value
    if not isinstance(posts, list):
        code = posts.get("code") if isinstance(posts, dict) else None
        return Discovery(notes=(f"REST answer is no list of posts: {str(code)[:100]}",))
    links = tuple(link for post in posts if (link := _link(post, url, seed)))
    notes = read.notes if links else (*read.notes, "no posts")
    without = len(posts) - len(links)
    return Discovery(
        links=links,
        next_pages=_next_pages(url, headers, len(posts), seed) if links else (),
        notes=(*notes, f"{without} posts without a link") if without else notes,
    )


def _link(post: Any, url: str, seed: Seed) -> Link | None:  # noqa: ANN401 (whatever the JSON holds)
    address = post.get("link") if isinstance(post, dict) else None
    target = clean_url(address, url) if isinstance(address, str) else None
    if not target:
        return None
    title = post.get("title")
    rendered = title.get("rendered") if isinstance(title, dict) else title
    likeness = article_likeness(target, seed)
    kind = LinkKind.ARTICLE if likeness.is_article or not seed.scope.article else LinkKind.PAGE
    return Link(
        url=target,
        kind=kind,
        found_in=FoundIn.WORDPRESS,
        title=one_line(html.unescape(_TAG.sub("", rendered))) if isinstance(rendered, str) else None,
        published_raw=_utc(post.get("date_gmt")),
        modified_raw=_utc(post.get("modified_gmt")),
        priority=priority(kind, FoundIn.WORDPRESS),
        reasons=("post of the REST interface", *likeness.reasons),
    )


def _utc(value: object) -> str | None:
    """The time with its zone: `_gmt` fields mean UTC without saying so.

    >>> _utc("2026-03-01T08:00:00")
    '2026-03-01T08:00:00Z'
    """
    return f"{value.removesuffix('Z')}Z" if isinstance(value, str) and value else None


def _next_pages(url: str, headers: Headers, count: int, seed: Seed) -> tuple[Link, ...]:
    """The next page; where a cache has dropped the field that tells of it, behind a full page of posts."""
    fields = parse_qs(urlsplit(url).query)
    current = _number(fields.get("page", ["1"])[0])
    told = headers.get("X-WP-TotalPages")
    full = count >= _number(fields.get("per_page", ["10"])[0]) > 0
    pages = _number(told) if told is not None else current + full
    if not 0 < current < min(pages, seed.limits.max_paging):
        return ()
    return (next_page(posts_url(url, current + 1), LinkKind.WORDPRESS, FoundIn.WORDPRESS),)


def _number(text: str | None) -> int:
    """The number, 0 where there is none.

    >>> _number(" 12 "), _number("many"), _number(None)
    (12, 0, 0)
    """
    digits = (text or "").strip()
    return int(digits) if _COUNT.fullmatch(digits) else 0
