"""What a check of an archive finds: the values, and the sorts of finding there are."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What sort of finding it is."""

    DAMAGE = "damage"  # bytes of a WARC file that give no sound record
    PAYLOAD_DIGEST = "payload_digest"  # it holds in no reading, though the block is whole
    READING = "reading"  # it holds in another reading than the standard's
    UNCHECKED = "unchecked"  # a digest that can't be understood
    LEFT_OPEN = "left_open"
    TORN = "torn"
    STRAY = "stray"  # a file that is no WARC file by its name
    REPEATED_ID = "repeated_id"
    LONE_PART = "lone_part"  # concurrent to a record that is not there
    LONE_REVISIT = "lone_revisit"  # its first capture is not there
    FILE_MISSING = "file_missing"
    CDXJ = "cdxj"  # lines out of order, unreadable, wrong, astray, missing
    INDEX = "index"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it must be: where, what, and what to do; a note, if it may well be so."""

    kind: Kind
    file: str
    where: str
    problem: str
    remedy: str
    note: bool = False


@dataclass(slots=True, kw_only=True)
class Checked:
    """What was looked at."""

    files: int = 0
    records: int = 0
    digests: int = 0
    cdxj_lines: int = 0
    indexed: int = 0
