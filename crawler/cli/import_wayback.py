"""`presswarc import wayback`: old captures out of the Wayback Machine or a pywb."""

from __future__ import annotations

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

if TYPE_CHECKING:
    from crawler.guard import AddressPolicy

_EXAMPLES = """\b
Examples:
  presswarc import wayback https://www.defense.gov/News/Contracts/ --from 2019-01-01 --to 2019-12-31
  presswarc import wayback 'https://www.defense.gov/News/News-Stories/*' --source defense-gov
  presswarc import wayback news.example --match domain --dry-run
  presswarc import wayback http://news.example/ --endpoint http://127.0.0.1:8080/coll \\
    --allow-address 127.0.0.1:8080

\b
Exit codes: 0 done; 1 some captures could not be had (`failures` in the
index says which and why); 2 usage; 3 the archive refused and was left
alone; 4 another process writes to the archive; 5 out of space; 130
interrupted and saved. Run it again: what is here is not fetched twice."""


@click.command("wayback", short_help="Captures of the Wayback Machine, or of a pywb", epilog=_EXAMPLES)
@click.argument("url", metavar="URL|PREFIX*")
@choice_options("Fetch N captures at most.")
@click.option("--repeated", is_flag=True, help="Fetch captures with the same bytes as the one before, too.")
@click.option(
    "--endpoint",
    metavar="URL",
    default="https://web.archive.org/web",
    show_default=True,
    help="Where the archive shows its captures.",
)
@click.option("--cdx", metavar="URL", help="Where its index is asked.  [default: told by the endpoint]")
@rate_options("Captures a second.")
@service_options
@archive_options
def wayback(  # noqa: PLR0913 (the options of the verb)
    *,
    common: Common,
    url: str,
    since: datetime | None,
    until: datetime | None,
    match: str | None,
    limit: int | None,
    status: str,
    mime: str | None,
    repeated: bool,
    endpoint: str,
    cdx: str | None,
    cdx_rate: float,
    rate: float,
    source: str | None,
    dry_run: bool,
    policy: AddressPolicy,
) -> int:
    """Bring in captures that the Wayback Machine has of a URL, or of all below a prefix.

    They keep their time and their address, and become articles and versions as those do that were crawled.
    Any archive that answers as pywb or the Internet Archive can be asked.
    """
    from crawler.cli.import_running import Asking, run_wayback
    from crawler.memento.cdx import PAGES, Match, Wanted, wanted_urls
    from crawler.memento.choosing import Choice

    check_patterns(status=status, mime=mime)
    bare, kind = wanted_urls(url, Match(match) if match else None)
    wanted = Wanted(url=bare, match=kind, since=since, until=until, status=status, mime=mime or PAGES)
    choice = Choice(wanted=wanted, most=limit, repeated=repeated)
    asking = Asking(
        common=common,
        source=source_of(source, bare),
        policy=policy,
        dry_run=dry_run,
        index_per_s=cdx_rate,
        per_s=rate,
    )
    return run_wayback(asking, choice, endpoint.rstrip("/"), cdx)
