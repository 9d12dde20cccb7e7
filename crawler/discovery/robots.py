"""robots.txt -> the sitemaps it names."""

from __future__ import annotations

import re

from crawler.discovery.links import Discovery, FoundIn, Link, LinkKind, clean_url, priority
from crawler.discovery.markup import decoded, root_name

_READ_BYTES = 512_000  # RFC 9309 section 2.5 asks for at least 500 KiB
_LINE = re.compile(r"[ \t\ufeff]*site-?map[ \t]*:[ \t]*(\S+)", re.IGNORECASE)
_GUESS = "/sitemap.xml"


def parse_robots(*, url: str, content_type: str | None, body: bytes) -> Discovery:
    """Its sitemaps, relative ones resolved. Where it names none, the usual place is given as a guess."""
    is_page = root_name(body) in {"html", "head", "body"}
    text = "" if is_page else decoded(body[:_READ_BYTES], content_type)
    targets = [clean_url(match[1], url) for match in map(_LINE.match, text.splitlines()) if match]
    links = tuple(_link(target, "named in robots.txt", 0) for target in targets if target)
    if links:
        return Discovery(links=links)
    guess = clean_url(_GUESS, url)
    note = "HTML instead of robots.txt" if is_page else "robots.txt names no sitemap"
    return Discovery(links=(_link(guess, "guess", 10),) if guess else (), notes=(f"{note}: guessed",))


def _link(target: str, reason: str, penalty: int) -> Link:
    return Link(
        url=target,
        kind=LinkKind.SITEMAP,
        found_in=FoundIn.ROBOTS,
        priority=priority(LinkKind.SITEMAP, FoundIn.ROBOTS) - penalty,
        reasons=(reason,),
    )
