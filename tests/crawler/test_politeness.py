"""What a crawl keeps to: robots.txt that can't be had, how many pages of one crawl, and how far away."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.long

SEED = """
title = "Paper"
urls = ["http://127.0.0.1:{port}/"]
revisit_after_s = 0
[scope]
hosts = ["127.0.0.1:{port}"]
[politeness]
delay_s = 0
concurrency = {concurrency}
"""
LINKS = "".join(
    f'<p><a href="/2026/story-number-{n}-of-the-day">Story {n} of the day</a></p>' for n in range(30)
)


def reply(body: str, status: str = "200 OK", kind: str = "text/html") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode("ascii")


def routes(wire: Any, robots: bytes) -> dict[str, Any]:
    stories = {
        f"/2026/story-number-{n}-of-the-day": wire.Answer(sent=reply(f"<p>{n}.</p>")) for n in range(30)
    }
    front = wire.Answer(sent=reply(f"<title>Paper</title>{LINKS}"))
    other = {"/sitemap.xml": wire.Answer(sent=reply("", "404 Not Found"))}
    return {"/robots.txt": wire.Answer(sent=robots), "/": front, **other, **stories}


def crawl(
    server: Any, folder: Path, *options: str, concurrency: int = 1, delay: float = 0, seed: str = SEED
) -> int:
    """Exit code of a crawl of the server."""
    text = seed.format(port=server.port, concurrency=concurrency)
    file = folder / "paper.toml"
    file.write_text(text.replace("delay_s = 0", f"delay_s = {delay:g}"))
    allowed = f"127.0.0.1:{server.port}"
    command = [sys.executable, "-m", "crawler.cli", "crawl", str(file), "--allow-address", allowed, *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode


def pages(server: Any) -> list[str]:
    return [one.path for one in server.seen if one.path != "/robots.txt"]


@pytest.mark.parametrize(
    "robots",
    [
        pytest.param(("sent", reply("User-agent: *\nAllow: /\n", "503 Busy", "text/plain")), id="busy"),
        pytest.param(("then", "close"), id="no-answer"),
    ],
)
def test_without_an_answer_to_robots_txt_nothing_is_fetched_and_the_host_left_alone(
    wire, serve, tmp_path, robots
):
    field, value = robots
    site = routes(wire, b"")
    site["/robots.txt"] = wire.Answer(**{"sent": b"", field: value})
    server = serve(site)
    assert crawl(server, tmp_path) == 3
    assert pages(server) == []
    asked = len(server.seen)
    left = json.loads(next((tmp_path / "archive" / "crawls").glob("*/report.json")).read_text())["left"]
    assert (left["urls"], left["hosts"]) == (1, [f"127.0.0.1:{server.port}"])
    assert "robots.txt can't be had" in left["reason"]
    site["/robots.txt"] = wire.Answer(sent=reply("", kind="text/plain"))
    assert crawl(server, tmp_path) == 3
    assert len(server.seen) == asked, "not a second time before ten minutes are over"
    _let_time_pass(tmp_path / "archive" / "state")
    assert crawl(server, tmp_path) == 0
    assert len(pages(server)) == 32


def _let_time_pass(state: Path) -> None:
    """Have every pause be over."""
    for name, table, column in (
        ("frontier.sqlite", "hosts", "postponed_until"),
        ("hosts.sqlite", "refusals", "until"),
    ):
        with closing(sqlite3.connect(state / name)) as db:
            done = db.execute(f"UPDATE {table} SET {column} = '2000-01-01T00:00:00+00:00'")
            db.commit()
            assert done.rowcount == 1


def test_the_rules_of_an_error_page_are_no_rules(wire, serve, tmp_path):
    server = serve(routes(wire, reply("User-agent: *\nDisallow: /\n", "404 Not Found", "text/plain")))
    assert crawl(server, tmp_path) == 0
    assert len(pages(server)) == 32


@pytest.mark.parametrize("concurrency", [1, 8])
def test_a_crawl_asks_for_as_many_pages_as_it_may_and_the_next_goes_on(wire, serve, tmp_path, concurrency):
    server = serve(routes(wire, reply("", kind="text/plain")))
    assert crawl(server, tmp_path, "--max-pages", "1", concurrency=concurrency) == 0
    assert pages(server) == ["/"]
    assert crawl(server, tmp_path, "--max-pages", "7", concurrency=concurrency) == 0
    assert len(pages(server)) == 8
    assert crawl(server, tmp_path, concurrency=concurrency) == 0
    assert set(pages(server)) == set(server.routes) - {"/robots.txt"}


def test_a_slow_front_page_puts_nothing_out_of_reach_that_it_leads_to(wire, serve, tmp_path):
    piece, story = b"<p>Slowly.</p>", "/2026/story-number-1-of-the-day"
    front = b'<title>Paper</title><p><a href="/archive/">Archive</a></p>'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n"
    feed = f"<rss><channel><item><link>{story}</link><title>A story of the day</title></item></channel></rss>"
    server = serve(
        {
            "/robots.txt": wire.Answer(sent=reply("", "404 Not Found")),
            "/sitemap.xml": wire.Answer(sent=reply("", "404 Not Found")),
            "/": wire.Answer(sent=head % (len(front) + 6 * len(piece)) + front, then="drip", filler=piece),
            "/feed.xml": wire.Answer(sent=reply(feed, kind="application/rss+xml")),
            story: wire.Answer(sent=reply('<p>A story.</p><a href="/archive/">Archive</a>')),
            "/archive/": wire.Answer(sent=reply('<p>All.</p><a href="/notes">Notes</a>')),
            "/notes": wire.Answer(sent=reply("<p>Some notes.</p>")),
        }
    )
    seed = SEED.replace("[scope]", "feeds = ['http://127.0.0.1:{port}/feed.xml']\n[scope]\nfollow = 'all'")
    seed = seed.replace("[politeness]", "[limits]\nmax_depth = 2\n[politeness]")
    assert crawl(server, tmp_path, concurrency=4, seed=seed) == 0
    assert sorted(pages(server)) == ["/", story, "/archive/", "/feed.xml", "/notes", "/sitemap.xml"]
    (report,) = (tmp_path / "archive" / "crawls").glob("*/report.json")
    assert set(json.loads(report.read_text())["links"]) == {"not_due"}  # none was too far, not even at first


class Log:
    """A server's routes; `at` is when each was asked for. From the `limit`-th on it has too much to do."""

    def __init__(self, routes: dict[str, Any], limit: int, busy: Any) -> None:
        self.at: list[float] = []
        self._routes, self._limit, self._busy = routes, limit, busy

    def __getitem__(self, path: str) -> Any:
        self.at.append(time.monotonic())
        return self._routes[path] if len(self.at) < self._limit else self._busy


def test_two_sources_on_one_host_share_its_pace_and_its_pauses(wire, serve, tmp_path):
    head = "HTTP/1.1 429 Too Many\r\nRetry-After: 3600\r\nContent-Length: 0\r\n\r\n"
    busy = wire.Answer(sent=head.encode("ascii"))
    log = Log(routes(wire, reply("", kind="text/plain")), 20, busy)
    server = serve(log)
    other = tmp_path / "other.toml"
    text = SEED.format(port=server.port, concurrency=1).replace("delay_s = 0", "delay_s = 0.15")
    other.write_text(text)
    assert crawl(server, tmp_path, str(other), delay=0.15) == 3
    # Each in its own pace they would be through in half of the time.
    assert log.at[18] - log.at[0] > 18 * 0.15 * 0.75
    assert len(log.at) <= 30, "each crawl asks for five pages more until it believes a host that gave some"
    reports = [json.loads(one.read_text()) for one in (tmp_path / "archive" / "crawls").glob("*/report.json")]
    assert {one["source"] for one in reports} == {"paper", "other"}
    assert all(one["left"]["reason"] == "HTTP 429, Retry-After" for one in reports)


class Crowd:
    """A server's routes, each of which takes a while; `most` is how many were asked for at once."""

    def __init__(self, answer: Any) -> None:
        self.now = self.most = 0
        self._answer = answer
        self._lock = threading.Lock()

    def __getitem__(self, path: str) -> Any:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.15)
        with self._lock:
            self.now -= 1
        return self._answer(path)


@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_more_pages_of_a_host_are_asked_for_at_once_than_the_seed_says(wire, serve, tmp_path, concurrency):
    site = routes(wire, reply("", kind="text/plain"))
    crowd = Crowd(site.__getitem__)
    server = serve(crowd)
    assert crawl(server, tmp_path, "--max-pages", "12", concurrency=concurrency) == 0
    assert crowd.most == concurrency, [(one.connection, one.request) for one in server.seen]
