"""`presswarc search`: what goes to stdout and stderr, and with which exit code."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from running import presswarc

from builders import capture
from pipelines.cluster import update_clusters
from pipelines.run import extraction_row
from pipelines.search import update_search
from storage.article import Article, Outcome
from storage.index.writer import IndexWriter

TEXTS = (
    (
        "Ferry returns",
        "The ferry Marigold returned to the inner harbour on Monday after three weeks of work.",
    ),
    ("Pier opens", "The harbour master opened the pier. A ferry called."),
    ("Mud", "Nothing but mud, said the farmer."),
)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Three articles, the first by Ada Wick."""
    root = tmp_path_factory.mktemp("cli-search")
    with IndexWriter(root) as writer:
        for number, (title, text) in enumerate(TEXTS):
            of = capture(number, f"https://paper.example/{number}", number)
            article = Article(
                title=title,
                text=text,
                language="en",
                authors=() if number else ("Ada Wick",),
                published_at=datetime(2026, 11, 1 + number, tzinfo=UTC),
            )
            writer.add(captures=[of], extractions=[extraction_row(of, Outcome.ARTICLE, article=article)])
        writer.refresh()
        update_clusters(writer)
        update_search(writer)
        writer.publish()
    return root


def search(archive, *arguments, code=0):
    return presswarc("search", "--archive", archive, *arguments, code=code)


def test_a_pipe_gets_a_json_object_a_line_best_first(archive):
    done = search(archive, "ferries", "harbour")
    hits = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.stderr == ""
    assert [hit["title"] for hit in hits] == ["Ferry returns", "Pier opens"]
    assert hits[1]["snippet"] == "The «harbour» master opened the pier. A «ferry» called."
    assert hits[0]["published_at"] == "2026-11-01T00:00:00Z"
    assert hits[0]["score"] > hits[1]["score"]


def test_a_person_gets_title_place_and_snippet(archive):
    done = search(archive, "--table", "mud")
    lines = done.stdout.splitlines()
    assert lines[0] == "Mud"
    assert lines[1].startswith("2026-11-03  paper.example  ")
    assert lines[2:] == ["Nothing but «mud», said the farmer.", "https://paper.example/2"]


def test_options_narrow_it(archive):
    done = search(archive, "--csv", "--since", "2026-11-02", "--limit", "1", "ferry")
    assert done.stdout.splitlines()[1].split(",")[2] == "Pier opens"
    assert len(done.stdout.splitlines()) == 2
    assert (
        json.loads(search(archive, "--json", "--author", "wick", "ferry").stdout)[0]["title"]
        == "Ferry returns"
    )


def test_a_word_after_a_minus_is_left_out(archive):
    done = search(archive, "--", "ferry", "-pier")
    assert [json.loads(line)["title"] for line in done.stdout.splitlines()] == ["Ferry returns"]


@pytest.mark.parametrize("words", ["xylophone", "the of", '"', "mud -mud"])
def test_nothing_found_is_said_on_stderr_and_no_fault(archive, words):
    done = search(archive, words)
    assert (done.stdout, done.stderr) == ("", "no article was found\n")


def test_a_day_that_is_none_is_an_error_with_a_way_out(archive):
    done = search(archive, "mud since:yesterday", code=2)
    assert done.stdout == ""
    assert "error: since: takes a day as 2026-03-01, not yesterday" in done.stderr
    assert "try: write 2026, 2026-03 or 2026-03-01" in done.stderr


def test_without_an_index_it_says_how_to_get_one(tmp_path):
    done = search(tmp_path / "none", "mud", code=1)
    assert done.stdout == ""
    assert "there is no index here yet" in done.stderr
    assert not (tmp_path / "none").exists()
