"""What was found out of a site -> a seed file, with comments for whoever keeps it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from crawler.discovery.markup import one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from crawler.probing.reading import Looked
    from crawler.probing.site import Site

_DENIED = {"WordPress": (r"/wp-admin/", r"[?&]replytocom=", r"/tag/", r"/author/", r"[?&](?:tag|author)=")}
_AFPIMS_DENIED = (
    r"(?i)/DesktopModules/ArticleCS/Print\.aspx",
    r"(?i)/DVIDSVideoPlayer/",
    r"(?i)/Multimedia/",
)
_USUAL_DELAY_S = 2.0


def seed_text(site: Site, *, looked_on: date) -> str:
    """The TOML of a seed; what does not work stands in it as a comment with the reason."""
    seed, facts = site.seed, site.facts
    lines = [
        f"# {_said(facts.title or seed.title)}. Made by `presswarc seeds add` on {looked_on:%Y-%m-%d}",
        "# of what the site told then. Look it over: what a program can't know stands in a comment.",
        f"title = {_text(facts.title or seed.title)}",
    ]
    if facts.cms:
        lines.append(f"# made with {_said(facts.cms)}")
    lines.append(_or_comment("publisher", facts.publisher, "who answers for the articles"))
    lines.append(_or_comment("language", facts.language, "the page does not say; as `en`"))
    lines.append('# schedule = "*/30 * * * *" # a cron line; without one only `presswarc crawl` runs it')
    lines.append(f"urls = {_list(seed.urls)}")
    lines += _addresses("feeds", site.feeds)
    lines += _sitemaps(site)
    if site.wordpress:
        lines.append(f"wordpress = {_text(_without_paging(site.wordpress.url))} # {_told(site.wordpress)}")
    lines += [f"# gave nothing: {_said(one.url)} ({_said(one.problem)})" for one in site.useless]
    for listing, looked in site.listings:
        lines += ["", "[[listings]]", f"url = {_text(listing.url)} # {_told(looked)} on its first page"]
        lines.append(f"max_pages = {listing.max_pages}")
    lines += ["", *_scope(site), "", *_politeness(site)]
    return "\n".join(lines) + "\n"


def _addresses(key: str, looked: Iterable[Looked]) -> Iterator[str]:
    """A list of addresses, each with what it gave."""
    rows = [f"    {_text(one.url)}, # {_told(one)}" for one in looked]
    if rows:
        yield f"{key} = ["
        yield from rows
        yield "]"
    else:
        yield f"# {key} = [] # none was found"


def _sitemaps(site: Site) -> Iterator[str]:
    if site.named_in_robots or not site.sitemaps:
        yield 'sitemaps = "auto" # those that robots.txt names'
        if not site.sitemaps:
            yield "# none was found that gives a link in scope"
        yield from (f"# {_said(one.url)}: {_told(one)}" for one in site.sitemaps)
    else:
        yield from _addresses("sitemaps", site.sitemaps)


def _scope(site: Site) -> Iterator[str]:
    yield "[scope]"
    yield f"hosts = {_list(site.seed.scope.hosts)}"
    if site.article:
        yield f"article = {_list(site.article)} # learned of articles that it names: does it hold for all?"
    else:
        yield "# article = ['/20\\d\\d/\\d\\d/'] # too little to learn it of; without it articles are guessed"
    denied = _AFPIMS_DENIED if site.facts.cms == "AFPIMS" else _DENIED.get(site.facts.cms or "", ())
    yield f"deny = {_list(denied)}" if denied else "# deny = ['/tag/', '/author/']"


def _politeness(site: Site) -> Iterator[str]:
    yield "[politeness]"
    asked = site.crawl_delay_s
    yield f"delay_s = {max(asked, _USUAL_DELAY_S):g}" + (" # asked for in robots.txt" if asked else "")
    yield "concurrency = 1"


def _told(looked: Looked) -> str:
    """What an address gave, in a few words."""
    what = f"{looked.articles} articles" if looked.articles else f"{len(looked.in_scope)} links"
    return f"{what}, newest {looked.newest_at:%Y-%m-%d}" if looked.newest_at else what


def _without_paging(url: str) -> str:
    """The REST interface's own address: a crawl adds how many posts it wants.

    >>> _without_paging("https://example.org/wp-json/wp/v2/posts?per_page=100&page=1")
    'https://example.org/wp-json/wp/v2/posts'
    """
    start, _, query = url.partition("?")
    kept = [field for field in query.split("&") if field.startswith("rest_route=")]
    return f"{start}?{kept[0]}" if kept else start


def _or_comment(key: str, value: str | None, why_not: str) -> str:
    return f"{key} = {_text(value)}" if value else f'# {key} = "" # {why_not}'


def _list(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _text(value: str) -> str:
    r"""The value as TOML has it: as it stands between single quotes where it has a backslash.

    >>> _text("a/b"), _text('the "Post"')
    ('"a/b"', '"the \\"Post\\""')
    """
    if "\\" in value and "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=not value.isprintable())


def _said(text: str) -> str:
    """The text fit for a comment: on one line, nothing that a terminal obeys."""
    return "".join(char if char.isprintable() else "?" for char in one_line(text) or "")
