"""What the pool of parsing processes and the address guard cost a crawl, on healthy pages, in one run.

    python benchmarks/guard.py [--pages 300] [--rounds 5] [--folder DIR]

A server in a process of its own serves articles; crawls fetch, read and index them, in rounds, one of each
kind in turn, in fresh processes. "bare" parses in a thread of the crawl's own process and connects as
Scrapy does; "pool" parses in one child process; "guarded" is what is shipped, with one child: the pool, and
the address guard. Pages a second, from one of the first articles to the last; CPU is that of the crawl and
its children. A ratio is the median of the rounds' own, for what else a machine does changes from round to
round; beside it the lowest and the highest.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from capture_overhead import served

from pages import from_folder, made_up

KINDS = ("bare", "pool", "guarded")
PAGE_BYTES = 60_000
WARM_UP = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One crawl: pages a second, and milliseconds of CPU a page."""

    pages_s: float
    cpu_ms: float


class InProcess:
    """Stands where the pool of processes does, and parses in a thread."""

    def __init__(self, *_: object) -> None:
        """One thread, as there is one child."""
        self._thread = ThreadPoolExecutor(1)

    def submit(self, function: Any, *arguments: object) -> Future[Any]:  # noqa: ANN401 (as the pool's)
        """Run it."""
        return self._thread.submit(function, *arguments)

    def close(self) -> None:
        """End the thread."""
        self._thread.shutdown(cancel_futures=True)


async def dial(endpoint: Any, factory: object) -> Any:  # noqa: ANN401 (Twisted's)
    """Connect to whatever the host is, as Scrapy does."""
    return await endpoint._dial(endpoint._host, endpoint._port, factory)  # noqa: SLF001 (what is left out is there)


def take_out(kind: str) -> None:
    """Take out of this process what a crawl of the kind does without."""
    import crawler.guard
    import crawler.session

    if kind != "guarded":
        crawler.guard.GuardedEndpoint._connect = dial  # type: ignore[assignment,method-assign]  # noqa: SLF001 (the same)
    if kind == "bare":
        crawler.session.Workers = InProcess  # type: ignore[assignment,attr-defined]


def crawl(kind: str, port: int, pages: int, archive: Path) -> None:
    """Crawl in this process, and print what it took."""
    from crawler.config import load_config
    from crawler.crawls import Limits, run_crawls
    from crawler.guard import AddressPolicy
    from crawler.seed import Politeness, Robots, Scope, Seed
    from crawler.session import Session

    take_out(kind)
    urls = tuple(f"http://127.0.0.1:{port}/{number}" for number in range(pages))
    seed = Seed(
        name="bench", title="bench", urls=urls,
        scope=Scope(hosts=(f"127.0.0.1:{port}",), deny=("/section/",)),
        robots=Robots(obey=False, reason="a benchmark"),
        politeness=Politeness(delay_s=0, concurrency=4),
        sitemaps_auto=False,
    )  # fmt: skip
    config = load_config(archive=archive, workers=1, log_level="error")
    with Session(config, AddressPolicy(frozenset({("127.0.0.1", port)}))) as session:
        run_crawls([seed], session, Limits(max_pages=pages))
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    print(json.dumps(sum(one.ru_utime + one.ru_stime for one in used)))


def measured(kind: str, port: int, pages: int) -> Round:
    """A crawl in a process of its own; the first pages, while processes start, do not count."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, __file__, "--crawl", kind, str(port), str(pages), folder]
        environ = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWARC_")}
        told = subprocess.run(command, check=True, capture_output=True, text=True, env=environ)
        (log,) = Path(folder).glob("crawls/*/log.ndjson")
        lines = [json.loads(line) for line in log.read_text().splitlines()]
    read = sorted(datetime.fromisoformat(line["at"]) for line in lines if line["event"] == "page")
    counted = read[WARM_UP:]
    took_s = (counted[-1] - counted[0]).total_seconds()
    return Round(pages_s=(len(counted) - 1) / took_s, cpu_ms=1000 * float(told.stdout) / len(read))


def main() -> None:
    """Measure, and print the medians and their ratios."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--crawl", nargs=4, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.crawl:
        kind, port, pages, archive = given.crawl
        crawl(kind, int(port), int(pages), Path(archive))
        return
    bodies = from_folder(given.folder, given.pages) if given.folder else made_up(given.pages, PAGE_BYTES)
    rounds: dict[str, list[Round]] = {kind: [] for kind in KINDS}
    with served(bodies) as port:
        for number in range(given.rounds):
            for kind in KINDS[number % len(KINDS) :] + KINDS[: number % len(KINDS)]:
                rounds[kind].append(measured(kind, port, len(bodies)))
                print(kind, rounds[kind][-1], file=sys.stderr)
    report(rounds)


def report(rounds: Mapping[str, Sequence[Round]]) -> None:
    """Print a table."""
    for kind in KINDS:
        speed, cpu = ([getattr(one, name) for one in rounds[kind]] for name in ("pages_s", "cpu_ms"))
        told = f"{statistics.median(speed):6.1f} pages/s  {statistics.median(cpu):6.1f} ms CPU a page"
        print(
            f"{kind:8} {told}  {ratio(rounds, kind, 'pages_s')} of bare, CPU {ratio(rounds, kind, 'cpu_ms')}"
        )


def ratio(rounds: Mapping[str, Sequence[Round]], kind: str, name: str) -> str:
    """What a kind has of what the bare crawls of the same rounds have."""
    each = [
        getattr(one, name) / getattr(bare, name)
        for one, bare in zip(rounds[kind], rounds["bare"], strict=True)
    ]
    return f"{statistics.median(each):.2f} ({min(each):.2f} to {max(each):.2f})"


if __name__ == "__main__":
    main()
