"""Crawls killed at any point: nothing is lost, nothing that is archived is fetched again."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from storage.layout import Layout
from storage.query import open_published, run_sql

pytestmark = pytest.mark.long

LISTINGS, STORIES = 20, 20
KILLS = 7
LETTERS = str.maketrans("0123456789", "abcdefghij")
SEED = """
title = "Paper"
urls = ["http://127.0.0.1:{port}/"]
sitemaps = []
[scope]
hosts = ["127.0.0.1:{port}"]
[politeness]
delay_s = 0
concurrency = 4
"""


def reply(body: str, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode("ascii")


def stories(listing: int) -> list[str]:
    return [f"/2026/story-{listing}-{number}-of-the-day" for number in range(STORIES)]


def routes(answer: Any) -> dict[str, Any]:
    """A front page with listings, each with stories: 400 of them."""
    site = {"/robots.txt": reply("", "404 Not Found")}
    links = "".join(f'<p><a href="/list/{number}">Day {number}</a></p>' for number in range(LISTINGS))
    site["/"] = reply(f"<title>Paper</title>{links}")
    for listing in range(LISTINGS):
        links = "".join(f'<p><a href="{path}">Story of the day</a></p>' for path in stories(listing))
        site[f"/list/{listing}"] = reply(f"<title>Day {listing}</title>{links}")
        for path in stories(listing):
            of = path.translate(LETTERS)  # numbers alone make no text a new one
            line = f"<p>The harbour stayed closed, said the master of {of}, and no ship came in that day.</p>"
            site[path] = reply(f"<title>Story {path}</title>" + line * 6)
    return {path: answer(sent=sent) for path, sent in site.items()}


class Paper:
    """The site, and crawls of it into one archive."""

    def __init__(self, serve: Any, wire: Any, folder: Path) -> None:
        self.server = serve(routes(wire.Answer))
        self.url = f"http://127.0.0.1:{self.server.port}"
        self.layout = Layout(folder / "archive")
        self._folder = folder
        (folder / "paper.toml").write_text(SEED.format(port=self.server.port))

    def asked(self) -> Counter[str]:
        """How often each path was asked for, but robots.txt."""
        return Counter(one.path for one in self.server.seen if one.path != "/robots.txt")

    def start(self, *options: str) -> subprocess.Popen[str]:
        """A crawl, in a group of processes of its own."""
        allowed = f"127.0.0.1:{self.server.port}"
        return subprocess.Popen(
            [
                sys.executable,
                "-m",
                "crawler.cli",
                "crawl",
                "paper.toml",
                "--allow-address",
                allowed,
                *options,
            ],
            cwd=self._folder,
            env={**os.environ, "PRESSWARC_WORKERS": "1"},
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def kill_after(self, answers: int) -> None:
        """Start a crawl and kill it, with its workers, once it has asked for so many pages."""
        process = self.start()
        most = len(self.server.seen) + answers
        deadline = time.monotonic() + 60
        while len(self.server.seen) < most and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        assert process.poll() is None, process.communicate()
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def finish(self, *options: str) -> None:
        """Crawl to the end."""
        process = self.start(*options)
        _, errors = process.communicate(timeout=240)
        assert process.returncode == 0, errors

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        with open_published(self.layout.root) as connection:
            return [tuple(row) for row in run_sql(connection, sql, None, 60.0).rows]


@pytest.fixture
def paper(serve, wire, tmp_path):
    return Paper(serve, wire, tmp_path)


def test_a_crawl_killed_many_times_misses_no_page_and_archives_none_twice(paper):
    chance = random.Random(20261122)
    for _ in range(KILLS):
        paper.kill_after(chance.randrange(1, 60))
    paper.finish()
    captures = paper.rows("SELECT url, count(*) FROM captures WHERE url NOT LIKE '%/robots.txt' GROUP BY url")
    assert len(captures) == 1 + LISTINGS + LISTINGS * STORIES
    assert {count for _, count in captures} == {1}
    assert paper.rows("SELECT count(*) FROM articles WHERE url LIKE '%/2026/%'") == [(400,)]


def test_links_that_a_killed_crawl_did_not_read_are_read_from_the_archive(paper):
    paper.finish("--max-pages", "2")
    assert set(paper.asked().values()) == {1}
    with sqlite3.connect(paper.layout.frontier) as db:
        # As a kill leaves it between a capture and its reading.
        (listing,) = db.execute(
            "SELECT url FROM urls WHERE url LIKE '%/list/%' AND state = 'done'"
        ).fetchone()
        db.execute("UPDATE rounds SET ended_at = NULL")
        db.execute("DELETE FROM urls WHERE url LIKE '%/2026/%'")
    db.close()
    ((file, offset),) = paper.rows(f"SELECT warc_file, warc_offset FROM captures WHERE url = '{listing}'")
    with sqlite3.connect(paper.layout.frontier) as db:
        db.execute(
            "UPDATE urls SET state = 'captured', read_digest = NULL, warc_file = ?, warc_offset = ? "
            "WHERE url = ?",
            (file, offset, listing),
        )
    db.close()
    paper.finish("--max-pages", "30")
    assert set(paper.asked().values()) == {1}
    number = listing.rpartition("/")[2]
    assert set(stories(int(number))) & paper.asked().keys()


def test_without_the_frontier_what_is_archived_is_neither_lost_nor_fetched_again(paper):
    paper.finish("--max-pages", "60")
    before = paper.asked()
    for path in paper.layout.state.glob("frontier.sqlite*"):
        path.unlink()
    paper.finish()
    again = paper.asked() - before
    assert [path for path in again if path in before] == ["/"]
    assert len(paper.asked()) == 1 + LISTINGS + LISTINGS * STORIES


def test_a_crawl_that_finds_nothing_due_is_whole(paper):
    paper.finish("--max-pages", "1")
    with sqlite3.connect(paper.layout.frontier) as db:
        db.execute("UPDATE rounds SET ended_at = NULL")
        db.execute("DELETE FROM urls WHERE state = 'discovered'")
    db.close()
    paper.finish()
    assert sum(paper.asked().values()) == 1
