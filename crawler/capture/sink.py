"""The bridge between the wire and storage.warc: each exchange is written, then told.

Looking for known bodies, compressing and writing happen in one thread of the sink's own, in the order of the
exchanges' ends: the event loop waits for none of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from crawler.capture.drafting import Bodies, Fetch, Keeping, drafts_of, found_fields
from crawler.capture.wire import Exchange
from crawler.frontier import Found
from pipelines.records import capture_of, discovered_of, failure_of
from storage.article import Outcome
from storage.errors import ArchiveError
from storage.model import Capture, Discovered, Failure, Headers, Record
from storage.warc import build
from storage.warc.build import Draft, FirstCapture
from storage.warc.http import headers_of, split_head
from storage.warc.write import Placed, WarcWriter


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the archive now holds of one exchange: a capture with its record, or a failure.

    `found` is how its URL was found, `discovered` the same as the WARC has it.
    """

    capture: Capture | None = None
    record: Record | None = None
    failure: Failure | None = None
    discovered: Discovered | None = None
    found: Found | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """What made a page into something else: `fields` of the record, and `facts` for one beside it."""

    fields: tuple[tuple[str, str], ...]
    facts: tuple[tuple[str, str], ...] = ()


class Memory(Bodies, Protocol):
    """What the sink asks of the archive's payloads."""

    def add(self, capture: Capture, headers: Headers, first: FirstCapture | None, *, chunked: bool) -> None:
        """Note a capture that was written; of a revisit, `first` is what it refers to."""


class CaptureSink:
    """Writes each exchange of one crawl and tells what was written."""

    def __init__(
        self,
        writer: WarcWriter,
        memory: Memory,
        *,
        source: str,
        crawl_id: str,
        told: Callable[[Kept], None],
        keeping: Keeping | None = None,
    ) -> None:
        """Write with `writer`; call `told` on the event loop after each exchange is in the file."""
        self._writer = writer
        self._memory = memory
        self._source = source
        self._crawl_id = crawl_id
        self._told = told
        self._keeping = keeping or Keeping()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="warc")

    async def store(
        self, exchange: Exchange, outcome: Outcome | None = None, reason: str = "", found: Found | None = None
    ) -> Kept:
        """Write an exchange; `outcome` says how it failed, None that it came to its end.

        Raises: OutOfSpaceError, ArchiveError.
        """
        loop = asyncio.get_running_loop()
        fetch = Fetch(exchange=exchange, outcome=outcome, reason=reason, found=found)
        kept = await loop.run_in_executor(self._thread, self._write, fetch)
        self._told(kept)
        return kept

    async def refuse(self, url: str, outcome: Outcome, reason: str, found: Found | None = None) -> Kept:
        """Note a fetch that was never sent (robots.txt, address): a metadata record."""
        return await self.store(Exchange.begin(url, 0), outcome, reason, found)

    async def convert(self, kept: Kept, content_type: str, block: bytes, told: Conversion) -> Kept:
        """Write what a page was made into, beside it. Raises: OutOfSpaceError, ArchiveError."""
        if kept.record is None:
            raise ArchiveError("what no record holds can't be converted", where=str(kept.found))
        converted = build.conversion(kept.record, content_type, block, list(told.fields))
        more = [*found_fields(kept.found), *told.facts] if kept.found else list(told.facts)
        return await self.add([converted, build.beside(converted, more)], kept.found)

    async def add(self, drafts: Sequence[Draft], found: Found | None) -> Kept:
        """Write records that were not made of an exchange of this crawl: the capture or failure comes first.

        How its URL was found is in the last of them. Raises: OutOfSpaceError, ArchiveError.
        """
        loop = asyncio.get_running_loop()
        placed = await loop.run_in_executor(self._thread, self._writer.write, drafts)
        kept = self._kept(placed[-len(drafts) :], found)
        self._told(kept)
        return kept

    async def finish_file(self) -> None:
        """Finish the file that is being written; the next exchange begins another. Raises: ArchiveError."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._writer.close)

    def close(self) -> None:
        """Finish the file."""
        try:
            self._thread.submit(self._writer.close).result()
        finally:
            self._thread.shutdown()

    def _write(self, fetch: Fetch) -> Kept:
        """Write what there is of a fetch (in the sink's thread), and have its payload known from now on."""
        drafted = drafts_of(fetch, self._memory, self._keeping)
        placed = self._writer.write(drafted.records)[-len(drafted.records) :]
        kept = self._kept(placed, fetch.found)
        if kept.capture is not None and kept.record is not None:
            headers = headers_of(split_head(kept.record.block)[0])
            self._memory.add(kept.capture, headers, drafted.first, chunked=drafted.chunked)
        return kept

    def _kept(self, placed: list[Placed], found: Found | None) -> Kept:
        """What was written, as a reader of the file finds it; the answer or failure is first in `placed`."""
        record, source, crawl_id = placed[0].record, self._source, self._crawl_id
        request = next((one.record for one in placed if one.record.record_type == "request"), None)
        capture = capture_of(
            record, source=source, crawl_id=crawl_id, warc_file=placed[0].warc_file, request=request
        )
        return Kept(
            capture=capture,
            record=record if capture else None,
            failure=failure_of(record, source=source, crawl_id=crawl_id),
            discovered=discovered_of(placed[-1].record),
            found=found,
        )
