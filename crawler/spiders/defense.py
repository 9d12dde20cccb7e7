"""A spider for defense.gov, war.gov and the sites of their CMS."""

from __future__ import annotations

from crawler.spiders.news import NewsSpider


class DefenseSpider(NewsSpider):
    """The news spider, under a name of its own for what such sites will need beyond it."""

    name = "defense"
