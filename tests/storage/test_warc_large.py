"""Records larger than the reader keeps, and files made to cost memory."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
import zlib

import pytest
import zstandard

from storage.model import Damage, Record
from storage.warc import read_record_at, read_records

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunked(payload):
    parts = [payload[at : at + 7000] for at in range(0, len(payload), 7000)]
    return b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def record(block, payload, *, wrong=b""):
    lines = [
        b"WARC/1.1",
        b"WARC-Type: response",
        b"WARC-Record-ID: <urn:uuid:1>",
        b"WARC-Target-URI: http://news.example.org/",
        b"WARC-Date: 2026-11-22T01:02:03Z",
        b"WARC-Block-Digest: sha1:" + hashlib.sha1(block).hexdigest().encode(),
        b"WARC-Payload-Digest: sha1:" + hashlib.sha1(payload + wrong).hexdigest().encode(),
        b"Content-Length: %d" % len(block),
    ]
    return b"\r\n".join([*lines, b"", block]) + b"\r\n\r\n"


def packed(form, text):
    if form == "gzip":
        packer = zlib.compressobj(1, zlib.DEFLATED, 31)
        return packer.compress(text) + packer.flush()
    return zstandard.ZstdCompressor(write_checksum=True).compress(text) if form == "zstd" else text


@pytest.mark.parametrize("form", ["gzip", "zstd", "plain"])
def test_a_large_block_is_given_cut_and_its_digests_are_checked_over_the_whole(tmp_path, form):
    payload = random.Random(1).randbytes(3_000_000)
    block = HEAD + chunked(payload)
    after = packed(form, record(b"small", b"small"))
    path = tmp_path / "x"
    path.write_bytes(packed(form, record(block, payload)) + after)
    large, small = read_records(path, max_block_bytes=100_000)
    assert isinstance(large, Record)
    assert large.block == block[:100_000]
    assert large.omitted_bytes == len(block) - 100_000
    assert isinstance(small, Record)
    path.write_bytes(packed(form, record(block, payload, wrong=b"x")) + after)
    kinds = [type(one) for one in read_records(path, max_block_bytes=100_000)]
    assert kinds == [Record, Damage, Record]
    changed = bytearray(block)
    changed[2_000_000] ^= 1
    path.write_bytes(packed(form, record(block, payload).replace(block, bytes(changed))) + after)
    kinds = [type(one) for one in read_records(path, max_block_bytes=100_000)]
    assert kinds == [Damage, Record]
    assert isinstance(read_record_at(path, 0, max_block_bytes=100_000), Damage)


PEAK = """
import resource, sys
from storage.warc import read_records
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
items = read_records(sys.argv[1], max_block_bytes=1 << 20)
found = [(type(one).__name__, getattr(one, "omitted_bytes", 0)) for one in items]
print(found[0], len(found), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("form", ["gzip", "zstd"])
def test_a_bomb_costs_no_memory(tmp_path, root, form):
    size = 300_000_000
    head = (
        b"WARC/1.1\r\nWARC-Type: resource\r\nWARC-Date: 2026-11-22T01:02:03Z\r\nContent-Length: %d\r\n\r\n"
        % size
    )
    packer = (
        zlib.compressobj(9, zlib.DEFLATED, 31) if form == "gzip" else zstandard.ZstdCompressor().compressobj()
    )
    parts = [packer.compress(head), *(packer.compress(bytes(1_000_000)) for _ in range(300))]
    path = tmp_path / "x"
    path.write_bytes(b"".join([*parts, packer.compress(b"\r\n\r\n"), packer.flush()]))
    done = subprocess.run(
        [sys.executable, "-c", PEAK, path], capture_output=True, text=True, check=True, cwd=root
    )
    kind, grown = done.stdout.rsplit(" ", 1)
    assert kind == f"('Record', {size - (1 << 20)}) 1"
    assert int(grown) < 60_000  # KiB


@pytest.mark.parametrize("form", ["gzip", "plain"])
def test_a_declared_length_costs_nothing(tmp_path, form):
    lying = record(b"x" * 500, b"").replace(b"Content-Length: 500", b"Content-Length: 1000000000000000")
    path = tmp_path / "x"
    path.write_bytes(packed(form, lying) + packed(form, record(b"small", b"small")))
    damage, small = read_records(path)
    assert isinstance(damage, Damage)
    assert "500 bytes" in damage.reason
    assert isinstance(small, Record)
