"""What a crawl does with robots.txt, and with a host that turns it away."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from storage.query import open_current

pytestmark = pytest.mark.long

SEED = """
title = "Paper"
urls = ["http://127.0.0.1:{port}/"]
revisit_after_s = 0
[scope]
hosts = ["127.0.0.1:{port}"]
[politeness]
delay_s = {delay}
[robots]
{robots}
"""
NAMES = [f"/2026/story-number-{n}-of-the-day" for n in range(12)]
STORY = (
    "<h1>Harbor opens</h1>" + "<p>The harbor of Port Maren opened again, and the boats left at dawn.</p>" * 6
)
FRONT = "<title>Paper</title>" + "".join(f'<p><a href="{name}">Story {name[-14:]}</a></p>' for name in NAMES)
WALL = """<HTML><HEAD><TITLE>Access Denied</TITLE></HEAD><BODY><H1>Access Denied</H1>
You don't have permission to access "x" on this server.<P>Reference #18.4d83.15.57dc</BODY></HTML>"""


def reply(body: str, status: str = "200 OK", kind: str = "text/html", fields: str = "") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{fields}\r\n"
    return (head + body).encode("ascii")


@pytest.fixture
def site(wire, serve):
    """A front page that leads to twelve stories; its routes can be changed."""
    routes = {name: wire.Answer(sent=reply(STORY)) for name in NAMES}
    routes["/"] = wire.Answer(sent=reply(FRONT))
    routes["/robots.txt"] = wire.Answer(sent=reply("User-agent: *\nDisallow:\n", kind="text/plain"))
    routes["/sitemap.xml"] = wire.Answer(sent=reply("", "404 Not Found"))
    return serve(routes)


def crawl(
    server: Any, folder: Path, *options: str, robots: str = "", delay: float = 0
) -> subprocess.CompletedProcess[str]:
    """A crawl of the site."""
    seed = folder / "paper.toml"
    seed.write_text(SEED.format(port=server.port, robots=robots, delay=delay))
    allowed = ("--allow-address", f"127.0.0.1:{server.port}") if "--dry-run" not in options else ()
    command = [sys.executable, "-m", "crawler.cli", "crawl", str(seed), *allowed, *options]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert "Traceback" not in done.stderr, done.stderr
    return done


def asked(server: Any) -> list[str]:
    """Paths asked for since the last look."""
    paths = [one.path for one in server.seen]
    server.seen.clear()
    return paths


def report(folder: Path) -> dict[str, Any]:
    """The report of the latest crawl."""
    path = max((folder / "archive" / "crawls").glob("*/report.json"), key=lambda one: one.parent.name)
    told: dict[str, Any] = json.loads(path.read_text())
    return told


def archived(folder: Path, crawl_id: str) -> subprocess.CompletedProcess[str]:
    """A crawl once more, over the archive alone."""
    command = [
        sys.executable,
        "-m",
        "crawler.cli",
        "crawl",
        "paper.toml",
        "--from-archive",
        "--crawl",
        crawl_id,
    ]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)


def rows(archive: Path, sql: str) -> list[Any]:
    """Rows of the published index."""
    with open_current(archive) as connection:
        return connection.execute(sql).fetchall()


def show(wire: Any, server: Any, path: str, sent: bytes, **more: Any) -> None:
    server.routes[path] = wire.Answer(sent=sent, **more)


def test_robots_txt_is_asked_for_once_a_day_and_a_crawl_keeps_to_it(wire, site, tmp_path):
    show(
        wire, site, "/robots.txt", reply(f"User-agent: presswarc\nDisallow: {NAMES[3]}\n", kind="text/plain")
    )
    assert crawl(site, tmp_path).returncode == 0
    first = asked(site)
    assert first.count("/robots.txt") == 1
    assert "/sitemap.xml" in first  # discovery reads the same answer
    assert NAMES[3] not in first
    told = rows(tmp_path / "archive", "SELECT outcome, reason FROM failures")
    assert told == [("robots_denied", f"robots.txt: Disallow: {NAMES[3]} (line 2, for presswarc)")]
    assert crawl(site, tmp_path).returncode == 0
    assert not {"/robots.txt", NAMES[3]} & set(asked(site))
    again = archived(tmp_path, report(tmp_path)["crawl_id"])
    assert again.returncode == 0
    assert "not in the archive" not in again.stderr


def test_a_dry_run_tells_the_line_that_decides_and_writes_nothing(wire, site, tmp_path):
    body = f"User-agent: *\nCrawl-delay: 0.2\nDisallow: /2026/*-3-\nAllow: {NAMES[3]}$"
    show(wire, site, "/robots.txt", reply(body, kind="text/plain"))
    url = f"http://127.0.0.1:{site.port}"
    urls = [word for path in (NAMES[3], f"{NAMES[3]}/2", "/other.pdf") for word in ("--url", url + path)]
    before = crawl(site, tmp_path, "--dry-run", *urls)
    assert "robots.txt not known yet" in before.stdout
    assert [one.name for one in tmp_path.iterdir()] == ["paper.toml"]
    assert crawl(site, tmp_path, "--max-pages", "3").returncode == 0
    asked(site)
    state = {path: path.stat().st_mtime_ns for path in (tmp_path / "archive").rglob("*")}
    told = crawl(site, tmp_path, "--dry-run", *urls)
    assert told.stdout.splitlines()[-3:] == [
        f"page\tin\t{url}{NAMES[3]}\tallowed: Allow: {NAMES[3]}$ (line 4, for *)",
        f"page\tin\t{url}{NAMES[3]}/2\tforbidden: Disallow: /2026/*-3- (line 3, for *)",
        f"page\ta file, not a page: .pdf\t{url}/other.pdf\tallowed: no rule",
    ]
    assert "0.2 s between requests (Crawl-delay)" in told.stderr
    found = re.search(r", (\d+) new URLs and (\d+) known ones are due$", told.stderr.strip())
    assert found is not None
    # Twelve stories and the front page; the sitemap is gone, or its request was cut by the crawl's end.
    assert int(found[1]) + int(found[2]) in {13, 14}
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "archive").rglob("*")} == state
    assert asked(site) == []


def test_robots_txt_is_followed_through_five_redirects_to_whatever_host(wire, site, serve, tmp_path):
    rules = wire.Answer(sent=reply(f"User-agent: *\nDisallow: {NAMES[0]}\n", kind="text/plain"))
    other = serve({"/rules": rules})
    show(wire, site, "/robots.txt", reply("", "301 Moved", fields="Location: /r1\r\n"))
    for number in range(1, 4):
        show(wire, site, f"/r{number}", reply("", "302 Found", fields=f"Location: /r{number + 1}\r\n"))
    show(
        wire, site, "/r4", reply("", "307 Moved", fields=f"Location: http://127.0.0.1:{other.port}/rules\r\n")
    )
    assert crawl(site, tmp_path, "--allow-address", f"127.0.0.1:{other.port}").returncode == 0
    assert NAMES[0] not in asked(site)
    assert asked(other) == ["/rules"]


@pytest.mark.parametrize("status", ["403 Forbidden", "401 Unauthorized"])
def test_a_robots_txt_that_is_refused_forbids_nothing_and_that_is_told(wire, site, tmp_path, status):
    show(wire, site, "/robots.txt", reply("User-agent: *\nDisallow: /\n", status, "text/plain"))
    assert crawl(site, tmp_path).returncode == 0
    assert set(NAMES) < set(asked(site))
    assert f"robots.txt: HTTP {status[:3]}, so it forbids nothing" in report(tmp_path)["notes"]


def test_a_seed_may_go_on_without_robots_txt_and_the_reason_is_told(wire, site, tmp_path):
    show(wire, site, "/robots.txt", reply("", "500 Sorry"))
    policy = 'unreachable = "allow"\nreason = "the desk wrote so"'
    assert crawl(site, tmp_path, robots=policy).returncode == 0
    assert set(NAMES) < set(asked(site))
    told = "robots.txt can't be had: HTTP 500; allowed all the same: the desk wrote so"
    assert report(tmp_path)["notes"][told] == 1
    told = "obey; where it can't be read, allow: the desk wrote so"
    assert rows(tmp_path / "archive", "SELECT robots FROM crawls") == [(told,)]


def test_retry_after_is_waited_for_and_nothing_is_lost(wire, site, tmp_path):
    busy = wire.Answer(sent=reply("", "429 Too Many", fields="Retry-After: 2\r\n"))
    good = site.routes[NAMES[5]]
    site.routes = Once(site.routes, NAMES[5], busy, good)
    assert crawl(site, tmp_path).returncode == 0
    seen = asked(site)
    assert set(NAMES) < set(seen)
    assert [seen.count(name) for name in NAMES] == [1] * 5 + [2] + [1] * 6, "it was no try in vain"
    assert rows(
        tmp_path / "archive",
        "SELECT count(DISTINCT url) FROM captures WHERE status = 200 AND url LIKE '%/2026/%'",
    ) == [(12,)]


class Once(dict[str, Any]):
    """Routes of which one gives another answer the first time."""

    def __init__(self, routes: Any, path: str, first: Any, then: Any) -> None:
        super().__init__(routes)
        self._path, self._first, self._then = path, first, then

    def __getitem__(self, path: str) -> Any:
        if path != self._path:
            return super().__getitem__(path)
        answer, self._first = self._first, self._then
        return answer


def test_a_host_that_wants_a_long_pause_is_left_alone_by_the_next_crawl_too(wire, site, tmp_path):
    show(wire, site, "/", reply("", "503 Busy", fields="Retry-After: 3600\r\n"))
    assert crawl(site, tmp_path).returncode == 3
    assert asked(site).count("/") == 1
    show(wire, site, "/", reply(FRONT))
    assert crawl(site, tmp_path).returncode == 3
    assert asked(site) == []
    assert report(tmp_path)["links"]["left_waiting"] == 2, "the front page and the sitemap"
    assert "left alone until" in crawl(site, tmp_path, "--dry-run").stderr


@pytest.mark.parametrize("status", ["200 OK", "403 Forbidden"])
def test_walls_are_no_articles_and_after_three_the_host_is_left_alone(wire, site, tmp_path, status):
    for name in NAMES:
        show(wire, site, name, reply(WALL, status))
    done = crawl(site, tmp_path, delay=0.2)
    assert done.returncode == 3
    assert f"left waiting for 127.0.0.1:{site.port}, until " in done.stderr
    stories = [path for path in asked(site) if path in NAMES]
    assert len(stories) == 3
    archive = tmp_path / "archive"
    assert rows(archive, "SELECT count(*) FROM articles") == [(0,)]
    sql = "SELECT outcome, reason, count(*) FROM dropped WHERE url LIKE '%/2026/%' GROUP BY ALL"
    assert rows(archive, sql) == [("blocked", "Akamai: reference #", 3)]
    assert rows(archive, "SELECT count(*) FROM captures WHERE url LIKE '%/2026/%'") == [(3,)]
    assert report(tmp_path)["notes"]["blocked: Akamai: reference #"] == 3
    replay = [sys.executable, "-m", "crawler.cli", "replay", "--into", "again"]
    subprocess.run(replay, cwd=tmp_path, capture_output=True, check=True, timeout=120)
    assert rows(tmp_path / "again", sql) == rows(archive, sql)
    left = len(NAMES) - 3
    assert report(tmp_path)["links"]["left_waiting"] in {left, left + 1}, "the sitemap may be one of them"
