"""Run by test_spider_replay.py: a spider that knows nothing of Presswarc, on a site or on its archive.

Reads what to do from stdin as JSON, writes what the spider got for each request to stdout as JSON. With
`offline`, whatever would reach for the network is noted and fails.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess, Crawler
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.config import load_config
from crawler.crawling import Crawling
from crawler.guard import AddressPolicy
from crawler.seeds import load_seed
from crawler.session import Session

REACHING = {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}
reached: list[str] = []


class PlainSpider(Spider):
    """Fetches the given requests one after another."""

    name = "plain"

    def __init__(self, *, requests: list[dict[str, Any]], told: list[Any]) -> None:
        super().__init__()
        self.requests, self.told = requests, told

    async def start(self) -> AsyncIterator[Request]:
        yield self.next(0)

    def next(self, at: int) -> Request:
        one = self.requests[at]
        return Request(
            one["url"],
            method=one.get("method", "GET"),
            body=one.get("body", ""),
            headers=one.get("headers"),
            callback=self.answered,
            errback=self.failed,
            dont_filter=True,
            meta={"handle_httpstatus_all": True, **one.get("meta", {}), "at": at},
        )

    def answered(self, response: Response) -> Any:
        return self.tell(response.meta["at"], seen(response))

    def failed(self, failure: Failure) -> Any:
        told = {"error": failure.type.__name__, "retries": failure.request.meta.get("retry_times")}
        if isinstance(failure.value, HttpError):
            told["response"] = seen(failure.value.response)
        return self.tell(failure.request.meta["at"], told)

    def tell(self, at: int, told: dict[str, Any]) -> Any:
        self.told[at] = told
        if at + 1 < len(self.requests):
            yield self.next(at + 1)


class ArchivedSpider(PlainSpider):
    """The same, with the crawl that CaptureHandler asks for."""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, session: Session, seed: str, **rest: Any) -> Any:
        spider = super().from_crawler(crawler, *args, **rest)
        spider.crawling = Crawling(crawler, load_seed(seed), session)
        return spider


def seen(response: Response) -> dict[str, Any]:
    headers = {
        name.decode("latin-1"): [value.decode("latin-1") for value in values]
        for name, values in response.headers.items()
    }
    return {
        "url": response.url,
        "status": response.status,
        "headers": headers,
        "body": response.body.decode("latin-1"),
        "flags": response.flags,
        "ip": str(response.ip_address),
        "protocol": response.protocol,
        "type": type(response).__name__,
        "encoding": response.encoding if isinstance(response, TextResponse) else None,
        "retries": response.meta.get("retry_times"),
        "hops": response.meta.get("redirect_urls"),
    }


def refuse(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook, below everything that Python code can do to reach the network."""
    if event not in REACHING or (event == "socket.connect" and arguments[0].family == socket.AF_UNIX):
        return
    reached.append(f"{event} {arguments[1:]}")
    raise PermissionError("this process is to stay offline")


def is_guarded() -> bool:
    """Whether the hook, set from now on, keeps a socket from connecting."""
    sys.addaudithook(refuse)
    try:
        socket.create_connection(("127.0.0.1", 9))
    except PermissionError:
        return bool(reached.pop())
    except OSError:
        pass
    return False


def run(job: dict[str, Any]) -> dict[str, Any]:
    told: list[Any] = [None] * len(job["requests"])
    guarded = bool(job.get("offline")) and is_guarded()
    process = AsyncCrawlerProcess({**SETTINGS, **job.get("settings", {})})
    if "archive" not in job:
        crawler = process.create_crawler(PlainSpider)
        process.crawl(crawler, requests=job["requests"], told=told)
        process.start()
        return {"told": told, "reached": reached, "guarded": guarded, "stats": stats(crawler)}
    config = load_config(archive=Path(job["archive"]), environ={}, **job.get("config", {}))
    allowed = frozenset((host, port) for host, port in job["allowed"])
    with Session(config, AddressPolicy(allowed, {})) as session:
        crawler = process.create_crawler(ArchivedSpider)
        process.crawl(crawler, requests=job["requests"], told=told, session=session, seed=job["seed"])
        process.start()
        crawling = crawler.spider.crawling  # type: ignore[union-attr]
        crawling.close("finished")
        session.finish()
    return {"told": told, "crawl_id": crawling.crawl_id}


def stats(crawler: Crawler) -> dict[str, Any]:
    found = crawler.stats.get_stats() if crawler.stats else {}
    return {name: value for name, value in found.items() if name.startswith("presswarc/")}


CAPTURE = "crawler.capture.handler.CaptureHandler"
SETTINGS = {
    "DOWNLOAD_HANDLERS": {"http": CAPTURE, "https": CAPTURE},
    "TWISTED_DNS_RESOLVER": "scrapy.resolver.CachingHostnameResolver",
    "CONCURRENT_REQUESTS": 1,
    "DOWNLOAD_DELAY": 0,
    "HTTPPROXY_ENABLED": False,
    "ROBOTSTXT_OBEY": True,
    "RETRY_TIMES": 2,
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "LOG_LEVEL": "WARNING",
}

if __name__ == "__main__":
    json.dump(run(json.load(sys.stdin)), sys.stdout)
