"""An import out of a web archive, from the open session to the line that says what came of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import click

from crawler.cli.faults import EXIT_INTERRUPTED
from crawler.cli.options import Common
from crawler.config import Config
from crawler.guard import AddressPolicy
from crawler.memento import commoncrawl, wayback
from crawler.memento.ccnews import NewsChoice, files_of, read_all
from crawler.memento.cdx import CdxRow
from crawler.memento.choosing import Choice, Has
from crawler.memento.commoncrawl import CommonCrawl, refuses
from crawler.memento.intake import Intake, opened
from crawler.memento.pace import GaveUpError
from crawler.memento.service import Manners, Service, is_refusal
from crawler.memento.summary import Summary
from crawler.memento.wayback import Archive, cdx_of
from crawler.memento.wire import Incoming
from crawler.progress import ticking
from crawler.session import Session
from storage.cdxj import CaptureTimes
from storage.errors import ArchiveError, PresswarcError, UsageError
from storage.layout import Layout
from storage.warc.build import header_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a service is asked, and for which source."""

    common: Common
    source: str
    policy: AddressPolicy
    dry_run: bool
    index_per_s: float
    per_s: float

    def service(
        self, config: Config, per_s: float, refuses: Callable[[Incoming], bool] = is_refusal
    ) -> Service:
        """A service that is asked so."""
        manners = Manners(
            per_s=per_s, user_agent=config.user_agent, timeout_s=config.timeout_s, retries=config.retries
        )
        return Service(manners, self.policy, refuses=refuses)


def run_wayback(asking: Asking, choice: Choice, endpoint: str, cdx: str | None) -> int:
    """Exit code of an import out of a Wayback Machine."""
    cdx = cdx or cdx_of(endpoint)
    for url in (endpoint, cdx):
        checked_url(url)
    config = asking.common.config()

    async def work(intake: Intake | None, has: Has, summary: Summary) -> None:
        async with (
            asking.service(config, asking.index_per_s) as tells,
            asking.service(config, asking.per_s) as shows,
        ):
            archive = Archive(endpoint=endpoint, cdx=cdx, shows=shows, tells=tells)
            if intake is None:
                await counted(wayback.rows_of(archive, choice, has, summary))
            else:
                await wayback.fetch_all(archive, choice, intake, summary)

    star = "*" if choice.wanted.match != "exact" else ""
    return run(asking, config, f"{endpoint}/*/{choice.wanted.url}{star}", work)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where Common Crawl is asked, and where its files lie."""

    index: str
    data: str


def run_commoncrawl(asking: Asking, choice: Choice, place: Place, name: str) -> int:
    """Exit code of an import of what a crawl's index tells."""
    config = asking.common.config()
    index = f"{place.index}/{name}-index"

    async def work(intake: Intake | None, has: Has, summary: Summary) -> None:
        async with (
            asking.service(config, asking.index_per_s) as tells,
            asking.service(config, asking.per_s, refuses=refuses) as gives,
        ):
            crawl = CommonCrawl(index=index, data=place.data, tells=tells, gives=gives)
            if intake is None:
                await counted(commoncrawl.rows_of(crawl, choice, has, summary))
            else:
                await commoncrawl.fetch_all(crawl, choice, intake, summary)

    return run(asking, config, f"{index} {choice.wanted.url}", work)


def run_ccnews(asking: Asking, choice: NewsChoice, place: Place, month: str) -> int:
    """Exit code of an import of what CC-NEWS has of some hosts in a month."""
    config = asking.common.config()

    async def work(intake: Intake | None, _has: Has, summary: Summary) -> None:
        async with (
            asking.service(config, asking.index_per_s) as tells,
            asking.service(config, asking.per_s, refuses=refuses) as gives,
        ):
            urls = await files_of(tells, place.data, month, choice)
            if intake is None:
                summary.notes.append(f"{len(urls)} files would be read through")
            else:
                await read_all(gives, urls, choice, intake, summary)

    return run(asking, config, f"CC-NEWS {month} {choice.name}", work)


async def counted(rows: AsyncIterator[CdxRow]) -> None:
    """Have the rows counted, and nothing done."""
    async for _ in rows:
        pass


Work = Callable[[Intake | None, Has, Summary], Awaitable[None]]


def run(asking: Asking, config: Config, asked: str, work: Work) -> int:
    """Exit code of an import that `work` does; `asked` says what for."""
    summary = Summary()
    if asking.dry_run:
        times = CaptureTimes(Layout(config.archive).cdxj)
        try:
            with ticking(summary.line, quiet=asking.common.quiet):
                asyncio.run(_counting(work, times, summary))
        finally:
            times.close()
        would = f"{summary.wanted} {'capture' if summary.wanted == 1 else 'captures'} would come in"
        return _told(summary, "" if summary.notes else f"{would}; {summary.line()}")
    if advice := config.advice():
        asking.common.note(f"note: {' '.join(advice)}")
    interrupted, fault = False, None
    with Session(config, asking.policy) as session:
        try:
            with ticking(summary.line, quiet=asking.common.quiet):
                asyncio.run(_bringing(session, asking.source, asked, work, summary))
        except KeyboardInterrupt:
            interrupted = True
        except ArchiveError:
            raise
        except PresswarcError as error:
            fault = error
        session.finish()
    asking.common.note(f"{asking.source}: {summary.line()}")
    code = _told(summary, "")
    if fault is not None:
        raise fault
    return EXIT_INTERRUPTED if interrupted else code


async def _counting(work: Work, times: CaptureTimes, summary: Summary) -> None:
    try:
        await work(None, lambda url, stamp: times.has(header_url(url), stamp), summary)
    except GaveUpError as error:
        summary.stopped = str(error)


async def _bringing(session: Session, source: str, asked: str, work: Work, summary: Summary) -> None:
    async with opened(session, source, asked) as intake:
        try:
            await work(intake, intake.has, summary)
        except GaveUpError as error:
            summary.stopped = str(error)


def _told(summary: Summary, line: str) -> int:
    """Exit code; what there is to say is said."""
    for note in summary.notes:
        click.echo(note, err=True)
    if line:
        click.echo(line, err=True)
    if summary.stopped:
        click.echo(f"left alone: {summary.stopped}; run it again later, it goes on", err=True)
    return summary.exit_code()


def checked_url(url: str) -> None:
    """Refuse what no request can be sent to. Raises: UsageError."""
    if not url.startswith(("http://", "https://")) or not url.partition("://")[2]:
        raise UsageError(f"`{url}` is no web address", hint="write it like https://web.archive.org/web")
