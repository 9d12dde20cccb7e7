"""`presswarc import commoncrawl --news`: CC-NEWS, which has no index, read through month by month.

A file of a gigabyte is streamed and not kept: the records of the wanted hosts are. How far a file was read
for which hosts is told in the import's own WARC files, so that a run that was killed goes on there.
"""

from __future__ import annotations

import os
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from crawler.importing import Counting, warcinfo_fields
from crawler.memento.choosing import answer_of
from crawler.memento.intake import Intake
from crawler.memento.members import Member, Members, TornError
from crawler.memento.service import PLAIN, Service
from crawler.memento.summary import Summary
from crawler.memento.wire import BrokenError
from pipelines.ingest import absorb
from storage.errors import PresswarcError, UsageError
from storage.imports.archived import Fetched, provenance, record_of
from storage.imports.reading import Progress, ReadingMarks
from storage.warc.heads import Heading, read_heading

_STAMPED = re.compile(r"-(\d{14})-\d+\.warc\.gz$")
_KEPT_TYPES = frozenset({"response", "revisit"})
_OK, _PARTIAL, _BEYOND = 200, 206, 416
_MOST_LIST_BYTES = 1 << 24
_MARK_EVERY_BYTES = 1 << 28


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsChoice:
    """What of CC-NEWS to take: captures of the hosts and of those below them, in a time, at most `most`."""

    hosts: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None
    most: int | None = None

    def wants(self, data: bytes) -> bool:
        """Whether a record that begins so is wanted."""
        heading = read_heading(data, 0, whole=False)
        if not isinstance(heading, Heading) or heading.record_type not in _KEPT_TYPES:
            return False
        host = _host(heading.target_uri or "")
        if not any(host == one or host.endswith(f".{one}") for one in self.hosts):
            return False
        late = self.until is not None and heading.captured_at >= self.until
        return not late and not (self.since is not None and heading.captured_at < self.since)

    @property
    def name(self) -> str:
        """The choice in words, by which a reading is known again."""
        since = [f"from {self.since.isoformat()}"] if self.since else []
        until = [f"to {self.until.isoformat()}"] if self.until else []
        return " ".join([*sorted(self.hosts), *since, *until])


async def files_of(service: Service, data: str, month: str, choice: NewsChoice) -> list[str]:
    """URLs of a month's files that may hold what is chosen. Raises: PresswarcError, GaveUpError."""
    url = f"{data}/crawl-data/CC-NEWS/{month}/warc.paths.gz"
    answer = await answer_of(service, url, _MOST_LIST_BYTES)
    if answer.status != _OK:
        raise UsageError(
            f"CC-NEWS has no list of that month: status {answer.status}", hint="--news 2024/02", where=url
        )
    try:
        names = zlib.decompressobj(zlib.MAX_WBITS + 16).decompress(answer.body, _MOST_LIST_BYTES)
    except zlib.error as error:
        raise PresswarcError(f"the list of files does not unpack: {error}", where=url) from error
    paths = sorted(name.strip() for name in names.decode("utf-8", "replace").splitlines() if name.strip())
    return [f"{data}/{path}" for path in _in_time(paths, choice)]


def _in_time(paths: Sequence[str], choice: NewsChoice) -> Iterator[str]:
    """Files that were begun before the end of the time, and before whose end it began."""
    begun = [_begun(path) for path in paths]
    for number, path in enumerate(paths):
        first, following = begun[number], next((one for one in begun[number + 1 :] if one), None)
        late = choice.until and first and first >= choice.until
        early = choice.since and following and following <= choice.since
        if not late and not early:
            yield path


def _begun(path: str) -> datetime | None:
    """When a file was begun, by its name.

    >>> _begun("crawl-data/CC-NEWS/2024/02/CC-NEWS-20240201012345-00007.warc.gz").isoformat()
    '2024-02-01T01:23:45+00:00'
    """
    found = _STAMPED.search(path)
    try:
        return datetime.strptime(found[1], "%Y%m%d%H%M%S").replace(tzinfo=UTC) if found else None
    except ValueError:
        return None


async def read_all(
    service: Service, urls: Sequence[str], choice: NewsChoice, intake: Intake, summary: Summary
) -> None:
    """Bring in what is chosen of every file that was not read to its end.

    Raises: PresswarcError, GaveUpError.
    """
    session = intake.session
    marks = ReadingMarks(session.layout, warcinfo_fields(session.config, intake.now()))
    try:
        with marks:
            for url in urls:
                progress = marks.of(url, choice.name)
                if not progress.whole:
                    await _Reading(service, url, choice, intake, summary, marks).read(progress.read_to)
                    summary.files += 1
                if choice.most is not None and summary.taken >= choice.most:
                    return
    finally:
        for name in marks.files:
            absorb(Counting(session), session.layout.warc / name, name, session.workers)


@dataclass(slots=True)
class _Reading:
    """One file, read through."""

    service: Service
    url: str
    choice: NewsChoice
    intake: Intake
    summary: Summary
    marks: ReadingMarks

    async def read(self, start: int) -> None:
        """Read the file from `start` on, again from where it broke; what can't be read is told."""
        members = Members(self.choice.wants, start)
        for _ in range(3):
            before = members.at
            try:
                if await self._stream(members):
                    return
            except (BrokenError, TornError) as error:
                fault = str(error)
            else:
                fault = f"the connection broke at {members.at}"
            if members.at == before:
                break
            members = Members(self.choice.wants, members.whole_to)
        self.summary.missed += 1
        self.summary.notes.append(f"{self.url}: {fault}")

    async def _stream(self, members: Members) -> bool:
        """Read what comes of the file in one answer; whether that was its end."""
        marked = members.at
        wanted = (("Range", f"bytes={members.at}-"),) if members.at else ()
        async with self.service.stream(self.url, fields=(*PLAIN, *wanted)) as incoming:
            if incoming.status == _BEYOND and members.at:
                self._mark(members.at, whole=True)
                return True
            if incoming.status != (_PARTIAL if members.at else _OK):
                raise BrokenError(f"status {incoming.status} from the files' server")
            async for part in incoming.parts():
                self.summary.received_bytes += len(part)
                for member in members.feed(part):
                    await self._take(member)
                    if self.choice.most is not None and self.summary.taken >= self.choice.most:
                        return True
                if members.whole_to - marked >= _MARK_EVERY_BYTES:
                    marked = members.whole_to
                    self._mark(marked, whole=False)
        if incoming.cut or not members.is_between:
            return False
        self._mark(members.at, whole=True)
        return True

    async def _take(self, member: Member) -> None:
        """Write a record as it is, with where it lay beside it, unless it is here."""
        made = record_of(member.data, member.packed)
        if isinstance(made, str):
            self.summary.missed += 1
            self.summary.notes.append(f"{self.url}: {member.first}: {made}")
            return
        uri, stamp = made.record.target_uri or "", made.record.captured_at.strftime("%Y%m%d%H%M%S")
        self.summary.told += 1
        if self.intake.has(uri, stamp):
            self.summary.known += 1
            return
        fetched = Fetched(uri=self.url, at=self.intake.now(), first=member.first, length=len(member.packed))
        await self.intake.take([made, provenance(uri, made, fetched)])
        self.summary.taken += 1

    def _mark(self, read_to: int, *, whole: bool) -> None:
        """Tell how far the file was read, once what was taken of it is on the disk."""
        os.sync()
        self.marks.tell(Progress(url=self.url, choice=self.choice.name, read_to=read_to, whole=whole))


def _host(url: str) -> str:
    """Host of a URL, in lower case, without `www.`.

    >>> _host("https://www.News.example:8080/a"), _host("no url")
    ('news.example', '')
    """
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
