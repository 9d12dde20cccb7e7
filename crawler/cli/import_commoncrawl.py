"""`presswarc import commoncrawl`: records out of Common Crawl's files, as they are."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

import click

from crawler.cli.import_options import (
    check_patterns,
    choice_options,
    rate_options,
    service_options,
    source_of,
)
from crawler.cli.options import Common, archive_options
from storage.errors import UsageError

if TYPE_CHECKING:
    from crawler.guard import AddressPolicy

_EXAMPLES = """\b
Examples:
  presswarc import commoncrawl 'https://www.defense.gov/News/*' --crawl CC-MAIN-2024-10
  presswarc import commoncrawl news.example --match domain --crawl CC-MAIN-2024-10 --dry-run
  presswarc import commoncrawl --news 2024/02 --host news.example --from 2024-02-03 --to 2024-02-04

\b
The files of CC-NEWS, of a gigabyte each and some hundreds a month, have no
index: they are read through, and only what is asked for is kept.

\b
Exit codes: 0 done; 1 some records could not be had (`failures` in the
index says which and why); 2 usage; 3 the service refused and was left
alone; 4 another process writes to the archive; 5 out of space; 130
interrupted and saved. Run it again: what is here is not fetched twice."""
_CRAWL = re.compile(r"[A-Za-z0-9-]+")
_MONTH = re.compile(r"(\d{4})[/-](\d\d)")


@click.command("commoncrawl", short_help="Records of Common Crawl, and of CC-NEWS", epilog=_EXAMPLES)
@click.argument("url", metavar="[URL|PREFIX*]", required=False)
@click.option("--crawl", metavar="NAME", help="The crawl, as CC-MAIN-2024-10.")
@click.option("--news", metavar="YYYY/MM", help="Read CC-NEWS of this month instead.")
@click.option("--host", metavar="HOST", multiple=True, help="Of CC-NEWS: this host and those below it.")
@choice_options("Take N records at most.")
@click.option(
    "--endpoint",
    metavar="URL",
    default="https://index.commoncrawl.org",
    show_default=True,
    help="Where the indexes are asked.",
)
@click.option(
    "--data",
    metavar="URL",
    default="https://data.commoncrawl.org",
    show_default=True,
    help="Where the files lie.",
)
@rate_options("Records a second.")
@service_options
@archive_options
def commoncrawl(  # noqa: PLR0913 (the options of the verb)
    *,
    common: Common,
    url: str | None,
    crawl: str | None,
    news: str | None,
    host: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    match: str | None,
    limit: int | None,
    status: str,
    mime: str | None,
    endpoint: str,
    data: str,
    cdx_rate: float,
    rate: float,
    source: str | None,
    dry_run: bool,
    policy: AddressPolicy,
) -> int:
    """Bring in records that Common Crawl has of a URL, or CC-NEWS of a host.

    They are taken byte for byte; where they lay is written down beside them. Their pages become articles and
    versions as those do that were crawled.
    """
    from crawler.cli.import_running import Asking, Place, checked_url, run_ccnews, run_commoncrawl
    from crawler.memento.ccnews import NewsChoice
    from crawler.memento.cdx import PAGES, Match, Wanted, wanted_urls
    from crawler.memento.choosing import Choice

    check_patterns(status=status, mime=mime)
    place = Place(index=endpoint.rstrip("/"), data=data.rstrip("/"))
    for one in (place.index, place.data):
        checked_url(one)
    named = url or (f"http://{host[0]}/" if host else "")
    month = _asked_month(url, crawl, news, host)
    asking = Asking(
        common=common,
        source=source_of(source, wanted_urls(named, None)[0]),
        policy=policy,
        dry_run=dry_run,
        index_per_s=cdx_rate,
        per_s=rate,
    )
    if month:
        hosts = tuple(one.lower().removeprefix("www.") for one in host)
        news_choice = NewsChoice(hosts=hosts, since=since, until=until, most=limit)
        return run_ccnews(asking, news_choice, place, month)
    bare, kind = wanted_urls(named, Match(match) if match else None)
    wanted = Wanted(url=bare, match=kind, since=since, until=until, status=status, mime=mime or PAGES)
    return run_commoncrawl(asking, Choice(wanted=wanted, most=limit, repeated=True), place, crawl or "")


def _asked_month(url: str | None, crawl: str | None, news: str | None, hosts: tuple[str, ...]) -> str:
    """The month of CC-NEWS that is asked for, "" where a crawl is. Raises: UsageError."""
    if (crawl is None) is (news is None):
        raise UsageError("say which crawl, or which month of CC-NEWS", hint="--crawl CC-MAIN-2024-10")
    if crawl is not None:
        if not _CRAWL.fullmatch(crawl):
            raise UsageError(f"`{crawl}` is no crawl's name", hint="--crawl CC-MAIN-2024-10")
        if not url or hosts:
            raise UsageError("a crawl is asked for a URL", hint="'https://news.example/*' --crawl ...")
        return ""
    month = _MONTH.fullmatch(news or "")
    if month is None:
        raise UsageError(f"`{news}` is no month", hint="--news 2024/02")
    if url or not hosts:
        raise UsageError("CC-NEWS is asked for hosts", hint="--news 2024/02 --host news.example")
    return f"{month[1]}/{month[2]}"
