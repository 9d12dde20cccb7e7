"""`presswarc eval`: how near extraction comes to the truth of a corpus."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click

from crawler.cli.eval_corpus import Case, find_cases, spread
from crawler.cli.eval_work import Work
from crawler.cli.options import Common, talk_options
from crawler.cli.output import Form, Output, open_output, row_options, write_rows
from crawler.toml_keys import nearest
from storage.errors import UsageError

_MOST_JOBS = 8
_WORST = 10
_FORMS = {
    Form.TABLE: "A row a page (or block, or rule), as a table.",
    Form.JSON: "The rows as one JSON array.",
    Form.NDJSON: "The rows as a JSON object a line.",
    Form.CSV: "The rows as CSV with a header line.",
}
_FOR_PERSONS = frozenset(("", ".txt", ".md"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """What of a run is wanted, beside its totals."""

    worst: int | None
    save: Path | None
    against: Path | None
    output: Output

    @property
    def as_rows(self) -> bool:
        """Whether rows are asked for, by a form or a file's suffix."""
        path = self.output.path
        return bool(self.output.form) or (path is not None and path.suffix.lower() not in _FOR_PERSONS)


def _wishes(verb: Callable[..., int]) -> Callable[..., Any]:
    """The options that tell what is wanted, given to the verb as `wish`."""

    @functools.wraps(verb)
    def call(
        *args: object,
        worst: int | None,
        save: Path | None,
        against: Path | None,
        output: Output,
        **rest: object,
    ) -> int:
        wish = _Wish(worst=worst, save=save, against=against, output=output)
        return verb(*args, wish=wish, **rest)

    options = (
        click.option(
            "--worst",
            metavar="N",
            type=click.IntRange(min=0),
            help=f"How many pages to list.  [default: {_WORST}; as rows: all]",
        ),
        click.option(
            "--save",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="Keep this run's scores, to compare a later run with.",
        ),
        click.option(
            "--against",
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="Compare with a run that was saved: pages better and worse, and whether it may be chance.",
        ),
        row_options(_FORMS),
    )
    function: Callable[..., Any] = call
    for option in reversed(options):
        function = option(function)
    return function


@click.command(
    "eval",
    epilog="""\b
A corpus of your own:
  CORPUS/html/NAME.html     the page as it came (or NAME.html.gz)
  CORPUS/truth/NAME.json    what it should give; leave out what you do not know:
    {"url": "https://example.org/ferry", "title": "Ferry returns",
     "author": ["Ann Example"], "publish_date": "2026-11-21",
     "main_content": "First paragraph.\\n\\nSecond one.",
     "with": ["a phrase that the text must have"],
     "without": ["Subscribe to our newsletter"]}

\b
How it is scored:
  text     runs of 4 words, case kept: mean precision and recall of the pages, and
           the F1 of the two means (as article-extraction-benchmark does)
  title    equal but for case, spaces, and the form of quotes and dashes
  authors  the same names but for case, ranks, degrees, and order
  date     the same day, in the zone in which the page tells it

\b
Examples:
  presswarc eval corpus
  presswarc eval corpus --save before.json
  presswarc eval corpus --against before.json --worst 20
  presswarc eval corpus --page 0041
  presswarc eval corpus --rules
  presswarc eval corpus --csv -o scores.csv
""",
)
@click.argument("folder", metavar="CORPUS", type=click.Path(path_type=Path))
@click.option(
    "--page",
    "pages",
    metavar="NAME",
    multiple=True,
    help="Only this page (again for more): its fields, and its lost and added blocks with their rules.",
)
@click.option("--rules", is_flag=True, help="The words that each rule removed and kept, and which wrongly.")
@click.option("--sample", metavar="N", type=click.IntRange(min=1), help="Only N of the pages, evenly spread.")
@click.option(
    "-j", "--jobs", metavar="N", type=click.IntRange(min=1), help="Processes.  [default: one a core]"
)
@_wishes
@talk_options
def eval_(
    folder: Path,
    *,
    pages: tuple[str, ...],
    rules: bool,
    sample: int | None,
    jobs: int | None,
    wish: _Wish,
    common: Common,
) -> int:
    """Score the extraction of a corpus's pages against their truth: text and fields, worst pages first.

    The scores are printed for a person. Give a form, or a file that has its suffix, for a row a page.
    """
    corpus = find_cases(folder)
    cases = _named(corpus.cases, pages) if pages else spread(corpus.cases, sample)
    work = Work(cases=cases, jobs=jobs or _cores(), common=common)
    if not pages:
        for error in corpus.faults:
            work.fault(error)
    if pages:
        return _pages(work, wish)
    return _rules(work, wish) if rules else _scores(work, wish)


def _scores(work: Work, wish: _Wish) -> int:
    """Score every page; 1 also where the run is worse than the one it is compared with, beyond chance."""
    from crawler.cli.eval_report import told_comparison, told_totals, told_worst
    from crawler.cli.eval_runs import compare, load_run, save_run
    from crawler.cli.eval_score import PageScore, score_failed, score_page, totals_of, worst_first
    from crawler.progress import ticking

    earlier = load_run(wish.against) if wish.against else None
    with ticking(lambda: f"{work.done} of {len(work.cases)} pages", quiet=work.common.quiet):
        scores = list(work.each(score_page, score_failed))
    if not scores and work.exit_code():
        return work.exit_code()
    if wish.save:
        save_run(wish.save, scores)
    found = compare(earlier, scores) if earlier is not None else None
    report = told_totals(totals_of(scores))
    told = (
        told_comparison(found, str(wish.against), _WORST if wish.worst is None else wish.worst)
        if found
        else ""
    )
    if wish.as_rows:
        names = [field.name for field in fields(PageScore)]
        rows = ([getattr(page, name) for name in names] for page in worst_first(scores)[: wish.worst])
        write_rows(names, rows, wish.output)
        work.common.note((report + told).rstrip())
    else:
        with open_output(wish.output) as file:
            file.write(report + told_worst(scores, _WORST if wish.worst is None else wish.worst) + told)
    lower = found is not None and found.interval.high < 0
    return work.exit_code() or int(lower)


def _rules(work: Work, wish: _Wish) -> int:
    """What each rule did to the truth of all pages."""
    from crawler.cli.eval_page import rules_failed, rules_of_page, summed_rules
    from crawler.cli.eval_report import told_rules
    from crawler.progress import ticking
    from pipelines.block_truth import RuleFate

    with ticking(lambda: f"{work.done} of {len(work.cases)} pages", quiet=work.common.quiet):
        found = summed_rules(list(work.each(rules_of_page, rules_failed)))
    if wish.as_rows:
        names = [field.name for field in fields(RuleFate)]
        write_rows(names, ([getattr(rule, name) for name in names] for rule in found), wish.output)
    else:
        with open_output(wish.output) as file:
            file.write(told_rules(found))
    return work.exit_code()


def _pages(work: Work, wish: _Wish) -> int:
    """Single pages beside their truth."""
    from crawler.cli.eval_page import PAGE_COLUMNS, judge_failed, judge_page, page_rows, write_page

    judged = work.each(judge_page, judge_failed)
    if wish.as_rows:
        write_rows(PAGE_COLUMNS, (row for page in judged for row in page_rows(page)), wish.output)
    else:
        with open_output(wish.output) as file:
            for number, page in enumerate(judged):
                file.write("\n\n" * bool(number))
                write_page(page, file)
    return work.exit_code()


def _named(cases: Sequence[Case], names: Sequence[str]) -> tuple[Case, ...]:
    """The cases of these names. Raises: UsageError."""
    known = {case.name: case for case in cases}
    for name in names:
        if name not in known:
            raise UsageError(
                f"the corpus has no page `{name}`{nearest(name, known)}", hint="a NAME of truth/NAME.json"
            )
    return tuple(known[name] for name in names)


def _cores() -> int:
    return min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1, _MOST_JOBS)
