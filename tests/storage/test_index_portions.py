"""Articles are derived a portion at a time, and when they say something else: neither shows in the tables."""

from __future__ import annotations

import random

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from indexes import add, tables

from builders import START, capture, revisit
from pipelines.learned import update_learned
from pipelines.run import extraction_row
from storage.article import Article, Block, BlockKind, Outcome
from storage.index import derive as deriving
from storage.index import writer as writing
from storage.index.tables import TABLES
from storage.index.writer import IndexWriter

pytestmark = pytest.mark.long

WORDS = [f"word{number}" for number in range(900)]
NOT_COMPARED = {"work.state", "work.unclustered", "work.unsearched"}
COMPARED = [part.name for part in TABLES if part.name not in NOT_COMPARED]


def found(number, url, seed, hours=0, published=None):
    text = "\n\n".join(" ".join(random.Random(f"{seed} {part}").choices(WORDS, k=40)) for part in range(3))
    menu = Block(text=f"Menu {seed}", kind=BlockKind.NAVIGATION, kept=False, rule="menu", path="/nav")
    article = Article(title=f"Title {seed}", text=text, blocks=(menu,), published_at=published)
    of = capture(number, url, hours)
    return of, extraction_row(of, Outcome.ARTICLE, article=article)


def scene():
    """Pages, the same again, changed ones, revisits of both."""
    pages = [found(n, f"https://a.example/{n}", n, published=START.replace(day=20 - n)) for n in range(9)]
    same = [found(20 + n, f"https://a.example/{n}", n, 30, START.replace(day=20 - n)) for n in range(3)]
    changed = [
        found(30 + n, f"https://a.example/{n}", f"{n} changed", 40, START.replace(day=20 - n))
        for n in range(2, 5)
    ]
    seen = [(revisit(40 + n, pages[n][0], 50 + n), None) for n in range(1, 8, 2)]
    moved = [found(60, "https://a.example/1?utm_source=feed", 1, 70, START.replace(day=19))]
    return [*pages, *same, *changed, *seen, *moved]


SCENE = scene()


def derive(writer):
    update_learned(writer)
    writer.identify()
    writer.refresh()


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    with IndexWriter(tmp_path_factory.mktemp("expected")) as writer:
        add(writer, SCENE)
        derive(writer)
        return tables(writer, COMPARED)


@settings(max_examples=5, deadline=None)
@given(values=st.permutations(SCENE), cut=st.integers(0, len(SCENE)), portion=st.integers(1, 5))
def test_portions_and_what_was_there_before_do_not_show(expected, tmp_path_factory, values, cut, portion):
    with IndexWriter(tmp_path_factory.mktemp("portions")) as writer:
        writer._portion = portion
        for batch in (values[:cut], values[cut:]):
            add(writer, batch)
            derive(writer)
        got = tables(writer, COMPARED)
    for name in COMPARED:
        assert got[name] == expected[name], name


@pytest.mark.parametrize("stop_after", [0, 1, 3])
def test_deriving_stopped_between_two_portions_goes_on_the_next_time(
    expected, tmp_path, monkeypatch, stop_after
):
    calls = []

    def stopping(*arguments):
        if len(calls) == stop_after:
            raise KeyboardInterrupt
        calls.append(arguments)
        deriving.derive_portion(*arguments)

    with IndexWriter(tmp_path) as writer:
        writer._portion = 2
        add(writer, SCENE)
        with monkeypatch.context() as patched:
            patched.setattr(writing, "derive_portion", stopping)
            with pytest.raises(KeyboardInterrupt):
                derive(writer)
        assert writer.connection.execute("SELECT count(*) > 0 FROM work.unrefreshed").fetchall() == [(True,)]
    with IndexWriter(tmp_path) as writer:
        writer.refresh()
        assert tables(writer, COMPARED) == expected


def test_an_index_made_in_one_go_has_its_articles_by_date(tmp_path):
    with IndexWriter(tmp_path) as writer:
        writer._portion = 3
        add(writer, SCENE)
        derive(writer)
        published = writer.publish()
    with duckdb.connect(str(published), read_only=True) as connection:
        dates = connection.execute("SELECT published_at FROM articles ORDER BY rowid").fetchall()
    assert len(set(dates)) == 9
    assert dates == sorted(dates)


def test_an_article_seen_again_is_not_derived_again(tmp_path):
    pages = [found(number, f"https://a.example/{number}", number) for number in range(3)]
    with IndexWriter(tmp_path) as writer:
        add(writer, pages)
        derive(writer)
        place = "SELECT article_id, rowid FROM articles ORDER BY 1"
        before = writer.connection.execute(place).fetchall()
        add(writer, [(revisit(9, pages[1][0], 90), None), found(10, "https://a.example/2", 2, 91)])
        derive(writer)
        assert writer.connection.execute(place).fetchall() == before
        told = "SELECT captures, last_captured_at FROM {} ORDER BY 1, 2"
        seen = writer.connection.execute(told.format("articles")).fetchall()
        assert [count for count, _ in seen] == [1, 2, 2]
        assert writer.connection.execute(told.format("versions")).fetchall() == seen


def test_captures_wait_for_a_look_until_they_were_looked_at(tmp_path):
    (first, one), (second, other) = (found(n, f"https://a.example/{n}", n) for n in range(2))
    listing = capture(5, "https://a.example/feed.xml", 1, mime="application/rss+xml")
    with IndexWriter(tmp_path) as writer:
        writer.add(extractions=[one])
        writer.add(captures=[first, second, listing])
        assert [lacking.record_id for lacking in writer.lacking_extraction()] == [second.record_id]
        writer.add(extractions=[other])
        assert writer.lacking_extraction() == []
        writer.drop_extractions([first.record_id])
        assert [lacking.record_id for lacking in writer.lacking_extraction()] == [first.record_id]
        derive(writer)
        assert writer.connection.execute("FROM work.unextracted").fetchall() == [(first.record_id,)]
