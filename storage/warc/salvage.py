"""WARC files that a killed process left `.open`: whole records get the file's name, torn tails go aside."""

from __future__ import annotations

import fcntl
import logging
import os
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path

from storage.layout import Layout
from storage.model import Damage
from storage.warc.read import CUT_SHORT, read_records
from storage.warc.write import OPEN_SUFFIX, finished_name, sync_folder

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Salvaged:
    """What became of a left-over file: its whole records' bytes, and the torn bytes set aside beside it."""

    path: Path
    kept_bytes: int
    torn_bytes: int


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
        finished = _free(finished_name(path))
        size = os.fstat(file.fileno()).st_size
        whole = _whole_bytes(path)
        if whole < size:
            file.seek(whole)
            torn = _free(path.with_name(f"{finished_name(path).name}.torn"))
            with torn.open("wb") as aside:
                aside.write(file.read())
                aside.flush()
                os.fsync(aside.fileno())
            file.truncate(whole)
        os.fsync(file.fileno())
        if whole == 0:
            path.unlink()
        else:
            path.rename(finished)
        sync_folder(path.parent)
    log.warning("salvaged %s: %d bytes kept, %d torn", path.name, whole, size - whole)
    return Salvaged(path=finished, kept_bytes=whole, torn_bytes=size - whole)


def _whole_bytes(path: Path) -> int:
    """Bytes of the file up to the end of its last whole record.

    A member that is cut short is the last that was begun: what looks like records inside it is page content.
    """
    whole = 0
    for record in read_records(path):
        if isinstance(record, Damage):
            if record.reason == CUT_SHORT:
                break
        else:
            whole = record.offset + record.length
    return whole


def _free(path: Path) -> Path:
    """The path, or one with a number before its name where a file stands there already."""
    numbered = (path.with_name(f"{number}-{path.name}") for number in count(1))
    return next(one for one in chain([path], numbered) if not one.exists())
