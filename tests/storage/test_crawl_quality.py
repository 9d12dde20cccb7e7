"""The quality of a crawl, on rows that can be counted by hand."""

from __future__ import annotations

from datetime import timedelta

import pytest

from builders import START, capture, revisit
from pipelines.cluster import update_clusters
from pipelines.run import extraction_row
from storage.article import Article, Block, BlockKind, Outcome
from storage.crawl_quality import crawl_quality, thinned
from storage.index.writer import IndexWriter
from storage.model import Crawl, Discovered
from storage.query import open_current

TEXT = " ".join(f"word{number}" for number in range(90))
MENU = Block(text="Home About Contact " * 10, kind=BlockKind.NAVIGATION, kept=False)


def crawl(number):
    started = START + timedelta(hours=24 * number)
    return Crawl(
        crawl_id=f"crawl-{number}",
        source="sample",
        started_at=started,
        software="presswarc",
        seed_url="https://paper.example/",
        robots="obey",
    )


def found(of):
    return Discovered(
        record_id=of.record_id, url=of.url, found_on="", found_in="feed", kind="article", depth=1
    )


def gives(of, text, **fields):
    made = {"title": "A harbor opens", "published_at": START, "authors": ("Jane Roe",)} | fields
    return extraction_row(of, Outcome.ARTICLE, article=Article(text=text, **made))


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """Two crawls: three articles, one a copy, and a page without one; then a change and one unchanged."""
    first, copy, bare = (capture(number, f"https://paper.example/{number}", 0) for number in (1, 2, 3))
    empty, listing = capture(4, "https://paper.example/4", 0), capture(5, "https://paper.example/", 0)
    changed = capture(6, first.url, 24, crawl_id="crawl-2")
    same = revisit(7, copy, 24, crawl_id="crawl-2")
    folder = tmp_path_factory.mktemp("quality")
    with IndexWriter(folder) as writer:
        writer.add(
            crawls=[crawl(1), crawl(2)],
            captures=[first, copy, bare, empty, listing, changed, same],
            discovered=[found(first), found(copy), found(bare), found(empty)],
            extractions=[
                gives(first, TEXT, blocks=(MENU,)),
                gives(copy, TEXT, authors=()),
                gives(bare, "Short.", title=None, published_at=None, layout_drift="no h1.maintitle"),
                extraction_row(empty, Outcome.EMPTY, reason="no text"),
                extraction_row(listing, Outcome.NOT_AN_ARTICLE, reason="a listing"),
                gives(changed, TEXT + " And more of it."),
            ],
        )
        writer.refresh()
        update_clusters(writer)
        writer.publish()
    with open_current(folder) as connection:
        yield connection


def test_a_crawl_is_told_by_its_articles_and_pages(index):
    one = crawl_quality(index, "crawl-1")
    assert (one.new, one.changed, one.unchanged, one.duplicates) == (3, 0, 0, 1)
    assert (one.expected_pages, one.missed_pages, one.read_pages) == (4, 1, 3)
    assert (one.with_title, one.with_date, one.with_author, one.departed_pages) == (2, 2, 2, 1)
    assert one.words == (1, 90, 90)
    assert one.removed == (0.0, 0.0, 0.256)  # of 121 words the menu has 31
    assert one.stored_bytes == 5 * 900


def test_a_later_crawl_tells_what_changed_and_what_did_not(index):
    two = crawl_quality(index, "crawl-2")
    assert (two.new, two.changed, two.unchanged, two.read_pages) == (0, 1, 1, 1)
    assert two.words == (94,)


def test_a_crawl_that_the_index_does_not_know_has_no_quality(index):
    assert crawl_quality(index, "crawl-3") is None


def test_of_many_values_a_hundred_are_kept_in_order():
    kept = thinned(list(range(12_345)))
    assert (len(kept), kept[0], kept[-1]) == (100, 0, 12_344)
    assert kept == sorted(set(kept))
