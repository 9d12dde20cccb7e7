"""Rubbish between records that looks like the start of something, and what costs a reader its time."""

from __future__ import annotations

import gzip
import struct
from collections import Counter

import pytest
from damage import arc_record, warc_record

from storage.cdxj import parse_line
from storage.model import Damage, Record
from storage.warc import read_records

BLOCKS = [b"HTTP/1.1 200 OK\r\n\r\n" + bytes([65 + number]) * 700 for number in range(5)]
RUBBISH = {
    "gzip magic": b"\x1f\x8b\x08",
    "gzip header": b"\x1f\x8b\x08\0\0\0\0\0\0\x03" * 5,
    "zstd magic": b"\x28\xb5\x2f\xfd" * 3,
    "skippable frame": b"\x5d\x2a\x4d\x18" + struct.pack("<I", 1500),
    "zeros": bytes(600),
}


def read(tmp_path, data):
    path = tmp_path / "x.warc"
    path.write_bytes(data)
    items = list(read_records(path))
    return [one for one in items if isinstance(one, Record)], [
        one for one in items if isinstance(one, Damage)
    ]


@pytest.mark.parametrize("digest", [True, False])
@pytest.mark.parametrize("place", [0, 1, 3])
@pytest.mark.parametrize("name", RUBBISH)
def test_rubbish_between_plain_records_costs_no_record(tmp_path, name, place, digest):
    parts = [warc_record(f"{number}", block, digest=digest) for number, block in enumerate(BLOCKS)]
    rubbish = RUBBISH[name]
    if name == "skippable frame" and place == 0:
        rubbish = rubbish[1:]  # at the start of a file it may be a dictionary
    parts.insert(place, rubbish)
    records, damages = read(tmp_path, b"".join(parts))
    assert [one.block for one in records] == BLOCKS
    assert [(one.offset, one.length) for one in damages] == [(sum(map(len, parts[:place])), len(rubbish))]


@pytest.mark.parametrize("name", ["gzip magic", "zstd magic", "skippable frame"])
def test_rubbish_between_arc_records_costs_no_record(tmp_path, name):
    parts = [arc_record(f"{number}", block) for number, block in enumerate(BLOCKS)]
    parts.insert(2, RUBBISH[name])
    records, damages = read(tmp_path, b"".join(parts))
    assert [one.block for one in records] == BLOCKS
    assert len(damages) == 1


def test_a_skippable_frame_among_gzip_members_skips_nothing(tmp_path):
    parts = [gzip.compress(warc_record(f"{number}", block), mtime=0) for number, block in enumerate(BLOCKS)]
    parts.insert(2, b"\x5d\x2a\x4d\x18" + struct.pack("<I", 2 * len(parts[2])))
    records, damages = read(tmp_path, b"".join(parts))
    assert [one.block for one in records] == BLOCKS
    assert len(damages) == 1


def test_zeros_in_the_place_of_a_members_end_invent_no_record(tmp_path):
    block = b"HTTP/1.1 200 OK\r\n\r\n" + b"\n".join(b"line %d of the page" % number for number in range(90))
    packed = gzip.compress(warc_record("one", block, digest=False), mtime=0)
    for at in range(60, len(packed)):
        records, damages = read(tmp_path, packed[:at] + bytes(4000))
        assert [one.block for one in records] in ([], [block]), at
        assert damages, at


def test_a_cut_record_does_not_give_the_record_in_its_block(tmp_path):
    inner = warc_record("inner", b"not of this file")
    outer = warc_record(
        "outer", b"x" * 50 + b"\r\n" + inner + b"y" * 900 + bytes(range(256)) * 3, digest=False
    )
    packed = gzip.compress(warc_record("first", BLOCKS[0], digest=False) + outer, mtime=0)
    records, damages = read(tmp_path, packed[:-40])
    assert [one.block for one in records] == [BLOCKS[0]]
    assert len(damages) == 1


def test_an_arc_block_of_unknown_length_keeps_its_own_line_ends(tmp_path):
    block = b"HTTP/1.1 204 No Content\r\nA: b\r\n\r\n"
    line = b"http://news.example.org/ 192.0.2.7 20010203040506 text/html -1\n"
    records, _ = read(tmp_path, gzip.compress(line + block + b"\n", mtime=0))
    assert [one.block for one in records] == [block]


@pytest.mark.parametrize("change", [-1, 1, 2, 4])
def test_a_length_that_eats_the_blank_lines_gives_no_record(tmp_path, change):
    block = b"HTTP/1.1 200 OK\r\n\r\nthe page\r\n\r\n"
    told = f"Content-Length: {len(block)}".encode()
    wrong = f"Content-Length: {len(block) + change}".encode()
    text = warc_record("one", block, digest=False).replace(told, wrong)
    records, damages = read(tmp_path, gzip.compress(text, mtime=0))
    assert (records, len(damages)) == ([], 1)


def test_lines_that_begin_records_are_searched_once(tmp_path, monkeypatch):
    from storage.warc.packed import PackedFile

    searched = Counter()
    find = PackedFile.find

    def counting(self, pattern, at, before=None):
        searched["bytes"] += (before or self.size) - at
        found = find(self, pattern, at, before)
        searched["bytes"] -= 0 if found is None else (before or self.size) - found
        return found

    monkeypatch.setattr(PackedFile, "find", counting)
    data = b"http://a.org/ 1.2.3.4 20010203040506 text/html 1000000\n" * 2000
    assert read(tmp_path, data)[0] == []
    assert searched["bytes"] < 10 * len(data)


@pytest.mark.parametrize(
    "told",
    [
        '{"url": "http://a.org/", "offset": "99999999999999999999", "length": "5", "filename": "x"}',
        '{"url": "http://a.org/", "offset": "9", "length": "-5", "filename": "x"}',
        '{"url": "http://a.org/\\ud800", "offset": "9", "length": "5", "filename": "x"}',
        "[" * 200_000,
    ],
)
def test_a_line_that_points_at_no_possible_place_is_no_cdxj_line(told):
    with pytest.raises(ValueError, match=r"."):
        parse_line(f"org,a)/ 20260101000000 {told}\n".encode())
