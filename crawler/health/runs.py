"""The health of one run of a source, as `crawls/<crawl id>/health.json` keeps it, and those before it."""

from __future__ import annotations

import json
import logging
import re
import statistics
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from storage.crawl_quality import CrawlQuality
from storage.exports.files import whole_file
from storage.layout import Layout

log = logging.getLogger(__name__)
HEALTH_FILE, REPORT_FILE = "health.json", "report.json"
_ID = re.compile(r"(?P<source>.+)-(?P<stamp>\d{8}T\d{6})(?P<thousandths>\d{3})Z")
_COUNTS = ("fetches", "statuses", "pages", "links", "notes", "looks")


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedStart:
    """What one of the seed's own feeds, listings, sitemaps or pages gave; see `crawler.report.Start`."""

    url: str
    kind: str
    status: int = 0
    links: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHealth:
    """How one run of a source went. `quality` is None where the index did not know the run yet.

    The counts are those of the run's report. `alarms` are the kinds of alarm that this run gave cause for.
    """

    crawl_id: str
    source: str
    started_at: datetime
    finished_at: datetime
    exit_code: int
    reason: str
    received_bytes: int = 0
    fetches: Mapping[str, int] = field(default_factory=dict)
    statuses: Mapping[str, int] = field(default_factory=dict)
    pages: Mapping[str, int] = field(default_factory=dict)
    links: Mapping[str, int] = field(default_factory=dict)
    notes: Mapping[str, int] = field(default_factory=dict)
    looks: Mapping[str, int] = field(default_factory=dict)
    starts: tuple[SeedStart, ...] = ()
    quality: CrawlQuality | None = None
    alarms: tuple[str, ...] = ()

    @property
    def duration_s(self) -> float:
        """How long it took."""
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def new(self) -> int:
        """Articles that no earlier run had; 0 where the index does not know."""
        return self.quality.new if self.quality else 0

    @property
    def median_words(self) -> float | None:
        """Median words of its articles, None without any."""
        return statistics.median(self.quality.words) if self.quality and self.quality.words else None

    @property
    def median_removed(self) -> float | None:
        """Median share of a page's words that was removed, None without articles."""
        return statistics.median(self.quality.removed) if self.quality and self.quality.removed else None


def write_run(layout: Layout, run: RunHealth) -> None:
    """Keep a run's health beside its report. Raises: OutOfSpaceError, UsageError."""
    told = asdict(run)
    for name in ("started_at", "finished_at"):
        told[name] = told[name].astimezone(UTC).isoformat()
    with whole_file(layout.crawl(run.crawl_id) / HEALTH_FILE, force=True) as file:
        file.write((json.dumps(told, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace"))


def read_run(folder: Path) -> RunHealth | None:
    """The health of the run in a folder, None where it was not kept, or can't be read."""
    try:
        told = json.loads((folder / HEALTH_FILE).read_text(encoding="utf-8"))
        quality = CrawlQuality(**_lists_as_tuples(told["quality"])) if told["quality"] else None
        known = {name: told[name] for name in _NAMES if name in told}
        return RunHealth(
            **known
            | {
                "started_at": datetime.fromisoformat(told["started_at"]),
                "finished_at": datetime.fromisoformat(told["finished_at"]),
                "starts": tuple(SeedStart(**start) for start in told["starts"]),
                "quality": quality,
                "alarms": tuple(told["alarms"]),
            }
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s can't be read: %r", folder / HEALTH_FILE, error)
        return None


def run_ids(layout: Layout) -> dict[str, list[str]]:
    """Ids of the archive's crawls by their source as file names have it, newest first."""
    found: dict[str, list[tuple[str, str]]] = {}
    folder = layout.crawl("")
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
    for name in names:
        match = _ID.fullmatch(name)
        if match:
            found.setdefault(match["source"], []).append((match["stamp"] + match["thousandths"], name))
    return {source: [name for _, name in sorted(ids, reverse=True)] for source, ids in found.items()}


def started_at(crawl_id: str) -> datetime:
    """When a crawl began, as its id says.

    >>> started_at("demo-20261122T010203400Z").isoformat()
    '2026-11-22T01:02:03.400000+00:00'
    """
    match = _ID.fullmatch(crawl_id)
    if match is None:
        raise ValueError(crawl_id)
    begun = datetime.strptime(match["stamp"], "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    return begun.replace(microsecond=int(match["thousandths"]) * 1000)


def past_runs(layout: Layout, crawl_ids: list[str]) -> Iterator[RunHealth]:
    """The health of those runs, in that order, but of those that have none."""
    for crawl_id in crawl_ids:
        run = read_run(layout.crawl(crawl_id))
        if run is not None:
            yield run


def read_counts(told: Mapping[str, Any]) -> dict[str, dict[str, int]]:
    """The counts of a report, as of whatever version of the program.

    >>> read_counts({"pages": {"article": 3}})["pages"], read_counts({})["fetches"]
    ({'article': 3}, {})
    """
    return {name: {str(key): int(count) for key, count in told.get(name, {}).items()} for name in _COUNTS}


def _lists_as_tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}


_NAMES = tuple(one.name for one in fields(RunHealth))
