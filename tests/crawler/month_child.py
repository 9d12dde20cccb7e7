"""A month of the schedule, in a process of its own: the real service, crawls and index, a driven clock.

`python month_child.py FOLDER [DAYS]` makes seeds and an archive in the folder, plays, and leaves
`played.json`: what was asked of the sites, what came to the webhook, what the schedule said. Time is moved on
to the next run whenever none is under way.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import socket
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import time_machine
from month_script import BEGIN, DAYS, HOSTS, TROUBLES, day, seed, starts, troubled
from month_sites import Site

from crawler import session
from crawler.config import Config, load_config
from crawler.crawls import Limits, Loop
from crawler.demo.framing import framed, unless_unchanged
from crawler.guard import address_policy
from crawler.schedule.crawls import ArchiveCrawls
from crawler.schedule.service import Ran, Service
from crawler.schedule.shelf import Shelf
from crawler.schedule.state import Runs, state_file
from crawler.spiders import news
from pipelines.workers import Workers


def now() -> datetime:
    return datetime.now(UTC)


class Asked(ThreadingHTTPServer):
    """A site, or the webhook (without one), on a port of its own; what comes in is noted."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 64

    def __init__(self, site: Site | None, log: list[dict[str, Any]], port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Connection)
        self.site, self.log = site, log
        self._open: list[socket.socket] = []
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.append(request)
        super().process_request(request, client_address)

    def stop(self) -> None:
        """Close the port, and what is open of it."""
        self.shutdown()
        self.server_close()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


class _Connection(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Asked

    def do_GET(self) -> None:
        at, site = now(), self.server.site
        assert site is not None
        whole = site.answer(self.path, at)
        answer = unless_unchanged(whole, self.headers)
        self.server.log.append(
            {
                "at": at.isoformat(),
                "site": site.name,
                "path": self.path,
                "status": int(answer.status),
                "would_be": int(whole.status),
                "digest": hashlib.sha256(whole.body).hexdigest()[:16],
                "conditional": "If-None-Match" in self.headers or "If-Modified-Since" in self.headers,
            }
        )
        how = {"software": "sample", "may_chunk": True, "closes": False}
        self.wfile.write(b"".join(framed(answer, self.headers, date=at, **how)))

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.log.append({"at": now().isoformat()} | told)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class World:
    """The sites' servers, as they stand at the time that it is."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.alarms: list[dict[str, Any]] = []
        self.webhook = Asked(None, self.alarms)
        self._up = {name: Asked(Site(name=name), self.asked) for name in HOSTS}
        self.ports = {name: server.port for name, server in self._up.items()}

    def turn(self) -> None:
        """Have those listen that do at this time, and no others."""
        for name, port in self.ports.items():
            refused = troubled(name, {"refused"}, now())
            if refused and name in self._up:
                self._up.pop(name).stop()
            elif not refused and name not in self._up:
                self._up[name] = Asked(Site(name=name), self.asked, port)


class DrivenClock:
    """The service's clock: a pause while nothing runs is over at once, and it is the time of the next run."""

    def __init__(self, world: World, traveller: Any, until: datetime) -> None:
        self._world, self._traveller = world, traveller
        self._until = until
        self._moments = sorted({at for name in HOSTS for at in starts(name)} | {until})
        self.running = 0
        self.over = asyncio.Event()

    def now(self) -> datetime:
        return now()

    async def sleep(self, seconds: float) -> None:
        if now() >= self._until:
            self.over.set()
        if self.running or self.over.is_set():
            await asyncio.Event().wait()  # the end of a run, or of all, ends the pause
        then = now() + timedelta(seconds=seconds)
        self._traveller.move_to(max(then, next(at for at in self._moments if at > now())))
        self._world.turn()


class Hasty:
    """The spider's `asyncio`: time flies while it waits for a host that it leaves alone."""

    wait_for = staticmethod(asyncio.wait_for)

    def __init__(self, traveller: Any) -> None:
        self._traveller = traveller

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / 100)
        self._traveller.shift(seconds)


class KeptWorkers(Workers):
    """Parsing processes for the whole month: to start them anew for each run would take most of the time."""

    def close(self) -> None:
        """Nothing: the next session goes on with them."""


class CountedCrawls(ArchiveCrawls):
    """The crawls of the service; the clock knows whether one is under way."""

    clock: DrivenClock

    def stop(self) -> None:
        """Nothing: each service is stopped while nothing runs, and the loop goes on with the next."""

    async def run(self, seed: Any) -> Ran:
        self.clock.running += 1
        try:
            return await super().run(seed)
        finally:
            self.clock.running -= 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the month is played, until when, and what the schedule says."""

    config: Config
    loop: Loop
    world: World
    traveller: Any
    until: datetime
    told: list[str]

    async def play(self) -> list[int]:
        """Exit codes of three services, one after the other: the second one was told of two sources only."""
        (gap,) = (one for one in TROUBLES if one.kind == "unwatched")
        watched = [name for name in HOSTS if name != gap.site]
        return [
            await self._serve(names, min(until, self.until))
            for names, until in (((), gap.since), (watched, gap.until), ((), self.until))
        ]

    async def _serve(self, names: Sequence[str], until: datetime) -> int:
        """Exit code of a service that is stopped at a time at which nothing runs."""
        clock = DrivenClock(self.world, self.traveller, until)
        ports = [f"{HOSTS[name]}:80:127.0.0.1:{port}" for name, port in self.world.ports.items()]
        crawls = CountedCrawls(self.loop, self.config, address_policy((), ports), Limits(max_seconds=3600))
        crawls.clock = clock
        with Runs(state_file(self.config.archive)) as runs:
            service = Service(Shelf(names), runs, crawls, clock, tell=self.told.append, at_once=3)
            serving = asyncio.create_task(service.forever())
            await clock.over.wait()
            service.stop()
            return await serving


def main() -> None:
    folder, days = Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else DAYS
    logging.basicConfig(format="%(asctime)s %(name)s: %(levelname)s %(message)s")
    logging.getLogger().handlers[0].setLevel(logging.WARNING)
    os.chdir(folder)
    Path("seeds").mkdir()
    for name in HOSTS:
        (Path("seeds") / f"{name}.toml").write_text(seed(name))
    workers = KeptWorkers(1)
    session.Workers = lambda *_: workers  # type: ignore[assignment,misc]
    with time_machine.travel(BEGIN, tick=True) as traveller:
        news.asyncio = Hasty(traveller)  # type: ignore[assignment]
        world = World()
        config = load_config(
            archive=Path("archive").absolute(),
            health_webhook=f"http://127.0.0.1:{world.webhook.port}/",
            health_webhook_private=True,
        )
        loop, told = Loop(config), list[str]()
        stage = Stage(config=config, loop=loop, world=world, traveller=traveller, until=day(days), told=told)
        codes = loop.run(stage.play(), lambda: None)
    super(KeptWorkers, workers).close()
    played = {"codes": codes, "asked": world.asked, "alarms": world.alarms, "told": told}
    Path("played.json").write_text(json.dumps(played))


if __name__ == "__main__":
    main()
