"""A redirect whose host wants to be asked later: its target is not lost with the request."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from crawler.config import load_config
from crawler.crawling import Crawling
from crawler.discovery import LinkKind
from crawler.frontier import Found
from crawler.hosts import Refusals
from crawler.middlewares import KIND
from crawler.middlewares.politeness import PolitenessMiddleware
from crawler.politeness import PostponedError
from crawler.seeds import load_seed
from crawler.session import Session
from crawler.spiders.news import NewsSpider
from crawler.trail import FOUND

SITE = "http://news.example"


def test_the_target_of_a_redirect_is_asked_for_once_its_host_is_open(tmp_path):
    config, now = load_config(archive=tmp_path / "archive", environ={}), datetime.now(UTC)
    crawler = Crawler(NewsSpider)
    crawler.stats = StatsCollector(crawler)
    found = Found(url=f"{SITE}/go", kind="article", found_on=f"{SITE}/", found_in="page", depth=2, hops="LL")
    meta = {KIND: LinkKind.ARTICLE, FOUND: found}
    with Session(config) as session:
        crawling = Crawling(crawler, load_seed(SITE), session)
        crawler.spider = SimpleNamespace(crawling=crawling)
        told = Refusals(pauses=1, until=now + timedelta(minutes=1), reason="HTTP 429")
        crawling.hosts.refused("news.example", told)
        middleware = PolitenessMiddleware(crawler)
        for request in (
            Request(f"{SITE}/asked-for", meta=meta),  # the frontier has it anyway
            Request(f"{SITE}/story", meta={**meta, "redirect_urls": [f"{SITE}/go"]}),
        ):
            with pytest.raises(PostponedError):
                middleware.process_request(request)
        waiting = crawling.frontier.lease(now + timedelta(hours=1), 9, 9)
        crawling.close("finished")
    assert [(one.url, one.found_on, one.found_in, one.depth, one.hops) for one in waiting] == [
        (f"{SITE}/story", f"{SITE}/go", "redirect", 2, "LLR")
    ]
