"""Records with the request that asked for them: the answer to a HEAD or POST is not to be taken for the page.

Writers put the two side by side, some the request first (wget, wpull, Common Crawl), some after its answer
(Heritrix, Browsertrix, pywb, Presswarc); WARC-Concurrent-To stands on either.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from storage.model import Damage, Headers, Record

ANSWERS = frozenset({"response", "revisit"})
MOST_WAITING = 64
MOST_WAITING_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A record or damage of a file; with an answer the request that it answers, if the file has it nearby."""

    item: Record | Damage
    request: Record | None = None


@dataclass(slots=True)
class _Waiting:
    """An item in its place in the file's order; an answer is not settled while its request may still come."""

    item: Record | Damage
    settled: bool
    request: Record | None = None

    @property
    def size(self) -> int:
        return len(self.item.block) if isinstance(self.item, Record) else 0


def with_requests(items: Iterable[Record | Damage]) -> Iterator[Told]:
    """The items in their order, each answer with its request.

    An answer waits for its request until `MOST_WAITING` items or `MOST_WAITING_BYTES` have followed it.
    """
    window = _Window()
    for item in items:
        window.take(item)
        yield from window.ready()
    yield from window.rest()


@dataclass(slots=True)
class _Window:
    """The last items of a file, and the requests among them that have no answer yet."""

    waiting: deque[_Waiting] = field(default_factory=deque)
    requests: deque[Record] = field(default_factory=lambda: deque(maxlen=MOST_WAITING))
    held_bytes: int = 0

    def take(self, item: Record | Damage) -> None:
        """Add an item, and bring it together with what belongs to it."""
        entry = _Waiting(item, settled=True)
        if isinstance(item, Record) and item.record_type == "request":
            self._take_request(item)
        elif isinstance(item, Record) and item.record_type in ANSWERS:
            entry.request = self._request_before(item)
            entry.settled = entry.request is not None
        self.waiting.append(entry)
        self.held_bytes += entry.size

    def ready(self) -> Iterator[Told]:
        """What waits for nothing more, in order."""
        while self.waiting and (
            self.waiting[0].settled
            or len(self.waiting) > MOST_WAITING
            or self.held_bytes > MOST_WAITING_BYTES
        ):
            yield self._next()

    def rest(self) -> Iterator[Told]:
        """Everything that is left, in order."""
        while self.waiting:
            yield self._next()

    def _next(self) -> Told:
        entry = self.waiting.popleft()
        self.held_bytes -= entry.size
        return Told(item=entry.item, request=entry.request)

    def _take_request(self, request: Record) -> None:
        """Give a request to the answers before it that are its own, or keep it for one that follows."""
        found = False
        for entry in self.waiting:
            if not entry.settled and isinstance(entry.item, Record) and _belong(request, entry.item):
                entry.request, entry.settled, found = request, True, True
        if not found:
            self.requests.append(request)

    def _request_before(self, answer: Record) -> Record | None:
        """The latest request without an answer that is this answer's own."""
        own = next((one for one in reversed(self.requests) if _belong(one, answer)), None)
        if own is not None:
            self.requests.remove(own)
        return own


def _belong(request: Record, answer: Record) -> bool:
    """Whether one names the other; where neither names any record, whether both are of one URL."""
    asked_of, answered = _concurrent(request.headers), _concurrent(answer.headers)
    if asked_of or answered:
        return answer.record_id in asked_of or request.record_id in answered
    return request.target_uri == answer.target_uri


def _concurrent(headers: Headers) -> set[str]:
    """Record ids that WARC-Concurrent-To names."""
    return {value.strip().strip("<>") for value in headers.get_all("WARC-Concurrent-To")}
