"""One crawl of the tests' hostile site under the limits that everybody has who sets none.

    python benchmarks/hostile.py [--out DIR] [--max-seconds S] [--as-url]

Told: how it ended, how long it took, the most memory that the crawl and its children had, by process, each
hold of the event loop over 50 ms (`loop_watch.py`), the connections to private addresses, the articles, the
report. The seed sets its pace alone (no pause, 8 at once), or with `--as-url` there is none and the pace is
the command line's. Exit code 1 where something that is promised was not kept.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from soak import family, memory_mb

from storage.query import open_published, run_sql

HERE = Path(__file__).parent
SEED = """\
title = "Hostile"
urls = ["{url}"]

[scope]
hosts = ["127.0.0.1", "127.0.0.2", "localhost", "0.0.0.0", "10.0.0.1", "169.254.169.254", "127.2"]
article = ['/2026/11/\\d\\d/']

[politeness]
delay_s = 0
concurrency = 8
"""
MOST_MB = 900
LOOK_EVERY_S = 0.2


@dataclass(slots=True)
class Memory:
    """The most that the crawl had: alone, all of its children, together; and when that was."""

    own_mb: float = 0.0
    children_mb: float = 0.0
    together_mb: float = 0.0
    at_s: float = 0.0
    largest_mb: dict[int, float] = field(default_factory=dict)
    looks: list[str] = field(default_factory=list)

    def look(self, process: int, since: float) -> None:
        """Look at them now."""
        each = {one: memory_mb(one) for one in family(process)}
        own, children = each.pop(process, 0.0), sum(each.values())
        self.looks.append(f"{time.monotonic() - since:.1f},{own:.0f},{children:.0f}")
        self.own_mb, self.children_mb = max(self.own_mb, own), max(self.children_mb, children)
        for child, held in each.items():
            self.largest_mb[child] = max(held, self.largest_mb.get(child, 0.0))
        if own + children > self.together_mb:
            self.together_mb, self.at_s = own + children, time.monotonic() - since


def serve(pipe: Connection) -> None:
    """Serve the site until told to stop, then tell what the private network saw."""
    sys.path.insert(0, str(HERE.parent / "tests"))
    import hostile_site

    site = hostile_site.start()
    pipe.send((site.url, site.allowed, site.articles()))
    pipe.recv()
    asked = {path: count for path, count in site.front.asked.items() if path.startswith("/t/")}
    pipe.send((site.private_connections, sorted(set(site.traps()) - set(asked)), site.canary))
    site.stop()


@contextmanager
def served() -> Iterator[Connection]:
    """The site in a process of its own, whose memory is not the crawl's."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there,), daemon=True)
    process.start()
    try:
        yield here
    finally:
        process.terminate()
        process.join()


def crawled(folder: Path, command: Sequence[str]) -> tuple[int, float, Memory]:
    """Exit code, seconds and memory of a crawl."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWARC_")}
    began, memory = time.monotonic(), Memory()
    with (folder / "log").open("w") as log:
        crawl = subprocess.Popen(command, stdout=log, stderr=log, env=environ)
        while crawl.poll() is None:
            memory.look(crawl.pid, began)
            time.sleep(LOOK_EVERY_S)
    (folder / "memory.csv").write_text("\n".join(["seconds,own_mb,children_mb", *memory.looks]))
    return crawl.returncode, time.monotonic() - began, memory


def command_of(folder: Path, url: str, allowed: Sequence[str], given: argparse.Namespace) -> list[str]:
    """The crawl's command line."""
    seed = folder / "hostile.toml"
    seed.write_text(SEED.format(url=url))
    words = [sys.executable, str(HERE / "loop_watch.py"), str(folder / "holds.ndjson"), "crawl"]
    words += [url, "--delay", "0"] if given.as_url else [str(seed)]
    words += ["--archive", str(folder / "archive")]
    words += ["--max-seconds", str(given.max_seconds)] if given.max_seconds else []
    return [*words, *(word for one in allowed for word in ("--allow-address", one))]


def found(archive: Path, articles: Sequence[str]) -> int:
    """How many of the articles are indexed with their last sentence."""
    with open_published(archive) as index:
        result = run_sql(index, "SELECT url, text FROM articles WHERE outcome = 'article'")
        texts = dict(result.rows)
    ends = [f"This is paragraph 6 of healthy-{at}-healthy." for at in range(1, len(articles) + 1)]
    return sum(end in (texts.get(url) or "") for url, end in zip(articles, ends, strict=True))


def leaked(archive: Path, canary: str) -> bool:
    """Whether what only the private network says is in any file."""
    from storage.warc import read_records

    for path in archive.rglob("*"):
        if path.suffix == ".gz":
            if any(canary.encode() in getattr(one, "block", b"") for one in read_records(path)):
                return True
        elif path.is_file() and canary.encode() in path.read_bytes():
            return True
    return False


def told_holds(path: Path) -> list[dict[str, Any]]:
    """Print each hold of the event loop; those by the program's own beginning and end are among them."""
    *holds, last = [json.loads(line) for line in path.read_text().splitlines()]
    print(f"\n{len(holds)} of {last['callbacks']} callbacks held the event loop over 50 ms")
    for hold in sorted(holds, key=lambda one: -one["held_ms"]):
        print(f"  {hold['held_ms']} ms ({hold['cpu_ms']} of processor) at {time.ctime(hold['at'])}")
        for one in hold["where"]:
            print(f"      {one}")
        for one in hold["beside"]:
            print(f"      beside: {one}")
    return holds


def main() -> None:
    """Crawl, and tell what came of it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path)
    parser.add_argument("--max-seconds", type=int)
    parser.add_argument("--as-url", action="store_true")
    given = parser.parse_args()
    folder = given.out or Path(tempfile.mkdtemp(prefix="hostile-"))
    folder.mkdir(parents=True, exist_ok=True)
    with served() as site:
        url, allowed, articles = site.recv()
        code, took_s, memory = crawled(folder, command_of(folder, url, allowed, given))
        site.send("stop")
        private, missed, canary = site.recv()
    told_holds(folder / "holds.ndjson")
    (report,) = (folder / "archive").glob("crawls/*/report.json")
    print(json.dumps(json.loads(report.read_text()), indent=1)[:20_000])
    kept, leaks = found(folder / "archive", articles), leaked(folder / "archive", canary)
    children = ", ".join(f"{one:.0f}" for one in sorted(memory.largest_mb.values(), reverse=True)[:4])
    print(f"exit code {code} after {took_s:.0f} s; archive and log in {folder}")
    print(f"memory at most {memory.together_mb:.0f} MB (after {memory.at_s:.0f} s); at most each:")
    print(f"  the crawl {memory.own_mb:.0f} MB, all children {memory.children_mb:.0f} MB,")
    print(f"  the largest of {len(memory.largest_mb)} children {children} MB")
    print(f"{kept} of {len(articles)} articles; {private} private connections; leaked: {leaks}")
    print(f"{len(missed)} traps not sprung: {missed[:20]}")
    kept_all = kept == len(articles) and not private and not leaks and code in {0, 3}
    sys.exit(not (kept_all and memory.together_mb < MOST_MB))


if __name__ == "__main__":
    main()
