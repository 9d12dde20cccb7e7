"""Frames of a .warc.zst file: walked block by block, so that no declared size is believed.

A dictionary may stand in a skippable frame that opens the file, packed with zstd or plain.

Source: RFC 8878; IIPC, "Zstandard Compression for WARC files", 1.0.
"""

from __future__ import annotations

import zstandard

from storage.warc.packed import PackedFile

ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
DICTIONARY_MAGIC = b"\x5d\x2a\x4d\x18"
CUT_SHORT = "the zstd frame is cut short"
_HEADER_BYTES = 18
_BLOCK_BYTES = 1 << 17
_RLE, _RESERVED = 1, 3
_WINDOW_LIMIT = 1 << 27
_DICTIONARY_LIMIT = 1 << 27
_BOMB_BYTES, _BOMB_RATIO = 1 << 30, 2000

Dictionary = zstandard.ZstdCompressionDict


class ZstdFrame:
    """One zstd frame, as a `storage.warc.members.Member`."""

    __slots__ = (
        "_checksum",
        "_packed",
        "_prefix",
        "_unpacker",
        "cut",
        "end",
        "ended",
        "fault",
        "given",
        "proven",
        "slip",
        "start",
    )

    def __init__(self, packed: PackedFile, start: int, dictionary: Dictionary | None) -> None:
        """Stand before the frame at `start`."""
        self.start = self.end = start
        self.ended = self.cut = self.proven = self.slip = False
        self.fault = ""
        self._packed = packed
        self.given = 0
        self._checksum = 0
        self._prefix = packed.view(start, _HEADER_BYTES)
        try:
            told = zstandard.get_frame_parameters(self._prefix)
            self._prefix = self._prefix[: zstandard.frame_header_size(self._prefix)]
        except zstandard.ZstdError:
            self._fail(cut=packed.size - start < _HEADER_BYTES, reason="the zstd frame has no sound header")
            return
        self._checksum = 4 if told.has_checksum else 0
        self.end += len(self._prefix)
        if told.window_size > _WINDOW_LIMIT:
            self._fail(reason=f"the zstd frame asks for a window of {told.window_size} bytes")
        elif told.dict_id and (dictionary is None or dictionary.dict_id() != told.dict_id):
            self._fail(reason=f"the zstd frame needs dictionary {told.dict_id}, which the file has not")
        unpacker = zstandard.ZstdDecompressor(dict_data=dictionary, max_window_size=_WINDOW_LIMIT)
        self._unpacker = unpacker.decompressobj()

    def read(self) -> bytes:
        """The next block, unpacked; none at the end and at the fault."""
        while not (self.ended or self.fault):
            block = self._block()
            if self.fault:
                break
            try:
                part = self._unpacker.decompress(self._prefix + block)
            except zstandard.ZstdError as error:
                self._fail(reason=f"the zstd frame does not unpack ({str(error).rpartition(': ')[2]})")
                break
            self._prefix = b""
            self.end += len(block)
            self.given += len(part)
            if self.ended:
                self.proven = self._checksum > 0
            if self.given > max(_BOMB_BYTES, _BOMB_RATIO * (self.end - self.start)):
                self._fail(reason=f"the zstd frame unpacks to more than {_BOMB_RATIO} times its size")
            if part:
                return part
        return b""

    def _block(self) -> bytes:
        """The next block with its header, and the checksum after the last one."""
        header = int.from_bytes(self._packed.view(self.end, 3), "little")
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        if kind == _RESERVED or size > _BLOCK_BYTES:
            self._fail(cut=self.end + 3 > self._packed.size, reason="the zstd frame has no sound block")
            return b""
        length = 3 + (1 if kind == _RLE else size) + (self._checksum if last else 0)
        block = self._packed.view(self.end, length)
        if len(block) < length:
            self._fail(cut=True)
        self.ended = bool(last) and not self.fault
        return block

    def _fail(self, *, reason: str = "", cut: bool = False) -> None:
        """Give up on the frame."""
        self.ended, self.cut = False, cut
        self.fault = CUT_SHORT if cut else reason


def frame_end(packed: PackedFile, start: int) -> int | None:
    """Offset after the frame at `start` by its blocks' sizes alone; None where they lead nowhere."""
    frame = packed.view(start, _HEADER_BYTES)
    try:
        at = start + zstandard.frame_header_size(frame)
        checksum = 4 if zstandard.get_frame_parameters(frame).has_checksum else 0
    except zstandard.ZstdError:
        return None
    while at + 3 <= packed.size:
        header = int.from_bytes(packed.view(at, 3), "little")
        last, kind, size = header & 1, header >> 1 & 3, header >> 3
        if kind == _RESERVED or size > _BLOCK_BYTES:
            return None
        at += 3 + (1 if kind == _RLE else size)
        if last:
            return at + checksum if at + checksum <= packed.size else None
    return None


def skippable_end(packed: PackedFile, start: int) -> int | None:
    """Offset after the skippable frame at `start`; None where there is none."""
    head = packed.view(start, 8)
    if len(head) < 8 or head[0] & 0xF0 != 0x50 or head[1:4] != DICTIONARY_MAGIC[1:]:  # noqa: PLR2004 (RFC 8878)
        return None
    end = start + 8 + int.from_bytes(head[4:], "little")
    return end if end <= packed.size else None


def dictionary_of(packed: PackedFile) -> Dictionary | None:
    """The dictionary that opens the file; None where it has none that can be used."""
    end = skippable_end(packed, 0)
    if end is None or packed.view(0, 4) != DICTIONARY_MAGIC or end > _DICTIONARY_LIMIT:
        return None
    data = packed.view(8, end - 8)
    try:
        if data.startswith(ZSTD_MAGIC):
            reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW_LIMIT).stream_reader(data)
            data = reader.read(_DICTIONARY_LIMIT)
        return zstandard.ZstdCompressionDict(data)
    except zstandard.ZstdError:
        return None
