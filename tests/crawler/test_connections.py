"""The pool of idle connections, with a clock by hand and connections to nowhere."""

from __future__ import annotations

import socket

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.web._newclient import Request
from twisted.web.http_headers import Headers

from crawler.capture.connections import IdleConnections
from crawler.capture.wire import Exchange, RecordingProtocol

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


@pytest.mark.parametrize("scheme", [PLAIN, SECURE])
def test_a_connection_over_which_something_came_unasked_is_not_used_again(pool, scheme):
    sound, poisoned = put(pool, scheme, "a.example"), put(pool, scheme, "a.example")
    poisoned.socket, other_side = socket.socketpair()
    with poisoned.socket, other_side:
        other_side.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
        assert pool.getConnection((scheme, "a.example", 80), None).result._clientProtocol is sound
    assert poisoned.closed
    assert not pool._timeouts


@pytest.mark.parametrize("more", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison"])
def test_a_connection_that_gave_more_than_was_asked_for_is_not_used_again(more):
    kept, transport = [], StringTransport()
    protocol = RecordingProtocol(kept.append)
    protocol.makeConnection(transport)
    request = Request(b"GET", b"/", Headers({b"Host": [b"a.test"]}), None, persistent=True)
    request.exchange = Exchange.begin("http://a.test/", 1000)
    protocol.request(request)
    protocol.dataReceived(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi" + more)
    assert (kept == [protocol], transport.disconnecting) == (not more, bool(more))
