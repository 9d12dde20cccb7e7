"""The index rebuilt from WARC files alone, or chosen captures of it extracted again: no network.

What is chosen replaces its rows under today's rules. All is done beside the index, which takes it over at the
end: a replay that is stopped has changed nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from crawler.interrupts import heed_interrupt
from crawler.toml_keys import nearest
from pipelines.ingest import Ingest, Rule, Take, absorb, extractions
from pipelines.rereading import Unread, reread
from pipelines.run import extract, needs_extraction
from pipelines.workers import Workers
from storage.errors import ArchiveError, IndexFaultError, UsageError
from storage.index.choose import Choice, Chosen, choose, chosen_captures, unknown_names
from storage.index.writer import IndexWriter
from storage.layout import Layout
from storage.model import Capture, Crawl, Discovered, Failure, Record
from storage.query import open_current, open_published, run_sql
from storage.warc.salvage import salvage

ALL = Choice()
_NAMES = {
    "host": 'presswarc query "FROM articles SELECT DISTINCT host"',
    "URL": 'presswarc query "FROM captures SELECT DISTINCT url"',
    "source": 'presswarc query "FROM captures SELECT DISTINCT source"',
    "crawl": 'presswarc query "FROM crawls"',
    "WARC file": "presswarc replay FILE takes its captures in",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What to replay: `files` (none: all of the archive), of them what `choice` takes, into an index."""

    archive: Layout
    into: Layout
    files: tuple[Path, ...] = ()
    choice: Choice = ALL
    rule: Rule = extract

    @property
    def in_place(self) -> bool:
        """Whether it is the archive's own index."""
        return self.into.root.resolve() == self.archive.root.resolve()


@dataclass(slots=True, kw_only=True)
class Replayed:
    """How far a replay has come, and what it met. `chosen` is None for whole files.

    `unread` are captures whose records can't be had: their rows stay. `gone` counts the captures of files
    that the index had and that are no more. `unindexed` are files of the archive that the index lacks.
    """

    files: int = 0
    of_files: int = 0
    read_bytes: int = 0
    of_bytes: int = 0
    pages: int = 0
    chosen: Chosen | None = None
    damages: list[tuple[str, int, str]] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    gone: dict[str, int] = field(default_factory=dict)
    unindexed: list[str] = field(default_factory=list)
    published: Path | None = None


def replay(job: Job, workers: Workers, replayed: Replayed) -> None:
    """Do the job; `replayed` tells at any time how far it is.

    Raises: ArchiveBusyError, ArchiveError, IndexFaultError, UsageError.
    """
    if not job.in_place and job.into.warc_files():
        raise UsageError(
            "the directory is an archive with WARC files of its own: its index is theirs",
            hint="--into names a new directory; --archive the archive to replay",
            where=str(job.into.root),
        )
    if job.in_place and job.archive.warc.is_dir():
        salvage(job.archive)
    if job.files or job.choice.is_all():
        _replay_files(job, workers, replayed)
    elif job.in_place:
        _replay_in_place(job, workers, replayed)
    else:
        _replay_chosen(job, workers, replayed)


def check_names(connection: duckdb.DuckDBPyConnection, choice: Choice) -> None:
    """Nothing, if each name in the choice is one of a capture's. Raises: UsageError with the nearest."""
    for kind, name, names in unknown_names(connection, choice):
        near = f"; the nearest is {names[0]}" if kind == "URL" and names else nearest(name, names)
        raise UsageError(f"no capture of the {kind} `{name}`{near}", hint=_NAMES[kind])


def warc_name(archive: Layout, path: Path) -> str:
    """The file's name in the index: relative to the archive's folder where it lies in it."""
    if not path.is_file():
        raise ArchiveError(
            "no such WARC file", hint="name files that exist, or none for all", where=str(path)
        )
    resolved = path.resolve()
    root = archive.warc.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else resolved.as_posix()


def _replay_files(job: Job, workers: Workers, replayed: Replayed) -> None:
    """Index the files: all of them anew, or those named over what the index has of their records."""
    whole = not job.files
    chosen = list(job.files) or job.archive.warc_files()
    if not chosen:
        hint = "presswarc crawl SEED makes captures; --archive names another archive"
        raise ArchiveError("there are no WARC files to replay", hint=hint, where=str(job.archive.warc))
    named = [(path, warc_name(job.archive, path)) for path in chosen]
    before = _captures_by_file(job.into) if whole and job.in_place else {}
    with IndexWriter(job.into.root, anew=whole, aside=not whole) as writer:
        ingest = Ingest(writer, job.into.cdxj, anew=whole, over=not whole)
        _absorb(job, ingest, named, _taking(job.choice), workers, replayed)
        _finish(ingest, replayed)
        found = writer.warc_files()
        replayed.gone = {name: count for name, count in before.items() if name not in found}


def _replay_in_place(job: Job, workers: Workers, replayed: Replayed) -> None:
    """Extract the chosen captures again; of the files only their records are read."""
    if not (job.into.index.is_file() or (job.into.state / "index.duckdb").is_file()):
        raise ArchiveError(
            "there is no index to choose from",
            hint="presswarc replay, without a choice, builds it",
            where=str(job.into.index),
        )
    with IndexWriter(job.into.root, aside=True) as writer:
        check_names(writer.connection, job.choice)
        replayed.chosen = choose(writer.connection, job.choice)
        replayed.of_files = len(replayed.chosen.files)
        replayed.unindexed = _unindexed(job.archive, writer.warc_files())
        if not replayed.chosen.asked:
            return
        ingest = Ingest(writer, job.into.cdxj, over=True)
        for extraction in extractions(_pages(job, ingest, replayed), workers, job.rule):
            ingest.add(extraction)
            replayed.pages = ingest.extracted
        _finish(ingest, replayed)


def _pages(job: Job, ingest: Ingest, replayed: Replayed) -> Iterator[tuple[Capture, Record]]:
    """The chosen captures that are pages, with their records."""
    for warc_file in replayed.chosen.files if replayed.chosen else ():
        wanted: list[Capture] = []
        for capture in chosen_captures(ingest.writer.connection, warc_file):
            if needs_extraction(capture):
                wanted.append(capture)
            else:
                ingest.add_bare(capture)
        for found in reread(wanted, job.archive):
            heed_interrupt()
            if isinstance(found, Unread):
                replayed.unread.append(found)
            else:
                yield found
        replayed.files += 1


def _replay_chosen(job: Job, workers: Workers, replayed: Replayed) -> None:
    """Index the chosen captures in another place, from the files that the archive's index names for them.

    Where the archive has no index all its files are read.
    """
    if not job.archive.index.is_file():
        named = [(path, job.archive.warc_name(path)) for path in job.archive.warc_files()]
        with IndexWriter(job.into.root, aside=True) as writer:
            ingest = Ingest(writer, job.into.cdxj, over=True)
            _absorb(job, ingest, named, _taking(job.choice), workers, replayed)
            _finish(ingest, replayed)
        return
    with open_current(job.archive.root) as published, IndexWriter(job.into.root, aside=True) as writer:
        check_names(published, job.choice)
        replayed.chosen = choose(published, job.choice)
        files = {
            str(row[0]) for row in published.execute("SELECT DISTINCT warc_file FROM captures").fetchall()
        }
        replayed.unindexed = _unindexed(job.archive, files)
        ingest = Ingest(writer, job.into.cdxj, over=True)
        for name in replayed.chosen.files:
            captures = chosen_captures(published, name)
            if job.archive.has_warc_file(name):
                path = job.archive.warc_file(name)
                taking = _taking(job.choice, {one.record_id for one in captures})
                _absorb(job, ingest, [(path, name)], taking, workers, replayed)
            else:
                reason = "the file can't be read: there is none"
                replayed.unread += [Unread(capture=one, reason=reason) for one in captures]
        _finish(ingest, replayed)


def _absorb(
    job: Job,
    ingest: Ingest,
    named: Sequence[tuple[Path, str]],
    take: Take,
    workers: Workers,
    replayed: Replayed,
) -> None:
    """Add what is taken of these files."""
    replayed.of_files += len(named)
    replayed.of_bytes += sum(path.stat().st_size for path, _ in named)

    for path, name in named:
        before = replayed.read_bytes

        def noticed(row: Crawl | Capture | Failure | Discovered, before: int = before) -> bool:
            heed_interrupt()
            if isinstance(row, Capture):
                replayed.read_bytes = before + row.warc_offset
                replayed.pages = ingest.extracted
            return take(row)

        try:
            found = absorb(ingest, path, name, workers, take=noticed, rule=job.rule)
        except OSError as error:
            raise ArchiveError(
                f"the WARC file can't be read: {error.strerror or error}",
                hint="nothing was changed; mend the file, or move it out of the archive",
                where=str(path),
            ) from error
        replayed.files += 1
        replayed.read_bytes = before + path.stat().st_size
        replayed.damages += [(name, damage.offset, damage.reason) for damage in found]


def _finish(ingest: Ingest, replayed: Replayed) -> None:
    """Derive and publish, with nothing left of what was replaced."""
    ingest.flush()
    ingest.writer.sweep()
    heed_interrupt()
    replayed.published = ingest.finish()
    replayed.pages = ingest.extracted


def _taking(choice: Choice, record_ids: set[str] | None = None) -> Take:
    """Whether a row is taken: a capture by its id where ids are given, else by the choice."""
    taken: set[str] = set()  # of this file's captures and failures: what is known of them comes after

    def take(row: Crawl | Capture | Failure | Discovered) -> bool:
        if isinstance(row, Crawl):
            return True
        if isinstance(row, Discovered):
            return choice.is_all() or row.record_id in taken
        at = row.captured_at if isinstance(row, Capture) else row.failed_at
        if isinstance(row, Capture) and record_ids is not None:
            wanted = row.record_id in record_ids
        else:
            wanted = choice.takes(row.url, at, row.source, row.crawl_id)
        if wanted and not choice.is_all():
            taken.add(row.record_id)
        return wanted

    return take


def _captures_by_file(archive: Layout) -> dict[str, int]:
    """Captures of each WARC file that the published index names; none where there is no index of ours."""
    try:
        with open_published(archive.root) as connection:
            rows = run_sql(connection, "SELECT warc_file, count(*) FROM captures GROUP BY 1 ORDER BY 1").rows
    except IndexFaultError:
        return {}
    return {str(name): int(str(count)) for name, count in rows}


def _unindexed(archive: Layout, indexed: set[str]) -> list[str]:
    """WARC files of the archive that the index knows no capture of."""
    return [name for name in map(archive.warc_name, archive.warc_files()) if name not in indexed]
