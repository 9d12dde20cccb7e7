"""`presswarc import wayback` from a real pywb: what went into one archive comes into another as it was.

PYWB_PYTHON names the Python of an environment with pywb; `.ci/readers.sh` makes one and says its name.
"""

from __future__ import annotations

import gzip
import os
import socket
import subprocess
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import brotli
import pytest
import zstandard
from fake_archives import page
from running import presswarc

from storage.cdxj import parse_line, read_lines
from storage.layout import Layout
from storage.model import Record
from storage.query import open_published, run_sql
from storage.warc import build, read_record_at
from storage.warc.build import FirstCapture, read_warc_fields
from storage.warc.digests import digest
from storage.warc.http import payload_of, split_head, stored_response
from storage.warc.read import read_records
from storage.warc.write import Origin, WarcWriter

PYTHON = os.environ.get("PYWB_PYTHON")
pytestmark = pytest.mark.skipif(not PYTHON, reason="PYWB_PYTHON is not set: .ci/readers.sh makes one")
START = datetime(2019, 3, 1, 8, tzinfo=UTC)
SITE = "http://news.example"
DATED = b"Date: Fri, 01 Mar 2019 08:00:00 GMT\r\nServer: nginx\r\n"
HTML = b"Content-Type: text/html; charset=utf-8\r\n"


def message(body: bytes, *lines: bytes, status: bytes = b"200 OK") -> bytes:
    return (
        b"HTTP/1.1 " + status + b"\r\n" + b"".join(lines) + b"Content-Length: %d\r\n\r\n" % len(body) + body
    )


def chunked(body: bytes) -> bytes:
    return (
        b"HTTP/1.1 200 OK\r\n"
        + HTML
        + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body)
        + body
        + (b"\r\n0\r\n\r\n")
    )


CODED = {
    b"gzip": gzip.compress(page("gzip"), mtime=0),
    b"deflate": zlib.compress(page("deflate")),
    b"br": brotli.compress(page("br")),
    b"zstd": zstandard.compress(page("zstd")),
}
WIRES = [
    *(
        (f"/{name.decode()}", message(body, HTML, b"Content-Encoding: " + name + b"\r\n", DATED))
        for name, body in CODED.items()
    ),
    ("/plain", message(page("plain"), HTML)),
    ("/dated", message(page("dated"), DATED, HTML, b'ETag: "a"\r\nVary: Accept-Encoding\r\nX-Own: 1\r\n')),
    ("/chunked", chunked(page("chunked"))),
    ("/no-reason", message(page("none"), HTML, status=b"200")),
    ("/gone", message(b"gone", HTML, status=b"410 Gone")),
    ("/busy", message(b"busy", HTML, b"Retry-After: 9\r\n", status=b"429 Too Many")),
    ("/broken", message(b"broken", HTML, status=b"503 Broken")),
    ("/moved", message(b"", b"Location: http://news.example/plain\r\n", status=b"301 Moved")),
    ("/near", message(b"", b"Location: /plain\r\n", DATED, status=b"302 Found")),
    ("/linked", message(page("linked"), HTML, b'Link: </style.css>; rel="preload"\r\n')),
    ("/cookies", message(page("cookies"), HTML, b"Set-Cookie: a=1\r\nset-cookie: b=2\r\n")),
    ("/%C3%A9t%C3%A9?b=2&a=x%20y|z", message(page("summer"), HTML)),
    ("/empty", message(b"", HTML)),
]


@dataclass(frozen=True)
class Pywb:
    port: int
    archive: Layout


def moment_of(number: int) -> datetime:
    return START + timedelta(minutes=number)


def filled(layout: Layout) -> None:
    """An archive with every answer, and one that is the same again later."""
    fields = (("crawlId", "old-1"), ("source", "old"), ("crawlStarted", START.isoformat()), ("seed", SITE))
    with WarcWriter(layout, Origin(source="old", fields=fields), max_bytes=1 << 30) as writer:
        for number, (path, wire) in enumerate(WIRES):
            stored = stored_response(wire, ended=True)
            url = SITE + path
            draft = build.response(url, moment_of(number), stored.head, stored.body, [])
            asked = f"GET {path} HTTP/1.1\r\nHost: news.example\r\n\r\n".encode()
            writer.write([draft, build.request(url, moment_of(number), asked, draft, [])])
        stored = stored_response(dict(WIRES)["/plain"], ended=True)
        known = FirstCapture(
            url=f"{SITE}/plain", captured_at=moment_of(4), payload_digest=digest(stored.payload)
        )
        writer.write(
            [build.revisit(known.url, moment_of(100), stored.head, build.IDENTICAL_PAYLOAD, known, [])]
        )


@pytest.fixture(scope="module")
def pywb(tmp_path_factory) -> Iterator[Pywb]:
    root = tmp_path_factory.mktemp("pywb")
    layout = Layout(root / "archive")
    filled(layout)
    presswarc("replay", "--archive", layout.root, cwd=root)
    presswarc("export", "--archive", layout.root, "--pywb", root / "shown", cwd=root)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = str(Path(PYTHON or "").with_name("wayback"))
    command = [program, "-b", "127.0.0.1", "-p", str(port), "-d", str(root / "shown")]
    log = root / "pywb.log"
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            wait_for(port, process, log)
            yield Pywb(port, layout)
        finally:
            process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def bring(pywb: Pywb, archive: Path, *words: object, code: int = 0) -> str:
    there = f"127.0.0.1:{pywb.port}"
    rates = ["--cdx-rate", "100", "--rate", "200", "--allow-address", there, "--archive", archive]
    endpoint = ["--endpoint", f"http://{there}/presswarc"]
    return presswarc("import", "wayback", *words, *endpoint, *rates, cwd=archive.parent, code=code).stderr


@pytest.fixture(scope="module")
def copy(pywb, tmp_path_factory) -> Layout:
    archive = tmp_path_factory.mktemp("copy") / "archive"
    said = bring(pywb, archive, "news.example/*", "--status", ".*", "--mime", ".*")
    assert f"{len(WIRES)} came in, 0 known, 1 with the same bytes as the one before" in said
    return Layout(archive)


def records(layout: Layout) -> dict[tuple[str, str], Record]:
    found = {}
    for line in map(parse_line, read_lines(layout.cdxj)):
        record = read_record_at(layout.warc / line.filename, line.offset)
        assert isinstance(record, Record)
        if record.record_type == "response":
            found[line.url, line.stamp] = record
    return found


def test_every_answer_comes_back_with_its_head_and_its_body(pywb, copy):
    before, after = records(pywb.archive), records(copy)
    assert after.keys() == before.keys()
    assert len(after) == len(WIRES)
    for key, old in before.items():
        head, new_head = split_head(old.block)[0], split_head(after[key].block)[0]
        assert new_head == head, key
        assert payload_of(after[key].block) == payload_of(old.block), key
        assert after[key].headers["WARC-Payload-Digest"] == old.headers["WARC-Payload-Digest"]
        assert after[key].captured_at == old.captured_at


def test_the_index_of_pywb_promised_these_bytes(copy):
    told = [
        read_warc_fields(one.block).get("indexDigestHolds")
        for path in copy.warc_files()
        for one in read_records(path)
        if isinstance(one, Record) and "WARC-Refers-To" in one.headers
    ]
    assert told == ["yes"] * len(WIRES)


def test_the_articles_are_those_of_the_first_archive(pywb, copy):
    sql = "SELECT url, title, text, versions, first_captured_at FROM articles ORDER BY url"
    found = []
    for layout in (pywb.archive, copy):
        with open_published(layout.root) as connection:
            found.append([tuple(row) for row in run_sql(connection, sql, None, 60.0).rows])
    assert found[0] == found[1]
    assert len(found[1]) > 5


def test_a_second_run_and_a_dry_run_find_all_of_it_known(pywb, copy):
    for words in ([], ["--dry-run"]):
        said = bring(pywb, copy.root, "news.example/*", "--status", ".*", "--mime", ".*", *words)
        assert f"0 came in, {len(WIRES)} known" in said


def test_only_pages_that_were_there_come_by_default(pywb, tmp_path):
    said = bring(pywb, tmp_path / "archive", "news.example/*", "--dry-run")
    pages = [path for path, wire in WIRES if wire.startswith(b"HTTP/1.1 200")]
    assert said.startswith(f"{len(pages)} captures would come in; ")
    said = bring(pywb, tmp_path / "archive", f"{SITE}/plain", "--repeated", "--dry-run")
    assert said.startswith("2 captures would come in; ")
