"""What the crawls of one process share: the archive's lock, the index, the parsing workers, the sample sites.

Opening a session settles what an earlier, killed process left behind.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Self, TypeVar

from crawler.guard import AddressPolicy
from crawler.turns import Turns
from pipelines.ingest import Ingest, Row, absorb, catch_up
from pipelines.workers import Limits, Workers
from storage.errors import ArchiveError, WorkersError
from storage.index.bodies import PublishedBodies
from storage.index.mend import open_mended
from storage.layout import Layout, imported_crawl_id, imported_source
from storage.model import Capture
from storage.warc.salvage import salvage
from storage.warc.write import file_safe

if TYPE_CHECKING:
    from pathlib import Path

    import duckdb

    from crawler.config import Config
    from crawler.crawling import Crawling
    from crawler.demo.server import SampleSites
    from crawler.report import Report
    from crawler.seeds import Seed

log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


class Session:
    """One process at work on one archive. Raises at opening: ArchiveBusyError, IndexFaultError."""

    def __init__(self, config: Config, addresses: AddressPolicy | None = None) -> None:
        """Take the archive's lock and open its index."""
        self.config = config
        self.layout = Layout(config.archive)
        self._addresses = addresses or AddressPolicy()
        # Stands while a session is at work; left over, it tells since when the index may lack captures, and
        # of which WARC files: by the time alone those of a clock that stepped back would be passed over.
        self._unsettled = self.layout.state / "unsettled"
        self._begun_files: set[str] = set()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="index")
        self._sites: SampleSites | None = None
        self._faults: list[BaseException] = []
        self._notes: list[tuple[str, str]] = []
        # WARC files that killed processes left: the frontiers of their sources may not know what is in them.
        self._unnoted = self.layout.state / "unnoted"
        self._asked_left: set[str] = set()  # sources whose frontier was told of those
        self._crawlings: dict[str, Crawling] = {}  # those that run, by crawl id
        self._begun = 0
        self.turns = Turns()
        self.published = PublishedBodies(config.archive)
        self.reports: list[Report] = []
        self.workers = Workers(
            config.workers,
            Limits(wall_s=config.wall_s, cpu_s=config.cpu_s, memory_bytes=config.memory_bytes),
        )
        try:
            self._ingest = self._thread.submit(self._open_index).result()
        except BaseException:
            self._thread.shutdown()
            self.workers.close()
            raise

    def __enter__(self) -> Self:
        """The session."""
        return self

    def __exit__(self, *_: object) -> None:
        """Let go of the archive."""
        self.close()

    def addresses(self, seed: Seed) -> AddressPolicy:
        """The address policy for a seed; the bundled sample sites are started when a seed asks for them."""
        if not seed.bundled:
            return self._addresses
        if self._sites is None:
            from crawler.demo.server import SampleSites

            self._sites = SampleSites(edition=self._edition())
            self._sites.start()
        connect_to = {**self._sites.connect_to(), **self._addresses.connect_to}
        return AddressPolicy(self._addresses.allowed, connect_to)

    def add(self, row: Row) -> None:
        """Give a row to the index, in the index's thread."""
        if isinstance(row, Capture) and row.warc_file not in self._begun_files:
            self._begun_files.add(row.warc_file)
            with self._unsettled.open("a", encoding="utf-8") as names:
                names.write(f"{row.warc_file}\n")
        self._background(lambda: self._ingest.add(row))

    async def parse(self, function: Callable[..., _Result], *arguments: object) -> _Result:
        """Run a parsing function in a worker process. Raises: CallFailedError, WorkersError."""
        try:
            return await asyncio.wrap_future(self.workers.submit(function, *arguments))
        except WorkersError as error:
            for crawling in list(self._crawlings.values()):
                crawling.stop(error)
            raise

    def began(self, crawling: Crawling) -> None:
        """Take note of a crawl that runs from now on."""
        self.reports.append(crawling.report)
        self._crawlings[crawling.crawl_id] = crawling
        self._begun += 1
        if not self._unsettled.exists():
            self._unsettled.touch()

    def ended(self, crawling: Crawling) -> None:
        """Take note that a crawl has archived its last."""
        self._crawlings.pop(crawling.crawl_id, None)

    def finish(self) -> None:
        """Bring the index up to everything captured, and publish it.

        Raises: what indexing raised; the next session then reads the captures again from their files.
        """
        self.published.close()
        running = frozenset(self._crawlings)
        self._thread.submit(self._finish, running).result()
        self._settle(running, self._begun)

    async def finish_beside(self) -> None:
        """The same beside crawls that run, which the event loop goes on with.

        They begin new WARC files: what is published lies in whole ones.
        """
        for crawling in list(self._crawlings.values()):
            try:
                await crawling.sink.finish_file()
            except (ArchiveError, RuntimeError) as error:  # its disk is gone, or it has just ended
                log.debug("%s: %s", crawling.crawl_id, error)
        running, begun = frozenset(self._crawlings), self._begun
        await asyncio.wrap_future(self._thread.submit(self._finish, running))
        self.published.renew()
        self._settle(running, begun)

    def ask(self, question: Callable[[duckdb.DuckDBPyConnection], _Result]) -> _Result:
        """What a question to the index gives, asked in the index's thread."""
        return self._thread.submit(lambda: question(self._ingest.writer.connection)).result()

    async def look(self, question: Callable[[duckdb.DuckDBPyConnection], _Result]) -> _Result:
        """The same, once all that was given to the index is in it; the event loop goes on."""

        def asked() -> _Result:
            self._ingest.flush()
            return question(self._ingest.writer.connection)

        return await asyncio.wrap_future(self._thread.submit(asked))

    def left_unnoted(self, source: str) -> list[str]:
        """WARC files of whose captures the source's frontier may not know; none when asked again."""
        if source in self._asked_left:
            return []
        self._asked_left.add(source)
        return sorted(name for name in self._left() if imported_source(name) == file_safe(source))

    def noted(self, source: str) -> None:
        """Take note that the source's frontier knows of all that is archived."""
        names = self._left()
        others = {name for name in names if imported_source(name) != file_safe(source)}
        if others != names:
            self._keep_left(others)

    def _left(self) -> set[str]:
        """What is in the list of files left."""
        try:
            return set(self._unnoted.read_text(encoding="utf-8", errors="replace").splitlines())
        except FileNotFoundError:
            return set()

    def _keep_left(self, names: set[str]) -> None:
        """Write the list of files left, all of it or nothing."""
        if not names:
            self._unnoted.unlink(missing_ok=True)
            return
        made = self._unnoted.with_name(f"{self._unnoted.name}.tmp")
        made.write_text("".join(f"{name}\n" for name in sorted(names)), encoding="utf-8")
        made.replace(self._unnoted)

    def settled_notes(self) -> list[tuple[str, str]]:
        """File and remark of what opening the session mended, for the first crawl's report; then no more."""
        notes, self._notes = self._notes, []
        return notes

    def close(self) -> None:
        """Let go of the archive; nothing captured is lost, whether or not `finish` was called."""
        self.published.close()
        self._thread.submit(self._ingest.writer.close).result()
        self._thread.shutdown()
        self.workers.close()
        if self._sites is not None:
            self._sites.stop()

    def _open_index(self) -> Ingest:
        """The index, with everything in it that a killed process archived but did not index."""
        writer, asides = open_mended(self.layout.root)
        self._notes += [("index.duckdb", f"damaged, set aside as {one.name}") for one in asides]
        try:
            return self._settled(Ingest(writer, self.layout.cdxj))
        except BaseException:
            writer.close()
            raise

    def _settled(self, ingest: Ingest) -> Ingest:
        """The ingest given, once what is archived is in the index and in the CDXJ."""
        self._notes += [(self.layout.warc_name(one.path), one.line()) for one in salvage(self.layout)]
        left = set[str]()
        for path in self._left_unindexed(ingest.writer.warc_files() | ingest.writer.crawl_ids()):
            name = self.layout.warc_name(path)
            left.add(name)
            log.info("indexing %s, which an earlier run may have left unindexed", name)
            for damage in absorb(ingest, path, name, self.workers):
                log.warning("%s: %d bytes at %d: %s", name, damage.length, damage.offset, damage.reason)
                self._notes.append((name, f"damaged: {damage.reason}"))
        ingest.settle()
        if left:
            self._keep_left(left | self._left())
        # Last: who is killed before is followed by one who does it all again.
        self._unsettled.write_text("", encoding="utf-8")
        return ingest

    def _left_unindexed(self, indexed: set[str]) -> list[Path]:
        """WARC files that the index or the CDXJ may lack something of; `indexed` has files and crawls.

        An imported file that holds no capture is known by its crawl.
        The mark is set back to the oldest of them: a session killed while it reads them is to do so again.
        """
        changed = {path: path.stat().st_mtime_ns for path in self.layout.warc_files()}
        since, begun = None, set[str]()
        if self._unsettled.exists():
            since = self._unsettled.stat().st_mtime_ns
            begun = set(self._unsettled.read_text(encoding="utf-8", errors="replace").splitlines())
        anew = not self.layout.cdxj.exists()  # somebody has removed it
        left = [
            path
            for path, moment in changed.items()
            if anew
            or not {name := self.layout.warc_name(path), imported_crawl_id(name)} & indexed
            or name in begun
            or (since is not None and moment >= since)
        ]
        if left:
            oldest = min(changed[path] for path in left)
            oldest = oldest if since is None else min(oldest, since)
            self._unsettled.touch()
            os.utime(self._unsettled, ns=(oldest, oldest))
        return left

    def _finish(self, running: frozenset[str]) -> None:
        """Catch up, derive, publish (in the index's thread, after all that was given to it)."""
        if self._faults:
            raise self._faults[0]
        late = catch_up(self._ingest, self.layout, self.workers, running)
        log.info("extracted %d captures that the crawl had not come to", late)
        self._ingest.finish()

    def _settle(self, running: frozenset[str], begun: int) -> None:
        """Remove the mark, unless crawls ran beside the work: the index may lack what they brought."""
        if not running and begun == self._begun:
            self._unsettled.unlink(missing_ok=True)
            self._begun_files.clear()

    def _background(self, work: Callable[[], None]) -> None:
        """Run `work` in the index's thread; its fault is raised by `finish`."""
        future: Future[None] = self._thread.submit(work)
        future.add_done_callback(self._note_fault)

    def _note_fault(self, future: Future[None]) -> None:
        """Remember the first fault of background work."""
        error = future.exception()
        if error is not None:
            self._faults.append(error)

    def _edition(self) -> int:
        """The sample sites show a second edition to an archive that has crawled them before."""
        return 2 if any(self.layout.crawl("").glob("demo*/report.json")) else 1
