"""Options that choose captures, given to a verb as one value."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from crawler.cli.moments import Moment

Function = Callable[..., Any]

_OPTIONS = (
    click.option("--since", type=Moment(), help="Captured then or later: 2026-11-20, or 7d for days ago."),
    click.option("--until", type=Moment(end=True), help="Captured before; of a day, to its end."),
    click.option("--host", multiple=True, help="Of this host and its subdomains; may be repeated."),
    click.option("--url", multiple=True, help="Of the article at this URL in any form; may be repeated."),
    click.option("--source", metavar="NAME", help="Of this source."),
    click.option("--crawl", "crawl_id", metavar="ID", help="Of this crawl."),
)


def choice_options(verb: Function) -> Function:
    """`--since`, `--until`, `--host`, `--url`, `--source`, `--crawl`: the verb gets them as `choice`."""

    @functools.wraps(verb)
    def call(
        *args: object,
        since: datetime | None,
        until: datetime | None,
        host: tuple[str, ...],
        **rest: Any,  # noqa: ANN401 (the other options, of their types)
    ) -> object:
        from storage.index.choose import Choice

        choice = Choice(
            since=since,
            until=until,
            hosts=host,
            urls=rest.pop("url"),
            source=rest.pop("source") or None,
            crawl_id=rest.pop("crawl_id") or None,
        )
        return verb(*args, choice=choice, **rest)

    function: Function = call
    for option in reversed(_OPTIONS):
        function = option(function)
    return function
