"""A site whose pages are empty until a browser runs their scripts, and some that do a browser harm."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PARAGRAPHS = (
    "The committee met on Tuesday to consider the bridge across the northern river, and it heard engineers.",
    "Most of them agreed that forty years of floods have weakened the pillars, and that it needs repairs.",
    "A decision is expected before the end of the month, said the chair, once the figures are looked at.",
    "Residents on both sides of the river have asked for a ferry while the works last, which takes cars.",
)
SHELL = """<!doctype html><html lang="en"><head><title>Loading</title>
<link rel="stylesheet" href="/app.css"><script src="/app.js" defer></script></head>
<body><div id="app"></div><noscript>You need to enable JavaScript to run this app.</noscript>
<script>{}</script></body></html>"""
# Half of an article stands in a shadow root, as web components have it.
APP = """
fetch("/api" + location.pathname + ".json").then(r => r.json()).then(story => {
  document.title = story.title;
  const article = document.createElement("article");
  const add = (to, name, text) => {
    const made = document.createElement(name); made.textContent = text; to.append(made); return made; };
  add(article, "h1", story.title);
  const shadow = document.createElement("div");
  const root = shadow.attachShadow({mode: "open"});
  root.innerHTML = "<div><slot></slot></div>";
  story.text.slice(0, 2).forEach(text => add(article, "p", text));
  story.text.slice(2, 3).forEach(text => add(shadow, "p", text));
  story.text.slice(3).forEach(text => add(root, "p", text));
  article.append(shadow);
  story.links.forEach(link => { add(add(article, "p", ""), "a", link.title).href = link.url; });
  document.getElementById("app").append(article);
  new Image().src = "/photo.png";
  fetch("/unwanted/data.json").catch(() => 0);
  navigator.sendBeacon("/beacon", "x");
});
"""
# What each page does beside showing its article.
HARM = {
    "endless": "setInterval(() => fetch('/api/slow?' + Math.random()).catch(() => 0), 100);",
    "talkative": """alert("hello"); confirm("sure?"); window.open("/popup");
        new WebSocket("ws://" + location.host);
        addEventListener("load", () => setTimeout(() => { location.href = "/elsewhere"; }, 100));
        const f = document.createElement("iframe"); f.src = "/framed"; document.body.append(f);""",
    "nosy": """fetch("http://127.0.0.1:PRIVATE/secret").catch(() => 0); fetch("http://localhost:PRIVATE/secret").catch(
        () => 0); const s = document.createElement("script"); s.src = "http://[::1]:PRIVATE/x.js";
        document.body.append(s); new Image().src = "http://127.0.0.1:PRIVATE/x.png";
        const l = document.createElement("link"); l.rel = "preconnect"; l.href = "http://127.0.0.1:PRIVATE";
        document.head.append(l); new WebSocket("ws://127.0.0.1:PRIVATE/");
        new EventSource("http://127.0.0.1:PRIVATE/events");
        new Worker(URL.createObjectURL(new Blob(["fetch('http://127.0.0.1:PRIVATE/worker')"])));
        fetch("/to-private").catch(() => 0);""",
    "stuck": "addEventListener('load', () => { for (;;) {} });",
    "huge": "addEventListener('load', () => { document.body.append('word '.repeat(400000)); });",
    "dying": "fetch('/kill/renderer');",
}


class BrowserSite:
    """The site; `asked` counts what it was asked for. A second port counts who connects to it."""

    def __init__(self, *names: str) -> None:
        """Serve a home page that leads to the pages named."""
        self.names = names
        self.asked: Counter[str] = Counter()
        self.sent: dict[str, bytes] = {}
        self.conditions = 0
        self.edition = 1
        self.crawl_pid = 0
        self.killing = "renderer"
        self._private = socket.create_server(("127.0.0.1", 0))
        self.private_port = self._private.getsockname()[1]
        self.private_connections = 0
        site = self

        class Answers(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                site._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.base = f"http://127.0.0.1:{self.port}"
        self.quit = threading.Event()
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        threading.Thread(target=self._count, daemon=True).start()

    def stop(self) -> None:
        self.quit.set()
        self._server.shutdown()
        self._server.server_close()
        self._private.close()

    def text(self, name: str) -> str:
        return "\n\n".join(self._paragraphs(name))

    def seed(self, folder: Path, **more: object) -> Path:
        """A seed file for the site."""
        values = {"browser": True, **more}
        path = folder / "js.toml"
        path.write_text(
            f"""
            name = "js"
            urls = ["{self.base}/"]
            sitemaps = []
            {chr(10).join(f"{key} = {json.dumps(value)}" for key, value in values.items())}
            [scope]
            hosts = ["127.0.0.1:{self.port}"]
            article = ["/news/"]
            [politeness]
            delay_s = 0
            """
        )
        return path

    def _paragraphs(self, name: str) -> list[str]:
        return [f"In {name}, part {self.edition} of the series: {text}" for text in PARAGRAPHS]

    def _story(self, name: str) -> dict[str, Any]:
        if not name:
            links = [{"url": f"/news/{one}", "title": f"Story of the {one} bridge"} for one in self.names]
            return {"title": "The river paper", "text": [], "links": links}
        return {
            "title": f"County weighs repairs of the {name} bridge",
            "text": self._paragraphs(name),
            "links": [],
        }

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        path = request.path
        self.asked[path.partition("?")[0]] += 1
        self.conditions += any(name in request.headers for name in ("If-None-Match", "If-Modified-Since"))
        if path.startswith("/kill/"):
            self._kill()
        if path.startswith("/api/slow"):
            self.quit.wait(60)
        status, kind, body = self._found(path)
        head = [
            f"HTTP/1.1 {status} Said",
            f"Content-Type: {kind}",
            f"Content-Length: {len(body)}",
            'ETag: "e"',
        ]
        head += [f"Location: http://127.0.0.1:{self.private_port}/secret"] if status == 302 else []
        sent = "\r\n".join([*head, "", ""]).encode() + body
        self.sent[path] = sent
        with contextlib.suppress(ConnectionError):  # of a crawl that was killed, or has given up
            request.wfile.write(sent)

    def _found(self, path: str) -> tuple[int, str, bytes]:
        name = path.rpartition("/")[2]
        fixed = {
            "/robots.txt": (200, "text/plain", b"User-agent: *\nDisallow: /unwanted/\n"),
            "/app.js": (200, "text/javascript", APP.encode()),
            "/app.css": (200, "text/css", b"body { color: black }"),
            "/to-private": (302, "text/plain", b""),
        }
        if path.startswith("/api/"):
            story = json.dumps(self._story(name.removesuffix(".json")))
            return 200, "application/json", story.encode()
        if path == "/" or path.startswith("/news/"):
            harm = HARM.get(name, "").replace("PRIVATE", str(self.private_port))
            return 200, "text/html", SHELL.format(harm).encode()
        return fixed.get(path, (404, "text/plain", b"nothing here"))

    def _kill(self) -> None:
        """Kill the process that shows the page, or the crawl itself."""
        if self.killing == "crawl":
            os.kill(self.crawl_pid, signal.SIGKILL)
            return
        for pid in below(self.crawl_pid) if self.killing else []:
            if "--type=renderer" in words_of(pid):
                os.kill(pid, signal.SIGKILL)

    def _count(self) -> None:
        """Count who comes to the private port."""
        while True:
            try:
                connection, _ = self._private.accept()
            except OSError:
                return
            self.private_connections += 1
            connection.close()


def below(pid: int) -> list[int]:
    """The processes that a process started, and those that they did."""
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found: list[int] = []
    left = list(children.get(pid, []))
    while left:
        found.append(left.pop())
        left += children.get(found[-1], [])
    return found


def words_of(pid: int) -> str:
    """The command line of a process, empty where it is gone."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        return ""


def browsers(folder: Path) -> list[int]:
    """Processes of browsers whose home lies in a folder."""
    found = []
    for place in Path("/proc").glob("[0-9]*/environ"):
        try:
            environment = place.read_bytes()
        except OSError:
            continue
        if f"HOME={folder}/".encode() in environment:
            found.append(int(place.parent.name))
    return found
