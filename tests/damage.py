"""Small WARC and ARC files in every form, and damage done to them, with what must survive it.

Each byte of a damaged file knows which byte of the whole one it was, so that a record is known to have
survived where all its bytes still stand in a row.
"""

from __future__ import annotations

import gzip
import hashlib
import random
import zlib
from dataclasses import dataclass

import zstandard

OPERATIONS = (
    "flip",
    "hole",
    "remove",
    "insert",
    "marks",
    "duplicate",
    "swap",
    "cut",
    "line end",
    "overwrite",
)
_CHANGED = -1
_WORDS = ("war", "peace", "said", "<p>", "</p>\n", "officials")
_MARKS = (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", b"WARC/1.1\r\nA: b\r\n", b"\x28\xb5\x2f\xfd")


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A record as it was written, and where its bytes stand in the file; alone there, or with others."""

    name: str
    block: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A file without damage."""

    data: bytes
    originals: tuple[Original, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """A damaged file; `survivors` are the names of records whose bytes are all there, each so often."""

    data: bytes
    survivors: tuple[str, ...]
    operations: tuple[str, ...]
    only_whole_records: bool


def warc_record(name: str, block: bytes, *, digest: bool = True) -> bytes:
    """A WARC record with its blank lines."""
    lines = [
        "WARC/1.1",
        "WARC-Type: response",
        f"WARC-Record-ID: <urn:uuid:{name}>",
        f"WARC-Target-URI: http://news.example.org/{name}",
        "WARC-Date: 2026-11-22T01:02:03Z",
        "Content-Type: application/http;msgtype=response",
    ]
    if digest:
        lines.append(f"WARC-Block-Digest: sha256:{hashlib.sha256(block).hexdigest()}")
    head = "\r\n".join([*lines, f"Content-Length: {len(block)}", "", ""])
    return head.encode() + block + b"\r\n\r\n"


def arc_record(name: str, block: bytes) -> bytes:
    """An ARC record with its line end."""
    line = f"http://news.example.org/{name} 192.0.2.7 20010203040506 text/html {len(block)}\n"
    return line.encode() + block + b"\n"


def block_of(source: random.Random) -> bytes:
    """The block of a response: text, noise, or what looks like the inside of a WARC file."""
    kind = source.choice(["text", "noise", "mixed", "marks", "empty"])
    body = b""
    if kind in {"text", "mixed"}:
        body += " ".join(source.choices(_WORDS, k=source.randint(1, 300))).encode()
    if kind in {"noise", "mixed"}:
        body += source.randbytes(source.randint(1, 1500))
    if kind == "marks":
        body += b"\x1f\x8b\x08\0".join(source.randbytes(9) for _ in range(20))
        body += b"\r\nWARC/1.1\r\nWARC-Type: resource\r\n\r\n"
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


def whole_file(form: str, source: random.Random, count: int = 8, *, digest: bool = True) -> Whole:
    """A file of `count` records in a form: gzip, named gzip, plain, zstd, dictionary, arc, arc.gz."""
    parts: list[bytes] = []
    originals: list[Original] = []
    at = 0
    samples = [warc_record(f"{number}", block_of(source)) for number in range(40)]
    dictionary = zstandard.train_dictionary(4096, samples) if form == "dictionary" else None
    if dictionary is not None:
        inner = dictionary.as_bytes()
        parts.append(b"\x5d\x2a\x4d\x18" + len(inner).to_bytes(4, "little") + inner)
        at = len(parts[0])
    for number in range(count):
        name = f"{number:04d}{source.getrandbits(32):08x}"
        block = block_of(source)
        text = arc_record(name, block) if form.startswith("arc") else warc_record(name, block, digest=digest)
        packed = _packed(form, text, dictionary, name)
        originals.append(Original(name=name, block=block, start=at, end=at + len(packed)))
        parts.append(packed)
        at += len(packed)
    return Whole(data=b"".join(parts), originals=tuple(originals))


def _packed(form: str, text: bytes, dictionary: zstandard.ZstdCompressionDict | None, name: str) -> bytes:
    if form in {"plain", "arc"}:
        return text
    if form in {"zstd", "dictionary"}:
        return zstandard.ZstdCompressor(write_checksum=True, dict_data=dictionary).compress(text)
    if form == "named gzip":
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        tail = zlib.crc32(text).to_bytes(4, "little") + len(text).to_bytes(4, "little")
        head = b"\x1f\x8b\x08\x0c\0\0\0\0\0\x03" + b"\x08\0sl\x04\0abcd" + name.encode() + b".warc\0"
        return head + packer.compress(text) + packer.flush() + tail
    return gzip.compress(text, mtime=0)


def damage(
    whole: Whole, source: random.Random, operations: tuple[str, ...] = OPERATIONS, low: int = 0
) -> Damaged:
    """The file after one to three operations, none of them before `low`."""
    data = bytearray(whole.data)
    origin = list(range(len(data)))
    done = []
    for _ in range(source.choice([1, 1, 1, 2, 3])):
        done.append(source.choice(operations))
        _operate(done[-1], data, origin, whole, source, low)
    places = {first: [] for first in (one.start for one in whole.originals)}
    for at, byte in enumerate(origin):
        if byte in places:
            places[byte].append(at)
    survivors: list[str] = []
    covered = 0
    for one in whole.originals:
        size = one.end - one.start
        for at in places[one.start]:
            if origin[at : at + size] == list(range(one.start, one.end)):
                survivors.append(one.name)
                covered += size
    return Damaged(
        data=bytes(data),
        survivors=tuple(survivors),
        operations=tuple(done),
        only_whole_records=covered + low == len(data),
    )


def _operate(
    kind: str, data: bytearray, origin: list[int], whole: Whole, source: random.Random, low: int
) -> None:
    """Do one operation in place."""
    if len(data) <= low + 1:
        return
    at = source.randrange(low, len(data))
    size = source.choice([1, 2, 3, 10, 100, 700, 3000])
    end = min(len(data), at + size)
    if kind == "flip":
        data[at] ^= 1 << source.randrange(8)
        origin[at] = _CHANGED
    elif kind == "hole":
        for place in range(at, end):
            origin[place] = origin[place] if data[place] == 0 else _CHANGED
            data[place] = 0
    elif kind in {"remove", "cut"}:
        end = end if kind == "remove" else len(data)
        del data[at:end], origin[at:end]
    elif kind == "overwrite":
        data[at:end] = source.randbytes(end - at)
        origin[at:end] = [_CHANGED] * (end - at)
    elif kind == "duplicate":
        data[end:end], origin[end:end] = data[at:end], origin[at:end]
    elif kind == "swap":
        _swap(data, origin, *sorted(source.sample(whole.originals, 2), key=lambda each: each.start))
    else:
        inserted = _inserted(kind, source, size)
        data[at:at] = inserted
        origin[at:at] = [_CHANGED] * len(inserted)


def _inserted(kind: str, source: random.Random, size: int) -> bytes:
    if kind == "insert":
        return source.randbytes(size)
    return source.choice(_MARKS) * 3 if kind == "marks" else source.choice([b"\r\n", b"\n", b"\r\n\r\n"])


def _swap(data: bytearray, origin: list[int], one: Original, other: Original) -> None:
    if other.end > len(data):
        return
    for row in (data, origin):
        left, right = row[one.start : one.end], row[other.start : other.end]
        row[one.start : other.end] = right + row[one.end : other.start] + left
