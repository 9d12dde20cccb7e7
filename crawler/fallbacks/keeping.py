"""What comes of a fallback into the WARC and the index: made pages, old captures, answers of an interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from crawler.capture.drafting import found_fields
from crawler.fallbacks.stories import Story, page_of_story
from crawler.trail import FALLBACK
from pipelines.run import extract, extraction_row, needs_extraction
from pipelines.workers import CallFailedError
from storage.article import Outcome
from storage.errors import ArchiveError
from storage.warc import build
from storage.warc.build import Draft, Original
from storage.warc.http import stored_response

if TYPE_CHECKING:
    from crawler.capture.sink import Kept
    from crawler.crawling import Crawling
    from crawler.frontier import Found
    from crawler.memento.service import Answer
    from crawler.seed import Fallback
    from crawler.session import Session
    from storage.model import Record

MADE_BY = "X-Presswarc-Fallback"  # names the fallback, and the part of its source that a page was made of
_HTML = "text/html; charset=utf-8"
_CHUNKED = b"0\r\n\r\n"


def stands_in(found: Found, fallback: Fallback, url: str) -> Found:
    """How a record at `url` was found that stands in for the page `found`."""
    return replace(found, url=url, kind=FALLBACK, found_on=found.url, found_in=fallback.value)


async def keep_story(crawling: Crawling, of: Record, story: Story, found: Found) -> Outcome:
    """What a story made of the record `of` gives. Only an article is written. Raises: ArchiveError."""
    from pipelines import extract_article  # which takes long to load, and most crawls have no use for

    block = page_of_story(story)
    if block is None:
        return Outcome.EMPTY
    look = partial(extract_article, block, url=found.url, content_type=_HTML, captured_at=of.captured_at)
    try:
        article = await crawling.session.parse(look)
    except CallFailedError as error:
        return error.outcome
    if article.outcome is not Outcome.ARTICLE:
        return article.outcome
    made = build.conversion(of, _HTML, block, [(MADE_BY, f"{found.found_in}; {story.part}")], url=found.url)
    kept = await crawling.sink.add([made, build.beside(made, found_fields(found))], found)
    return await extracted(crawling, kept)


async def keep_answer(crawling: Crawling, url: str, answer: Answer, found: Found) -> Kept:
    """Write the answer of an interface, under a URL that tells no secret. Raises: ArchiveError."""
    body = answer.body
    if answer.headers.get("Transfer-Encoding", "").lower() == "chunked":
        body = b"%x\r\n%b\r\n" % (len(body), body) + _CHUNKED if body else _CHUNKED
    stored = stored_response(answer.head + body, ended=not answer.cut)
    cut = [("WARC-Truncated", answer.cut)] if answer.cut else []
    draft = build.response(url, answer.asked_at, stored.head, stored.body, cut)
    return await crawling.sink.add([draft, build.beside(draft, found_fields(found))], found)


async def extracted(crawling: Crawling, kept: Kept) -> Outcome:
    """What a record that was kept gives; the index is told."""
    if kept.failure is not None:
        return kept.failure.outcome
    if kept.capture is None or kept.record is None or not needs_extraction(kept.capture):
        return Outcome.NOT_HTML
    try:
        extraction = await crawling.session.parse(extract, kept.record, kept.capture)
    except CallFailedError as error:
        extraction = extraction_row(kept.capture, error.outcome, reason=error.reason)
    crawling.session.add(extraction)
    return extraction.outcome


@dataclass(slots=True)
class CrawlIntake:
    """Takes old captures as records of a crawl that is at work. `outcome` is what the last one gave."""

    crawling: Crawling
    found: Found
    outcome: Outcome = Outcome.NOT_ARCHIVED

    @property
    def session(self) -> Session:
        """The crawl's session."""
        return self.crawling.session

    @staticmethod
    def now() -> datetime:
        """The time."""
        return datetime.now(UTC)

    async def take(self, drafts: Sequence[Draft | Original]) -> None:
        """Write the records of one capture, and how it came about. Raises: ArchiveError."""
        made = [one for one in drafts if isinstance(one, Draft)]
        if len(made) < len(drafts):
            raise ArchiveError("a crawl writes no records of others as they are", where=self.found.url)
        url = dict(made[0].fields)["WARC-Target-URI"]
        found = replace(self.found, url=url)
        kept = await self.crawling.sink.add([*made, build.beside(made[0], found_fields(found))], found)
        self.outcome = await extracted(self.crawling, kept)
