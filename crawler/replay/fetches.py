"""What is asked of a fetch that an archive has: when it was, whether it brought the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from storage.article import Outcome
from storage.model import Capture, Failure, Headers, Record
from storage.warc.http import headers_of, skip_interim, split_head

FAILURE_COLUMNS = "record_id, url, source, crawl_id, failed_at, outcome, reason"

Fetch = Capture | Failure


def failure_of(row: Sequence[Any]) -> Failure:
    """Failure from the columns of `FAILURE_COLUMNS`."""
    record_id, url, source, crawl_id, failed_at, outcome, reason = row
    return Failure(
        record_id=record_id,
        url=url,
        source=source,
        crawl_id=crawl_id,
        failed_at=failed_at.replace(tzinfo=UTC),
        outcome=Outcome(outcome),
        reason=reason,
    )


def moment_of(fetch: Fetch) -> datetime:
    """When a fetch began."""
    return fetch.captured_at if isinstance(fetch, Capture) else fetch.failed_at


def is_same(moment: datetime, told: datetime) -> bool:
    """Whether a time is the one told, which others write to the second alone."""
    return moment == told or (not told.microsecond and moment.replace(microsecond=0) == told)


def is_page(capture: Capture) -> bool:
    """Whether it is a 200 of which nothing is lacking."""
    return capture.status == HTTPStatus.OK and capture.truncated is None


def fields_of(record: Record) -> Headers:
    """HTTP header fields in a record."""
    return headers_of(split_head(skip_interim(record.block))[0])
