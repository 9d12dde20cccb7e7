"""Records of captures that the index names, found again in their WARC files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from storage.layout import Layout
from storage.model import Capture, Damage, Record
from storage.warc import read_record_at, read_records


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Why the record of a capture can't be had."""

    capture: Capture
    reason: str


def reread(captures: Iterable[Capture], layout: Layout) -> Iterator[tuple[Capture, Record] | Unread]:
    """Each capture with its record. In a file read in order only what is asked for is unpacked."""
    for (warc_file, offset), group in groupby(captures, key=lambda one: (one.warc_file, one.warc_offset)):
        together = list(group)
        try:
            yield from _at(layout.warc_file(warc_file), offset, together)
        except OSError as error:
            reason = f"the file can't be read: {error.strerror or error}"
            yield from (Unread(capture=capture, reason=reason) for capture in together)


def _at(path: Path, offset: int, captures: Sequence[Capture]) -> Iterator[tuple[Capture, Record] | Unread]:
    """What stands at one offset; a file compressed as a whole has all its records at one."""
    if len(captures) == 1:
        found = read_record_at(path, offset)
        if isinstance(found, Record) and _is_of(found, captures[0]):
            yield captures[0], found
            return
        if isinstance(found, Damage):
            yield Unread(capture=captures[0], reason=found.reason)
            return
    missing = list(captures)
    for record in read_records(path):
        for capture in [one for one in missing if isinstance(record, Record) and _is_of(record, one)]:
            if isinstance(record, Record):
                yield capture, record
            missing.remove(capture)
        if not missing:
            return
    reason = f"no such record at offset {offset}"
    yield from (Unread(capture=capture, reason=reason) for capture in missing)


def _is_of(record: Record, capture: Capture) -> bool:
    """Whether the record is the capture's; one without an identifier is known by its URL and time."""
    if record.record_id:
        return record.record_id == capture.record_id
    return (record.target_uri, record.captured_at) == (capture.url, capture.captured_at)
