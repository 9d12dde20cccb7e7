"""A seed: where a crawl of one source starts, how far it goes, when and how gently; values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class Follow(StrEnum):
    """Which links of pages are followed."""

    ALL = "all"  # every link in scope
    ARTICLES = "articles"  # articles, and the feeds, sitemaps and listings that lead to them


class Unreachable(StrEnum):
    """What is done with a host whose robots.txt can't be read (5xx, 429, no answer)."""

    WAIT = "wait"  # nothing is asked for until it can be read
    ALLOW = "allow"  # as if there were none; the seed says why


class Fallback(StrEnum):
    """Where the text of an article is taken from when its page is refused."""

    FEED = "feed"  # the teaser of the feed
    PRINT = "print"  # the print view, if robots.txt allows it
    WAYBACK = "wayback"  # the Wayback Machine's copy
    DVIDS = "dvids"  # the military's media service


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A listing page: `url` has `{page}`, counted from 1 to `max_pages`."""

    url: str
    max_pages: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What belongs to the source; patterns are regular expressions searched for in the whole URL.

    `hosts` match with and without `www.`; `*.example.org` takes every subdomain, `example.org:8080` one port.
    `allow` limits pages, `deny` wins over everything, `article` says which URLs are articles.
    """

    hosts: tuple[str, ...]
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    article: tuple[str, ...] = ()
    follow: Follow = Follow.ALL


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one crawl; 0 means none. `max_paging` bounds feeds and listings whose end is not known.

    `max_barren`: so many pages of a section are asked for though they give nothing new (`crawler.sections`).
    """

    max_pages: int = 20_000
    max_depth: int = 3
    max_links: int = 50_000
    max_paging: int = 20
    max_barren: int = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisit:
    """How soon and how late a known page is asked for again, however often it is learned to change."""

    min_s: int = 1_800
    max_s: int = 7_776_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Politeness:
    """Pause between two requests to a host, and how many may run at once."""

    delay_s: float = 2.0
    concurrency: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """Whether robots.txt is obeyed, what happens where it can't be read, and why if either is unusual."""

    obey: bool = True
    unreachable: Unreachable = Unreachable.WAIT
    reason: str = ""

    @property
    def policy(self) -> str:
        """All of it in words, as the archive keeps it of each crawl."""
        if not self.obey:
            return f"ignore: {self.reason}"
        allowed = self.unreachable is Unreachable.ALLOW
        return f"obey; where it can't be read, allow: {self.reason}" if allowed else "obey"


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What the source is expected to give; 0 means that only its own history tells.

    `silent_after_s`: without a new article for so long it is called silent. `expect_words`: median words of
    an article, below half of which its texts are called short.
    """

    silent_after_s: int = 0
    expect_words: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """Where the crawl of one source starts, with its scope and schedule.

    `sitemaps_auto`: those that robots.txt names. `wordpress` is the address of posts in the REST interface.
    `schedule` is a cron line in `timezone`; a run begins up to `jitter_s` after it. `revisit_after_s` is how
    long a page waits the first time, `revisit` the bounds for what is learned later. `bundled` names the
    sample site that the program serves. `http2`: it is spoken with the servers that have it. `browser`: pages
    are rendered. `path` is the file it came from, None for a seed made of a URL.
    """

    name: str
    title: str
    spider: str = "news"
    urls: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    sitemaps: tuple[str, ...] = ()
    sitemaps_auto: bool = True
    listings: tuple[Listing, ...] = ()
    wordpress: str | None = None
    scope: Scope
    limits: Limits = field(default_factory=Limits)
    politeness: Politeness = field(default_factory=Politeness)
    robots: Robots = field(default_factory=Robots)
    schedule: str | None = None
    timezone: str = "UTC"
    jitter_s: float = 0.0
    language: str | None = None
    publisher: str | None = None
    revisit_after_s: int = 86_400
    revisit: Revisit = field(default_factory=Revisit)
    health: Health = field(default_factory=Health)
    fallbacks: tuple[Fallback, ...] = ()
    bundled: str | None = None
    http2: bool = False
    browser: bool = False
    path: Path | None = None
