"""The CDXJ index of every capture, sorted by bytes, as pywb and cdxj tools read it.

A line is the SURT key, the 14-digit UTC time and a JSON object with the fields that pywb writes.
Source: pywb manual, "CDXJ index".
"""

from __future__ import annotations

import json
import mmap
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from storage.model import Capture
from storage.postquery import METHODS_WITH_BODY, with_method
from storage.urls import surt_key
from storage.warc.write import sync_folder

CAPTURE_TYPES = frozenset({"response", "revisit", "resource"})  # the records that have a line
REVISIT_MIME = "warc/revisit"
_MOST_BYTES = (1 << 63) - 1  # what a file can have


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A CDXJ line taken apart. What the line does not say is ""; `status` too, which some records lack.

    `method` and `request_body` stand on captures that no GET made; their key has both, so that they are not
    found as captures of the page.
    """

    key: str
    stamp: str
    url: str
    mime: str = ""
    status: str = ""
    digest: str = ""
    length: int
    offset: int
    filename: str
    request_body: str = ""
    method: str = ""

    def text(self) -> str:
        """The line without its line end."""
        fields = {
            "status": self.status,  # first, so that of one second's captures the good answer sorts first
            "url": self.url,
            "mime": self.mime,
            "digest": self.digest,
            "length": str(self.length),
            "offset": str(self.offset),
            "filename": self.filename,
            "requestBody": self.request_body,
            "method": self.method,
        }
        if self.method in METHODS_WITH_BODY:
            kept = {name: value for name, value in fields.items() if value or name == "requestBody"}
        else:
            kept = {name: value for name, value in fields.items() if value}
        return f"{self.key} {self.stamp} {json.dumps(kept, ensure_ascii=True)}"


def parse_line(line: bytes) -> Line:
    """A line taken apart. Raises: ValueError where it is no CDXJ line with a place."""
    try:
        key, stamp, told = line.decode("utf-8").split(" ", 2)
        fields = json.loads(told)
        length, offset = int(fields["length"]), int(fields["offset"])
        json.dumps(fields, ensure_ascii=False).encode("utf-8")  # half a character is in no URL and no name
        if not (0 <= length <= _MOST_BYTES and 0 <= offset <= _MOST_BYTES):
            raise ValueError(f"no place in a file: {line[:80]!r}")
        return Line(
            key=key,
            stamp=stamp,
            url=str(fields["url"]),
            mime=str(fields.get("mime", "")),
            status=str(fields.get("status", "")),
            digest=str(fields.get("digest", "")),
            length=length,
            offset=offset,
            filename=str(fields["filename"]),
            request_body=str(fields.get("requestBody", "")),
            method=str(fields.get("method", "")),
        )
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"no CDXJ line: {line[:80]!r}") from error


def line_of(capture: Capture) -> str:
    """CDXJ line of a capture, without its line end."""
    url = capture.url.replace(" ", "%20")
    asked_with = capture.request_body or ""
    return Line(
        key=surt_key(with_method(url, capture.method, asked_with)),
        stamp=capture.captured_at.strftime("%Y%m%d%H%M%S").rjust(14, "0"),
        url=url,
        mime=REVISIT_MIME if capture.record_type == "revisit" else capture.mime,
        status=str(capture.status) if capture.status else "",
        digest=capture.payload_digest,
        length=capture.warc_length,
        offset=capture.warc_offset,
        filename=capture.warc_file,
        request_body=asked_with,
        method="" if capture.method == "GET" else capture.method,
    ).text()


def add_lines(path: Path, lines: Iterable[str], *, anew: bool = False) -> None:
    """Merge `lines` into the sorted file at `path`, which is replaced whole: a reader sees old or new.

    `anew` drops the lines that the file has.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = sorted({line.encode("ascii") + b"\n" for line in lines})
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as out:
        if anew or not path.exists():
            out.writelines(fresh)
        else:
            _write_merged(path, fresh, out)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def _write_merged(path: Path, fresh: Sequence[bytes], out: BinaryIO) -> None:
    """Write the lines of a file with others, given in order, at their places among them.

    Some lines for a file of millions cost little more than its copy.
    """
    with path.open("rb") as file:
        whole = os.fstat(file.fileno()).st_size and mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if not whole or whole[-1:] != b"\n" or whole.find(b"\r") >= 0:  # written by hand
            out.writelines(line for line, _ in groupby(merge(read_lines(path), fresh)))
            return
        with whole, memoryview(whole) as old:
            written = 0
            for line in fresh:
                place = _place_in(whole, line, written)
                out.write(old[written:place])
                written = place
                if old[place : place + len(line)] != line:
                    out.write(line)
            out.write(old[written:])


def _place_in(lines: mmap.mmap, line: bytes, after: int) -> int:
    """Where the first line that is not less than `line` begins; looked for from the line at `after` on."""
    low, high = after, len(lines)
    while low < high:
        middle = (low + high) // 2
        start = lines.rfind(b"\n", low, middle) + 1 or low
        end = lines.find(b"\n", middle) + 1  # the file ends with one
        if lines[start:end] < line:
            low = end
        else:
            high = start
    return low


def read_lines(path: Path) -> Iterator[bytes]:
    """Lines of the file with their line ends; none where there is no file."""
    if path.exists():
        with path.open("rb") as file:
            yield from (line.rstrip(b"\r\n") + b"\n" for line in file)


def place_of(line: bytes) -> tuple[str, int]:
    """WARC file and offset that a line points at. Raises: ValueError, KeyError where it is no CDXJ line."""
    fields = json.loads(line.split(b" ", 2)[2])
    return fields["filename"], int(fields["offset"])
