"""Two crawlers, each with its own archive, at one frontier in PostgreSQL; one of them is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from postgres_cluster import cluster

from storage.layout import Layout
from storage.model import Record
from storage.warc import read_records

psycopg = pytest.importorskip("psycopg")
pytestmark = pytest.mark.long

STORIES = 40
HELD = "/2026/story-number-20-of-the-day"
SEED = """
title = "Paper"
urls = ["http://127.0.0.1:{port}/"]
sitemaps = []
[scope]
hosts = ["127.0.0.1:{port}"]
[politeness]
delay_s = 0
"""
EXPIRED = "2000-01-01T00:00:00.000000+00:00"


def reply(body: str, status: str = "200 OK") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {len(body)}\r\n\r\n"
    return (head + body).encode("ascii")


class Site:
    """A server's routes: the first request for one story is never answered."""

    def __init__(self, answer: Any) -> None:
        self.held = threading.Event()
        self._answer = answer

    def __getitem__(self, path: str) -> Any:
        if path == "/robots.txt":
            return self._answer(sent=reply("", "404 Not Found"))
        if path == "/":
            paths = (f"/2026/story-number-{number}-of-the-day" for number in range(STORIES))
            links = "".join(f'<p><a href="{path}">Story of the day</a></p>' for path in paths)
            return self._answer(sent=reply(f"<title>Paper</title>{links}"))
        if path == HELD and not self.held.is_set():
            self.held.set()
            return self._answer(sent=b"", then="hold")
        return self._answer(
            sent=reply(f"<title>Story</title><p>The harbour of {path} stayed closed.</p>" * 4)
        )


def start(folder: Path, name: str, port: int, address: str) -> subprocess.Popen[str]:
    """A crawler with an archive of its own."""
    (folder / "paper.toml").write_text(SEED.format(port=port))
    return subprocess.Popen(
        [sys.executable, "-m", "crawler.cli", "crawl", "paper.toml", "--allow-address", f"127.0.0.1:{port}"],
        cwd=folder,
        env={
            **os.environ,
            "PRESSWARC_WORKERS": "1",
            "PRESSWARC_ARCHIVE": str(folder / name),
            "PRESSWARC_FRONTIER": address,
        },
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def archived(archive: Path) -> Counter[str]:
    """How often each page lies in the WARC files, finished or not."""
    files = [path for path in Layout(archive).warc.rglob("*.warc.gz*") if path.is_file()]
    return Counter(
        str(one.target_uri)
        for path in files
        for one in read_records(path)
        if isinstance(one, Record) and one.record_type in {"response", "revisit"}
    )


def test_of_two_crawlers_the_second_waits_for_the_host_and_goes_on_when_the_first_is_killed(
    serve, wire, tmp_path
):
    site = Site(wire.Answer)
    port = serve(site).port
    with cluster() as address:
        if address is None:
            pytest.skip("no PostgreSQL server here")
        first = start(tmp_path, "first", port, address)
        assert site.held.wait(120), "the first crawler never came to the story"
        second = start(tmp_path, "second", port, address)
        with psycopg.connect(address, autocommit=True) as db:
            _wait_for(db, "SELECT count(DISTINCT application_name || pid) > 2 FROM pg_stat_activity "
                          "WHERE application_name = 'presswarc' OR pid = pg_backend_pid()")  # fmt: skip
            os.killpg(first.pid, signal.SIGKILL)
            first.communicate()
            before = db.execute("SELECT count(*) FROM urls WHERE state = 'done'").fetchone()
            # Nobody waits a minute for a lease to run out here.
            db.execute("UPDATE hosts SET owned_until = %s", [EXPIRED])
            db.execute("UPDATE urls SET leased_until = %s WHERE leased_by IS NOT NULL", [EXPIRED])
            _, errors = second.communicate(timeout=240)
            assert second.returncode == 0, errors
            states = db.execute(
                "SELECT state, count(*) FROM urls WHERE kind <> 'robots' GROUP BY 1"
            ).fetchall()
    assert before is not None
    assert before[0] > STORIES // 4
    assert states == [("done", STORIES + 1)]
    pages = archived(tmp_path / "first") + archived(tmp_path / "second")
    stories = {url: count for url, count in pages.items() if "/2026/" in url}
    assert len(stories) == STORIES
    assert set(stories.values()) == {1}


def _wait_for(db: Any, question: str) -> None:
    """Wait until the answer is yes."""
    deadline = time.monotonic() + 120
    while not db.execute(question).fetchone()[0]:
        assert time.monotonic() < deadline, question
        time.sleep(0.05)
