"""From an exchange to WARC records: the bridge between the wire and storage.warc.

Writing and compressing happen in one thread of the sink's own, in the order of the exchanges' ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from typing import Protocol

from crawler.capture.wire import Exchange
from pipelines.records import capture_of, failure_of
from storage.model import Capture, Failure, Outcome, Record
from storage.warc import build
from storage.warc.build import Draft, FirstCapture
from storage.warc.digests import digest
from storage.warc.http import StoredResponse, stored_response
from storage.warc.write import Placed, WarcWriter

MIN_REVISIT_BYTES = 256
_TRUNCATED = {Outcome.TIMED_OUT: "time", Outcome.TOO_LARGE: "length"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the archive now holds of one exchange: a capture with its record, or a failure, or both."""

    capture: Capture | None = None
    record: Record | None = None
    failure: Failure | None = None


class Memory(Protocol):
    """What the sink asks of the frontier."""

    def first_capture(self, url: str) -> FirstCapture | None:
        """The newest whole 200 answer to a GET of `url`."""


class CaptureSink:
    """Writes each exchange of one crawl and tells what was written."""

    def __init__(
        self, writer: WarcWriter, memory: Memory, *, source: str, crawl_id: str, told: Callable[[Kept], None]
    ) -> None:
        """Write with `writer`; call `told` on the event loop after each exchange is in the file."""
        self._writer = writer
        self._memory = memory
        self._source = source
        self._crawl_id = crawl_id
        self._told = told
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="warc")

    async def store(self, exchange: Exchange, outcome: Outcome | None = None, reason: str = "") -> Kept:
        """Write an exchange; `outcome` says how it failed, None that it came to its end.

        Raises: OutOfSpaceError, ArchiveError.
        """
        loop = asyncio.get_running_loop()
        first = self._memory.first_capture(exchange.url)
        kept = await loop.run_in_executor(self._thread, self._write, exchange, first, outcome, reason)
        self._told(kept)
        return kept

    async def refuse(self, url: str, outcome: Outcome, reason: str) -> Kept:
        """Note a fetch that was never sent (robots.txt, address): a metadata record."""
        return await self.store(Exchange.begin(url, 0), outcome, reason)

    def close(self) -> None:
        """Finish the file."""
        self._thread.submit(self._writer.close).result()
        self._thread.shutdown()

    def _write(
        self, exchange: Exchange, first: FirstCapture | None, outcome: Outcome | None, reason: str
    ) -> Kept:
        """Write what there is of an exchange (in the sink's thread)."""
        stored = stored_response(bytes(exchange.received), ended=outcome is None)
        if not stored.status:
            return self._write_failure(exchange, outcome or Outcome.DISCONNECTED, reason)
        answer = _answer(exchange, stored, first, outcome)
        request = build.request(
            exchange.url, exchange.started_at, bytes(exchange.sent), answer, _connection(exchange)
        )
        placed = self._writer.write([answer, request])[-2]
        capture = capture_of(
            placed.record, source=self._source, crawl_id=self._crawl_id, warc_file=placed.warc_file
        )
        return Kept(capture=capture, record=placed.record)

    def _write_failure(self, exchange: Exchange, outcome: Outcome, reason: str) -> Kept:
        """Write a metadata record, with the request if one went out."""
        draft = build.failure(exchange.url, exchange.started_at, outcome, reason, _connection(exchange))
        drafts = [draft]
        if exchange.sent:
            sent = bytes(exchange.sent)
            drafts.append(
                build.request(exchange.url, exchange.started_at, sent, draft, _connection(exchange))
            )
        placed = _of(self._writer.write(drafts), draft)
        return Kept(failure=failure_of(placed.record, source=self._source, crawl_id=self._crawl_id))


def _of(placed: list[Placed], draft: Draft) -> Placed:
    """The one of `placed` that is `draft`."""
    record_id = dict(draft.fields)["WARC-Record-ID"].strip("<>")
    return next(one for one in placed if one.record.record_id == record_id)


def _answer(
    exchange: Exchange, stored: StoredResponse, first: FirstCapture | None, outcome: Outcome | None
) -> Draft:
    """The response record of an exchange, or a revisit where the archive has the payload already."""
    url, moment, extra = exchange.url, exchange.started_at, _connection(exchange)
    truncated = _TRUNCATED.get(outcome, "disconnect") if outcome else "disconnect" if stored.cut else None
    if truncated:
        extra = [*extra, ("WARC-Truncated", truncated)]
    if truncated or first is None:
        return build.response(url, moment, stored.head, stored.body, extra)
    if stored.status == HTTPStatus.NOT_MODIFIED:
        return build.revisit(url, moment, stored.head, build.NOT_MODIFIED, first, extra)
    whole = stored.status == HTTPStatus.OK and len(stored.body) >= MIN_REVISIT_BYTES
    if whole and digest(stored.body) == first.payload_digest:
        return build.revisit(url, moment, stored.head, build.IDENTICAL_PAYLOAD, first, extra)
    return build.response(url, moment, stored.head, stored.body, extra)


def _connection(exchange: Exchange) -> list[tuple[str, str]]:
    """WARC fields for the connection of an exchange."""
    fields = [("WARC-IP-Address", exchange.ip)] if exchange.ip else []
    if exchange.ip:
        version = "http/1.0" if exchange.received.startswith(b"HTTP/1.0") else "http/1.1"
        fields.append(("WARC-Protocol", version))
    if exchange.tls:
        fields.append(("WARC-Protocol", exchange.tls.lower().replace("v", "/")))
    if exchange.cipher:
        fields.append(("WARC-Cipher-Suite", exchange.cipher))
    return [(name, value) for name, value in fields if value]
