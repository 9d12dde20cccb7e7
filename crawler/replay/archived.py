"""What an archive has of a URL: its captures looked up, its revisits resolved, its records read.

Read from the published index and the WARC files. Nothing is written, no lock is taken, and what a crawl at
work beside it finds is not seen until it publishes.
"""

# ruff: noqa: S608 (the columns in these queries are our own; values go in as parameters)

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import duckdb

from crawler.frontier import Found, Validators
from crawler.replay.fetches import FAILURE_COLUMNS, Fetch, failure_of, fields_of, is_page, is_same, moment_of
from storage.article import Outcome
from storage.errors import IndexFaultError, UsageError
from storage.index.load import naive_utc
from storage.index.stored import CAPTURE_COLUMNS, capture_from
from storage.layout import Layout
from storage.model import Capture, Damage, Failure, Record
from storage.query import open_current
from storage.urls import article_id
from storage.warc import read_record_at

_REMEMBERED = 20_000  # URLs with what was tried of them
_REFERENCES = 5  # revisits of revisits that are followed
_LAST_DAY = datetime(9999, 1, 1, tzinfo=UTC)
# Held in memory with an index: a look-up among a million captures takes a millisecond, without one fifteen.
_URLS = """CREATE TEMP TABLE u AS SELECT url, rowid AS place FROM captures
    WHERE captured_at <= ? AND (record_type = 'response' AND status > 0 OR record_type = 'revisit')
        AND record_id NOT IN (SELECT record_id FROM discoveries WHERE kind = 'fallback')"""
# What a browser made of an answer has its URL and moment.
_RENDERINGS = """CREATE TEMP TABLE renderings AS SELECT url, rowid AS place FROM captures
    WHERE captured_at <= ? AND record_type = 'conversion' AND mime = 'text/html' AND refers_to_url = url"""
# Without what a browser asked for on behalf of pages, and what stands in for pages that are refused.
_TRIED = """tried AS (
    FROM (SELECT record_id, url, captured_at AS began, crawl_id, source FROM captures
        UNION ALL SELECT record_id, url, failed_at, crawl_id, source FROM failures) t
    ANTI JOIN (FROM discoveries WHERE kind IN ('requisite', 'fallback')) d USING (record_id))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which captures of which archive: those of one crawl, or the newest; none later than `until`."""

    root: Path
    crawl_id: str | None = None
    until: datetime | None = None


class Archive:
    """The captures in a scope.

    Raises at opening: IndexFaultError, UsageError for a crawl that is not there.
    """

    def __init__(self, scope: Scope) -> None:
        """Open the index as it is now."""
        self._layout = Layout(scope.root)
        self._crawl_id = scope.crawl_id
        self._until = naive_utc(scope.until or _LAST_DAY)
        self.began_at: datetime | None = None  # the scope's crawl
        self._tried = lru_cache(_REMEMBERED)(self._look_up)  # pages link to the same URLs again and again
        self._db = open_current(scope.root)
        try:
            self._rows(_URLS, [self._until])
            self._rows("CREATE INDEX u_url ON u (url)", [])
            self._rows(_RENDERINGS, [self._until])
            self._has_renderings = bool(self._rows("FROM renderings LIMIT 1", []))
            if scope.crawl_id is not None:
                self.began_at = self._beginning(scope.crawl_id)
        except BaseException:
            self._db.close()
            raise

    def __enter__(self) -> Self:
        """The archive."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the index."""
        self.close()

    def close(self) -> None:
        """Close the index."""
        self._db.close()

    def captures(self, url: str) -> tuple[Capture, ...]:
        """Every capture of a URL, of whatever crawl, oldest first."""
        return self._tried(url)[0]

    def rendering(self, capture: Capture) -> Capture | None:
        """What a browser made of the page in a capture, None where it was not rendered."""
        if not self._has_renderings:
            return None
        rows = self._rows(
            f"SELECT {CAPTURE_COLUMNS} FROM renderings r JOIN captures c ON c.rowid = r.place "
            "WHERE r.url = ? AND c.captured_at = ?",
            [capture.url, naive_utc(capture.captured_at)],
        )
        return capture_from(rows[0]) if rows else None

    def failures(self, url: str, *, denied: bool = False) -> list[Failure]:
        """Every fetch of a URL that left no answer, oldest first; `denied`: those robots.txt forbade, too."""
        found = self._tried(url)[1]
        return [one for one in found if denied or one.outcome is not Outcome.ROBOTS_DENIED]

    def _look_up(self, url: str) -> tuple[tuple[Capture, ...], tuple[Failure, ...]]:
        """Captures and failures of a URL, each oldest first."""
        captures = self._rows(
            f"SELECT {CAPTURE_COLUMNS} FROM u JOIN captures c ON c.rowid = u.place WHERE u.url = ? "
            "ORDER BY c.captured_at, c.warc_file, c.warc_offset",
            [url],
        )
        failures = self._rows(
            f"SELECT {FAILURE_COLUMNS} FROM failures WHERE url = ? AND failed_at <= ? AND record_id NOT IN "
            "(SELECT record_id FROM discoveries WHERE kind = 'fallback') ORDER BY failed_at",
            [url, self._until],
        )
        return tuple(map(capture_from, captures)), tuple(map(failure_of, failures))

    def fetches(self, url: str) -> list[Fetch]:
        """Captures and failures of a URL in the scope's crawl, or in all, in the order of their beginning."""
        found: list[Fetch] = sorted([*self.captures(url), *self.failures(url)], key=moment_of)
        own: list[Fetch] = [one for one in found if self._crawl_id in {None, one.crawl_id}]
        began_at = self.began_at
        if not own and began_at is not None and urlsplit(url).path == "/robots.txt":
            # A crawl keeps to the robots.txt of the day before where an earlier one has asked for it.
            answers: list[Fetch] = [one for one in found if isinstance(one, Capture)]
            return [one for one in answers if moment_of(one) < began_at][-1:]
        return own

    def record(self, capture: Capture) -> Record | None:
        """The record of a capture, None where it can't be read whole."""
        try:
            record = read_record_at(self._layout.warc_file(capture.warc_file), capture.warc_offset)
        except OSError:
            return None
        if isinstance(record, Damage) or record.omitted_bytes:
            return None
        return record if record.record_id in {capture.record_id, ""} else None

    def original(self, revisit: Capture) -> Capture | None:
        """The capture that has the body of a revisit, or of a 304; None where the archive lacks it."""
        capture = revisit
        for _ in range(_REFERENCES):
            found = self._referred(capture)
            if found is None or found.record_type == "response":
                return found
            capture = found
        return None

    def waiting(self, source: str) -> list[Found]:
        """URLs that the scope's crawl fetched and an earlier one of the source knew, oldest first."""
        if self.began_at is None:
            return []
        rows = self._rows(
            f"""WITH {_TRIED}
            SELECT t.url, arg_min(d.kind, t.began), arg_min(d.found_on, t.began),
                arg_min(d.found_in, t.began), arg_min(d.depth, t.began)
            FROM tried t LEFT JOIN discoveries d USING (record_id)
            WHERE t.crawl_id = $crawl AND t.url NOT LIKE '%/robots.txt' AND (t.url IN (
                SELECT url FROM tried WHERE source = $source AND began < $beginning)
                OR d.found_in NOT IN ('redirect', 'seed')
                AND d.found_on NOT IN (SELECT url FROM captures WHERE crawl_id = $crawl))
            GROUP BY t.url ORDER BY min(t.began)""",
            {"crawl": self._crawl_id, "source": source, "beginning": naive_utc(self.began_at)},
        )
        return [
            Found(
                url=url,
                kind=kind or "article",
                found_on=page or "",
                found_in=where or "page",
                depth=depth or 1,
            )
            for url, kind, page, where, depth in rows
        ]

    def asked(self) -> list[str]:
        """URLs that the scope's crawl asked for, without those a redirect led to; none without a crawl."""
        rows = self._rows(
            f"""WITH {_TRIED} SELECT DISTINCT t.url FROM tried t LEFT JOIN discoveries d USING (record_id)
            WHERE t.crawl_id = $crawl AND coalesce(d.found_in, '') <> 'redirect'""",
            {"crawl": self._crawl_id},
        )
        return [url for (url,) in rows]

    def has_article(self, url: str) -> bool:
        """Whether a page of the article at a URL was captured, under whatever URL."""
        sql = "SELECT 1 FROM extractions WHERE article_id = ? AND captured_at <= ? LIMIT 1"
        return bool(self._rows(sql, [article_id(url), self._until]))

    def is_to_ask(self, url: str) -> bool:
        """Whether the scope's crawl fetched a URL, or none before it had. Without a crawl, always."""
        if self.began_at is None:
            return True
        known: list[Fetch] = [*self.captures(url), *self.failures(url, denied=True)]
        own = any(one.crawl_id == self._crawl_id for one in known)
        return own or all(moment_of(one) >= self.began_at for one in known)

    def validators(self, url: str, source: str) -> Validators:
        """What the scope's crawl had to ask with whether `url` had changed; none without a crawl."""
        began_at = self.began_at
        if began_at is None:
            return Validators()
        pages = [one for one in self.captures(url) if is_page(one) and one.captured_at < began_at]
        pages = [one for one in pages if one.source == source]
        record = self.record(pages[-1]) if pages else None
        if record is None:
            return Validators()
        headers = fields_of(record)
        return Validators(etag=headers.get("ETag"), last_modified=headers.get("Last-Modified"))

    def never_asked(self, asked: set[str]) -> list[str]:
        """URLs that the scope's crawl tried to fetch, but for those in `asked`."""
        rows = self._rows(
            f"""WITH {_TRIED} SELECT url FROM tried WHERE crawl_id = $crawl AND record_id NOT IN (
                SELECT record_id FROM failures WHERE outcome = $denied) GROUP BY url ORDER BY 1""",
            {"crawl": self._crawl_id, "denied": Outcome.ROBOTS_DENIED.value},
        )
        return [url for (url,) in rows if url not in asked]

    def _referred(self, capture: Capture) -> Capture | None:
        """The capture that a revisit names, else one of the same payload, else the page as it was before."""
        of_url = self.captures(capture.refers_to_url or capture.url)
        known = [one for one in of_url if one.record_id != capture.record_id and one.method == "GET"]
        told, digest = capture.refers_to_at, capture.payload_digest
        named = [one for one in known if told and is_same(one.captured_at, told)]
        bodies = [one for one in known if one.record_type == "response"]
        alike = [one for one in bodies if digest and one.payload_digest == digest]
        before = [one for one in bodies if is_page(one) and one.captured_at <= capture.captured_at]
        by_payload = digest and capture.status != HTTPStatus.NOT_MODIFIED
        found = named or alike or ([] if by_payload else before)
        return found[-1] if found else None

    def _beginning(self, crawl_id: str) -> datetime:
        """When a crawl began. Raises: UsageError where the index does not know it."""
        ((moment,),) = self._rows(
            """SELECT min(began) FROM (SELECT min(started_at) AS began FROM crawls WHERE crawl_id = $crawl
            UNION ALL SELECT min(captured_at) FROM captures WHERE crawl_id = $crawl)""",
            {"crawl": crawl_id},
        )
        if not isinstance(moment, datetime):
            known = self._rows("SELECT crawl_id FROM crawls ORDER BY started_at DESC LIMIT 3", [])
            newest = ", ".join(one for (one,) in known) or "there is none"
            raise UsageError(f"no crawl `{crawl_id}` in this archive", hint=f"the newest: {newest}")
        return moment.replace(tzinfo=UTC)

    def _rows(self, sql: str, values: list[object] | dict[str, object]) -> list[tuple[Any, ...]]:
        """Rows of a query. Raises: IndexFaultError."""
        try:
            return self._db.execute(sql, values).fetchall()
        except duckdb.Error as error:
            raise IndexFaultError(
                f"the index can't be asked: {str(error).strip().splitlines()[0]}",
                hint="presswarc replay builds it again from the WARC files",
                where=str(self._layout.index),
            ) from error
