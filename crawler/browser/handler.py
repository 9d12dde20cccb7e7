"""The capture's download handler for seeds whose pages are rendered.

A page is fetched and archived as without a browser, and only then shown to one, which has no network: what it
asks for passes through the same handler. What it made of the page is archived beside the page's answer, as a
conversion record, and takes the page's place from there on.

Not by scrapy-playwright: there the browser fetches, and what came over the wire is not to be had from it.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from scrapy.exceptions import IgnoreRequest

from crawler.browser.chromium import Chromium, find_chromium
from crawler.browser.rendering import Limits, Rendered, RenderFailedError, Rendering
from crawler.browser.requisites import Requisites, answer_of
from crawler.browser.response import HTML, rendered_response
from crawler.capture.handler import ARCHIVED, CAPTURE, CaptureHandler
from crawler.capture.sink import Conversion, Kept
from crawler.config import software
from crawler.discovery import LinkKind
from crawler.ending import CUT_SHORT, CutShortError
from crawler.frontier import Found
from crawler.middlewares import KIND
from crawler.trail import found_of
from pipelines.kinds.walls import wall_of
from storage.article import Outcome
from storage.errors import ArchiveError, ConfigError
from storage.model import Headers
from storage.warc import read_record_at

if TYPE_CHECKING:
    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response

    from crawler.browser.rendering import Answer

RENDERED_BY = "X-Presswarc-Rendered-By"
_PAGES = frozenset({LinkKind.ARTICLE, LinkKind.LISTING, LinkKind.PAGE})
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml"})
_OK = 200
_CONDITIONS = ("If-None-Match", "If-Modified-Since")
log = logging.getLogger(__name__)
_BROWSERS: WeakKeyDictionary[Crawler, Chromium] = (
    WeakKeyDictionary()
)  # the handlers for http and https share it


class BrowserHandler(CaptureHandler):
    """Downloads and archives as its parent does; of pages it gives what the browser makes of them."""

    def __init__(self, crawler: Crawler) -> None:
        """Start no browser yet."""
        super().__init__(crawler)
        config = self._crawling.session.config
        self._limits = Limits(
            wall_s=config.browser_wall_s,
            requests=config.browser_requests,
            total_bytes=config.browser_bytes,
            dom_bytes=config.browser_dom_bytes,
        )
        self._requisites = Requisites(crawler, super()._download)

    async def download_request(self, request: Request) -> Response:
        """Download and render `request`. Raises: as the parent."""
        if ARCHIVED in request.meta and _is_page(request):
            rendering = self._archived_rendering(request)
            if rendering is not None:
                return rendering
            del request.meta[ARCHIVED]  # a crawl was killed before the page was rendered
        return await super().download_request(request)

    async def close(self) -> None:
        """Close the connections, and the browser."""
        browser = _BROWSERS.pop(self._crawler, None)
        if browser is not None:
            await browser.close()
        await super().close()

    async def _download(self, request: Request) -> Response:
        """Download and archive; a page is rendered, too."""
        if not _is_page(request):
            return await super()._download(request)
        for name in _CONDITIONS:  # what the server sends is the same however much the page changes
            request.headers.pop(name, None)
        response = await super()._download(request)
        answer = await answer_of(response, self._limits.total_bytes) if _is_html(response) else None
        if answer is None or _is_wall(answer):
            return response
        return await self._rendered(request, response, answer)

    async def _rendered(self, request: Request, response: Response, answer: Answer) -> Response:
        """What the browser makes of an answer; the answer itself where it makes nothing of it."""
        kept: Kept = request.meta[CAPTURE]
        url = request.url.partition("#")[0]
        found = found_of(request) or Found(url=url, kind="page", found_on="", found_in="page")
        rendering = Rendering(
            url=url,
            answer=answer,
            scope=self._crawling.seed.scope,
            limits=self._limits,
            fetch=self._requisites.fetcher(found),
        )
        try:
            rendered = await self._within_crawl(self._shown(rendering))
        except CutShortError as error:
            await self._failed(url, Outcome.INTERRUPTED, CUT_SHORT, found)
            raise IgnoreRequest(CUT_SHORT) from error
        except RenderFailedError as error:
            await self._failed(url, Outcome.RENDER_FAILED, str(error), found)
            return response
        except ConfigError as error:
            self._crawling.stop(error)
            raise IgnoreRequest(error.message) from error
        finally:
            for reason, count in rendering.refused.items():
                self._crawling.report.count("browser", f"not fetched: {reason}", count)
        request.meta[CAPTURE] = await self._kept(kept, rendered)
        return rendered_response(url, rendered.html)

    async def _shown(self, rendering: Rendering) -> Rendered:
        """The page in the browser. Raises: RenderFailedError, ConfigError."""
        from playwright.async_api import Error

        try:
            async with self._browser().context() as context:
                return await rendering.render(context)
        except (Error, TimeoutError) as error:
            raise RenderFailedError(f"the browser: {str(error).partition(chr(10))[0]}") from error

    async def _kept(self, kept: Kept, rendered: Rendered) -> Kept:
        """Archive what the browser made; a full or failing disk ends the crawl."""
        refused = ", ".join(f"{count} {reason}" for reason, count in sorted(rendered.refused.items()))
        told = Conversion(
            fields=((RENDERED_BY, f"Chromium/{self._browser().version} {software()}"),),
            facts=(
                ("renderTimeMs", str(round(rendered.took_s * 1000))),
                ("renderEnded", rendered.ended),
                ("renderRequests", str(rendered.requests)),
                ("renderRefused", refused),
            ),
        )
        try:
            return await self._crawling.sink.convert(kept, HTML, rendered.html, told)
        except ArchiveError as error:
            self._crawling.stop(error)
            raise IgnoreRequest(error.message) from error

    async def _failed(self, url: str, outcome: Outcome, reason: str, found: Found) -> None:
        """Archive that nothing was made of a page."""
        log.warning("%s is not rendered: %s", url, reason)
        self._crawling.report.count("browser", "failed")
        try:
            await self._crawling.sink.refuse(url, outcome, reason, found)
        except ArchiveError as error:
            self._crawling.stop(error)

    def _browser(self) -> Chromium:
        """The crawl's browser. Raises: ConfigError where there is none."""
        if self._crawler not in _BROWSERS:
            config = self._crawling.session.config
            _BROWSERS[self._crawler] = Chromium(
                path=find_chromium(config.browser_path),
                user_agent=config.user_agent,
                pages=config.browser_pages,
            )
        return _BROWSERS[self._crawler]

    def _archived_rendering(self, request: Request) -> Response | None:
        """The page that the archive has as a rendering; None where it has it as it came."""
        place = request.meta[ARCHIVED]
        try:
            path = self._crawling.session.layout.warc_file(place.warc_file)
            record = read_record_at(path, place.warc_offset)
        except OSError:
            return None
        if getattr(record, "record_type", "") != "conversion":
            return None
        request.meta[CAPTURE] = Kept()
        return rendered_response(request.url, record.block)  # type: ignore[union-attr]


def _is_page(request: Request) -> bool:
    """Whether a request is for a page, and not for what leads to pages."""
    return request.method == "GET" and request.meta.get(KIND) in _PAGES


def _is_html(response: Response) -> bool:
    """Whether an answer is a page to show."""
    kind = (response.headers.get("Content-Type") or b"").decode("latin-1").partition(";")[0].strip().lower()
    return response.status == _OK and kind in _HTML_TYPES and "partial" not in response.flags


def _is_wall(answer: Answer) -> bool:
    """Whether a wall stands in the page's place: a browser is not shown it, for it may be made to pass it."""
    headers = Headers(list(answer.headers.items()))
    return wall_of(answer.status, headers, answer.body.decode("utf-8", "replace")) is not None
