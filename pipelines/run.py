"""Records to index rows: THE path. Live crawls and replay come through these functions and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from pipelines.ballast import without_ballast
from pipelines.exchanges import Told, with_requests
from pipelines.kinds.walls import wall_of
from pipelines.page.bounds import MAX_READ_BYTES, bounded
from pipelines.page.charset import decode_html
from pipelines.page.ending import has_its_end
from pipelines.records import (
    TEXT_TYPE,
    Page,
    capture_of,
    crawl_by_name,
    crawl_of,
    discovered_of,
    failure_of,
    page_of,
)
from pipelines.sketch import content_digest, measured
from storage.article import WALL_STATUSES, Article, Candidate, Outcome
from storage.model import Capture, Crawl, Damage, Discovered, Extraction, Failure, Record
from storage.urlparts import split_url
from storage.urls import article_id, canonical_url
from storage.warc import read_records
from storage.warc.http import headers_of, split_head

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", ""})
ARTICLE_OUTCOMES = frozenset({Outcome.ARTICLE})
CUT_BY_US = "length"  # WARC-Truncated of what is larger than is taken: it comes no longer another time
CUT_SHORT = "cut short: larger than is taken"
# WARC-Truncated of what the network cut, and what such a page is unless it came up to its end tag.
CODING = "content coding"  # it came whole, as far as its length tells, and what it is packed in does not end
CUT_ON_THE_WAY = {
    "disconnect": Outcome.DISCONNECTED, "time": Outcome.TIMED_OUT, CODING: Outcome.DISCONNECTED,
}  # fmt: skip
ENDS_THOUGH_CUT = "the answer was cut ({}), but the page has its end"
_READ_THOUGH_CUT = frozenset({CUT_BY_US, *CUT_ON_THE_WAY})
_LOOKED_AT_BYTES = 4 * MAX_READ_BYTES  # for what is read: scripts and pictures written out are left out first
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCapture:
    """A capture as read back from a file, with its record."""

    capture: Capture
    record: Record


Row = Crawl | ReadCapture | Failure | Discovered | Damage


def read_rows(path: Path, warc_file: str) -> Iterator[Row]:
    """What a WARC or ARC file holds for the index, in file order. Records of other kinds are passed over.

    The crawl is told by a warcinfo record of ours; for a file that others made it is told by the file's name
    in the archive (see `storage.layout.imported_source`). Elsewhere source and crawl id are "".
    """
    crawl: Crawl | None = None
    for told in with_requests(read_records(path)):
        record = told.item
        if isinstance(record, Damage):
            yield record
            continue
        named = crawl_of(record) or (crawl_by_name(record, warc_file) if crawl is None else None)
        if named is not None:
            crawl = named
            yield named
        source, crawl_id = (crawl.source, crawl.crawl_id) if crawl else ("", "")
        yield from _rows_of(told, source=source, crawl_id=crawl_id, warc_file=warc_file)


def _rows_of(told: Told, *, source: str, crawl_id: str, warc_file: str) -> Iterator[Row]:
    """Rows of one record."""
    record = told.item
    if isinstance(record, Damage):
        return
    capture = capture_of(record, source=source, crawl_id=crawl_id, warc_file=warc_file, request=told.request)
    if capture is not None:
        yield ReadCapture(capture=capture, record=record)
    failure = failure_of(record, source=source, crawl_id=crawl_id)
    if failure is not None:
        yield failure
    discovered = discovered_of(record)
    if discovered is not None:
        yield discovered


def needs_extraction(capture: Capture) -> bool:
    """Whether a capture may hold an article of its own: a page that a GET got, no revisit.

    It came whole, or up to the size that is taken, or was cut on the way: then extraction looks whether the
    page has its end.

    A resource record of a web page (of a mirror packed as WARC, say) has no status, nor has a conversion
    record, which is the page's text. Some errors are looked at for a wall, which they may be.
    """
    scheme, _, path, _, _ = split_url(capture.url)  # in files of others it may be anything
    answered = capture.record_type == "response" and capture.status in {_OK, *WALL_STATUSES}
    packed = capture.record_type in {"resource", "conversion"} and scheme in {"http", "https"}
    types = HTML_TYPES | {TEXT_TYPE} if capture.record_type == "conversion" else HTML_TYPES
    return (
        (answered or packed)
        and capture.method == "GET"
        and (capture.truncated is None or (answered and capture.truncated in _READ_THOUGH_CUT))
        and capture.mime in types
        and path != "/robots.txt"
    )


def extract(record: Record, capture: Capture) -> Extraction:
    """What extraction makes of a capture's record. Pure, and costly: call it in a worker."""
    if record.omitted_bytes:
        reason = f"larger than is read: {len(record.block) + record.omitted_bytes} bytes"
        return extraction_row(capture, Outcome.TOO_LARGE, reason=reason)
    if part := _part_of_page(record):
        return extraction_row(capture, Outcome.NOT_AN_ARTICLE, reason=f"part of a page: {part}")
    page = page_of(record, _LOOKED_AT_BYTES + 1)
    cut = _cut_of(capture, page)
    if cut and not _has_its_end(page):
        return extraction_row(capture, CUT_ON_THE_WAY[cut], reason=f"the answer was cut ({cut})")
    return _extract_page(record, capture, page)


def _extract_page(record: Record, capture: Capture, page: Page) -> Extraction:
    """What extraction makes of a page: an article, a wall, or none."""
    lean = without_ballast(page.body, MAX_READ_BYTES)
    body = bounded(lean)
    cut = _cut_of(capture, page)
    warnings = [ENDS_THOUGH_CUT.format(cut)] if cut else []
    if capture.truncated == CUT_BY_US or len(body) < len(lean) or len(page.body) > _LOOKED_AT_BYTES:
        warnings.append(CUT_SHORT)
    page = replace(page, body=body)
    if record.record_type == "response":
        wall = wall_of(capture.status, headers_of(split_head(record.block)[0]), _markup(page))
        if wall is not None:
            return extraction_row(capture, wall.outcome, reason=wall.reason)
        if capture.status in WALL_STATUSES:
            return extraction_row(capture, Outcome.HTTP_ERROR, reason=f"HTTP {capture.status}")
    article = _article(page, record.captured_at)
    if article.outcome not in ARTICLE_OUTCOMES:
        return extraction_row(capture, article.outcome, reason=article.outcome_reason)
    return extraction_row(capture, article.outcome, reason="; ".join(warnings), article=article)


def _cut_of(capture: Capture, page: Page) -> str:
    """How a page was cut on its way; empty where it is whole, or was cut by us."""
    cut = capture.truncated or (CODING if page.is_cut else "")
    return cut if cut in CUT_ON_THE_WAY else ""


def _has_its_end(page: Page) -> bool:
    """Whether a page that was cut came up to its end tag, and can be seen to."""
    return len(page.body) <= _LOOKED_AT_BYTES and has_its_end(decode_html(page.body, page.content_type))


def _markup(page: Page) -> str:
    """The page as far as a wall is told by it: in ASCII."""
    return page.body.decode("utf-8", "replace")


def _part_of_page(record: Record) -> str:
    """As what a browser asked for it on behalf of a page ("fetch", "script"); empty for a page itself.

    Source: the field that Browsertrix writes.
    """
    kind = record.headers.get("WARC-Resource-Type", "").strip().lower()
    return "" if kind == "document" else kind


def _article(page: Page, captured_at: datetime) -> Article:
    """The article of a page, or of a text that was made of one."""
    from pipelines import clean_text, extract_article  # here: a crawl's own process has no use for them

    if not page.is_text:
        return extract_article(
            page.body, url=page.url, content_type=page.content_type, captured_at=captured_at
        )
    article = clean_text(decode_html(page.body, page.content_type), url=page.url)
    if not page.language or page.language == article.language:
        return article
    named = Candidate(field="language", value=page.language, source="warc", won=True)
    others = tuple(replace(one, won=one.won and one.field != "language") for one in article.candidates)
    return replace(article, language=page.language, candidates=(named, *others))


def extraction_row(
    capture: Capture, outcome: Outcome, *, reason: str = "", article: Article | None = None
) -> Extraction:
    """Index row of a capture: its article, or the outcome and reason that say why there is none."""
    told = measured(article.text) if article else None
    return Extraction(
        record_id=capture.record_id,
        url=capture.url,
        canonical_url=canonical_url(capture.url),
        article_id=article_id(capture.url),
        source=capture.source,
        crawl_id=capture.crawl_id,
        captured_at=capture.captured_at,
        outcome=outcome,
        reason=reason,
        article=article,
        content_digest=content_digest(article) if article else "",
        text_digest=told.text_digest if told else "",
        word_count=told.word_count if told else 0,
        sketch=told.sketch if told else (),
    )
