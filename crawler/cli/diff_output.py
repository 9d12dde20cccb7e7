"""What `replay --diff` found: a report for people with what differs most, or every difference as JSON."""

from __future__ import annotations

import functools
import heapq
import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, TextIO

import click

from crawler.cli.output import Form, Output, check_suffix, open_output, row_options
from crawler.cli.person import terminal_width
from crawler.cli.values import printable, to_json
from storage.errors import UsageError

if TYPE_CHECKING:
    from pipelines.tally import ArticleDifferences, RuleChange, Tally

MOST_SHOWN = 20
_MOST_RULES = 15
_FORMS = {
    Form.TABLE: "A report for people, the default.",
    Form.JSON: "One JSON object: the differences, and a summary.",
    Form.NDJSON: "A JSON object a difference, one a line.",
}
Function = Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiffOutput:
    """How differences are to be written: `limit` None shows what suits the form."""

    output: Output
    limit: int | None

    @property
    def form(self) -> Form:
        """The form asked for, else by the file's suffix, else the report for people."""
        if self.output.form is None and self.output.path is None:
            return Form.TABLE
        return self.output.suitable()


def diff_options(verb: Function) -> Function:
    """`--diff` and how its result is written: the verb gets them as `diff`, None where not asked for."""

    @functools.wraps(verb)
    def call(*args: object, diff: bool, limit: int | None, output: Output, **rest: object) -> object:
        if not diff and (limit is not None or output.form or output.path):
            raise UsageError("--limit, --json, --ndjson, --table and -o are for --diff", hint="add --diff")
        check_suffix(output, _FORMS)
        return verb(*args, diff=DiffOutput(output=output, limit=limit) if diff else None, **rest)

    show = click.option("--diff", is_flag=True, help="Change nothing; show what today's rules would change.")
    limit = click.option(
        "--limit",
        metavar="N",
        type=click.IntRange(min=0),
        help=f"With --diff, pages shown; all are counted.  [default: {MOST_SHOWN}; all for JSON]",
    )
    function: Function = show(limit(row_options(_FORMS)(call)))
    return function


def write_differences(articles: Iterable[ArticleDifferences], tally: Tally, wanted: DiffOutput) -> str:
    """Write the differences and the summary; for a terminal they are given back, to be shown at the end.

    All articles are read, whatever the limit: the summary is of all.
    """
    waiting = io.StringIO()
    with open_output(wanted.output) as file:
        if wanted.form is Form.JSON:
            _write_object(articles, tally, file, wanted.limit)
        elif wanted.form is Form.TABLE:
            live = wanted.output.path is None and sys.stdout.isatty()
            _write_report(articles, tally, waiting if live else file, wanted.limit, live=live)
        else:
            for one in _limited(articles, wanted.limit):
                file.writelines(f"{to_json(difference)}\n" for difference in one.differences)
    return waiting.getvalue()


def _limited(articles: Iterable[ArticleDifferences], limit: int | None) -> Iterator[ArticleDifferences]:
    """The first `limit` of the articles; the others are read, to be counted."""
    for number, one in enumerate(articles):
        if limit is None or number < limit:
            yield one


def _write_object(
    articles: Iterable[ArticleDifferences], tally: Tally, file: TextIO, limit: int | None
) -> None:
    """One JSON object: the differences, one a line, and the summary."""
    before = '{"differences": [\n'
    for one in _limited(articles, limit):
        for difference in one.differences:
            file.write(before + to_json(difference))
            before = ",\n"
    before = before if before.startswith("{") else "\n"
    file.write(f'{before}], "summary": {to_json(_summary(tally))}}}\n')


def _summary(tally: Tally) -> dict[str, object]:
    """The counts as JSON has them."""
    values = {one.name: getattr(tally, one.name) for one in fields(tally)}
    counts = {name: value for name, value in values.items() if isinstance(value, int)}
    unread = [
        {"warc_file": name, "reason": reason, "captures": count}
        for (name, reason), count in tally.unread.items()
    ]
    rules = [{**asdict(rule), "blocks": count} for rule, count in tally.rules.most_common()]
    return {**counts, "changed": dict(tally.changed), "rules": rules, "unread": unread}


def _write_report(
    articles: Iterable[ArticleDifferences], tally: Tally, file: TextIO, limit: int | None, *, live: bool
) -> None:
    """The articles that differ most, that first, and the summary."""
    from crawler.cli.diff_report import Look, told_article

    look = Look(width=terminal_width() if live else None, coloured=live and not os.environ.get("NO_COLOR"))
    most = MOST_SHOWN if limit is None else limit
    for one in _heaviest(articles, most):
        file.writelines(f"{line}\n" for line in told_article(one, look))
        file.write("\n")
    if tally.articles_changed > most:
        file.write(f"({_many(tally.articles_changed - most, 'more page')} differ; --limit shows more)\n\n")
    file.writelines(f"{line}\n" for line in _counts(tally))


def _heaviest(articles: Iterable[ArticleDifferences], most: int) -> list[ArticleDifferences]:
    """Those that differ most, in that order; no more are in memory at a time."""
    heap: list[tuple[tuple[int, int, int, int], int, ArticleDifferences]] = []
    for number, one in enumerate(articles):
        entry = (one.weight(), -number, one)
        if len(heap) < most:
            heapq.heappush(heap, entry)
        elif most:
            heapq.heappushpop(heap, entry)
    return [one for _, _, one in sorted(heap, key=lambda entry: entry[:2], reverse=True)]


def _counts(tally: Tally) -> Iterator[str]:
    """The summary."""
    yield f"compared   {_many(tally.captures, 'capture')} of {_many(tally.articles, 'page')}"
    if tally.without_body:
        yield f"           {tally.without_body} others have no page of their own: revisits, redirects, ..."
    yield f"unchanged  {_many(tally.captures - tally.captures_changed, 'capture')}"
    if not tally.captures_changed:
        if not tally.unread:
            yield "no differences"
        return
    yield f"differ     {_many(tally.captures_changed, 'capture')} of {_many(tally.articles_changed, 'page')}"
    for name, count in tally.changed.most_common():
        words = f"  -{tally.words_lost} +{tally.words_gained} words" if name == "text" else ""
        yield f"  {name:<20} {count:>6}{words}"
    yield f"articles   {tally.articles_gained} gained, {tally.articles_lost} lost"
    if tally.rules:
        yield "blocks by rule"
    for rule, count in tally.rules.most_common(_MOST_RULES):
        yield printable(f"{count:>6}  {rule.change:<8}  {_told_rule(rule)}")
    if len(tally.rules) > _MOST_RULES:
        yield f"  and {_many(len(tally.rules) - _MOST_RULES, 'rule')} more; --json has all"


def _told_rule(rule: RuleChange) -> str:
    """What decided before and what decides now."""
    sides = [f"{rule.kind_before} {rule.rule_before}".strip(), f"{rule.kind_after} {rule.rule_after}".strip()]
    if rule.change == "kept":
        sides[1] = "in the text"
    if rule.change == "removed":
        sides[0] = "in the text"
    return " -> ".join(dict.fromkeys(side for side in sides if side))


def _many(count: int, noun: str) -> str:
    """Count and noun.

    >>> _many(1, "page"), _many(2, "page")
    ('1 page', '2 pages')
    """
    return f"{count} {noun}{'' if count == 1 else 's'}"
