"""What capture costs a crawl in CPU time a page: Scrapy's own download handler against ours, in one run.

    python benchmarks/capture_overhead.py [--pages 400] [--rounds 3] [--folder DIR]

A server in a process of its own serves pages of 130 kB, made up or a folder's (those within a quarter of that
size); they are fetched in rounds, one with each handler in turn, in fresh processes. "loop" is the time of
the thread in which the event loop runs, "process" that of all threads.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pages import from_folder, made_up

PAGE_BYTES = 130_000
FOLDER_PAGES = 100_000
PLAIN = "scrapy.core.downloader.handlers.http11.HTTP11DownloadHandler"
OURS = "crawler.capture.handler.CaptureHandler"
WARM_UP = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Milliseconds of CPU a page."""

    process_ms: float
    loop_ms: float


def serve(ready: Connection, bodies: Sequence[bytes]) -> None:
    """Serve the pages until the process is ended."""

    class Pages(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = bodies[int(self.path[1:]) % len(bodies)]
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:  # noqa: ANN401
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    ready.send(server.server_address[1])
    server.serve_forever()


@contextmanager
def served(bodies: Sequence[bytes]) -> Iterator[int]:
    """The port of a server in a process of its own."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there, bodies), daemon=True)
    process.start()
    try:
        yield here.recv()
    finally:
        process.terminate()
        process.join()


def crawl(port: int, pages: int, handler: str, archive: Path) -> Cost:
    """Fetch every page with one handler, in this process."""
    from scrapy import Request, Spider
    from scrapy.crawler import AsyncCrawlerProcess

    clock: dict[str, float] = {}
    closing: list[Any] = []

    class Pages(Spider):
        name = "pages"
        crawling = None

        async def start(self) -> AsyncIterator[Request]:
            self.begun = 0
            for number in range(pages):
                yield Request(
                    f"http://127.0.0.1:{port}/{number}", self.took, dont_filter=True, errback=self.failed
                )

        def took(self, response: Any) -> None:  # noqa: ANN401
            assert response.status == 200
            self.begun += 1
            if self.begun == WARM_UP:
                clock["process"], clock["loop"] = time.process_time(), time.thread_time()

        def failed(self, failure: Any) -> None:  # noqa: ANN401
            raise SystemExit(str(failure))

    if handler == OURS:
        Pages.crawling, close = _crawling(port, archive)
        closing.append(close)
    process = AsyncCrawlerProcess(
        {
            "DOWNLOAD_HANDLERS": {"http": handler},
            "CONCURRENT_REQUESTS_PER_DOMAIN": 4,
            "COOKIES_ENABLED": False,
            "HTTPPROXY_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
            "LOG_LEVEL": "ERROR",
        }
    )
    process.crawl(Pages)
    process.start()
    loop = time.thread_time() - clock["loop"]
    for close in closing:
        close()
    counted = pages - WARM_UP
    spent = time.process_time() - clock["process"]
    return Cost(process_ms=spent * 1000 / counted, loop_ms=loop * 1000 / counted)


def _crawling(port: int, archive: Path) -> tuple[Any, Any]:
    """What the handler asks of a crawl, and how to end it."""
    from crawler.capture.payloads import Payloads
    from crawler.capture.sink import CaptureSink
    from crawler.guard import AddressPolicy
    from storage.index.bodies import PublishedBodies
    from storage.layout import Layout
    from storage.warc.write import Origin, WarcWriter

    layout = Layout(archive)
    published = PublishedBodies(layout.root)
    payloads = Payloads(layout, published)
    writer = WarcWriter(layout, Origin(source="pages", fields=()), max_bytes=1 << 30)
    sink = CaptureSink(writer, payloads, source="pages", crawl_id="pages-1", told=lambda _: None)

    class Crawling:
        addresses = AddressPolicy(frozenset({("127.0.0.1", port)}))

        def __init__(self) -> None:
            self.sink = sink

        def stop(self, error: Exception) -> None:
            raise error

    def close() -> None:
        sink.close()
        payloads.close()
        published.close()

    return Crawling(), close


def measured(port: int, pages: int, handler: str) -> Cost:
    """The cost of one handler, taken in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        told = [sys.executable, __file__, "--pages", str(pages), "--child", handler, str(port), folder]
        done = subprocess.run(told, check=True, capture_output=True, text=True)
    return Cost(**json.loads(done.stdout))


def main() -> None:
    """Measure, and print milliseconds a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="serve the *.html and *.html.gz of this folder")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        handler, port, folder = given.child
        cost = crawl(int(port), given.pages, handler, Path(folder))
        print(json.dumps({"process_ms": cost.process_ms, "loop_ms": cost.loop_ms}))
        return
    bodies = from_folder(given.folder, FOLDER_PAGES) if given.folder else made_up(given.pages, PAGE_BYTES)
    if given.folder:
        bodies = [body for body in bodies if PAGE_BYTES * 0.75 < len(body) < PAGE_BYTES * 1.25]
    with served(bodies) as port:
        rounds = [
            [measured(port, given.pages, handler) for handler in (PLAIN, OURS)] for _ in range(given.rounds)
        ]
    size = statistics.mean(map(len, bodies)) / 1000
    print(f"{given.pages} pages of {size:.0f} kB on average, median of {given.rounds} rounds, ms CPU a page")
    for name in ("process", "loop"):
        plain, ours = (statistics.median(getattr(one[at], f"{name}_ms") for one in rounds) for at in (0, 1))
        print(f"{name:8} Scrapy alone {plain:5.2f}   with capture {ours:5.2f}   added {ours - plain:5.2f}")


if __name__ == "__main__":
    main()
