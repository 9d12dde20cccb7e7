"""A loopback HTTP server that sends exactly the bytes it is told to, and keeps exactly those it receives.

Loaded by the fixtures in conftest.py (the test folders are no packages).
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

HEAD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the server does on a request for a route.

    `sent` goes out at once. Then, by `then`: "keep" the connection for the next request, "close" it, "abort"
    it (a reset), "hold" it without a word until the client closes, or until then send `filler`: "flood"
    without a pause, "drip" with one.
    """

    sent: bytes
    then: str = "keep"
    filler: bytes = b""
    reused: Answer | None = None  # taken instead of this one on a connection that was used before


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One request as it arrived."""

    path: str
    request: bytes
    connection: int


@dataclass(slots=True)
class WireServer:
    """Serves `routes` on a port of 127.0.0.1 until `stop`."""

    routes: Mapping[str, Answer]
    tls: ssl.SSLContext | None = None
    seen: list[Seen] = field(default_factory=list)
    connections: int = 0
    _listener: socket.socket = field(default_factory=socket.socket)
    _open: list[socket.socket] = field(default_factory=list)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        for one in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def requests(self, path: str) -> list[bytes]:
        return [one.request for one in self.seen if one.path == path]

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(connection, self.connections), daemon=True).start()

    def _talk(self, raw: socket.socket, number: int) -> None:
        with contextlib.suppress(OSError), self._secured(raw) as connection:
            self._open.append(connection)
            used = False
            while request := _read_head(connection):
                path = request.split(b" ", 2)[1].decode("ascii")
                self.seen.append(Seen(path=path, request=request, connection=number))
                answer = self.routes[path]
                if used and answer.reused is not None:
                    answer = answer.reused
                used = True
                connection.sendall(answer.sent)
                if answer.then == "close":
                    return
                if answer.then == "abort":
                    time.sleep(0.3)  # a reset may overtake what was sent
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    connection.close()
                    return
                if answer.then == "hold":
                    connection.recv(1)
                while answer.then in {"flood", "drip"}:
                    connection.sendall(answer.filler)
                    time.sleep(0.2 if answer.then == "drip" else 0)

    def _secured(self, raw: socket.socket) -> socket.socket:
        return self.tls.wrap_socket(raw, server_side=True) if self.tls else raw


def _read_head(connection: socket.socket) -> bytes:
    """Bytes of the next request (they have no bodies), empty where the client has gone."""
    head = b""
    while not head.endswith(HEAD_END):
        piece = connection.recv(1)
        if not piece:
            return b""
        head += piece
    return head


def serving(started: list[WireServer]) -> Callable[..., WireServer]:
    """A function that starts a server and notes it in `started`."""

    def start(routes: Mapping[str, Answer], tls: ssl.SSLContext | None = None) -> WireServer:
        server = WireServer(routes, tls)
        server.start()
        started.append(server)
        return server

    return start
