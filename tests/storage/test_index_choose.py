"""Captures chosen from the index, and rows that take the places of others."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import START, capture, revisit
from pipelines.learned import update_learned
from pipelines.run import extraction_row
from storage.article import Article, Outcome
from storage.index.choose import Choice, choose, chosen_captures
from storage.index.writer import IndexWriter
from storage.urls import article_id

pytestmark = pytest.mark.long

URLS = [
    "http://news.example/a",
    "https://www.news.example/a/?utm_source=x",
    "https://NEWS.example:8443/b",
    "http://user@sub.news.example/c?d=/e",
    "http://othernews.example/a",
    "http://[2001:db8::1]:80/x",
    "http://xn--mnchen-3ya.example/z",
    "urn:uuid:1",
    "dns:news.example",
]


def article(text="Some words of a text.", title="A title of some words"):
    return Article(title=title, text=text)


def extraction(of, told=None, outcome=Outcome.ARTICLE):
    return extraction_row(of, outcome, article=told or article() if outcome is Outcome.ARTICLE else None)


CAPTURES = [
    capture(number, url, number, source=f"s{number % 2}", crawl_id=f"c{number % 3}")
    for number, url in enumerate(URLS)
]


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """A writer with one capture a URL, each with an article."""
    with IndexWriter(tmp_path_factory.mktemp("choose")) as writer:
        writer.add(captures=CAPTURES, extractions=[extraction(one) for one in CAPTURES])
        writer.refresh()
        yield writer


def chosen(writer, choice):
    found = choose(writer.connection, choice)
    return sorted(one.record_id for name in found.files for one in chosen_captures(writer.connection, name))


MOMENTS = st.none() | st.integers(-1, 10).map(lambda hours: START + timedelta(hours=hours))
HOSTS = [
    "news.example",
    "www.news.example",
    "example",
    "NEWS.example.",
    "2001:db8::1",
    "münchen.example",
    "a",
]
CHOICES = st.builds(
    Choice,
    since=MOMENTS,
    until=MOMENTS,
    hosts=st.lists(st.sampled_from(HOSTS), max_size=2).map(tuple),
    urls=st.lists(st.sampled_from([*URLS, "http://news.example/A", "http://none.example/"]), max_size=2).map(
        tuple
    ),
    source=st.sampled_from([None, "s0", "s1", "s"]),
    crawl_id=st.sampled_from([None, "c0", "c1"]),
)


@settings(max_examples=150, deadline=None)
@given(CHOICES)
def test_the_index_and_the_files_are_chosen_from_alike(index, choice):
    wanted = [
        one.record_id for one in CAPTURES
        if choice.takes(one.url, one.captured_at, one.source, one.crawl_id)
    ]  # fmt: skip
    assert chosen(index, choice) == sorted(wanted)


@pytest.mark.parametrize(
    ("host", "urls"),
    [
        ("news.example", URLS[:4]),
        ("www.news.example", URLS[1:2]),
        ("sub.news.example", URLS[3:4]),
        ("example", [*URLS[:5], URLS[6]]),
        ("münchen.example", URLS[6:7]),
        ("ews.example", []),
    ],
)
def test_a_host_takes_its_subdomains_in(host, urls, index):
    wanted = sorted(one.record_id for one in CAPTURES if one.url in urls)
    assert chosen(index, Choice(hosts=(host,))) == wanted


def test_a_revisit_brings_in_the_capture_that_it_names_and_no_other(tmp_path):
    first, second = capture(1, URLS[0], 0), capture(2, URLS[0], 1)
    again = revisit(3, first, 2)
    with IndexWriter(tmp_path) as writer:
        writer.add(captures=[first, second, again], extractions=[extraction(first), extraction(second)])
        found = choose(writer.connection, Choice(since=again.captured_at))
        assert (found.asked, found.bodies) == (1, 1)
        assert chosen(writer, Choice(since=again.captured_at)) == [first.record_id, again.record_id]
        everything = choose(writer.connection, Choice())
        assert (everything.asked, everything.bodies) == (3, 0)


def state(path):
    """Every row of every table of a closed index."""
    with duckdb.connect(str(path), read_only=True) as connection:
        names = connection.execute(
            "SELECT table_schema || '.' || table_name FROM information_schema.tables "
            "WHERE table_type = 'BASE TABLE' AND table_name <> 'state'"
        ).fetchall()
        return {name: sorted(map(repr, connection.execute(f"FROM {name}").fetchall())) for (name,) in names}


# Clusters and search are not made here: what waits for them is what changed, not what there is.
WAITING = {"work.unclustered", "work.unsearched"}


def settle(writer):
    """Derive all but those, and publish."""
    update_learned(writer)
    writer.identify()
    writer.refresh()
    writer.publish()


PLACES = st.lists(
    st.sampled_from(["First text of it.", "Second text of it.", "", "drop"]), min_size=4, max_size=4
)


@pytest.mark.long
@settings(max_examples=4, deadline=None)
@given(before=PLACES, after=PLACES, chosen=st.sets(st.integers(0, 3)))
def test_rows_put_over_others_leave_no_trace_of_those(before, after, chosen, tmp_path_factory):
    """Whatever was there: the index is the one that the last extraction of each capture makes."""
    pages = [capture(number, URLS[number % 2], number) for number in range(4)]
    seen = [*pages, revisit(4, pages[0], 9), revisit(5, pages[1], 9)]

    def extracted(number, text):
        outcome = Outcome.ARTICLE if text else Outcome.EMPTY
        return extraction(pages[number], article(text), outcome)

    replaced, anew = tmp_path_factory.mktemp("replaced"), tmp_path_factory.mktemp("anew")
    with IndexWriter(replaced) as writer:
        writer.add(
            captures=seen, extractions=[extracted(n, text) for n, text in enumerate(before) if text != "drop"]
        )
        settle(writer)
    with IndexWriter(replaced, aside=True) as writer:
        for number in chosen:
            if after[number] == "drop":
                writer.drop_extractions([pages[number].record_id])
            else:
                writer.add(extractions=[extracted(number, after[number])], over=True)
        writer.sweep()
        settle(writer)
    now = [after[number] if number in chosen else before[number] for number in range(4)]
    with IndexWriter(anew) as writer:
        writer.add(
            captures=seen, extractions=[extracted(n, text) for n, text in enumerate(now) if text != "drop"]
        )
        settle(writer)
    found, wanted = state(replaced / "index.duckdb"), state(anew / "index.duckdb")
    assert {name: found[name] for name in found if name not in WAITING} == {
        name: wanted[name] for name in wanted if name not in WAITING
    }


def test_a_capture_read_again_is_put_over_the_row_of_its_own_place_alone(tmp_path):
    one = capture(1, URLS[0], 0)
    corrected = replace(one, mime="application/xhtml+xml")
    elsewhere = replace(one, mime="text/plain", warc_file="zz.warc.gz")
    with IndexWriter(tmp_path) as writer:
        writer.add(captures=[one], extractions=[extraction(one)])
        writer.refresh()
        writer.add(captures=[corrected], over=True)
        writer.add(captures=[elsewhere], over=True)
        found = writer.connection.execute("SELECT mime, warc_file, article_id FROM captures").fetchall()
        assert found == [("application/xhtml+xml", one.warc_file, article_id(one.url))]


def test_work_aside_is_dropped_unless_it_is_published(tmp_path):
    one, two = capture(1, URLS[0], 0), capture(2, URLS[4], 0)
    with IndexWriter(tmp_path) as writer:
        writer.add(captures=[one], extractions=[extraction(one)])
        writer.refresh()
        writer.publish()
    before = state(tmp_path / "state/index.duckdb")
    with IndexWriter(tmp_path, aside=True) as writer:
        writer.add(captures=[two], extractions=[extraction(two)])
        writer.refresh()
    assert sorted(path.name for path in (tmp_path / "state").iterdir()) == ["index.duckdb", "lock"]
    assert state(tmp_path / "state/index.duckdb") == before
    with IndexWriter(tmp_path, aside=True) as writer:
        writer.add(captures=[two], extractions=[extraction(two)])
        writer.refresh()
        writer.publish()
    assert state(tmp_path / "state/index.duckdb") == state(tmp_path / "index.duckdb") != before
    assert sorted(path.name for path in (tmp_path / "state").iterdir()) == ["index.duckdb", "lock"]


def test_times_and_texts_come_back_as_they_were_put_in(tmp_path):
    from storage.index.choose import choose
    from storage.index.stored import stored_articles, stored_by_article, stored_form

    told = replace(
        article('Half a \ud800 letter, a "quote", a\ttab and a \x00 null.'),
        authors=("Ann", "Bob"),
        published_at=START,
        modified_at=START + timedelta(hours=5),
        language="en",
    )
    one = capture(1, URLS[0], 0)
    with IndexWriter(tmp_path) as writer:
        writer.add(captures=[one], extractions=[extraction(one, told)])
        choose(writer.connection, Choice())
        (found,) = stored_by_article(writer.connection, "")
        assert found.capture == one
        back = stored_articles(writer.connection, [found])
    assert list(back.values()) == [stored_form(told)]
    assert SimpleNamespace(outcome=found.outcome, reason=found.reason) == SimpleNamespace(
        outcome="article", reason=""
    )
