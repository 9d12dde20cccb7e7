"""`presswarc show`: one article with all that the index has about it."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from crawler.cli.bounds import MEMORY_BYTES, memory_bound, time_bound
from crawler.cli.numbers import timeout_option
from crawler.cli.options import Common, archive_options
from crawler.cli.output import Form, Output, open_output, row_options
from crawler.cli.person import Page, terminal_width, told, wrapped
from crawler.cli.values import as_second, as_text, printable, to_json
from crawler.cli.worddiff import added, removed, word_diff
from storage.errors import PresswarcError

if TYPE_CHECKING:
    import duckdb

    from crawler.cli.worddiff import Mark
    from storage.found import FoundArticle, FoundMember, FoundVersion

_HISTORY_FIELDS = ("authors", "dateline", "published_at", "origin_url")
_MOST_MEMBERS = 12
_DROPPED = "SELECT outcome, reason FROM dropped WHERE url = $url ORDER BY dropped_at DESC LIMIT 1"


@click.command(
    epilog="""\b
Examples:
  presswarc show https://example.org/news/story
  presswarc show --history https://example.org/news/story
  presswarc show --json https://example.org/news/story
"""
)
@click.argument("url")
@click.option("--history", is_flag=True, help="Its versions, each with what changed, word by word.")
@timeout_option(60.0, "Stop looking after that.")
@row_options({Form.JSON: "One JSON object; with --history, an array of its versions."})
@archive_options
def show(url: str, *, history: bool, timeout_s: float, output: Output, common: Common) -> None:
    """Show one article: its fields, text, photos, cluster, and what was removed from its page.

    Any form of the URL will do. `--json` gives everything that the index has about the article as one object;
    with `--history`, its versions.
    """
    from storage.query import find_article, open_current

    archive = common.config().archive
    with memory_bound(MEMORY_BYTES), time_bound(timeout_s), open_current(archive) as connection:
        article = find_article(connection, url)
        if article is None:
            raise _unknown(connection, url)
    as_data = output.form is Form.JSON or (output.path is not None and output.suitable() is Form.JSON)
    with open_output(output) as file:
        if as_data:
            file.write(to_json(article.versions if history else article, indent=2) + "\n")
        elif history:
            file.write("\n\n".join(_history(article.versions, _marks(output))) + "\n")
        else:
            file.write(told(_page(article), None if output.path else terminal_width()))


def _unknown(connection: duckdb.DuckDBPyConnection, url: str) -> PresswarcError:
    """The error for a URL without an article: why it has none where that is known, else the nearest."""
    from storage.index.choose import NEAREST_URLS
    from storage.query import run_sql

    for outcome, reason in run_sql(connection, _DROPPED, {"url": url}).rows:
        kind = as_text(outcome).replace("_", " ")
        sql = "FROM dropped WHERE url = '{}'".format(url.replace("'", "''"))
        return PresswarcError(
            f"this URL gave no article: {kind}" + f" ({reason})" * bool(reason and reason != kind),
            where=url,
            hint=f"presswarc query {shlex.quote(sql)}",
        )
    near = [printable(str(row[0])) for row in run_sql(connection, NEAREST_URLS, {"url": url}).rows]
    if not near:
        hint = 'presswarc query "SELECT url, title FROM articles"'
        return PresswarcError("no article is known by this URL", where=url, hint=hint)
    told_near = "".join(f"\n{one}" for one in near)
    # Quoted, because a URL is a stranger's text and the hint is there to be pasted into a shell.
    hint = f"presswarc show {shlex.quote(near[0])}"
    return PresswarcError(
        f"no article is known by this URL; the nearest are{told_near}", where=url, hint=hint
    )


def _page(article: FoundArticle) -> Page:
    fields: list[tuple[str, object]] = [
        ("url", article.url),
        ("canonical", article.canonical_url if article.canonical_url != article.url else None),
        *_links(article),
        ("source", article.source),
        ("site", article.site_name),
        ("authors", article.authors),
        ("dateline", article.dateline),
        ("published", article.published_at or article.published_raw),
        ("modified", article.modified_at),
        ("language", article.language),
        ("words", article.word_count),
        ("captured", _seen(article)),
        ("versions", f"{len(article.versions)} (--history)" if len(article.versions) > 1 else 1),
        ("says from", article.origin_url),
        ("paywalled", "yes" if article.paywalled else None),
        ("drift", article.layout_drift),
        *_cluster(article),
    ]
    return Page(
        title=article.title,
        fields=fields,
        text=article.text,
        photos=article.photos,
        removed=[(block.kind, block.text) for block in article.blocks],
    )


def _links(article: FoundArticle) -> Iterator[tuple[str, object]]:
    """What its URLs declare, or which parameters they have beside, and whether that made them one article."""
    for link in article.links[:_MOST_MEMBERS]:
        where = "" if link.url == article.url else f" (at {link.url})"
        verdict = "" if link.verdict == "used" else f" (not used: {link.verdict.replace('_', ' ')})"
        yield ("declares" if link.kind == "declared" else "as"), link.target_url + where + verdict
    if len(article.links) > _MOST_MEMBERS:
        yield "", f"and {len(article.links) - _MOST_MEMBERS} more (--json)"


def _cluster(article: FoundArticle) -> Iterator[tuple[str, object]]:
    """Where the article stands among those that tell the same text."""
    others = [member for member in article.members if member.article_id != article.article_id]
    if not others:
        yield "cluster", "alone"
        return
    role = "a copy" if article.is_duplicate else "the origin"
    yield "cluster", f"{article.cluster_id}, {len(article.members)} articles; this is {role}"
    for member in others[:_MOST_MEMBERS]:
        yield ("origin" if member.is_origin else "copy"), _member(member, article.members)

    if len(others) > _MOST_MEMBERS:
        yield "", f"and {len(others) - _MOST_MEMBERS} more (--json)"


def _seen(seen: FoundArticle | FoundVersion) -> str:
    """When it was captured, and how often if more than once."""
    first, last = as_second(seen.first_captured_at), as_second(seen.last_captured_at)
    return first if seen.captures == 1 else f"{first} to {last}, {seen.captures} captures"


def _member(member: FoundMember, members: Sequence[FoundMember]) -> str:
    relation = "" if member.is_origin else f" ({member.relation}, {member.score:.2f})"
    same = len({one.title for one in members}) == 1
    return f"{member.url}{relation}" + (f" {member.title}" if member.title and not same else "")


def _history(versions: Sequence[FoundVersion], marks: tuple[Mark, Mark]) -> Iterator[str]:
    """Each version with what changed since the one before; the first in its length alone."""
    width = terminal_width()
    before: FoundVersion | None = None
    for version in versions:
        head = f"Version {version.version}: {_seen(version)}, {version.word_count} words"
        lines = [f"{head}\n{printable(version.url)}"]
        if before is not None:
            lines[0] += f"\nchanged: {_changed(version)}"
            lines += [
                _diff(before.title or "", version.title or "", marks),
                *_fields(before, version, marks),
                _diff(before.text, version.text, marks),
            ]
        if version.correction and (before is None or version.correction != before.correction):
            kind = (version.correction_kind or "").replace("_", " ")
            lines.insert(1, f"says so ({kind}): {printable(version.correction)}")
        yield "\n\n".join(wrapped(line, width) for line in lines if line)
        before = version


def _changed(version: FoundVersion) -> str:
    """What differs from the version before, in names and numbers."""
    told = ", ".join(version.changed)
    if "text" in version.changed:
        more, fewer = version.words_added or 0, version.words_removed or 0
        told += f"; {more} word{'s' * (more != 1)} added, {fewer} removed"
    return told


def _fields(before: FoundVersion, after: FoundVersion, marks: tuple[Mark, Mark]) -> Iterator[str]:
    """The changed fields besides title and text, as they were and are."""
    gone, new = marks
    for name in _HISTORY_FIELDS:
        if name in after.changed:
            old, now = (_value(getattr(version, name)) for version in (before, after))
            yield f"{name}: " + " ".join([*[gone(old)] * bool(old), *[new(now)] * bool(now)])


def _value(value: object) -> str:
    """A field's value in a line."""
    told = ", ".join(map(str, value)) if isinstance(value, tuple) else value
    return printable(as_text(told)) if told else ""


def _diff(before: str, after: str, marks: tuple[Mark, Mark]) -> str:
    return word_diff(printable(before), printable(after), *marks)


def _marks(output: Output) -> tuple[Mark, Mark]:
    """How changed words are marked: in colour on a terminal, and by brackets always."""
    if output.path or not sys.stdout.isatty() or os.environ.get("NO_COLOR"):
        return removed, added
    return partial(_coloured, removed, 31), partial(_coloured, added, 32)


def _coloured(mark: Mark, colour: int, text: str) -> str:
    return f"\x1b[{colour}m{mark(text)}\x1b[0m"
