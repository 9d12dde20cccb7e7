"""Connections that stay open for the next request to their host, with a bound for all hosts together."""

from __future__ import annotations

import select
from typing import Any

from twisted.web.client import HTTPConnectionPool

_MOST = 50

_Key = tuple[Any, ...]


class IdleConnections(HTTPConnectionPool):
    """Twisted's pool, whose bound is for each host: a crawl of many hosts would use up the descriptors."""

    def __init__(self, reactor: object, per_host: int, most: int = _MOST) -> None:
        """Keep so many idle connections to one host, and to all of them together."""
        super().__init__(reactor, persistent=True)  # type: ignore[no-untyped-call]
        self.maxPersistentPerHost = per_host
        self._most = most
        self._keys: dict[Any, _Key] = {}

    def getConnection(self, key: Any, endpoint: Any) -> Any:  # noqa: ANN401, N802 (Twisted's names and types)
        """A connection, an idle one if there is one on which nobody has said anything since.

        An answer that nobody asked for would be taken for that of the next page, and so on.
        """
        for connection in [one for one in self._connections.get(key, ()) if _is_unread(one.transport)]:
            self._timeouts[connection].cancel()
            self._removeConnection(key, connection)
        return super().getConnection(key, endpoint)

    def _putConnection(self, key: _Key, connection: Any) -> None:  # noqa: ANN401, N802 (Twisted's names and types)
        """Keep a connection that has nothing to do; of too many the one that was idle longest is closed."""
        super()._putConnection(key, connection)  # type: ignore[no-untyped-call]
        self._keys[connection] = key
        self._keys = {one: self._keys[one] for one in self._timeouts}  # some were taken out again
        while len(self._timeouts) > self._most:
            oldest, timeout = next(iter(self._timeouts.items()))
            timeout.cancel()
            self._removeConnection(self._keys[oldest], oldest)

    def _removeConnection(self, key: _Key, connection: Any) -> None:  # noqa: ANN401, N802 (Twisted's names and types)
        """Close a connection. With TLS at once: it would wait for the other side to close it, too."""
        super()._removeConnection(key, connection)  # type: ignore[no-untyped-call]
        if key[0] == b"https":
            connection.transport.abortConnection()
        self._keys.pop(connection, None)
        if not self._connections[key]:
            del self._connections[key]


def _is_unread(transport: Any) -> bool:  # noqa: ANN401 (Twisted's type)
    """Whether something has come over a connection that was not read yet, its end included."""
    try:
        waiting = select.poll()
        waiting.register(transport.socket.fileno(), select.POLLIN)
        return bool(waiting.poll(0))
    except (AttributeError, OSError, ValueError):  # it is closed, or none of a socket
        return False
