"""Pages that are nothing without a browser: rendered, archived, replayed; and pages that do one harm."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from running import START, presswarc

from crawler.browser.chromium import NAMES
from pipelines.run import ReadCapture, extract, read_rows
from storage.article import Outcome
from storage.layout import Layout
from storage.model import Record
from storage.query import open_published, run_sql
from storage.warc import read_records

pytest.importorskip("playwright")
pytestmark = [
    pytest.mark.skipif(not any(map(shutil.which, NAMES)), reason="there is no Chromium here"),
    pytest.mark.long,
]
GOOD = ("first", "second")
BAD = ("endless", "talkative", "nosy", "stuck", "huge", "dying")
TABLES_SQL = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"
LIMITS = {"PRESSWARC_BROWSER_WALL_S": "5", "PRESSWARC_BROWSER_DOM_BYTES": "1000000"}


@dataclass(frozen=True)
class Done:
    site: Any
    archive: Path
    seed: Path
    home: Path
    report: dict[str, Any]
    code: int
    said: str

    def rows(self, sql: str, archive: Path | None = None) -> list[tuple[Any, ...]]:
        with open_published(archive or self.archive) as connection:
            return [tuple(row) for row in run_sql(connection, sql, None, 60.0).rows]

    def records(self, path: str) -> list[Record]:
        return [
            one
            for file in Layout(self.archive).warc_files()
            for one in read_records(file)
            if isinstance(one, Record) and one.target_uri == self.site.base + path
        ]


@pytest.fixture(scope="module")
def crawl(browser_site: Any) -> Iterator[Callable[..., Done]]:
    """Crawls a site whose home page leads to the pages named; the crawls of one folder share an archive."""
    sites: dict[Path, Any] = {}

    def run(folder: Path, *names: str, **more: str) -> Done:
        if folder not in sites:
            sites[folder] = browser_site.BrowserSite(*names)
        site, home = sites[folder], folder / "tmp"
        home.mkdir(exist_ok=True)
        seed, archive = site.seed(folder, revisit_after_s=0), folder / "archive"
        words = ["crawl", seed, "--archive", archive, "--allow-address", f"127.0.0.1:{site.port}"]
        env = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWARC_")}
        env |= {"TMPDIR": str(home), **LIMITS, **more}
        with subprocess.Popen(
            [*START, *map(str, words)], env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        ) as started:
            site.crawl_pid = started.pid
            said, _ = started.communicate(timeout=300)
        reports = sorted(archive.glob("crawls/*/report.json"))
        report = json.loads(reports[-1].read_text()) if reports else {}
        return Done(site, archive, seed, home, report, started.returncode, said)

    yield run
    for site in sites.values():
        site.stop()


@pytest.fixture(scope="module")
def done(crawl: Callable[..., Done], tmp_path_factory: pytest.TempPathFactory) -> Done:
    return crawl(tmp_path_factory.mktemp("browser"), *GOOD, *BAD)


@pytest.mark.parametrize("name", [*GOOD, "endless", "talkative", "nosy"])
def test_an_article_that_scripts_fetch_is_in_the_index(done, name):
    url = f"{done.site.base}/news/{name}"
    assert done.rows(f"SELECT title, text FROM articles WHERE url = '{url}'") == [
        (f"County weighs repairs of the {name} bridge", done.site.text(name))
    ], done.said


def test_without_a_browser_there_is_no_text(done):
    (page,) = [
        row
        for file in Layout(done.archive).warc_files()
        for row in read_rows(file, file.name)
        if isinstance(row, ReadCapture)
        and row.capture.url.endswith("/news/first")
        and row.capture.record_type == "response"
    ]
    assert extract(page.record, page.capture).outcome is Outcome.NEEDS_JAVASCRIPT


def test_a_crawl_with_harmful_pages_comes_to_its_end(done):
    assert done.code == 0, done.said
    assert done.report["reason"] == "finished"
    assert done.report["browser"]["rendered"] == 1 + len(GOOD) + 3
    assert done.report["browser"]["failed"] == 3


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("stuck", "the page's scripts never rest"),
        ("huge", "the page is larger than 1000000 bytes"),
        ("dying", "the page's process crashed"),
    ],
)
def test_a_page_that_the_browser_makes_nothing_of_is_told_with_its_reason(done, name, reason):
    url = f"{done.site.base}/news/{name}"
    assert done.rows(f"SELECT outcome, reason FROM failures WHERE url = '{url}'") == [
        ("render_failed", reason)
    ]
    assert [one.record_type for one in done.records(f"/news/{name}")].count("conversion") == 0


def test_the_record_of_a_rendered_page_says_what_it_was_made_of_and_by_what(done):
    records = done.records("/news/first")
    (answer,) = [one for one in records if one.record_type == "response"]
    (made,) = [one for one in records if one.record_type == "conversion"]
    assert made.headers["WARC-Refers-To"] == f"<{answer.record_id}>"
    assert made.headers["Content-Type"] == "text/html; charset=utf-8"
    assert made.headers["X-Presswarc-Rendered-By"].startswith("Chromium/")
    assert made.captured_at == answer.captured_at
    html = made.block.decode()
    assert "<h1>County weighs repairs of the first bridge</h1>" in html
    assert "enable JavaScript" not in html
    facts = [one.block.decode() for one in records if b"renderEnded" in one.block]
    assert ["renderEnded: quiet" in one and "1 image" in one for one in facts] == [True]


@pytest.mark.parametrize("path", ["/news/first", "/app.js", "/api/news/first.json"])
def test_what_the_browser_was_given_is_archived_as_it_came(done, path):
    (answer,) = [one for one in done.records(path) if one.record_type == "response"]
    assert answer.block == done.site.sent[path]
    (asked,) = [one for one in done.records(path) if one.record_type == "request"]
    assert b"presswarc/" in asked.block
    assert b"Mozilla" not in asked.block
    assert answer.headers.get("WARC-Resource-Type") == {
        "/app.js": "script",
        "/api/news/first.json": "fetch",
    }.get(path)


def test_scripts_and_styles_are_fetched_once_a_crawl(done):
    assert (done.site.asked["/app.js"], done.site.asked["/app.css"]) == (1, 1)


def test_what_is_no_text_is_not_fetched_and_counted(done):
    for path in ("/photo.png", "/beacon", "/popup", "/elsewhere", "/framed", "/unwanted/data.json"):
        assert not done.site.asked[path], path
    counts = done.report["browser"]
    for reason in ("image", "ping", "popup", "navigation", "frame", "websocket", "eventsource"):
        assert counts[f"not fetched: {reason}"] >= 1, counts
    assert counts["not fetched: dialog"] == 2


def test_robots_txt_holds_for_what_scripts_ask_for(done):
    denied = done.rows("SELECT DISTINCT url FROM failures WHERE outcome = 'robots_denied'")
    assert denied == [(f"{done.site.base}/unwanted/data.json",)]


def test_no_page_gets_at_an_address_that_is_not_public(done):
    assert done.site.private_connections == 0
    refused = {url for (url,) in done.rows("SELECT url FROM failures WHERE outcome = 'address_refused'")}
    private = f"127.0.0.1:{done.site.private_port}"
    assert {f"http://{private}/secret", f"http://{private}/worker"} <= refused


def test_every_table_is_the_same_live_and_replayed(done, tmp_path):
    presswarc("replay", "--archive", done.archive, "--into", tmp_path / "replayed")
    tables = [name for (name,) in done.rows(TABLES_SQL)]
    for table in tables:
        live = sorted(map(repr, done.rows(f"FROM {table}")))
        assert live == sorted(map(repr, done.rows(f"FROM {table}", tmp_path / "replayed"))), table


def test_pages_are_dropped_once_and_parts_of_pages_are_no_pages(done):
    dropped = done.rows("SELECT url FROM dropped WHERE outcome = 'needs_javascript' ORDER BY 1")
    assert dropped == [(f"{done.site.base}/news/{name}",) for name in ("dying", "huge", "stuck")]
    assert done.rows("SELECT count(*) FROM articles WHERE url LIKE '%/api/%'") == [(0,)]


def test_how_a_rendered_article_was_found_is_told(done):
    found = done.rows("SELECT DISTINCT url, found_on FROM discovery_lag")
    assert (f"{done.site.base}/news/first", f"{done.site.base}/") in found
    assert len(found) == len(GOOD) + 3


def test_the_spider_gets_the_same_articles_from_the_archive(done):
    said = presswarc("crawl", done.seed, "--archive", done.archive, "--from-archive", "-o", "-").stdout
    texts = {one["url"]: one["text"] for one in map(json.loads, said.splitlines())}
    assert texts[f"{done.site.base}/news/second"] == done.site.text("second")
    assert len(texts) == len(GOOD) + 3


def test_nothing_of_the_browser_is_left(done, browser_site):
    assert browser_site.browsers(done.home) == []
    assert [one.name for one in done.home.iterdir() if "presswarc-browser" in one.name] == []


def test_a_changed_text_is_a_new_version_though_the_server_sends_the_same_page(crawl, tmp_path):
    first = crawl(tmp_path, "only")
    first.site.edition = 2
    second = crawl(tmp_path, "only")
    assert second.code == 0, second.said
    assert second.site.conditions == 0
    url = f"{second.site.base}/news/only"
    assert second.rows(f"SELECT versions, text FROM articles WHERE url = '{url}'") == [
        (2, second.site.text("only"))
    ]
    types = second.rows(
        f"SELECT record_type, count(*) FROM captures WHERE url = '{url}' GROUP BY 1 ORDER BY 1"
    )
    assert types == [("conversion", 2), ("response", 1), ("revisit", 1)]


def test_a_crawl_killed_while_it_renders_leaves_no_browser_and_the_next_renders_the_page(
    crawl, tmp_path, browser_site
):
    site = crawl(tmp_path, "dying", PRESSWARC_BROWSER_PATH=str(tmp_path / "no-browser")).site
    site.killing = "crawl"
    killed = crawl(tmp_path)
    assert killed.code == -9
    until = time.monotonic() + 60
    while browser_site.browsers(killed.home) and time.monotonic() < until:
        time.sleep(0.2)
    assert browser_site.browsers(killed.home) == []
    site.killing = ""
    again = crawl(tmp_path)
    assert again.code == 0, again.said
    assert again.rows("SELECT text FROM articles") == [(site.text("dying"),)]


def test_a_browser_that_is_not_there_is_told(crawl, tmp_path):
    done = crawl(tmp_path, "any", PRESSWARC_BROWSER_PATH=str(tmp_path / "no-browser"))
    assert done.code == 2
    assert "browser_path names no program" in done.said
    assert "  try: install Chromium" in done.said
