"""What `presswarc eval` says of a run, of two runs, and of the rules, for a person."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from crawler.cli.eval_runs import Change, Comparison
from crawler.cli.eval_score import PageScore, Totals, worst_first
from crawler.cli.tables import write_table
from pipelines.block_truth import RuleFate

_LABELS = {
    "title": "title, exact",
    "title_within": "title, one within the other",
    "authors": "authors, all and no others",
    "authors_any": "authors, at least one",
    "date": "date, the day",
}
_MARKS = {True: "right", False: "wrong", None: ""}
_WORST_COLUMNS = ("name", "F1", "P", "R", "words", "of", "title", "authors", "date", "outcome")
_CHANGE_COLUMNS = ("name", "F1", "change", "P", "R", "P before", "R before")
_RULE_COLUMNS = ("rule", "removed", "lost", "lost %", "kept", "extra", "extra %")
_MOST_NAMED = 8


def told_totals(totals: Totals) -> str:
    """The scores of a corpus, in lines."""
    text = totals.text
    lines = [f"{totals.pages} pages, {totals.texts} of them with a text to compare"]
    if totals.texts:
        lines.append(
            f"text      F1 {text.f1:.4f}   precision {text.precision:.4f}   recall {text.recall:.4f}"
            f"   token F1 {_rate(totals.token_f1)}"
        )
    if totals.with_rate is not None or totals.without_rate is not None:
        lines.append(f"snippets  wanted {_rate(totals.with_rate)}   unwanted {_rate(totals.without_rate)}")
    lines += [
        f"{_LABELS[rate.name]:<28} {rate.right / rate.of:.4f}   {rate.right} of {rate.of} pages"
        for rate in totals.fields
        if rate.of
    ]
    pace = f"   {totals.pages / totals.seconds:.1f} pages a CPU second" if totals.seconds else ""
    lines.append(f"no article found on {totals.not_articles} pages{pace}")
    return "\n".join(lines) + "\n"


def told_worst(pages: Sequence[PageScore], count: int) -> str:
    """The pages with the lowest F1."""
    rows = [
        (
            page.name,
            _rate(page.f1),
            _rate(page.precision),
            _rate(page.recall),
            page.words,
            page.truth_words,
            *(_MARKS[page.field(name)] for name in ("title", "authors", "date")),
            page.outcome,
        )
        for page in worst_first(pages)[:count]
    ]
    return f"\nWorst\n{_table(_WORST_COLUMNS, rows)}" if rows else ""


def told_comparison(found: Comparison, before: str, count: int) -> str:
    """What changed since an earlier run."""
    return "".join(f"{line}\n" for line in _comparison(found, before)) + _moved(found, count)


def told_rules(found: Sequence[RuleFate]) -> str:
    """The words that each rule removed and kept, and those of them that were wrong."""
    rows = [
        (
            one.rule,
            one.removed,
            one.lost,
            _share(one.lost, one.removed),
            one.kept,
            one.extra,
            _share(one.extra, one.kept),
        )
        for one in found
    ]
    return (
        "Rules by the words of their blocks: lost are those removed that the truth has and the text has\n"
        f"not, extra those kept that the truth has not\n\n{_table(_RULE_COLUMNS, rows)}"
    )


def _comparison(found: Comparison, before: str) -> Iterator[str]:
    sure = "not by chance" if found.interval.sure else "may be chance" if found.changes else "nothing changed"
    same = found.pages - found.better - found.worse
    yield ""
    yield f"Against {before}, on the {found.pages} pages that both have"
    for name, old, new in (
        ("F1", found.before.f1, found.after.f1),
        ("precision", found.before.precision, found.after.precision),
        ("recall", found.before.recall, found.after.recall),
    ):
        yield f"text      {name:<10} {old:.4f} -> {new:.4f}   {new - old:+.4f}"
    yield (
        f"mean change of a page's F1 {found.interval.mean:+.4f},"
        f" 95 % within {found.interval.low:+.4f} and {found.interval.high:+.4f}: {sure}"
    )
    yield f"{found.better} pages better, {found.worse} worse, {same} the same"
    for change in found.fields:
        if change.gained or change.lost:
            yield (
                f"{_LABELS[change.name]:<28} {len(change.gained)} newly right, {len(change.lost)} newly wrong"
                + _named(change.lost)
            )
    if found.unpaired:
        yield f"{found.unpaired} pages are in one run only"


def _moved(found: Comparison, count: int) -> str:
    lost = [change for change in found.changes if change.difference < 0][:count]
    gained = [change for change in reversed(found.changes) if change.difference > 0][:count]
    return "".join(
        f"\n{title}\n{_table(_CHANGE_COLUMNS, [_change_row(change) for change in changes])}"
        for title, changes in (("Lost most", lost), ("Gained most", gained))
        if changes
    )


def _change_row(change: Change) -> tuple[object, ...]:
    old, new = change.before, change.after
    return (
        new.name,
        _rate(new.f1),
        f"{change.difference:+.4f}",
        _rate(new.precision),
        _rate(new.recall),
        _rate(old.precision),
        _rate(old.recall),
    )


def _named(names: Sequence[str]) -> str:
    if not names:
        return ""
    return f": {', '.join(names[:_MOST_NAMED])}{', ...' if len(names) > _MOST_NAMED else ''}"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f}" if whole else ""


def _rate(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO()
    write_table(columns, rows, out)
    return out.getvalue()
