"""What becomes of a URL after a fetch: its state, when to look again, what the archive holds of it."""

# ruff: noqa: S608 (the columns in these statements are our own; values go in as parameters)

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from crawler.frontier.model import ARTICLE, LEASE_S, MOST_PUT_OFF, WAY, Found, State, Tier, as_text
from crawler.frontier.refused import WALLS
from crawler.frontier.revisit import (
    GONE_TRIES,
    LINKED_AGAIN_S,
    Pace,
    first_interval_s,
    gone_pause_s,
    next_interval_s,
    pause_s,
)
from crawler.frontier.store import Store
from crawler.frontier.taking import insert, row_of
from crawler.politeness import retry_after, wants_time
from storage.article import Outcome
from storage.model import Capture, Headers

# A site that shuts everybody out for a day is not to be lost for good.
DENIED_FOR = timedelta(days=7)
_OK, _NOT_MODIFIED, _CLIENT_ERROR = 200, 304, 400
_GONE, _MOVED = frozenset({404, 410}), frozenset({301, 308})
_GONE_OUTCOMES = frozenset(map(str, _GONE))
_DENIALS = frozenset({Outcome.ROBOTS_DENIED, Outcome.ADDRESS_REFUSED})
_BLOCKED = "blocked"
_CUT = frozenset({"disconnect", "time"})  # WARC-Truncated of what may come whole another time
_COLUMNS = (
    "kind", "tier", "state", "visited_at", "asked_at", "tries", "put_off", "interval_s", "unchanged",
    "judged", "outcome", "dated", "discovered_at", "payload_digest", "read_digest", "text_digest",
    "warc_file", "depth",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What is known of a URL."""

    kind: str
    tier: Tier
    state: str
    visited_at: str | None
    asked_at: str
    tries: int
    put_off: int
    interval_s: float
    unchanged: int
    judged: int
    outcome: str | None
    dated: str
    discovered_at: str
    payload_digest: str | None
    read_digest: str | None
    text_digest: str | None
    warc_file: str
    depth: int

    @property
    def was_good(self) -> bool:
        """Whether the page was ever had."""
        return bool(self.payload_digest)

    def age_s(self, at: datetime) -> float:
        """Age of the article, from its date or else from when it was found."""
        return max((at - datetime.fromisoformat(self.dated or self.discovered_at)).total_seconds(), 0.0)

    def is_tried_again(self) -> bool:
        """Whether the fetch is another try of the same visit: retries are not counted."""
        return self.state == State.FAILED and (self.visited_at or "") > self.asked_at > ""

    def is_put_off(self) -> bool:
        """Whether the last answer was of the host's, not of the page: that stays as due as it was."""
        return 0 < self.put_off <= MOST_PUT_OFF


class Settling:
    """Writes what fetches came to, for one source."""

    def __init__(self, store: Store, source: str, owner: str, pace: Pace) -> None:
        """Revisit at that pace."""
        self._owner = owner
        self._store = store
        self._source = source
        self._pace = pace

    def captured(self, capture: Capture, headers: Headers, *, to_read: bool, found: Found | None) -> None:
        """Note an answer."""
        self._store.within(lambda: self._captured(capture, headers, to_read, found))

    def read(self, url: str, new_links: int, depth: int | None) -> None:
        """Note that everything the answer to `url` leads to was taken, and how much of it was new."""
        row = self._row(url)
        if row is None or row.state not in {State.CAPTURED, State.DONE}:
            return
        if depth is not None and row.depth < depth and row.tier != ARTICLE and row.warc_file:
            # Somebody nearer named it meanwhile: some of its links may have been refused as too far.
            again = {"state": State.CAPTURED.value, "asked_at": "", "leased_by": None, "leased_until": None}
            self._write(url, again)
            return
        changed = {
            "state": State.DONE.value, "read_digest": row.payload_digest, "leased_by": None,
            "leased_until": None,
        }  # fmt: skip
        if row.tier != ARTICLE and not row.judged:
            changed |= self._looked(row, first=row.read_digest is None, changed=new_links > 0)
        self._write(url, changed)

    def extracted(
        self, url: str, at: datetime, outcome: Outcome, text_digest: str, published_at: datetime | None
    ) -> None:
        """Note what the capture of `url` made `at` turned out to be."""
        row = self._row(url)
        if row is None or row.visited_at != as_text(at):
            return
        if outcome.value == _BLOCKED:
            if not row.is_put_off():
                self._write(url, self._failed(row, _BLOCKED, at))
        elif outcome in WALLS:
            self._write(url, {"outcome": outcome.value})
        elif outcome is Outcome.ARTICLE and (row.tier == ARTICLE or row.kind == "page"):
            dated = as_text(published_at) if published_at and published_at <= at else row.dated
            row = replace(row, tier=ARTICLE, dated=dated)
            changed = {"tier": ARTICLE, "dated": dated, "text_digest": text_digest}
            if not row.judged and row.state != State.FAILED:  # a cut page with its end comes once more
                first = row.text_digest is None
                changed |= self._looked(row, first=first, changed=row.text_digest != text_digest)
            self._write(url, changed)

    def failed(self, url: str, outcome: Outcome, at: datetime) -> None:
        """Note a fetch without an answer."""
        row = self._row(url)
        if row is None:
            return
        if outcome is Outcome.INTERRUPTED:  # by the crawl's end
            self._write(url, {"outcome": outcome.value})
        elif outcome in _DENIALS:
            again = as_text(at + DENIED_FOR)
            self._write(
                url,
                {
                    "state": State.DENIED.value, "outcome": outcome.value, "visited_at": as_text(at),
                    "next_visit_at": again, "leased_by": None, "leased_until": None,
                },
            )  # fmt: skip
        else:
            self._write(url, self._failed(row, outcome.value, at))

    def _captured(self, capture: Capture, headers: Headers, to_read: bool, found: Found | None) -> None:
        row = self._row(capture.url) or self._unknown(capture, found)
        status, at = capture.status, capture.captured_at
        whole = status == _OK and capture.truncated is None and capture.method == "GET"
        put_off = min(row.put_off, MOST_PUT_OFF) + 1 if wants_time(status, headers) else 0
        row = replace(row, put_off=put_off)
        changed: dict[str, Any] = {"outcome": str(status), "visited_at": as_text(at), "put_off": put_off}
        changed |= self._became(row, capture, to_read=to_read)
        if row.is_put_off() and row.tier != WAY and not retry_after(status, headers.get("Retry-After"), at):
            changed["rank"] = -put_off  # below any link's: it may always say so
        if whole:
            changed |= {
                "etag": _field(headers, "ETag"),
                "last_modified": _field(headers, "Last-Modified"),
                "payload_digest": capture.payload_digest,
            }
        self._write(capture.url, changed)

    def _became(self, row: _Row, capture: Capture, *, to_read: bool) -> dict[str, Any]:
        """What an answer made of a URL; nothing where only the host wanted time."""
        if row.is_put_off():
            return {}
        if capture.status in _GONE:
            return self._gone(row, capture.captured_at)
        if capture.status >= _CLIENT_ERROR:
            return self._failed(row, str(capture.status), capture.captured_at)
        if capture.truncated in _CUT:
            return self._failed(row, f"cut: {capture.truncated}", capture.captured_at)
        done: dict[str, Any] = {
            "state": State.DONE.value, "tries": 0, "open_at": None, "leased_by": None, "leased_until": None,
        }  # fmt: skip
        unread = self._unread(row, capture) if to_read and row.tier != ARTICLE else {}
        return done | self._answered(row, capture) | unread

    def _answered(self, row: _Row, capture: Capture) -> dict[str, Any]:
        """When to look again; whether the page changed is told later, where the bytes don't."""
        at = capture.captured_at
        same = (
            capture.status == _NOT_MODIFIED
            or (capture.status == _OK and capture.payload_digest == row.payload_digest)
            or (capture.status in _MOVED and str(capture.status) == row.outcome)
        )
        if same and row.interval_s:
            return self._looked(replace(row, visited_at=as_text(at)), first=False, changed=False)
        usual = first_interval_s(row.kind, row.tier, row.age_s(at), self._pace)
        interval_s = row.interval_s or usual
        return {
            "interval_s": interval_s,
            "next_visit_at": as_text(at + timedelta(seconds=interval_s if self._pace.first_s else 0)),
            "judged": int(capture.status != _OK),
        }

    def _unread(self, row: _Row, capture: Capture) -> dict[str, Any]:
        """Where the record lies whose links are still to be read; nothing where they were."""
        if capture.payload_digest == row.read_digest:
            return {}
        # The crawl has it in hand until it was read: no other one is to read it meanwhile.
        until = as_text(capture.captured_at + timedelta(seconds=LEASE_S))
        in_hand = {"state": State.CAPTURED.value, "leased_by": self._owner, "leased_until": until}
        if capture.record_type == "response":
            return in_hand | {
                "warc_file": capture.warc_file,
                "warc_offset": capture.warc_offset,
            }
        known = capture.payload_digest == row.payload_digest  # and so is where it lies
        return in_hand if known else in_hand | {"warc_file": "", "warc_offset": 0}

    def _looked(self, row: _Row, *, first: bool, changed: bool) -> dict[str, Any]:
        """When to look again at a page of which it is known whether it changed since the last visit."""
        at = datetime.fromisoformat(row.visited_at or row.discovered_at)
        age_s = row.age_s(at)
        if first:
            interval_s = first_interval_s(row.kind, row.tier, age_s, self._pace)
        else:
            interval_s = next_interval_s(row.interval_s, row.tier, age_s, self._pace, changed=changed)
        return {
            "interval_s": interval_s,
            "next_visit_at": as_text(at + timedelta(seconds=interval_s)),
            "unchanged": 0 if first or changed else row.unchanged + 1,
            "judged": 1,
        } | ({"told_in_vain": 0} if changed else {})

    def _failed(self, row: _Row, reason: str, at: datetime) -> dict[str, Any]:
        """What is written of a try in vain. The lease stays: the same request may be tried again at once."""
        tries = row.tries + (not row.is_tried_again())
        pause = pause_s(tries)
        told: dict[str, Any] = {"outcome": reason, "visited_at": as_text(at), "tries": tries}
        if pause is None:
            opens = as_text(at + timedelta(seconds=LINKED_AGAIN_S))
            return told | {"state": State.GIVEN_UP.value, "next_visit_at": None, "open_at": opens}
        again = as_text(at + timedelta(seconds=pause))
        return told | {"state": State.FAILED.value, "next_visit_at": again}

    def _gone(self, row: _Row, at: datetime) -> dict[str, Any]:
        """What is written of a page that is not there. One that was there is looked for a few times more."""
        was_gone = row.outcome in _GONE_OUTCOMES  # also where a link has made it new again meanwhile
        tries = row.tries + 1 if was_gone else 1
        later = as_text(at + timedelta(seconds=gone_pause_s(tries) if self._pace.first_s else 0))
        again = later if row.was_good and tries <= GONE_TRIES and self._pace.first_s else None
        return {
            "state": State.GONE.value, "tries": tries, "open_at": later, "next_visit_at": again,
            "leased_by": None, "leased_until": None,
        }  # fmt: skip

    def _unknown(self, capture: Capture, found: Found | None) -> _Row:
        """The row, made now, of a URL that nobody discovered: robots.txt, the target of a redirect."""
        kind = "robots" if urlsplit(capture.url).path == "/robots.txt" else "page"
        told = found or Found(url=capture.url, kind=kind, found_on="", found_in="page", depth=1)
        kind = told.kind if kind == "page" else kind
        insert(
            self._store,
            [row_of(self._source, replace(told, url=capture.url, kind=kind), capture.captured_at)],
        )
        row = self._row(capture.url)
        if row is None:
            raise AssertionError(capture.url)
        return row

    def _row(self, url: str) -> _Row | None:
        """What is known of a URL."""
        rows = self._store.rows(
            f"SELECT {', '.join(_COLUMNS)} FROM urls WHERE source = :source AND url = :url",
            {"source": self._source, "url": url},
        )
        return _Row(**dict(zip(_COLUMNS, rows[0], strict=True))) if rows else None

    def _write(self, url: str, changed: Mapping[str, Any]) -> None:
        """Write some columns of a URL's row."""
        assigned = ", ".join(f"{name} = :{name}" for name in changed)
        self._store.rows(
            f"UPDATE urls SET {assigned} WHERE source = :source AND url = :url",
            {**changed, "source": self._source, "url": url},
        )


def _field(headers: Headers, name: str) -> str | None:
    """A header's value, None for one that no request could carry back."""
    value = headers.get(name)
    return None if value is None or "\0" in value else value
