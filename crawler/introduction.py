"""How a crawl introduces itself: its id, its row in the index, the fields of its warcinfo records."""

from __future__ import annotations

import socket
from datetime import datetime
from importlib.metadata import version
from typing import TYPE_CHECKING

from crawler.config import software
from storage.model import Crawl
from storage.warc.build import warc_date
from storage.warc.write import file_safe

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.seeds import Seed

_PARTS = ("scrapy", "twisted", "warcio")  # what took part in a capture


def crawl_id(source: str, started_at: datetime) -> str:
    """Identifier of a crawl: its source and when it began.

    >>> crawl_id("demo", datetime.fromisoformat("2026-11-22T01:02:03.4Z"))
    'demo-20261122T010203400Z'
    """
    stamp = started_at.strftime("%Y%m%dT%H%M%S") + f"{started_at.microsecond // 1000:03d}Z"
    return f"{file_safe(source)}-{stamp}"


def crawl_of(seed: Seed, started_at: datetime) -> Crawl:
    """The crawl of a seed that begins now."""
    return Crawl(
        crawl_id=crawl_id(seed.name, started_at),
        source=seed.name,
        started_at=started_at,
        software=" ".join([software(), *(f"{name}/{version(name)}" for name in _PARTS)]),
        seed_url=" ".join(seed.urls),
        robots=seed.robots.policy,
    )


def warcinfo_fields(crawl: Crawl, config: Config) -> tuple[tuple[str, str], ...]:
    """Fields of the warcinfo records of a crawl: replay reads the crawl back from them."""
    return (
        ("software", crawl.software),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
        ("robots", crawl.robots),
        ("operator", config.operator),
        ("hostname", socket.gethostname()),
        ("http-header-user-agent", config.user_agent),
        ("isPartOf", crawl.source),
        ("source", crawl.source),
        ("crawlId", crawl.crawl_id),
        ("crawlStarted", warc_date(crawl.started_at)),
        ("seed", crawl.seed_url),
    )
