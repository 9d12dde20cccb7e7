"""The loopback server of the sample sites; `python -m crawler.demo.server --port 8080` runs it for people."""

from __future__ import annotations

import argparse
import io
import logging
import socket
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Self

from crawler.demo import afpims, wordpress
from crawler.demo.answers import TEXT, Answer, Request
from crawler.demo.content import COURIER_HOST, DEFENSE_HOST
from crawler.demo.framing import framed, unless_unchanged

logger = logging.getLogger(__name__)

SITES: dict[str, Callable[[Request], Answer]] = {DEFENSE_HOST: afpims.answer, COURIER_HOST: wordpress.answer}
SOFTWARE = {DEFENSE_HOST: "Microsoft-IIS/10.0", COURIER_HOST: "nginx"}
DAYS = {1: datetime(2026, 3, 2, 6, 0, tzinfo=UTC), 2: datetime(2026, 3, 3, 6, 0, tzinfo=UTC)}
_IDLE_S = 120
_JOIN_S = 5


class Served(NamedTuple):
    """One request that was answered. `path` is the target as sent, query included."""

    host: str
    method: str
    path: str
    status: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One exchange's exact bytes on the wire."""

    received: bytes
    sent: bytes


class SampleSites:
    """Both sites on one loopback port, told apart by the Host field; a context manager.

    `edition` may be set while it runs: 1 is the first crawl's day, 2 the day after.
    """

    def __init__(self, *, edition: int = 1, port: int = 0, record: bool = False) -> None:
        """Take the day to show, the port (0: any free one), and whether to keep each exchange's bytes."""
        self.edition = edition
        self.requests: list[Served] = []
        self.exchanges: list[Exchange] = []
        self.record = record
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port that it listens on."""
        if self._server is None:
            message = "the sample sites are not running"
            raise RuntimeError(message)
        return "127.0.0.1", int(self._server.server_address[1])

    def connect_to(self) -> dict[str, str]:
        """Where to connect for each site's host and port, as curl's --connect-to has it."""
        host, port = self.address
        return {f"{name}:80": f"{host}:{port}" for name in SITES}

    def start(self) -> None:
        """Listen, and answer in a thread of its own."""
        self._server = _Server(("127.0.0.1", self._port), self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Close the port and every open connection; no thread of it is left."""
        if self._server is None:
            return
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()
        if self._thread is not None:
            self._thread.join(_JOIN_S)
        self._server = self._thread = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        """Stop."""
        self.stop()


class _Server(ThreadingHTTPServer):
    """The listening socket, and what its connections share."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], sites: SampleSites) -> None:
        super().__init__(address, _Connection)
        self.sites = sites
        self.failed_once: set[str] = set()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()

    def opened(self, connection: socket.socket) -> None:
        with self._lock:
            self._open[connection] = threading.current_thread()

    def closed(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.pop(connection, None)

    def fails_now(self, target: str) -> bool:
        """Whether this is the first request for a page that fails once."""
        with self._lock:
            first = target not in self.failed_once
            self.failed_once.add(target)
        return first

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the library's signature
        """Say nothing of clients that went away."""
        logger.debug("connection from %s broke off: %r", client_address, sys.exception())

    def hang_up(self) -> None:
        """End the connections that clients keep alive, and wait for their threads."""
        with self._lock:
            left = dict(self._open)
        for connection in left:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                logger.debug("connection was closed already")
        for thread in left.values():
            thread.join(_JOIN_S)


class _HeardReader(io.BufferedReader):
    """A connection's reading side that keeps the bytes of the request at hand."""

    def __init__(self, raw: io.RawIOBase) -> None:
        super().__init__(raw)
        self.heard = bytearray()

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(-1 if size is None else size)
        self.heard += line
        return line


class _Connection(BaseHTTPRequestHandler):
    """One client's connection: requests in, answers out, until either side closes."""

    protocol_version = "HTTP/1.1"
    timeout = _IDLE_S
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.opened(self.connection)
        self.rfile.close()
        self._heard = _HeardReader(self.connection.makefile("rb", buffering=0))
        self.rfile = self._heard

    def finish(self) -> None:
        try:
            super().finish()
        finally:
            self.server.closed(self.connection)

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.close_connection = True
        allow = (("Allow", "GET, HEAD"),)
        self._send(Answer(status=HTTPStatus.METHOD_NOT_ALLOWED, content_type=TEXT, headers=allow))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's own name
        logger.debug(format, *args)

    @property
    def _host(self) -> str:
        return self.headers.get("Host", "").partition(":")[0].lower()

    def _answer(self) -> None:
        site = SITES.get(self._host)
        if site is None:
            body = b"This server does not answer for that host.\n"
            self._send(Answer(status=HTTPStatus.MISDIRECTED_REQUEST, body=body, content_type=TEXT))
            return
        answer = site(Request(target=self.path, edition=self.server.sites.edition))
        if answer.delivery == "fails-once" and self.server.fails_now(f"{self._host}{self.path}"):
            answer = Answer(status=500, body=b"Internal Server Error\n", content_type=TEXT)
        self._send(unless_unchanged(answer, self.headers))

    def _send(self, answer: Answer) -> None:
        """Put the answer on the wire in one piece, and note it."""
        sites = self.server.sites
        head, body = framed(
            answer,
            self.headers,
            date=DAYS[min(sites.edition, max(DAYS))],
            software=SOFTWARE.get(self._host, "sample"),
            may_chunk=self.request_version == "HTTP/1.1",
            closes=self.close_connection,
        )
        sent = head if self.command == "HEAD" else head + body
        sites.requests.append(Served(self._host, self.command, self.path, int(answer.status)))
        if sites.record:
            sites.exchanges.append(Exchange(received=bytes(self._heard.heard), sent=sent))
        self._heard.heard.clear()
        self.wfile.write(sent)


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(description="Serve the two sample sites on the loopback address.")
    parser.add_argument("--port", type=int, default=0, help="port to listen on (default: any free one)")
    parser.add_argument("--edition", type=int, choices=sorted(DAYS), default=1, help="day to show")
    options = parser.parse_args()
    with SampleSites(edition=options.edition, port=options.port) as sites:
        host, port = sites.address
        sys.stdout.write(f"listening on {host}:{port}, edition {options.edition}\n")
        for name in SITES:
            sys.stdout.write(f"  curl --connect-to {name}:80:{host}:{port} http://{name}/\n")
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            sys.stdout.write("\n")


if __name__ == "__main__":
    main()
