"""`presswarc search`: the articles that words are found in, best first."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from crawler.cli.bounds import GRACE_S, MEMORY_BYTES, memory_bound, time_bound
from crawler.cli.moments import Moment
from crawler.cli.numbers import timeout_option
from crawler.cli.options import Common, archive_options
from crawler.cli.output import Form, Output, open_output, row_options, write_rows
from crawler.cli.person import terminal_width, wrapped
from crawler.cli.values import as_second, printable

if TYPE_CHECKING:
    from storage.search import Hit

_BOLD, _PLAIN = "\x1b[1m", "\x1b[22m"
_MARKS = {"opening": "\ue000", "closing": "\ue001"}  # letters that no text has, until they are made bold


@click.command(
    epilog="""\b
In the words:
  "secretary of defense"   these words, one after the other, in just these forms
  +carrier  -budget        must be there, must not be there
  title:carrier            in the title; also author: and text:
  host:war.gov             of this site; also source:, language:, kind:, since:2026-03, before:2026-04-01
  hyperson*                every word that begins so

\b
Examples:
  presswarc search hypersonic missile test
  presswarc search '"aircraft carrier" -ford' --since 2026-01-01 --host war.gov
  presswarc search title:f-35 --ndjson --limit 100
"""
)
@click.argument("words", nargs=-1, required=True)
@click.option("--since", type=Moment(), help="Published then or later: 2026-11-20, or 7d for days ago.")
@click.option("--until", type=Moment(end=True), help="Published before; of a day, to its end.")
@click.option("--host", "hosts", multiple=True, help="Of this host and its subdomains; may be repeated.")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="Of this source; may be repeated.")
@click.option("--author", metavar="NAME", help="By somebody of this name.")
@click.option("--language", metavar="CODE", help="In this language, as the page names it: en.")
@click.option("--kind", metavar="KIND", help="article, release, transcript, contract or speech.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=10, show_default=True, help="So many at most."
)
@timeout_option(60.0, "Stop the search after that.")
@click.option("--duplicates", is_flag=True, help="Copies too; else of a story only the origin is found.")
@row_options()
@archive_options
def search(
    words: tuple[str, ...],
    *,
    timeout_s: float,
    output: Output,
    common: Common,
    **narrowing: Any,  # noqa: ANN401 (the other options, of their types)
) -> None:
    """Search title, authors and text of the articles; the best come first.

    An article need not have all the words, but is the better the more and the rarer ones it has. Other forms
    of a word are found too (`deploys` finds `deployed`). The same as SQL, in any DuckDB client:
    FROM search('words').
    """
    from storage.query import open_current
    from storage.search import Hit, Question
    from storage.search import search as find

    to_person = output.form in {None, Form.TABLE} and output.suitable() is Form.TABLE
    bold = to_person and output.path is None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
    question = Question(words=" ".join(words), **_given(narrowing), **_marks(bold=bold))
    archive = common.config().archive
    with (
        memory_bound(MEMORY_BYTES),
        time_bound(timeout_s + GRACE_S),
        open_current(archive) as connection,
    ):
        hits = find(connection, question, timeout_s)
    if to_person:
        with open_output(output) as file:
            width = None if output.path else terminal_width()
            file.write("\n".join(_told(hit, width, bold=bold) for hit in hits))
    else:
        names = [field.name for field in fields(Hit)]
        write_rows(names, ([getattr(hit, name) for name in names] for hit in hits), output)
    if not hits:
        common.note("no article was found")


def _marks(*, bold: bool) -> dict[str, Any]:
    """Marks of a question's own where they are made bold afterwards."""
    return dict(_MARKS) if bold else {}


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """The options as a question takes them, those that were not given left out."""
    return {name: value for name, value in options.items() if value is not None}


def _told(hit: Hit, width: int | None, *, bold: bool) -> str:
    """A hit as a person reads it: title, where and when, what it says around the words."""
    head = wrapped(printable(hit.title or "(no title)"), width)
    where = "  ".join(_facts(hit))
    snippet = wrapped(printable(hit.snippet), width)
    if bold:
        head = f"{_BOLD}{head}{_PLAIN}"
        snippet = snippet.replace(_MARKS["opening"], _BOLD).replace(_MARKS["closing"], _PLAIN)
    return "\n".join([head, *(one for one in (where, snippet, printable(hit.url)) if one)]) + "\n"


def _facts(hit: Hit) -> Sequence[str]:
    """When, where, how well, and whether it is a copy."""
    when: datetime | None = hit.published_at
    told = [as_second(when) if when else "no date", printable(hit.host), f"{hit.score:.2f}"]
    return [*told, "copy"] if hit.is_duplicate else told
