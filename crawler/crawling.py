"""One crawl of one source: its id, its WARC, its frontier, its report, and what follows each exchange."""

from __future__ import annotations

import json
import logging
import os
import socket
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from scrapy.signals import spider_opened

from crawler.allowance import Allowance
from crawler.capture.drafting import ENDED, Keeping
from crawler.capture.payloads import Payloads
from crawler.capture.sink import CaptureSink, Kept
from crawler.frontier import Validators
from crawler.frontier.opening import open_frontier
from crawler.hosts import Hosts
from crawler.introduction import crawl_id, crawl_of, warcinfo_fields
from crawler.report import COMPLETE_REASONS, Report
from crawler.report_words import PAGE_LIMIT
from crawler.sections import Sections
from crawler.trail import FALLBACK, REQUISITE
from storage.article import Outcome
from storage.errors import ArchiveError, OutOfSpaceError, PresswarcError
from storage.model import Headers
from storage.sqlite_faults import is_full
from storage.warc.http import headers_of, split_head
from storage.warc.write import Origin, WarcWriter

if TYPE_CHECKING:
    from pathlib import Path

    from scrapy.crawler import Crawler

    from crawler.seeds import Seed
    from crawler.session import Session
    from storage.model import Capture, Crawl, Extraction

_OK = 200
_MOST_TOLD = 10_000  # links of a reason
_CONVERSION = "conversion"
log = logging.getLogger(__name__)


class Crawling:
    """A crawl while it runs."""

    def __init__(self, crawler: Crawler, seed: Seed, session: Session) -> None:
        """Open the crawl's WARC, frontier and folder; nothing is fetched yet."""
        self.seed = seed
        self.session = session
        self._crawler = crawler
        started_at = datetime.now(UTC)
        self.crawl_id = crawl_id(seed.name, started_at)
        self.addresses = session.addresses(seed)
        self.folder = session.layout.crawl(self.crawl_id)
        self.folder.mkdir(parents=True, exist_ok=False)
        self.report = Report(
            crawl_id=self.crawl_id,
            source=seed.name,
            started_at=started_at,
            told=lambda name, amount: crawler.stats.inc_value(name, amount),  # noqa: PLW0108 (there is none yet)
        )
        owner = f"{socket.gethostname()} {os.getpid()} {self.crawl_id}"
        self.frontier = open_frontier(session, seed, owner, started_at)
        self.hosts, self.turns = Hosts(session.layout.hosts), session.turns
        self._payloads = Payloads(session.layout, session.published)
        crawl = crawl_of(seed, started_at)
        # Given to the index with the first exchange: a crawl that archives nothing can't be replayed either.
        self._untold: Crawl | None = crawl
        writer = WarcWriter(
            session.layout,
            Origin(source=seed.name, fields=warcinfo_fields(crawl, session.config)),
            max_bytes=session.config.warc_max_bytes,
            max_age_s=session.config.warc_max_age_s,
        )
        self.sections = Sections(seed.limits.max_barren)
        self._allowance = Allowance(seed.limits.max_pages)
        self.sink = CaptureSink(
            writer,
            self._payloads,
            source=seed.name,
            crawl_id=self.crawl_id,
            told=self._told,
            keeping=Keeping(
                transfer_encoding=session.config.keep_transfer_encoding, secrets=session.config.keep_secrets
            ),
        )
        session.began(self)
        self._told_links: Counter[str] = Counter()
        self._log = (self.folder / "log.ndjson").open("a", encoding="utf-8")
        crawler.signals.connect(self._opened, signal=spider_opened)

    def _opened(self) -> None:
        """Take over what opening the session mended: by now there are statistics to count it in."""
        for name, note in self.session.settled_notes():
            self.noted(name, note)

    def stop(self, error: PresswarcError) -> None:
        """End the crawl because of `error`, if it has not ended; what is under way is dropped."""
        if self.report.fault is None and self.report.reason == "running":
            self.report.fault = error
            self._end(type(error).__name__)

    def admit(self) -> bool:
        """Whether one more of the seed's pages may be asked for; whoever is let in tells how it `ended`."""
        return self._allowance.admit()

    def ended(self, *, answered: bool) -> None:
        """Take note that a page let in was answered or not; the last one allowed ends the crawl."""
        if self._allowance.ended(answered=answered):
            self._end(PAGE_LIMIT)

    def extracted(self, extraction: Extraction) -> None:
        """Give an extraction to the index and count it."""
        self.session.add(extraction)
        self.report.count("pages", extraction.outcome.value)
        if extraction.article is not None:
            self.sections.told(extraction.url, extraction.article.text)
        self._note("page", extraction.url, extraction.outcome.value, extraction.reason)
        try:
            self.frontier.extracted(extraction)
        except ArchiveError as error:
            self.stop(error)

    def skipped(self, url: str, found_on: str, reason: str) -> None:
        """Count a link that is not followed; of each reason the log has the first: pages repeat links."""
        self.report.count("links", reason)
        self._told_links[reason] += 1
        if self._told_links[reason] <= _MOST_TOLD:
            self._note("link", url, reason, found_on)

    def noted(self, url: str, note: str) -> None:
        """Count a remark of discovery (an empty feed, a broken sitemap)."""
        self.report.count("notes", note)
        self._note("note", url, note, "")

    def validators(self, url: str) -> Validators:
        """What a conditional request for `url` sends; nothing where the archive lacks the body meant."""
        known = self.frontier.validators(url)
        body = self._payloads.validated(url, known.etag, known.last_modified)
        return known if body is not None else Validators()

    def nothing_due(self) -> None:
        """Take note that the frontier has nothing to ask for now."""
        self.report.nothing_due = True

    def close(self, reason: str) -> Report:
        """Finish the WARC file, write the report."""
        try:
            self.sink.close()
        except ArchiveError as error:
            self.report.fault = self.report.fault or error
        self._payloads.close()
        self._close_frontier(reason)
        self.hosts.close()
        self.report.reason = reason
        try:
            self.report.write(self.folder / "report.json", datetime.now(UTC))
            self._log.close()
        except OSError as error:
            self.report.fault = self.report.fault or _disk_fault(error, self.folder)
        self.session.ended(self)
        return self.report

    def _close_frontier(self, reason: str) -> None:
        """Give back what is in hand; a crawl that was broken off is gone on with by the next."""
        try:
            if self.report.fault is None and reason in COMPLETE_REASONS:
                self.frontier.end()
            self.frontier.close()
        except ArchiveError as error:
            self.report.fault = self.report.fault or error

    def _end(self, reason: str) -> None:
        """Have Scrapy close the spider."""
        if self._crawler.engine is not None:
            from scrapy.utils.defer import deferred_from_coro

            closing = self._crawler.engine.close_spider_async(reason=reason)
            deferred_from_coro(closing).addErrback(lambda failure: log.debug("closing: %s", failure.value))

    def _told(self, kept: Kept) -> None:
        """Take note of an exchange that is in the WARC; a disk that takes no note ends the crawl."""
        try:
            self._take_note(kept)
        except ArchiveError as error:
            self.stop(error)
        except OSError as error:
            self.stop(_disk_fault(error, self.session.layout.state))

    def _take_note(self, kept: Kept) -> None:
        """Count an exchange, give it to the index and to the frontier, write the log."""
        stands_in = kept.found is not None and kept.found.kind == FALLBACK
        if not stands_in:
            self.report.kept(kept)
        if self._untold is not None:
            self.session.add(self._untold)
            self._untold = None
        if kept.discovered is not None:
            self.session.add(kept.discovered)
        if stands_in:
            self._take_note_of_fallback(kept)
            return
        if kept.capture is not None and (kept.capture.record_type == _CONVERSION or _is_part(kept)):
            self._take_note_beside(kept, kept.capture)
            return
        if kept.failure is not None:
            self.session.add(kept.failure)
            if kept.failure.outcome is Outcome.INTERRUPTED:
                self.frontier.release(kept.failure.url)
            else:
                self.frontier.failed(kept.failure.url, kept.failure.outcome, kept.failure.failed_at)
            self._note("fetch", kept.failure.url, kept.failure.outcome.value, kept.failure.reason)
        if kept.capture is not None and kept.record is not None:
            self.session.add(kept.capture)
            found_on = kept.found.found_on if kept.found else ""
            self.sections.answered(kept.capture.url, kept.capture.status, found_on)
            head, _ = split_head(kept.record.block)
            if kept.capture.truncated == ENDED:  # by the crawl's own end: not the page's last word
                self.frontier.release(kept.capture.url)
            else:
                to_read = _is_read(kept.capture)
                self.frontier.captured(kept.capture, headers_of(head), to_read=to_read, found=kept.found)
            self._note("fetch", kept.capture.url, str(kept.capture.status), kept.capture.record_type)

    def _take_note_beside(self, kept: Kept, capture: Capture) -> None:
        """Take note of what a browser asked for on behalf of a page, or of what it made of the page.

        The one is none of the crawl's pages. By the other the frontier sees whether the page has changed, and
        not by what the server sent, which is the same for all time.
        """
        self.session.add(capture)
        self._note("fetch", capture.url, str(capture.status or ""), capture.record_type)
        if capture.record_type == _CONVERSION:
            page = replace(capture, status=_OK, record_type="response")
            self.frontier.captured(page, Headers([]), to_read=True, found=kept.found)

    def _take_note_of_fallback(self, kept: Kept) -> None:
        """Take note of what stands in for a page. The page itself stays refused, and as due as it was."""
        if kept.failure is not None:
            self.session.add(kept.failure)
            self._note("fallback", kept.failure.url, kept.failure.outcome.value, kept.failure.reason)
        elif kept.capture is not None:
            self.session.add(kept.capture)
            self._note("fallback", kept.capture.url, str(kept.capture.status or ""), kept.capture.record_type)

    def _note(self, event: str, url: str, outcome: str, detail: str) -> None:
        """Write a line of the crawl's log."""
        told = {"at": datetime.now(UTC).isoformat(), "event": event, "url": url[:2000], "outcome": outcome}
        self._log.write(json.dumps({**told, "detail": detail} if detail else told, ensure_ascii=False) + "\n")


def _is_part(kept: Kept) -> bool:
    """Whether it was fetched for a page alone."""
    return kept.found is not None and kept.found.kind == REQUISITE


def _is_read(capture: Capture) -> bool:
    """Whether the spider looks for links in a capture; robots.txt it asks for anew each time."""
    whole = capture.status == _OK and capture.truncated is None
    return whole and urlsplit(capture.url).path != "/robots.txt"


def _disk_fault(error: Exception, where: Path) -> ArchiveError:
    """The error to raise for a note that could not be written."""
    if is_full(error):
        hint = "free some space, then run the same command: it goes on"
        return OutOfSpaceError("no space left for the crawl's notes", hint=hint, where=str(where))
    return ArchiveError(f"the crawl's notes can't be written: {error}", where=str(where))
