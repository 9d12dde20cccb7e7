"""The CDXJ index of every capture, sorted by bytes, as pywb and cdxj tools read it.

A line is the SURT key, the 14-digit UTC time and a JSON object with the fields that pywb writes.
Source: pywb manual, "CDXJ index".
"""

from __future__ import annotations

import json
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from storage.model import Capture
from storage.postquery import METHODS_WITH_BODY, with_method
from storage.urls import surt_key

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


def place_in(lines: mmap.mmap, line: bytes, after: int) -> int:
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


class CaptureTimes:
    """Looks up in a CDXJ file, as it is when this is made, which URL was captured in which second."""

    def __init__(self, path: Path) -> None:
        """Use the file at `path`, which need not be there."""
        self._lines: mmap.mmap | None = None
        if path.exists() and path.stat().st_size:
            with path.open("rb") as file:
                self._lines = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)

    def close(self) -> None:
        """Let go of the file."""
        if self._lines is not None:
            self._lines.close()

    def has(self, url: str, stamp: str) -> bool:
        """Whether a GET of `url` was captured in the second of the 14 digits."""
        if self._lines is None:
            return False
        url = url.replace(" ", "%20")
        begin = f"{surt_key(url)} {stamp} ".encode()
        at = place_in(self._lines, begin, 0)
        while self._lines[at : at + len(begin)] == begin:
            end = self._lines.find(b"\n", at) + 1 or len(self._lines)
            if json.loads(self._lines[at + len(begin) : end]).get("url") == url:
                return True
            at = end
        return False
