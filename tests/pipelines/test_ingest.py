"""An index is made current and its CDXJ written; what fails of either is told."""

from __future__ import annotations

import pytest

from builders import capture
from pipelines.ingest import Ingest
from pipelines.run import extraction_row
from storage.article import Article, Outcome
from storage.cdxj import read_lines
from storage.errors import IndexFaultError
from storage.index.writer import IndexWriter
from storage.layout import Layout

TEXT = "The ferry Marigold came back to the harbour on Monday after three weeks of work on her engine. " * 4


def take_page(ingest: Ingest) -> None:
    """A page with an article."""
    page = capture(1, "https://a.example/1", 1)
    ingest.add(page)
    ingest.add(extraction_row(page, Outcome.ARTICLE, article=Article(title="Ferry returns", text=TEXT)))


def test_a_cdxj_that_cannot_be_written_is_told_and_nothing_is_published(tmp_path):
    layout = Layout(tmp_path)
    layout.cdxj.parent.write_text("no folder", encoding="utf-8")
    with IndexWriter(tmp_path) as writer:
        ingest = Ingest(writer, layout.cdxj)
        take_page(ingest)
        with pytest.raises(IndexFaultError, match="cannot be written"):
            ingest.finish()
    assert not layout.index.exists()


def test_an_index_that_cannot_be_made_current_is_told_with_the_lines_written(tmp_path):
    layout = Layout(tmp_path)
    with IndexWriter(tmp_path) as writer:
        ingest = Ingest(writer, layout.cdxj)
        take_page(ingest)
        writer.connection.execute("DROP TABLE work.samples")
        with pytest.raises(Exception, match="samples"):
            ingest.finish()
    assert len(list(read_lines(layout.cdxj))) == 1
    assert not layout.index.exists()


def test_long_articles_are_committed_before_many_of_them_are_held(tmp_path, monkeypatch):
    monkeypatch.setattr("pipelines.ingest.BATCH_CHARACTERS", 3 * len(TEXT))
    held = []
    with IndexWriter(tmp_path) as writer:
        ingest = Ingest(writer, Layout(tmp_path).cdxj)
        for _ in range(7):
            take_page(ingest)
            held.append(len(ingest._rows))
    assert held == [2, 4, 0, 2, 4, 0, 2]
