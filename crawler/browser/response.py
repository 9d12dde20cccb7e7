"""The response that a spider gets of a rendered page, live and from the archive."""

from __future__ import annotations

from scrapy.http import HtmlResponse

HTML = "text/html; charset=utf-8"
_OK = 200


def rendered_response(url: str, html: bytes) -> HtmlResponse:
    """The page that a browser made of what was at `url`."""
    return HtmlResponse(url, status=_OK, headers={"Content-Type": HTML}, body=html, encoding="utf-8")
