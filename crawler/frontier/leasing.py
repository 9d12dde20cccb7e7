"""URLs out of the frontier: what is to be fetched next, leased, so that no two crawlers fetch the same.

In a shared frontier a host has one owner, for whoever keeps pauses between requests must know of all of them.
Both leases and owners are kept alive by `keep`; those of a crawler that died run out.
"""

# ruff: noqa: S608 (the columns in these statements are our own; values go in as parameters)

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.frontier.model import ARTICLE, LEASE_S, MOST_PUT_OFF, PAGE, WAY, Found, Left, Place, as_text
from crawler.frontier.store import Store

_NAMES = (
    "url", "kind", "found_on", "found_in", "depth", "hops", "title", "published_raw", "modified_raw", "rank",
)  # fmt: skip
_FREE = "source = :source AND host = :host AND leased_by IS NULL AND asked_at < :began AND kind <> 'robots'"
_SELECT = f"SELECT {', '.join(_NAMES)}, dated, discovered_at FROM urls WHERE {_FREE}"
_NEW = f"{_SELECT} AND state = 'discovered' ORDER BY rank DESC, dated DESC, discovered_at LIMIT :room"
# A daily run does not begin at the same second each day, nor come to a page at the same hour: what waits for
# long is due a little before its time, or it would be looked at every other day.
_EARLY, _LONG_S = timedelta(hours=2), 12 * 3600
_DUE = f"(next_visit_at <= :soon AND (next_visit_at <= :began OR interval_s >= {_LONG_S}))"
_AGAIN = f"{_SELECT} AND tier = :tier AND {_DUE} ORDER BY next_visit_at LIMIT :room"
_AGAIN_WAYS = f"{_SELECT} AND tier = :tier AND {_DUE} ORDER BY rank DESC, next_visit_at LIMIT :room"
_LEASE = """UPDATE urls SET leased_by = :owner, leased_until = :until, asked_at = :now
    WHERE source = :source AND url = :url"""
_RELEASE = "UPDATE urls SET leased_by = NULL, leased_until = NULL WHERE source=:source AND leased_by=:owner"
# Not among what is new any more, or each lease would look through all that the crawl has left.
_LEAVE = """UPDATE urls SET state = 'left', leased_by = NULL, leased_until = NULL
    WHERE source = :source AND url = :url AND leased_by = :owner AND state = 'discovered'"""
# What waits for its host is asked for once that is open, as it may be by now; not in this crawl what was
# dropped otherwise, or put off three times with no word of when. A connection that broke had no second try.
_BROKE = "(state = 'failed' AND tries = 1 AND outcome IN ('disconnected', 'connection_failed'))"
_ASK_AGAIN = f"""UPDATE urls
    SET asked_at = '', next_visit_at = CASE WHEN {_BROKE} THEN :began ELSE next_visit_at END
    WHERE source = :source AND url = :url AND rank > -3
    AND (state <> 'failed' OR put_off BETWEEN 1 AND {MOST_PUT_OFF} OR {_BROKE})
    AND host IN (SELECT host FROM hosts WHERE postponed_until > urls.asked_at)"""
_COUNT = f"""SELECT count(*) FROM urls WHERE {_FREE} AND (state = 'discovered' OR {_DUE})"""
_TAKE_BACK = """UPDATE urls SET leased_by = NULL, leased_until = NULL, asked_at = ''
    WHERE source = :source AND leased_by IS NOT NULL"""
_CLAIM = """INSERT INTO hosts (host, owner, owned_until) VALUES (:host, :owner, :until)
    ON CONFLICT (host) DO UPDATE SET owner = excluded.owner, owned_until = excluded.owned_until
    WHERE hosts.owner IS NULL OR hosts.owner = excluded.owner OR hosts.owned_until < :clock RETURNING host"""
_HOSTS = """SELECT s.host, h.postponed_until, h.owner, h.owned_until, h.reason
    FROM source_hosts s LEFT JOIN hosts h ON h.host = s.host WHERE s.source = :source ORDER BY s.host"""


class Leases:
    """What one crawl of a source has in hand."""

    def __init__(self, store: Store, source: str, owner: str, began_at: datetime) -> None:
        """Take nothing yet; nothing is handed out that was asked for since `began_at`."""
        self._store = store
        self._source = source
        self._owner = owner
        self._began, self._soon = as_text(began_at), as_text(began_at + _EARLY)
        self._hosts: dict[str, str] = {}  # of the URLs in hand
        self._taken_back_at: datetime | None = None
        if not store.is_shared:  # nobody else can be at it: whoever had them is dead
            store.rows(_TAKE_BACK, {"source": source})

    def lease(self, now: datetime, most: int, of_host: int) -> list[Found]:
        """URLs to ask for now, the most urgent first; no more of a host in hand than `of_host`.

        Ways to what is new and new articles by priority, the newest first; then other pages that are due
        again, then articles.
        """
        if self._store.is_shared:
            self._take_back()
        in_hand = Counter(self._hosts.values())
        free = [host for host in self._open_hosts(now) if in_hand[host] < of_host]
        if not free or len(self._hosts) >= most:
            return []
        most -= len(self._hosts)
        leased = self._store.within(lambda: self._lease(free, now, most, of_host, in_hand))
        self._hosts.update({url: host for url, host, _ in leased})
        return [found for *_, found in leased]

    def lease_these(self, found: Iterable[Found], hosts: Sequence[str], now: datetime) -> list[Found]:
        """Those of the URLs given that nobody has in hand and whose `hosts` are open."""
        open_hosts = set(self._open_hosts(now))
        leased: list[Found] = []
        for one, host in zip(found, hosts, strict=True):
            if host in open_hosts and self._owns(host) and self._take(one.url, now):
                self._hosts[one.url] = host
                leased.append(one)
        return leased

    def unread(self, now: datetime, most: int) -> list[Place]:
        """Captures whose links were not read, from their records; each once in a crawl."""
        rows = self._store.rows(
            f"SELECT {', '.join(_NAMES)}, warc_file, warc_offset "
            f"FROM urls {self._store.by_index('urls_unread')}WHERE source = :source AND state = 'captured' "
            "AND leased_by IS NULL AND asked_at < :began AND warc_file <> '' ORDER BY url LIMIT :most"
            + self._store.skip_locked,
            {"source": self._source, "began": self._began, "most": most},
        )
        places = [Place(found=_found(row), warc_file=row[-2], warc_offset=row[-1]) for row in rows]
        return [place for place in places if self._take(place.found.url, now)]

    def release(self, url: str) -> None:
        """Give a URL back that is not fetched any more."""
        self._hosts.pop(url, None)
        values = {"source": self._source, "owner": self._owner, "url": url, "began": self._began}
        self._store.rows(f"{_RELEASE} AND url = :url", values)
        self._store.rows(_ASK_AGAIN, values)

    def leave(self, urls: Sequence[str]) -> None:
        """Give back URLs that this crawl asks for no more."""
        own = {"source": self._source, "owner": self._owner}

        def work() -> None:
            self._store.many(_LEAVE, [{**own, "url": url} for url in urls])
            for url in urls:  # those that were fetched before
                self.release(url)

        self._store.within(work)

    def settled(self, url: str) -> None:
        """Take note that a URL was answered."""
        self._hosts.pop(url, None)

    def keep(self) -> None:
        """Keep what is in hand, and its hosts, for another while."""
        if self._store.is_shared:
            values = {"owner": self._owner, "source": self._source, "until": self._until()}
            self._store.rows(
                "UPDATE urls SET leased_until = :until WHERE source = :source AND leased_by = :owner", values
            )
            self._store.rows("UPDATE hosts SET owned_until = :until WHERE owner = :owner", values)

    def opens_at(self, now: datetime) -> datetime | None:
        """When a host with something due, postponed or in another's hand, opens; None where none is."""
        waiting = [waits for waits, host, _ in self._shut_hosts(now) if self._has_due(host)]
        return datetime.fromisoformat(min(waiting)) if waiting else None

    def left(self, now: datetime) -> Left | None:
        """What is due of hosts that are postponed, or in another's hand; None where nothing is."""
        counted = [
            (waits, host, reason, count)
            for waits, host, reason in self._shut_hosts(now)
            if (count := self._rows(_COUNT, host, 1)[0][0])
        ]
        if not counted:
            return None
        opens_at, _, reason, _ = min(counted)
        hosts = tuple(sorted(host for _, host, _, _ in counted))
        return Left(
            urls=sum(count for *_, count in counted),
            hosts=hosts,
            opens_at=datetime.fromisoformat(opens_at),
            reason=reason,
        )

    def release_all(self) -> None:
        """Give every URL back."""
        self._hosts.clear()
        values = {"source": self._source, "owner": self._owner}
        self._store.rows(f"{_TAKE_BACK} AND leased_by = :owner", values)

    def close(self) -> None:
        """Give everything back."""
        self.release_all()
        values = {"owner": self._owner}
        if self._store.is_shared:
            self._store.rows("UPDATE hosts SET owner = NULL, owned_until = NULL WHERE owner = :owner", values)

    def _lease(
        self, hosts: Sequence[str], now: datetime, most: int, of_host: int, in_hand: Counter[str]
    ) -> list[tuple[str, str, Found]]:
        """URL, host and way of what is leased (in a transaction)."""
        candidates: list[tuple[tuple[object, ...], str, Found]] = []
        for host in hosts:
            room = min(most, of_host - in_hand[host])
            candidates += [(key, host, found) for key, found in self._due(host, room)]
        candidates.sort(key=lambda one: one[0])
        chosen: list[tuple[str, str, Found]] = []
        for _, host, found in candidates:
            if len(chosen) < most and self._owns(host) and self._take(found.url, now):
                chosen.append((found.url, host, found))
        return chosen

    def _due(self, host: str, room: int) -> list[tuple[tuple[object, ...], Found]]:
        """What is due of a host, with a key that sorts the most urgent first."""
        lock = self._store.skip_locked
        found = [
            ((-row[9], _Backwards(row[10]), row[11]), _found(row))
            for row in self._rows(_NEW + lock, host, room)
        ]
        found += [
            ((-row[9], _Backwards(""), ""), _found(row)) for row in self._rows(_AGAIN_WAYS + lock, host, room)
        ]
        found.sort(key=lambda one: one[0])
        keyed: list[tuple[tuple[object, ...], Found]] = [((0, *key), one) for key, one in found[:room]]
        for tier in (PAGE, ARTICLE):
            left = room - len(keyed)
            rows = self._rows(_AGAIN + lock, host, left, tier) if left else []
            keyed += [((1, tier, at), _found(row)) for at, row in enumerate(rows)]
        return keyed

    def _rows(self, sql: str, host: str, room: int, tier: int = WAY) -> list[tuple[Any, ...]]:
        """Rows of one of the queries for what is due."""
        values = {
            "source": self._source, "host": host, "began": self._began, "soon": self._soon, "room": room,
            "tier": tier,
        }  # fmt: skip
        return self._store.rows(sql, values)

    def _has_due(self, host: str) -> bool:
        """Whether anything of a host is due."""
        again = any(self._rows(_AGAIN, host, 1, tier) for tier in (WAY, PAGE, ARTICLE))
        return again or bool(self._rows(_NEW, host, 1))

    def _take(self, url: str, now: datetime) -> bool:
        """Lease a URL, unless another has it."""
        return bool(
            self._store.rows(
                f"{_LEASE} AND (leased_by IS NULL OR leased_by = :owner) RETURNING url",
                {
                    "source": self._source, "url": url, "owner": self._owner, "now": as_text(now),
                    "until": self._until(),
                },
            )
        )  # fmt: skip

    def _owns(self, host: str) -> bool:
        """Whether this crawl is the one that asks a host, from now on if nobody was."""
        if not self._store.is_shared:
            return True
        claim = {
            "host": host, "owner": self._owner, "until": self._until(), "clock": as_text(self._clock()),
        }  # fmt: skip
        return bool(self._store.rows(_CLAIM, claim))

    def _open_hosts(self, now: datetime) -> list[str]:
        """Hosts of the source that are neither postponed nor in another's hand."""
        clock, moment = as_text(self._clock()), as_text(now)
        return [
            host
            for host, postponed, owner, owned, _ in self._host_rows()
            if (postponed or "") <= moment and (owner in {None, self._owner} or (owned or "") <= clock)
        ]

    def _shut_hosts(self, now: datetime) -> list[tuple[str, str, str]]:
        """Until when, host and reason of each that is postponed or in another's hand."""
        shut, clock, moment = [], as_text(self._clock()), as_text(now)
        for host, postponed, owner, owned, reason in self._host_rows():
            waits, why = (postponed, reason or "") if postponed and postponed > moment else ("", "")
            if owned and owned > clock and owner != self._owner and owned > waits:
                waits, why = owned, "another crawler asks it"
            if waits:
                shut.append((waits, host, why))
        return shut

    def _host_rows(self) -> list[tuple[str, str | None, str | None, str | None, str | None]]:
        """Host, until when it is postponed, its owner and until when, and why, of each host of the source."""
        return self._store.rows(_HOSTS, {"source": self._source})

    def _take_back(self) -> None:
        """Take back what a crawler had that is not heard of any more."""
        clock = self._clock()
        if self._taken_back_at is None or clock - self._taken_back_at > timedelta(seconds=LEASE_S / 10):
            self._taken_back_at = clock
            self._store.rows(
                f"{_TAKE_BACK} AND leased_until < :clock", {"source": self._source, "clock": as_text(clock)}
            )

    def _until(self) -> str:
        """Until when a lease that is given now holds."""
        return as_text(self._clock() + timedelta(seconds=LEASE_S))

    def _clock(self) -> datetime:
        """The time that all crawlers at this frontier share."""
        if not self._store.is_shared:
            return datetime.now(UTC)
        ((moment,),) = self._store.rows("SELECT clock_timestamp()", {})
        return moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)


class _Backwards(str):
    """A text that sorts the other way."""

    __slots__ = ()

    def __lt__(self, other: str) -> bool:
        return str.__gt__(self, other)


def _found(row: Sequence[Any]) -> Found:
    """The link in a row."""
    fields = dict(zip(_NAMES, row, strict=False))
    fields["priority"] = fields.pop("rank")
    return Found(**fields)
