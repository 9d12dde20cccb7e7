"""`presswarc crawl` and `scrapy crawl` as real commands, on the sample sites and on a loopback server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from storage.layout import Layout
from storage.model import Record
from storage.query import open_published, run_sql
from storage.warc import read_records

ROOT = Path(__file__).resolve().parents[2]
ARTICLE = "<p>{0} {1} the harbour was closed for the third day, the master said, and no ship came in.</p>"
PAGE = "<!DOCTYPE html><title>{0}</title><body><h1>{0}</h1><article>{1}</article></body>"


def run(*arguments: object, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def rows(archive: Path, sql: str) -> list[tuple]:
    with open_published(archive) as connection:
        return [tuple(row) for row in run_sql(connection, sql, None, 60.0).rows]


@pytest.fixture
def paper():
    """A small news site on loopback; every hit is noted."""
    hits: list[str] = []

    class Site(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self):
            hits.append(self.path)
            status, body, kind = 200, b"", "text/html; charset=utf-8"
            if self.path == "/robots.txt":
                body, kind = b"User-agent: *\nDisallow: /private/\n", "text/plain"
            elif self.path == "/":
                links = "".join(
                    f'<li><a href="/2026/11/story-number-{n}-of-the-day">Story {n}</a>' for n in range(12)
                )
                extra = '<a href="/private/draft-of-a-story">Draft</a> <a href="http://127.0.0.1:9/x">Elsewhere</a>'
                extra += ' <a href="/go">Away</a>'
                body = PAGE.format("The Paper", f"<ul>{links}</ul>{extra}").encode()
            elif self.path.startswith("/2026/"):
                number = self.path.rsplit("-", 4)[1]
                text = "".join(
                    ARTICLE.format(f"In part {part} of story {number},", "at noon") for part in range(5)
                )
                body = PAGE.format(f"Story number {number}", text).encode()
                time.sleep(0.05)
            else:
                status = 302 if self.path == "/go" else 404
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.2:9/elsewhere")
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}", hits
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_url_on_loopback_is_refused_without_allow_address(paper, tmp_path):
    address, hits = paper
    done = run("crawler.cli", "crawl", f"http://{address}/", "--delay", 0, cwd=tmp_path)
    assert done.returncode == 3, done.stderr
    assert hits == []
    outcomes = rows(tmp_path / "archive", "SELECT DISTINCT outcome FROM failures")
    assert outcomes == [("address_refused",)]


def test_a_url_is_crawled_within_scope_and_robots(paper, tmp_path):
    address, hits = paper
    options = ("--allow-address", address, "--delay", 0)
    done = run("crawler.cli", "crawl", f"http://{address}/", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    archive = tmp_path / "archive"
    assert rows(archive, "SELECT count(*) FROM articles WHERE url LIKE '%story-number%'") == [(12,)]
    assert rows(archive, "SELECT outcome FROM failures WHERE url LIKE '%/private/%'") == [("robots_denied",)]
    assert not any(hit.startswith("/private/") for hit in hits)
    report = json.loads(next((archive / "crawls").glob("*/report.json")).read_text())
    assert report["exit_code"] == 0
    assert report["links"]["another host"] == 1
    assert report["links"]["redirect: another host"] == 1
    assert rows(archive, "SELECT status FROM captures WHERE url LIKE '%/go'") == [(302,)]


@pytest.mark.long
def test_a_crawl_that_is_killed_goes_on_where_it_stopped_and_loses_no_capture(paper, tmp_path):
    address, hits = paper
    archive = tmp_path / "archive"
    command = ["crawler.cli", "crawl", f"http://{address}/", "--allow-address", address, "--delay", "0.05"]
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=tmp_path, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while sum(hit.startswith("/2026/") for hit in hits) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    left = list(archive.glob("warc/**/*.open"))
    assert len(left) == 1
    whole = [
        one for one in read_records(left[0]) if isinstance(one, Record) and one.record_type == "response"
    ]
    before = {one.target_uri for one in whole if "/2026/" in (one.target_uri or "")}
    assert before
    hits.clear()

    done = run(*command, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert list(archive.glob("warc/**/*.open")) == []
    again = {f"http://{address}{hit}" for hit in hits if hit.startswith("/2026/")}
    assert again.isdisjoint(before)
    assert rows(archive, "SELECT count(*) FROM articles WHERE url LIKE '%story-number%'") == [(12,)]
    assert run("crawler.cli", "verify", cwd=tmp_path).stdout.count("try:") == len(
        list(archive.glob("warc/**/*.torn"))
    )


def test_interrupting_a_crawl_saves_it_and_exits_130(paper, tmp_path):
    address, hits = paper
    command = ["crawler.cli", "crawl", f"http://{address}/", "--allow-address", address, "--delay", "0.2"]
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=tmp_path, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not any(hit.startswith("/2026/") for hit in hits) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 130, errors.decode()
    assert rows(tmp_path / "archive", "SELECT count(*) > 0 FROM articles") == [(True,)]
    assert list((tmp_path / "archive").glob("warc/**/*.open")) == []


def test_scrapy_crawls_the_same_and_writes_its_items(tmp_path):
    out = tmp_path / "articles.jsonl"
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "crawl", "news", "-a", "seed=demo", "-O", str(out)],
        cwd=ROOT,
        env={
            **os.environ,
            "PRESSWARC_ARCHIVE": str(tmp_path / "archive"),
            "PRESSWARC_CONTACT": "https://desk.test/",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    items = [json.loads(line) for line in out.read_text().splitlines()]
    indexed = dict(rows(tmp_path / "archive", "SELECT url, text FROM articles"))
    assert {item["url"]: item["text"] for item in items} == indexed
    assert len(indexed) >= 22
    (path,) = Layout(tmp_path / "archive").warc_files()
    asked = [
        one.block for one in read_records(path) if isinstance(one, Record) and one.record_type == "request"
    ]
    assert all(b"User-Agent: presswarc/" in block and b"(+https://desk.test/)" in block for block in asked)


def test_scrapy_lists_the_spiders():
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stdout.split() == ["defense", "news"]


def test_a_second_crawl_of_a_busy_archive_is_refused_with_the_holders_pid(paper, tmp_path):
    address, hits = paper
    command = ["crawler.cli", "crawl", f"http://{address}/", "--allow-address", address, "--delay", "0.2"]
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=tmp_path, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not hits and time.monotonic() < deadline:
        time.sleep(0.01)
    done = run(*command, cwd=tmp_path)
    process.kill()
    process.wait()
    assert done.returncode == 4
    assert str(process.pid) in done.stderr


def test_a_dry_run_shows_the_first_requests_and_makes_nothing(tmp_path):
    done = run("crawler.cli", "crawl", "demo", "--dry-run", cwd=tmp_path)
    assert done.returncode == 0
    assert "feed\tin\thttp://www.harbor-courier.test/feed/" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_no_robots_is_refused_unless_the_seed_says_so(tmp_path):
    done = run("crawler.cli", "crawl", "demo", "--no-robots", cwd=tmp_path)
    assert done.returncode == 2
    assert "obeys robots.txt" in done.stderr
    assert "try: set obey = false" in done.stderr


def test_an_unknown_seed_is_named_with_the_nearest(tmp_path):
    done = run("crawler.cli", "crawl", "demo-defence", cwd=tmp_path)
    assert done.returncode == 2
    assert "did you mean `demo-defense`?" in done.stderr
    assert list(tmp_path.iterdir()) == []
