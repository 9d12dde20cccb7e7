"""Chromium itself: it reaches no network, is started anew after so many pages, and writes pages down."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.browser import chromium as of_chromium
from crawler.browser.chromium import NAMES, Chromium, find_chromium
from crawler.browser.rendering import Answer, Limits, RenderFailedError, Rendering
from crawler.browser.rules import Asked, refusal
from crawler.seed import Scope
from storage.errors import ConfigError

SCOPE = Scope(hosts=("news.example", "*.river.example"), deny=(r"/internal/",))
needs_chromium = pytest.mark.skipif(not any(map(shutil.which, NAMES)), reason="there is no Chromium here")


def in_chromium(work: Callable[[Chromium], Awaitable[Any]], pages: int = 100) -> Any:
    """What `work` gives with a browser, which is gone afterwards."""
    pytest.importorskip("playwright")

    async def run() -> Any:
        browser = Chromium(path=find_chromium(""), user_agent="presswarc/test", pages=pages)
        try:
            return await work(browser)
        finally:
            await browser.close()

    return asyncio.run(run())


def rendered(html: str, wall_s: float = 20.0, dom_bytes: int = 1_000_000) -> str:
    """What a page becomes that has nothing but itself."""

    async def no_answer(_: Any) -> None:
        return None

    async def work(browser: Chromium) -> str:
        headers = {"content-type": "text/html; charset=utf-8"}
        rendering = Rendering(
            url="http://news.example/",
            answer=Answer(status=200, headers=headers, body=html.encode()),
            scope=SCOPE,
            limits=Limits(wall_s=wall_s, requests=10, total_bytes=1_000_000, dom_bytes=dom_bytes),
            fetch=no_answer,
        )
        async with browser.context() as context:
            return (await rendering.render(context)).html.decode()

    return in_chromium(work)


@needs_chromium
@pytest.mark.parametrize("namespace", [True, False])
def test_by_itself_the_browser_reaches_nothing(monkeypatch, namespace):
    if not namespace:
        monkeypatch.setattr(of_chromium, "_alone", tuple)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        async def work(browser: Chromium) -> list[str]:
            told = []
            async with browser.context() as context:
                for host in ("127.0.0.1", "localhost", "[::1]", "0.0.0.0"):
                    page = await context.new_page()
                    try:
                        await page.goto(f"http://{host}:{port}/", timeout=20_000)
                    except Exception as error:  # noqa: BLE001 (its kind is not the point)
                        told.append(str(error))
            return told

        told = in_chromium(work)
        assert len(told) == 4, told
        server.settimeout(0.5)
        with pytest.raises(TimeoutError):
            server.accept()


@needs_chromium
def test_a_browser_serves_so_many_pages_and_nothing_of_it_is_left(tmp_path, monkeypatch, browser_site):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    async def work(browser: Chromium) -> list[Any]:
        served = []
        for _ in range(5):
            async with browser.context() as context:
                served.append(context.browser)
        assert browser_site.browsers(tmp_path)
        return served

    served = in_chromium(work, pages=2)
    assert [served[0] is served[1], served[1] is served[2], served[2] is served[3]] == [True, False, True]
    assert browser_site.browsers(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


@needs_chromium
def test_a_page_is_written_down_as_it_is_shown():
    html = rendered(
        """<!doctype html><html lang="en"><head><title>A &amp; B</title>
        <script type="application/ld+json">{"headline": "1 < 2 & 3"}</script></head>
        <body data-x='"quoted" &amp; more'><noscript>Enable JavaScript</noscript>
        <template><p>unseen</p></template>
        <p>1 &lt; 2&nbsp;&amp; 3<br>next</p><div id="d"></div><script>
        const root = document.getElementById("d").attachShadow({mode: "open"});
        root.innerHTML = "<b>before</b><slot>fallback</slot><i>after</i>";
        document.getElementById("d").append("given");
        Node.prototype.ELEMENT_NODE = 77; Array.prototype.join = () => "forged";
        document.documentElement.attributes.__proto__[Symbol.iterator] = () => { throw 1; };
        </script></body></html>"""
    )
    assert html.startswith('<!DOCTYPE html>\n<html lang="en"><head><title>A &amp; B</title>')
    assert '{"headline": "1 < 2 & 3"}</script>' in html
    assert '<body data-x="&quot;quoted&quot; &amp; more">' in html
    assert "<p>1 &lt; 2&nbsp;&amp; 3<br>next</p>" in html
    assert '<div id="d"><b>before</b><slot>given</slot><i>after</i></div>' in html
    for unseen in ("Enable JavaScript", "unseen", "fallback</"):
        assert unseen not in html.partition("<script>")[0] + html.partition("</body>")[2], unseen


@needs_chromium
def test_a_page_nested_deeper_than_a_stack_is_written_down():
    html = rendered(
        """<body style="display: none"><script>let at = document.body;
        for (let i = 0; i < 20000; i++) at = at.appendChild(document.createElement("div"));
        at.append("deepest")</script>"""
    )
    assert html.count("<div>") == 20_000
    assert "deepest</div>" in html


@needs_chromium
def test_a_page_larger_than_allowed_is_not_taken():
    with pytest.raises(RenderFailedError, match="larger than 1000 bytes"):
        rendered("<p>" + "word " * 400, dom_bytes=1000)


def test_a_program_that_is_not_there_is_a_fault_of_the_configuration(tmp_path, monkeypatch):
    monkeypatch.setattr(of_chromium, "find_spec", lambda _: object())
    with pytest.raises(ConfigError, match="names no program"):
        find_chromium(str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="there is no Chromium"):
        find_chromium("")
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o700)
    assert Path(find_chromium("")) == program
    monkeypatch.setattr(of_chromium, "find_spec", lambda _: None)
    with pytest.raises(ConfigError, match="not installed"):
        find_chromium("")
    assert os.access(program, os.X_OK)


@pytest.mark.parametrize(
    ("url", "method", "kind", "reason"),
    [
        ("https://cdn.example/app.js", "GET", "script", None),
        ("https://cdn.example/app.css", "GET", "stylesheet", None),
        ("https://api.other.example/story.json", "GET", "xhr", None),
        ("https://www.news.example/graphql", "POST", "fetch", None),
        ("https://api.river.example/graphql", "POST", "fetch", None),
        ("https://api.other.example/graphql", "POST", "fetch", "POST to another site"),
        ("https://news.example/story/1", "DELETE", "fetch", "DELETE"),
        ("https://news.example/a.png", "GET", "image", "image"),
        ("https://news.example/a.woff2", "GET", "font", "font"),
        ("https://news.example/a.mp4", "GET", "media", "media"),
        ("https://news.example/stream", "GET", "eventsource", "eventsource"),
        ("https://news.example/internal/data.json", "GET", "fetch", "denied by the seed"),
        ("https://static.chartbeat.com/js/chartbeat.js", "GET", "script", "tracker"),
        ("https://connect.facebook.net/en_US/sdk.js", "GET", "script", "tracker"),
        ("ftp://news.example/app.js", "GET", "script", "unfit URL"),
        ("https://user:secret@news.example/app.js", "GET", "script", "unfit URL"),
        ("https://news.example/" + "a" * 5000, "GET", "script", "unfit URL"),
        ("http://[::1/app.js", "GET", "script", "unfit URL"),
    ],
)
def test_what_a_page_asks_for_is_judged(url, method, kind, reason):
    assert refusal(Asked(url=url, method=method, kind=kind), SCOPE) == reason
