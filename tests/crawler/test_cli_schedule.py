"""`presswarc schedule` as a user calls it, on a loopback server."""

from __future__ import annotations

import configparser
import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from running import START, presswarc

from crawler.schedule.cron import Timing
from crawler.schedule.state import Runs, state_file
from storage.index.lock import WriteLock
from storage.layout import Layout
from storage.query import open_published, run_sql
from storage.verify import Checked, verify

pytestmark = pytest.mark.long

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
SEED = """
title = "{name}"
urls = ["http://127.0.0.1:{port}/{name}/"]
schedule = "* * * * *"
sitemaps = []
[scope]
hosts = ["127.0.0.1:{port}"]
[politeness]
delay_s = 0
"""


def reply(body: str, kind: str = "text/html", length: int | None = None) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {length or len(body)}\r\n\r\n"
    return (head + body).encode("ascii")


@pytest.fixture
def sources(wire, serve, tmp_path) -> Any:
    """A server with two papers, one of whose stories never ends; each has a seed in ./seeds, due at once."""
    routes = {"/robots.txt": wire.Answer(sent=reply("", "text/plain"))}
    for name in ("fast", "slow"):
        story = f"/{name}/2026/11/story-of-the-harbour-master"
        routes[f"/{name}/"] = wire.Answer(
            sent=reply(f'<title>{name}</title><a href="{story}">The harbour</a>')
        )
        routes[story] = wire.Answer(sent=reply("<p>No ship came in.</p>"))
    routes["/slow/2026/11/story-of-the-harbour-master"] = wire.Answer(
        sent=reply("<p>No ship", length=90_000), then="drip", filler=b" came in"
    )
    server = serve(routes)
    (tmp_path / "seeds").mkdir()
    with Runs(state_file(tmp_path / "archive")) as runs:
        for name in ("fast", "slow"):
            (tmp_path / "seeds" / f"{name}.toml").write_text(SEED.format(name=name, port=server.port))
            runs.know(Timing(source=name, line="* * * * *"), LONG_AGO)
    return server


def captures(archive: Path) -> set[tuple[str, str | None]]:
    with open_published(archive) as connection:
        rows = run_sql(connection, "SELECT url, truncated FROM captures", None, 60.0).rows
    return {(str(url).partition("/")[2].partition("/")[2].partition("/")[2], cut) for url, cut in rows}


def wait_for(text: str, stream: Any) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        line = stream.readline()
        if text in line:
            return
        assert line, f"ended before it told: {text}"


def test_a_source_is_published_while_another_runs_and_a_signal_ends_that_in_order(sources, tmp_path):
    archive = tmp_path / "archive"
    command = [*START, "schedule", "--allow-address", f"127.0.0.1:{sources.port}", "--max-pages", "9"]
    service = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    try:
        wait_for("fast: ended with 0: finished", service.stderr)
        assert ("fast/2026/11/story-of-the-harbour-master", None) in captures(archive)
        busy = presswarc("schedule", "--once", "--archive", archive, cwd=tmp_path, code=4)
        assert "another process writes to this archive" in busy.stderr
        while not any("slow/2026" in one.path for one in sources.seen):
            time.sleep(0.05)
        service.send_signal(signal.SIGTERM)
        _, rest = service.communicate(timeout=120)
    finally:
        service.kill()
    assert service.returncode == 130, rest
    assert "slow: ended with 130: shutdown" in rest
    assert ("slow/2026/11/story-of-the-harbour-master", "unspecified") in captures(archive)
    assert [one.problem for one in verify(Layout(archive), Checked())] == []
    listed = presswarc("schedule", "--list", "--ndjson", "--archive", archive, cwd=tmp_path).stdout
    standings = {row["source"]: row for row in map(json.loads, listed.splitlines())}
    assert (standings["fast"]["last_exit"], standings["slow"]["last_exit"]) == (0, 130)
    assert standings["slow"]["due"] is not None


def test_a_run_that_exceeds_its_time_keeps_what_came_and_the_next_asks_for_it_again(sources, tmp_path):
    (tmp_path / "seeds" / "fast.toml").unlink()
    archive, again = tmp_path / "archive", "slow/2026/11/story-of-the-harbour-master"
    options = ("--once", "--max-seconds", 3, "--allow-address", f"127.0.0.1:{sources.port}")
    done = presswarc("schedule", *options, "--archive", archive, cwd=tmp_path)
    assert "slow: ended with 0: time limit" in done.stderr
    assert (again, "unspecified") in captures(archive)
    sources.routes[f"/{again}"] = sources.routes["/fast/2026/11/story-of-the-harbour-master"]
    presswarc("crawl", "slow", *options[-2:], "--archive", archive, cwd=tmp_path)
    assert (again, None) in captures(archive)


HANGS = """
import asyncio, sys
import crawler.ending
from crawler.cli import main
from crawler.spiders.news import NewsSpider

crawler.ending.LET_GO_AFTER_S = 1.0
parse = NewsSpider.parse

async def hangs(self, response):
    if "/slow/" in response.url:
        await asyncio.Event().wait()
    async for one in parse(self, response):
        yield one

NewsSpider.parse = hangs
sys.exit(main())
"""


def test_a_spider_that_hangs_is_let_go_of_and_stops_no_other(sources, tmp_path):
    options = ["--once", "--max-seconds", "2", "--allow-address", f"127.0.0.1:{sources.port}"]
    command = [sys.executable, "-c", HANGS, "schedule", *options]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "fast: ended with 0: " in done.stderr
    assert "let go of what hangs" in done.stderr
    assert "slow: ended with 0: time limit" in done.stderr
    assert ("slow/", None) in captures(tmp_path / "archive")


def test_an_archive_held_by_somebody_else_is_told_and_the_run_stays_due(sources, tmp_path):
    archive = tmp_path / "archive"
    with WriteLock(Layout(archive).state / "lock"):
        done = presswarc("schedule", "--once", "--archive", archive, cwd=tmp_path, code=4)
    assert "another process writes to this archive" in done.stderr
    assert sources.seen == []
    rows = presswarc("schedule", "--list", "--json", "--archive", archive, cwd=tmp_path).stdout
    assert all(row["due"] and row["last_start"] is None for row in json.loads(rows))


def test_listing_creates_nothing_and_shows_a_seed_file_with_faults(tmp_path):
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "paper.toml").write_text(SEED.format(name="paper", port=9))
    (tmp_path / "seeds" / "broken.toml").write_text("colour = 3\n")
    done = presswarc("schedule", "--list", "--json", cwd=tmp_path, code=2)
    paper, broken = json.loads(done.stdout)
    assert (paper["source"], paper["schedule"], paper["due"]) == ("paper", "* * * * *", None)
    assert datetime.fromisoformat(paper["next_start"]) > datetime.now(UTC)
    assert "colour" in broken["note"]
    assert [path.name for path in tmp_path.iterdir()] == ["seeds"]


def test_seeds_lie_in_any_folder_and_are_named_as_for_a_crawl(tmp_path):
    (tmp_path / "papers").mkdir()
    for name in ("paper", "other"):
        (tmp_path / "papers" / f"{name}.toml").write_text(SEED.format(name=name, port=9))

    def listed(*words: str) -> list[str]:
        rows = json.loads(presswarc("schedule", "--list", "--json", *words, cwd=tmp_path).stdout)
        return [row["source"] for row in rows]

    assert listed("--seeds", "papers") == ["other", "paper"]
    assert listed("paper", "--seeds", "papers") == ["paper"]
    assert listed("papers/other.toml") == ["other"]
    units = presswarc("schedule", "--seeds", "papers", "--systemd", cwd=tmp_path).stdout
    assert f" --seeds {tmp_path}/papers\n" in units
    done = presswarc("schedule", "--seeds", "paper", cwd=tmp_path, code=2)
    assert "there is no folder paper" in done.stderr


def test_the_units_name_this_installation_by_absolute_paths(tmp_path):
    folder = tmp_path / "100% news"
    (folder / "seeds").mkdir(parents=True)
    (folder / "seeds" / "paper.toml").write_text(SEED.format(name="paper", port=9))
    printed = presswarc("schedule", "paper", "--systemd", "--at-once", "2", cwd=folder).stdout
    units = [part.partition("\n[")[2] for part in printed.split("/etc/systemd/system/")[1:]]
    service, once, timer = (configparser.RawConfigParser(strict=True) for _ in units)
    for parser, text in zip((service, once, timer), units, strict=True):
        parser.read_string(f"[{text}")
    for parser, how in ((service, "schedule"), (once, "schedule --once")):
        start = parser["Service"]["ExecStart"]
        program = Path(start.split(" schedule")[0].split(" ")[0])
        assert program.is_absolute()
        assert program.exists()
        assert f' {how} --archive "{tmp_path}/100%% news/archive" --at-once 2 paper' in start
        assert parser["Service"]["WorkingDirectory"] == f"{tmp_path}/100%% news"
    assert timer["Timer"]["OnCalendar"]


def test_the_units_may_write_the_health_file_and_name_the_variables_but_not_their_values(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("PRESSWARC_DVIDS_KEY", "key-123456")
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "paper.toml").write_text(SEED.format(name="paper", port=9))
    (tmp_path / "presswarc.toml").write_text(f'health_file = "{tmp_path}/text files/presswarc.prom"\n')
    done = presswarc("schedule", "--systemd", cwd=tmp_path, env={"PRESSWARC_DVIDS_KEY": "key-123456"})
    assert done.stdout.count(f'\nReadWritePaths={tmp_path}/archive "{tmp_path}/text files"\n') == 2
    assert "Set here and now: PRESSWARC_DVIDS_KEY." in done.stdout
    assert "key-123456" not in done.stdout
    assert f"{tmp_path}/text files is not there" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--once", "--list"), "exclude one another"),
        ((), "no seed in ./seeds has a schedule"),
        (("demo",), "the seed `demo` has no schedule"),
        (("dmeo",), "did you mean `demo`?"),
    ],
)
def test_a_schedule_of_nothing_is_a_fault_of_usage(words, told, tmp_path):
    assert told in presswarc("schedule", *words, cwd=tmp_path, code=2).stderr
