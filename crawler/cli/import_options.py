"""What `presswarc import wayback` and `import commoncrawl` have in common on the command line."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import click

from crawler.cli.moments import Moment
from crawler.cli.numbers import Amount
from crawler.cli.options import address_options
from storage.errors import UsageError

Function = Callable[..., Any]


def service_options(verb: Function) -> Function:
    """`--source`, `--dry-run` and the two of the address guard, which the verb gets as `policy`."""

    @functools.wraps(verb)
    def call(
        *args: object, allow_address: tuple[str, ...] = (), connect_to: tuple[str, ...] = (), **rest: object
    ) -> object:
        from crawler.guard import address_policy

        return verb(*args, policy=address_policy(allow_address, connect_to), **rest)

    options = (
        click.option("--source", metavar="NAME", help="Source of what comes in.  [default: the host]"),
        click.option("--dry-run", is_flag=True, help="Say how many captures would come in; none is fetched."),
    )
    return _all_of(*options)(address_options(call))


def choice_options(limit: str) -> Callable[[Function], Function]:
    """What of the service's holdings is meant; `limit` says what that option does."""
    return _all_of(
        click.option("--from", "since", type=Moment(), help="Nothing captured earlier."),
        click.option(
            "--to", "until", type=Moment(end=True), help="Nothing captured later; of a day, to its end."
        ),
        click.option(
            "--match",
            type=click.Choice(["exact", "prefix", "host", "domain"]),
            help="Which URLs are meant.  [default: exact; prefix where a * ends the URL]",
        ),
        click.option("--limit", metavar="N", type=click.IntRange(min=1), help=limit),
        click.option("--status", metavar="REGEX", default="200", show_default=True, help="Statuses to take."),
        click.option("--mime", metavar="REGEX", help="Media types to take.  [default: those of web pages]"),
    )


def rate_options(rate: str) -> Callable[[Function], Function]:
    """How fast the service is asked; `rate` says what that option counts."""
    least = Amount(min=0.001)
    return _all_of(
        click.option("--cdx-rate", type=least, default=0.4, show_default=True, help="Questions a second."),
        click.option("--rate", type=least, default=8.0, show_default=True, help=rate),
    )


def _all_of(*options: Callable[[Function], Function]) -> Callable[[Function], Function]:
    """The options as one, in their order."""

    def decorate(verb: Function) -> Function:
        for option in reversed(options):
            verb = option(verb)
        return verb

    return decorate


def source_of(source: str | None, url: str) -> str:
    """The source that was named, else the host of a URL, as `presswarc crawl URL` names it.

    Raises: UsageError.

    >>> source_of(None, "https://www.news.example:8080/a"), source_of(None, "news.example/2019/")
    ('www.news.example-8080', 'news.example')
    """
    if source is not None:
        return checked_source(source)
    host = url.partition("://")[2] or url
    host = host.partition("/")[0].rpartition("@")[2].lower()
    return checked_source(host.replace(":", "-").strip("[]"))


def checked_source(source: str) -> str:
    """A source that file names and the index can both hold. Raises: UsageError."""
    from storage.imports.provenance import IMPORT_SOURCE
    from storage.warc.write import file_safe

    if source == file_safe(source) and source not in {"", IMPORT_SOURCE}:
        return source
    safe = file_safe(source).strip("-")
    safe = safe if safe not in {"", IMPORT_SOURCE} else "imported"
    raise UsageError(f"`{source}` can't be the name of a source", hint=f"--source {safe}")


def check_patterns(**patterns: str | None) -> None:
    """Refuse what is no pattern. Raises: UsageError."""
    for name, pattern in patterns.items():
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise UsageError(f"--{name} is no pattern: {error}", hint=f"--{name} '2..'") from error
