"""What a crawl did: outcomes counted, written as report.json, turned into an exit code."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from crawler.capture.sink import Kept
from storage.article import Outcome
from storage.errors import PresswarcError

EXIT_DONE, EXIT_FAULT, EXIT_INCOMPLETE, EXIT_INTERRUPTED = 0, 1, 3, 130
_REDIRECT, _CLIENT_ERROR = 300, 400
ROBOTS_UNREACHABLE = "robots_unreachable"
NOT_IN_ARCHIVE = "not_in_the_archive"  # requests that a replay had nothing for
_COMPLETE = {"finished", "closespider_pagecount", "closespider_timeout"}


@dataclass(slots=True, kw_only=True)
class Report:
    """Counts of one crawl, filled as it goes."""

    crawl_id: str
    source: str
    started_at: datetime
    fetches: Counter[str] = field(default_factory=Counter)
    pages: Counter[str] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    received_bytes: int = 0
    reason: str = "running"
    fault: PresswarcError | None = None

    def kept(self, kept: Kept) -> None:
        """Count one exchange."""
        if kept.failure is not None:
            self.fetches[kept.failure.outcome.value] += 1
        if kept.capture is not None and kept.record is not None:
            status = kept.capture.status
            self.received_bytes += len(kept.record.block)
            self.fetches[f"{_fetch_outcome(status)}"] += 1
            if kept.capture.record_type == "revisit":
                self.fetches["revisits"] += 1
            if kept.capture.truncated:
                self.fetches["truncated"] += 1

    @property
    def answers(self) -> int:
        """Exchanges that brought an answer, whatever its status."""
        other = {"revisits", "truncated", NOT_IN_ARCHIVE, *(one.value for one in _UNANSWERED)}
        return sum(count for name, count in self.fetches.items() if name not in other)

    def exit_code(self) -> int:
        """0 for a crawl that ran to its end or its own limit and got answers, 130 if interrupted, else 3.

        A host whose robots.txt can't be read was not crawled, so the crawl is incomplete.
        """
        if self.reason == "shutdown":
            return EXIT_INTERRUPTED
        whole = self.reason in _COMPLETE and self.answers and not self.links[ROBOTS_UNREACHABLE]
        return EXIT_DONE if whole else EXIT_INCOMPLETE

    def write(self, path: Path, finished_at: datetime) -> None:
        """Write report.json."""
        counts = {
            name: dict(sorted(getattr(self, name).items())) for name in ("fetches", "pages", "links", "notes")
        }
        told = {
            "crawl_id": self.crawl_id,
            "source": self.source,
            "started_at": self.started_at.astimezone(UTC).isoformat(),
            "finished_at": finished_at.astimezone(UTC).isoformat(),
            "reason": self.reason,
            "exit_code": self.exit_code(),
            "received_bytes": self.received_bytes,
            **counts,
        }
        path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")

    def line(self) -> str:
        """The crawl in a line, for a person."""
        pages = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in sorted(self.pages.items()))
        fetches = ", ".join(
            f"{count} {name.replace('_', ' ')}" for name, count in sorted(self.fetches.items())
        )
        return f"{self.source}: {self.reason}; fetched {fetches or 'nothing'}; pages {pages or 'none'}"


_UNANSWERED = (
    Outcome.ROBOTS_DENIED,
    Outcome.ADDRESS_REFUSED,
    Outcome.TOO_LARGE,
    Outcome.TIMED_OUT,
    Outcome.CONNECTION_FAILED,
    Outcome.DISCONNECTED,
)


def _fetch_outcome(status: int) -> str:
    """A name for an answer's status."""
    named = {304: Outcome.NOT_MODIFIED.value, 404: Outcome.GONE.value, 410: Outcome.GONE.value}
    if status in named:
        return named[status]
    if status < _REDIRECT:
        return "ok"
    return Outcome.REDIRECT.value if status < _CLIENT_ERROR else Outcome.HTTP_ERROR.value
