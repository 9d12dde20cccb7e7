"""An article of a published index is found by any form of its URL, and its captures are chosen by any."""

import pytest

from builders import capture
from pipelines.run import extraction_row
from storage.article import Article, Outcome
from storage.index.choose import Choice, choose
from storage.index.writer import IndexWriter
from storage.query import find_article, open_published

STORY = "https://news.example/2026/storm-hits-coast"
NODE = "https://news.example/node/88999"
WIRE = "https://wire.example/read?source=17"
FORMS = (
    STORY,
    NODE,
    "http://www.news.example/2026/storm-hits-coast/?utm_source=x#top",
    "https://m.news.example/node/88999/",
    "https://news.example/2026/storm-hits-coast/amp/",
    "https://www.google.com/amp/s/news.example/2026/storm-hits-coast/amp/",
    "https://web.archive.org/web/20260102030405/https://news.example/node/88999",
    "https://web.archive.org/web/20260102030405id_/http://news.example/2026/storm-hits-coast",
    "https://news.example/2026/storm-hits-coast?ref=never-fetched",
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    text = "Words of a story that is told once. " * 20
    pages = [
        (STORY, text, STORY),
        (NODE, text, STORY),
        (WIRE, "One wire story. " * 9, "https://wire.example/"),
        (
            WIRE.replace("17", "18"),
            "And quite another of them, which has nothing in common with it.",
            None,
        ),
    ]
    with IndexWriter(folder) as writer:
        for number, (url, body, declared) in enumerate(pages):
            of = capture(number, url, number)
            article = Article(title="Storm", text=body, declared_canonical=declared)
            writer.add(captures=[of], extractions=[extraction_row(of, Outcome.ARTICLE, article=article)])
        writer.identify()
        writer.refresh()
        writer.publish()
    return folder


@pytest.mark.parametrize("form", FORMS)
def test_an_article_is_found_by_any_form_of_its_url(archive, form):
    with open_published(archive) as connection:
        found = find_article(connection, form)
    assert found is not None
    assert (found.canonical_url, found.captures) == (STORY, 2)
    assert [(link.url, link.target_url, link.verdict) for link in found.links] == [(NODE, STORY, "used")]


def test_a_parameter_that_selects_is_not_passed_over(archive):
    with open_published(archive) as connection:
        assert find_article(connection, "https://wire.example/read?source=19") is None
        found = find_article(connection, WIRE)
    assert found is not None
    assert found.declared_canonical == "https://wire.example/"
    assert [(link.kind, link.verdict) for link in found.links] == [
        ("declared", "home_page"),
        ("parameters", "parameter_selects"),
    ]


@pytest.mark.parametrize("form", FORMS[:-1])
def test_the_captures_of_an_article_are_chosen_by_any_form_of_its_url(archive, form):
    with IndexWriter(archive) as writer:
        assert choose(writer.connection, Choice(urls=(form,))).asked == 2
        assert choose(writer.connection, Choice(urls=("https://news.example/none", form))).asked == 2
        assert choose(writer.connection, Choice(urls=("https://news.example/none",))).asked == 0
