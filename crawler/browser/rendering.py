"""One page in the browser: its requests answered by the capture, and what it has become by the end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Any

from crawler.browser.rules import Asked, refusal
from crawler.browser.serialize import serializer
from crawler.seed import Scope

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Dialog, Frame, Page, Request, Route, WebSocketRoute

QUIET_S = 1.0  # without a request, after the page was read: then it is taken for done
_LOOK_S = 0.05
_READ_S = 5.0  # to write the page down
# Nothing on a page may reach the network past what is intercepted.
_WITHOUT = """
for (const name of ["RTCPeerConnection", "webkitRTCPeerConnection", "SharedWorker", "WebTransport"])
  delete window[name];
"""
_EVERYTHING = re.compile("")
log = logging.getLogger(__name__)


class RenderFailedError(Exception):
    """The browser made nothing of a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one page."""

    wall_s: float
    requests: int
    total_bytes: int
    dom_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP answer as the browser is given it: no content coding, no transfer coding."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a page asks for, to be fetched within `within_s` and at most `most_bytes` large."""

    asked: Asked
    headers: dict[str, str]
    body: bytes
    within_s: float
    most_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """A page as the browser has it.

    `ended` is "quiet" or "time"; `refused` counts what was not fetched for it, by reason.
    """

    html: bytes
    ended: str
    took_s: float
    requests: int
    refused: Counter[str]


@dataclass(kw_only=True)  # without slots: playwright notes on an object which of its methods it was given
class Rendering:
    """A page while it is rendered. `fetch` answers for the network; None where there is no answer."""

    url: str
    answer: Answer
    scope: Scope
    limits: Limits
    fetch: Callable[[Wanted], Awaitable[Answer | None]]
    refused: Counter[str] = field(default_factory=Counter)
    _requests: int = 0
    _bytes: int = 0
    _under_way: int = 0
    _begun: float = 0.0
    _active_at: float = 0.0
    _shown: bool = False
    _read: bool = False
    _crash: str = ""

    async def render(self, context: BrowserContext) -> Rendered:
        """The page as it is when it comes to rest, or when its time is up. Raises: RenderFailedError."""
        from playwright.async_api import Error

        self._begun = self._active_at = monotonic()
        try:
            page = await self._opened(context)
            going = asyncio.ensure_future(self._go(page))
            try:
                ended = await self._rest()
                html = await self._written(context, page)
            finally:
                going.cancel()
                with contextlib.suppress(asyncio.CancelledError, Error):
                    await going
        except (TimeoutError, Error) as error:
            raise RenderFailedError(self._crash or f"the browser: {_first_line(error)}") from error
        return Rendered(
            html=html,
            ended=ended,
            took_s=monotonic() - self._begun,
            requests=self._requests,
            refused=self.refused,
        )

    async def _opened(self, context: BrowserContext) -> Page:
        """An empty page that is watched from the beginning."""
        await context.add_init_script(_WITHOUT)
        await context.route(_EVERYTHING, self._route)
        await context.route_web_socket(_EVERYTHING, self._refuse_socket)
        page = await context.new_page()
        context.on("page", self._refuse_popup)
        context.on("dialog", self._dismiss)
        page.on("crash", lambda _: self._crashed("the page's process crashed"))
        page.on("close", lambda _: self._crashed("the page was closed"))
        page.on("download", lambda _: self._refuse("download"))
        page.on("domcontentloaded", lambda _: self._was_read())
        if context.browser is not None:
            context.browser.on("disconnected", lambda _: self._crashed("the browser crashed"))
        return page

    async def _go(self, page: Page) -> None:
        """Have the page loaded; whatever comes of it is seen by who waits for it to rest."""
        from playwright.async_api import Error

        try:
            await page.goto(self.url, wait_until="commit", timeout=self.limits.wall_s * 1000)
        except Error as error:
            self._crashed(f"the browser: {_first_line(error)}")

    async def _rest(self) -> str:
        """How the page came to its end. Raises: RenderFailedError where it crashed."""
        until = self._begun + self.limits.wall_s
        while (now := monotonic()) < until:
            if self._crash:
                raise RenderFailedError(self._crash)
            if self._read and not self._under_way and now - self._active_at >= QUIET_S:
                return "quiet"
            await asyncio.sleep(_LOOK_S)
        return "time"

    async def _written(self, context: BrowserContext, page: Page) -> bytes:
        """The page written down, in a world that its scripts can't get at. Raises: RenderFailedError."""
        try:
            told = await asyncio.wait_for(self._evaluated(context, page), _READ_S * 2)
        except TimeoutError as error:
            raise RenderFailedError(self._crash or "the page's scripts never rest") from error
        if not isinstance(told, dict) or "html" not in told:
            raise RenderFailedError(f"the page is larger than {self.limits.dom_bytes} bytes")
        html = str(told["html"]).encode("utf-8", "replace")
        if len(html) > self.limits.dom_bytes:
            raise RenderFailedError(f"the page is larger than {self.limits.dom_bytes} bytes")
        return html

    async def _evaluated(self, context: BrowserContext, page: Page) -> Any:  # noqa: ANN401 (what a script gives)
        """What the serializer gives."""
        devtools = await context.new_cdp_session(page)
        tree = await devtools.send("Page.getFrameTree")
        world = await devtools.send(
            "Page.createIsolatedWorld",
            {"frameId": tree["frameTree"]["frame"]["id"], "worldName": "presswarc"},
        )
        told = await devtools.send(
            "Runtime.evaluate",
            {
                "expression": serializer(self.limits.dom_bytes),
                "contextId": world["executionContextId"],
                "returnByValue": True,
                "timeout": _READ_S * 1000,
            },
        )
        return told.get("result", {}).get("value")

    async def _route(self, route: Route, request: Request) -> None:
        """Answer one request of the page."""
        from playwright.async_api import Error

        self._under_way += 1
        try:
            await self._answer(route, request)
        except Error as error:  # the page is gone meanwhile
            log.debug("%s: %s", request.url, error)
        finally:
            self._under_way -= 1
            self._active_at = monotonic()

    async def _answer(self, route: Route, request: Request) -> None:
        if request.is_navigation_request():
            await self._navigate(route, request)
            return
        asked = Asked(url=request.url, method=request.method, kind=request.resource_type)
        reason = refusal(asked, self.scope) or self._too_much()
        if reason is not None:
            self._refuse(reason)
            await route.abort("blockedbyclient")
            return
        self._requests += 1
        left = max(self._begun + self.limits.wall_s - monotonic(), 0.1)
        answer = await self.fetch(
            Wanted(
                asked=asked,
                headers=request.headers,
                body=request.post_data_buffer or b"",
                within_s=left,
                most_bytes=self.limits.total_bytes - self._bytes,
            )
        )
        if answer is None:
            self._refuse(f"{asked.kind} without an answer")
            await route.abort("failed")
            return
        self._bytes += len(answer.body)
        await route.fulfill(status=answer.status, headers=answer.headers, body=answer.body)

    async def _navigate(self, route: Route, request: Request) -> None:
        """Show the page itself, once; to wherever else it goes, or its frames, it does not get."""
        if not self._shown and request.url.partition("#")[0] == self.url.partition("#")[0]:
            self._shown = True
            await route.fulfill(status=self.answer.status, headers=self.answer.headers, body=self.answer.body)
            return
        frame = _frame(request)
        if frame is None:  # of a window that is being opened, which is counted when it is there
            await route.abort("blockedbyclient")
            return
        self._refuse("frame" if frame.parent_frame else "navigation")
        await route.fulfill(status=204)  # an error would put the browser's own page in the place of this one

    def _too_much(self) -> str | None:
        """Why a page gets nothing more."""
        if self._requests >= self.limits.requests:
            return "too many requests"
        return "too many bytes" if self._bytes >= self.limits.total_bytes else None

    def _refuse(self, reason: str) -> None:
        self.refused[reason] += 1

    async def _refuse_socket(self, socket: WebSocketRoute) -> None:
        self._refuse("websocket")
        await socket.close()

    async def _refuse_popup(self, popup: Page) -> None:
        from playwright.async_api import Error

        self._refuse("popup")
        with contextlib.suppress(Error):
            await popup.close()

    async def _dismiss(self, dialog: Dialog) -> None:
        from playwright.async_api import Error

        self._refuse("dialog")
        with contextlib.suppress(Error):
            await dialog.dismiss()

    def _was_read(self) -> None:
        self._read = True
        self._active_at = monotonic()

    def _crashed(self, reason: str) -> None:
        self._crash = self._crash or reason


def _frame(request: Request) -> Frame | None:
    """The frame that goes somewhere, None where it is not there yet."""
    from playwright.async_api import Error

    try:
        return request.frame
    except Error:
        return None


def _first_line(error: BaseException) -> str:
    """What an error says, on a line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
