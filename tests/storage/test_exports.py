"""The parts that exports are made of: files that are whole or not there, CDXJ lines, chosen places."""

from __future__ import annotations

import errno
import os
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.cdxj import parse_line
from storage.errors import OutOfSpaceError, PresswarcError, UsageError
from storage.exports.files import put_folder, scratch_folder, whole_file
from storage.exports.lines import packed_line, unchanged_lines
from storage.exports.places import Places

KEY, URL = "org,example)/a", "http://example.org/a"


def line(stamp, status="200", digest="d1", *, revisit=False, offset=0, key=KEY, url=URL):
    mime = "warc/revisit" if revisit else "text/html"
    told = (
        f'{{"status": "{status}", "url": "{url}", "mime": "{mime}", "digest": "{digest}", '
        f'"length": "9", "offset": "{offset}", "filename": "2026/11/x.warc.gz"}}'
    )
    return f"{key} {stamp} {told}\n".encode()


def test_a_file_is_there_once_it_is_whole(tmp_path):
    path = tmp_path / "a.wacz"
    with whole_file(path, force=False) as out:
        out.write(b"abc")
        assert not path.exists()
    assert path.read_bytes() == b"abc"
    assert list(tmp_path.iterdir()) == [path]


def write_and_fail(path):
    with whole_file(path, force=True) as out:
        out.write(b"new")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def write_late(path):
    with whole_file(path, force=False) as out:
        out.write(b"mine")
        path.write_bytes(b"another's")


def test_what_fails_leaves_nothing_and_the_old_file_as_it_was(tmp_path):
    path = tmp_path / "a.wacz"
    path.write_bytes(b"old")
    with pytest.raises(OutOfSpaceError):
        write_and_fail(path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_killed_exports_left_goes_with_the_next_one_of_that_name(tmp_path):
    path = tmp_path / "a.wacz"
    for left in (".a.wacz.7.part", ".b.wacz.7.part", ".a.wacz.of-mine.part"):
        (tmp_path / left).touch()
    (tmp_path / ".a.wacz.8.part").mkdir()
    (tmp_path / ".a.wacz.8.part" / "rows").touch()
    with whole_file(path, force=False) as out:
        out.write(b"abc")
    assert sorted(one.name for one in tmp_path.iterdir()) == [
        ".a.wacz.of-mine.part",
        ".b.wacz.7.part",
        "a.wacz",
    ]


@pytest.mark.parametrize("folder", [True, False])
def test_what_another_process_is_writing_is_left_alone(tmp_path, monkeypatch, folder):
    path = tmp_path / "a.wacz"
    with ExitStack() as other:
        with monkeypatch.context() as its:
            its.setattr(os, "getpid", lambda: 7)
            other.enter_context(scratch_folder(path) if folder else whole_file(path, force=True))
        with whole_file(path, force=False) as out:
            out.write(b"abc")
        assert (tmp_path / ".a.wacz.7.part").exists()


def replace_folder(path):
    with scratch_folder(path) as scratch:
        (scratch / "export").mkdir()
        put_folder(scratch / "export", path, "tables.json", force=True)


def test_a_folder_that_can_be_neither_replaced_nor_put_back_is_kept(tmp_path, monkeypatch):
    path = tmp_path / "out"
    path.mkdir()
    (path / "tables.json").write_text("old")
    rename = Path.rename

    def refused(self, target):
        if target == path:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refused)
    with pytest.raises(PresswarcError, match="nor put back") as raised:
        replace_folder(path)
    assert (Path(raised.value.where) / "tables.json").read_text() == "old"


@pytest.mark.parametrize("force", [True, False])
def test_a_file_is_replaced_only_when_told_so(tmp_path, force):
    path = tmp_path / "a.wacz"
    path.write_bytes(b"old")
    if not force:
        with pytest.raises(UsageError, match="already"), whole_file(path, force=False) as out:
            out.write(b"new")
    else:
        with whole_file(path, force=True) as out:
            out.write(b"new")
    assert path.read_bytes() == (b"new" if force else b"old")


def test_a_file_that_came_meanwhile_is_not_replaced(tmp_path):
    path = tmp_path / "a.wacz"
    with pytest.raises(UsageError, match="already"):
        write_late(path)
    assert path.read_bytes() == b"another's"
    assert list(tmp_path.iterdir()) == [path]


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    got = []
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()))
    reader.start()
    with whole_file(path, force=False) as out:
        out.write(b"abc")
    reader.join(60)
    assert got == [b"abc"]
    assert path.is_fifo()


@pytest.mark.parametrize("place", ["folder", "folder/in/no/folder", "file/x"])
def test_a_place_that_cannot_be_written_is_a_usage_error(tmp_path, place):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    with pytest.raises(UsageError) as raised, whole_file(tmp_path / place, force=True) as out:
        out.write(b"abc")
    assert raised.value.where == str(tmp_path / place)


def test_a_304_leads_to_the_latest_earlier_capture_of_its_body():
    lines = [
        line("20260101000000", offset=1),
        line("20260102000000", "304", revisit=True, offset=2),
        line("20260103000000", digest="d2", offset=3),
        line("20260104000000", "304", "d2", revisit=True, offset=4),
        line("20260105000000", "304", "d1", revisit=True, offset=5),
    ]
    found = [parse_line(one) for one in unchanged_lines(lines)]
    assert [(one.stamp[6:8], one.offset, one.status, one.mime) for one in found] == [
        ("02", 1, "200", "text/html"),
        ("04", 3, "200", "text/html"),
        ("05", 1, "200", "text/html"),
    ]


def test_a_304_sorts_behind_the_line_that_stands_for_it():
    lines = [line("20260101000000"), line("20260102000000", "304", revisit=True)]
    assert next(unchanged_lines(lines)) < lines[1]


@pytest.mark.parametrize(
    "lines",
    [
        [line("20260102000000", "304", revisit=True)],
        [line("20260101000000", digest="other"), line("20260102000000", "304", revisit=True)],
        [line("20260101000000", "404"), line("20260102000000", "304", revisit=True)],
        [
            line("20260101000000", key="org,example)/", url="http://example.org/"),
            line("20260102000000", "304", revisit=True),
        ],
        [line("20260101000000"), line("20260102000000", revisit=True)],
    ],
    ids=["alone", "another body", "an error", "another page", "same body"],
)
def test_what_is_no_304_of_a_known_body_gets_no_line(lines):
    assert list(unchanged_lines(lines)) == []


@given(
    st.lists(
        st.tuples(st.integers(0, 9), st.sampled_from(["200", "304", "404"]), st.sampled_from("abc")),
        max_size=30,
    )
)
def test_lines_for_304s_are_sorted_and_each_shows_its_own_digest(captures):
    lines = sorted(
        {
            line(f"2026010100000{second}", status, digest, revisit=status == "304", offset=at)
            for at, (second, status, digest) in enumerate(captures)
        }
    )
    found = list(unchanged_lines(lines))
    assert found == sorted(set(found))
    bodies = {one.offset: one for one in map(parse_line, lines) if one.status == "200"}
    wanted = {(one.stamp, one.digest) for one in map(parse_line, lines) if one.status == "304"}
    for one in map(parse_line, found):
        assert (one.stamp, one.digest) in wanted
        assert (bodies[one.offset].digest, bodies[one.offset].stamp <= one.stamp) == (one.digest, True)


def test_the_line_in_a_package_names_the_file_there_and_hides_a_304():
    assert parse_line(packed_line(line("20260101000000"), "x.warc.gz")).filename == "x.warc.gz"
    assert parse_line(packed_line(line("20260101000000", "404"), "x")).status == "404"
    unchanged = parse_line(packed_line(line("20260101000000", "304", revisit=True), "x"))
    assert (unchanged.status, unchanged.mime) == ("", "warc/revisit")


@given(st.dictionaries(st.sampled_from("abc"), st.sets(st.integers(0, 2**40))), st.integers(0, 2**40))
def test_places_hold_what_was_added_and_nothing_else(added, other):
    places = Places()
    for name, offsets in added.items():
        for offset in sorted(offsets):
            places.add(name, offset)
    for name in "abcd":
        offsets = added.get(name, set())
        assert all((name, offset) in places for offset in offsets)
        assert ((name, other) in places) == (other in offsets)


def test_the_folder_of_an_export_need_not_be_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with whole_file(Path("a"), force=False) as out:
        out.write(b"abc")
    assert (tmp_path / "a").read_bytes() == b"abc"
