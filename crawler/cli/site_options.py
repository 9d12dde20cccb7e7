"""Options of the verbs that ask a site without crawling it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import click

from crawler.cli.numbers import Amount
from crawler.cli.options import address_options

Function = Callable[..., Any]
_DELAY_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a site is asked: as `presswarc crawl` has these options."""

    allow_address: tuple[str, ...] = ()
    connect_to: tuple[str, ...] = ()
    delay_s: float | None = None

    @property
    def is_set(self) -> bool:
        """Whether one of the options was given."""
        return bool(self.allow_address or self.connect_to or self.delay_s is not None)

    @property
    def pause_s(self) -> float:
        """Seconds between two requests to a host."""
        return _DELAY_S if self.delay_s is None else self.delay_s


def site_options(verb: Function) -> Function:
    """`--delay`, `--allow-address`, `--connect-to`: the verb gets them as `asking`."""

    @functools.wraps(verb)
    def call(
        *args: object,
        delay: float | None,
        allow_address: tuple[str, ...],
        connect_to: tuple[str, ...],
        **rest: object,
    ) -> object:
        asking = Asking(allow_address=allow_address, connect_to=connect_to, delay_s=delay)
        return verb(*args, asking=asking, **rest)

    delay = click.option(
        "--delay",
        metavar="S",
        type=Amount(min=0),
        help="Seconds between two requests to a host.  [default: 1]",
    )
    return delay(address_options(call))
