"""The frontier of one source: links in, URLs to fetch out, what fetches came to in again."""

# ruff: noqa: S608 (the columns in these statements are our own; values go in as parameters)

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Protocol, Self
from urllib.parse import urlsplit

from crawler.frontier.leasing import Leases
from crawler.frontier.model import Found, Left, Place, State, Taken, Validators, as_text
from crawler.frontier.refused import refused_articles
from crawler.frontier.revisit import Pace
from crawler.frontier.settling import Settling
from crawler.frontier.store import Store
from crawler.frontier.taking import is_closed, take
from storage.article import Outcome
from storage.model import Capture, Extraction, Headers

# A site may tell of its new articles by these alone. Those named in an index wait until it tells a new date.
_NAMED_SITEMAPS = """UPDATE urls SET next_visit_at = :now WHERE source = :source AND kind = 'sitemap'
    AND found_in = 'robots' AND state = 'done' AND leased_by IS NULL AND next_visit_at > :now AND tier = 0
    AND host IN (SELECT host FROM source_hosts WHERE source = :source)"""


class Waiting(Protocol):
    """What a spider asks of a frontier."""

    def begin(self, entries: Sequence[Found]) -> list[Found]:
        """Open a round at the seed's own URLs; those of them to ask for now."""

    def discover(self, found: Iterable[Found], now: datetime) -> Taken:
        """Remember links in scope; what became of them."""

    def lease(self, now: datetime, most: int, of_host: int) -> list[Found]:
        """URLs to ask for now, the most urgent first; no more of a host in hand than `of_host`."""

    def unread(self, now: datetime, most: int) -> list[Place]:
        """Captures whose links a killed crawl did not read, or read from too far away."""

    def release(self, url: str) -> None:
        """Give a URL back that is not fetched any more."""

    def read(self, url: str, new_links: int, depth: int | None = None) -> None:
        """Note that everything which the answer to `url` leads to was handed to `discover`."""

    def keep(self) -> None:
        """Say that the crawl is alive."""

    def opens_at(self, now: datetime) -> datetime | None:
        """When something that is due, but not to be asked for yet, may be; None for nothing."""

    def left(self, now: datetime) -> Left | None:
        """All that is due, but not to be asked for yet; None for nothing."""

    def postpone(self, host: str, until: datetime, reason: str) -> None:
        """Hand out nothing of `host` (with its port, as in its URLs) before `until`."""


class Frontier:
    """The URLs of one source, in the archive's own file or in a database that many share."""

    def __init__(
        self,
        store: Store,
        source: str,
        *,
        pace: Pace | None = None,
        owner: str = "",
        now: datetime | None = None,
    ) -> None:
        """Use `store` as the crawler `owner`, whose crawl began `now`. Raises: ArchiveError."""
        self._store = store
        self._source = source
        self._began_at = now or datetime.now(UTC)
        self._leases = Leases(store, source, owner or source, self._began_at)
        self._settling = Settling(store, source, owner or source, pace or Pace())

    def __enter__(self) -> Self:
        """The frontier."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Give back what is in hand, and let go of the database."""
        try:
            self._leases.close()
        finally:
            self._store.close()

    def begin(self, entries: Sequence[Found]) -> list[Found]:
        """Open a round at the seed's own URLs; those of them to ask for now.

        They are asked for at each crawl, and so are the sitemaps that robots.txt named; where the crawl
        before was killed or interrupted, this one goes on with its round, and asks again for what is due.
        """
        now, source = as_text(self._began_at), {"source": self._source}
        self._store.rows(  # what can't be read from the archive is fetched again, whole
            "UPDATE urls SET state = 'discovered', etag = NULL, last_modified = NULL, next_visit_at = NULL "
            "WHERE source = :source AND state = 'captured' AND warc_file = '' AND leased_by IS NULL",
            source,
        )
        self._store.rows(
            "UPDATE urls SET state = 'discovered' WHERE source = :source AND state = 'left'", source
        )
        before = self._store.rows("SELECT ended_at FROM rounds WHERE source = :source", source)
        goes_on = bool(before) and before[0][0] is None
        self._store.rows(
            "INSERT INTO rounds (source, began_at) VALUES (:source, :now) ON CONFLICT (source) "
            "DO UPDATE SET began_at = excluded.began_at, ended_at = NULL",
            source | {"now": now},
        )
        take(self._store, self._source, entries, self._began_at)
        wanted = [one for one in entries if not goes_on or self.is_due(one.url, self._began_at)]
        hosts = [urlsplit(one.url).netloc for one in wanted]
        leased = self._leases.lease_these(wanted, hosts, self._began_at)
        in_hand = {one.url for one in leased}
        self._store.many(  # those whose host has to wait are as due as if they had been asked for
            "UPDATE urls SET next_visit_at = :now WHERE source = :source AND url = :url AND state = 'done' "
            "AND leased_by IS NULL AND next_visit_at > :now",
            [source | {"now": now, "url": one.url} for one in wanted if one.url not in in_hand],
        )
        if not goes_on:
            self._store.rows(_NAMED_SITEMAPS, source | {"now": now})
        return leased

    def end(self) -> None:
        """Note that the round came to its end: the next crawl begins one of its own."""
        self._store.rows(
            "UPDATE rounds SET ended_at = :now WHERE source = :source",
            {"source": self._source, "now": as_text(datetime.now(UTC))},
        )

    def discover(self, found: Iterable[Found], now: datetime) -> Taken:
        """Remember links; what became of them.

        Those known already stay as they are, but for a title or date not known so far. One that is gone or
        given up becomes new again after a while; one whose sitemap tells a new date is due at once.
        """
        return take(self._store, self._source, found, now)

    def lease(self, now: datetime, most: int, of_host: int) -> list[Found]:
        """URLs to ask for now, the most urgent first; no more of a host in hand than `of_host`."""
        return self._leases.lease(now, most, of_host)

    def unread(self, now: datetime, most: int) -> list[Place]:
        """Captures whose links a killed crawl did not read, or read from too far away."""
        return self._leases.unread(now, most)

    def unreadable(self, url: str) -> None:
        """Note that a capture can't be read from the archive: it is fetched again."""
        self._leases.settled(url)
        self._store.rows(
            "UPDATE urls SET state = 'discovered', next_visit_at = NULL, etag = NULL, last_modified = NULL, "
            "asked_at = '', leased_by = NULL, leased_until = NULL, warc_file = '' "
            "WHERE source = :source AND url = :url AND state = 'captured'",
            {"source": self._source, "url": url},
        )

    def release(self, url: str) -> None:
        """Give a URL back that is not fetched any more."""
        self._leases.release(url)

    def leave(self, urls: Sequence[str]) -> None:
        """Give back URLs that this crawl asks for no more; the next one may."""
        self._leases.leave(urls)

    def release_all(self) -> None:
        """Give back whatever is in hand."""
        self._leases.release_all()

    def keep(self) -> None:
        """Say that the crawl is alive."""
        self._leases.keep()

    def opens_at(self, now: datetime) -> datetime | None:
        """When something that is due, but not to be asked for yet, may be; None for nothing."""
        return self._leases.opens_at(now)

    def left(self, now: datetime) -> Left | None:
        """All that is due, but not to be asked for yet; None for nothing."""
        return self._leases.left(now)

    def postpone(self, host: str, until: datetime, reason: str) -> None:
        """Hand out nothing of `host` (with its port, as in its URLs) before `until`, in no source's crawl."""
        self._store.rows(
            "INSERT INTO hosts (host, postponed_until, reason) VALUES (:host, :until, :reason) "
            "ON CONFLICT (host) DO UPDATE "
            "SET postponed_until = excluded.postponed_until, reason = excluded.reason "
            "WHERE hosts.postponed_until IS NULL OR hosts.postponed_until < excluded.postponed_until",
            {"host": host, "until": as_text(until), "reason": reason},
        )

    def refused(self, now: datetime, most: int) -> list[Found]:
        """Articles that were never had and that their site refuses, the newest first."""
        return refused_articles(self._store, self._source, now, most)

    def is_empty(self) -> bool:
        """Whether nothing is known of the source."""
        return not self._store.rows(
            "SELECT 1 FROM urls WHERE source = :source LIMIT 1", {"source": self._source}
        )

    def is_due(self, url: str, now: datetime) -> bool:
        """Whether a URL is to be fetched by then."""
        found = self._row(url, "state, next_visit_at, open_at")
        if found is None or found[0] == State.DISCOVERED:
            return True
        if is_closed(str(found[0]), found[2], now):
            return True
        return found[1] is not None and found[1] <= as_text(now)

    def is_noted(self, url: str, at: datetime) -> bool:
        """Whether a fetch of `url` that began `at` is known."""
        found = self._row(url, "visited_at")
        return found is not None and (found[0] or "") >= as_text(at)

    def validators(self, url: str) -> Validators:
        """Validators of the last answer to `url`; none where its links are still to be read."""
        found = self._row(url, "etag, last_modified, state")
        if found is None or found[2] == State.CAPTURED:
            return Validators()
        return Validators(etag=found[0], last_modified=found[1])

    def captured(
        self, capture: Capture, headers: Headers, *, to_read: bool = False, found: Found | None = None
    ) -> None:
        """Note an answer: its validators, when to look again.

        One that is `to_read` is settled by `read` alone, so that a crawl killed in between loses no link. An
        article is settled at once: what it links to is mostly found elsewhere too. `found` tells of a URL
        that nobody discovered, such as the target of a redirect.
        """
        self._settling.captured(capture, headers, to_read=to_read, found=found)
        self._leases.settled(capture.url)

    def read(self, url: str, new_links: int, depth: int | None = None) -> None:
        """Note that everything the answer to `url` leads to was handed to `discover`, so much of it new.

        If it was known by now to be nearer to a start than `depth`, its links are to be read again.
        """
        self._settling.read(url, new_links, depth)

    def extracted(self, extraction: Extraction) -> None:
        """Note what a capture turned out to be: only that tells whether an article changed."""
        published_at = extraction.article.published_at if extraction.article else None
        at, outcome = extraction.captured_at, extraction.outcome
        self.judged(extraction.url, at, outcome, extraction.text_digest, published_at)

    def judged(
        self, url: str, at: datetime, outcome: Outcome, text_digest: str, published_at: datetime | None
    ) -> None:
        """Note what the capture of `url` made `at` turned out to be."""
        self._settling.extracted(url, at, outcome, text_digest, published_at)

    def failed(self, url: str, outcome: Outcome, at: datetime) -> None:
        """Note a fetch without an answer: tried again after growing pauses, given up after some tries.

        What is forbidden is asked for again after some days.
        """
        self._settling.failed(url, outcome, at)

    def _row(self, url: str, columns: str) -> tuple[str | None, ...] | None:
        """Some columns of one URL's row."""
        rows = self._store.rows(
            f"SELECT {columns} FROM urls WHERE source = :source AND url = :url",
            {"source": self._source, "url": url},
        )
        return rows[0] if rows else None
