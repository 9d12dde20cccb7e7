from __future__ import annotations

import pytest

from storage.layout import Layout, imported_source


def test_asking_for_a_path_creates_nothing(tmp_path):
    layout = Layout(tmp_path / "archive")
    for path in (layout.warc, layout.cdxj, layout.index, layout.state, layout.frontier, layout.crawl("x-1")):
        assert path.is_relative_to(layout.root)
    assert layout.warc_files() == []
    assert not layout.root.exists()


def test_only_finished_warc_files_are_listed_oldest_month_first(tmp_path):
    layout = Layout(tmp_path)
    for name in (
        "2026/11/b.warc.gz",
        "2026/11/a.warc.gz",
        "2025/12/z.warc",
        "2026/11/c.warc.gz.open",
        "2026/11/d.warc.gz.torn",
        "2026/11/notes.txt",
    ):
        path = layout.warc / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    (layout.warc / "2026/11/folder.warc.gz").mkdir()
    assert [layout.warc_name(path) for path in layout.warc_files()] == [
        "2025/12/z.warc",
        "2026/11/a.warc.gz",
        "2026/11/b.warc.gz",
    ]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("2014/02/old-paper-20140216050221-00001-host.warc.gz", "old-paper"),
        ("2014/02/a-20140216050221-00001-my-host.example.arc", "a"),
        ("2014/02/a-20140216050221-00012-h.arc.gz", "a"),
        ("2014/02/a-20140216050221-00001-h.warc.zst", "a"),
        ("2014/02/a-20140216050221-00001-h.warc.gz.open", None),
        ("2014/02/-20140216050221-00001-h.warc.gz", None),
        ("2014/02/a-201402160502-00001-h.warc.gz", None),
        ("a-20140216050221-00001-h.warc.gz", None),
        ("/elsewhere/2014/02/a-20140216050221-00001-h.warc.gz", None),
    ],
)
def test_the_source_stands_in_the_name_that_an_import_gives(name, source):
    assert imported_source(name) == source


def test_files_of_every_kind_are_listed(tmp_path):
    names = [f"2014/02/{stem}" for stem in ("a.arc", "b.arc.gz", "c.warc", "d.warc.gz", "e.warc.zst")]
    for name in [*names, "2014/02/f.part", "1.part", "2014/02/search.txt", "2014/02/g.arc.gz.torn"]:
        path = Layout(tmp_path).warc / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    assert [Layout(tmp_path).warc_name(path) for path in Layout(tmp_path).warc_files()] == names
