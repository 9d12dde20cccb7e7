"""Numbers as people type them on the command line."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

F = TypeVar("F", bound=Callable[..., object])
_MOST = 1e9  # thirty years in seconds; threads and sockets wait for no time that is much longer


class Amount(click.FloatRange):
    """A number of which nothing can be made but what it says: `nan` and `inf` are none."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number. Raises: click.BadParameter."""
        number: float = super().convert(value, param, ctx)
        if not abs(number) <= _MOST:
            self.fail(f"{value} is not a number up to 1000000000", param, ctx)
        return number


def timeout_option(default_s: float, doc: str) -> Callable[[F], F]:
    """`--timeout SECONDS`: the verb gets it as `timeout_s`."""
    return click.option(
        "--timeout",
        "timeout_s",
        type=Amount(min=0, min_open=True),
        default=default_s,
        show_default=True,
        metavar="SECONDS",
        help=doc,
    )
