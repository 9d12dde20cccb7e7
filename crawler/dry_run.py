"""What a crawl would do with its first URLs, by what is known already; no request, no file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from crawler.discovery import FoundIn, Link, LinkKind, starts
from crawler.discovery.likeness import matches
from crawler.frontier import as_text
from crawler.hosts import Hosts
from crawler.politeness import LONGEST_CRAWL_DELAY_S, crawl_delay
from crawler.robots_book import authority_of, standing_of
from crawler.scope import judge
from storage.errors import ArchiveError

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.robots_book import Standing
    from crawler.seeds import Seed

_ALLOWED, _NOT_KNOWN = "allowed", "robots.txt not known yet"
_DUE = """SELECT host, count(*) FILTER (WHERE state IN ('discovered', 'left')),
    count(*) FILTER (WHERE state NOT IN ('discovered', 'left'))
    FROM urls WHERE source = ? AND kind <> 'robots'
    AND (state IN ('discovered', 'left') OR next_visit_at <= ?)
    GROUP BY host ORDER BY host"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What scope and the last known robots.txt say of a URL; `scope` is "in" or why not."""

    kind: str
    scope: str
    robots: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HostOutlook:
    """How a host would be asked: how its robots.txt stands, seconds between requests, what is due."""

    host: str
    robots: str
    delay_s: float
    delay_by: str
    new: int | None = 0  # None where the frontier is another machine's, which is not asked
    again: int = 0
    waits_until: datetime | None = None
    waits_for: str = ""

    def line(self) -> str:
        """The host in a line, for a person."""
        told = [self.robots, f"{self.delay_s:g} s between requests ({self.delay_by})"]
        if self.new is not None:
            told.append(f"{self.new} new URLs and {self.again} known ones are due")
        if self.waits_until is not None:
            told.append(f"left alone until {self.waits_until:%Y-%m-%d %H:%M:%S} UTC: {self.waits_for}")
        return f"{self.host}: " + ", ".join(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What a crawl of a seed would begin with."""

    judged: tuple[Judged, ...]
    hosts: tuple[HostOutlook, ...]


def outlook(seed: Seed, config: Config, urls: Iterable[str] = ()) -> Outlook:
    """The outlook of a seed's starts, and of other URLs as links on a page. Raises: ArchiveError."""
    from storage.layout import Layout

    layout, now = Layout(config.archive), datetime.now(UTC)
    links = [*starts(seed), *(_link(url, seed) for url in urls)]
    due = None if config.frontier else _due(layout.frontier, seed.name, now)
    with Hosts(layout.hosts, read_only=True) as hosts:
        standings = {authority: _standing(hosts, authority, config) for authority in _authorities(links)}
        judged = tuple(_judged(link, seed, standings) for link in links)
        met = tuple(_host(seed, authority, found, hosts, due, now) for authority, found in standings.items())
    others = tuple(
        HostOutlook(
            host=host, robots=_NOT_KNOWN, delay_s=seed.politeness.delay_s, delay_by="the seed",
            new=new, again=again,
        )
        for host, (new, again) in (due or {}).items()
        if host not in {one.host for one in met}
    )  # fmt: skip
    return Outlook(judged=judged, hosts=met + others)


def _link(url: str, seed: Seed) -> Link:
    """A URL as a link that stands on a page of the seed's."""
    kind = LinkKind.ARTICLE if matches(seed.scope.article, url) else LinkKind.PAGE
    return Link(url=url, kind=kind, found_in=FoundIn.PAGE)


def _authorities(links: Iterable[Link]) -> list[str]:
    """What has a robots.txt of its own among the links, in their order."""
    web = (link.url for link in links if urlsplit(link.url).scheme in {"http", "https"})
    return list(dict.fromkeys(authority_of(url) for url in web))


def _standing(hosts: Hosts, authority: str, config: Config) -> Standing | None:
    """What the last known robots.txt says."""
    copy = hosts.robots(authority)
    return standing_of(copy, config.user_agent) if copy is not None else None


def _judged(link: Link, seed: Seed, standings: dict[str, Standing | None]) -> Judged:
    verdict = judge(link, seed)
    why = f"{verdict.reason}: {verdict.detail}" if verdict.detail else str(verdict.reason)
    robots = _verdict(link, seed, standings.get(authority_of(link.url)))
    return Judged(kind=link.kind.value, scope="in" if verdict.in_scope else why, robots=robots, url=link.url)


def _verdict(link: Link, seed: Seed, standing: Standing | None) -> str:
    """What robots.txt says of a link, with the line that decides."""
    if link.kind is LinkKind.ROBOTS:
        return _ALLOWED
    if not seed.robots.obey:
        return f"robots.txt ignored: {seed.robots.reason}"
    if standing is None or standing.rules is None:
        return _NOT_KNOWN
    rule = standing.rules.deciding(link.url)
    if rule is None:
        return f"{_ALLOWED}: no rule"
    return f"{_ALLOWED}: {rule}" if rule.allow else f"forbidden: {rule}"


def _host(
    seed: Seed,
    authority: str,
    standing: Standing | None,
    hosts: Hosts,
    due: dict[str, tuple[int, int]] | None,
    now: datetime,
) -> HostOutlook:
    """The outlook of one host."""
    host = urlsplit(authority).netloc
    obeyed = standing.rules.crawl_delay_s if standing and standing.rules and seed.robots.obey else None
    asked_s = crawl_delay(obeyed)
    by_robots = asked_s > seed.politeness.delay_s
    cut = f", {obeyed:g} s asked for" if obeyed and obeyed > LONGEST_CRAWL_DELAY_S else ""
    refusals = hosts.refusals(host)
    waits = refusals if refusals is not None and refusals.until > now else None
    new, again = (None, 0) if due is None else due.get(host, (0, 0))
    return HostOutlook(
        host=host,
        robots=standing.told if standing is not None else _NOT_KNOWN,
        delay_s=max(seed.politeness.delay_s, asked_s),
        delay_by=f"Crawl-delay{cut}" if by_robots else "the seed",
        new=new,
        again=again,
        waits_until=waits.until if waits else None,
        waits_for=waits.reason if waits else "",
    )


def _due(path: Path, source: str, now: datetime) -> dict[str, tuple[int, int]]:
    """How many URLs are due of each host, new ones and known ones; nothing where there is no frontier."""
    if not path.exists():
        return {}
    # A file that nobody has open is read as it is: else SQLite would make files beside it.
    busy = path.with_name(f"{path.name}-wal").exists()
    how = "mode=ro" if busy else "immutable=1"
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?{how}", uri=True, timeout=30)
        try:
            return {host: (new, again) for host, new, again in db.execute(_DUE, (source, as_text(now)))}
        finally:
            db.close()
    except sqlite3.Error as error:
        raise ArchiveError(f"the frontier can't be read: {error}", where=str(path)) from error
