"""Scrapy's redirects, for targets that are no addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scrapy.downloadermiddlewares.redirect import RedirectMiddleware

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.http import Response

NOWHERE = "redirects to what is no address"


class TolerantRedirectMiddleware(RedirectMiddleware):
    """Follows redirects; one to `http://[` and the like is an answer without a page, not a fault."""

    def process_response(  # type: ignore[override]  # without the argument that Scrapy calls deprecated
        self, request: Request, response: Response
    ) -> Request | Response:
        """The request that `response` leads to, or the response."""
        try:
            return super().process_response(request, response)
        except ValueError:
            self.crawler.spider.crawling.noted(request.url, NOWHERE)  # type: ignore[union-attr]
            return response
