"""The keys of a seed's file, with their defaults and what each says, for the reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass

from crawler.seed import Listing, Scope, Seed

# What `crawler.seed_reading` makes of other keys or of nothing at all.
_NO_KEYS = {"path", "bundled", "sitemaps_auto"}
_DEFAULTS = {
    "name": "the file's name",
    "title": "the name",
    "sitemaps": '`"auto"`',
    "scope.hosts": "those of the starts",
}
_DOCS = {
    "name": "What the source is called in the index, in reports and on the command line",
    "title": "What people call it",
    "publisher": "Who publishes it, where its pages don't say",
    "language": "Language of its pages, where they don't say: a two-letter code",
    "spider": "`news`, or `defense` for sites of the U.S. military's AFPIMS",
    "urls": "Pages to start from",
    "feeds": "RSS, Atom, RDF or JSON feeds, asked at each crawl, with the pages behind them",
    "sitemaps": '`"auto"`: those that robots.txt names, else `/sitemap.xml`; or a list of addresses',
    "listings.url": "`[[listings]]`, any number: a page that lists articles, with `{page}` for its number",
    "listings.max_pages": "How many of its pages are asked, from 1",
    "wordpress": "`true`, or the address of the posts in WordPress's REST interface",
    "scope.hosts": "Hosts of the source, with and without `www.`; `*.example.org` for all below it",
    "scope.allow": "Patterns, of which one must fit a page's URL, if there are any",
    "scope.deny": "Patterns that leave a URL out, whatever else fits it",
    "scope.article": "Patterns of the URLs of articles, which are fetched first",
    "scope.follow": "`all` links in scope, or `articles` and what leads to them only",
    "limits.max_pages": "Pages of one crawl; 0 for no limit",
    "limits.max_depth": "Links away from a start, for articles two more; 0 for no limit",
    "limits.max_links": "Links taken from one page, feed or sitemap",
    "limits.max_paging": "Pages of feeds and listings whose end is not known",
    "limits.max_barren": "Pages of one section asked for in a row that give nothing new; 0 for no limit",
    "politeness.delay_s": "Seconds between two requests to a host; a longer `Crawl-delay` wins",
    "politeness.concurrency": "Requests to a host that may run at once",
    "robots.obey": "Whether robots.txt is obeyed; `false` needs a reason",
    "robots.unreachable": "Where robots.txt can't be read: `wait`, or `allow` with a reason",
    "robots.reason": "Why, as the archive keeps it",
    "schedule": "When `presswarc schedule` crawls it: a cron line of five fields",
    "timezone": "Time zone of the cron line",
    "jitter_s": "A run begins up to so many seconds after its time",
    "revisit_after_s": "Seconds until a known page is asked for again the first time; 0: at each crawl",
    "revisit.min_s": "The shortest wait, for pages that are found to change",
    "revisit.max_s": "The longest, for those that never do",
    "health.silent_after_s": "Seconds without a new article until it is called silent; 0: as its past tells",
    "health.expect_words": "Words of a usual article; half of them are called short; 0: as its past tells",
    "fallbacks": "Where a refused page's text is taken from, in order: `feed`, `print`, `wayback`, `dvids`",
    "http2": "Whether HTTP/2 is spoken with servers that have it",
    "browser": "Whether pages are rendered by Chromium",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedKey:
    """One key: its whole name, its default as the reference shows it, and what it says."""

    name: str
    default: str
    doc: str


def seed_keys() -> Iterator[SeedKey]:
    """Each key, in the order of the reference. Raises: ValueError where one has no text, or a text no key."""
    seed = Seed(name="", title="", scope=Scope(hosts=()), listings=(Listing(url=""),))
    usual = dict(_values("", seed))
    if set(usual) ^ set(_DOCS):
        raise ValueError(f"not in both of docs/seed_keys.py and crawler/seed.py: {set(usual) ^ set(_DOCS)}")
    for name, doc in _DOCS.items():
        yield SeedKey(name=name, default=_DEFAULTS.get(name, _shown(usual[name])), doc=doc)


def _values(above: str, seed: object) -> Iterator[tuple[str, object]]:
    """Whole name and value of each field of a seed and of the tables in it."""
    for field in fields(seed):  # type: ignore[arg-type]
        value = getattr(seed, field.name)
        if field.name == "listings":
            yield from _values("listings.", value[0])
        elif is_dataclass(value):
            yield from _values(f"{field.name}.", value)
        elif field.name not in _NO_KEYS:
            yield f"{above}{field.name}", value


def _shown(value: object) -> str:
    """A value as TOML has it; nothing for what is empty.

    >>> _shown(True), _shown(20_000), _shown("UTC"), _shown(())
    ('`true`', '`20000`', '`"UTC"`', '')
    """
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, int | float):
        return f"`{value}`"
    return f'`"{value}"`' if value else ""
