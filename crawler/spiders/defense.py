"""A spider for defense.gov, war.gov and the sites of their CMS."""

from __future__ import annotations

from crawler.spiders.news import NewsSpider


class DefenseSpider(NewsSpider):
    """The news spider under the name that such seeds give: an article is its numeric ID, whatever its URL form."""

    name = "defense"
