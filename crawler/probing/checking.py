"""A seed -> what each of its addresses gives today."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from crawler.discovery import LinkKind, starts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from crawler.discovery import Link
    from crawler.probing.reading import Looked, Reader
    from crawler.seeds import Seed

_MOST_SITEMAPS = 10  # of those that robots.txt names


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What an address of a seed gave. `problem` is empty where all is well; `works` where a crawl gets on."""

    seed: str
    kind: LinkKind
    url: str
    status: int
    links: int
    in_scope: int
    articles: int
    newest_at: datetime | None
    problem: str
    works: bool


def check_live(seed: Seed, reader: Reader) -> Iterator[Finding]:
    """A finding for each address that a crawl of the seed starts at, as they are asked for."""
    for link in starts(seed):
        looked = reader.look(link.url, link.kind, seed)
        if link.kind is not LinkKind.ROBOTS:
            yield _finding(looked, seed)
            continue
        yield _robots(looked, seed)
        for sitemap in _named(looked):
            yield _finding(reader.look(sitemap.url, LinkKind.SITEMAP, seed), seed)


def _named(robots: Looked) -> list[Link]:
    """The first of the sitemaps that a robots.txt names; a guessed one is no promise of the seed's."""
    return [link for link in robots.in_scope if "guess" not in link.reasons][:_MOST_SITEMAPS]


def _robots(looked: Looked, seed: Seed) -> Finding:
    """A robots.txt that is not there or names no sitemap is no fault: the seed has other starts."""
    finding = _finding(looked, seed)
    others = seed.urls or seed.feeds or seed.listings
    return replace(finding, works=finding.works or bool(others and looked.answer.status))


def _finding(looked: Looked, seed: Seed) -> Finding:
    return Finding(
        seed=seed.name,
        kind=looked.kind,
        url=looked.url,
        status=looked.answer.status,
        links=len(looked.found.links),
        in_scope=len(looked.in_scope),
        articles=looked.articles,
        newest_at=looked.newest_at,
        problem=looked.problem,
        works=looked.is_useful,
    )
