"""Records to index rows: THE path. Live crawls and replay come through these functions and no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from pipelines.extract import extract_article
from pipelines.records import capture_of, crawl_of, failure_of, page_of
from pipelines.sketch import content_digest, sketch, text_digest, word_count
from storage.model import Article, Capture, Crawl, Damage, Extraction, Failure, Outcome, Record
from storage.urls import article_id, canonical_url
from storage.warc import read_records

HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", ""})
ARTICLE_OUTCOMES = frozenset({Outcome.ARTICLE})
_OK = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadCapture:
    """A capture as read back from a file, with its record."""

    capture: Capture
    record: Record


Row = Crawl | ReadCapture | Failure | Damage


def read_rows(path: Path, warc_file: str) -> Iterator[Row]:
    """What a WARC file holds for the index, in file order. Records of other kinds are passed over.

    Captures of files without a warcinfo record of ours get the source and crawl id "".
    """
    crawl: Crawl | None = None
    for record in read_records(path):
        if isinstance(record, Damage):
            yield record
            continue
        told = crawl_of(record)
        if told is not None:
            crawl = told
            yield told
            continue
        source, crawl_id = (crawl.source, crawl.crawl_id) if crawl else ("", "")
        capture = capture_of(record, source=source, crawl_id=crawl_id, warc_file=warc_file)
        if capture is not None:
            yield ReadCapture(capture=capture, record=record)
        failure = failure_of(record, source=source, crawl_id=crawl_id)
        if failure is not None:
            yield failure


def needs_extraction(capture: Capture) -> bool:
    """Whether a capture may hold an article of its own: a whole 200 response of HTML, no revisit."""
    return (
        capture.record_type == "response"
        and capture.status == _OK
        and capture.truncated is None
        and capture.mime in HTML_TYPES
        and urlsplit(capture.url).path != "/robots.txt"
    )


def extract(record: Record, capture: Capture) -> Extraction:
    """What extraction makes of a capture's record. Pure, and costly: call it in a worker."""
    page = page_of(record)
    article = extract_article(page.body, url=page.url, content_type=page.content_type)
    if article.outcome not in ARTICLE_OUTCOMES:
        return extraction_row(capture, article.outcome, reason=article.outcome_reason)
    return extraction_row(capture, article.outcome, article=article)


def extraction_row(
    capture: Capture, outcome: Outcome, *, reason: str = "", article: Article | None = None
) -> Extraction:
    """Index row of a capture: its article, or the outcome and reason that say why there is none."""
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
        text_digest=text_digest(article.text) if article else "",
        word_count=word_count(article.text) if article else 0,
        sketch=sketch(article.text) if article else (),
    )
