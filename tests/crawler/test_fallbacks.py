"""Articles whose pages are refused, had from elsewhere: two sites on loopback, a web archive, DVIDS."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from fake_archives import FakeArchive, Old, serving
from running import START, presswarc

from storage.layout import Layout
from storage.model import Record
from storage.query import open_published, run_sql
from storage.warc import read_records

pytestmark = pytest.mark.long

KEY = "key-0123456789abc"
TEASER = "The depot &lt;b&gt;opened&lt;/b&gt; on Friday, a month after the flood, said the major."
WALL = """<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1>
You don't have permission to access this on this server.<P>Reference&#32;#18.1a2b3c4d.1600000000.5e6f7a8b
</BODY></HTML>"""
SEED = """
title = "Paper"
feeds = ["{origin}/feed.xml"]
sitemaps = []
fallbacks = {fallbacks}
revisit_after_s = 0
[scope]
hosts = ["{host}"]
article = ["/story-"]
[politeness]
delay_s = 0
"""
TABLES_SQL = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"
Routes = dict[str, tuple[int, str, str]]


def story(number: int, words: str = "in whole") -> str:
    text = "".join(
        f"<p>Part {part} of story {number}, {words}: the depot was shut {part} days, said the major.</p>"
        for part in range(9)
    )
    return f"<!DOCTYPE html><html><head><title>Story {number}</title></head><body><article>{text}</article>"


def entry(origin: str, number: int, teaser: str = "") -> str:
    return (
        f"<item><title>Depot opens after a month, story {number}</title>"
        f"<link>{origin}/story-{number}/</link><dc:creator>Ann Smith</dc:creator>"
        f"<pubDate>Fri, 20 Nov 2026 {10 + number}:00:00 GMT</pubDate>"
        f"<description>{teaser}</description></item>"
    )


def feed(*entries: str) -> tuple[int, str, str]:
    head = '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>'
    return 200, "application/rss+xml", f"{head}<title>Paper</title>{''.join(entries)}</channel></rss>"


@dataclass
class Site:
    """Answers by path and keeps what it was asked."""

    routes: Routes = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    def answer(self, path: str) -> tuple[int, str, str]:
        return self.routes.get(path) or self.routes.get(urlsplit(path).path) or (404, "text/html", "none")


@contextmanager
def served(site: Site) -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            site.asked.append(self.path)
            status, kind, text = site.answer(self.path)
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def dvids_of(number: int) -> Routes:
    """The service with one story that fits and one of another week."""
    told = {
        "id": "news:574898",
        "title": f"Depot opens after a month: Story {number}",
        "date_published": "2026-11-19T22:00:00Z",
        "credit": [{"name": "Ann Smith", "rank": "Sgt."}],
        "url": "https://www.dvidshub.net/news/574898/depot-opens",
    }
    late = told | {"id": "news:1", "date_published": "2026-11-29T22:00:00Z"}
    whole = told | {"body": story(number, "as the service has it")}
    return {
        "/search": (200, "application/json", json.dumps({"results": [late, told]})),
        "/asset": (200, "application/json", json.dumps({"results": whole})),
    }


def rows(archive: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_published(archive) as connection:
        return [tuple(row) for row in run_sql(connection, sql, None, 60.0).rows]


def records(archive: Path) -> list[Record]:
    found = [one for path in Layout(archive).warc_files() for one in read_records(path)]
    assert all(isinstance(one, Record) for one in found)
    return [one for one in found if isinstance(one, Record)]


def report(archive: Path) -> dict[str, Any]:
    path = max(archive.glob("crawls/*/report.json"))
    told: dict[str, Any] = json.loads(path.read_text())
    return told


@dataclass
class Paper:
    """A site, its archive after two crawls, the index after the first (`first`), and what that one said."""

    site: Site
    archive: Path
    wayback: FakeArchive
    dvids: Site
    environ: dict[str, str]
    line: str = ""
    asked: tuple[int, int] = (0, 0)

    @property
    def first(self) -> Path:
        return self.archive.parent / "first"

    @property
    def words(self) -> list[object]:
        words = ["crawl", self.archive.parent / "paper.toml", "--archive", self.archive]
        for port in (self.site.port, self.wayback.port, self.dvids.port):
            words += ["--allow-address", f"127.0.0.1:{port}"]
        return words

    def crawl(self, code: int = 0) -> str:
        return presswarc(*self.words, code=code, cwd=self.archive.parent, env=self.environ).stderr

    def keep_first(self) -> None:
        """Keep the index, and of the archive what the tests of the first crawl look at."""
        self.first.mkdir()
        shutil.copytree(self.archive / "warc", self.first / "warc")
        shutil.copytree(self.archive / "crawls", self.first / "crawls")
        shutil.copyfile(self.archive / "index.duckdb", self.first / "index.duckdb")
        self.asked = len(self.wayback.asked), len(self.dvids.asked)


@contextmanager
def paper_at(folder: Path, fallbacks: list[str]) -> Iterator[Paper]:
    wayback = FakeArchive()
    with served(Site()) as site, served(Site(routes=dvids_of(4))) as dvids, serving(wayback):
        toml = SEED.format(origin=site.origin, host=site.host, fallbacks=json.dumps(fallbacks))
        (folder / "paper.toml").write_text(toml)
        environ = {
            "PRESSWARC_WAYBACK_ENDPOINT": f"{wayback.origin}/web",
            "PRESSWARC_DVIDS_ENDPOINT": dvids.origin,
            "PRESSWARC_DVIDS_KEY": KEY,
            "PRESSWARC_WORKERS": "1",
        }
        yield Paper(site, folder / "archive", wayback, dvids, environ)


@pytest.fixture(scope="module")
def paper(tmp_path_factory) -> Iterator[Paper]:
    """A site that forbids all articles but the seventh: each is to be had in another way.

    For the second crawl the first article is open, and the web archive has a copy of the eighth.
    """
    with paper_at(tmp_path_factory.mktemp("paper"), ["feed", "print", "wayback", "dvids"]) as made:
        site, origin = made.site, made.site.origin
        site.routes |= {
            "/robots.txt": (200, "text/plain", "User-agent: *\nDisallow: /story-3/print"),
            "/feed.xml": feed(*(entry(origin, n, TEASER if n in {1, 6, 7, 8} else "") for n in range(1, 9))),
            **{f"/story-{n}/": (403, "text/html", "Forbidden") for n in (2, 3, 4, 5, 8)},
            "/story-1/": (403, "text/html", WALL),
            "/story-2/print/": (200, "text/html", story(2, "printed")),
            "/story-7/": (200, "text/html", story(7)),
        }
        made.wayback.captures += [
            Old(url=f"{origin}/story-3/", stamp="20261120130000", body=b"<p>Wall", status=200),
            Old(url=f"{origin}/story-3/", stamp="20261120120000", body=story(3, "archived").encode()),
            Old(url=f"{origin}/story-3/", stamp="20261120110000", body=story(3, "older").encode()),
            Old(url=f"{origin}/story-3/", stamp="20261120140000", body=WALL.encode(), status=403),
        ]
        made.line = made.crawl()
        made.keep_first()
        site.routes["/story-1/"] = (200, "text/html", story(1))
        late = Old(url=f"{origin}/story-8/", stamp="20261120190000", body=story(8, "archived").encode())
        made.wayback.captures.append(late)
        made.crawl()
        yield made


def test_each_refused_article_is_had_from_the_first_fallback_that_has_it(paper):
    origin = paper.site.origin
    found = rows(paper.first, "SELECT url, fallback, stands_alone FROM fallbacks WHERE outcome = 'article'")
    assert sorted(found) == [
        (f"{origin}/story-1/", "feed", True),
        (f"{origin}/story-2/", "print", True),
        (f"{origin}/story-3/", "wayback", True),
        (f"{origin}/story-4/", "dvids", True),
        (f"{origin}/story-8/", "feed", True),
    ]


def test_a_teaser_is_an_article_that_says_what_it_is(paper):
    url = f"{paper.site.origin}/story-1/"
    found = rows(
        paper.first, f"SELECT title, text, authors, published_at::VARCHAR FROM articles WHERE url = '{url}'"
    )
    text = "The depot opened on Friday, a month after the flood, said the major."
    assert found == [("Depot opens after a month, story 1", text, ["Ann Smith"], "2026-11-20 11:00:00")]
    of_story = [one for one in records(paper.first) if one.target_uri == url]
    (made,) = [one for one in of_story if one.record_type == "conversion"]
    assert made.headers["X-Presswarc-Fallback"] == "feed; description"
    (feed_record,) = [
        one for one in records(paper.first) if f"<{one.record_id}>" == made.headers["WARC-Refers-To"]
    ]
    assert feed_record.target_uri == f"{paper.site.origin}/feed.xml"
    assert made.captured_at == feed_record.captured_at
    taken = f"SELECT taken_from FROM fallbacks WHERE url = '{url}' AND outcome = 'article'"
    assert rows(paper.first, taken) == [(feed_record.target_uri,)]


def test_what_was_had_elsewhere_keeps_its_date_and_its_address(paper):
    origin = paper.site.origin
    sql = "SELECT fallback, record_url, captured_at::VARCHAR FROM fallbacks WHERE outcome = 'article'"
    found = {fallback: (url, at) for fallback, url, at in rows(paper.first, sql)}
    assert found["wayback"] == (f"{origin}/story-3/", "2026-11-20 12:00:00")
    assert found["print"][0] == f"{origin}/story-2/print/"
    assert found["dvids"][0] == "https://www.dvidshub.net/news/574898/depot-opens"
    ((text,),) = rows(paper.first, f"SELECT text FROM articles WHERE url = '{found['dvids'][0]}'")
    assert text.startswith("Part 0 of story 4, as the service has it")
    assert rows(paper.first, f"FROM articles WHERE url LIKE '{origin}/story-4/%'") == []


def test_print_views_keep_to_robots_txt_and_what_is_gone_is_not_looked_for(paper):
    assert [path for path in paper.site.asked if path.startswith("/story-3/print")] == []
    denied = "SELECT record_url FROM fallbacks WHERE outcome = 'robots_denied'"
    assert rows(paper.archive, denied) == [(f"{paper.site.origin}/story-3/print/",)]
    assert rows(paper.archive, "FROM fallbacks WHERE url LIKE '%story-6/' OR url LIKE '%story-7/'") == []


def test_the_key_is_written_nowhere(paper):
    assert sum(KEY in path for path in paper.dvids.asked) == len(paper.dvids.asked) == 3
    asked = [one.target_uri or "" for one in records(paper.archive)]
    assert [url for url in asked if "/asset?" in url] == [f"{paper.dvids.origin}/asset?id=news%3A574898"] * 2
    for one in records(paper.archive):
        assert KEY not in repr(one.headers), one
        assert KEY.encode() not in one.block, one
    files = [path for path in paper.archive.rglob("*") if path.is_file()]
    assert [path for path in files if KEY.encode() in path.read_bytes()] == []
    assert KEY not in paper.line
    shown = presswarc("config", "show", "--json", cwd=paper.archive.parent, env=paper.environ)
    assert KEY not in shown.stdout + shown.stderr


def test_the_report_and_the_status_tell_of_fallbacks_and_the_refusals_stay(paper):
    told = report(paper.first)
    ways = {name: count for name, count in told["fallbacks"].items() if ":" not in name}
    assert ways == {"feed": 2, "print": 1, "wayback": 1, "dvids": 1, "none": 1}
    assert told["statuses"] == {"200": 3, "403": 6, "404": 1}
    assert "fallbacks feed 2, none 1, dvids 1, wayback 1, print 1" in paper.line
    health = json.loads((next(paper.first.glob("crawls/*")) / "health.json").read_text())
    assert (health["quality"]["fallback_articles"], health["quality"]["read_pages"]) == (5, 1)
    shown = presswarc("status", "--archive", paper.archive, "--table", cwd=paper.archive.parent)
    assert "paper: 4 articles had from fallbacks only" in shown.stderr


def test_the_next_crawl_looks_for_teasers_in_whole_and_repeats_nothing(paper):
    origin = paper.site.origin
    asked = [urlsplit(path) for path in paper.wayback.asked[paper.asked[0] :]]
    assert [parse_qs(one.query)["url"] for one in asked if one.query] == [[f"{origin}/story-8/"]]
    assert len(paper.dvids.asked) == paper.asked[1]
    made = [one.target_uri for one in records(paper.archive) if one.record_type == "conversion"]
    assert len(made) == len(set(made)) == 3
    assert report(paper.archive)["fallbacks"]["wayback"] == 1
    ((text,),) = rows(paper.archive, f"SELECT text FROM articles WHERE url = '{origin}/story-8/'")
    assert text.startswith("Part 0 of story 8, archived")
    assert rows(paper.archive, f"SELECT version FROM versions WHERE url = '{origin}/story-8/'") == [(1,)]


def test_a_page_that_opens_takes_the_teasers_place_as_a_version(paper):
    url = f"{paper.site.origin}/story-1/"
    versions = rows(paper.archive, f"SELECT version, word_count FROM versions WHERE url = '{url}' ORDER BY 1")
    assert [version for version, _ in versions] == [1, 2]
    assert versions[0][1] < 20 < versions[1][1]
    alone = f"SELECT stands_alone FROM fallbacks WHERE outcome = 'article' AND url = '{url}'"
    assert rows(paper.archive, alone) == [(False,)]


def test_every_table_is_the_same_live_and_replayed(paper, tmp_path):
    presswarc("replay", "--archive", paper.archive, "--into", tmp_path / "again", cwd=tmp_path)
    tables = [name for (name,) in rows(paper.archive, TABLES_SQL)]
    assert "fallbacks" in tables
    for table in tables:
        live = sorted(map(repr, rows(paper.archive, f"FROM {table}")))
        assert live == sorted(map(repr, rows(tmp_path / "again", f"FROM {table}"))), table
    assert Layout(paper.archive).cdxj.read_bytes() == Layout(tmp_path / "again").cdxj.read_bytes()
    found = presswarc("verify", "--json", "--archive", paper.archive, cwd=tmp_path)
    assert json.loads(found.stdout)["findings"] == []


class Killing(list[str]):
    """What an archive was asked, whose second question kills a process."""

    process: subprocess.Popen[str] | None = None

    def append(self, path: str) -> None:
        super().append(path)
        if self.process is not None and sum("/cdx/" in one for one in self) == 2:
            self.process.kill()
            self.process.wait()


def test_a_wall_before_all_articles_and_a_kill_in_between_lose_nothing_and_repeat_nothing(tmp_path):
    with paper_at(tmp_path, ["feed", "wayback"]) as paper:
        origin, killing = paper.site.origin, Killing()
        paper.site.routes |= {
            "/feed.xml": feed(*(entry(origin, n, TEASER if n < 11 else "") for n in range(1, 13))),
            **{f"/story-{n}/": (403, "text/html", WALL) for n in range(1, 13)},
        }
        paper.wayback.captures += [
            Old(url=f"{origin}/story-{n}/", stamp="20261120120000", body=story(n).encode()) for n in (11, 12)
        ]
        paper.wayback.asked = killing
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWARC_")}
        words = [*START, *map(str, paper.words)]
        with subprocess.Popen(words, cwd=tmp_path, env=kept | paper.environ, text=True) as process:
            killing.process = process
            assert process.wait(120) == -signal.SIGKILL
        killing.process = None
        refused = [path for path in paper.site.asked if path.startswith("/story-")]
        assert refused[:3] == ["/story-12/", "/story-11/", "/story-10/"]
        assert "/story-1/" not in refused  # by then the host is left alone

        line = paper.crawl(code=3)  # it is still
        assert "fallbacks wayback 1, feed 10" in line
        assert [path for path in paper.site.asked if path.startswith("/story-")] == refused
        assert len(paper.wayback.played) == len(set(paper.wayback.played)) == 2
        found = rows(
            paper.archive, "SELECT url, fallback, stands_alone FROM fallbacks WHERE outcome = 'article'"
        )
        assert sorted(found, key=lambda row: (row[1], row[0])) == [
            *sorted((f"{origin}/story-{n}/", "feed", True) for n in range(1, 11)),
            *((f"{origin}/story-{n}/", "wayback", True) for n in (11, 12)),
        ]


def test_a_check_of_seeds_says_which_fallback_cannot_work(tmp_path):
    toml = 'sitemaps = ["https://a.example/s.xml"]\n[scope]\nhosts = ["a.example"]\n'
    (tmp_path / "paper.toml").write_text(f'fallbacks = ["feed", "dvids"]\n{toml}')
    done = presswarc("seeds", "check", "paper.toml", code=1, cwd=tmp_path)
    assert done.stdout.splitlines() == [
        "paper.toml:1 fallbacks: feed: the seed has no feeds, and no pages that could name one",
        "paper.toml:1 fallbacks: dvids: needs a key: set dvids_key in presswarc.toml, or PRESSWARC_DVIDS_KEY",
    ]
