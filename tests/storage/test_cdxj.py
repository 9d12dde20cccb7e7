from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import pytest
from cdxj_indexer.main import write_cdx_index
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.records import capture_of
from storage.article import Outcome
from storage.cdxj import line_of, place_of, read_lines
from storage.cdxj_writing import NewLines
from storage.layout import Layout
from storage.warc import build, read_record_at
from storage.warc.build import FirstCapture
from storage.warc.write import Origin, WarcWriter

NOW = datetime(2026, 11, 22, 1, 2, 3, 45, tzinfo=UTC)
URLS = [
    "http://news.example.org/",
    "https://www.News.example.org:443/Story/?b=2&a=1",
    "http://example.org:8080/a%20b/%C3%A9t%C3%A9?q=x%20y",
    "http://192.0.2.7/x.html;jsessionid=1",
]


def head(status: str, *fields: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *fields, "", ""]).encode()


@pytest.fixture
def archive(tmp_path):
    """An archive with one file in which every kind of record stands."""
    html = head("200 OK", "Content-Type: text/html; charset=utf-8")
    drafts = [build.response(url, NOW, html, url.encode(), []) for url in URLS]
    first = FirstCapture(url=URLS[0], captured_at=NOW, payload_digest="sha256:" + "0" * 64)
    drafts += [
        build.response("http://example.org/moved", NOW, head("301 Moved", "Location: /"), b"", []),
        build.response(
            "http://example.org/none", NOW, head("404 Not Found", "Content-Type: Text/Plain"), b"-", []
        ),
        build.response("http://example.org/bare", NOW, head("200 OK"), b"no type", []),
        build.request(URLS[0], NOW, b"GET / HTTP/1.1\r\nHost: news.example.org\r\n\r\n", drafts[0], []),
        build.revisit(URLS[0], NOW, html, build.IDENTICAL_PAYLOAD, first, []),
        build.revisit(URLS[0], NOW, head("304 Not Modified"), build.NOT_MODIFIED, first, []),
        build.failure("http://example.org/slow", NOW, Outcome.TIMED_OUT, "no answer", []),
    ]
    with WarcWriter(Layout(tmp_path), Origin(source="x", fields=(("a", "b"),)), max_bytes=1 << 30) as writer:
        placed = writer.write(drafts)
    return Layout(tmp_path), placed


def lines_of(placed) -> list[str]:
    captures = [capture_of(one.record, source="x", crawl_id="x-1", warc_file=one.warc_file) for one in placed]
    return [line_of(capture) for capture in captures if capture is not None]


def parsed(line: str) -> tuple[str, str, dict[str, str]]:
    key, stamp, fields = line.split(" ", 2)
    return key, stamp, json.loads(fields)


def at(line: tuple[str, str, dict[str, str]]) -> int:
    return int(line[2]["offset"])


def add_lines(path, lines, *, anew=False, at_once=1000):
    new = NewLines(path, run_lines=at_once)
    for line in lines:
        new.add(line)
    new.write(anew=anew)


def test_our_lines_say_what_cdxj_indexer_says_of_the_same_file(archive):
    layout, placed = archive
    (path,) = layout.warc_files()
    out = io.StringIO()
    write_cdx_index(out, [str(path)], {"sort": True})
    theirs = [parsed(line) for line in out.getvalue().splitlines()]
    for one in theirs:
        one[2]["filename"] = layout.warc_name(path)
        if "mime" in one[2]:
            one[2]["mime"] = one[2]["mime"].lower()  # theirs is as the server wrote it
    assert sorted(theirs, key=at) == sorted((parsed(line) for line in lines_of(placed)), key=at)


def test_a_line_leads_to_its_record(archive):
    layout, placed = archive
    for line in lines_of(placed):
        name, offset = place_of(line.encode())
        record = read_record_at(layout.warc / name, offset)
        assert record.target_uri == parsed(line)[2]["url"]


def test_the_file_is_sorted_by_bytes_and_has_each_line_once(archive):
    layout, placed = archive
    lines = lines_of(placed)
    add_lines(layout.cdxj, lines[::2])
    add_lines(layout.cdxj, lines)
    add_lines(layout.cdxj, lines[::-1])
    assert list(read_lines(layout.cdxj)) == sorted(line.encode() + b"\n" for line in lines)


LINE = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=12)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.lists(LINE, max_size=9), max_size=4), st.integers(1, 12))
def test_in_whatever_portions_and_runs_lines_come_the_file_is_the_same(tmp_path, portions, at_once):
    path = tmp_path / "cdx" / "index.cdxj"
    path.unlink(missing_ok=True)
    for portion in portions:
        add_lines(path, portion, at_once=at_once)
    every = sorted({line.encode() + b"\n" for portion in portions for line in portion})
    assert list(read_lines(path)) == every


@pytest.mark.parametrize("at_once", [1, 9])
def test_anew_drops_what_the_file_had_and_leaves_no_other_file(tmp_path, at_once):
    add_lines(tmp_path / "x.cdxj", ["a", "b"])
    add_lines(tmp_path / "x.cdxj", ["d", "c"], anew=True, at_once=at_once)
    assert (tmp_path / "x.cdxj").read_bytes() == b"c\nd\n"
    assert [one.name for one in tmp_path.iterdir()] == ["x.cdxj"]


def test_a_last_line_without_its_end_is_not_joined_to_the_next(tmp_path):
    (tmp_path / "x.cdxj").write_bytes(b"a\nc")
    add_lines(tmp_path / "x.cdxj", ["b", "d"])
    assert (tmp_path / "x.cdxj").read_bytes() == b"a\nb\nc\nd\n"


def test_a_file_with_other_line_ends_anywhere_gets_ours(tmp_path):
    (tmp_path / "x.cdxj").write_bytes(b"a\nb\nd\ne\r\n")
    add_lines(tmp_path / "x.cdxj", ["c"])
    assert (tmp_path / "x.cdxj").read_bytes() == b"a\nb\nc\nd\ne\n"


def test_a_reader_holds_the_old_file_while_lines_are_added(tmp_path):
    path = tmp_path / "x.cdxj"
    add_lines(path, ["a"])
    with path.open("rb") as reading:
        add_lines(path, ["b"])
        assert reading.read() == b"a\n"
    assert [one.name for one in tmp_path.iterdir()] == ["x.cdxj"]


def test_no_file_has_no_lines_and_none_is_made(tmp_path):
    assert list(read_lines(tmp_path / "x.cdxj")) == []
    assert not (tmp_path / "x.cdxj").exists()


@pytest.mark.parametrize(
    "line", [b"", b"key", b"key 2026", b"key 2026 {}", b'key 2026 {"filename": "x"}', b"a b c"]
)
def test_a_line_that_is_no_cdxj_line_is_told(line):
    with pytest.raises((ValueError, KeyError, IndexError)):
        place_of(line)
