"""WARC writing and reading beside warcio and FastWARC, in one run: CPU MB/s of page bytes, and ratios.

    python benchmarks/warc.py [--pages 300] [--kilobytes 40 130] [--rounds 5] [--folder DIR]

Pages are made up (seeded), or the *.html and *.html.gz of a folder. Every writer gets the same bytes and
writes a response with its HTTP head, a block digest and a payload digest, and the request that asked for it,
each record a gzip member of its own in a file on disk. Every reader reads the file that Presswarc wrote and
takes each record's body as bytes; those marked "checked" compute and compare digests too.

The contenders take turns, several rounds, and the median of their CPU time counts: other work on the machine
slows all of them, and moves no ratio far.
"""

from __future__ import annotations

import argparse
import io
import statistics
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import fastwarc
import warcio.warcwriter
from fastwarc.stream_io import GzipWriter
from warcio.archiveiterator import ArchiveIterator as WarcioIterator
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import GzippingWrapper, WARCWriter

from pages import from_folder, made_up
from storage.layout import Layout
from storage.model import Damage
from storage.warc import build, read_records
from storage.warc.write import Origin, WarcWriter

WHEN = datetime(2026, 11, 22, tzinfo=UTC)
REQUEST_FIELDS = [("Host", "news.example"), ("User-Agent", "benchmark"), ("Accept-Encoding", "gzip, deflate")]
RESPONSE_FIELDS = [
    ("Date", "Sun, 22 Nov 2026 00:00:00 GMT"),
    ("Server", "nginx"),
    ("Content-Type", "text/html; charset=utf-8"),
    ("ETag", '"5e1-abc"'),
    ("Cache-Control", "max-age=60"),
]


@dataclass(frozen=True, slots=True)
class Contender:
    name: str
    run: Callable[[], int]  # bytes that came of it: written, or read as pages
    does: str


def head_of(first: str, fields: Sequence[tuple[str, str]]) -> bytes:
    return "\r\n".join([first, *(f"{name}: {value}" for name, value in fields), "", ""]).encode()


def response_fields(page: bytes) -> list[tuple[str, str]]:
    return [*RESPONSE_FIELDS, ("Content-Length", str(len(page)))]


def url_of(number: int) -> str:
    return f"http://news.example/2026/11/story-{number}/"


def by_presswarc(pages: Sequence[bytes], folder: Path) -> int:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        path = presswarc_file(pages, Path(place))
        return path.stat().st_size


def presswarc_file(pages: Sequence[bytes], folder: Path) -> Path:
    writer = WarcWriter(
        Layout(folder), Origin(source="bench", fields=(("software", "bench"),)), max_bytes=1 << 40
    )
    with writer:
        for number, page in enumerate(pages):
            url = url_of(number)
            head = head_of("HTTP/1.1 200 OK", response_fields(page))
            answer = build.response(url, WHEN, head, page, [("WARC-IP-Address", "192.0.2.1")])
            message = head_of(f"GET /2026/11/story-{number}/ HTTP/1.1", REQUEST_FIELDS)
            writer.write([answer, build.request(url, WHEN, message, answer, [])])
    (path,) = Layout(folder).warc_files()
    return path


class _Wrapper6(GzippingWrapper):  # type: ignore[misc]  # warcio has no types
    """warcio's compressing wrapper, at level 6: its own is fixed at 9."""

    def __init__(self, out: object) -> None:
        self.compressor = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS + 16)
        self.out = out


def by_warcio(pages: Sequence[bytes], folder: Path, wrapper: type = GzippingWrapper) -> int:
    warcio.warcwriter.GzippingWrapper = wrapper
    path = folder / "warcio.warc.gz"
    with path.open("wb") as file:
        writer = WARCWriter(file, gzip=True, warc_version="1.1")
        for number, page in enumerate(pages):
            url = url_of(number)
            answer = writer.create_warc_record(
                url,
                "response",
                payload=io.BytesIO(page),
                http_headers=StatusAndHeaders("200 OK", response_fields(page), protocol="HTTP/1.1"),
                warc_headers_dict={"WARC-IP-Address": "192.0.2.1", "WARC-Date": build.warc_date(WHEN)},
            )
            asked = StatusAndHeaders(
                f"GET /2026/11/story-{number}/ HTTP/1.1", REQUEST_FIELDS, is_http_request=True
            )
            request = writer.create_warc_record(url, "request", http_headers=asked)
            writer.write_request_response_pair(request, answer)
    warcio.warcwriter.GzippingWrapper = GzippingWrapper
    return path.stat().st_size


def by_fastwarc(pages: Sequence[bytes], folder: Path, level: int) -> int:
    path = folder / "fastwarc.warc.gz"
    with path.open("wb") as file:
        for number, page in enumerate(pages):
            head = head_of("HTTP/1.1 200 OK", response_fields(page))
            answer = _fast_record(fastwarc.WarcRecordType.response, url_of(number), head + page)
            answer.headers["WARC-IP-Address"] = "192.0.2.1"
            message = head_of(f"GET /2026/11/story-{number}/ HTTP/1.1", REQUEST_FIELDS)
            request = _fast_record(fastwarc.WarcRecordType.request, url_of(number), message)
            request.headers["WARC-Concurrent-To"] = answer.record_id
            for record in (answer, request):
                packed = io.BytesIO()
                stream = GzipWriter(packed, compression_level=level)
                record.write(stream, checksum_data=True)
                stream.close()
                file.write(packed.getvalue())
    return path.stat().st_size


def _fast_record(kind: fastwarc.WarcRecordType, url: str, block: bytes) -> fastwarc.WarcRecord:
    record = fastwarc.WarcRecord()
    record.init_headers(kind)
    record.headers["WARC-Target-URI"] = url
    record.headers["WARC-Date"] = build.warc_date(WHEN)
    record.headers["Content-Type"] = f"application/http;msgtype={kind}"
    record.is_http = True
    record.set_bytes_content(block)
    return record


def read_by_presswarc(path: Path) -> int:
    size = 0
    for record in read_records(path):
        if isinstance(record, Damage):
            sys.exit(f"damage: {record}")
        size += len(record.block)
    return size


def read_by_warcio(path: Path, *, check: bool) -> int:
    size = 0
    with path.open("rb") as file:
        for record in WarcioIterator(file, check_digests="raise" if check else False):
            size += len(record.raw_stream.read())
    return size


def read_by_fastwarc(path: Path, *, check: bool) -> int:
    size = kept = 0
    with path.open("rb") as file:
        for record in fastwarc.ArchiveIterator(file, parse_http=False, verify_digests=check):
            size += len(record.reader.read())
            kept += 1
    return size


def medians(contenders: Sequence[Contender], rounds: int) -> tuple[list[float], list[int]]:
    times: list[list[float]] = [[] for _ in contenders]
    results = [0] * len(contenders)
    for _ in range(rounds):
        for place, contender in enumerate(contenders):
            begun = time.process_time()
            results[place] = contender.run()
            times[place].append(time.process_time() - begun)
    return [statistics.median(each) for each in times], results


def tell(title: str, contenders: Sequence[Contender], page_bytes: int, rounds: int, base: str) -> None:
    seconds, results = medians(contenders, rounds)
    base_s = next(each for one, each in zip(contenders, seconds, strict=True) if one.name == base)
    print(f"{title:34} {'MB/s':>7} {'against ' + base:>24}   bytes")
    for one, took, result in zip(contenders, seconds, results, strict=True):
        print(
            f"  {one.name:32} {page_bytes / took / 1e6:7.1f} {base_s / took:24.2f}   {result:,}  ({one.does})"
        )


def compare(pages: Sequence[bytes], rounds: int, folder: Path) -> None:
    page_bytes = sum(map(len, pages))
    packed = sum(len(zlib.compress(page, 6)) for page in pages) / page_bytes
    print(
        f"\n{len(pages)} pages, {page_bytes / len(pages) / 1000:.0f} kB on average, packing to {packed:.0%}"
    )
    writers = [
        Contender("presswarc", lambda: by_presswarc(pages, folder), "gzip 6, sha256, fsync at the end"),
        Contender("warcio", lambda: by_warcio(pages, folder), "its default: gzip 9, sha1"),
        Contender("warcio at gzip 6", lambda: by_warcio(pages, folder, _Wrapper6), "patched"),
        Contender("fastwarc", lambda: by_fastwarc(pages, folder, 9), "its default: gzip 9, sha1"),
        Contender("fastwarc at gzip 6", lambda: by_fastwarc(pages, folder, 6), "a GzipWriter a record"),
    ]
    tell("writing", writers, page_bytes, rounds, "warcio")
    path = presswarc_file(pages, folder)
    readers = [
        Contender("presswarc, checked", lambda: read_by_presswarc(path), "read_records: it always checks"),
        Contender("warcio, checked", lambda: read_by_warcio(path, check=True), "block and payload digests"),
        Contender("warcio", lambda: read_by_warcio(path, check=False), "HTTP heads parsed"),
        Contender("fastwarc, checked", lambda: read_by_fastwarc(path, check=True), "block digests"),
        Contender("fastwarc", lambda: read_by_fastwarc(path, check=False), "HTTP heads not parsed"),
    ]
    tell("reading", readers, page_bytes, rounds, "warcio, checked")


def main() -> None:
    parser = argparse.ArgumentParser(description="WARC writing and reading beside warcio and FastWARC")
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--kilobytes", type=int, nargs="+", default=[40, 130])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="pages to take instead of made-up ones")
    options = parser.parse_args()
    sets = (
        [from_folder(options.folder, options.pages)]
        if options.folder
        else [made_up(options.pages, size * 1000) for size in options.kilobytes]
    )
    for pages in sets:
        with tempfile.TemporaryDirectory() as folder:
            compare(pages, options.rounds, Path(folder))


if __name__ == "__main__":
    main()
