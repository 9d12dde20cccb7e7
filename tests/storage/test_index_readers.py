"""Readers of the published index are never refused and never see half of it, whatever the writer does."""

from __future__ import annotations

import pytest
from index_readers import readers

from builders import capture
from pipelines.ingest import Ingest
from pipelines.run import extraction_row
from storage.article import Article, Outcome
from storage.index.writer import IndexWriter
from storage.layout import Layout

pytestmark = pytest.mark.long


def add(writer, numbers):
    captures = [capture(number, f"https://paper.example/{number}", number) for number in numbers]
    extractions = [
        extraction_row(
            of, Outcome.ARTICLE, article=Article(title=of.url, text=f"Words of the page {of.url}. " * 40)
        )
        for of in captures
    ]
    writer.add(captures=captures, extractions=extractions)


def finish(archive, writer):
    return Ingest(writer, Layout(archive).cdxj).finish()


def test_no_reader_is_refused_or_torn_during_thirty_publishes(tmp_path):
    with IndexWriter(tmp_path) as writer:
        add(writer, range(4))
        assert finish(tmp_path, writer) is not None
    with readers(tmp_path / "index.duckdb", 3) as told, IndexWriter(tmp_path) as writer:
        for number in range(10, 40):
            add(writer, [number])
            published = finish(tmp_path, writer) if number % 10 == 9 else writer.publish()
            assert published is not None
            assert writer.publish() is None
    assert [one["faults"] for one in told] == [[], [], []]
    assert all(one["grew"] for one in told)
    assert min(one["reads"] for one in told) > 3
    assert min(one["most"] for one in told) > 4


def test_no_reader_is_refused_while_the_index_is_built_anew_and_put_in_place(tmp_path):
    with IndexWriter(tmp_path) as writer:
        add(writer, range(20))
        finish(tmp_path, writer)
    with readers(tmp_path / "index.duckdb", 2) as told:
        for how in ("anew", "aside", "anew", "aside"):
            with IndexWriter(tmp_path, **{how: True}) as writer:
                add(writer, range(25))
                finish(tmp_path, writer)
    assert [one["faults"] for one in told] == [[], []]
    assert all(one["grew"] for one in told)
    assert [one["most"] for one in told] == [25, 25]
