"""What the archive knows and the frontier does not: fetches that a killed crawl did not note, or all of them.

The index is asked, which the session has brought up to what is archived by then.
"""

# ruff: noqa: S608 (the columns in these statements are our own; values go in as parameters)

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from crawler.frontier.frontier import Frontier
from crawler.frontier.model import Found
from storage.article import Outcome
from storage.index.stored import CAPTURE_COLUMNS, capture_from
from storage.layout import Layout
from storage.model import Capture, Headers, Record
from storage.warc import read_record_at
from storage.warc.http import headers_of, skip_interim, split_head
from storage.warc.write import file_safe

_AT_ONCE = 1000
_OK = 200
_CAPTURES = f"""SELECT {CAPTURE_COLUMNS}, d.kind, d.found_on, d.found_in, d.depth, d.title, d.published_raw,
    d.modified_raw, e.outcome, k.text_digest, k.published_at
    FROM captures c LEFT JOIN discoveries d USING (record_id) LEFT JOIN extractions e USING (record_id)
    LEFT JOIN work.contents k ON k.content_digest = e.content_digest
    WHERE c.source = $source AND starts_with(c.crawl_id, $crawls) AND c.method = 'GET' AND c.status > 0
        AND coalesce(d.kind, '') NOT IN ('requisite', 'fallback')"""
_IN_FILES = " AND c.warc_file IN (SELECT unnest($files))"
_IN_ORDER = " ORDER BY c.captured_at, c.warc_file, c.warc_offset"
_OF_FOUND = 7
_OF_EXTRACTION = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fetched:
    """A capture, how its URL was found, and what extraction made of it."""

    capture: Capture
    found: Found | None
    outcome: str | None
    text_digest: str
    published_at: datetime | None


def note_all(frontier: Frontier, connection: duckdb.DuckDBPyConnection, source: str) -> int:
    """Note every capture that this program's crawls of the source made; how many there were.

    Validators are not among what the index has: each page's next fetch is of the whole page.
    """
    count = 0
    for fetched in _fetched(connection, source, None):
        _note(frontier, fetched, Headers([]))
        count += 1
    return count


def note_files(
    frontier: Frontier,
    connection: duckdb.DuckDBPyConnection,
    source: str,
    files: Sequence[str],
    layout: Layout,
) -> int:
    """Note the captures in some WARC files that the frontier does not know; how many there were."""
    count = 0
    for fetched in _fetched(connection, source, files):
        capture = fetched.capture
        if not frontier.is_noted(capture.url, capture.captured_at):
            _note(frontier, fetched, _headers(capture, layout))
            count += 1
    return count


def _note(frontier: Frontier, fetched: _Fetched, headers: Headers) -> None:
    """Note a capture as the crawl would have that made it."""
    capture = fetched.capture
    to_read = capture.status == _OK and capture.truncated is None and not capture.url.endswith("/robots.txt")
    frontier.captured(capture, headers, to_read=to_read, found=fetched.found)
    if fetched.outcome in set(Outcome):
        frontier.judged(
            capture.url,
            capture.captured_at,
            Outcome(fetched.outcome),
            fetched.text_digest,
            fetched.published_at,
        )


def _fetched(
    connection: duckdb.DuckDBPyConnection, source: str, files: Sequence[str] | None
) -> Iterator[_Fetched]:
    """The captures of a source, in some files or in all, oldest first."""
    values: dict[str, Any] = {"source": source, "crawls": f"{file_safe(source)}-"}
    sql = _CAPTURES + _IN_ORDER
    if files is not None:
        values["files"] = list(files)
        sql = _CAPTURES + _IN_FILES + _IN_ORDER
    cursor = connection.cursor()
    try:
        cursor.execute(sql, values)
        while rows := cursor.fetchmany(_AT_ONCE):
            yield from map(_of_row, rows)
    finally:
        cursor.close()


def _of_row(row: Sequence[Any]) -> _Fetched:
    """A row of the query."""
    first = len(row) - _OF_FOUND - _OF_EXTRACTION
    capture = capture_from(row[:first])
    kind, found_on, found_in, depth, title, published_raw, modified_raw = row[first:-_OF_EXTRACTION]
    outcome, text_digest, published_at = row[-_OF_EXTRACTION:]
    found = Found(
        url=capture.url,
        kind=kind,
        found_on=found_on,
        found_in=found_in,
        depth=depth,
        title=title,
        published_raw=published_raw,
        modified_raw=modified_raw,
    ) if kind else None  # fmt: skip
    return _Fetched(
        capture=capture,
        found=found,
        outcome=outcome,
        text_digest=text_digest or "",
        published_at=published_at.replace(tzinfo=UTC) if published_at else None,
    )


def _headers(capture: Capture, layout: Layout) -> Headers:
    """Header fields of a capture, none where its record can't be read."""
    try:
        record = read_record_at(layout.warc_file(capture.warc_file), capture.warc_offset)
    except OSError:
        return Headers([])
    return (
        headers_of(split_head(skip_interim(record.block))[0]) if isinstance(record, Record) else Headers([])
    )
