"""`presswarc import commoncrawl`: records of Common Crawl's files, byte for byte, found by its index."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass

from crawler.memento.cdx import OK, CdxPage, CdxRow, Wanted, cdx_query
from crawler.memento.choosing import Choice, Has, answer_of, asked, chosen, raise_if_unreachable
from crawler.memento.intake import Intake, each
from crawler.memento.playback import digest_holds
from crawler.memento.service import PLAIN, Answer, Service
from crawler.memento.summary import Summary
from crawler.memento.wire import BrokenError, Incoming
from storage.article import Outcome
from storage.errors import PresswarcError, UsageError
from storage.imports.archived import (
    MOST_RECORD_BYTES,
    Fetched,
    not_fetched,
    original_of,
    provenance,
    told_fields,
)
from storage.warc.build import Original
from storage.warc.http import payload_of

INDEX, DATA = "https://index.commoncrawl.org", "https://data.commoncrawl.org"
AT_ONCE = 4
_REFUSALS = frozenset({403, 429, 503, 509})
_OK, _PARTIAL, _NOT_FOUND = 200, 206, 404
_MOST_COUNT_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonCrawl:
    """Where a crawl's index is asked, and where the files lie."""

    index: str
    data: str
    tells: Service
    gives: Service


def refuses(incoming: Incoming) -> bool:
    """Whether the files' server asks to be left alone: it says 403 to who asks too much."""
    return incoming.status in _REFUSALS


async def fetch_all(crawl: CommonCrawl, choice: Choice, intake: Intake, summary: Summary) -> None:
    """Bring in every record that is chosen and not here. Raises: PresswarcError, GaveUpError."""

    async def bring(row: CdxRow) -> None:
        await _bring(crawl, row, intake, summary)

    await each(rows_of(crawl, choice, intake.has, summary), bring, AT_ONCE)


def rows_of(crawl: CommonCrawl, choice: Choice, has: Has, summary: Summary) -> AsyncIterator[CdxRow]:
    """The captures to fetch."""
    return chosen(_listed(crawl, choice.wanted), choice, has, summary)


async def _listed(crawl: CommonCrawl, wanted: Wanted) -> AsyncIterator[CdxPage]:
    """What the index tells, page by page. Raises: PresswarcError, GaveUpError."""
    exact = [("filter", "=status:200")] if wanted.status == OK else []
    for page in range(await _pages(crawl, wanted)):
        yield await asked(crawl.tells, cdx_query(crawl.index, wanted, [*exact, ("page", str(page))]))


async def _pages(crawl: CommonCrawl, wanted: Wanted) -> int:
    """How many pages the index has of it. Raises: PresswarcError, GaveUpError."""
    url = cdx_query(crawl.index, wanted, [("showNumPages", "true")])
    answer = await answer_of(crawl.tells, url, _MOST_COUNT_BYTES)
    try:
        told = json.loads(answer.body)
        if answer.status == _NOT_FOUND and "message" in told:
            return 0
        if answer.status == _OK:
            return int(told if isinstance(told, int) else told["pages"])
    except (ValueError, TypeError, KeyError, RecursionError):
        pass
    if answer.status == _NOT_FOUND:
        hint = "the names are those of https://index.commoncrawl.org/collinfo.json"
        raise UsageError("Common Crawl has no index of that name", hint=hint, where=crawl.index)
    raise PresswarcError(f"the index can't be read: status {answer.status}", where=url)


async def _bring(crawl: CommonCrawl, row: CdxRow, intake: Intake, summary: Summary) -> None:
    """Fetch one record and write it as it is, with where it lay beside it; or why it could not be had."""
    url = f"{crawl.data}/{row.filename}"
    told = told_fields(
        [("indexTimestamp", row.stamp), ("indexStatus", row.status), ("indexDigest", row.digest)]
    )
    fetched = Fetched(uri=url, at=intake.now(), first=row.offset, length=row.length, told=told)
    outcome = Outcome.NOT_ARCHIVED
    try:
        answer = await _range(crawl, url, row)
        summary.received_bytes += len(answer.body)
        made = _record(answer, row)
    except BrokenError as error:
        raise_if_unreachable(error, url)
        outcome = Outcome.TIMED_OUT if error.timed_out else Outcome.CONNECTION_FAILED
        made = str(error)
    if isinstance(made, str):
        summary.missed += 1
        await intake.take([not_fetched(row.url, outcome, f"{row.stamp}: {made}", fetched)])
        return
    await intake.take([made, provenance(row.url, made, fetched)])
    summary.taken += 1
    summary.differing += digest_holds(row.digest, payload_of(made.record.block)) is False


async def _range(crawl: CommonCrawl, url: str, row: CdxRow) -> Answer:
    """The bytes of a record."""
    wanted = ("Range", f"bytes={row.offset}-{row.offset + row.length - 1}")
    return await crawl.gives.fetch(
        url, most_bytes=min(row.length, MOST_RECORD_BYTES), fields=(*PLAIN, wanted)
    )


def _record(answer: Answer, row: CdxRow) -> Original | str:
    """The record that was asked for, or why it is not here."""
    if row.offset < 0 or not row.filename or not row.length:
        return "the index does not tell where it lies"
    if answer.status != _PARTIAL:
        return f"status {answer.status} from the files' server"
    if answer.cut or len(answer.body) != row.length:
        return f"{len(answer.body)} bytes of {row.length} came"
    made = original_of(answer.body)
    if isinstance(made, Original) and made.record.target_uri != row.url:
        return f"the record there is of another URL: {made.record.target_uri}"
    return made
