"""A loopback HTTP server that answers each path with the next of the answers it is told, the last for ever.

Loaded by test_spider_replay.py (the test folders are no packages).
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections import Counter
from collections.abc import Mapping, Sequence

HEAD_END = b"\r\n\r\n"
HOLD = b"(hold)"  # at the end of an answer: the connection stays open without a word more


class TurnSite:
    """Serves `answers` ("GET /path": bytes, one after the other) on a port of 127.0.0.1 until `stop`.

    An answer's bytes are sent as they are; then the connection is closed.
    """

    def __init__(self, answers: Mapping[str, Sequence[bytes]]) -> None:
        self._answers = answers
        self._given: Counter[str] = Counter()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def stop(self) -> None:
        for one in [self._listener, *self._open]:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            head = b""
            while HEAD_END not in head:
                piece = connection.recv(65536)
                if not piece:
                    return
                head += piece
            head, _, body = head.partition(HEAD_END)
            length = re.search(rb"(?i)\ncontent-length: *(\d+)", head)
            while length and len(body) < int(length[1]):
                body += connection.recv(65536)
            key = " ".join(head.decode("latin-1").split(" ", 2)[:2])
            turns = self._answers[key]
            answer = turns[min(self._given[key], len(turns) - 1)]
            self._given[key] += 1
            connection.sendall(answer.removesuffix(HOLD))
            if answer.endswith(HOLD):
                connection.recv(1)
