"""WARC files that a killed process left `.open`: whole records get the file's name, torn tails go aside.

Bytes before the torn tail are kept as they are. Where several records share a member, as in a file that is
compressed as a whole, they are packed anew, each by itself, so that each can be found by its offset.
"""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from dataclasses import dataclass
from io import BufferedIOBase
from itertools import chain, count
from pathlib import Path

from storage.layout import Layout
from storage.model import Damage
from storage.warc.read import read_pieces
from storage.warc.write import OPEN_SUFFIX, finished_name, pack_bytes, sync_folder

log = logging.getLogger(__name__)


MOST_BLOCK_BYTES = 1 << 28  # of a record that is packed anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """What became of a left-over file: bytes kept under its name, bytes set aside, records packed anew."""

    path: Path
    kept_bytes: int
    torn_bytes: int
    repacked: int = 0

    def line(self) -> str:
        """What happened, for a person."""
        anew = f", {self.repacked} records packed anew" if self.repacked else ""
        torn = f", {self.torn_bytes} bytes set aside" if self.torn_bytes else ""
        return f"left open by a process that died: {self.kept_bytes} bytes kept{anew}{torn}"


def salvage(layout: Layout) -> list[Salvaged]:
    """Finish every `.open` file that no living process holds."""
    return [one for path in sorted(layout.warc.glob(f"**/*{OPEN_SUFFIX}")) if (one := _salvage_file(path))]


def _salvage_file(path: Path) -> Salvaged | None:
    """Finish one file; None where its writer still lives."""
    with path.open("r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        size = os.fstat(file.fileno()).st_size
        torn_at, shared = _survey(path, size)
        finished = _free(finished_name(path))
        if shared and finished.suffix == ".gz":
            done = _repack(path, size, finished)
        else:
            done = _cut(file, path, torn_at, size, finished)
        sync_folder(path.parent)
    log.warning("%s: %s", path.name, done.line())
    return done


def _cut(file: BufferedIOBase, path: Path, torn_at: int, size: int, finished: Path) -> Salvaged:
    """Finish the file as it is up to `torn_at`, its tail set aside."""
    if torn_at < size:
        with _torn_name(path).open("wb") as aside:
            file.seek(torn_at)
            shutil.copyfileobj(file, aside)
            _sync(aside)
        file.truncate(torn_at)
    _sync(file)
    if torn_at == 0:
        path.unlink()
    else:
        path.rename(finished)
    return Salvaged(path=finished, kept_bytes=torn_at, torn_bytes=size - torn_at)


def _repack(path: Path, size: int, finished: Path) -> Salvaged:
    """Make the finished file anew, of whole records alone; the left-over, as it is, is what is set aside."""
    made = path.with_name(f"{path.name}.partial")
    repacked = 0
    with path.open("rb") as old, made.open("wb") as new:
        for piece in read_pieces(path, max_block_bytes=MOST_BLOCK_BYTES):
            if isinstance(piece.item, Damage) or piece.item.omitted_bytes:
                continue
            if piece.alone:
                old.seek(piece.item.offset)
                new.write(old.read(piece.item.length))
            else:
                new.write(pack_bytes(piece.head, piece.item.block))
                repacked += 1
        kept_bytes = new.tell()
        _sync(new)
    # Killed between the two, the records are there twice, which the index takes for once.
    made.rename(finished)
    path.rename(_torn_name(path))
    return Salvaged(path=finished, kept_bytes=kept_bytes, torn_bytes=size, repacked=repacked)


def _survey(path: Path, size: int) -> tuple[int, bool]:
    """Where the damage begins that reaches to the end of the file, and whether records share a member.

    A record alone in its member may be followed by what does not hold about it: no damage of the file.
    """
    torn_at, whole_at, shared = size, -1, False
    for piece in read_pieces(path):
        item = piece.item
        if not isinstance(item, Damage):
            whole_at = item.offset if piece.alone else whole_at
            shared = shared or not piece.alone
        elif item.offset + item.length >= size and item.offset != whole_at:
            torn_at = min(torn_at, item.offset)
    return torn_at, shared


def _torn_name(path: Path) -> Path:
    """A free name for what is set aside."""
    return _free(path.with_name(f"{finished_name(path).name}.torn"))


def _sync(file: BufferedIOBase) -> None:
    """Have what was written on the disk."""
    file.flush()
    os.fsync(file.fileno())


def _free(path: Path) -> Path:
    """The path, or one with a number before its name where a file stands there already."""
    numbered = (path.with_name(f"{number}-{path.name}") for number in count(1))
    return next(one for one in chain([path], numbered) if not one.exists())
