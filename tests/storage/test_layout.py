from __future__ import annotations

from storage.layout import Layout


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
