"""Captures of the index by time, host, URL, source, crawl or file, to be looked at again.

A chosen capture without a body of its own (a revisit, a 304) brings in the capture whose body it shows.
"""

# ruff: noqa: S608 (the conditions in these queries are this module's own; values go in as parameters)

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import duckdb

from storage.index.load import naive_utc
from storage.index.shown import find_borrowed
from storage.index.stored import CAPTURE_COLUMNS, capture_from
from storage.model import Capture
from storage.urlparts import host_and_port, split_url
from storage.urls import article_id, canonical_url

# Host of `url` in lower case, without user and port.
_HOST = r"trim(regexp_extract(lower(c.url), '^[^:/?#]+://(?:[^/?#]*@)?(\[[^\]]*\]|[^/?#:]*)', 1), '[]')"

_ASKED = """
CREATE OR REPLACE TEMP TABLE asked AS
SELECT c.record_id, c.url, c.captured_at, c.record_type, c.status, c.payload_digest, c.refers_to_url,
       c.refers_to_at
FROM captures c LEFT JOIN extractions e ON e.record_id = c.record_id WHERE {}
"""
_BODILESS = """
CREATE OR REPLACE TEMP TABLE bodiless AS
SELECT * FROM asked WHERE (record_type = 'revisit' OR status = 304)
    AND record_id NOT IN (SELECT record_id FROM extractions)
"""
_CHOSEN = """
CREATE OR REPLACE TEMP TABLE chosen AS
WITH all_of AS (
    SELECT record_id, true AS asked FROM asked
    UNION ALL
    SELECT body_id, false FROM borrowed
)
SELECT b.record_id, bool_or(b.asked) AS asked, any_value(c.warc_file) AS warc_file,
       any_value(coalesce(e.article_id, left(md5(c.url), 16))) AS article_id
FROM all_of b JOIN captures c USING (record_id) LEFT JOIN extractions e ON e.record_id = b.record_id
GROUP BY b.record_id
"""

# URLs and identifiers, with the identifiers of all URLs of the same articles.
_ALL_FORMS = """
SELECT list(DISTINCT one) FROM (
    SELECT unnest([q.asked, i.article_id, m.url_id]) AS one
    FROM (SELECT unnest(?::VARCHAR[]) AS asked) q LEFT JOIN aliases i ON i.url_id = q.asked
    LEFT JOIN aliases m ON m.article_id = coalesce(i.article_id, q.asked))
WHERE one IS NOT NULL
"""

# Up to three URLs of articles that read like `$url`, the nearest first.
NEAREST_URLS = """
SELECT url FROM articles WHERE jaro_winkler_similarity(url, $url) > 0.6
ORDER BY jaro_winkler_similarity(url, $url) DESC, url LIMIT 3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which captures; what is empty or None chooses all. `until` is the first moment after.

    A host takes its subdomains in, a URL every capture of the article at it. `warc_files` are names as in the
    index.
    """

    since: datetime | None = None
    until: datetime | None = None
    hosts: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    source: str | None = None
    crawl_id: str | None = None
    warc_files: tuple[str, ...] = ()

    def is_all(self) -> bool:
        """Whether nothing narrows it."""
        return self == Choice()

    def takes(self, url: str, at: datetime, source: str, crawl_id: str) -> bool:
        """Whether it takes what was fetched from `url` at this time, whatever file it lies in."""
        host = host_and_port(split_url(url)[1])[0]
        return (
            (self.since is None or at >= self.since)
            and (self.until is None or at < self.until)
            and (not self.hosts or any(host == one or host.endswith(f".{one}") for one in _hosts(self)))
            and (not self.urls or url in self.urls or article_id(url) in map(article_id, self.urls))
            and self.source in {None, source}
            and self.crawl_id in {None, crawl_id}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """How many captures were chosen, how many more show the bodies of chosen ones, and the files of both."""

    asked: int
    bodies: int
    files: tuple[str, ...]


def choose(connection: duckdb.DuckDBPyConnection, choice: Choice) -> Chosen:
    """What the choice takes; its captures are in the temporary table `chosen` of the connection."""
    conditions = list(_conditions(choice))
    where = " AND ".join(condition for condition, _ in conditions) or "true"
    connection.execute(_ASKED.format(where), [value for _, value in conditions])
    connection.execute(_BODILESS)
    find_borrowed(connection)
    connection.execute(_CHOSEN)
    counted = connection.execute("SELECT count(*) FILTER (asked), count(*) FROM chosen").fetchall()
    asked, total = counted[0]
    files = connection.execute("SELECT DISTINCT warc_file FROM chosen ORDER BY warc_file").fetchall()
    return Chosen(asked=asked, bodies=total - asked, files=tuple(str(row[0]) for row in files))


def chosen_captures(connection: duckdb.DuckDBPyConnection, warc_file: str) -> list[Capture]:
    """The chosen captures of one file, in its order."""
    found = connection.execute(
        f"SELECT {CAPTURE_COLUMNS} FROM captures c SEMI JOIN chosen USING (record_id) "
        "WHERE c.warc_file = ? ORDER BY c.warc_offset, c.record_id",
        [warc_file],
    ).fetchall()
    return [capture_from(row) for row in found]


def unknown_names(
    connection: duckdb.DuckDBPyConnection, choice: Choice
) -> Iterator[tuple[str, str, list[str]]]:
    """Each name in the choice that no capture has: what it names, the name, and the names there are."""
    for kind, names, column, single in (
        ("host", choice.hosts, _HOST, "hosts"),
        ("source", (choice.source,), "c.source", "source"),
        ("crawl", (choice.crawl_id,), "c.crawl_id", "crawl_id"),
        ("WARC file", choice.warc_files, "c.warc_file", "warc_files"),
    ):
        for name in names:
            if name is not None and not _any(connection, single, name):
                rows = connection.execute(f"SELECT DISTINCT {column} FROM captures c ORDER BY ALL").fetchall()
                yield kind, name, [str(row[0]) for row in rows if row[0]]
    for url in choice.urls:
        if not _any(connection, "urls", url):
            near = connection.execute(NEAREST_URLS, {"url": url}).fetchall()
            yield "URL", url, [str(row[0]) for row in near]


def _any(connection: duckdb.DuckDBPyConnection, name: str, value: str) -> bool:
    """Whether a choice of this one name takes any capture."""
    several = name in {"hosts", "urls", "warc_files"}
    choice = Choice(**{name: (value,) if several else value})  # type: ignore[arg-type] # by its name
    ((condition, parameter),) = _conditions(choice)
    found = connection.execute(
        "SELECT 1 FROM captures c LEFT JOIN extractions e ON e.record_id = c.record_id "
        f"WHERE {condition} LIMIT 1",
        [parameter],
    )
    return found.fetchone() is not None


def _hosts(choice: Choice) -> list[str]:
    """Its hosts as they stand in URLs: in lower case and IDNA, without port."""
    urls = [canonical_url(f"http://{host.strip('.')}/") for host in choice.hosts]
    return [host_and_port(split_url(url)[1])[0] for url in urls]


def _conditions(choice: Choice) -> Iterator[tuple[str, object]]:
    """Each condition of the choice in SQL, with the value of its parameter."""
    if choice.since is not None:
        yield "c.captured_at >= ?", naive_utc(choice.since)
    if choice.until is not None:
        yield "c.captured_at < ?", naive_utc(choice.until)
    if choice.hosts:
        yield (
            f"len(list_filter(?::VARCHAR[], lambda x: {_HOST} = x OR ends_with({_HOST}, '.' || x))) > 0",
            _hosts(choice),
        )
    if choice.urls:
        # The article at the URL, whatever form of it was fetched; the URL itself where it gave none.
        yield (
            f"list_has_any([c.url, e.article_id, c.article_id], ({_ALL_FORMS}))",
            [*choice.urls, *map(article_id, choice.urls)],
        )
    if choice.source is not None:
        yield "c.source = ?", choice.source
    if choice.crawl_id is not None:
        yield "c.crawl_id = ?", choice.crawl_id
    if choice.warc_files:
        yield "list_contains(?::VARCHAR[], c.warc_file)", list(choice.warc_files)
