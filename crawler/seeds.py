"""Seeds: where a crawl starts, how far it goes and how gently, from `seeds/*.toml`."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from crawler.seed_checks import cron_problem, host_problem, pattern_problem, template_problem, url_problem
from crawler.toml_keys import Table, nearest, read_toml
from storage.errors import SeedError

SPIDERS = ("news", "defense")
BUNDLED = ("aldmoor-defense", "harbor-courier")
_NAME_HINT = "`presswarc seeds list` names them; a TOML file or a URL is taken too"


class Follow(StrEnum):
    """Which links of pages are followed."""

    ALL = "all"  # every link in scope
    ARTICLES = "articles"  # articles, and the feeds, sitemaps and listings that lead to them


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
    """Bounds of one crawl; 0 means none. `max_paging` bounds feeds and listings whose end is not known."""

    max_pages: int = 0
    max_depth: int = 3
    max_links: int = 50_000
    max_paging: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Politeness:
    """Pause between two requests to a host, and how many may run at once."""

    delay_s: float = 2.0
    concurrency: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """Whether robots.txt is obeyed, and if not, why."""

    obey: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """Where the crawl of one source starts, with its scope and schedule.

    `sitemaps_auto`: those that robots.txt names. `wordpress` is the address of posts in the REST interface.
    `schedule` is a cron line in UTC. `bundled` names the sample site that the program serves.
    `http2`: it is spoken with the servers that have it. `path` is the file it came from, None for a seed made
    of a URL.
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
    language: str | None = None
    publisher: str | None = None
    revisit_after_s: int = 86_400
    bundled: str | None = None
    http2: bool = False
    path: Path | None = None


def seed_folders() -> tuple[Path, ...]:
    """Folders that hold seeds: `./seeds` first, then those that came with the program."""
    here = Path(__file__).parent
    shipped = here / "_seeds" if (here / "_seeds").is_dir() else here.parent / "seeds"
    folders = dict.fromkeys(folder.resolve() for folder in (Path.cwd() / "seeds", shipped) if folder.is_dir())
    return tuple(folders)


def seed_names() -> tuple[str, ...]:
    """Every seed's name, sorted."""
    return tuple(sorted({path.stem for folder in seed_folders() for path in folder.glob("*.toml")}))


def load_seed(name_or_path_or_url: str) -> Seed:
    """The seed of that name, of that TOML file, or made of that URL. Raises: SeedError."""
    wanted = name_or_path_or_url
    if "://" in wanted:
        return _seed_of_url(wanted)
    if wanted.endswith(".toml") or "/" in wanted:
        return read_seed(Path(wanted))
    for folder in seed_folders():
        if (folder / f"{wanted}.toml").is_file():
            return read_seed(folder / f"{wanted}.toml")
    hint = f"for a site give its whole URL: https://{wanted}/" if "." in wanted else _NAME_HINT
    raise SeedError(f"no seed is called `{wanted}`{nearest(wanted, seed_names())}", hint=hint)


def read_seed(path: Path) -> Seed:
    """The seed in the file at `path`. Raises: SeedError, which names every fault of the file."""
    source, top = read_toml(path, SeedError)
    seed = _seed(top, path)
    top.close()
    if not (seed.urls or seed.feeds or seed.sitemaps or seed.listings):
        source.blame(("urls",), "nowhere to start: give urls, feeds, sitemaps or listings")
    source.fail(SeedError, hint=f"correct the file, then `presswarc seeds check {path}`")
    return seed


def _seed(top: Table, path: Path) -> Seed:
    urls = top.many("urls", url_problem)
    feeds = top.many("feeds", url_problem)
    listings = tuple(_listing(table) for table in top.tables("listings"))
    sitemaps, auto = _sitemaps(top)
    name = top.one("name", path.stem, _name_problem)
    starts = (*urls, *feeds, *sitemaps, *(listing.url for listing in listings))
    return Seed(
        name=name,
        title=top.one("title", name),
        spider=top.one("spider", "news", lambda value: _choice_problem(value, SPIDERS)),
        urls=urls,
        feeds=feeds,
        sitemaps=sitemaps,
        sitemaps_auto=auto,
        listings=listings,
        wordpress=_wordpress(top, starts),
        scope=_scope(top.table("scope"), starts),
        limits=_limits(top.table("limits")),
        politeness=_politeness(top.table("politeness")),
        robots=_robots(top.table("robots")),
        schedule=top.one("schedule", "", cron_problem) or None,
        language=top.one("language", "") or None,
        publisher=top.one("publisher", "") or None,
        revisit_after_s=top.one("revisit_after_s", 86_400, _negative_problem),
        bundled=top.one("bundled", "", lambda value: _choice_problem(value, BUNDLED)) or None,
        http2=top.one("http2", default=False),
        path=path,
    )


def _listing(table: Table) -> Listing:
    listing = Listing(
        url=table.one("url", "", template_problem), max_pages=table.one("max_pages", 1, _positive_problem)
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
        follow=Follow(table.one("follow", "all", lambda value: _choice_problem(value, tuple(Follow)))),
    )
    table.close()
    return scope


def _limits(table: Table) -> Limits:
    usual = Limits()
    limits = Limits(
        max_pages=table.one("max_pages", usual.max_pages, _negative_problem),
        max_depth=table.one("max_depth", usual.max_depth, _negative_problem),
        max_links=table.one("max_links", usual.max_links, _positive_problem),
        max_paging=table.one("max_paging", usual.max_paging, _positive_problem),
    )
    table.close()
    return limits


def _politeness(table: Table) -> Politeness:
    usual = Politeness()
    politeness = Politeness(
        delay_s=table.one("delay_s", usual.delay_s, _negative_problem),
        concurrency=table.one("concurrency", usual.concurrency, _positive_problem),
    )
    table.close()
    return politeness


def _robots(table: Table) -> Robots:
    robots = Robots(obey=table.one("obey", default=True), reason=table.one("reason", ""))
    if not robots.obey and not robots.reason.strip():
        table.blame("obey", "false needs a reason beside it: robots.reason")
    table.close()
    return robots


def _seed_of_url(url: str) -> Seed:
    """A seed for the site at `url`: its host, the feeds it links, its sitemaps, then links in scope."""
    problem = url_problem(url)
    if problem:
        raise SeedError(problem, hint="give a whole URL, as https://example.org/news/")
    parts = urlsplit(url)
    host = parts.netloc.lower()
    return Seed(name=host.replace(":", "-").strip("[]"), title=host, urls=(url,), scope=Scope(hosts=(host,)))


def _choice_problem(value: str, choices: tuple[str, ...]) -> str:
    return (
        ""
        if value in choices
        else f"must be one of {', '.join(choices)}, not {value!r}{nearest(value, choices)}"
    )


def _name_problem(value: str) -> str:
    sound = value.isascii() and value.replace("-", "").replace("_", "").replace(".", "").isalnum()
    return "" if sound else f"must be letters, digits, hyphens, underscores and dots, not {value!r}"


def _positive_problem(value: float) -> str:
    return "" if 0 < value < math.inf else f"must be above 0, not {value}"


def _negative_problem(value: float) -> str:
    return "" if 0 <= value < math.inf else f"must not be below 0, not {value}"
