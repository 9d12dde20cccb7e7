"""A service that keeps old captures, asked politely: at its pace, with pauses when it refuses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, Self

from crawler.guard import AddressPolicy
from crawler.memento.pace import Clock, Pace, retry_after
from crawler.memento.wire import BrokenError, Connection, Incoming, Server, dial, server_of
from storage.model import Headers

Fields = tuple[tuple[str, str], ...]
CODINGS = "gzip, deflate, br, zstd"  # a replayer decodes what it thinks we can't, and digests cover the code
_REFUSALS = frozenset({429, 503, 509})
_TRANSIENT = frozenset({500, 502, 504})
_TRY_AGAIN_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, its body's content coding left on. `cut` says why it is not whole, "" where it is."""

    url: str
    asked_at: datetime
    head: bytes
    status: int
    headers: Headers
    body: bytes
    cut: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How a service is asked."""

    per_s: float
    user_agent: str
    timeout_s: float = 60.0
    retries: int = 2


PLAIN: Fields = (("Accept-Encoding", "identity"),)  # for files, which are asked for as they lie there


def is_refusal(incoming: Incoming) -> bool:
    """Whether a service refuses to answer for now; an archived answer of old is none, whatever its status."""
    return incoming.status in _REFUSALS and "Memento-Datetime" not in incoming.headers


class Fetches(Protocol):
    """What asks a service."""

    async def fetch(self, url: str, *, most_bytes: int, fields: Fields = ()) -> Answer:
        """The answer to a GET; a body is cut after `most_bytes`."""


class Service:
    """A service, with its connections. Raises where it is asked: BrokenError, GaveUpError, UsageError."""

    def __init__(
        self,
        manners: Manners,
        policy: AddressPolicy,
        *,
        clock: Clock | None = None,
        refuses: Callable[[Incoming], bool] = is_refusal,
    ) -> None:
        """Nothing is dialled before the first request."""
        self._manners, self._policy, self._refuses = manners, policy, refuses
        self._clock = clock or Clock()
        self.pace = Pace(manners.per_s, self._clock)
        self._idle: dict[Server, list[Connection]] = {}
        self._has_answered = False

    async def __aenter__(self) -> Self:
        """The service."""
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close the connections."""
        for connection in (one for idle in self._idle.values() for one in idle):
            connection.close()
        self._idle.clear()

    async def fetch(self, url: str, *, most_bytes: int, fields: Fields = ()) -> Answer:
        """The answer to a GET, tried again where the service stumbles; a body is cut after `most_bytes`."""
        for left in range(self._manners.retries, -1, -1):
            answer = await self._collected(url, most_bytes, fields, last=not left)
            if answer is not None:
                return answer
            await self._clock.sleep(_TRY_AGAIN_S * 2 ** (self._manners.retries - left))
        raise AssertionError("the last try gives an answer or raises")

    async def _collected(self, url: str, most_bytes: int, fields: Fields, *, last: bool) -> Answer | None:
        """An answer in whole; None where it is worth another try, which the `last` is not."""
        try:
            async with self.stream(url, fields=fields) as incoming:
                body = bytearray()
                too_large = False
                async for part in incoming.parts():
                    body += part
                    if too_large := len(body) > most_bytes:
                        break
        except BrokenError:
            if last:
                raise
            return None
        stumbled = incoming.status in _TRANSIENT and "Memento-Datetime" not in incoming.headers
        if not last and (stumbled or incoming.cut == "disconnect"):
            return None
        return Answer(
            url=url,
            asked_at=incoming.asked_at,
            head=incoming.head,
            status=incoming.status,
            headers=incoming.headers,
            body=bytes(body[:most_bytes]),
            cut="length" if too_large else incoming.cut,
        )

    @asynccontextmanager
    async def stream(self, url: str, *, fields: Fields = ()) -> AsyncIterator[Incoming]:
        """An answer whose head has come, after as many pauses as the service asks for."""
        server = server_of(url)
        coding = (
            () if any(name == "Accept-Encoding" for name, _ in fields) else (("Accept-Encoding", CODINGS),)
        )
        sent = (("User-Agent", self._manners.user_agent), *coding, *fields)
        while True:
            asked_at = await self.pace.turn()
            try:
                connection, incoming = await self._asked(server, url, sent)
            except BrokenError as error:
                if error.unreachable and self._has_answered:  # a firewall shuts out who asked too much
                    self.pace.refused(asked_at, None)
                    continue
                raise
            self._has_answered = True
            if self._refuses(incoming):
                connection.close()
                self.pace.refused(
                    asked_at, retry_after(incoming.headers.get("Retry-After"), datetime.now(UTC))
                )
                continue
            self.pace.answered(asked_at)
            break
        try:
            yield incoming
        finally:
            if incoming.is_reusable:
                self._idle.setdefault(server, []).append(connection)
            else:
                connection.close()

    async def _asked(self, server: Server, url: str, fields: Fields) -> tuple[Connection, Incoming]:
        """A connection and the answer on it; one that was kept and is gone by now is dialled anew."""
        idle = self._idle.get(server, [])
        while idle:
            connection = idle.pop()
            try:
                return connection, await connection.ask(url, fields)
            except BrokenError as error:
                connection.close()
                if error.timed_out:
                    raise
        connection = await dial(server, self._policy, self._manners.timeout_s)
        try:
            return connection, await connection.ask(url, fields)
        except BaseException:
            connection.close()
            raise
