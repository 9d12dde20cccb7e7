"""Old captures into the archive as they come: written, indexed and extracted as those of a crawl are.

An import is a crawl of its source, whose seed is what was asked for. A capture that the archive has in the
same second of the same URL is known, whoever made it: the CDXJ file that the session has settled tells.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from crawler.config import software
from crawler.session import Session
from pipelines.records import capture_of, failure_of
from pipelines.run import extract, extraction_row, needs_extraction
from pipelines.workers import CallFailedError
from storage.cdxj import CaptureTimes
from storage.model import Capture, Crawl, Record
from storage.warc.build import Draft, Original, header_url, warc_date
from storage.warc.write import Origin, WarcWriter, file_safe

_Item = TypeVar("_Item")
_EXTRACTED_AT_ONCE = 8


class Taking(Protocol):
    """What takes old captures. Raises where it writes: OutOfSpaceError, ArchiveError."""

    @property
    def session(self) -> Session:
        """The session of its archive."""

    def now(self) -> datetime:
        """The time."""

    async def take(self, drafts: Sequence[Draft | Original]) -> None:
        """Write the records of one capture, that one first, and have them indexed."""


@dataclass(slots=True)
class Intake:
    """Takes records of one import. Raises: OutOfSpaceError, ArchiveError."""

    session: Session
    crawl: Crawl
    writer: WarcWriter
    known: CaptureTimes
    _extracting: set[asyncio.Task[None]] = field(default_factory=set)
    _room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_EXTRACTED_AT_ONCE))
    _is_told: bool = False

    def has(self, url: str, stamp: str) -> bool:
        """Whether the archive had this capture when the import began."""
        return self.known.has(header_url(url), stamp)

    @staticmethod
    def now() -> datetime:
        """The time."""
        return datetime.now(UTC)

    async def take(self, drafts: Sequence[Draft | Original]) -> None:
        """Write records and give them to the index."""
        await self._room.acquire()
        try:
            placed = self.writer.write(drafts)
        except BaseException:
            self._room.release()
            raise
        if not self._is_told:
            self.session.add(self.crawl)
            self._is_told = True
        left = True
        for one in placed[-len(drafts) :]:
            capture = self._row(one.record, one.warc_file)
            if capture is not None and needs_extraction(capture) and left:
                task = asyncio.create_task(self._extract(one.record, capture))
                self._extracting.add(task)
                task.add_done_callback(self._extracted)
                left = False
        if left:
            self._room.release()

    async def settle(self) -> None:
        """Wait for what is being extracted."""
        while self._extracting:
            await asyncio.wait(self._extracting)

    def _row(self, record: Record, warc_file: str) -> Capture | None:
        """Give the index its row of a record; the capture, if it is one."""
        names = (self.crawl.source, self.crawl.crawl_id)
        capture = capture_of(record, source=names[0], crawl_id=names[1], warc_file=warc_file)
        failure = failure_of(record, source=names[0], crawl_id=names[1])
        for row in (capture, failure):
            if row is not None:
                self.session.add(row)
        return capture

    async def _extract(self, record: Record, capture: Capture) -> None:
        """Extract a page in a worker, and give the index what came of it."""
        try:
            extraction = await self.session.parse(extract, record, capture)
        except CallFailedError as error:
            extraction = extraction_row(capture, error.outcome, reason=error.reason)
        self.session.add(extraction)

    def _extracted(self, task: asyncio.Task[None]) -> None:
        """Make room; what was not extracted for a fault is extracted when the session ends."""
        self._extracting.discard(task)
        self._room.release()
        if not task.cancelled():
            task.exception()


@asynccontextmanager
async def opened(session: Session, source: str, asked: str) -> AsyncIterator[Intake]:
    """An intake for what was asked for; at its end, however it comes, its files are whole."""
    started_at = datetime.now(UTC)
    stamp = started_at.strftime("%Y%m%dT%H%M%S") + f"{started_at.microsecond // 1000:03d}Z"
    crawl = Crawl(
        crawl_id=f"{file_safe(source)}-{stamp}",
        source=source,
        started_at=started_at,
        software=software(),
        seed_url=asked,
        robots="not asked: captures that others made",
    )
    origin = Origin(source=source, fields=_warcinfo_fields(crawl, session))
    writer = WarcWriter(
        session.layout,
        origin,
        max_bytes=session.config.warc_max_bytes,
        max_age_s=session.config.warc_max_age_s,
    )
    known = CaptureTimes(session.layout.cdxj)
    intake = Intake(session, crawl, writer, known)
    try:
        yield intake
        await intake.settle()
    finally:
        writer.close()
        known.close()


async def each(items: AsyncIterator[_Item], work: Callable[[_Item], Awaitable[None]], at_once: int) -> None:
    """Do the work of each item as it comes, several at once. Raises: what the first of them raised."""
    room = asyncio.Semaphore(at_once)

    async def one(item: _Item) -> None:
        try:
            await work(item)
        finally:
            room.release()

    try:
        async with asyncio.TaskGroup() as group:
            async for item in items:
                await room.acquire()
                group.create_task(one(item))
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from errors


def _warcinfo_fields(crawl: Crawl, session: Session) -> tuple[tuple[str, str], ...]:
    """Fields of the warcinfo records: replay reads the crawl back from them."""
    return (
        ("software", crawl.software),
        ("format", "WARC File Format 1.1"),
        ("conformsTo", "https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/"),
        ("description", "Captures that a web archive made, fetched from it"),
        ("robots", crawl.robots),
        ("operator", session.config.operator),
        ("hostname", socket.gethostname()),
        ("http-header-user-agent", session.config.user_agent),
        ("isPartOf", crawl.source),
        ("source", crawl.source),
        ("crawlId", crawl.crawl_id),
        ("crawlStarted", warc_date(crawl.started_at)),
        ("seed", crawl.seed_url),
    )
