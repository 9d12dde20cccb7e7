"""An HTTP/2 server over TLS that answers each path with a list of steps and logs what it is asked.

Loaded by the fixtures in conftest.py (the test folders are no packages).
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived, StreamReset, WindowUpdated
from h2.exceptions import H2Error
from h2.settings import SettingCodes, Settings
from hyperframe.frame import GoAwayFrame, PingFrame

OK = [(b":status", b"200"), (b"content-type", b"text/html")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing the server does on a stream: `do` names a method of `_Talk`, `value` is what it takes."""

    do: str
    value: Any = None


def steps(*named: tuple[str, Any]) -> list[Step]:
    return [Step(do=do, value=value) for do, value in named]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request: its fields in order, and the number of its connection."""

    path: str
    fields: Sequence[tuple[bytes, bytes]]
    connection: int


@dataclass(slots=True)
class Http2Server:
    """Serves `routes` on a port of 127.0.0.1 until `stop`: for each path, the steps of its first request, of
    its second, and so on.
    """

    routes: Mapping[str, list[list[Step]]]
    tls: ssl.SSLContext
    most_streams: int = 100
    greeting: bytes | None = None  # sent instead of anything of HTTP/2
    asked: list[Asked] = field(default_factory=list)
    resets: list[str] = field(default_factory=list)
    connections: int = 0
    most_at_once: int = 0
    _listener: socket.socket = field(default_factory=socket.socket)
    _loop: asyncio.AbstractEventLoop | None = None
    _stopped: Any = None

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def start(self) -> None:
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(64)
        ready = threading.Event()
        threading.Thread(target=lambda: asyncio.run(self._serve(ready)), daemon=True).start()
        ready.wait()

    def stop(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._stopped.set_result, None)

    def fields(self, path: str) -> list[Sequence[tuple[bytes, bytes]]]:
        return [one.fields for one in self.asked if one.path == path]

    async def _serve(self, ready: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        self._stopped = self._loop.create_future()
        server = await asyncio.start_server(self._accept, sock=self._listener, ssl=self.tls)
        ready.set()
        await self._stopped
        server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        talk = _Talk(self, writer, self.connections)
        with contextlib.suppress(OSError, H2Error, asyncio.CancelledError):
            await talk.run(reader)
        talk.end()


class _Talk:
    """One connection."""

    def __init__(self, server: Http2Server, writer: asyncio.StreamWriter, number: int) -> None:
        self._server, self._writer, self._number = server, writer, number
        self._h2 = H2Connection(
            H2Configuration(
                client_side=False,
                header_encoding=False,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        self._moved = asyncio.Event()
        self._running: set[asyncio.Task[None]] = set()
        self._paths: dict[int, str] = {}

    async def run(self, reader: asyncio.StreamReader) -> None:
        if self._server.greeting is not None:
            self._writer.write(self._server.greeting)
            await reader.read()
            return
        most = {SettingCodes.MAX_CONCURRENT_STREAMS: self._server.most_streams}
        self._h2.local_settings = Settings(client=False, initial_values=most)
        self._h2.initiate_connection()
        self._flush()
        while data := await reader.read(65536):
            for event in self._h2.receive_data(data):
                self._happen(event)
            self._flush()

    def end(self) -> None:
        for task in self._running:
            task.cancel()
        self._writer.transport.abort()

    def _happen(self, event: Any) -> None:
        if isinstance(event, RequestReceived):
            path = dict(event.headers)[b":path"].decode()
            seen = sum(one.path == path for one in self._server.asked)
            self._server.asked.append(Asked(path=path, fields=event.headers, connection=self._number))
            self._paths[event.stream_id] = path
            lists = self._server.routes[path]
            task = asyncio.ensure_future(self._answer(event.stream_id, lists[min(seen, len(lists) - 1)]))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            self._server.most_at_once = max(self._server.most_at_once, len(self._running))
        elif isinstance(event, StreamReset):
            self._server.resets.append(self._paths[event.stream_id])
        elif isinstance(event, WindowUpdated):
            self._moved.set()

    async def _answer(self, stream_id: int, list_of_steps: list[Step]) -> None:
        with contextlib.suppress(OSError, H2Error):
            for step in list_of_steps:
                await getattr(self, step.do)(stream_id, step.value)
                self._flush()

    async def head(self, stream_id: int, fields: Sequence[tuple[bytes, bytes]]) -> None:
        self._h2.send_headers(stream_id, fields)

    async def head_alone(self, stream_id: int, fields: Sequence[tuple[bytes, bytes]]) -> None:
        self._h2.send_headers(stream_id, fields, end_stream=True)

    async def data(self, stream_id: int, body: bytes) -> None:
        while body:
            room = min(self._h2.local_flow_control_window(stream_id), self._h2.max_outbound_frame_size)
            if room <= 0:
                self._flush()
                self._moved.clear()
                await self._moved.wait()
                continue
            self._h2.send_data(stream_id, body[:room])
            body = body[room:]
            self._flush()
            await asyncio.sleep(0)

    async def done(self, stream_id: int, _: None) -> None:
        self._h2.end_stream(stream_id)

    async def trailers(self, stream_id: int, fields: Sequence[tuple[bytes, bytes]]) -> None:
        self._h2.send_headers(stream_id, fields, end_stream=True)

    async def reset(self, stream_id: int, code: int) -> None:
        self._h2.reset_stream(stream_id, code)

    async def pause(self, _: int, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def raw(self, stream_id: int, make: Any) -> None:
        """Write bytes past h2, which would not send them."""
        self._flush()
        self._writer.write(make(stream_id))

    async def hang(self, _stream_id: int, _: None) -> None:
        await asyncio.get_running_loop().create_future()

    async def close(self, _stream_id: int, _: None) -> None:
        self._flush()
        await self._writer.drain()
        self._writer.close()

    def _flush(self) -> None:
        self._writer.write(self._h2.data_to_send())


def part_of_data(stream_id: int, declared: int, body: bytes) -> bytes:
    """A DATA frame of which fewer bytes come than it declares."""
    return declared.to_bytes(3) + b"\0\0" + stream_id.to_bytes(4) + body


def goaway(last: int, code: int = 0) -> bytes:
    return bytes(GoAwayFrame(0, last_stream_id=last, error_code=code).serialize())


def pings(count: int) -> bytes:
    return bytes(PingFrame(0, opaque_data=b"12345678").serialize()) * count


def page(body: bytes, *fields: tuple[bytes, bytes]) -> list[Step]:
    """The steps of a whole answer."""
    return steps(("head", [*OK, *fields]), ("data", body), ("done", None))


def serving(started: list[Http2Server]) -> Any:
    """A function that starts a server and notes it in `started`."""

    def start(routes: Mapping[str, Any], tls: ssl.SSLContext, **more: Any) -> Http2Server:
        lists = {path: one if isinstance(one[0], list) else [one] for path, one in routes.items()}
        server = Http2Server(lists, tls, **more)
        server.start()
        started.append(server)
        return server

    return start
