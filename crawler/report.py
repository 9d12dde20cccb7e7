"""What a crawl did: outcomes counted, written as report.json, turned into an exit code."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from crawler.capture.sink import Kept
from crawler.discovery.links import Discovery, LinkKind
from crawler.frontier import Left
from crawler.report_words import (
    CERTIFICATE,
    LEFT_WAITING,
    NOT_IN_ARCHIVE,
    OTHERS,
    PAGE_LIMIT,
    PROGRAM_FAULT,
    ROBOTS_UNREACHABLE,
    SIGNS,
    TIME_LIMIT,
    in_words,
)
from storage.article import Outcome
from storage.errors import PresswarcError

EXIT_DONE, EXIT_FAULT, EXIT_INCOMPLETE, EXIT_INTERRUPTED = 0, 1, 3, 130
_REDIRECT, _CLIENT_ERROR, _GONE = 300, 400, (404, 410)
COMPLETE_REASONS = frozenset({"finished", PAGE_LIMIT, TIME_LIMIT})
_MOST_NAMES = 500  # of each group; the crawl's log has every one
_COUNTED = ("fetches", "statuses", "pages", "links", "notes", "looks", "browser", "fallbacks")
# What OpenSSL says of a chain, and service_identity of a name.
_OF_CERTIFICATES = ("certificate", "VerificationError", "DNSMismatch", "IPAddressMismatch")


@dataclass(slots=True, kw_only=True)
class Start:
    """What one of the seed's own feeds, listings, sitemaps or pages gave in a crawl.

    `status` is 0 where no answer came. `links` is None where nothing was read of it: no answer, or 304. Of
    listings and pages it counts the links to articles, of the others all. `note` says what was amiss.
    """

    kind: str
    status: int = 0
    links: int | None = None
    note: str = ""


@dataclass(slots=True, kw_only=True)
class Report:
    """Counts of one crawl, filled as it goes; `told` hears of each as `presswarc/pages/article` and the like.

    `looks` counts feeds, listings, sitemaps and pages that were read, and those of them without a link.
    `browser` counts pages that were rendered, and what was not fetched for them. `fallbacks` counts articles
    that were had in place of a refused page, by what gave them, and why others were not.
    """

    crawl_id: str
    source: str
    started_at: datetime
    fetches: Counter[str] = field(default_factory=Counter)
    pages: Counter[str] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    statuses: Counter[str] = field(default_factory=Counter)
    looks: Counter[str] = field(default_factory=Counter)
    browser: Counter[str] = field(default_factory=Counter)
    fallbacks: Counter[str] = field(default_factory=Counter)
    starts: dict[str, Start] = field(default_factory=dict)
    received_bytes: int = 0
    reason: str = "running"
    nothing_due: bool = False  # so that a crawl without an answer is whole
    asked_pages: int = 0  # answers but those for robots.txt, and of these such as tell of their page
    told_pages: int = 0
    left: Left | None = None  # what was due at the end and had to wait for its hosts
    fault: PresswarcError | None = None
    told: Callable[[str, int], object] | None = None

    def count(self, group: str, name: str, amount: int = 1) -> None:
        """Count one more of `name`, or several, among the `fetches`, `pages`, `links`, ...

        A site can bring forth any number of names, as by many hosts: the later ones are counted together.
        """
        counts: Counter[str] = getattr(self, group)
        if name not in counts and name not in SIGNS and len(counts) >= _MOST_NAMES:
            name = OTHERS
        counts[name] += amount
        self._tell(f"{group}/{name}", amount)

    def kept(self, kept: Kept) -> None:
        """Count one exchange, or a page that a browser made of one."""
        if kept.capture is not None and kept.capture.record_type == "conversion":
            self.count("browser", "rendered")
            return
        if kept.failure is not None:
            self.count("fetches", kept.failure.outcome.value)
            if any(word in kept.failure.reason for word in _OF_CERTIFICATES):
                self.count("notes", CERTIFICATE)
            self._asked(kept, 0, kept.failure.reason)
        if kept.capture is not None and kept.record is not None:
            status = kept.capture.status
            self.received_bytes += len(kept.record.block)
            self._tell("received_bytes", len(kept.record.block))
            self.count("fetches", _fetch_outcome(status))
            self.count("statuses", str(status))
            self._asked(kept, status, "")
            if urlsplit(kept.capture.url).path != "/robots.txt":
                self.asked_pages += 1
                self.told_pages += status < _CLIENT_ERROR or status in _GONE
            if kept.capture.record_type == "revisit":
                self.count("fetches", "revisits")
            if kept.capture.truncated:
                self.count("fetches", "truncated")

    def looked(self, url: str, kind: str, discovery: Discovery) -> None:
        """Take note of what was found in a feed, listing, sitemap or page; `url` is what was asked for."""
        if kind in {"article", "robots"}:
            return
        wanted = {"article"} if kind in {"listing", "page"} else set(LinkKind)
        links = sum(link.kind in wanted for link in discovery.links)
        self.count("looks", kind)
        if not links:
            self.count("looks", f"{kind} without links")
        start = self.starts.get(url)
        if start is not None:
            start.links, start.note = links, "; ".join(discovery.notes)

    def leaves(self, left: Left | None) -> None:
        """Take note that the crawl ends with something due of hosts that are left alone."""
        self.left = left
        self.count("links", LEFT_WAITING, left.urls if left else 1)

    def _asked(self, kept: Kept, status: int, note: str) -> None:
        """Take note of an answer to one of the seed's own URLs, or of a failure."""
        found = kept.found
        if found is not None and found.found_in == _SEED and found.kind != _ROBOTS:
            self.starts[found.url] = Start(kind=found.kind, status=status, note=note)

    def _tell(self, name: str, amount: int) -> None:
        if self.told is not None:
            self.told(f"presswarc/{name}", amount)

    @property
    def answers(self) -> int:
        """Exchanges that brought an answer, whatever its status."""
        other = {"revisits", "truncated", NOT_IN_ARCHIVE, *(one.value for one in _UNANSWERED)}
        return sum(count for name, count in self.fetches.items() if name not in other)

    def exit_code(self) -> int:
        """0 for a crawl that ran to its end or its own limit and got answers, 130 if interrupted, else 3.

        A host whose robots.txt can't be read, or that was left alone, was not crawled to its end; nor was one
        of which every page was refused. 1 where a fault of the program cost a page.
        """
        if self.reason == "shutdown":
            return EXIT_INTERRUPTED
        if self.notes[PROGRAM_FAULT]:
            return EXIT_FAULT
        whole = (
            self.reason in COMPLETE_REASONS
            and (self.answers or (self.nothing_due and not self.fetches))
            and (self.told_pages or not self.asked_pages)
            and not self.links[ROBOTS_UNREACHABLE]
            and not self.links[LEFT_WAITING]
        )
        return EXIT_DONE if whole else EXIT_INCOMPLETE

    def write(self, path: Path, finished_at: datetime) -> None:
        """Write report.json, all of it or nothing."""
        counts = {name: dict(sorted(getattr(self, name).items())) for name in _COUNTED}
        told = {
            "crawl_id": self.crawl_id,
            "source": self.source,
            "started_at": self.started_at.astimezone(UTC).isoformat(),
            "finished_at": finished_at.astimezone(UTC).isoformat(),
            "reason": self.reason,
            "exit_code": self.exit_code(),
            "received_bytes": self.received_bytes,
            **counts,
            "starts": {url: asdict(start) for url, start in self.starts.items()},
            "left": _told_left(self.left) if self.left else None,
        }
        made = path.with_name(f".{path.name}.part")
        try:
            made.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
            made.replace(path)
        except OSError:
            made.unlink(missing_ok=True)
            raise

    def line(self) -> str:
        """The crawl in a line, for a person."""
        pages = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(self.pages.items()))
        fetches = ", ".join(
            f"{count} {name.replace('_', ' ')}" for name, count in sorted(self.fetches.items())
        )
        told = (
            f"{self.source}: {in_words(self.reason)}; fetched {fetches or 'nothing'}; pages {pages or 'none'}"
        )
        if self.fallbacks:
            ways = (f"{name} {count}" for name, count in self.fallbacks.items() if ":" not in name)
            told += f"; fallbacks {', '.join(ways)}"
        return f"{told}; {_left_line(self.left)}" if self.left else told


_SEED, _ROBOTS = "seed", "robots"  # as discovery names where a link stood, and what it leads to
_UNANSWERED = (
    Outcome.ROBOTS_DENIED,
    Outcome.ADDRESS_REFUSED,
    Outcome.TOO_LARGE,
    Outcome.TIMED_OUT,
    Outcome.CONNECTION_FAILED,
    Outcome.DISCONNECTED,
    Outcome.INTERRUPTED,
    Outcome.RENDER_FAILED,
)


def _told_left(left: Left) -> dict[str, object]:
    """What was left, as report.json has it."""
    return {
        "urls": left.urls, "hosts": list(left.hosts), "opens_at": left.opens_at.astimezone(UTC).isoformat(),
        "reason": left.reason,
    }  # fmt: skip


def _left_line(left: Left) -> str:
    """What was left, for a person.

    >>> noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    >>> _left_line(Left(urls=40, hosts=("a.example", "b.example"), opens_at=noon, reason="HTTP 429"))
    '40 URLs left waiting for a.example and 1 more, until 2026-11-22 12:00:00 UTC: HTTP 429'
    """
    more = f" and {len(left.hosts) - 1} more" if left.hosts[1:] else ""
    until = f"{left.opens_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    number = f"{left.urls} URL{'s' if left.urls > 1 else ''}"
    return f"{number} left waiting for {left.hosts[0]}{more}, until {until}: {left.reason}"


def _fetch_outcome(status: int) -> str:
    """A name for an answer's status."""
    named = {304: Outcome.NOT_MODIFIED.value, 404: Outcome.GONE.value, 410: Outcome.GONE.value}
    if status in named:
        return named[status]
    if status < _REDIRECT:
        return "ok"
    return Outcome.REDIRECT.value if status < _CLIENT_ERROR else Outcome.HTTP_ERROR.value
