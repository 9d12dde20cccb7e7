"""Whether a record's digests hold, for blocks in memory and for those that stream by.

Writers do not agree on what the payload of an HTTP record is. The standard's reading is `entity`, the body
without its transfer coding; wget and warcio hash the body `raw`, chunk lines and all; some have hashed the
body `decoded`, without its content coding, or the whole `block`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

import zstandard

from storage.model import Headers
from storage.warc.digests import agrees, hasher_of, holds
from storage.warc.http import headers_of, payload_of, split_head

BLOCK_DIGEST, PAYLOAD_DIGEST = "WARC-Block-Digest", "WARC-Payload-Digest"
_HTTP_TYPES = frozenset({"response", "request"})
_BLOCK_TYPES = frozenset({"resource", "conversion", "metadata", "warcinfo"})
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNKED = re.compile(rb"(?i)\ntransfer-encoding[ \t]*:[^\n]*chunked")
_CHUNK_LINE = re.compile(rb"[ \t\r\n]*([0-9A-Fa-f]{1,15})[ \t]*(?:;[^\n]*)?\r?\n")
_HEAD_LIMIT, _LINE_LIMIT = 1 << 20, 1 << 14
_DECODED_LIMIT = 1 << 28


def payload_label(headers: Headers, record_type: str) -> str | None:
    """The payload digest to check; None where there is none, or where it is not that of the block at hand."""
    if record_type not in _HTTP_TYPES and record_type not in _BLOCK_TYPES:
        return None
    return None if "WARC-Segment-Number" in headers else headers.get(PAYLOAD_DIGEST)


def payload_reading(labelled: str, record_type: str, block: bytes) -> str | None:
    """Reading of the payload for which the digest holds; "" for none, None where it can't be understood."""
    if record_type in _HTTP_TYPES:
        head, body = split_head(block)
        chunked = _CHUNKED.search(head) is not None
        verdict = holds(labelled, payload_of(block) if chunked else body)
        if verdict is not False:
            return "entity" if verdict else None
        if chunked and holds(labelled, body):
            return "raw"
        if _decoded_holds(labelled, head, payload_of(block)):
            return "decoded"
    verdict = holds(labelled, block)
    return None if verdict is None else "block" if verdict else ""


def _decoded_holds(labelled: str, head: bytes, body: bytes) -> bool:
    """Whether the digest is that of the body without its content coding."""
    hasher = hasher_of(labelled)
    coding = headers_of(head).get("Content-Encoding", "").strip().lower()
    if hasher is None or coding not in {"gzip", "x-gzip", "deflate", "zstd"}:
        return False
    size = 0
    for part in _decoded(coding, body):
        hasher.update(part)
        size += len(part)
        if size > _DECODED_LIMIT:
            return False
    return agrees(labelled, hasher) is True


def _decoded(coding: str, body: bytes) -> Iterator[bytes]:
    """Body without its content coding, as far as it goes."""
    try:
        if coding == "zstd":
            yield from zstandard.ZstdDecompressor(max_window_size=1 << 27).read_to_iter(body)
            return
        inflater = zlib.decompressobj(zlib.MAX_WBITS + 32)
        while body and not inflater.eof:
            yield inflater.decompress(body, 1 << 20)
            body = inflater.unconsumed_tail
    except (zlib.error, zstandard.ZstdError):
        return


class StreamedDigests:
    """The digests of a block that goes by in pieces: of the block, and of the payload's readings."""

    def __init__(self, headers: Headers, record_type: str) -> None:
        """Prepare for the digests that the record has."""
        self._block_label = headers.get(BLOCK_DIGEST, "")
        self._payload_label = payload_label(headers, record_type) or ""
        self._block = hasher_of(self._block_label)
        self._raw = hasher_of(self._payload_label)
        self._entity = hasher_of(self._payload_label)
        self._head: bytes | None = b"" if record_type in _HTTP_TYPES else None
        self._chunks: _Chunks | None = None

    def feed(self, part: bytes) -> None:
        """Take the next piece."""
        if self._block:
            self._block.update(part)
        if self._raw is None or self._entity is None:
            return
        if self._head is not None:
            self._head += part
            end = _HEAD_END.search(self._head)
            if end is None and len(self._head) < _HEAD_LIMIT:
                return
            stop = end.end() if end else 0
            head, part, self._head = self._head[:stop], self._head[stop:], None
            self._chunks = _Chunks() if _CHUNKED.search(head) else None
        self._raw.update(part)
        if self._chunks is not None:
            for piece in self._chunks.feed(part):
                self._entity.update(piece)

    def block_holds(self) -> bool | None:
        """Whether the block digest holds; None where there is none that can be understood."""
        return agrees(self._block_label, self._block) if self._block else None

    def payload_holds(self) -> bool | None:
        """Whether the payload digest holds in one of its readings."""
        if self._raw is None or self._entity is None:
            return None
        raw = agrees(self._payload_label, self._raw)
        return raw or (agrees(self._payload_label, self._entity) if self._chunks is not None else raw)


class _Chunks:
    """Takes the chunks out of a body that comes in pieces."""

    def __init__(self) -> None:
        self._rest = b""
        self._left = 0
        self._over = False

    def feed(self, part: bytes) -> Iterator[bytes]:
        """What the piece has of the payload."""
        data = self._rest + part
        at = 0
        while at < len(data) and not self._over:
            if self._left:
                piece = data[at : at + self._left]
                self._left -= len(piece)
                at += len(piece)
                yield piece
                continue
            line = _CHUNK_LINE.match(data, at)
            if line is None:
                self._over = len(data) - at > _LINE_LIMIT
                break
            at = line.end()
            self._left = int(line.group(1), 16)
            self._over = self._left == 0
        self._rest = data[at:] if not self._over else b""
