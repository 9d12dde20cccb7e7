"""The pool of idle connections, with a clock by hand and connections to nowhere."""

from __future__ import annotations

import pytest
from twisted.internet.task import Clock

from crawler.capture.connections import IdleConnections

SECURE, PLAIN = b"https", b"http"


class Connection:
    """One that has nothing to do; what was done to close it is noted."""

    state = "QUIESCENT"

    def __init__(self) -> None:
        self.transport = self
        self.closed: list[str] = []

    def loseConnection(self) -> None:  # noqa: N802 (Twisted's name)
        self.closed.append("asked to close")

    def abortConnection(self) -> None:  # noqa: N802 (Twisted's name)
        self.closed.append("closed at once")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def pool(clock):
    return IdleConnections(clock, per_host=2, most=3)


def put(pool, scheme, host):
    connection = Connection()
    pool._putConnection((scheme, host, 80), connection)
    return connection


def test_of_the_connections_to_many_hosts_those_idle_longest_are_closed(pool, clock):
    connections = [put(pool, PLAIN, f"{number}.example") for number in range(10)]
    assert [bool(one.closed) for one in connections] == [True] * 7 + [False] * 3
    assert (len(pool._connections), len(pool._keys), len(clock.getDelayedCalls())) == (3, 3, 3)


def test_a_host_has_its_own_bound_and_the_connection_that_was_used_last_stays(pool):
    first, *_ = same = [put(pool, PLAIN, "a.example") for _ in range(3)]
    other = put(pool, PLAIN, "b.example")
    assert [len(one.closed) for one in (*same, other)] == [1, 0, 0, 0]
    assert first.closed == ["asked to close"]
    assert pool.getConnection((PLAIN, "a.example", 80), None).result._clientProtocol is same[1]
    for name in ("c", "d"):
        put(pool, PLAIN, f"{name}.example")
    assert [bool(one.closed) for one in (*same, other)] == [True, False, True, False]


def test_a_connection_with_tls_does_not_wait_for_the_other_side_to_close_it(pool, clock):
    connection = put(pool, SECURE, "a.example")
    clock.advance(1000)
    assert connection.closed == ["asked to close", "closed at once"]
    assert not pool._connections
