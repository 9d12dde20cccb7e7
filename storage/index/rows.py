"""Values of the model as rows, in the order of their table's columns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from storage.article import Article
from storage.index.load import naive_utc
from storage.model import Capture, Crawl, Discovered, Extraction, Failure
from storage.urls import host_of

Row = Sequence[object]


def crawl_row(crawl: Crawl) -> Row:
    """Row of `crawls`."""
    return (crawl.crawl_id, crawl.source, crawl.started_at, crawl.software, crawl.seed_url, crawl.robots)


def capture_row(capture: Capture) -> Row:
    """Row of `captures`, but for the columns that are derived."""
    return (
        capture.url, capture.captured_at, capture.status, capture.mime, capture.payload_digest,
        capture.record_type, capture.warc_file, capture.warc_offset, capture.warc_length, capture.crawl_id,
        capture.truncated, capture.protocol, capture.ip, capture.source, capture.record_id, capture.method,
        capture.redirect_to, capture.refers_to_url, capture.refers_to_at, capture.request_body,
    )  # fmt: skip


def failure_row(failure: Failure) -> Row:
    """Row of `failures`."""
    return (
        failure.record_id, failure.url, failure.source, failure.crawl_id, failure.failed_at,
        failure.outcome.value, failure.reason,
    )  # fmt: skip


def discovered_row(discovered: Discovered) -> Row:
    """Row of `discoveries`."""
    return (
        discovered.record_id, discovered.url, discovered.found_on, discovered.found_in, discovered.kind,
        discovered.depth, discovered.title, discovered.published_raw, discovered.modified_raw,
    )  # fmt: skip


def extraction_row(extraction: Extraction) -> Row:
    """Row of `extractions`."""
    article = extraction.article
    return (
        extraction.record_id, extraction.url, extraction.canonical_url, extraction.article_id,
        host_of(extraction.canonical_url), extraction.source, extraction.crawl_id, extraction.captured_at,
        extraction.outcome.value, extraction.reason, extraction.content_digest if article else "",
        extras_row(article)[0] if article else "",
    )  # fmt: skip


def content_row(extraction: Extraction, article: Article) -> Row:
    """Row of `work.contents`."""
    return (
        extraction.content_digest, article.title, article.text, article.authors,
        article.dateline, article.published_at, article.origin_url, extraction.text_digest,
        extraction.word_count, extraction.sketch,
    )  # fmt: skip


def extras_row(article: Article) -> Row:
    """Row of `work.extras`; its first column is the digest of the others."""
    blocks = [
        {
            "position": position,
            "kind": block.kind.value,
            "body": block.text,
            "rule": block.rule,
            "path": block.path,
        }
        for position, block in enumerate(article.blocks, start=1)
        if not block.kept
    ]
    photos = [
        {
            "caption": photo.caption, "credit": photo.credit, "virin": photo.virin,
            "taken_on": photo.taken_on.isoformat() if photo.taken_on else None,
            "url": photo.url, "title": photo.title, "photographer": photo.photographer,
            "photographer_rank": photo.photographer_rank, "service": photo.service,
            "vision_id": photo.vision_id, "serial": photo.serial, "country": photo.country,
        }
        for photo in article.photos
    ]  # fmt: skip
    candidates = [
        {"field": one.field, "value": one.value, "source": one.source, "won": one.won}
        for one in article.candidates
    ]
    passages = [
        {"position": position, "label": block.label, "body": block.text}
        for position, block in enumerate(article.blocks, start=1)
        if block.is_passage
    ]
    modified = naive_utc(article.modified_at).isoformat(sep=" ") if article.modified_at else None
    row = (
        article.published_raw, modified, article.modified_raw, article.language, article.site_name,
        article.section, article.page_kind.value, article.declared_canonical, blocks, photos,
        article.paywalled, article.layout_drift, candidates, passages,
    )  # fmt: skip
    return (hashlib.sha256(json.dumps(row).encode("ascii")).hexdigest(), *row)
