"""One crawl, as a user runs it, of a site that is all traps but for thirty articles."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import hostile_site
import pytest
from captures import self_signed
from running import START, presswarc

from storage.warc import read_records

pytestmark = pytest.mark.long

MOST_MB = 900
SEED = """\
title = "Hostile"
urls = ["{url}"]
sitemaps = "auto"

[scope]
hosts = ["127.0.0.1", "127.0.0.2", "localhost", "0.0.0.0", "10.0.0.1", "169.254.169.254", "127.2"]
article = ['/2026/11/\\d\\d/']

[limits]
max_barren = 8
max_depth = 2

[politeness]
delay_s = 0
concurrency = 8
"""
# Tight, so that what never ends is given up soon; a parse is bounded by its work, not by the machine's load.
SETTINGS = {
    "PRESSWARC_TIMEOUT_S": "5",
    "PRESSWARC_CPU_S": "1",
    "PRESSWARC_WALL_S": "60",
    "PRESSWARC_RETRIES": "0",
    "PRESSWARC_MAX_BODY_BYTES": "4000000",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawled:
    """The site, the archive, and what was seen of the crawl from outside."""

    site: Any
    archive: Path
    code: int
    most_mb: int
    log: str

    def report(self) -> dict[str, Any]:
        (path,) = self.archive.glob("crawls/*/report.json")
        told: dict[str, Any] = json.loads(path.read_text())
        return told

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.archive / "index.duckdb"), read_only=True) as connection:
            return connection.execute(sql, values).fetchall()


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawled:
    """The crawl, ended by itself."""
    folder = tmp_path_factory.mktemp("hostile")
    site = hostile_site.start([self_signed(folder)])
    (folder / "hostile.toml").write_text(SEED.format(url=site.url))
    command = [*START, "crawl", str(folder / "hostile.toml"), "--archive", str(folder / "archive")]
    for address in site.allowed:
        command += ["--allow-address", address]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWARC_")}
    with (folder / "log").open("w") as log:
        crawl = subprocess.Popen(command, stdout=log, stderr=log, env=kept | SETTINGS)
        most = _most_mb(crawl)
    site.stop()
    return Crawled(
        site=site,
        archive=folder / "archive",
        code=crawl.returncode,
        most_mb=most,
        log=(folder / "log").read_text(),
    )


def _most_mb(crawl: subprocess.Popen[bytes]) -> int:
    """The most memory that the crawl and its children had together, pages that they share counted once."""
    most, end = 0, time.monotonic() + 500
    while crawl.poll() is None:
        most = max(most, sum(map(_own_kb, _family(crawl.pid))))
        if time.monotonic() > end:
            crawl.kill()
            crawl.wait()
            pytest.fail("the crawl did not end by itself")
        threading.Event().wait(0.2)
    return most // 1024


def _family(process: int) -> list[int]:
    """The process and those that it started."""
    family = [process]
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            family += [one for child in children.read_text().split() for one in _family(int(child))]
        except OSError:  # it has just ended
            continue
    return family


def _own_kb(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def test_the_crawl_ends_by_itself_in_bounded_memory_and_tells_why_things_failed(crawled):
    assert crawled.code in {0, 3}, crawled.log
    assert "Traceback" not in crawled.log
    assert crawled.most_mb < MOST_MB
    report = crawled.report()
    assert report["reason"] == "finished"
    assert {"address_refused", "timed_out", "disconnected", "truncated"} <= set(report["fetches"])
    assert report["fetches"]["address_refused"] >= 1
    assert "a fault of the program" not in report["notes"]
    assert report["links"]["a section that gives nothing new"] > 0


def test_each_healthy_article_is_captured_and_indexed_with_its_text(crawled):
    texts = dict(crawled.ask("SELECT url, text FROM articles WHERE outcome = 'article'"))
    for number, url in enumerate(crawled.site.articles(), start=1):
        assert f"This is paragraph 6 of healthy-{number}-healthy." in texts[url]


def test_nearly_all_traps_were_sprung(crawled):
    traps = crawled.site.traps()
    missed = [path for path in traps if not crawled.site.front.asked[path]]
    assert len(missed) <= len(traps) // 20, missed  # a busy machine may be too late for a few


def test_nobody_behind_the_site_was_reached_and_nothing_of_theirs_is_kept(crawled):
    assert crawled.site.private_connections == 0
    canary = crawled.site.canary.encode()
    for path in crawled.archive.rglob("*"):
        if path.suffix == ".gz":
            for record in read_records(path):
                assert canary not in getattr(record, "block", b"")
                assert b"root:x:0" not in getattr(record, "block", b"")
        elif path.is_file():
            data = path.read_bytes()
            assert canary not in data
            assert b"root:x:0" not in data
    assert crawled.site.canary not in crawled.log


def test_the_archive_is_sound_and_its_replay_gives_the_same_articles(crawled, tmp_path):
    presswarc("verify", "--archive", crawled.archive)
    presswarc("replay", "--archive", crawled.archive, "--into", tmp_path / "again", env=SETTINGS)
    same = "SELECT url, text, outcome FROM articles WHERE url LIKE '%/harbor-report-%' ORDER BY url"
    live = crawled.ask(same)
    with duckdb.connect(str(tmp_path / "again" / "index.duckdb"), read_only=True) as connection:
        assert connection.execute(same).fetchall() == live
        captures = "SELECT count(*), count(DISTINCT payload_digest), sum(warc_length) FROM captures"
        assert connection.execute(captures).fetchall() == crawled.ask(captures)


def test_what_is_larger_than_is_taken_is_an_article_all_the_same_and_says_so(crawled):
    told = "SELECT outcome, reason FROM extractions WHERE url LIKE '%/t/large-story/it'"
    assert crawled.ask(told) == [("article", "cut short: larger than is taken")]
