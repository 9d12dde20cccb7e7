"""A site crawled again: what is stored once, what a 304 speaks of, and what the next start mends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from storage.layout import Layout
from storage.model import Record
from storage.query import open_published, run_sql
from storage.warc import build, read_records
from storage.warc.build import read_warc_fields
from storage.warc.digests import digest
from storage.warc.write import pack

pytestmark = pytest.mark.long

SEED = """
title = "Paper"
urls = ["http://127.0.0.1:{port}/"]
revisit_after_s = 0
[scope]
hosts = ["127.0.0.1:{port}"]
[politeness]
delay_s = 0
"""
STORY = "/2026/story-number-1-of-the-day"
FRONT = f'<title>Paper</title><p><a href="{STORY}">Story one of the day</a></p>'
A = "<title>Story</title>" + "<p>The harbour stayed closed, said the master, and no ship came in.</p>" * 8
B = A.replace("closed", "open")


def reply(body: str, *fields: str, status: str = "200 OK") -> bytes:
    lines = [f"HTTP/1.1 {status}", "Content-Type: text/html", f"Content-Length: {len(body)}", *fields]
    return ("\r\n".join(lines) + "\r\n\r\n" + body).encode("ascii")


class Site:
    """The server, its seed, and the archive that is made of it."""

    def __init__(self, serve: Any, wire: Any, folder: Path) -> None:
        self._wire = wire
        self._folder = folder
        self.layout = Layout(folder / "archive")
        self.server = serve({})
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.show("/robots.txt", reply("", status="404 Not Found"))
        self.show("/sitemap.xml", reply("", status="404 Not Found"))
        self.show("/", reply(FRONT))
        (folder / "paper.toml").write_text(SEED.format(port=self.server.port))

    def show(self, path: str, sent: bytes, then: str = "keep") -> None:
        """Answer `path` so from now on."""
        self.server.routes[path] = self._wire.Answer(sent=sent, then=then)

    def run(self, *arguments: object, code: int = 0, **environ: str) -> str:
        """Run a verb on the archive; what it said on stderr."""
        done = subprocess.run(
            [sys.executable, "-m", "crawler.cli", *map(str, arguments)],
            cwd=self._folder,
            env={**os.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == code, done.stderr
        return done.stderr

    def crawl(self, **environ: str) -> str:
        """Crawl once more."""
        allowed = f"127.0.0.1:{self.server.port}"
        return self.run("crawl", "paper.toml", "--allow-address", allowed, **environ)

    def rows(self, sql: str, archive: Path | None = None) -> list[tuple[Any, ...]]:
        """Rows of the published index."""
        with open_published(archive or self.layout.root) as connection:
            return [tuple(row) for row in run_sql(connection, sql, None, 60.0).rows]

    def captures(self, path: str = STORY) -> list[tuple[str, int, datetime, datetime | None]]:
        """Type, status, time, and time referred to, of each capture of a page, oldest first."""
        return self.rows(
            "SELECT record_type, status, captured_at, refers_to_at FROM captures "
            f"WHERE url = '{self.url}{path}' ORDER BY captured_at"
        )

    def asked(self, path: str = STORY) -> list[bytes]:
        """The requests for a page."""
        found: list[bytes] = self.server.requests(path)
        return found


@pytest.fixture
def site(serve, wire, tmp_path):
    return Site(serve, wire, tmp_path)


def test_a_page_that_changes_back_refers_to_the_first_time(site):
    for body in (A, B, A, B, B):
        site.show(STORY, reply(body))
        site.crawl()
    captures = site.captures()
    assert [kind for kind, *_ in captures] == ["response", "response", "revisit", "revisit", "revisit"]
    first, second = captures[0][2], captures[1][2]
    assert [refers for *_, refers in captures[2:]] == [first, second, second]


def test_without_the_frontier_the_index_still_knows_the_body(site):
    site.show(STORY, reply(A, 'ETag: "1"'))
    site.crawl()
    for path in site.layout.state.glob("frontier.sqlite*"):
        path.unlink()
    site.crawl()
    assert b"If-None-Match" not in site.asked()[1]
    (first, _), (second, refers) = ((kind, refers) for kind, _, _, refers in site.captures())
    assert (first, second) == ("response", "revisit")
    assert refers == site.captures()[0][2]


def test_a_body_whose_file_is_gone_is_asked_for_and_stored_again(site):
    site.show(STORY, reply(A, 'ETag: "1"'))
    site.crawl()
    for path in site.layout.warc_files():
        path.rename(path.with_name(path.name + ".elsewhere"))
    site.crawl()
    assert b"If-None-Match" not in site.asked()[1]
    stored = [
        one
        for path in site.layout.warc_files()
        for one in read_records(path)
        if isinstance(one, Record) and one.target_uri == f"{site.url}{STORY}"
    ]
    assert [one.record_type for one in stored][:1] == ["response"]


def test_a_304_refers_to_the_capture_whose_etag_was_sent(site):
    site.show(STORY, reply(A, 'ETag: "1"'))
    site.crawl()
    site.show(STORY, b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n')
    site.crawl()
    assert b'If-None-Match: "1"' in site.asked()[1]
    first, second = site.captures()
    assert second == ("revisit", 304, second[2], first[2])


@pytest.mark.parametrize("etag", [b'"\xe9"', '"\u00e9\u4e2d"'.encode()])
def test_an_etag_goes_back_in_the_bytes_in_which_it_came(site, etag):
    site.show(STORY, reply(A, "ETag: @").replace(b"@", etag))
    site.crawl()
    site.show(STORY, b"HTTP/1.1 304 Not Modified\r\n\r\n")
    site.crawl()
    assert b"If-None-Match: %s\r\n" % etag in site.asked()[1]
    first, second = site.captures()
    assert second == ("revisit", 304, second[2], first[2])


@pytest.mark.parametrize("etag", ['"a\0b"', f'"{"x" * 9000}"'])
def test_an_etag_that_no_server_takes_back_is_not_sent(site, etag):
    site.show(STORY, reply(A, f"ETag: {etag}"))
    site.crawl()
    site.crawl()
    assert b"If-None-Match" not in site.asked()[1]


def test_a_redirect_asks_for_its_target_without_the_first_urls_conditions(site):
    moved = "/2026/story-number-2-of-the-day"
    site.show(STORY, reply(A, 'ETag: "1"'))
    site.show(moved, reply(B, 'ETag: "2"'))
    site.crawl()
    site.show(STORY, reply("", f"Location: {moved}", status="301 Moved Permanently"))
    site.crawl()
    assert b'If-None-Match: "1"' in site.asked()[1]
    assert b"If-None-Match" not in site.asked(moved)[0]
    found = site.rows(f"SELECT found_on, found_in, kind FROM discoveries WHERE url = '{site.url}{moved}'")
    assert found == [(f"{site.url}{STORY}", "redirect", "article")]
    site.crawl()
    assert b'If-None-Match: "2"' in site.asked(moved)[-1]


def test_how_each_url_was_found_is_the_same_live_and_replayed(site, tmp_path):
    site.show("/robots.txt", reply("User-agent: *\nDisallow: /2026/\n", "Cache-Control: no-cache"))
    site.crawl()
    site.show("/robots.txt", reply("User-agent: *\nDisallow:\n"))
    site.show(STORY, b"SSH-2.0-lamp\r\n", then="close")
    (site.layout.frontier).unlink()
    site.crawl(PRESSWARC_RETRIES="0")
    site.run("replay", "--into", tmp_path / "again")
    sql = "FROM discoveries ORDER BY ALL"
    assert site.rows(sql, tmp_path / "again") == site.rows(sql)
    of_story = f"""SELECT f.outcome, d.found_on, d.kind, d.depth, d.title
        FROM discoveries d JOIN failures f USING (record_id) WHERE d.url = '{site.url}{STORY}' ORDER BY 1"""
    told = (f"{site.url}/", "article", 1, "Story one of the day")
    assert site.rows(of_story) == [("disconnected", *told), ("robots_denied", *told)]


def test_chunks_and_secrets_are_kept_where_the_configuration_says_so(site):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    framed = head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(A), A.encode())
    site.show(STORY, framed)
    site.crawl(PRESSWARC_KEEP_TRANSFER_ENCODING="true")
    site.crawl(PRESSWARC_KEEP_TRANSFER_ENCODING="yes")
    site.crawl()
    site.crawl()
    kinds = [kind for kind, *_ in site.captures()]
    assert kinds == ["response", "revisit", "response", "revisit"]
    blocks = [
        one.block
        for path in site.layout.warc_files()
        for one in read_records(path)
        if isinstance(one, Record) and one.record_type == "response" and one.target_uri == site.url + STORY
    ]
    assert blocks[0] == framed
    assert blocks[1].endswith(b"\r\n\r\n" + A.encode())
    assert {row[0] for row in site.rows("SELECT payload_digest FROM captures WHERE status = 200")} >= {
        digest(A.encode())
    }


def test_each_file_says_who_made_it(site):
    site.show(STORY, reply(A))
    site.crawl(PRESSWARC_OPERATOR="The Archive")
    (path,) = site.layout.warc_files()
    info = next(read_records(path))
    assert isinstance(info, Record)
    fields = read_warc_fields(info.block)
    assert fields["operator"] == "The Archive"
    assert fields["seed"] == f"{site.url}/"
    assert fields["robots"] == "obey"
    assert fields["software"].startswith("presswarc/")
    assert {"crawlId", "hostname", "conformsTo", "http-header-user-agent"} <= fields.keys()


def test_what_a_killed_crawl_left_open_is_told_in_the_next_report(site):
    site.show(STORY, reply(A))
    site.crawl()
    (path,) = site.layout.warc_files()
    torn = build.response(f"{site.url}/torn", datetime.now().astimezone(), b"", os.urandom(500), [])
    data = path.read_bytes()
    path.with_name(path.name + ".open").write_bytes(data + pack(torn)[:200])
    path.unlink()
    said = site.crawl()
    report = max(site.layout.crawl("").glob("*/report.json"), key=lambda one: one.stat().st_mtime_ns)
    (note,) = (one for one in json.loads(report.read_text())["notes"] if "left open" in one)
    assert f"{len(data)} bytes kept, 200 bytes set aside" in note
    assert note in said
    log = (report.parent / "log.ndjson").read_text().splitlines()
    assert json.loads(log[0])["url"] == site.layout.warc_name(path)
    assert path.read_bytes() == data
