"""The reader on hundreds of files damaged in every way that the generator has, in every form of file."""

from __future__ import annotations

import gzip
import random
from collections import Counter

import pytest
import zstandard
from damage import OPERATIONS, damage, warc_record, whole_file

from storage.model import Damage, Record
from storage.warc import read_records
from storage.warc.digests import holds

CASES = 200
CHECKED_FORMS = ("gzip", "named gzip", "zstd", "dictionary", "arc.gz")  # a checksum holds for every byte


def read(path, data):
    """Records and damages of a file with this content; the offsets of both lie in it, and never go back."""
    path.write_bytes(data)
    found = list(read_records(path))
    last = 0
    for one in found:
        assert last <= one.offset
        assert one.offset + one.length <= len(data)
        last = one.offset
    return [one for one in found if isinstance(one, Record)], [
        one for one in found if isinstance(one, Damage)
    ]


def name_of(record):
    return (record.target_uri or "").rpartition("/")[2]


@pytest.mark.parametrize("form", [*CHECKED_FORMS, "plain", "arc"])
def test_every_record_of_a_whole_file_is_read(tmp_path, form):
    for seed in range(20):
        whole = whole_file(form, random.Random(seed))
        records, damages = read(tmp_path / "x", whole.data)
        assert damages == []
        assert [(name_of(one), one.block) for one in records] == [
            (one.name, one.block) for one in whole.originals
        ]
        assert [(one.offset, one.offset + one.length) for one in records] == [
            (one.start, one.end - {"plain": 4, "arc": 1}.get(form, 0)) for one in whole.originals
        ]


@pytest.mark.parametrize("digest", [True, False], ids=["digest", "no digest"])
@pytest.mark.parametrize("form", CHECKED_FORMS)
def test_what_damage_leaves_whole_comes_back_and_nothing_else(tmp_path, form, digest):
    for seed in range(CASES):
        source = random.Random(f"{form} {seed}")
        whole = whole_file(form, source, digest=digest)
        low = whole.originals[0].start
        done = damage(whole, source, low=low)
        records, damages = read(tmp_path / "x", done.data)
        written = {(one.name, one.block) for one in whole.originals}
        assert {(name_of(one), one.block) for one in records} <= written, (seed, done.operations)
        lost = Counter(done.survivors) - Counter(name_of(one) for one in records)
        assert not lost, (seed, done.operations, damages)
        all_there = written <= {(name_of(one), one.block) for one in records}
        assert damages or done.only_whole_records or all_there, (seed, done.operations)


def test_what_damage_leaves_whole_of_a_plain_file_comes_back_and_no_block_is_made_up(tmp_path):
    for seed in range(CASES * 2):
        source = random.Random(f"plain {seed}")
        whole = whole_file("plain", source)
        done = damage(whole, source)
        records, damages = read(tmp_path / "x", done.data)
        proven = [one for one in records if holds(one.headers.get("WARC-Block-Digest", ""), one.block)]
        assert {one.block for one in proven} <= {one.block for one in whole.originals}, (
            seed,
            done.operations,
        )
        assert len(records) - len(proven) <= len(done.operations)  # only damage to the digest hides damage
        lost = Counter(done.survivors) - Counter(name_of(one) for one in records)
        assert not lost, (seed, done.operations, damages)


def test_of_a_plain_arc_file_everything_that_is_left_whole_comes_back(tmp_path):
    for seed in range(CASES):
        source = random.Random(f"arc {seed}")
        whole = whole_file("arc", source)
        done = damage(whole, source, tuple(one for one in OPERATIONS if one != "marks"))
        records, damages = read(tmp_path / "x", done.data)
        lost = Counter(done.survivors) - Counter(name_of(one) for one in records)
        assert not lost, (seed, done.operations, damages)


@pytest.mark.parametrize("packing", ["gzip", "zstd"])
def test_of_a_file_packed_as_a_whole_only_what_its_digest_proves_comes_back(tmp_path, packing):
    for seed in range(CASES):
        source = random.Random(f"whole {seed}")
        plain = whole_file("plain", source, count=12)
        packed = gzip.compress(plain.data, mtime=0)
        if packing == "zstd":
            packed = zstandard.ZstdCompressor(write_checksum=True).compress(plain.data)
        records, damages = read(tmp_path / "x", packed)
        assert [one.block for one in records] == [one.block for one in plain.originals]
        assert damages == []
        data = bytearray(packed)
        data[source.randrange(len(data))] ^= 1 << source.randrange(8)
        records, damages = read(tmp_path / "x", bytes(data))
        assert {one.block for one in records} <= {one.block for one in plain.originals}, seed
        assert damages or len(records) == len(plain.originals), seed
        records, damages = read(tmp_path / "x", packed[: len(packed) // 2])
        blocks = [one.block for one in plain.originals]
        assert [one.block for one in records] == blocks[: len(records)], seed
        assert damages


def test_records_that_go_over_several_members_are_read_and_a_broken_member_costs_only_its_own(tmp_path):
    for seed in range(60):
        source = random.Random(seed)
        plain = whole_file("plain", source, count=20)
        pieces = [plain.data[at : at + 700] for at in range(0, len(plain.data), 700)]
        packed = [gzip.compress(piece, mtime=0) for piece in pieces]
        records, damages = read(tmp_path / "x", b"".join(packed))
        assert [one.block for one in records] == [one.block for one in plain.originals], seed
        assert damages == []
        broken = source.randrange(len(packed))
        data = bytearray(packed[broken])
        data[source.randrange(10, len(data) - 8)] ^= 255
        hit = range(broken * 700, broken * 700 + 700)
        clear = [one for one in plain.originals if one.end <= hit.start or one.start >= hit.stop]
        kept = [one.block for one in clear if one.start % 700 < 690]  # its first line is not cut in two
        records, damages = read(
            tmp_path / "x", b"".join([*packed[:broken], bytes(data), *packed[broken + 1 :]])
        )
        assert damages
        assert not Counter(kept) - Counter(one.block for one in records), seed
        assert {one.block for one in records} <= {one.block for one in plain.originals}


def test_a_crawled_warc_file_inside_a_record_is_never_read_as_records_of_ours(tmp_path):
    source = random.Random(5)
    for seed in range(60):
        crawled = b"".join(
            gzip.compress(warc_record(f"bad{n}", source.randbytes(400)), mtime=0) for n in range(4)
        )
        inner = source.randbytes(source.choice([10, 9000, 40_000])) + crawled + source.randbytes(9000)
        texts = [warc_record(f"{n}", source.randbytes(300)) for n in range(6)]
        texts[2] = warc_record("2", inner)
        packed = [gzip.compress(text, mtime=0) for text in texts]
        data = bytearray(packed[2])
        at = source.randrange(len(data))
        data[at] ^= 1 << source.randrange(8)
        records, damages = read(tmp_path / "x", b"".join([*packed[:2], bytes(data), *packed[3:]]))
        names = [name_of(one) for one in records]
        assert [one for one in names if one != "2"] == ["0", "1", "3", "4", "5"], (seed, at, names)
        assert damages or "2" in names
