"""The reader on whole files and on every damage that these tests can think of.

Files are built here without our own writer, so that a fault in one does not hide a fault in the other.
"""

from __future__ import annotations

import gzip
import hashlib
import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.model import Damage, Record
from storage.warc import read_record_at, read_records

DATE = b"2026-11-22T01:02:03.000045Z"


def plain(
    number: int, block: bytes, *, length: bytes | None = None, date: bytes = DATE, digest: bool = True
) -> bytes:
    """A record as it stands in an uncompressed file."""
    fields = [
        b"WARC/1.1",
        b"WARC-Type: resource",
        b"WARC-Record-ID: <urn:uuid:%08d-0000-4000-8000-000000000000>" % number,
        b"WARC-Target-URI: http://news.example.org/%d" % number,
        b"WARC-Date: " + date,
        b"Content-Length: " + (b"%d" % len(block) if length is None else length),
    ]
    if digest:
        fields.append(b"WARC-Block-Digest: sha1:" + hashlib.sha1(block).hexdigest().encode())
    return b"\r\n".join([*fields, b"", block]) + b"\r\n\r\n"


def block_of(number: int) -> bytes:
    """A block that hardly packs and holds a gzip stream of its own, as a page sent compressed does."""
    noise = random.Random(number).randbytes(300)
    inner = gzip.compress(noise[:40], mtime=0)
    return b"block %d\r\n\r\n" % number + noise[:150] + inner + noise[150:] + b"\r\n" * (number % 2)


def members(count: int, **changes: object) -> list[bytes]:
    return [gzip.compress(plain(number, block_of(number), **changes), mtime=0) for number in range(count)]


def read(folder: Path, data: bytes) -> tuple[list[int], list[Damage]]:
    """Numbers of the records read, each of which must be as it was written, and the damages."""
    path = folder / "x.warc.gz"
    path.write_bytes(data)
    records, damages = [], []
    for one in read_records(path):
        if isinstance(one, Damage):
            damages.append(one)
            assert 0 <= one.offset < len(data)
            assert one.offset + one.length <= len(data)
            assert one.reason
        else:
            number = int(one.record_id[9:17])
            assert one.block == block_of(number)
            records.append(number)
    return records, damages


def test_records_come_with_everything_that_was_written(tmp_path):
    first, second = members(2)
    (tmp_path / "x.warc.gz").write_bytes(first + second)
    _, record = read_records(tmp_path / "x.warc.gz")
    assert isinstance(record, Record)
    assert (record.record_type, record.target_uri) == ("resource", "http://news.example.org/1")
    assert record.record_id == "urn:uuid:00000001-0000-4000-8000-000000000000"
    assert record.captured_at == datetime(2026, 11, 22, 1, 2, 3, 45, tzinfo=UTC)
    assert (record.offset, record.length) == (len(first), len(second))
    assert record.headers["content-length"] == str(len(block_of(1)))


def test_an_empty_file_has_no_records_and_no_damage(tmp_path):
    assert read(tmp_path, b"") == ([], [])


def test_the_last_member_cut_at_any_byte_is_told_and_never_taken_for_whole(tmp_path):
    whole = members(3)
    start = len(whole[0] + whole[1])
    for cut in range(1, len(whole[2])):
        records, damages = read(tmp_path, b"".join(whole)[: start + cut])
        assert records == [0, 1], cut
        assert damages[0].offset == start, cut
        assert damages[-1].offset + damages[-1].length == start + cut


def test_a_flipped_bit_anywhere_costs_only_its_own_record(tmp_path):
    whole = members(5)
    start, size = len(whole[0] + whole[1]), len(whole[2])
    for at in range(0, size, 3):
        data = bytearray(b"".join(whole))
        data[start + at] ^= 1 << at % 8
        records, damages = read(tmp_path, bytes(data))
        assert {0, 1, 3, 4} <= set(records), at
        assert 2 in records or any(start <= one.offset < start + size for one in damages), at


@pytest.mark.parametrize(
    "junk",
    [
        b"\0" * 5000,
        b"garbage" * 100,
        b"\x1f\x8b\x08 not gzip",
        b"WARC/1.1 is a format",
        b"WARC/1.1\r\nWARC-Type: response\r\n",
        b"\x1f",
        b"\r\n",
    ],
    ids=["zeros", "text", "gzip mark", "warc mark", "cut header", "one byte", "line end"],
)
def test_junk_between_members_is_told_and_every_record_read(tmp_path, junk):
    whole = members(4)
    records, damages = read(tmp_path, whole[0] + whole[1] + junk + whole[2] + whole[3])
    assert records == [0, 1, 2, 3]
    assert damages[0].offset == len(whole[0] + whole[1])
    assert sum(one.length for one in damages) == len(junk)


def test_an_empty_member_is_told_and_every_record_read(tmp_path):
    whole = members(2)
    empty = gzip.compress(b"", mtime=0)
    records, damages = read(tmp_path, whole[0] + empty + whole[1])
    assert records == [0, 1]
    assert [(one.offset, one.length) for one in damages] == [(len(whole[0]), len(empty))]


def test_members_written_through_each_other_cost_only_themselves(tmp_path):
    whole = members(6)
    mixed = whole[2][:200] + whole[3][:150] + whole[2][200:] + whole[3][150:]
    records, damages = read(tmp_path, whole[0] + whole[1] + mixed + whole[4] + whole[5])
    assert {0, 1, 4, 5} <= set(records)
    assert damages


def test_a_member_that_was_cut_and_written_after_is_the_only_loss(tmp_path):
    whole = members(4)
    for cut in (1, 2, 3, 9, 100, len(whole[1]) - 8, len(whole[1]) - 7):
        records, damages = read(tmp_path, whole[0] + whole[1][:cut] + whole[2] + whole[3])
        assert records == [0, 2, 3], cut
        assert damages[0].offset == len(whole[0])


def test_a_file_compressed_as_a_whole_gives_all_its_records(tmp_path):
    data = gzip.compress(b"".join(plain(number, block_of(number)) for number in range(5)), mtime=0)
    assert read(tmp_path, data) == ([0, 1, 2, 3, 4], [])


def test_a_file_compressed_as_a_whole_and_cut_gives_the_records_before_the_cut(tmp_path):
    text = b"".join(plain(number, block_of(number)) for number in range(20))
    data = gzip.compress(text, mtime=0)
    records, damages = read(tmp_path, data[: len(data) // 2])
    assert records == list(range(len(records)))
    assert len(records) >= 8
    assert damages[0].reason == "the gzip member is cut short"


def test_a_file_that_is_not_compressed_gives_all_its_records(tmp_path):
    assert read(tmp_path, b"".join(plain(number, block_of(number)) for number in range(5))) == (
        [0, 1, 2, 3, 4],
        [],
    )


WRONG_LENGTHS = [b"5", b"950", b"99999", b"999999999999", b"-1", b"", b"abc", b"1e3", b"9" * 400]


@pytest.mark.parametrize("digest", [True, False], ids=["digest", "no digest"])
@pytest.mark.parametrize("length", WRONG_LENGTHS)
@pytest.mark.parametrize("form", ["members", "plain", "whole"])
def test_a_wrong_length_costs_only_its_own_record(tmp_path, form, length, digest):
    blocks = [block_of(number) for number in range(5)]
    texts = [
        plain(number, block, digest=digest, length=length if number == 2 else None)
        for number, block in enumerate(blocks)
    ]
    if form == "members":
        data = b"".join(gzip.compress(one, mtime=0) for one in texts)
    else:
        data = b"".join(texts)
        data = gzip.compress(data, mtime=0) if form == "whole" else data
    path = tmp_path / "x.warc.gz"
    path.write_bytes(data)
    found = list(read_records(path))
    good = [int(one.record_id[9:17]) for one in found if isinstance(one, Record) and one.block in blocks]
    assert good == [0, 1, 3, 4]
    assert any(isinstance(one, Damage) for one in found)


def test_a_plain_file_with_a_bad_separator_gives_all_its_records(tmp_path):
    texts = [plain(number, block_of(number), digest=False) for number in range(4)]
    records, damages = read(tmp_path, texts[0] + texts[1] + b"?\r\n" + texts[2][:-2] + texts[3])
    assert records == [0, 1, 2, 3]
    assert len(damages) == 1


def test_records_of_a_warc_file_that_was_crawled_are_not_read_as_ours_after_a_flipped_bit(tmp_path):
    crawled = b"".join(gzip.compress(plain(number, block_of(number)), mtime=0) for number in (7, 8))
    noise = random.Random(0).randbytes(60_000)
    whole = members(4)
    victim = gzip.compress(plain(9, noise + crawled + noise), mtime=0)
    for at in (5_000, 70_000, 100_000):
        broken = bytearray(victim)
        broken[at] ^= 4
        records, damages = read(tmp_path, whole[0] + whole[1] + bytes(broken) + whole[2] + whole[3])
        assert records == [0, 1, 2, 3], at
        assert [(one.offset, one.length) for one in damages] == [(len(whole[0] + whole[1]), len(victim))], at


def test_a_record_written_inside_a_page_is_not_read_as_one(tmp_path):
    forged = b"before\r\n\r\n" + plain(7, b"forged")
    outer = plain(1, forged)
    for data in (outer, gzip.compress(outer, mtime=0), plain(1, forged, digest=False)):
        path = tmp_path / "x.warc"
        path.write_bytes(data)
        (record,) = read_records(path)
        assert isinstance(record, Record)
        assert record.block == forged


def test_a_block_whose_digest_does_not_hold_is_damage(tmp_path):
    text = plain(0, block_of(0)).replace(b"block 0", b"block X")
    data = gzip.compress(text, mtime=0) + members(2)[1]
    records, damages = read(tmp_path, data)
    assert records == [1]
    assert damages[0].offset == 0
    assert "digest" in damages[0].reason


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        (b"2026", datetime(2026, 1, 1, tzinfo=UTC)),
        (b"2026-11", datetime(2026, 11, 1, tzinfo=UTC)),
        (b"2026-11-22", datetime(2026, 11, 22, tzinfo=UTC)),
        (b"2026-11-22T01:02Z", datetime(2026, 11, 22, 1, 2, tzinfo=UTC)),
        (b"2026-11-22T01:02:03Z", datetime(2026, 11, 22, 1, 2, 3, tzinfo=UTC)),
        (b"2026-11-22T01:02:03.5Z", datetime(2026, 11, 22, 1, 2, 3, 500000, tzinfo=UTC)),
        (b"2026-11-22T01:02:03.123456789Z", datetime(2026, 11, 22, 1, 2, 3, 123456, tzinfo=UTC)),
    ],
)
def test_every_precision_that_the_standard_allows_is_read(tmp_path, written, read_as):
    path = tmp_path / "x.warc"
    path.write_bytes(plain(0, b"x", date=written))
    (record,) = read_records(path)
    assert isinstance(record, Record)
    assert record.captured_at == read_as


def test_a_record_without_a_usable_date_is_told(tmp_path):
    records, damages = read(
        tmp_path, plain(0, block_of(0), date=b"2026-02-30T00:00:00Z") + plain(1, block_of(1))
    )
    assert records == [1]
    assert "WARC-Date" in damages[0].reason


def test_a_record_is_read_by_its_offset(tmp_path):
    whole = members(3)
    path = tmp_path / "x.warc.gz"
    path.write_bytes(b"".join(whole))
    record = read_record_at(path, len(whole[0]))
    assert isinstance(record, Record)
    assert record.block == block_of(1)
    assert isinstance(read_record_at(path, len(whole[0]) + 5), Damage)
    assert isinstance(read_record_at(path, 10**9), Damage)
    path.write_bytes(b"")
    assert isinstance(read_record_at(path, 0), Damage)


def test_angle_brackets_round_a_target_uri_are_left_out(tmp_path):
    path = tmp_path / "x.warc"
    path.write_bytes(plain(3, b"x").replace(b"http://news.example.org/3", b"<http://news.example.org/3>"))
    (record,) = read_records(path)
    assert isinstance(record, Record)
    assert record.target_uri == "http://news.example.org/3"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_no_damage_makes_the_reader_raise_or_read_what_was_not_written(tmp_path, data):
    whole = b"".join(members(4))
    changed = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, max(len(changed) - 1, 0)))
        kind = data.draw(st.sampled_from(["flip", "cut", "insert", "hole", "swap"]))
        size = data.draw(st.integers(1, 400))
        if kind == "flip":
            changed[at : at + 1] = bytes([changed[at] ^ 255]) if changed else b""
        elif kind == "cut":
            del changed[at:]
        elif kind == "insert":
            changed[at:at] = data.draw(st.binary(max_size=50))
        elif kind == "hole":
            changed[at : at + size] = bytes(len(changed[at : at + size]))
        else:
            changed[at : at + size] = changed[at : at + size][::-1]
    records, _ = read(tmp_path, bytes(changed))
    assert records == sorted(set(records))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_raise(tmp_path, data):
    path = tmp_path / "x.warc"
    for prefix in (b"", b"WARC/1.1\r\n", b"\x1f\x8b\x08"):
        path.write_bytes(prefix + data)
        assert len(list(read_records(path))) <= 300
