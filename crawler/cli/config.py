"""`presswarc config`: each setting and where it comes from."""

from __future__ import annotations

import re

import click

from crawler.cli.options import Common, archive_options
from crawler.cli.output import Output, row_options, write_rows
from crawler.cli.verbs import VerbGroup

_SECRETS = frozenset({"dvids_key"})
_PASSWORD = re.compile(r"(?<=://)([^/@\s:]*:)\S+(?=@)")


@click.group(cls=VerbGroup)
def config() -> None:
    """Show the settings: flag, then PRESSWARC_* variable, then presswarc.toml, then default."""


@config.command(
    epilog="""\b
Examples:
  presswarc config show
  PRESSWARC_WORKERS=2 presswarc config show --json
"""
)
@row_options()
@archive_options
def show(*, output: Output, common: Common) -> None:
    """Show each setting, its value, where the value comes from, and what it does."""
    settings = common.config()
    rows = [(one.name, _told(one.name, one.value), one.source, one.doc) for one in settings.origins]
    write_rows(("setting", "value", "origin", "help"), rows, output)
    for advice in settings.advice():
        common.note(f"note: {advice}")
    if left := _left_open():
        common.note(f"note: this system cannot keep the processes that parse pages from {', '.join(left)}")


def _left_open() -> tuple[str, ...]:
    """What the box of a parsing process does not close here."""
    from pipelines.box import left_open
    from pipelines.workers import Workers

    with Workers(1) as pool:
        return pool.submit(left_open).result()


def _told(name: str, value: object) -> object:
    """The value as JSON can say it: numbers as numbers, paths as text; of an address without its password.

    >>> _told("frontier", "postgresql://me:secret@db/frontier"), _told("dvids_key", "key-1")
    ('postgresql://me:***@db/frontier', '***')
    """
    if name in _SECRETS and value:
        return "***"
    return value if isinstance(value, int | float) else _PASSWORD.sub(r"\1***", str(value))
