"""One text that many pages of a site have is one cluster, of pairs that are no more than the pages."""

from __future__ import annotations

import random

import pytest
from indexes import built, put, settle, tables

from builders import capture
from pipelines.run import extraction_row
from storage.article import Article, Outcome
from storage.index.candidates import MOST_EQUAL
from storage.index.writer import IndexWriter

pytestmark = pytest.mark.long

NOTHING_HERE = "The page that you asked for has moved or was never here, as the clerk of the desk has it " * 2
SHORT = "This page is not here."
MANY = MOST_EQUAL + 12


def page(number, text=NOTHING_HERE, title="No such page here", host="paper.example"):
    article = Article(title=title, text=text, outcome=Outcome.ARTICLE)
    of = capture(number, f"https://{host}/{number}", number, record_id=f"<urn:{host}:{number}>")
    return of, extraction_row(of, Outcome.ARTICLE, article=article)


def test_many_pages_of_one_text_are_one_cluster_of_the_first(tmp_path):
    with IndexWriter(tmp_path) as writer:
        put(writer, [page(number) for number in range(MANY)])
        assert writer.connection.execute("SELECT count(*) FROM pairs").fetchall() == [(MANY - 1,)]
        found = writer.connection.execute(
            "SELECT count(*), count(DISTINCT cluster_id), count(*) FILTER (NOT is_duplicate), "
            "arg_min(url, is_duplicate) FROM articles"
        ).fetchall()
    assert found == [(MANY, 1, 1, "https://paper.example/0")]


def test_of_many_short_texts_those_of_one_title_go_together(tmp_path):
    titles = ("The ferry to the isle", "The bridge of the town")
    pages = [page(number, SHORT, titles[number % 2]) for number in range(2 * MANY)]
    with IndexWriter(tmp_path) as writer:
        put(writer, pages)
        found = writer.connection.execute("SELECT title, count(*) FROM articles GROUP BY cluster_id, title")
        assert sorted(found.fetchall()) == [(title, MANY) for title in sorted(titles)]


@pytest.mark.parametrize("seed", range(4))
def test_neither_order_nor_batches_nor_what_was_dropped_show_in_it(tmp_path, seed):
    drawn = random.Random(seed)
    pages = [page(number) for number in range(MANY)]
    pages += [
        page(number, NOTHING_HERE + "and the door is shut", host="other.example") for number in range(3)
    ]
    drawn.shuffle(pages)
    dropped = sorted(pages, key=lambda one: one[0].captured_at)[:8] if seed % 2 else pages[-16:]
    left = [one for one in pages if one not in dropped]
    with IndexWriter(tmp_path / "one") as writer:
        cut = drawn.randrange(len(pages))
        put(writer, pages[:cut])
        put(writer, pages[cut:])
        assert tables(writer) == built(tmp_path / "whole", pages)
        writer.drop_extractions(of.record_id for of, _ in dropped)
        settle(writer)
        assert tables(writer) == built(tmp_path / "left", left)
