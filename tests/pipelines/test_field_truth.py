"""Fields against a truth: invented pages in the forms that news sites have, and how many come out right."""

from __future__ import annotations

import pytest
from fieldpages import field_pages

from pipelines import extract_article

PAGES = field_pages()
FEWEST_PAGES = 60


@pytest.fixture(scope="module")
def articles():
    return [(page, extract_article(page.markup, url=page.url)) for page in PAGES]


def wrong(articles, field, wanted):
    return [
        f"{page.name}: {field(article)!r}, not {wanted(page)!r}"
        for page, article in articles
        if field(article) != wanted(page)
    ]


def test_truth_has_enough_pages_and_no_name_twice():
    assert len({page.name for page in PAGES}) == len(PAGES) >= FEWEST_PAGES


@pytest.mark.parametrize(
    ("field", "wanted", "share"),
    [
        (lambda article: article.title, lambda page: page.title, 0.97),
        (lambda article: article.authors, lambda page: page.authors, 0.97),
        (lambda article: str(article.published_at)[:10], lambda page: page.day, 0.97),
    ],
    ids=["title", "authors", "day"],
)
def test_field_is_right_on_nearly_all_pages(articles, field, wanted, share):
    missed = wrong(articles, field, wanted)
    assert len(missed) <= (1 - share) * len(PAGES), "\n".join(missed)


def test_every_page_is_an_article(articles):
    assert [(page.name, a.outcome_reason) for page, a in articles if a.outcome_reason] == []


def test_winner_among_the_candidates_is_the_field(articles):
    for page, article in articles:
        won = {one.field: one.value for one in article.candidates if one.won}
        assert won["title"] == article.title, page.name
        assert won["authors"] == "; ".join(article.authors), page.name
        assert won["published_at"] == " ".join(article.published_raw.split()), page.name
        assert won.get("language") == article.language, page.name


def test_candidates_are_few_and_one_at_most_has_won(articles):
    for page, article in articles:
        for field in {one.field for one in article.candidates}:
            told = [one for one in article.candidates if one.field == field]
            assert len(told) <= 8, page.name
            assert [one.won for one in told].count(True) <= 1, page.name
            assert not any(one.won for one in told[1:]), page.name
