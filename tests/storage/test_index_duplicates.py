"""Clusters through the index: boilerplate, copies without number, and no trace of order or batches."""

from __future__ import annotations

import json
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from indexes import built, put, settle, tables

from builders import capture
from pipelines.run import extraction_row
from storage.article import Article, Outcome
from storage.index import candidates
from storage.index import clusters as index_clusters
from storage.index.sketches import CENTRES, HOT_FROM
from storage.index.writer import IndexWriter

pytestmark = pytest.mark.long


def prose(seed, words=150):
    drawn = random.Random(f"prose {seed}")
    return " ".join(f"{drawn.choice('bcdfglmnprst')}{drawn.randrange(4000)}" for _ in range(words))


def page(number, text, host="paper.example", hours=None, **fields):
    article = Article(
        **{"title": f"Story {prose(number, 4)}", "text": text, "outcome": Outcome.ARTICLE} | fields
    )
    of = capture(
        number,
        f"https://{host}/{number}",
        number if hours is None else hours,
        record_id=f"<urn:{host}:{number}>",
    )
    return of, extraction_row(of, Outcome.ARTICLE, article=article)


def clusters(writer):
    found = {}
    for url, cluster_id in writer.connection.execute("SELECT url, cluster_id FROM articles").fetchall():
        found.setdefault(cluster_id, set()).add(url.removeprefix("https://"))
    return sorted(map(sorted, found.values()))


def together(writer, *pages):
    sql = "SELECT cluster_id FROM articles WHERE url = ?"
    found = [writer.connection.execute(sql, [of.url]).fetchall() for of, _ in pages]
    assert [len(rows) for rows in found] == [1] * len(pages)
    return len({cluster_id for ((cluster_id,),) in found}) == 1


FOOT = prose("foot", 110)
FORM = prose("form", 120).split()


def form(number):
    """A weekly report: a form of 120 words filled in with 100 others, here and there."""
    filled = prose(("filled", number), 100).split()
    return " ".join(
        " ".join(FORM[at * 20 : at * 20 + 20] + filled[at * 17 : at * 17 + 17]) for at in range(6)
    )


def test_articles_of_a_host_do_not_merge_by_what_it_writes_under_everything(tmp_path):
    pages = [page(number, f"{prose(number, 90)} {FOOT}") for number in range(9)]
    with IndexWriter(tmp_path) as writer:
        put(writer, pages)
        assert len(clusters(writer)) == 9


def test_what_a_host_writes_under_everything_does_not_hide_a_repost(tmp_path):
    pages = [page(number, f"{prose(number, 90)} {FOOT}") for number in range(9)]
    repost = page(100, " ".join(prose(3, 90).split()[:50]), host="blog.example")
    with IndexWriter(tmp_path) as writer:
        put(writer, [*pages, repost])
        assert together(writer, pages[3], repost)
        assert len(clusters(writer)) == 9
        (told,) = writer.connection.execute(
            "SELECT evidence FROM pairs WHERE merges AND left_in_right + right_in_left < 1.99"
        ).fetchall()[0]
        assert max(json.loads(told)["boilerplate"]) > 90


def test_a_form_filled_in_every_week_merges_none_of_its_weeks_but_a_repost_with_its_own(tmp_path):
    weeks = [page(number, form(number), title="The week in the harbour") for number in range(30)]
    repost = page(100, form(11), host="blog.example", title="The week in the harbour")
    with IndexWriter(tmp_path) as writer:
        put(writer, [*weeks, repost])
        assert together(writer, weeks[11], repost)
        assert len(clusters(writer)) == 30


def test_boilerplate_of_a_network_is_that_of_its_small_hosts_too(tmp_path):
    pages = [
        page(100 * host + number, f"{prose((host, number), 80)} {FOOT}", host=f"{host}.network.example")
        for host, count in enumerate([5, 5, 1, 1])
        for number in range(count)
    ]
    with IndexWriter(tmp_path) as writer:
        put(writer, pages)
        assert len(clusters(writer)) == 12


def test_near_copies_without_number_are_one_cluster_of_few_pairs(tmp_path):
    count = HOT_FROM + 30
    pages = [
        page(number, f"{prose('copied', 200)} seen {prose(number, 6)}", host=f"{number}.example")
        for number in range(count)
    ]
    with IndexWriter(tmp_path) as writer:
        put(writer, pages)
        assert len(clusters(writer)) == 1
        (pairs,) = writer.connection.execute("SELECT count(*) FROM pairs").fetchone()
    assert pairs <= count * CENTRES


def test_short_texts_find_their_copies_and_no_others(tmp_path):
    pages = [page(number, prose(number, 24), host=f"{number}.example") for number in range(20)]
    cut = [page(50 + number, prose(number, 20), host=f"{number}.other.example") for number in range(20)]
    with IndexWriter(tmp_path) as writer:
        put(writer, [*pages, *cut])
        assert [together(writer, *pair) for pair in zip(pages, cut, strict=True)] == [True] * 20
        assert len(clusters(writer)) == 20


def test_an_article_that_lost_its_own_words_leaves_its_cluster(tmp_path):
    first, copy = page(1, prose(1)), page(2, prose(1), host="blog.example")
    again = capture(3, copy[0].url, 9)
    other = Article(title="Other", text=prose(9), outcome=Outcome.ARTICLE)
    changed = (again, extraction_row(again, Outcome.ARTICLE, article=other))
    with IndexWriter(tmp_path) as writer:
        put(writer, [first, copy])
        assert len(clusters(writer)) == 1
        put(writer, [changed])
        assert len(clusters(writer)) == 2
        assert writer.connection.execute("SELECT count(*) FROM pairs").fetchall() == [(0,)]


# Pages of few texts and hosts, so that hashes become hot and common, and cease to be, as pages come and go.
PARTS = [prose(("part", number), 40) for number in range(6)]
PAGE = st.tuples(
    st.integers(0, 2),  # host
    st.lists(st.integers(0, 5), min_size=1, max_size=3, unique=True),  # parts of its text
    st.booleans(),  # whether it has words of its own
    st.booleans(),  # whether it stands under its host's ending
    st.integers(0, 3),  # title
)


def drawn_page(number, drawn):
    host, parts, own, ending, title = drawn
    texts = [PARTS[part] for part in parts]
    texts += [prose(("own", number), 30)] * own + [prose(("end", host), 35)] * ending
    return page(number, " ".join(texts), host=f"{host}.example", title=f"The title of number {title}")


@pytest.mark.long
@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PAGE, min_size=4, max_size=30), st.data())
def test_neither_order_nor_batches_nor_what_was_dropped_show_in_any_table(drawn, data):
    pages = [drawn_page(number, one) for number, one in enumerate(drawn)]
    shuffled = data.draw(st.permutations(pages))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(pages)), max_size=3)))
    gone = data.draw(st.lists(st.sampled_from(pages), max_size=8, unique_by=lambda one: one[0].record_id))
    left = [one for one in pages if one not in gone]
    with tempfile.TemporaryDirectory() as folder, IndexWriter(Path(folder, "parts")) as writer:
        for start, end in zip([0, *cuts], [*cuts, len(pages)], strict=True):
            put(writer, shuffled[start:end])
        assert tables(writer) == built(Path(folder, "whole"), pages)
        writer.drop_extractions(of.record_id for of, _ in gone)
        settle(writer)
        assert tables(writer) == built(Path(folder, "left"), left)


def test_how_many_are_looked_at_at_once_does_not_show(tmp_path, monkeypatch):
    pages = [
        drawn_page(
            number,
            (number % 3, sorted({number % 5, number % 6}), number % 2 == 0, number % 4 > 0, number % 4),
        )
        for number in range(40)
    ]
    whole = built(tmp_path / "whole", pages)
    assert len(whole["pairs"]) > 40
    monkeypatch.setattr(candidates, "ARTICLES_AT_ONCE", 7)
    monkeypatch.setattr(index_clusters, "PAIRS_AT_ONCE", 1)
    assert built(tmp_path / "parts", pages) == whole


@pytest.mark.parametrize("seed", range(3))
def test_hot_hashes_come_and_go_without_a_trace(tmp_path, seed):
    drawn = random.Random(seed)
    pages = [
        page(
            number,
            f"{prose('copied', 120)} {prose(number, drawn.choice([5, 60, 200]))}",
            host=f"{drawn.randrange(25)}.example",
        )
        for number in range(HOT_FROM + 8)
    ]
    drawn.shuffle(pages)
    with IndexWriter(tmp_path / "parts") as writer:
        for start in range(0, len(pages), 7):
            put(writer, pages[start : start + 7])
        assert tables(writer) == built(tmp_path / "whole", pages)
        gone = pages[:12]
        writer.drop_extractions(of.record_id for of, _ in gone)
        settle(writer)
        assert tables(writer) == built(tmp_path / "left", pages[12:])


def reposts(story, count, hosts):
    """A story as so many pages on so many hosts have it, among other text and under other titles."""
    return [
        page(number, f"{prose((story, number), 50)} {prose(story, 150)} {prose((number, story), 50)}", host)
        for number, host in enumerate((f"{number % hosts}.example" for number in range(count)), start=500)
    ]


def test_reposts_of_one_story_on_one_host_are_not_taken_for_its_boilerplate(tmp_path):
    pages = [page(number, f"{prose(number, 150)} {FOOT}", "0.example") for number in range(60)]
    told = reposts("told again", 7, 1)
    with IndexWriter(tmp_path) as writer:
        put(writer, [*pages, *told])
        assert together(writer, *told)
        assert len(clusters(writer)) == 61


def test_what_is_common_on_two_of_many_hosts_is_not_so_on_the_others(tmp_path):
    often = [f"{prose(('often', number), 60)} {prose('told', 150)}" for number in range(12)]
    told = reposts("told", 20, 20)
    with IndexWriter(tmp_path) as writer:
        put(writer, [*told, *(page(at, text, f"{at % 2}.example") for at, text in enumerate(often))])
        common = writer.connection.execute(
            "SELECT DISTINCT host FROM work.common WHERE host <> ''"
        ).fetchall()
        assert sorted(common) == [("0.example",), ("1.example",)]
        assert together(writer, *told[2:])


def test_a_host_that_grows_and_shrinks_leaves_no_trace(tmp_path):
    pages = [page(number, f"{prose(number, 60)} {FOOT}", "0.example") for number in range(60)]
    pages += reposts("told again", 9, 1)
    random.Random(4).shuffle(pages)
    with IndexWriter(tmp_path / "parts") as writer:
        for start, end in ((0, 14), (14, 30), (30, 35), (35, len(pages))):
            put(writer, pages[start:end])
        assert tables(writer) == built(tmp_path / "whole", pages)
        writer.drop_extractions(of.record_id for of, _ in pages[:50])
        settle(writer)
        assert tables(writer) == built(tmp_path / "left", pages[50:])


def test_of_a_crowd_of_reposts_those_cut_are_in_its_cluster(tmp_path):
    words = prose("crowd", 200).split()
    ways = (words, words[:120], words[40:160], words[80:], [*prose("frame", 60).split(), *words])
    told = [
        page(number, f"{' '.join(ways[number % 5])} {prose(('own', number), 40)}", f"{number}.example")
        for number in range(40)
    ]
    with IndexWriter(tmp_path) as writer:
        put(writer, told)
        assert len(clusters(writer)) == 1


def test_one_ending_on_many_hosts_joins_none_of_their_short_stories(tmp_path):
    with IndexWriter(tmp_path) as writer:
        put(writer, [page(at, f"{prose(at, 90)} {FOOT}", f"{at}.example") for at in range(12)])
        assert len(clusters(writer)) == 12
