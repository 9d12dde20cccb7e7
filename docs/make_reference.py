"""Prints docs/reference.md from the program itself: `python docs/make_reference.py > docs/reference.md`.

A test compares the two, so the reference can't fall behind.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click
from seed_keys import seed_keys

from crawler.cli import VERBS, presswarc
from crawler.setting_table import SETTINGS
from storage.index.tables import TABLES
from storage.index.views import VIEWS

EXIT_CODES = (
    (0, "done"),
    (1, "findings (`verify`, `seeds check`), or a fault"),
    (2, "usage or configuration: the command, a setting, a seed or the SQL can't be used as it is"),
    (3, "the crawl is incomplete: nothing answered, or a fault stopped it; what was fetched is archived"),
    (4, "another process writes to the archive; the message names its pid"),
    (5, "no space left; nothing that was archived is lost, and the same command goes on when there is space"),
    (130, "interrupted and saved; the same command goes on"),
)
WIDTH = {"terminal_width": 80, "max_content_width": 80}


def reference() -> str:
    """The whole document."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Reference"
    yield ""
    yield "Made by `python docs/make_reference.py > docs/reference.md`; a test keeps it true."
    yield ""
    yield "## Exit codes"
    yield "| code | meaning |"
    yield "|---|---|"
    for code, meaning in EXIT_CODES:
        yield f"| {code} | {meaning} |"
    yield ""
    yield "## Settings"
    yield "In `presswarc.toml`; `PRESSWARC_<NAME>` in the environment wins over it, a flag over both."
    yield ""
    yield "| setting | default | what it does |"
    yield "|---|---|---|"
    for setting in SETTINGS:
        default = "" if setting.name == "workers" else f"`{setting.default}`" if setting.default != "" else ""
        yield f"| `{setting.name}` | {default} | {setting.doc} |"
    yield ""
    yield from _seeds()
    yield from _tables()
    yield from _verbs()


def _seeds() -> Iterator[str]:
    """The keys of a seed's file."""
    yield "## Seeds"
    yield "One TOML file a source. `presswarc seeds add URL` writes one, `presswarc seeds check` tells"
    yield "every fault with its line. `limits.max_pages` is `max_pages` in the table `[limits]`."
    yield ""
    yield "| key | default | what it says |"
    yield "|---|---|---|"
    for key in seed_keys():
        yield f"| `{key.name}` | {key.default} | {key.doc} |"
    yield ""


def _tables() -> Iterator[str]:
    """The tables and views that analysts see."""
    yield "## Tables and views of the published index"
    yield "The same texts are comments in the database: `SELECT * FROM duckdb_columns()`."
    for part in (*TABLES, *VIEWS):
        if part.name.startswith("work."):
            continue
        yield ""
        yield f"### `{part.name}`"
        yield f"{part.comment}."
        yield ""
        yield "| column | type | what it holds |"
        yield "|---|---|---|"
        for column in part.columns:
            yield f"| `{column.name}` | {column.type} | {column.comment} |"
    yield ""


def _verbs() -> Iterator[str]:
    """Each verb's help."""
    yield "## Verbs"
    group_context = click.Context(presswarc, info_name="presswarc", **WIDTH)
    for verb in VERBS:
        command = presswarc.get_command(group_context, verb.name)
        if command is None:
            continue
        yield from _help(command, verb.name, group_context)
        if isinstance(command, click.Group):
            context = click.Context(command, info_name=verb.name, parent=group_context)
            for name in command.list_commands(context):
                below = command.get_command(context, name)
                if below is not None:
                    yield from _help(below, name, context)


def _help(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    """The help text of one command."""
    context = click.Context(command, info_name=name, parent=parent, **WIDTH)
    yield ""
    yield f"### `{context.command_path}`"
    yield "```text"
    yield command.get_help(context).rstrip()
    yield "```"


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    sys.stdout.write(reference())
