"""The newest copy of a page that a web archive has, with its own date and where it came from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from crawler.fallbacks.keeping import CrawlIntake
from crawler.memento.cdx import OK, CdxRow, Match, Wanted, cdx_query
from crawler.memento.choosing import listed
from crawler.memento.summary import Summary
from crawler.memento.wayback import Archive, bring
from storage import url_rules
from storage.article import Outcome
from storage.cdxj import CaptureTimes
from storage.imports.archived import Fetched, not_fetched
from storage.urls import article_id
from storage.warc.build import header_url

if TYPE_CHECKING:
    from crawler.crawling import Crawling
    from crawler.frontier import Found

# All that is behind the number of an article is its title, which changes and is cut at will.
_NUMBERED = re.compile(r".*/article/(?:article/)?\d{4,10}(?=/|$)", re.IGNORECASE)
_MOST_COPIES = 3  # of one page: the newest may be a wall too, with status 200


@dataclass(frozen=True, slots=True)
class WaybackCopies:
    """Takes copies of refused pages out of an archive, for one crawl."""

    crawling: Crawling
    archive: Archive
    summary: Summary = field(default_factory=Summary)

    async def give(self, refused: Found, found: Found) -> Outcome:
        """What the newest copies of a page give, the first article of them; `found` is how they came.

        Raises: PresswarcError, LeftAloneError.
        """
        outcome = Outcome.NOT_ARCHIVED
        known = CaptureTimes(self.crawling.session.layout.cdxj)
        try:
            rows = await self._rows(refused.url)
            fresh = [row for row in rows if not known.has(header_url(row.url), row.stamp)]
        finally:
            known.close()
        for row in fresh[:_MOST_COPIES]:
            intake = CrawlIntake(self.crawling, found)
            await bring(self.archive, row, intake, self.summary)
            outcome = intake.outcome
            if outcome is Outcome.ARTICLE:
                return outcome
        if not fresh:
            await self._note_none(refused, found, known=bool(rows))
        return outcome

    async def _rows(self, url: str) -> list[CdxRow]:
        """The copies of a page with status 200, the newest first."""
        wanted = article_id(url)
        for question in _questions(url):
            rows = [
                row
                async for page in listed(self.archive.tells, self.archive.cdx, question)
                for row in page.rows
            ]
            fit = [row for row in rows if row.status == OK and question.fits(row)]
            fit = [row for row in fit if article_id(row.url) == wanted]
            if fit:
                return sorted(fit, key=lambda row: row.stamp, reverse=True)
        return []

    async def _note_none(self, refused: Found, found: Found, *, known: bool) -> None:
        """Write that there was none."""
        asked = cdx_query(self.archive.cdx, next(_questions(refused.url)))
        reason = "its copies of the page are here" if known else "it has no copy of the page"
        fetched = Fetched(uri=asked, at=datetime.now(UTC))
        intake = CrawlIntake(self.crawling, found)
        await intake.take([not_fetched(refused.url, Outcome.NOT_ARCHIVED, f"web archive: {reason}", fetched)])


def _questions(url: str) -> Iterator[Wanted]:
    """What the archive's index is asked, until it knows of a copy.

    >>> [one.url for one in _questions("https://www.war.gov/News/Releases/Release/Article/4321000/a-title/")]
    ['https://www.war.gov/News/Releases/Release/Article/4321000', \
'https://www.defense.gov/News/Releases/Release/Article/4321000']
    >>> [one.url for one in _questions("https://paper.example/a/")]
    ['https://paper.example/a/']
    """
    parts = urlsplit(url)
    numbered = _NUMBERED.match(parts.path)
    if numbered is None:
        yield Wanted(url=url)
        return
    begins = urlunsplit(parts._replace(path=numbered[0], query="", fragment=""))
    yield Wanted(url=begins, match=Match.PREFIX)
    host = (parts.hostname or "").removeprefix("www.")
    if host in url_rules.MOVED_DOMAINS.values():
        former = next(old for old, new in url_rules.MOVED_DOMAINS.items() if new == host)
        yield Wanted(url=begins.replace(parts.netloc, f"www.{former}", 1), match=Match.PREFIX)
