"""The CDXJ index of every capture, sorted by bytes, as pywb and cdxj tools read it.

A line is the SURT key, the 14-digit UTC time and a JSON object with the fields that pywb writes.
Source: pywb manual, "CDXJ index".
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from heapq import merge
from itertools import groupby
from pathlib import Path

from storage.model import Capture
from storage.urls import surt_key
from storage.warc.write import sync_folder

REVISIT_MIME = "warc/revisit"


def line_of(capture: Capture) -> str:
    """CDXJ line of a capture, without its line end."""
    mime = REVISIT_MIME if capture.record_type == "revisit" else capture.mime
    fields = {
        "url": capture.url,
        "mime": mime,
        "status": str(capture.status),
        "digest": capture.payload_digest,
        "length": str(capture.warc_length),
        "offset": str(capture.warc_offset),
        "filename": capture.warc_file,
    }
    kept = {name: value for name, value in fields.items() if value}
    stamp = capture.captured_at.strftime("%Y%m%d%H%M%S")
    return f"{surt_key(capture.url)} {stamp} {json.dumps(kept, ensure_ascii=True)}"


def add_lines(path: Path, lines: Iterable[str], *, anew: bool = False) -> None:
    """Merge `lines` into the sorted file at `path`, which is replaced whole: a reader sees old or new.

    `anew` drops the lines that the file has.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = sorted(line.encode("ascii") + b"\n" for line in lines)
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as out:
        out.writelines(line for line, _ in groupby(merge([] if anew else read_lines(path), fresh)))
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def read_lines(path: Path) -> Iterator[bytes]:
    """Lines of the file with their line ends; none where there is no file."""
    if path.exists():
        with path.open("rb") as file:
            yield from (line.rstrip(b"\r\n") + b"\n" for line in file)


def place_of(line: bytes) -> tuple[str, int]:
    """WARC file and offset that a line points at. Raises: ValueError, KeyError where it is no CDXJ line."""
    fields = json.loads(line.split(b" ", 2)[2])
    return fields["filename"], int(fields["offset"])
