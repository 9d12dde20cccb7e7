"""Records of a WARC or ARC file, in order, whatever is damaged in between.

Read are WARC 0.17 to 1.1 and ARC 1 and 2: plain, in gzip members or in zstd frames, one record a member or
many, or a record over several members. Nothing is kept of a file but a window of it and one block.

What counts as a record: its block's digest holds; or it has none that can be understood, and its extent and
bytes are borne out by the member's checksum, or by what follows it (see `storage.warc.frames`). What is told
as damage: bytes that gave no record, a record whose block digest does not hold (its bytes can't be trusted,
though a foreign writer may simply have been wrong), and, after a record that is given nevertheless, a payload
digest that holds in no reading of the payload (see `storage.warc.checks`) while the block is whole.

After damage the reader looks for the next start of a record (see `storage.warc.resync`). What lies inside
another record, as a WARC file that was crawled does, is not taken for a record of this file. In a file of one
record a member, a member that fails is lost alone and nothing is looked for inside it; in a member of many
records, those whose own block digest holds come back, and of a member that is merely cut all that end before
the cut.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path

from storage.model import Damage, Record
from storage.warc.frames import NOT_WHOLE, Fault, Frame, read_frame
from storage.warc.heads import ARC_MARK, CUT_MARK, MARK, record_starts, warc_datetime
from storage.warc.members import CUT_SHORT, GZIP_MAGIC, GzipMember, Member
from storage.warc.packed import PackedFile
from storage.warc.resync import Resync
from storage.warc.unpacked import Effort, Run
from storage.warc.zstd import DICTIONARY_MAGIC, ZSTD_MAGIC, ZstdFrame, dictionary_of, skippable_end

__all__ = [
    "CUT_SHORT",
    "MAX_BLOCK_BYTES",
    "Piece",
    "read_pieces",
    "read_record_at",
    "read_records",
    "warc_datetime",
]

MAX_BLOCK_BYTES = 1 << 26
_HEAD_BYTES = 1 << 14


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A record or damage; of a record its header's bytes, and whether it lies alone at its place."""

    item: Record | Damage
    head: bytes = b""
    alone: bool = False


def read_records(path: Path | str, *, max_block_bytes: int = MAX_BLOCK_BYTES) -> Iterator[Record | Damage]:
    """Every record that can still be had, in file order, and a `Damage` where bytes were lost.

    A block larger than `max_block_bytes` is given cut to that, with its digests checked over the whole. Of a
    member with several records each has the member's offset and length. Never raises on content. Raises:
    OSError where the file can't be read.
    """
    for piece in read_pieces(path, max_block_bytes=max_block_bytes):
        yield piece.item


def read_pieces(path: Path | str, *, max_block_bytes: int = MAX_BLOCK_BYTES) -> Iterator[Piece]:
    """The same, with what it takes to copy a record."""
    with PackedFile(path) as packed:
        yield from _Reading(packed, max_block_bytes).pieces()


def read_record_at(
    path: Path | str, offset: int, *, max_block_bytes: int = MAX_BLOCK_BYTES
) -> Record | Damage:
    """The record, or the damage, that starts at `offset` of the file."""
    with PackedFile(path) as packed:
        if offset >= packed.size:
            return Damage(offset=offset, length=0, reason="the file ends before this offset")
        nothing = Piece(item=Damage(offset=offset, length=0, reason="no record starts here"))
        return next(_Reading(packed, max_block_bytes).at(offset), nothing).item


class _Reading:
    """One file, read from its start to its end."""

    def __init__(self, packed: PackedFile, limit: int) -> None:
        self._packed = packed
        self._limit = limit
        self._effort = Effort(packed.size)
        self._resync = Resync(packed, self._open, self._effort)
        magic = packed.view(0, 4)
        self._dictionary = dictionary_of(packed) if magic == DICTIONARY_MAGIC else None
        self._plain_file: bool | None = None  # what the last sound record was
        self._arc = False
        self._summed = False  # whether a member had a checksum, which zstd leaves to the writer
        self._after: tuple[int, int] | None = None  # a faulty member's offset, and where to read on
        self._framed = magic == DICTIONARY_MAGIC  # whether it is a zstd file: others have nothing to skip
        self._single: bool | None = None  # whether each member holds one record, as far as was seen

    def pieces(self) -> Iterator[Piece]:
        """Everything."""
        at = 0
        while at < self._packed.size:
            at = yield from self.at(at)

    def at(self, at: int) -> Generator[Piece, None, int]:
        """What stands at `at`; the offset to read on from."""
        head = self._packed.view(at, 4)
        if head[:3] == GZIP_MAGIC or head == ZSTD_MAGIC:
            return (yield from self._members(at))
        skipped = skippable_end(self._packed, at) if at == 0 or self._framed else None
        if skipped is not None:
            return skipped
        if record_starts(self._packed.view(at, _HEAD_BYTES)):
            return (yield from self._plain(at))
        following = self._next_start(at + 1)
        yield _damage(at, following, "no record starts here")
        return following

    def _open(self, at: int) -> Member | None:
        """The member at `at`, None where none starts there."""
        head = self._packed.view(at, 4)
        if head[:3] == GZIP_MAGIC:
            return GzipMember(self._packed, at)
        return ZstdFrame(self._packed, at, self._dictionary) if head == ZSTD_MAGIC else None

    def _next_start(self, at: int) -> int:
        """Offset of the next start of the kind that this file is made of."""
        if self._plain_file is None:
            return self._resync.any(at)
        return self._resync.plain(at, arc=self._arc) if self._plain_file else self._resync.packed(at)

    def _plain(self, at: int) -> Generator[Piece, None, int]:
        """The record at `at` of bytes that are not packed."""
        found = read_frame(self._packed, at, self._limit, self._effort)
        if isinstance(found, Fault):
            following = self._next_start(found.search) if found.resume is None else found.resume
            yield _damage(at, following, found.reason)
            return following
        self._plain_file, self._arc = True, found.heading.arc
        yield from _given(found, at, found.end - at, alone=True)
        return found.following

    def _members(self, at: int) -> Generator[Piece, None, int]:
        """The records of the member at `at`, and of those that go on with it."""
        member = self._open(at)
        if member is None:
            return at + 1
        run = Run(member, self._open, self._effort)
        count = faults = 0
        position: int | None = 0
        while position is not None and (begin := _after_blank(run, position)) is not None:
            found = read_frame(run, begin, self._limit, self._effort)
            if isinstance(found, Fault):
                position, state = self._passed(run, begin, found, first=count + faults == 0)
                faults += 1
                if not state.fault:  # else the member's own fault is told
                    start = run.start_of(begin)
                    yield _damage(start, self._end(state), found.reason)
                continue
            position = found.following
            last = not run.peek(position, 1)
            state = run.state()
            self._summed = self._summed or state.proven
            if self._summed and not state.proven and not state.fault and found.digest is not True:
                faults += 1
                yield _damage(state.start, self._end(state), "the member has lost its checksum")
            elif self._trusted(found, state, first=count + faults == 0, last=last):
                count += 1
                offset = run.start_of(begin)
                alone = last and count == 1 and not faults and not state.fault
                self._plain_file, self._arc = False, found.heading.arc
                self._framed = self._framed or isinstance(state, ZstdFrame)
                self._single = self._single is not False and last and count + faults == 1
                yield from _given(found, offset, self._end(state) - offset, alone=alone)
        state = run.state()
        if state.fault:
            yield _damage(state.start, self._end(state), state.fault)
        elif not state.given:
            yield _damage(at, state.end, "the member is empty")
        return self._end(state)

    def _passed(self, run: Run, begin: int, fault: Fault, *, first: bool) -> tuple[int | None, Member]:
        """Where to read on inside the member after a fault, None for nowhere; and the member as it is."""
        if fault.resume is not None:
            return fault.resume, run.state()
        run.home(begin)
        state = run.state()
        unknown = self._single is None and first and record_starts(run.peek(begin, _HEAD_BYTES))
        if self._single or (unknown and self._end(state) < self._packed.size):
            return None, state
        if state.cut and fault.reason == NOT_WHOLE:
            return None, state  # it goes on behind the cut, and what follows here is its own
        found = run.find(ARC_MARK if self._arc else MARK, fault.search)
        return run.find(CUT_MARK, fault.search) if found is None else found, state

    def _end(self, member: Member) -> int:
        """Offset to read on from after a member that was read to its end."""
        if not member.fault:
            return member.end
        if self._after is None or self._after[0] != member.start:
            own = self._plain_file is False or (self._plain_file is None and self._begins(member))
            behind = self._resync.after(member) if own else self._next_start(member.start + 1)
            self._after = member.start, behind
        return self._after[1]

    def _begins(self, member: Member) -> bool:
        """Whether a faulty member begins with a record; else it may be no member, but rubbish like one."""
        again = self._open(member.start)
        return again is not None and record_starts(again.read().lstrip(b"\r\n"))

    def _trusted(self, found: Frame, state: Member, *, first: bool, last: bool) -> bool:
        """Whether a record is as it was written, though its member may have a fault.

        Bytes before a cut are, if the file truly ends there, and not just a stream that has lost its way.
        Where the checksum does not hold, the record's own digest decides; but a record alone in its member,
        whose digest holds, must have its damage in its header, unless that is in the checksum.
        """
        if not state.fault or state.proven:
            return True
        if state.cut and found.digest is not True:
            return not last and not self._single and self._end(state) == self._packed.size
        if state.cut:
            return not (first and last)
        return found.digest is True and (state.slip or not (first and last))


def _after_blank(run: Run, at: int) -> int | None:
    """Position of the first byte from `at` on that is no line end; None where the member has none."""
    while data := run.peek(at, 16):
        text = data.lstrip(b"\r\n")
        if text:
            return at + len(data) - len(text)
        at += len(data)
    return None


def _given(found: Frame, offset: int, length: int, *, alone: bool) -> Iterator[Piece]:
    """The record that was found at `offset`, and what does not hold about it."""
    heading = found.heading
    record = Record(
        record_id=found.record_id,
        record_type=heading.record_type,
        target_uri=heading.target_uri,
        captured_at=heading.captured_at,
        headers=heading.headers,
        block=found.block,
        offset=offset,
        length=length,
        omitted_bytes=found.omitted,
    )
    yield Piece(item=record, head=found.head, alone=alone)
    if found.note:
        yield _damage(offset, offset + length, found.note)


def _damage(at: int, following: int, reason: str) -> Piece:
    """Damage from `at` to `following`."""
    return Piece(item=Damage(offset=at, length=following - at, reason=reason))
