"""Posts of WordPress's REST interface -> links to articles."""

from __future__ import annotations

import html
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

from crawler.discovery.likeness import article_likeness
from crawler.discovery.links import Discovery, FoundIn, Link, LinkKind, clean_url, next_page, priority
from crawler.discovery.markup import decoded, one_line
from crawler.seeds import Seed
from storage.model import Headers

PAGE_SIZE = 100
FIELDS = "link,date_gmt,modified_gmt,title"
_COUNT = re.compile(r"[0-9]{1,8}")
_TAG = re.compile(r"<[^<>]*>")


def posts_url(api_url: str, page: int) -> str:
    """Address of one page of posts, newest first, without their texts.

    >>> posts_url("https://example.org/wp-json/wp/v2/posts", 2)
    'https://example.org/wp-json/wp/v2/posts?per_page=100&_fields=link,date_gmt,modified_gmt,title&page=2'
    """
    parts = urlsplit(api_url)
    usual = {"per_page": [str(PAGE_SIZE)], "_fields": [FIELDS]}
    fields = {**usual, **parse_qs(parts.query, keep_blank_values=True), "page": [str(page)]}
    return urlunsplit(parts._replace(query=urlencode(fields, doseq=True, safe=",")))


def parse_posts(
    *, url: str, content_type: str | None, body: bytes, headers: Headers, seed: Seed
) -> Discovery:
    """The posts of one page, and the next page while `X-WP-TotalPages` tells of more."""
    try:
        posts = json.loads(decoded(body, content_type).lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return Discovery(notes=("REST answer is not JSON",))
    if not isinstance(posts, list):
        code = posts.get("code") if isinstance(posts, dict) else None
        return Discovery(notes=(f"REST answer is no list of posts: {str(code)[:100]}",))
    links = tuple(link for post in posts if (link := _link(post, url, seed)))
    notes = () if links else ("no posts",)
    without = len(posts) - len(links)
    return Discovery(
        links=links,
        next_pages=_next_pages(url, headers, seed) if links else (),
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


def _next_pages(url: str, headers: Headers, seed: Seed) -> tuple[Link, ...]:
    pages = _number(headers.get("X-WP-TotalPages"))
    current = _number(parse_qs(urlsplit(url).query).get("page", ["1"])[0])
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
