"""A seed's TOML file -> Seed, or all of the file's faults at once."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urljoin, urlsplit

from crawler.seed import (
    Fallback,
    Follow,
    Health,
    Limits,
    Listing,
    Politeness,
    Revisit,
    Robots,
    Scope,
    Seed,
    Unreachable,
)
from crawler.seed_checks import (
    at_most,
    choice_problem,
    cron_problem,
    host_problem,
    name_problem,
    negative_problem,
    pattern_problem,
    positive_problem,
    template_problem,
    text_problem,
    timezone_problem,
    url_problem,
)
from crawler.toml_keys import Table, read_toml
from storage.errors import SeedError

if TYPE_CHECKING:
    from pathlib import Path

E = TypeVar("E", bound=StrEnum)
SPIDERS = ("news", "defense")
_DAY_S, _WEEK_S = 86_400, 7 * 86_400
_MOST_AT_ONCE = 64
BUNDLED = ("aldmoor-defense", "harbor-courier")


def read_seed(path: Path) -> Seed:
    """The seed in the file at `path`. Raises: SeedError, which names every fault of the file."""
    source, top = read_toml(path, SeedError)
    seed = _seed(top, path)
    top.close()
    if not (seed.urls or seed.feeds or seed.sitemaps or seed.listings or seed.wordpress):
        source.blame(("urls",), "nowhere to start: give urls, feeds, sitemaps, listings or wordpress")
    source.fail(SeedError, hint=f"correct the file, then `presswarc seeds check {path}`")
    return seed


def _seed(top: Table, path: Path) -> Seed:
    urls = top.many("urls", url_problem)
    feeds = top.many("feeds", url_problem)
    listings = tuple(_listing(table) for table in top.tables("listings"))
    sitemaps, auto = _sitemaps(top)
    name = top.one("name", path.stem, name_problem)
    starts = (*urls, *feeds, *sitemaps, *(listing.url for listing in listings))
    wordpress = _wordpress(top, starts)
    revisit_after_s = top.one("revisit_after_s", 86_400, negative_problem)
    return Seed(
        name=name,
        title=top.one("title", name, text_problem),
        spider=top.one("spider", "news", lambda value: choice_problem(value, SPIDERS)),
        urls=urls,
        feeds=feeds,
        sitemaps=sitemaps,
        sitemaps_auto=auto,
        listings=listings,
        wordpress=wordpress,
        scope=_scope(top.table("scope"), (*starts, *((wordpress,) if wordpress else ()))),
        limits=_limits(top.table("limits")),
        politeness=_politeness(top.table("politeness")),
        robots=_robots(top.table("robots")),
        schedule=top.one("schedule", "", cron_problem) or None,
        timezone=top.one("timezone", "UTC", timezone_problem),
        jitter_s=top.one("jitter_s", 0.0, at_most(_WEEK_S, negative_problem)),
        language=top.one("language", "", text_problem) or None,
        publisher=top.one("publisher", "", text_problem) or None,
        revisit_after_s=revisit_after_s,
        revisit=_revisit(top.table("revisit"), revisit_after_s),
        health=_health(top.table("health")),
        fallbacks=_fallbacks(top),
        bundled=top.one("bundled", "", lambda value: choice_problem(value, BUNDLED)) or None,
        http2=top.one("http2", default=False),
        browser=top.one("browser", default=False),
        path=path,
    )


def _listing(table: Table) -> Listing:
    listing = Listing(
        url=table.one("url", "", template_problem), max_pages=table.one("max_pages", 1, positive_problem)
    )
    if table.raw("url") is None:
        table.blame("url", "is missing")
    table.close()
    return listing


def _sitemaps(top: Table) -> tuple[tuple[str, ...], bool]:
    """The sitemaps named, and whether robots.txt is asked for more."""
    value = top.raw("sitemaps")
    if value is None or value == "auto":
        return (), True
    if isinstance(value, str):
        top.blame("sitemaps", f'must be "auto" or a list of URLs, not {value!r}')
        return (), False
    return top.many("sitemaps", url_problem), False


def _wordpress(top: Table, starts: tuple[str, ...]) -> str | None:
    """Address of the posts in WordPress's REST interface; `true` means its usual place on the first host."""
    value = top.raw("wordpress")
    if isinstance(value, bool):
        return urljoin(starts[0], "/wp-json/wp/v2/posts") if value and starts else None
    return top.one("wordpress", "", url_problem) or None


def _scope(table: Table, starts: tuple[str, ...]) -> Scope:
    hosts = table.many("hosts", host_problem)
    scope = Scope(
        hosts=tuple(host.lower() for host in hosts)
        or tuple(dict.fromkeys(urlsplit(url).netloc for url in starts)),
        allow=table.many("allow", pattern_problem),
        deny=table.many("deny", pattern_problem),
        article=table.many("article", pattern_problem),
        follow=_choice(table, "follow", Follow.ALL),
    )
    table.close()
    return scope


def _choice(table: Table, key: str, default: E) -> E:
    """The member that `key` names, the default where it names none."""
    members = type(default)
    return members(table.one(key, default.value, lambda value: choice_problem(value, tuple(members))))


def _limits(table: Table) -> Limits:
    usual = Limits()
    limits = Limits(
        max_pages=table.one("max_pages", usual.max_pages, negative_problem),
        max_depth=table.one("max_depth", usual.max_depth, negative_problem),
        max_links=table.one("max_links", usual.max_links, positive_problem),
        max_paging=table.one("max_paging", usual.max_paging, positive_problem),
        max_barren=table.one("max_barren", usual.max_barren, negative_problem),
    )
    table.close()
    return limits


def _revisit(table: Table, first_s: int) -> Revisit:
    """The bounds told; those not told leave room for the first wait, and are 0 where that is 0."""
    usual = Revisit()
    longest = max(first_s, usual.max_s) if first_s else 0
    max_s = table.one("max_s", longest, negative_problem)
    min_s = table.one("min_s", min(first_s, usual.min_s, max_s), negative_problem)
    if min_s > max_s:
        table.blame("min_s", f"must not be above max_s, {max_s}, not {min_s}")
    table.close()
    return Revisit(min_s=min_s, max_s=max_s)


def _politeness(table: Table) -> Politeness:
    usual = Politeness()
    politeness = Politeness(
        delay_s=table.one("delay_s", usual.delay_s, at_most(_DAY_S, negative_problem)),
        concurrency=table.one("concurrency", usual.concurrency, at_most(_MOST_AT_ONCE, positive_problem)),
    )
    table.close()
    return politeness


def _robots(table: Table) -> Robots:
    robots = Robots(
        obey=table.one("obey", default=True),
        unreachable=_choice(table, "unreachable", Unreachable.WAIT),
        reason=table.one("reason", "", lambda value: text_problem(" ".join(value.split()))),
    )
    if not robots.obey and not robots.reason.strip():
        table.blame("obey", "false needs a reason beside it: robots.reason")
    elif robots.unreachable is Unreachable.ALLOW and not robots.reason.strip():
        table.blame("unreachable", "allow needs a reason beside it: robots.reason")
    table.close()
    return robots


def _health(table: Table) -> Health:
    health = Health(
        silent_after_s=table.one("silent_after_s", 0, negative_problem),
        expect_words=table.one("expect_words", 0, negative_problem),
    )
    table.close()
    return health


def _fallbacks(top: Table) -> tuple[Fallback, ...]:
    named = top.many("fallbacks", lambda value: choice_problem(value, tuple(Fallback)))
    return tuple(dict.fromkeys(Fallback(name) for name in named))
