"""Values that several test files build: captures and revisits by number, what discovery finds in a body."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from crawler.discovery import discover
from storage.model import Capture, Headers

START = datetime(2026, 11, 1, 8, 0, 0, 250, tzinfo=UTC)


def capture(number, url, hours, **changes):
    """Capture of `url`, `hours` after START; its places in the files come of `number`."""
    fields = {
        "record_id": f"<urn:uuid:{number:032d}>",
        "url": url,
        "source": "sample",
        "crawl_id": "crawl-1",
        "captured_at": START + timedelta(hours=hours),
        "method": "GET",
        "status": 200,
        "mime": "text/html",
        "payload_digest": f"sha256:{number}",
        "record_type": "response",
        "warc_file": f"2026/11/{number % 3}.warc.gz",
        "warc_offset": number * 1000,
        "warc_length": 900,
    }
    return Capture(**(fields | changes))


def revisit(number, of, hours, **changes):
    """Revisit of the capture `of`, with its payload digest."""
    fields = {
        "record_type": "revisit",
        "refers_to_url": of.url,
        "refers_to_at": of.captured_at,
        "payload_digest": of.payload_digest,
    }
    return capture(number, of.url, hours, **(fields | changes))


def discovered(body, *, url, kind, content_type, headers, seed):
    """What discovery finds in a body of text or bytes."""
    return discover(
        url=url,
        content_type=content_type,
        body=body.encode() if isinstance(body, str) else body,
        headers=Headers(list(headers)),
        kind_hint=kind,
        seed=seed,
    )
