"""Lines are counted on a bounded sample of each host's pages, a function of the set of what was added."""

from __future__ import annotations

import itertools
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from indexes import add, built_in_batches, tables

from builders import capture
from pipelines.learned import update_learned
from pipelines.run import extraction_row
from storage.article import Article, Outcome, PageKind
from storage.index.learned import LearnedTables
from storage.index.tables import TABLES
from storage.index.writer import IndexWriter

pytestmark = pytest.mark.long

SIZE = 8
SIGN_OFF = "So ends the sheet for this day; the bell ringers go home by the lower road."
WORDS = [f"word{number}" for number in range(4000)]
NOT_COMPARED = {"work.state", "work.touched", "work.unclustered", "work.unsearched"}
COMPARED = [part.name for part in TABLES if part.name not in NOT_COMPARED]


def prose(seed):
    return " ".join(random.Random(seed).choices(WORDS, k=50)) + "."


def page(number, *, host="paper.example", tail=(SIGN_OFF,), hours=0, kind=PageKind.ARTICLE, seed=0):
    """An article of the host with lines after it."""
    text = "\n\n".join([*(prose(f"{host} {number} {part} {seed}") for part in range(2)), *tail])
    article = Article(title=f"Title {number}", text=text, page_kind=kind)
    of = capture(number, f"https://{host}/{number}", number + hours, record_id=f"<{host}:{number}:{hours}>")
    return of, extraction_row(of, Outcome.ARTICLE, article=article)


def derive(writer):
    update_learned(writer, size=SIZE)
    writer.identify()
    writer.refresh()


SCENE = [
    *(page(number) for number in range(24)),
    *(page(number, tail=()) for number in range(24, 30)),
    *(page(number, hours=50, seed=1) for number in range(5)),
    *(page(number, hours=60, seed=2, kind=PageKind.TRANSCRIPT) for number in range(3, 9)),
    *(page(number, host="other.example", tail=(SIGN_OFF,) * (number % 2)) for number in range(7)),
]


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return built_in_batches(tmp_path_factory.mktemp("expected"), [SCENE], derive, COMPARED)


def test_the_scene_has_a_host_that_is_larger_than_its_sample(expected):
    hosts = [row.split("'")[1] for row in expected["work.samples"]]
    assert len(set(expected["work.samples"])) < 30
    assert hosts.count("other.example") == 7
    assert any("bell ringers" in row for row in expected["learned_lines"])
    assert len(expected["work.cleaned"]) > 2 * SIZE  # what is learned is taken out of pages outside it too


@settings(max_examples=4, deadline=None)
@given(st.permutations(SCENE), st.lists(st.integers(0, len(SCENE)), max_size=6))
def test_order_and_batches_do_not_show_in_what_is_learned_of_samples(expected, values, cuts):
    ends = sorted({0, *cuts, len(values)})
    with tempfile.TemporaryDirectory() as folder:
        batches = [values[start:end] for start, end in itertools.pairwise(ends)]
        found = built_in_batches(Path(folder), batches, derive, COMPARED)
    for name in COMPARED:
        assert found[name] == expected[name], name


@settings(max_examples=4, deadline=None)
@given(st.sets(st.integers(0, len(SCENE) - 1), max_size=20))
def test_what_is_dropped_makes_room_for_other_pages_in_the_sample(dropped):
    left = [one for number, one in enumerate(SCENE) if number not in dropped]
    with tempfile.TemporaryDirectory() as folder:
        with IndexWriter(Path(folder) / "all") as writer:
            add(writer, SCENE)
            derive(writer)
            writer.drop_extractions(SCENE[number][0].record_id for number in dropped)
            writer.sweep()
            derive(writer)
            found = tables(writer, COMPARED)
        with IndexWriter(Path(folder) / "left") as writer:
            add(writer, left)
            writer.add(captures=[of for of, _ in SCENE])
            derive(writer)
            wanted = tables(writer, COMPARED)
    for name in COMPARED:
        assert found[name] == wanted[name], name


def test_a_page_outside_the_sample_asks_for_no_counting_and_loses_its_lines_all_the_same(tmp_path):
    pages = [page(number) for number in range(40)]
    with IndexWriter(tmp_path) as writer:
        add(writer, pages)
        derive(writer)
        before = tables(writer, ["work.samples", "learned_lines"])
        edge = max(row.split("'")[3] for row in before["work.samples"])
        outside = next(one for one in map(page, itertools.count(40)) if one[1].article_id > edge)
        add(writer, [outside])
        derive(writer)
        counted = writer.connection.execute("SELECT count(*) FROM learning_pages").fetchall()
        text = writer.connection.execute(
            "SELECT text FROM articles WHERE article_id = ?", [outside[1].article_id]
        ).fetchall()
        assert tables(writer, ["work.samples", "learned_lines"]) == before
    assert counted == [(0,)]
    assert "bell ringers" not in text[0][0]


def test_to_judge_a_line_no_page_is_read_twice(tmp_path, monkeypatch):
    read = []
    texts_of = LearnedTables.page_texts

    def noted(self, pages):
        found = texts_of(self, pages)
        read.extend(text.text for text in found.values())
        return found

    monkeypatch.setattr(LearnedTables, "page_texts", noted)
    with IndexWriter(tmp_path) as writer:
        for start in range(0, 40, 10):
            add(writer, [page(number) for number in range(start, start + 10)])
            derive(writer)
        assert len(read) == len(set(read)) >= SIZE
        lines = writer.connection.execute("SELECT line_digest, count(*) FROM work.line_pages GROUP BY 1")
        assert [count for _, count in lines.fetchall()] == [SIZE]


def test_learning_stopped_between_counting_and_storing_is_done_the_next_time(tmp_path):
    with IndexWriter(tmp_path / "stopped") as writer:
        for start in range(0, 36, 12):
            add(writer, SCENE[start : start + 12])
            writer.learned.count(SIZE)
    with IndexWriter(tmp_path / "stopped") as writer:
        add(writer, SCENE[36:])
        derive(writer)
        found = tables(writer, COMPARED)
    with IndexWriter(tmp_path / "whole") as writer:
        add(writer, SCENE)
        derive(writer)
        assert tables(writer, COMPARED) == found
