"""The tables of benchmarks/extraction.py, in Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

from extractors import Contender

from crawler.cli.eval_page import summed_rules
from crawler.cli.eval_score import PageScore, totals_of
from pipelines.block_truth import RuleFate
from pipelines.scoring import Overlap, corpus_overlap

BASE = "trafilatura, JSON with metadata"
CLASSES: tuple[tuple[str, Callable[[PageScore], bool]], ...] = (
    ("exact", lambda page: page.f1 == 1.0),
    ("F1 < .8", lambda page: (page.f1 or 0.0) < 0.8),
    ("no text", lambda page: page.words == 0),
    ("truncated (R < .6)", lambda page: page.words > 0 and (page.recall or 0.0) < 0.6),
    ("some lost (R < .9)", lambda page: 0.6 <= (page.recall or 0.0) < 0.9),
    ("much added (P < .6)", lambda page: page.words > 0 and (page.precision or 0.0) < 0.6),
    ("some added (P < .9)", lambda page: 0.6 <= (page.precision or 0.0) < 0.9),
)
MOST_RULES = 25


class Measured(Protocol):
    contender: Contender
    scores: list[PageScore]
    seconds: Counter[str]
    errors: int


class Families(Protocol):
    with_all: list[Overlap]
    without: dict[str, dict[int, Overlap]]
    rules: list[RuleFate]


def tables(
    measured: Sequence[Measured], families: Families, templates: Counter[str], absent: Sequence[str]
) -> str:
    parts = [
        _versions(measured, absent),
        "## Quality\n\n" + _quality(measured),
        "## Errors by class\n\nPages of each class; a page can be in several.\n\n" + _classes(measured),
        f"## Speed\n\nPages a CPU second, and in brackets how many times those of `{BASE}`.\n\n"
        + _speed(measured, templates),
        "## Families of rules\n\nThe score if a family removed nothing, and no other rule in its place.\n\n"
        + _families(families),
        "## Rules with most wrong words\n\nLost: words they removed that the truth has and the text has not;"
        " extra: words they kept that the truth has not.\n\n" + _rules(families),
    ]
    return "\n\n".join(parts) + "\n"


def _versions(measured: Sequence[Measured], absent: Sequence[str]) -> str:
    told = dict.fromkeys(f"{one.contender.package} {one.contender.version}" for one in measured)
    lacking = f" Not installed: {', '.join(absent)}." if absent else ""
    pages = len(measured[0].scores)
    return f"{pages} pages with truth. Versions: {', '.join(told)}.{lacking}"


def _quality(measured: Sequence[Measured]) -> str:
    rows = []
    for one in measured:
        total = totals_of(one.scores)
        rates = {rate.name: rate.right / rate.of for rate in total.fields if rate.of and one.contender.fields}
        rows.append([
            one.contender.name, _rate(total.text.f1), _rate(total.text.precision), _rate(total.text.recall),
            _rate(total.token_f1), _rate(total.with_rate), _rate(total.without_rate),
            *(_rate(rates.get(name)) for name in ("title", "authors", "date")), str(one.errors),
        ])  # fmt: skip
    head = ["", "F1", "P", "R", "token F1", "with", "without", "title", "authors", "date", "errors"]
    return _table(head, rows)


def _classes(measured: Sequence[Measured]) -> str:
    rows = [
        [one.contender.name]
        + [str(sum(is_of(page) for page in one.scores if page.f1 is not None)) for _, is_of in CLASSES]
        for one in measured
    ]
    return _table(["", *(name for name, _ in CLASSES)], rows)


def _speed(measured: Sequence[Measured], templates: Counter[str]) -> str:
    base = next((one for one in measured if one.contender.name == BASE), measured[0])
    names = sorted(templates, key=lambda name: -templates[name])
    rows = []
    for one in measured:
        paces = [templates.total() / max(one.seconds.total(), 1e-9)]
        bases = [templates.total() / max(base.seconds.total(), 1e-9)]
        paces += [templates[name] / max(one.seconds[name], 1e-9) for name in names]
        bases += [templates[name] / max(base.seconds[name], 1e-9) for name in names]
        what = "text, fields" if one.contender.fields else "text"
        rows.append(
            [one.contender.name, what, *(f"{a:.1f} ({a / b:.2f})" for a, b in zip(paces, bases, strict=True))]
        )
    return _table(["", "gives", "all", *(f"{name} ({templates[name]})" for name in names)], rows)


def _families(families: Families) -> str:
    whole = corpus_overlap(families.with_all)
    count = len(families.with_all)
    rows = []
    for name, changed in families.without.items():
        pages = [changed.get(place, families.with_all[place]) for place in range(count)]
        off = corpus_overlap(pages)
        better = sum(families.with_all[place].f1 > one.f1 + 0.001 for place, one in changed.items())
        worse = sum(families.with_all[place].f1 < one.f1 - 0.001 for place, one in changed.items())
        rows.append(
            (whole.f1 - off.f1, [name, _rate(off.f1), _rate(off.precision), _rate(off.recall),
             f"{whole.f1 - off.f1:+.4f}", str(len(changed)), str(better), str(worse)])
        )  # fmt: skip
    rows.sort(key=lambda row: -row[0])
    head = [
        "family",
        "F1 without",
        "P without",
        "R without",
        "it brings",
        "pages",
        "better by it",
        "worse by it",
    ]
    first = ["(all on)", _rate(whole.f1), _rate(whole.precision), _rate(whole.recall), "", str(count), "", ""]
    return _table(head, [first, *(row for _, row in rows)])


def _rules(families: Families) -> str:
    found = [one for one in summed_rules([families.rules]) if one.lost + one.extra][:MOST_RULES]
    rows = [[one.rule, str(one.removed), str(one.lost), str(one.kept), str(one.extra)] for one in found]
    return _table(["rule", "removed words", "lost", "kept words", "extra"], rows)


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rate(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
