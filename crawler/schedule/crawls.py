"""Crawls of a schedule: on one archive, taken while they run, its index finished after each."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from crawler.health import after_run
from crawler.schedule.state import Ran
from crawler.session import Session

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.crawls import Limits, Loop
    from crawler.guard import AddressPolicy
    from crawler.seeds import Seed

log = logging.getLogger(__name__)


class ArchiveCrawls:
    """Crawls on an archive."""

    def __init__(self, loop: Loop, config: Config, policy: AddressPolicy, limits: Limits) -> None:
        """Crawl on `loop`; the archive is not taken yet."""
        self._loop, self._config, self._policy, self._limits = loop, config, policy, limits
        self._session: Session | None = None
        self._finishing = asyncio.Lock()
        self._ended = self._finished = 0  # crawls, and those of them that the index is finished for
        self.sound = True

    async def open(self) -> None:
        """Take the archive, in a thread: it may have much to settle. Raises: ArchiveBusyError, and others."""
        self._session = await asyncio.to_thread(Session, self._config, self._policy)
        self.sound = True

    async def run(self, seed: Seed) -> Ran:
        """Crawl a source, and bring the index up to it. Raises: PresswarcError."""
        session = self._session
        if session is None:
            raise RuntimeError("the archive is not open")
        report = await self._loop.crawl(seed, session, self._limits)
        try:
            await self._finish(session)
        except BaseException:
            self.sound = False  # what was captured is indexed when the archive is opened again
            raise
        finally:
            session.reports.remove(report)
            await asyncio.to_thread(after_run, session.layout, seed, report, config=self._config)
        if report.fault is not None:
            raise report.fault
        return Ran(
            exit_code=report.exit_code(),
            reason=report.reason,
            line=_without_name(report.line()),
            again_at=report.left.opens_at if report.left else None,
        )

    def stop(self) -> None:
        """Have the crawls that run come to their end in order."""
        self._loop.stop()

    async def close(self) -> None:
        """Let go of the archive."""
        session, self._session = self._session, None
        if session is not None:
            await asyncio.to_thread(session.close)

    async def _finish(self, session: Session) -> None:
        """Finish the index; crawls that end while it is being finished are taken together."""
        self._ended += 1
        mine = self._ended
        async with self._finishing:
            if self._finished < mine:
                ended = self._ended
                await session.finish_beside()
                self._finished = ended


def _without_name(line: str) -> str:
    """A report's line as it goes on after the source's name.

    >>> _without_name("paper: finished; fetched 3 ok")
    'finished; fetched 3 ok'
    """
    return line.partition(": ")[2]
