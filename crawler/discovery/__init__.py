"""Discovery: bytes of a feed, sitemap, listing, robots.txt or page -> links; pure, fit for a worker process.

`discover` picks the parser; `starts` gives the links a crawl of a seed begins with.
"""

from __future__ import annotations

from crawler.discovery.chains import Chains
from crawler.discovery.discover import discover
from crawler.discovery.links import Discovery, FoundIn, Link, LinkKind
from crawler.discovery.start import starts

__all__ = ["Chains", "Discovery", "FoundIn", "Link", "LinkKind", "discover", "starts"]
