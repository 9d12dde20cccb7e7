"""A local paper that has new stories each minute, some of them sent as bad servers send them."""

from __future__ import annotations

import contextlib
import gzip
import random
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STORIES_A_MINUTE = 60
SHOWN = 3 * STORIES_A_MINUTE  # links on the front page
BEGIN = ("har", "mer", "tol", "win", "gra", "pos")
END = ("bour", "chant", "ley", "ter", "vel", "ting", "mark", "stone")
WORDS = [begin + end for begin in BEGIN for end in END]
BIG_BYTES = 2_000_000


class Paper:
    """A site that grows with the time."""

    def __init__(self) -> None:
        """Start to serve."""
        self.asked: Counter[str] = Counter()
        self._began = time.monotonic()
        paper = self

        class Answering(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                paper.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Send a page, or what a bad server sends."""
        path = request.path
        self.asked[path] += 1
        with contextlib.suppress(ConnectionError):
            if path == "/":
                newest = int((time.monotonic() - self._began) / 60 * STORIES_A_MINUTE) + SHOWN
                self._send(request, front_page(range(newest - SHOWN, newest)))
            elif path.startswith("/2026/story-"):
                self._send_story(request, int(path.split("-")[1]))
            else:
                self._send(request, b"", status=404)

    def _send_story(self, request: BaseHTTPRequestHandler, number: int) -> None:
        body = story(number)
        if number % 100 == 7:
            self._send(request, b"out of order", status=500)
        elif number % 100 == 17:
            request.close_connection = True
        elif number % 100 == 27:
            self._send(request, body, length=len(body) + 1000)
            request.close_connection = True
        elif number % 100 == 37:
            self._send(request, body + b"<!--" + b"x" * BIG_BYTES + b"-->")
        elif number % 2:
            self._send(request, gzip.compress(body), coding="gzip")
        else:
            self._send(request, body)

    def _send(
        self,
        request: BaseHTTPRequestHandler,
        body: bytes,
        *,
        status: int = 200,
        coding: str = "",
        length: int | None = None,
    ) -> None:
        request.send_response(status)
        request.send_header("Content-Type", "text/html; charset=utf-8")
        request.send_header("Content-Length", str(len(body) if length is None else length))
        if coding:
            request.send_header("Content-Encoding", coding)
        request.end_headers()
        request.wfile.write(body)


def front_page(numbers: range) -> bytes:
    """Links to stories, newest first."""
    links = (
        f'<p><a href="/2026/story-{one}-of-the-day">{headline(one)}</a></p>' for one in reversed(numbers)
    )
    return f"<title>Paper</title>{''.join(links)}".encode()


def headline(number: int) -> str:
    """Four words."""
    return " ".join(random.Random(number).choices(WORDS, k=4)).capitalize()


def story(number: int) -> bytes:
    """Six paragraphs."""
    chance = random.Random(-number)
    said = (" ".join(chance.choices(WORDS, k=60)).capitalize() for _ in range(6))
    text = "".join(f"<p>{one}.</p>" for one in said)
    return f"<title>{headline(number)}</title><article><h1>{headline(number)}</h1>{text}</article>".encode()
