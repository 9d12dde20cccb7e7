"""Web archives on loopback that answer as the large ones do: the Internet Archive, and Common Crawl.

What a real pywb shows is tested against a real pywb; here stands what it does not do: the array form with
resume keys, refusals, redirects to the nearest capture, bodies that break off.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.memento.cdx import CdxRow
from storage.surt import surt_key

FIELDS = ["urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length"]
PLAYBACK = re.compile(r"/web/(\d+)id_/(.+)", re.DOTALL)


def sha1(body: bytes) -> str:
    return base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


@dataclass(frozen=True, kw_only=True)
class Old:
    """A capture that a fake keeps. `odd` says how it is shown: see `FakeArchive`."""

    url: str
    stamp: str
    body: bytes
    status: int = 200
    mime: str = "text/html"
    fields: tuple[tuple[str, str], ...] = ()
    odd: str = ""
    digest: str | None = None
    filename: str = ""
    offset: int = 0
    length: int = 0

    def row(self) -> dict[str, str]:
        digest = sha1(self.body) if self.digest is None else self.digest
        row = [surt_key(self.url), self.stamp, self.url, self.mime, str(self.status), digest, "99"]
        return dict(zip(FIELDS, row, strict=True))


def page(number: object, words: str = "") -> bytes:
    lines = "".join(
        f"<p>In part {part} of report {number} the depot was shut {part} days, said the major; {words}.</p>"
        for part in range(12)
    )
    title = f"Report {number}"
    return (
        f"<!DOCTYPE html><html lang='en'><head><title>{title}</title></head>"
        f"<body><article><h1>{title}</h1>{lines}</article></body></html>"
    ).encode()


@dataclass
class FakeArchive:
    """Serves captures on a port of 127.0.0.1.

    Of what is `odd`: "nearest" leads to another time, "other" shows another without a word, "missing" is a
    404, "withheld" a 403, "cut" breaks off, "coded" comes in gzip though the original did not, "decoded"
    comes plain though the original was in gzip. `refusals` are given first, one a request: a status and its
    Retry-After. `asked` has the path of each request that was answered with more than a refusal.
    """

    captures: list[Old] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    page_rows: int = 1000
    refusals: list[tuple[int, str | None]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    heads: list[Any] = field(default_factory=list)
    port: int = 0

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def played(self) -> list[str]:
        return [path for path in self.asked if PLAYBACK.match(path)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    archive: FakeArchive

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        archive = self.archive
        if archive.refusals:
            status, retry_after = archive.refusals.pop(0)
            return self.give(status, [("Retry-After", retry_after)] if retry_after else [], b"slow down")
        archive.asked.append(self.path)
        archive.heads.append(self.headers)
        parts = urlsplit(self.path)
        if parts.path == "/cdx/search/cdx":
            return self.tell(parse_qs(parts.query))
        if parts.path.endswith("-index"):
            return self.tell_crawl(parse_qs(parts.query))
        found = PLAYBACK.fullmatch(self.path)
        if found:
            return self.play(found[1], found[2])
        return self.file(parts.path)

    def give(self, status: int, fields: list[tuple[str, str]], body: bytes, *, promise: int = 0) -> None:
        self.send_response_only(status)
        for name, value in [*fields, ("Content-Length", str(promise or len(body)))]:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.close_connection or bool(promise)

    def rows(self, asked: dict[str, list[str]]) -> list[Old]:
        key = surt_key(asked["url"][0])
        whole = asked.get("matchType", ["exact"])[0] == "exact"
        fits = (lambda one: one == key) if whole else (lambda one: one.startswith(key.removesuffix(")/")))
        found = [one for one in self.archive.captures if fits(surt_key(one.url))]
        since, until = asked.get("from", ["0"])[0], asked.get("to", ["9"])[0]
        found = [one for one in found if since <= one.stamp <= until]
        return sorted(found, key=lambda one: (surt_key(one.url), one.stamp))

    def tell(self, asked: dict[str, list[str]]) -> None:
        """The Internet Archive's form: an array, and a resume key behind an empty one."""
        rows = self.rows(asked)
        start = int(asked.get("resumeKey", ["0"])[0])
        shown = rows[start : start + self.archive.page_rows]
        lines: list[list[str]] = [FIELDS, *(list(one.row().values()) for one in shown)]
        if start + len(shown) < len(rows):
            lines += [[], [str(start + len(shown))]]
        self.give(200, [("Content-Type", "application/json")], json.dumps(lines if rows else []).encode())

    def tell_crawl(self, asked: dict[str, list[str]]) -> None:
        """Common Crawl's form: a page of objects, and the number of pages for who asks."""
        rows = self.rows(asked)
        size = self.archive.page_rows
        if not rows:
            return self.give(404, [], json.dumps({"message": "No Captures found for: that"}).encode())
        if "showNumPages" in asked:
            return self.give(200, [], json.dumps({"pages": -(-len(rows) // size), "pageSize": 5}).encode())
        start = int(asked["page"][0]) * size
        names = {"original": "url", "mimetype": "mime", "statuscode": "status"}
        told = []
        for one in rows[start : start + size]:
            row = {names.get(name, name): value for name, value in one.row().items()}
            row |= {"filename": one.filename, "offset": str(one.offset), "length": str(one.length)}
            told.append(f"{row.pop('urlkey')} {row.pop('timestamp')} {json.dumps(row)}")
        return self.give(200, [], "\n".join(told).encode())

    def play(self, stamp: str, url: str) -> None:
        key = (surt_key(url), stamp)
        one = next((one for one in self.archive.captures if (surt_key(one.url), one.stamp) == key), None)
        if one is None or one.odd == "missing":
            return self.give(404, [("X-Archive-Wayback-Runtime-Error", "ResourceNotInArchive")], b"none")
        if one.odd == "withheld":
            return self.give(403, [("X-Archive-Wayback-Runtime-Error", "AdministrativeAccess")], b"no")
        if one.odd == "nearest":
            return self.give(302, [("Location", f"{self.archive.origin}/web/20010101000000id_/{url}")], b"")
        shown = replace(one, stamp="20010101000000") if one.odd == "other" else one
        body = gzip.compress(one.body, mtime=0) if one.odd == "coded" else one.body
        body = gzip.decompress(body) if one.odd == "decoded" else body
        coded = one.odd == "coded" or (
            one.odd != "decoded" and any(name.lower() == "content-encoding" for name, _ in one.fields)
        )
        fields = [
            ("server", "nginx"),
            ("content-type", "text/html; charset=utf-8"),
            ("x-archive-orig-server", "Apache"),
            *((f"x-archive-orig-{name}", value) for name, value in one.fields),
            *([("content-encoding", "gzip")] if coded else []),
            ("x-ts", str(one.status)),
            ("cache-control", "max-age=1800"),
            ("x-archive-src", "news-2019/news-2019-00001.warc.gz"),
            ("memento-datetime", format_datetime(_moment(shown), usegmt=True)),
            ("link", f'<{url}>; rel="original", <{self.archive.origin}/web/{url}>; rel="timegate"'),
        ]
        if one.odd == "cut":
            return self.give(one.status, fields, body[:200], promise=len(body))
        return self.give(one.status, fields, body)

    def file(self, path: str) -> None:
        data = self.archive.files.get(path)
        if data is None:
            return self.give(404, [], b"no such file")
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if wanted is None:
            return self.give(200, [], data)
        first, last = int(wanted[1]), int(wanted[2] or len(data) - 1)
        return self.give(206 if first < len(data) else 416, [], data[first : last + 1])


def _moment(one: Old) -> Any:
    return CdxRow(key="", stamp=one.stamp, url=one.url).captured_at


@contextmanager
def serving(archive: FakeArchive) -> Iterator[FakeArchive]:
    handler = type("Handler", (_Handler,), {"archive": archive})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that was killed
    archive.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield archive
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def crawled_file(captures: list[Old]) -> tuple[bytes, list[Old]]:
    """A WARC file of another tool, in WARC/1.0, and the captures with their places in it."""
    out = io.BytesIO()
    writer = WARCWriter(out, gzip=True, warc_version="1.0")
    writer.write_record(writer.create_warcinfo_record("CC.warc.gz", {"software": "other/1"}))
    placed = []
    for one in captures:
        date = f"{_moment(one):%Y-%m-%dT%H:%M:%SZ}"
        head = StatusAndHeaders(
            f"{one.status} OK", [("Content-Type", "text/html"), *one.fields], protocol="HTTP/1.1"
        )
        told = {"WARC-Date": date, "X-Other": "kept as it is"}
        record = writer.create_warc_record(
            one.url,
            "response",
            payload=io.BytesIO(one.body),
            length=len(one.body),
            http_headers=head,
            warc_headers_dict=told,
        )
        before = out.tell()
        writer.write_record(record)
        placed.append(replace(one, offset=before, length=out.tell() - before))
    return out.getvalue(), placed
