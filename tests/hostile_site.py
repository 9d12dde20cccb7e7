"""A news site with healthy articles among traps, and listeners behind it that nobody may reach."""

from __future__ import annotations

import contextlib
import html
import random
import socket
import ssl
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import hostile_answers as answers
import hostile_traps as traps

CANARY = "canary-7f3a9-of-the-private-network"
ARTICLES = 30
Play = Callable[[socket.socket], None]


@dataclass(slots=True)
class Listener:
    """Accepts connections on an address and has each one's request answered; counts both."""

    address: tuple[str, int]
    answer: Callable[[str, socket.socket], None]
    tls: ssl.SSLContext | None = None
    connections: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    _socket: socket.socket = field(init=False)

    def start(self) -> int:
        """Listen; the port. Raises: OSError where there is no such address."""
        family = socket.AF_INET6 if ":" in self.address[0] else socket.AF_INET
        self._socket = socket.create_server(self.address, family=family, backlog=128)
        threading.Thread(target=self._accept, daemon=True).start()
        return self.port

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._socket.getsockname()[1])

    def stop(self) -> None:
        """Listen no more."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, raw: socket.socket) -> None:
        raw.settimeout(answers.PATIENCE_S)
        with contextlib.suppress(OSError), raw, self._secured(raw) as connection:
            path = _asked_for(connection)
            if path:
                self.asked[path] += 1
                self.answer(path, connection)
                answers.closing(connection)

    def _secured(self, raw: socket.socket) -> socket.socket:
        return self.tls.wrap_socket(raw, server_side=True) if self.tls else raw


def _asked_for(connection: socket.socket) -> str:
    """The path of a request, empty where none comes."""
    asked = b""
    while b"\r\n\r\n" not in asked:
        piece = connection.recv(1 << 16)
        if not piece:
            return ""
        asked += piece
    return asked.split(b" ", 2)[1].decode("latin-1")


@dataclass(slots=True)
class HostileSite:
    """The site, the private network behind it, and what both saw."""

    front: Listener
    private: list[Listener]
    tls: list[Listener]
    address: str  # as `--allow-address` has it
    routes: dict[str, Play]

    @property
    def allowed(self) -> list[str]:
        """The addresses that a crawl of the site may dial."""
        return [f"127.0.0.1:{one.port}" for one in [self.front, *self.tls]]

    @property
    def canary(self) -> str:
        """What the private network would say."""
        return CANARY

    def traps(self) -> list[str]:
        """Paths of the traps."""
        return [path for path in self.routes if path.startswith("/t/")]

    @property
    def url(self) -> str:
        """The home page."""
        return f"http://{self.address}/"

    @property
    def private_connections(self) -> int:
        """How many connections the private network saw."""
        return sum(one.connections for one in self.private)

    def articles(self) -> list[str]:
        """URLs of the healthy articles."""
        return [f"http://{self.address}{path}" for path in article_paths()]

    def stop(self) -> None:
        """Listen no more, anywhere."""
        for one in [self.front, *self.private, *self.tls]:
            one.stop()


def article_paths() -> list[str]:
    """Paths of the healthy articles."""
    return [
        f"/2026/11/{1 + number % 20:02d}/harbor-report-on-things-number-{number}"
        for number in range(1, ARTICLES + 1)
    ]


def _secret(_path: str, connection: socket.socket) -> None:
    """What the private network would say."""
    connection.sendall(answers.sound(answers.page(f"<article><p>{CANARY}</p></article>")))


def start(certificates: list[ssl.SSLContext] | None = None) -> HostileSite:
    """Start it on a free port, with the same port of other loopback addresses as the private network."""
    routes: dict[str, Play] = {}

    def answer(path: str, connection: socket.socket) -> None:
        play = routes.get(path) or next(
            (made(path) for prefix, made in grown.items() if path.startswith(prefix)), None
        )
        (play or answers.sent(answers.sound("<p>none</p>", status="404 Not Found")))(connection)

    front = Listener(("127.0.0.1", 0), answer)
    port = front.start()
    private = [Listener(("127.0.0.2", port), _secret), Listener(("127.0.0.1", 0), _secret)]
    ports = [one.start() for one in private]
    with contextlib.suppress(OSError):  # where there is no IPv6
        sixth = Listener(("::1", port), _secret)
        sixth.start()
        private.append(sixth)
    tls = [Listener(("127.0.0.1", 0), answer, context) for context in certificates or []]
    place = traps.Place(port=port, private_port=ports[1], tls_ports=tuple(one.start() for one in tls))
    made_traps, grown = traps.static(place), traps.growing(place)
    routes.update(made_traps)
    for number, path in enumerate(article_paths(), start=1):
        routes[path] = answers.sent(answers.sound(answers.story(number)[1]))
    links = [*traps.links(place), *made_traps, *grown]
    routes["/"] = answers.sent(answers.sound(_home(links)))
    routes["/robots.txt"] = answers.sent(answers.sound(traps.robots(place), "text/plain"))
    return HostileSite(front, private, tls, f"127.0.0.1:{port}", routes)


def _home(links: list[str]) -> str:
    """The front page: articles and traps in no order."""
    chance = random.Random(7)
    every = [f'<li><a href="{html.escape(link)}">{html.escape(link[:40])}</a>' for link in links]
    titles = [answers.story(number)[0] for number in range(1, ARTICLES + 1)]
    every += [
        f'<li><a href="{path}">{title}</a>' for path, title in zip(article_paths(), titles, strict=True)
    ]
    chance.shuffle(every)
    return answers.page(f"<h1>The hostile harbor</h1><ul>{''.join(every)}</ul>", title="The hostile harbor")
