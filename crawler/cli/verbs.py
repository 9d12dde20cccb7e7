"""A click group whose verbs are imported when they are called, and listed by what they are for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import click

from crawler.toml_keys import nearest

EXIT_USAGE = 2
GROUPS = {
    "collect": "Collect",
    "process": "Process",
    "ask": "Ask",
    "keep": "Keep healthy",
}


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb of the command: `attribute` of `module` is its click command, `group` a key of `GROUPS`."""

    name: str
    module: str
    attribute: str
    help: str
    group: str


class VerbGroup(click.Group):
    """A group of verbs, each a `Verb` or an added command; click has no lazy loading of its own."""

    def __init__(self, *args: Any, verbs: Sequence[Verb] = (), **kwargs: Any) -> None:  # noqa: ANN401 (click's)
        """Take the verbs in the order in which help lists them."""
        super().__init__(*args, **kwargs)
        self._verbs = {verb.name: verb for verb in verbs}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the verbs, in the table's order."""
        return [*self._verbs, *super().list_commands(ctx)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command; this imports its module."""
        verb = self._verbs.get(cmd_name)
        if verb is None:
            return super().get_command(ctx, cmd_name)
        command: click.Command = getattr(import_module(verb.module), verb.attribute)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Help on stderr where no verb is given."""
        if not args and not ctx.resilient_parsing:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(EXIT_USAGE)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The verb that `args` begin with. Raises: click.UsageError, which names the nearest verb."""
        name, known = args[0], self.list_commands(ctx)
        if name not in known and not name.startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"no verb is called `{name}`{nearest(name, known)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The verbs by group, without importing one."""
        if not self._verbs:
            super().format_commands(ctx, formatter)
        width = max((len(name) for name in self._verbs), default=0)
        for group, heading in GROUPS.items():
            rows = [
                (verb.name.ljust(width), verb.help) for verb in self._verbs.values() if verb.group == group
            ]
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)
