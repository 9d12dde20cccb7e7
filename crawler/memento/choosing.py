"""Which captures of an archive are fetched: what its index tells, asked page by page, less what is here."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from crawler.memento.cdx import CdxPage, CdxRow, Wanted, cdx_query, read_cdx, told_apart
from crawler.memento.service import Answer, Fetches
from crawler.memento.summary import Summary
from crawler.memento.wire import BrokenError
from storage.errors import PresswarcError

PAGE_ROWS = 10_000
MOST_ROWS = 10_000_000
MOST_PAGE_BYTES = 1 << 29
_OK, _NOT_FOUND = 200, 404
Has = Callable[[str, str], bool]  # whether the archive has a URL's capture of a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What of an archive's captures to take: at most `most`; `repeated` ones too if asked."""

    wanted: Wanted
    most: int | None = None
    repeated: bool = False


async def chosen(
    pages: AsyncIterator[CdxPage], choice: Choice, has: Has, summary: Summary
) -> AsyncIterator[CdxRow]:
    """The captures to fetch, of those that the pages tell of. Raises: PresswarcError, GaveUpError."""
    async for row, same in _rows(pages, choice.wanted, summary):
        if same and not choice.repeated:
            summary.repeated += 1
        elif has(row.url, row.stamp):
            summary.known += 1
        else:
            if choice.most is not None and summary.wanted >= choice.most:
                return
            summary.wanted += 1
            yield row


async def _rows(
    pages: AsyncIterator[CdxPage], wanted: Wanted, summary: Summary
) -> AsyncIterator[tuple[CdxRow, bool]]:
    """Wanted rows of all pages, each with whether it repeats the one before it."""
    last: CdxRow | None = None
    async for page in pages:
        summary.unread += page.unread
        summary.told += len(page.rows)
        fitting = [row for row in page.rows if wanted.fits(row)]
        summary.unwanted += len(page.rows) - len(fitting)
        apart = told_apart([last, *fitting] if last else fitting)
        if last:
            next(apart)
        for row, same in apart:
            yield row, same
        last = fitting[-1] if fitting else last


async def listed(index: Fetches, cdx: str, wanted: Wanted) -> AsyncIterator[CdxPage]:
    """What an index tells, page by page. Raises: PresswarcError, GaveUpError.

    An index without resume keys gives no more than it is asked for: what is cut so is asked for anew, whole.
    """
    key, limit = "", PAGE_ROWS
    while True:
        more = [("limit", str(limit)), ("showResumeKey", "true")]
        page = await asked(index, cdx_query(cdx, wanted, [*more, ("resumeKey", key)] if key else more))
        is_cut = not page.is_array and len(page.rows) + page.unread >= limit
        if is_cut and limit < MOST_ROWS:
            limit *= 10
            continue
        yield page
        if not page.resume_key or page.resume_key == key:
            return
        key = page.resume_key


async def asked(index: Fetches, url: str) -> CdxPage:
    """One answer of an index; without rows where it knows of none. Raises: PresswarcError, GaveUpError."""
    answer = await answer_of(index, url, MOST_PAGE_BYTES)
    if answer.status == _NOT_FOUND and answer.body.lstrip().startswith(b"{"):  # a message, not a page
        return CdxPage()
    if answer.status != _OK or answer.cut:
        told = answer.body[:200].decode("utf-8", "replace").strip()
        reason = f"cut ({answer.cut})" if answer.cut else f"status {answer.status}: {told}"
        raise PresswarcError(f"the archive's index can't be read: {reason}", where=url)
    return read_cdx(answer.body)


def raise_if_unreachable(error: BrokenError, url: str) -> None:
    """Nothing, unless a service was not there from the start. Raises: PresswarcError."""
    if error.unreachable:
        raise PresswarcError(f"the archive can't be reached: {error}", hint="try later", where=url) from error


async def answer_of(service: Fetches, url: str, most_bytes: int) -> Answer:
    """An answer that nothing works without. Raises: PresswarcError, GaveUpError."""
    try:
        return await service.fetch(url, most_bytes=most_bytes)
    except BrokenError as error:
        raise PresswarcError(f"the archive can't be reached: {error}", hint="try later", where=url) from error
