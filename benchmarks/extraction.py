"""Extraction beside other extractors: quality on a corpus with truth, and speed, in one run.

    python benchmarks/extraction.py CORPUS [--sample N] [--pages FOLDER] [--skip NAME] [--write]

CORPUS is as `presswarc eval --help` says: `html/NAME.html.gz` and `truth/NAME.json`. WCXB, the web content
extraction benchmark of Murrough Foley (CC-BY-4.0), gives such a set: the article pages of its development
split. `--pages FOLDER` adds pages without truth to the measure of speed. readability-lxml, resiliparse and
newspaper4k take part where they are installed (`pip install -e .[bench]`).

Each contender has a process of its own, so that none finds the caches warm that another filled. They take
turns page by page, each time another one first, and CPU time counts: other work on the machine slows all of
them, and moves no ratio far. `--write` puts the tables into benchmarks/extraction.md, between its two marks,
with the command that made them.
"""

from __future__ import annotations

import argparse
import gzip
import shlex
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from extraction_tables import tables
from extractors import CONTENDERS, Contender, timed
from reports import write_measured

from crawler.cli.eval_corpus import Truth, find_cases, read_page, read_truth, spread
from crawler.cli.eval_score import PageScore, score_article
from pipelines.block_truth import RuleFate, family_of, fates, rule_fates, text_without
from pipelines.scoring import Overlap, shingle_overlap
from pipelines.workers import CallFailedError, Limits, Workers
from storage.article import Article, Block

REPORT = Path(__file__).with_name("extraction.md")
WARM_UP = 3  # pages that every contender sees once before it is measured on them
LIMITS = Limits(calls=1 << 30)
NO_TEMPLATE = "other pages"


@dataclass(slots=True)
class Measured:
    """What a contender did: scores by page, CPU seconds by template, pages on which it raised."""

    contender: Contender
    pool: Workers
    scores: list[PageScore] = field(default_factory=list)
    seconds: Counter[str] = field(default_factory=Counter)
    errors: int = 0


@dataclass(slots=True)
class Families:
    """Our own run by families of rules: scores with each family switched off, and words lost and added."""

    with_all: list[Overlap] = field(default_factory=list)
    without: dict[str, dict[int, Overlap]] = field(default_factory=dict)
    rules: list[RuleFate] = field(default_factory=list)

    def add(self, article: Article, truth: str) -> None:
        """Take in a page."""
        place = len(self.with_all)
        blocks = article.blocks
        self.with_all.append(shingle_overlap(_joined(blocks), truth))
        for name in {family_of(block.rule) for block in blocks if not block.kept}:
            self.without.setdefault(name, {})[place] = shingle_overlap(text_without(blocks, name), truth)
        self.rules += rule_fates(fates(blocks, truth))


@dataclass(slots=True)
class Run:
    """Everything measured: pages with truth and without, by template."""

    measured: list[Measured]
    families: Families = field(default_factory=Families)
    templates: Counter[str] = field(default_factory=Counter)
    truths: int = 0

    def page(self, name: str, html: bytes, truth: Truth | None, turn: int) -> None:
        """Measure every contender on a page; `turn` says which goes first."""
        count = len(self.measured)
        found: dict[str, tuple[Article, float]] = {}
        for step in range(count):
            one = self.measured[(turn + step) % count]
            found[one.contender.name] = self._timed(one, html, truth.url if truth else None)
        ours = found[CONTENDERS[0].name][0]
        template = _template(ours.blocks)
        self.templates[template] += 1
        for one in self.measured:
            article, seconds = found[one.contender.name]
            one.seconds[template] += seconds
            if truth:
                one.scores.append(score_article(name, article, truth, seconds=seconds))
        if truth and truth.text:
            self.families.add(ours, truth.text)
            self.truths += 1

    @staticmethod
    def _timed(one: Measured, html: bytes, url: str | None) -> tuple[Article, float]:
        try:
            found: tuple[Article, float] = one.pool.submit(timed, one.contender.name, html, url).result()
        except CallFailedError as error:
            one.errors += 1
            print(f"{one.contender.name}: {error}"[:200], file=sys.stderr)
            return Article(title=None, text="", outcome=error.outcome), 0.0
        return found


def _template(blocks: Sequence[Block]) -> str:
    """The publisher whose template was recognised, by the rules that kept blocks."""
    found = next((block.rule for block in blocks if block.rule.startswith("publisher:") and block.kept), "")
    return found.removeprefix("publisher:") or NO_TEMPLATE


def _joined(blocks: Sequence[Block]) -> str:
    return "\n\n".join(block.text for block in blocks if block.kept)


def pages_of(
    corpus: Path, sample: int | None, folder: Path | None
) -> Iterator[tuple[str, bytes, Truth | None]]:
    for case in spread(find_cases(corpus).cases, sample):
        yield case.name, read_page(case.html), read_truth(case.truth)
    if folder:
        paths = sorted(path for path in folder.rglob("*.htm*") if path.is_file())
        step = max(len(paths) // sample, 1) if sample else 1
        for path in paths[::step]:
            data = path.read_bytes()
            yield path.name, gzip.decompress(data) if path.suffix == ".gz" else data, None


def measure(pages: Iterator[tuple[str, bytes, Truth | None]], skip: Sequence[str]) -> Run:
    chosen = [one for one in CONTENDERS if one.version is not None and one.name not in skip]
    with ExitStack() as pools:
        run = Run([Measured(one, pools.enter_context(Workers(1, LIMITS))) for one in chosen])
        for turn, (name, html, truth) in enumerate(pages):
            for one in run.measured if turn < WARM_UP else []:
                one.pool.submit(timed, one.contender.name, html, truth.url if truth else None).exception()
            run.page(name, html, truth, turn)
            if sys.stderr.isatty():
                print(f"\r{turn + 1} pages", end="", file=sys.stderr)
    return run


def main() -> None:
    parser = argparse.ArgumentParser(description="Extraction beside other extractors")
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--sample", type=int, help="only N pages, evenly spread")
    parser.add_argument("--pages", type=Path, help="a folder of pages without truth, for speed alone")
    parser.add_argument(
        "--skip", action="append", default=[], metavar="NAME", help="a contender to leave out"
    )
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/extraction.md")
    options = parser.parse_args()
    run = measure(pages_of(options.corpus, options.sample, options.pages), options.skip)
    absent = [one.name for one in CONTENDERS if one.version is None]
    text = tables(run.measured, run.families, run.templates, absent)
    print(text)
    if options.write:
        write_measured(
            REPORT, text, shlex.join(["python", "benchmarks/extraction.py", *map(_told, sys.argv[1:])])
        )


def _told(argument: str) -> str:
    """An argument as a reader can give it: of a path its name alone."""
    return Path(argument).name if "/" in argument else argument


if __name__ == "__main__":
    main()
