"""The system's Chromium, kept off the network: started when a page needs it, anew after so many, then ended.

Three walls stand between it and the network. It runs in a network namespace that has no interface, where the
system lets it; its proxy is a port that nobody serves, and no name resolves; and every request that a page
makes is intercepted before it would get that far.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from storage.errors import ConfigError

if TYPE_CHECKING:
    from playwright.async_api import Browser, BrowserContext, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
_AT_ONCE = 4  # pages
_END_AFTER_S = 10.0
_PROBE_S = 20.0
_ARGUMENTS = (
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-quic",
    "--disable-gpu",
    "--mute-audio",
    "--js-flags=--max-old-space-size=768",
    "--no-pings",
)
log = logging.getLogger(__name__)


def find_chromium(path: str) -> str:
    """The browser's program: `path`, or the first on the PATH.

    Raises: ConfigError where there is none, or nothing to drive it.
    """
    if find_spec("playwright") is None:
        raise ConfigError(
            "the seed asks for a browser, and the package that drives one is not installed",
            hint="pip install 'presswarc[browser]', or set browser = false in the seed",
        )
    hint = "install Chromium (apt-get install chromium), or set browser_path to it"
    if path:
        if os.access(path, os.X_OK) and Path(path).is_file():
            return path
        raise ConfigError("browser_path names no program", hint=hint, where=path)
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise ConfigError("there is no Chromium to render pages with", hint=hint, where="PATH")
    return found


@dataclass(slots=True, kw_only=True)
class _Running:
    """A browser process: how many pages it has had, and how many it has now."""

    browser: Browser
    pages: int = 0
    open: int = 0
    retired: bool = False


@dataclass(slots=True, kw_only=True)
class Chromium:
    """One browser at a time, for the pages of one crawl; `pages` is after how many it is started anew."""

    path: str
    user_agent: str
    pages: int
    version: str = ""
    _folder: Path | None = None
    _driver: Playwright | None = None
    _running: _Running | None = None
    _starting: asyncio.Lock = field(default_factory=asyncio.Lock)
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    _ending: set[asyncio.Task[None]] = field(default_factory=set)

    @contextlib.asynccontextmanager
    async def context(self) -> AsyncIterator[BrowserContext]:
        """A context for one page, which knows of no other. Raises: ConfigError, playwright's Error."""
        async with self._places:
            running = await self._current()
            running.pages += 1
            running.open += 1
            try:
                context = await asyncio.wait_for(
                    running.browser.new_context(
                        user_agent=self.user_agent,
                        service_workers="block",
                        accept_downloads=False,
                        permissions=[],
                    ),
                    _END_AFTER_S,
                )
                try:
                    yield context
                finally:
                    await self._leave(running, context)
            finally:
                running.open -= 1
                if running.retired and not running.open:
                    await self._end(running)

    async def close(self) -> None:
        """End the browser and what drives it; nothing of them is left."""
        if self._running is not None:
            running, self._running = self._running, None
            await self._end(running)
        for task in list(self._ending):
            await task
        driver, self._driver = self._driver, None
        if driver is not None:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(driver.stop(), _END_AFTER_S)
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    async def _current(self) -> _Running:
        """The browser that takes pages, started where there is none, or the last has had its share."""
        async with self._starting:
            running = self._running
            if running is not None and running.browser.is_connected() and running.pages < self.pages:
                return running
            if running is not None:
                running.retired = True
                if not running.open:
                    await self._end(running)
            self._running = _Running(browser=await self._start())
            return self._running

    async def _start(self) -> Browser:
        """A browser, just started. Raises: ConfigError where it does not start."""
        from playwright.async_api import Error, async_playwright

        if self._driver is None:
            self._folder = await asyncio.to_thread(_prepared, self.path)
            self._driver = await async_playwright().start()
        folder = self._folder or Path()
        is_root = os.geteuid() == 0
        if is_root:
            log.warning("Chromium runs as root, and so without its sandbox: run crawls as another user")
        try:
            browser = await self._driver.chromium.launch(
                executable_path=str(folder / "chromium"),
                args=list(_ARGUMENTS),
                chromium_sandbox=not is_root,
                env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LANG": "C.UTF-8"},
                handle_sigint=False,
                handle_sigterm=False,
                handle_sighup=False,
            )
        except Error as error:
            raise ConfigError(
                f"Chromium does not start: {_first_line(error)}",
                hint=f"try: {self.path} --headless --dump-dom about:blank",
                where=self.path,
            ) from error
        self.version = browser.version
        log.info("Chromium %s renders pages", browser.version)
        return browser

    async def _leave(self, running: _Running, context: BrowserContext) -> None:
        """Close a page's context; a browser that can't close it is ended, and another started."""
        try:
            await asyncio.wait_for(context.close(), _END_AFTER_S)
        except Exception as error:  # noqa: BLE001 (whatever a dying browser answers)
            log.debug("closing a page: %s", error)
            running.retired = True
            if self._running is running:
                self._running = None

    async def _end(self, running: _Running) -> None:
        """End one browser."""
        task = asyncio.ensure_future(_closed(running.browser))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        await asyncio.shield(task)


async def _closed(browser: Browser) -> None:
    """Close a browser. One that does not answer is killed with its driver at the end."""
    with contextlib.suppress(Exception):
        await asyncio.wait_for(browser.close(), _END_AFTER_S)


def _prepared(program: str) -> Path:
    """A folder of the browser's own with the script that starts it, without a network where that can be."""
    folder = Path(tempfile.mkdtemp(prefix="presswarc-browser-"))
    alone = _alone()
    if not alone:
        log.info("no network namespace for Chromium: its proxy and resolver settings keep it off the network")
    script = folder / "chromium"
    script.write_text(f'#!/bin/sh\nexec {shlex.join([*alone, program])} "$@"\n', encoding="utf-8")
    script.chmod(0o700)
    return folder


def _alone() -> tuple[str, ...]:
    """The words that run a program without any network; none where this system does not let us."""
    own_user = () if os.geteuid() == 0 else ("--user", "--map-current-user")
    words = ("unshare", *own_user, "--net", "--")
    try:
        done = subprocess.run(  # noqa: S603 (the words are ours)
            [*words, "true"], capture_output=True, check=False, timeout=_PROBE_S
        )
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return words if done.returncode == 0 else ()


def _first_line(error: Exception) -> str:
    """What an error says, on a line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__
