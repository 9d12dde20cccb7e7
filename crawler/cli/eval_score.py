"""The score of a page against its truth, and of a corpus."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.cli.eval_corpus import Truth
from pipelines.scoring import (
    Overlap,
    authors_overlap,
    corpus_overlap,
    same_authors,
    same_day,
    same_title,
    shingle_overlap,
    snippet_rate,
    title_within,
    token_overlap,
    words,
)
from storage.article import Article, Outcome

FIELDS = ("title", "title_within", "authors", "authors_any", "date")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageScore:
    """What a page scored; None is what its truth does not tell. `seconds` is CPU time of the extraction."""

    name: str
    url: str | None
    outcome: str
    f1: float | None = None
    precision: float | None = None
    recall: float | None = None
    token_f1: float | None = None
    with_rate: float | None = None
    without_rate: float | None = None
    title: bool | None = None
    title_within: bool | None = None
    authors: bool | None = None
    authors_any: bool | None = None
    date: bool | None = None
    words: int = 0
    truth_words: int = 0
    seconds: float = 0.0

    def field(self, name: str) -> bool | None:
        """Whether one of `FIELDS` is right."""
        value: bool | None = getattr(self, name)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRate:
    """On how many pages a field is right, of those whose truth tells it."""

    name: str
    right: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The scores of a corpus: means over the pages whose truth tells them, None where no page's does."""

    pages: int
    texts: int
    text: Overlap
    token_f1: float | None
    with_rate: float | None
    without_rate: float | None
    fields: tuple[FieldRate, ...]
    not_articles: int
    seconds: float


def score_page(name: str, truth: Truth, html: bytes) -> PageScore:
    """The score of one page."""
    from pipelines import extract_article

    started = time.process_time()
    article = extract_article(html, url=truth.url)
    return score_article(name, article, truth, seconds=time.process_time() - started)


def score_article(name: str, article: Article, truth: Truth, *, seconds: float = 0.0) -> PageScore:
    """The score of an article against its page's truth."""
    text = article.text
    near = shingle_overlap(text, truth.text) if truth.text else None
    return PageScore(
        name=name,
        url=truth.url,
        outcome=article.outcome.value,
        f1=near.f1 if near else None,
        precision=near.precision if near else None,
        recall=near.recall if near else None,
        token_f1=token_overlap(text, truth.text).f1 if truth.text else None,
        with_rate=snippet_rate(text, truth.wanted),
        without_rate=snippet_rate(text, truth.unwanted),
        title=same_title(article.title, truth.title) if truth.title else None,
        title_within=title_within(article.title, truth.title) if truth.title else None,
        authors=same_authors(article.authors, truth.authors) if truth.authors else None,
        authors_any=authors_overlap(article.authors, truth.authors) if truth.authors else None,
        date=_day_is_right(article, truth.publish_date) if truth.publish_date else None,
        words=len(words(text)),
        truth_words=len(words(truth.text or "")),
        seconds=seconds,
    )


def score_failed(name: str, truth: Truth, outcome: Outcome) -> PageScore:
    """The score of a page whose extraction gave nothing back."""
    return score_article(name, Article(title=None, text="", outcome=outcome), truth)


def totals_of(pages: Sequence[PageScore]) -> Totals:
    """The corpus's scores."""
    texts = [
        Overlap(precision=page.precision, recall=page.recall)
        for page in pages
        if page.precision is not None and page.recall is not None
    ]
    return Totals(
        pages=len(pages),
        texts=len(texts),
        text=corpus_overlap(texts),
        token_f1=_mean([page.token_f1 for page in pages]),
        with_rate=_mean([page.with_rate for page in pages]),
        without_rate=_mean([page.without_rate for page in pages]),
        fields=tuple(_field_rate(name, pages) for name in FIELDS),
        not_articles=sum(page.outcome != Outcome.ARTICLE.value for page in pages),
        seconds=sum(page.seconds for page in pages),
    )


def worst_first(pages: Sequence[PageScore]) -> list[PageScore]:
    """Pages by their F1, lowest first; those without at the end."""
    return sorted(pages, key=lambda page: (page.f1 is None, page.f1 or 0.0, page.name))


def _day_is_right(article: Article, truth: str) -> bool:
    return same_day(article.published_at, article.published_raw, truth)


def _field_rate(name: str, pages: Sequence[PageScore]) -> FieldRate:
    known = [value for page in pages if (value := page.field(name)) is not None]
    return FieldRate(name=name, right=sum(known), of=len(known))


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
