"""One page of a corpus beside its truth: fields, and what was lost and added, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TextIO

from crawler.cli.eval_corpus import Truth
from crawler.cli.eval_score import PageScore, score_article
from crawler.cli.values import printable
from pipelines.block_truth import Fate, RuleFate, fates, missing_lines, rule_fates
from storage.article import Article, Outcome

PAGE_COLUMNS = ("name", "number", "verdict", "in_truth", "kind", "kept", "rule", "text", "path")
_ALL_RIGHT = "no block of the page is lost or added\n"
_NO_TEXT = "the truth has no text (main_content) to compare the blocks with\n"
_RIGHT = {True: "right", False: "WRONG", None: "not in the truth"}


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedPage:
    """A page with its score and the fate of each block; `missing` are lines of the truth in none of them."""

    name: str
    article: Article
    truth: Truth
    score: PageScore
    fates: tuple[Fate, ...]
    missing: tuple[str, ...]


def judge_page(name: str, truth: Truth, html: bytes) -> JudgedPage:
    """The page beside its truth."""
    from pipelines import extract_article

    return judged(name, truth, extract_article(html, url=truth.url))


def judge_failed(name: str, truth: Truth, outcome: Outcome) -> JudgedPage:
    """A page whose extraction gave nothing back, beside its truth."""
    return judged(name, truth, Article(title=None, text="", outcome=outcome))


def judged(name: str, truth: Truth, article: Article) -> JudgedPage:
    """An article beside its page's truth; of a truth without a text no block is judged."""
    text = truth.text or ""
    return JudgedPage(
        name=name,
        article=article,
        truth=truth,
        score=score_article(name, article, truth),
        fates=fates(article.blocks, text) if text else (),
        missing=missing_lines(article.blocks, text),
    )


def rules_of_page(name: str, truth: Truth, html: bytes) -> tuple[RuleFate, ...]:
    """The words of each rule on one page; none where its truth has no text."""
    return tuple(rule_fates(judge_page(name, truth, html).fates)) if truth.text else ()


def rules_failed(_name: str, _truth: Truth, _outcome: Outcome) -> tuple[RuleFate, ...]:
    """No rules: the page's extraction gave nothing back."""
    return ()


def summed_rules(pages: Sequence[Sequence[RuleFate]]) -> list[RuleFate]:
    """The rules of all pages, those with most wrong words first."""
    sums: dict[str, RuleFate] = {}
    for one in (rule for page in pages for rule in page):
        known = sums.get(one.rule, RuleFate(rule=one.rule))
        sums[one.rule] = RuleFate(
            rule=one.rule,
            kept=known.kept + one.kept,
            extra=known.extra + one.extra,
            removed=known.removed + one.removed,
            lost=known.lost + one.lost,
        )
    return sorted(sums.values(), key=lambda one: (-one.lost - one.extra, one.rule))


def page_rows(page: JudgedPage) -> Iterator[tuple[object, ...]]:
    """A row a block of `PAGE_COLUMNS`, then the truth's lines that stand in none."""
    for fate in page.fates:
        block = fate.block
        share = round(fate.in_truth, 4)
        yield (
            page.name, fate.number, _verdict(fate), share, block.kind, block.kept, block.rule, block.text,
            block.path,
        )  # fmt: skip
    for line in page.missing:
        yield page.name, None, "missing", 1.0, None, None, None, line, None


def write_page(page: JudgedPage, file: TextIO) -> None:
    """The page for a person: its scores and fields, and the blocks that are lost or added."""
    from crawler.cli.block_view import write_blocks

    file.write(printable("\n".join(_head(page))) + "\n\n")
    remarks = {fate.number: told for fate in page.fates if (told := _remark(fate))}
    shown = [fate for fate in page.fates if fate.number in remarks]
    if shown:
        write_blocks(
            [fate.block for fate in shown],
            file,
            numbers=[fate.number for fate in shown],
            remarks=remarks,
        )
    else:
        file.write(_ALL_RIGHT if page.truth.text else _NO_TEXT)
    if page.missing:
        lines = "\n".join(f"!  {line}" for line in page.missing)
        file.write(printable(f"\nLines of the truth that no block of the page has\n{lines}") + "\n")


def _head(page: JudgedPage) -> Iterator[str]:
    """Scores and fields."""
    score, article, truth = page.score, page.article, page.truth
    yield f"{page.name}  {truth.url or ''}".rstrip()
    if score.f1 is not None:
        yield (
            f"text      F1 {score.f1:.4f}   precision {score.precision:.4f}   recall {score.recall:.4f}"
            f"   {score.words} words of {score.truth_words}"
        )
    yield f"outcome   {article.outcome.value}  {article.outcome_reason}".rstrip()
    told = article.published_raw or article.published_at
    for name, right, found, wanted in (
        ("title", score.title, article.title, truth.title),
        ("authors", score.authors, ", ".join(article.authors), ", ".join(truth.authors)),
        ("date", score.date, told, truth.publish_date),
    ):
        instead = f"   truth: {wanted}" if right is False else ""
        yield f"{name:<9} {_RIGHT[right]}: {found or 'none'}{instead}"


def _remark(fate: Fate) -> str:
    verdict = _verdict(fate)
    return f"{verdict.upper()}: {fate.in_truth:.0%} of it in the truth" if verdict else ""


def _verdict(fate: Fate) -> str:
    return "extra" if fate.is_extra else "lost" if fate.is_lost else ""
