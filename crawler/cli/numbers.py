"""Numbers as people type them on the command line."""

from __future__ import annotations

import click

_MOST = 1e9  # thirty years in seconds; threads and sockets wait for no time that is much longer


class Amount(click.FloatRange):
    """A number of which nothing can be made but what it says: `nan` and `inf` are none."""

    def convert(self, value: float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The number. Raises: click.BadParameter."""
        number: float = super().convert(value, param, ctx)
        if not abs(number) <= _MOST:
            self.fail(f"{value} is not a number up to 1000000000", param, ctx)
        return number
