"""pywb itself on an exported collection: every capture of an archive, odd ones too, comes back as it went in.

PYWB_PYTHON names the Python of an environment with pywb; `.ci/readers.sh` makes one and says its name.
"""

from __future__ import annotations

import gzip
import html
import http.client
import os
import shutil
import socket
import subprocess
import sys
import time
import zlib
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import brotli
import pytest
import zstandard

from storage.cdxj import Line, parse_line, read_lines
from storage.layout import Layout
from storage.query import open_published, run_sql
from storage.warc import build, read_record_at
from storage.warc.build import FirstCapture
from storage.warc.digests import digest
from storage.warc.http import headers_of, payload_of, split_head, status_of, stored_response
from storage.warc.write import Origin, WarcWriter

PYTHON = os.environ.get("PYWB_PYTHON")
pytestmark = pytest.mark.skipif(not PYTHON, reason="PYWB_PYTHON is not set: .ci/readers.sh makes one")

TIMEOUT_S = 30.0  # a capture that hangs its client fails here
START = datetime(2026, 11, 1, 8, tzinfo=UTC)
HTML = "<!DOCTYPE html><title>Hafen</title><p>Der Leuchtturm von Grüning brennt wieder.</p>\n".encode() * 9
CHANGED = HTML.replace(b"brennt wieder", b"ist erloschen")
ODD = "http://odd.test"


@dataclass(frozen=True, kw_only=True)
class Sent:
    """An answer as a server sent it: in the archive `minute` after START, and what a client is to get again.

    `body` None: the bytes after the head. `of` makes it a revisit of the answer at that URL and minute.
    """

    minute: int
    url: str
    wire: bytes
    status: int = 200
    body: bytes | None = None
    ended: bool = True
    keep: bool = False
    method: str = "GET"
    seconds: int = 0
    of: tuple[str, int] | None = None

    @property
    def moment(self) -> datetime:
        return START + timedelta(minutes=self.minute, seconds=self.seconds, microseconds=7)

    @property
    def wanted(self) -> bytes:
        return split_head(self.wire)[1] if self.body is None else self.body


def message(body: bytes, *lines: str, status: str = "200 OK") -> bytes:
    head = [f"HTTP/1.1 {status}", *(lines or ["Content-Type: text/html; charset=utf-8"])]
    return "\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body


def chunked(body: bytes, *lines: str, trailer: bytes = b"") -> bytes:
    head = "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: text/html", *lines, "Transfer-Encoding: chunked"])
    parts = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:50], body[50:]))
    return head.encode() + b"\r\n\r\n" + parts + b"0\r\n" + trailer + b"\r\n"


def deflated(body: bytes) -> bytes:
    return zlib.compress(body)


CODINGS = {
    "gzip": gzip.compress(HTML, mtime=0),
    "deflate": deflated(HTML),
    "br": brotli.compress(HTML),
    "zstd": zstandard.compress(HTML),
}
PACKED = CODINGS["gzip"]
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\n\r\n'
CUT = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n%b\r\n" + HTML
BINARY = bytes(range(256)) * 40
SENT = (
    Sent(minute=0, url=f"{ODD}/plain", wire=message(HTML)),
    *(
        Sent(
            minute=1,
            url=f"{ODD}/{name}",
            wire=message(body, "Content-Type: text/html", f"Content-Encoding: {name}"),
        )
        for name, body in CODINGS.items()
    ),
    Sent(minute=2, url=f"{ODD}/chunked", wire=chunked(HTML, trailer=b"X-Check: 7\r\n"), body=HTML),
    Sent(minute=2, url=f"{ODD}/kept", wire=chunked(HTML), body=HTML, keep=True),
    Sent(
        minute=2,
        url=f"{ODD}/kept-gzip",
        wire=chunked(PACKED, "Content-Encoding: gzip"),
        body=PACKED,
        keep=True,
    ),
    Sent(minute=3, url=f"{ODD}/cut", wire=CUT % b"Content-Length: 50000\r\n", ended=False),
    Sent(minute=3, url=f"{ODD}/cut-open", wire=CUT % b"", ended=False),
    Sent(minute=3, url=f"{ODD}/cut-chunk", wire=chunked(HTML)[:-9], body=HTML[:-2], ended=False, keep=True),
    Sent(minute=4, url=f"{ODD}/reason", wire=message(HTML, status="200 Schön")),
    Sent(minute=4, url=f"{ODD}/no-reason", wire=message(HTML, status="200")),
    Sent(minute=4, url=f"{ODD}/old", wire=b"HTTP/1.0 200 OK\r\nContent-Type: text/html\r\n\r\n" + HTML),
    Sent(minute=4, url=f"{ODD}/bad-line", wire=message(HTML, "no colon here", "Content-Type: text/html")),
    Sent(
        minute=4, url=f"{ODD}/folded", wire=message(HTML, "X-Long: one,", "  two", "Content-Type: text/html")
    ),
    Sent(minute=4, url=f"{ODD}/cookies", wire=message(HTML, "Set-Cookie: a=1", "set-cookie: b=2")),
    Sent(minute=4, url=f"{ODD}/empty", wire=message(b"")),
    Sent(minute=4, url=f"{ODD}/204", wire=b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n", status=204),
    Sent(minute=4, url=f"{ODD}/binary", wire=message(BINARY, "Content-Type: image/png")),
    Sent(minute=4, url=f"{ODD}/bare", wire=b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"),
    Sent(minute=5, url=f"{ODD}/a%20b/%C3%A9t%C3%A9?b=2&a=x%20y", wire=message(HTML)),
    Sent(minute=5, url=f"{ODD}/Upper/Case.HTML?Q=1", wire=message(HTML)),
    Sent(minute=5, url="https://www.odd.test:8443/", wire=message(HTML)),
    Sent(minute=5, url="http://192.0.2.7/x;jsessionid=1", wire=message(HTML)),
    *(
        Sent(
            minute=6, url=f"{ODD}/{status}", wire=message(b"-" * status, status=f"{status} So"), status=status
        )
        for status in (400, 401, 403, 404, 410, 418, 429, 451, 500, 503)
    ),
    *(
        Sent(
            minute=7,
            url=f"{ODD}/to/{status}",
            wire=message(b"", f"Location: /plain?{status}", status=f"{status} Elsewhere"),
            status=status,
        )
        for status in (301, 302, 303, 307, 308)
    ),
    # The same body again, at the same and at another URL.
    Sent(minute=8, url=f"{ODD}/plain", wire=message(HTML, "X-Again: 1"), of=(f"{ODD}/plain", 0)),
    Sent(minute=8, url=f"{ODD}/mirror", wire=message(HTML, "X-Again: 2"), of=(f"{ODD}/plain", 0)),
    Sent(minute=8, url=f"{ODD}/gzip", wire=message(PACKED, "Content-Encoding: gzip"), of=(f"{ODD}/gzip", 1)),
    # A page that changes, found unchanged in between: each 304 stands for what was there then.
    Sent(minute=10, url=f"{ODD}/news", wire=message(HTML)),
    Sent(minute=20, url=f"{ODD}/news", wire=NOT_MODIFIED, body=HTML, of=(f"{ODD}/news", 10)),
    Sent(minute=30, url=f"{ODD}/news", wire=message(CHANGED)),
    Sent(minute=40, url=f"{ODD}/news", wire=NOT_MODIFIED, body=CHANGED, of=(f"{ODD}/news", 30)),
    Sent(minute=45, url=f"{ODD}/gzip", wire=NOT_MODIFIED, body=PACKED, of=(f"{ODD}/gzip", 1)),
    # A HEAD in the second of a GET, and of a page that was never got.
    Sent(
        minute=50, url=f"{ODD}/headed", wire=CUT.partition(HTML)[0] % b"Content-Length: 9\r\n", method="HEAD"
    ),
    Sent(minute=50, url=f"{ODD}/headed", wire=message(HTML)),
)
# Two answers in one second can't be told apart by 14 digits. The good one is to be found.
SHADOWED = (
    Sent(minute=60, url=f"{ODD}/flaky", wire=message(b"a", "Content-Type: a/a", status="500 Oh"), status=500),
    Sent(minute=61, url=f"{ODD}/flaky", wire=message(b"b", "Content-Type: a/a", status="429 Oh"), status=429),
)
GOOD = (
    Sent(minute=60, url=f"{ODD}/flaky", wire=message(HTML)),
    Sent(minute=61, url=f"{ODD}/flaky", wire=NOT_MODIFIED, body=HTML, of=(f"{ODD}/flaky", 60)),
)
# From http to https of the same page: pywb passes over what leads to the page itself, and shows that.
SELF_REDIRECT = Sent(
    minute=70,
    url=f"{ODD}/secure",
    wire=message(b"", "Location: https://odd.test/secure", status="301 Moved"),
    status=301,
)
SECURE = Sent(minute=71, url="https://odd.test/secure", wire=message(HTML))
# pywb 2.10 cannot send on what has letters beyond Latin-1 in its head, and answers 500.
BEYOND_LATIN = Sent(minute=72, url=f"{ODD}/check", wire=message(HTML, status="200 Schön ✓"))
ALL = (*SENT, *SHADOWED, *GOOD, SELF_REDIRECT, SECURE, BEYOND_LATIN)


@dataclass(frozen=True)
class Got:
    status: int
    reason: str
    headers: http.client.HTTPMessage
    body: bytes


@dataclass(frozen=True)
class Wayback:
    """A pywb that runs, and the archive it shows."""

    port: int
    archive: Layout
    collection: str = "presswarc"

    def get(self, stamp: str, url: str, how: str = "id_") -> Got:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        try:
            path = f"/{self.collection}/{stamp}{how}/{quote(url, safe=':/?&=%;+,@~!$()*')}"
            connection.putrequest("GET", path, skip_accept_encoding=True)
            connection.putheader("Accept-Encoding", "gzip, deflate, br, zstd")
            connection.endheaders()
            answer = connection.getresponse()
            return Got(answer.status, answer.reason, answer.headers, answer.read())
        finally:
            connection.close()

    def at(self, sent: Sent, how: str = "id_") -> Got:
        return self.get(stamp_of(sent.moment), sent.url, how)


def stamp_of(moment: datetime) -> str:
    return moment.strftime("%Y%m%d%H%M%S")


def presswarc(*arguments: object, cwd: Path) -> str:
    command = [sys.executable, "-m", "crawler.cli", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stderr


def reader(name: str) -> str:
    return str(Path(PYTHON or "").with_name(name))


@contextmanager
def wayback(folder: Path, archive: Layout, collection: str = "presswarc") -> Iterator[Wayback]:
    """Starts pywb with the configuration in `folder`."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = folder.with_name(f"{folder.name}.log")
    command = [reader("wayback"), "-b", "127.0.0.1", "-p", str(port), "-d", str(folder)]
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        try:
            wait_for(port, process, log)
            yield Wayback(port, archive, collection)
        finally:
            process.terminate()


def wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(log.read_text())


def write_odd(layout: Layout) -> None:
    """A WARC file with every odd answer, as the capture would have stored it."""
    fields = (
        ("crawlId", "odd-1"),
        ("source", "odd"),
        ("crawlStarted", START.isoformat()),
        ("seed", f"{ODD}/"),
    )
    first: dict[tuple[str, int], FirstCapture] = {}
    with WarcWriter(layout, Origin(source="odd", fields=fields), max_bytes=1 << 30) as writer:
        for sent in ALL:
            stored = stored_response(
                sent.wire, ended=sent.ended, keep_transfer_encoding=sent.keep, to_head=sent.method == "HEAD"
            )
            if sent.of:
                profile = build.NOT_MODIFIED if stored.status == 304 else build.IDENTICAL_PAYLOAD
                draft = build.revisit(sent.url, sent.moment, stored.head, profile, first[sent.of], [])
            else:
                extra = [] if sent.ended else [("WARC-Truncated", "disconnect")]
                of_payload = digest(stored.payload)
                draft = build.response(
                    sent.url, sent.moment, stored.head, stored.body, extra, payload_digest=of_payload
                )
                known = FirstCapture(url=sent.url, captured_at=sent.moment, payload_digest=of_payload)
                first[sent.url, sent.minute] = known
            asked = f"{sent.method} / HTTP/1.1\r\nHost: odd.test\r\n\r\n".encode()
            writer.write([draft, build.request(sent.url, sent.moment, asked, draft, [])])


@pytest.fixture(scope="module")
def archive(crawled_twice, tmp_path_factory) -> Layout:
    """The demo crawled twice, and the odd answers, in a folder whose name needs quotes everywhere."""
    root = tmp_path_factory.mktemp("pywb")
    layout = Layout(root / 'arch "ive" {x} Ärger')
    crawled_twice.copied_to(layout.root)
    write_odd(layout)
    presswarc("replay", "--archive", layout.root, cwd=root)
    return layout


@pytest.fixture(scope="module")
def pywb(archive, tmp_path_factory) -> Iterator[Wayback]:
    folder = tmp_path_factory.mktemp("outside") / "py wb"
    presswarc("export", "--archive", archive.root, "--pywb", folder, cwd=archive.root)
    with wayback(folder, archive) as started:
        yield started


def lines_of(layout: Layout) -> list[Line]:
    return [parse_line(line) for line in read_lines(layout.cdxj)]


@pytest.mark.parametrize(
    "sent", [one for one in SENT if one.method == "GET"], ids=lambda sent: f"{sent.url}@{sent.minute}"
)
def test_odd_answers_come_back_as_they_were(pywb, sent):
    got = pywb.at(sent)
    assert (got.status, got.body) == (sent.status, sent.wanted)
    if 300 <= sent.status < 400:
        assert got.headers["Location"] == headers_of(split_head(sent.wire)[0])["Location"]
        shown = pywb.at(sent, how="mp_").headers["Location"]
        assert shown.endswith(f"/presswarc/{stamp_of(sent.moment)}mp_/{ODD}/plain?{sent.status}")


def test_a_head_is_no_capture_of_the_page(pywb):
    (head, page) = (one for one in SENT if one.url.endswith("/headed"))
    assert head.method == "HEAD"
    assert pywb.at(page).body == HTML


@pytest.mark.parametrize(("bad", "good"), list(zip(SHADOWED, GOOD, strict=True)), ids=["retry", "unchanged"])
def test_of_two_answers_in_one_second_the_good_one_is_shown(pywb, bad, good):
    assert stamp_of(bad.moment) == stamp_of(good.moment)
    assert bad.url == good.url
    got = pywb.at(good)
    assert (got.status, got.body) == (200, HTML)


def test_a_redirect_to_the_same_page_shows_the_page(pywb):
    got = pywb.at(SELF_REDIRECT)
    assert (got.status, got.body) == (200, HTML)


def test_a_head_beyond_latin_1_is_too_much_for_pywb_but_hangs_nobody(pywb):
    assert pywb.at(BEYOND_LATIN).status == 500


def test_every_capture_of_the_demo_comes_back(pywb):
    """All but errors in the second of a better answer: those the index leads past, and they are counted."""
    lines = [
        line for line in lines_of(pywb.archive) if "odd.test" not in line.url and "192.0.2.7" not in line.url
    ]
    assert len(lines) > 200
    by_second = defaultdict(list)
    for line in lines:
        by_second[line.key, line.stamp].append(line)
    bodies = bodies_by_digest(pywb.archive, lines)
    different, shadowed = [], []
    for line in lines:
        best = by_second[line.key, line.stamp][0]
        if line is not best and best.status < line.status and line.status != "304":
            shadowed.append(line)
            continue
        got = pywb.get(line.stamp, line.url)
        status = 200 if line.status == "304" else int(line.status)
        if (got.status, got.body) != (status, bodies[line.digest]):
            different.append((line.url, line.stamp, line.status, got.status))
    assert different == []
    assert {line.status for line in shadowed} <= {"500"}
    assert len(shadowed) <= 2  # the demo's site fails twice, and may answer the retry in the same second


def bodies_by_digest(layout: Layout, lines: list[Line]) -> dict[str, bytes]:
    bodies = {}
    for line in lines:
        if line.mime != "warc/revisit":
            record = read_record_at(layout.warc / line.filename, line.offset)
            assert status_of(split_head(record.block)[0]) == int(line.status)
            bodies[line.digest] = payload_of(record.block)
    return bodies


def test_redirects_of_the_demo_lead_on_within_the_archive(pywb):
    sql = """SELECT url, captured_at, status, redirect_to FROM captures
        WHERE redirect_to <> '' AND source LIKE 'demo%'"""
    with open_published(pywb.archive.root) as connection:
        rows = run_sql(connection, sql).rows
    assert len(rows) >= 4
    for url, captured_at, status, target in rows:
        got = pywb.get(stamp_of(captured_at), url)
        assert (got.status, got.headers["Location"]) == (status, target), url
        shown = pywb.get(stamp_of(captured_at), url, how="mp_").headers["Location"]
        assert f"/presswarc/{stamp_of(captured_at)}mp_/http://{url.split('/')[2]}/" in shown, url


def test_articles_are_shown_with_their_text_and_their_links_rewritten(pywb):
    sql = "SELECT url, first_captured_at, text FROM versions WHERE word_count > 40 ORDER BY ALL"
    with open_published(pywb.archive.root) as connection:
        rows = run_sql(connection, sql).rows[::7]
    assert len(rows) > 5
    for url, captured_at, text in rows:
        got = pywb.get(stamp_of(captured_at), url, how="mp_")
        assert got.status == 200, url
        page = " ".join(html.unescape(got.body.decode()).split())
        assert any(paragraph[:40] in page for paragraph in text.split("\n\n")), url
        assert f"/presswarc/{stamp_of(captured_at)}" in page, url


def test_the_frame_and_the_calendar_of_a_page_are_there(pywb):
    (page, *_) = (one for one in SENT if one.url.endswith("/news"))
    assert pywb.at(page, how="").status == 200
    assert pywb.get("*", page.url, how="").status == 200


def test_nothing_is_shown_that_was_not_captured(pywb):
    assert pywb.get("20261101080000", f"{ODD}/never").status == 404
    assert pywb.get("", "http://127.0.0.1/", how="live").status == 404


def test_a_collection_within_the_archive_moves_with_it(archive, tmp_path):
    before, after = Layout(tmp_path / "before"), Layout(tmp_path / "after here")
    shutil.copytree(archive.root, before.root)
    presswarc("export", "--archive", before.root, "--pywb", before.root / "pywb", cwd=tmp_path)
    before.root.rename(after.root)
    with wayback(after.root / "pywb", after) as moved:
        page = SENT[0]
        assert moved.at(page).body == page.wanted
        unchanged = next(one for one in SENT if one.minute == 20)
        assert moved.at(unchanged).body == HTML


def test_captures_that_come_later_are_shown_without_a_restart(archive, tmp_path):
    layout = Layout(tmp_path / "archive")
    (odd,) = archive.warc.glob("*/*/odd-*")
    shutil.copytree(archive.warc, layout.warc, ignore=shutil.ignore_patterns(odd.name))
    presswarc("replay", "--archive", layout.root, cwd=tmp_path)
    presswarc("export", "--archive", layout.root, "--pywb", tmp_path / "shown", cwd=tmp_path)
    with wayback(tmp_path / "shown", layout) as shown:
        assert shown.at(SENT[0]).status == 404
        shutil.copy(odd, layout.warc / odd.parent.relative_to(archive.warc))
        presswarc("replay", "--archive", layout.root, cwd=tmp_path)
        assert shown.at(SENT[0]).body == HTML


def test_pywb_takes_a_wacz_file_too(archive, tmp_path):
    wacz = tmp_path / "a.wacz"
    presswarc("export", "--archive", archive.root, "--wacz", wacz, cwd=tmp_path)
    folder = tmp_path / "managed"
    folder.mkdir()
    for words in (["init", "taken"], ["add", "--unpack-wacz", "taken", str(wacz)]):
        done = subprocess.run(
            [reader("wb-manager"), *words], cwd=folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    with wayback(folder, archive, "taken") as taken:
        for sent in (one for one in SENT if one.status == 200 and one.method == "GET"):
            if status_of(split_head(sent.wire)[0]) != 304:
                assert taken.at(sent).body == sent.wanted, sent.url
