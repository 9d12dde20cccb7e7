"""Run by test_capture_wire.py and test_guard.py: a Scrapy crawl whose only part of ours is the capture.

Reads the crawl from stdin as JSON, writes what the spider got for each request to stdout as JSON.
"""

from __future__ import annotations

import json
import resource
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.capture.drafting import Keeping
from crawler.capture.handler import CAPTURE
from crawler.capture.payloads import Payloads
from crawler.capture.sink import CaptureSink, Kept
from crawler.guard import AddressPolicy
from crawler.hosts import Hosts
from crawler.turns import Turns
from storage.errors import PresswarcError
from storage.index.bodies import PublishedBodies
from storage.layout import Layout
from storage.warc.write import Origin, WarcWriter


@dataclass(slots=True)
class Crawling:
    """What CaptureHandler asks of a crawl."""

    addresses: AddressPolicy
    sink: CaptureSink
    hosts: Hosts
    turns: Turns = field(default_factory=Turns)
    stopped: list[str] = field(default_factory=list)

    def stop(self, error: PresswarcError) -> None:
        self.stopped.append(type(error).__name__)


class WireSpider(Spider):
    """Fetches the given requests one after another."""

    name = "wire"

    def __init__(self, *, crawling: Crawling, requests: list[dict[str, Any]], told: dict[str, Any]) -> None:
        super().__init__()
        self.crawling, self.requests, self.told = crawling, requests, told

    async def start(self) -> AsyncIterator[Request]:
        for at, one in enumerate(self.requests):
            yield Request(
                one["url"],
                callback=self.answered,
                errback=self.failed,
                dont_filter=True,
                method=one.get("method", "GET"),
                headers=one.get("headers"),
                meta={**one.get("meta", {}), "at": at},
                priority=-at,
            )

    def answered(self, response: Response) -> None:
        kept: Kept = response.meta[CAPTURE]
        capture = kept.capture
        self.told["answers"][response.meta["at"]] = {
            "status": response.status,
            "body": response.body.decode("latin-1"),
            "record_id": capture.record_id if capture else None,
        }

    def failed(self, failure: Failure) -> None:
        self.told["answers"][failure.request.meta["at"]] = {"error": failure.type.__name__}


def run(crawl: dict[str, Any]) -> dict[str, Any]:
    if "file_limit" in crawl:  # stands for a full disk
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (crawl["file_limit"], crawl["file_limit"]))
    layout = Layout(Path(crawl["archive"]))
    published = PublishedBodies(layout.root)
    payloads = Payloads(layout, published)
    writer = WarcWriter(layout, Origin(source="wire", fields=(("crawlId", "wire-1"),)), max_bytes=1 << 30)
    crawling = Crawling(
        addresses=AddressPolicy(
            frozenset((address, port) for address, port in crawl.get("allowed", [])),
            crawl.get("connect_to", {}),
        ),
        sink=CaptureSink(
            writer,
            payloads,
            source="wire",
            crawl_id="wire-1",
            told=lambda _: None,
            keeping=Keeping(**crawl.get("keeping", {})),
        ),
        hosts=Hosts(layout.hosts, read_only=True),
    )
    result: dict[str, Any] = {"answers": [None] * len(crawl["requests"])}
    process = AsyncCrawlerProcess(settings(crawl.get("settings", {})))
    process.crawl(WireSpider, crawling=crawling, requests=crawl["requests"], told=result)
    process.start()
    crawling.sink.close()
    payloads.close()
    published.close()
    result["stopped"] = crawling.stopped
    return result


def settings(own: dict[str, Any]) -> dict[str, Any]:
    handler = "crawler.capture.handler.CaptureHandler"
    return {
        "DOWNLOAD_HANDLERS": {"http": handler, "https": handler},
        "TWISTED_DNS_RESOLVER": "scrapy.resolver.CachingHostnameResolver",
        "CONCURRENT_REQUESTS": 1,
        "DOWNLOAD_DELAY": 0,
        "HTTPERROR_ALLOW_ALL": True,
        "HTTPPROXY_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "RETRY_ENABLED": False,
        "ROBOTSTXT_OBEY": False,
        "TELNETCONSOLE_ENABLED": False,
        "REMOTE_CONTROL_ENABLED": False,
        "LOG_LEVEL": "WARNING",
        **own,
    }


if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
