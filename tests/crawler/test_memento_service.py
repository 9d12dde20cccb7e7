"""How a service is asked: its pace, its pauses, its connections, and what of a broken answer is kept."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
from fake_archives import FakeArchive, Old, page, serving

from crawler.guard import address_policy
from crawler.memento.pace import FIRST_PAUSE_S, MOST_REFUSALS, Clock, GaveUpError, Pace
from crawler.memento.service import Answer, Manners, Service
from crawler.memento.wire import BrokenError

_Got = TypeVar("_Got")


class Driven:
    """A clock that goes on only where it is waited for, and remembers for how long."""

    def __init__(self) -> None:
        self.now = 0.0
        self.waits: list[float] = []

    @property
    def clock(self) -> Clock:
        return Clock(seconds=lambda: self.now, sleep=self.sleep)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)


@pytest.fixture
def driven() -> Driven:
    return Driven()


def asking(
    fake: FakeArchive, driven: Driven, work: Callable[[Service], Awaitable[_Got]], **manners: float
) -> _Got:
    policy = address_policy([f"127.0.0.1:{fake.port}"], [])

    async def run() -> _Got:
        told = Manners(user_agent="test", **{"per_s": 8.0, "timeout_s": 20.0, **manners})  # type: ignore[arg-type]
        async with Service(told, policy, clock=driven.clock) as service:
            return await work(service)

    return asyncio.run(run())


def test_turns_come_at_their_pace(driven):
    async def turns() -> list[float]:
        pace = Pace(0.4, driven.clock)
        return [await pace.turn() for _ in range(4)]

    assert asyncio.run(turns()) == [0.0, 2.5, 5.0, 7.5]


def test_pauses_grow_until_it_gives_up_and_shrink_after_an_answer(driven):
    async def work() -> None:
        pace = Pace(1.0, driven.clock)
        for number in range(3):
            pace.refused(await pace.turn(), None)
            assert pace.paused_s == FIRST_PAUSE_S * 2**number
        pace.answered(await pace.turn())
        pace.refused(await pace.turn(), None)
        assert pace.paused_s == FIRST_PAUSE_S
        for _ in range(MOST_REFUSALS - 1):
            pace.refused(await pace.turn(), None)
        with pytest.raises(GaveUpError):
            pace.refused(await pace.turn(), None)

    asyncio.run(work())


def test_requests_that_were_under_way_together_are_refused_once(driven):
    async def work() -> None:
        pace = Pace(1000.0, driven.clock)
        asked = [await pace.turn() for _ in range(4)]
        for one in asked:
            pace.refused(one, None)
        assert pace.paused_s == pytest.approx(FIRST_PAUSE_S)

    asyncio.run(work())


def test_a_refusal_stops_every_request_for_as_long_as_it_says(driven):
    fake = FakeArchive(files={"/a": b"a", "/b": b"b"}, refusals=[(429, "30"), (503, None), (429, "10")])
    with serving(fake):

        async def both(service: Service) -> list[bytes]:
            answers = [await service.fetch(f"{fake.origin}/{name}", most_bytes=99) for name in "ab"]
            return [one.body for one in answers]

        assert asking(fake, driven, both) == [b"a", b"b"]
    assert [wait for wait in driven.waits if wait > 1] == [30.0, 120.0, 40.0]


def test_connections_are_used_again(driven):
    fake = FakeArchive(files={"/a": b"a"})
    with serving(fake):

        async def thrice(service: Service) -> int:
            for _ in range(3):
                await service.fetch(f"{fake.origin}/a", most_bytes=99)
            return sum(map(len, service._idle.values()))

        assert asking(fake, driven, thrice) == 1
    assert {head["Accept-Encoding"] for head in fake.heads} == {"gzip, deflate, br, zstd"}


def test_a_body_that_is_too_long_or_cut_is_given_as_far_as_it_came(driven):
    cut = Old(url="http://news.example/", stamp="20190101000000", body=page(1), odd="cut")
    fake = FakeArchive(captures=[cut], files={"/long": b"x" * 500_000})
    with serving(fake):

        async def both(service: Service) -> list[Answer]:
            return [
                await service.fetch(f"{fake.origin}/long", most_bytes=1000),
                await service.fetch(f"{fake.origin}/web/20190101000000id_/{cut.url}", most_bytes=10**6),
            ]

        long, short = asking(fake, driven, both)
    assert (long.cut, len(long.body)) == ("length", 1000)
    assert (short.cut, short.body) == ("disconnect", page(1)[:200])
    assert len(fake.played) == 3  # it was tried again


def test_an_archived_refusal_is_an_answer(driven):
    fake = FakeArchive(captures=[Old(url="http://a.example/", stamp="20190101000000", body=b"x", status=429)])
    with serving(fake):
        answer = asking(
            fake,
            driven,
            lambda service: service.fetch(
                f"{fake.origin}/web/20190101000000id_/http://a.example/", most_bytes=9
            ),
        )
    assert answer.status == 429
    assert not [wait for wait in driven.waits if wait > 1]


def test_what_speaks_no_http_is_told(driven):
    async def work() -> None:
        async def rubbish(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(b"220 mail.example ESMTP\r\n\r\n")
            writer.close()

        server = await asyncio.start_server(rubbish, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        manners = Manners(per_s=100.0, user_agent="test", retries=0)
        policy = address_policy([f"127.0.0.1:{port}"], [])
        async with server, Service(manners, policy, clock=driven.clock) as service:
            with pytest.raises(BrokenError, match="no HTTP"):
                await service.fetch(f"http://127.0.0.1:{port}/", most_bytes=9)

    asyncio.run(work())
