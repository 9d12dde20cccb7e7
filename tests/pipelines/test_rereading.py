"""Records of captures that the index names, found again in files of every make."""

from __future__ import annotations

import gzip

import pytest

from pipelines.rereading import Unread, reread
from pipelines.run import ReadCapture, read_rows
from storage.layout import Layout

PAGES = 5


def member(number, *, record_id=True):
    """Bytes of one response record."""
    body = f"<p>Page {number}</p>".encode()
    block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)
    identifier = f"WARC-Record-ID: <urn:uuid:{number:032d}>\r\n" if record_id else ""
    head = (
        f"WARC/1.0\r\nWARC-Type: response\r\n{identifier}WARC-Target-URI: http://news.example/{number}\r\n"
        f"WARC-Date: 2026-11-20T08:00:0{number}Z\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def by_record(records):
    return b"".join(map(gzip.compress, records))


def as_a_whole(records):
    return gzip.compress(b"".join(records))


def plain(records):
    return b"".join(records)


@pytest.fixture
def layout(tmp_path):
    (tmp_path / "warc").mkdir()
    return Layout(tmp_path)


def captures_in(layout, name):
    rows = read_rows(layout.warc / name, name)
    return [row.capture for row in rows if isinstance(row, ReadCapture)]


@pytest.mark.parametrize("record_id", [True, False])
@pytest.mark.parametrize("packed", [by_record, as_a_whole, plain])
def test_each_capture_gets_its_own_record_however_the_file_is_packed(packed, record_id, layout):
    (layout.warc / "a.warc.gz").write_bytes(packed([member(n, record_id=record_id) for n in range(PAGES)]))
    captures = captures_in(layout, "a.warc.gz")
    assert len(captures) == PAGES
    for asked in (captures, captures[::-2], [captures[3]]):
        found = [(capture.url, record.target_uri) for capture, record in reread(asked, layout)]
        assert sorted(found) == sorted((one.url, one.url) for one in asked)


def test_what_cannot_be_had_is_told_with_the_reason(layout):
    path = layout.warc / "a.warc.gz"
    path.write_bytes(by_record([member(n) for n in range(PAGES)]))
    captures = captures_in(layout, "a.warc.gz")
    data = bytearray(path.read_bytes())
    data[captures[1].warc_offset + 40] ^= 0xFF
    path.write_bytes(data[: captures[4].warc_offset])
    found = list(reread(captures, layout))
    assert [isinstance(one, Unread) for one in found] == [False, True, False, False, True]
    path.unlink()
    assert [one.capture for one in reread(captures, layout)] == captures
    assert {one.reason for one in reread(captures, layout)} == {
        "the file can't be read: No such file or directory"
    }


def test_another_record_at_the_place_is_not_taken_for_the_captures(layout):
    path = layout.warc / "a.warc.gz"
    path.write_bytes(by_record([member(n) for n in range(2)]))
    captures = captures_in(layout, "a.warc.gz")
    path.write_bytes(by_record([member(n) for n in (8, 9)]))
    assert all(isinstance(one, Unread) for one in reread(captures, layout))
    (found,) = reread(captures[:1], layout)
    assert found.reason == f"no such record at offset {captures[0].warc_offset}"
