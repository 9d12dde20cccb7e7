"""robots.txt -> the sitemaps it names."""

from __future__ import annotations

import re

from crawler.discovery.links import Discovery, FoundIn, Link, LinkKind, clean_url, priority
from crawler.discovery.markup import decoded, root_name

_READ_BYTES = 512_000  # RFC 9309 section 2.5 asks for at least 500 KiB
_LINE = re.compile(r"[ \t\ufeff]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE)
_GUESS = "/sitemap.xml"


def parse_robots(*, url: str, content_type: str | None, body: bytes) -> Discovery:
    """Its sitemaps, relative ones resolved. Where it names none, the usual place is given as a guess."""
    if root_name(body) in {"html", "head", "body"}:
        return Discovery(notes=("HTML instead of robots.txt",))
    text = decoded(body[:_READ_BYTES], content_type)
    targets = [clean_url(match[1], url) for match in map(_LINE.match, text.splitlines()) if match]
    links = tuple(_link(target, "named in robots.txt", 0) for target in targets if target)
    if links:
        return Discovery(links=links)
    guess = clean_url(_GUESS, url)
    return Discovery(
        links=(_link(guess, "guess", 10),) if guess else (), notes=("robots.txt names no sitemap: guessed",)
    )


def _link(target: str, reason: str, penalty: int) -> Link:
    return Link(
        url=target,
        kind=LinkKind.SITEMAP,
        found_in=FoundIn.ROBOTS,
        priority=priority(LinkKind.SITEMAP, FoundIn.ROBOTS) - penalty,
        reasons=(reason,),
    )
