"""An answer -> its links, each with the verdict of the seed's scope. To run in a worker process.

The patterns of a seed meet URLs that strangers wrote: one that takes for ever costs that page its links, and
holds up nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from crawler.discovery import Discovery, Link, LinkKind, discover
from crawler.scope import judge
from crawler.seed import Seed
from storage.model import Headers

# Ways to find pages cost no depth: the second page of a listing is as near as the first.
_LEVEL = frozenset({LinkKind.FEED, LinkKind.SITEMAP, LinkKind.WORDPRESS, LinkKind.ROBOTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What an answer led to; `refusals`: of its next pages, then of its links; empty in scope."""

    discovery: Discovery
    refusals: tuple[str, ...] = ()

    def links(self, depth: int) -> Iterator[tuple[Link, int, str]]:
        """Each link of a page at `depth`, next pages first: its depth, and why it is refused."""
        every = (*self.discovery.next_pages, *self.discovery.links)
        for at, (link, refusal) in enumerate(zip(every, self.refusals, strict=True)):
            yield link, depth + (at >= len(self.discovery.next_pages) and link.kind not in _LEVEL), refusal


def discover_and_judge(
    depth: int,
    *,
    url: str,
    content_type: str | None,
    body: bytes,
    headers: Headers,
    kind_hint: LinkKind,
    seed: Seed,
) -> Judged:
    """What the answer at `url`, found `depth` links away from the seed's start, leads to, judged."""
    found = discover(
        url=url, content_type=content_type, body=body, headers=headers, kind_hint=kind_hint, seed=seed
    )
    unjudged = Judged(discovery=found, refusals=("",) * (len(found.next_pages) + len(found.links)))
    verdicts = (judge(link, seed, depth=at) for link, at, _ in unjudged.links(depth))
    return Judged(
        discovery=found, refusals=tuple("" if one.in_scope else str(one.reason) for one in verdicts)
    )
