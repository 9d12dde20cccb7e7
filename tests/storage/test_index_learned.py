"""What is learned of a host is a function of the set of what was added, and of nothing else."""

from __future__ import annotations

import itertools
import random
import tempfile
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from indexes import add, built_in_batches, settle, tables

from builders import capture
from pipelines.learned import update_learned
from pipelines.run import extraction_row
from storage.article import Article, Block, BlockKind, Outcome, PageKind
from storage.index.tables import TABLES
from storage.index.writer import IndexWriter
from storage.urls import article_id

pytestmark = pytest.mark.long

SIGN_OFF = "So ends the sheet for this day; the bell ringers go home by the lower road."
OFFER = "Ask us for the Dawn Leaf, it costs you nothing."
WORDS = [f"word{number}" for number in range(4000)]
COMPARED = [part.name for part in TABLES if part.name not in {"work.state", "work.touched"}]


def prose(seed, words=60):
    return " ".join(random.Random(seed).choices(WORDS, k=words)) + "."


def found(number, url, *paragraphs, hours=0, **fields):
    """Capture and extraction of an article with a removed block before its text."""
    blocks = (
        Block(text="Menu", kind=BlockKind.NAVIGATION, kept=False, rule="menu", path="/html/nav"),
        *(Block(text=one, kind=BlockKind.BODY, kept=True, rule="", path="/html/p") for one in paragraphs),
    )
    article = Article(
        title=f"Title {number}",
        text="\n\n".join(paragraphs),
        outcome=Outcome.ARTICLE,
        blocks=blocks,
        **fields,
    )
    of = capture(number, url, number + hours, record_id=f"<urn:{number}:{hours}>")
    return of, extraction_row(of, Outcome.ARTICLE, article=article)


def page(number, *, host="paper.example", tail=(SIGN_OFF,), hours=0, seed=None, **fields):
    """An article of a host with boilerplate after it."""
    own = [prose(f"{host} {number if seed is None else seed} {part}") for part in range(3)]
    return found(number, f"https://{host}/story-{number}", *own, *tail, hours=hours, **fields)


def derive(writer):
    update_learned(writer)
    settle(writer)


def build(archive, batches):
    return built_in_batches(archive, batches, derive, COMPARED)


def query(archive, sql):
    with IndexWriter(archive) as writer:
        derive(writer)
        return writer.connection.execute(sql).fetchall()


def texts(archive):
    return dict(query(archive, "SELECT article_id, text FROM articles"))


TEN = [page(number) for number in range(10)]


def scene():
    """Two hosts with lines at their ends, an article on two hosts, versions, a page under two addresses."""
    path = "/News/Releases/Release/Article/3377890/a-name/"
    on_war = found(60, f"https://www.war.gov{path}", prose("release"), SIGN_OFF, OFFER)
    on_defense = found(61, f"https://www.defense.gov{path}", prose("release"), SIGN_OFF)
    return [
        *(page(number, tail=(OFFER, SIGN_OFF)) for number in range(9)),
        *(page(number, tail=("Bells at six.", SIGN_OFF)[: number % 2 + 1]) for number in range(20, 26)),
        *(page(number, host="other.example", tail=(SIGN_OFF,) * (number % 2)) for number in range(30, 42)),
        page(3, hours=90, seed="rewritten", tail=(OFFER,)),
        page(4, hours=95, tail=()),
        *(page(number, seed="one story", tail=("It has the same end.",)) for number in range(50, 54)),
        on_war,
        on_defense,
        *(page(number, host="war.gov", tail=(OFFER,)) for number in range(70, 74)),
    ]


SCENE = scene()


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return build(tmp_path_factory.mktemp("expected"), [SCENE])


def test_the_scene_has_what_the_property_below_is_about(expected):
    hosts = {row.split("'")[1] for row in expected["learned_lines"]}
    assert hosts >= {"paper.example", "other.example", "war.gov"}
    assert expected["work.cleaned"]


@pytest.mark.long
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.permutations(SCENE),
    st.lists(st.integers(0, len(SCENE)), max_size=5),
    st.lists(st.sampled_from(SCENE), max_size=5),
)
def test_order_batches_and_repetition_do_not_show_in_what_is_learned(expected, values, cuts, repeated):
    ends = sorted({0, *cuts, len(values)})
    batches = [values[start:end] for start, end in itertools.pairwise(ends)]
    with tempfile.TemporaryDirectory() as folder:
        found_tables = build(Path(folder), [*batches, repeated])
    for name in COMPARED:
        assert found_tables[name] == expected[name], name


def test_a_learned_line_leaves_the_text_and_is_a_block_at_its_place(tmp_path):
    build(tmp_path, [TEN])
    assert all(SIGN_OFF not in text for text in texts(tmp_path).values())
    blocks = query(tmp_path, "SELECT position, kind, text, rule FROM blocks ORDER BY article_id, position")
    assert blocks == [(1, "navigation", "Menu", "menu"), (5, "repeated", SIGN_OFF, "learned:v1")] * 10
    told = "SELECT host, line, place, articles, of_articles, rule FROM learned_lines"
    assert query(tmp_path, told) == [("paper.example", SIGN_OFF, "tail", 10, 10, "learned:v1")]


def test_versions_and_digests_are_those_of_the_text_that_is_left(tmp_path):
    build(tmp_path, [TEN])
    clean = build(tmp_path / "clean", [[page(number, tail=()) for number in range(10)]])
    sql = "SELECT article_id, text, text_digest, word_count FROM {} ORDER BY 1"
    for table in ("articles", "versions"):
        assert query(tmp_path, sql.format(table)) == query(tmp_path / "clean", sql.format(table))
    assert build(tmp_path / "again", [TEN])["work.sketches"] == clean["work.sketches"]
    assert query(tmp_path, "SELECT max(versions) FROM articles") == [(1,)]


def test_a_line_that_ceases_to_recur_comes_back(tmp_path):
    build(tmp_path, [TEN])
    with IndexWriter(tmp_path) as writer:
        add(writer, [page(number, tail=()) for number in range(2, 10)], over=True)
        writer.sweep()
        derive(writer)
    left = texts(tmp_path)
    ends = [
        left[article_id(f"https://paper.example/story-{number}")].endswith(SIGN_OFF) for number in range(3)
    ]
    assert ends == [True, True, False]
    assert query(tmp_path, "FROM learned_lines") == []
    assert query(tmp_path, "FROM work.cleaned") == []


def test_nothing_is_left_of_a_host_whose_articles_are_gone(tmp_path):
    build(tmp_path, [TEN])
    with IndexWriter(tmp_path) as writer:
        writer.drop_extractions(of.record_id for of, _ in TEN)
        writer.sweep()
        derive(writer)
    for table in ("learned_lines", "work.cleaned", "work.samples", "work.recurring", "articles"):
        assert query(tmp_path, f"FROM {table}") == [], table


@pytest.mark.parametrize(
    "values",
    [
        [page(number, tail=(SIGN_OFF,) * (number < 2)) for number in range(10)],
        [page(number, tail=(SIGN_OFF,) * (number < 6), seed=number // 3) for number in range(12)],
        [page(number, page_kind=PageKind.TRANSCRIPT) for number in range(10)],
        [page(0, hours=hours, seed=f"version {hours}") for hours in range(0, 50, 5)],
        [found(number, f"https://paper.example/{number}", SIGN_OFF) for number in range(10)],
    ],
    ids=[
        "in two articles",
        "in two stories under six addresses",
        "in transcripts",
        "in ten versions",
        "alone",
    ],
)
def test_a_line_is_not_learned_from_too_little(tmp_path, values):
    build(tmp_path, [values])
    assert query(tmp_path, "SELECT line FROM learned_lines") == []
    assert query(tmp_path, "SELECT count(*) FROM blocks WHERE kind = 'repeated'") == [(0,)]


def test_an_article_derived_without_learning_is_cleaned_the_next_time(tmp_path):
    build(tmp_path, [TEN])
    with IndexWriter(tmp_path) as writer:
        add(writer, [page(10)])
        writer.refresh()
        add(writer, [page(11)])
    assert all(SIGN_OFF not in text for text in texts(tmp_path).values())


def test_only_the_articles_of_hosts_that_were_touched_are_looked_at(tmp_path):
    build(tmp_path, [[*TEN, page(40, host="other.example")]])
    with IndexWriter(tmp_path) as writer:
        add(writer, [page(41, host="other.example")])
        assert update_learned(writer) == 0
        add(writer, [page(11)])
        assert update_learned(writer) == 1


def test_the_tables_open_read_only_with_the_lines_taken_out(tmp_path):
    with IndexWriter(tmp_path) as writer:
        add(writer, TEN)
        derive(writer)
        published = writer.publish()
    with duckdb.connect(str(published), read_only=True) as connection:
        assert connection.execute("SELECT DISTINCT text LIKE '%bell ringers%' FROM versions").fetchall() == [
            (False,)
        ]


def test_posts_shorter_than_the_notes_under_them_are_told_apart_by_their_own_text(tmp_path):
    notes = [f"{prose(seed, words=25)[:-1]} under each of these posts." for seed in ("one", "two")]
    posts = [
        found(number, f"https://blog.example/{number}", prose(number, words=24), SIGN_OFF, *notes)
        for number in range(12)
    ]
    build(tmp_path, [posts])
    told = "SELECT line, articles, of_articles FROM learned_lines ORDER BY line"
    assert query(tmp_path, told) == sorted((line, 12, 12) for line in (SIGN_OFF, *notes))
    assert all(SIGN_OFF not in text for text in texts(tmp_path).values())


def on_two_hosts(number):
    """The same article of a .mil site's two hosts, with titles of their own."""
    path = f"/News/Releases/Release/Article/{3377890 + number}/a-name/"
    return [
        found(number + of, f"https://www.{host}{path}", prose(f"release {number}"), OFFER)
        for of, host in ((300, "defense.gov"), (400, "war.gov"))
    ]


@pytest.mark.parametrize("dropped", ["defense.gov", "war.gov", "page"])
def test_dropping_leaves_what_would_be_learned_without_the_dropped(tmp_path, dropped):
    both = [one for number in range(3) for one in on_two_hosts(number)]
    assert len({of.article_id for _, of in both}) == 3
    pages = [page(number, host="defense.gov", tail=(OFFER,) * (number < 4)) for number in range(14)]
    pages += [page(number, host="war.gov", tail=()) for number in range(20, 26)]
    gone = pages[:4] if dropped == "page" else [one for one in both if dropped in one[0].url]
    left = build(tmp_path / "left", [[one for one in [*pages, *both] if one not in gone]])
    with IndexWriter(tmp_path / "all") as writer:
        add(writer, [*pages, *both])
        derive(writer)
        writer.drop_extractions(of.record_id for of, _ in gone)
        writer.sweep()
        derive(writer)
        for name, rows in tables(writer, ("learned_lines", "work.cleaned", "articles", "blocks")).items():
            assert rows == left[name], name


def test_a_line_never_stands_in_more_articles_than_there_are(tmp_path):
    posts = [found(number, f"https://blog.example/{number}", f"n {number}", SIGN_OFF) for number in range(12)]
    build(tmp_path, [posts])
    told = "SELECT articles, of_articles, facet_articles, of_facet_articles FROM learned_lines"
    assert query(tmp_path, told) == [(12, 12, 12, 12)]
