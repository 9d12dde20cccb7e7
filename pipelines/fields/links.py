"""Addresses that a page names: its own, and where a repost says it comes from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urljoin, urlsplit

from pipelines.boilerplate.verdict import Verdict
from pipelines.fields.offers import Offer
from pipelines.page.segments import Reading
from storage.article import BlockKind


def origin_offers(
    reading: Reading,
    verdicts: Mapping[int, Verdict],
    declared: tuple[tuple[str, str | None], ...],
    url: str | None,
) -> Iterator[Offer]:
    """Where a repost says it comes from: its source line's link, else an address of its own on another host.

    `declared` are the sources of such addresses and the addresses, the most trusted first.
    """
    lines = sorted(index for index, verdict in verdicts.items() if verdict.kind is BlockKind.SOURCE_LINK)
    for source, target in (*(("text", reading.segments[index].href) for index in lines), *declared):
        if foreign := foreign_link(target, url):
            yield Offer(raw=foreign, source=source, value=foreign)


def foreign_link(target: str | None, url: str | None) -> str | None:
    """The absolute form of a link that leads to another host; any, where the page's own URL is not known."""
    try:
        absolute = urljoin(url or "", target or "")
        there, here = urlsplit(absolute), urlsplit(url or "")
        if there.scheme not in ("http", "https") or not there.hostname:
            return None
        own = (here.hostname or "").removeprefix("www.") == there.hostname.removeprefix("www.")
    except ValueError:
        return None
    return None if own else absolute


def absolute_link(url: str | None, target: str | None) -> str | None:
    """A web address as the page at `url` means it, None for what is none.

    >>> absolute_link("https://demo.example/a/", "../b"), absolute_link(None, "b")
    ('https://demo.example/b', None)
    """
    if not target or not target.strip():
        return None
    try:
        joined = urljoin(url or "", target.strip())
        return joined if urlsplit(joined).scheme in ("http", "https") else None
    except ValueError:
        return None
