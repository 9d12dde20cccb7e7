"""A run's health out of its report and the index."""

from __future__ import annotations

import json
import logging
from datetime import datetime
from typing import TYPE_CHECKING, Any

import duckdb

from crawler.health.runs import REPORT_FILE, RunHealth, SeedStart, read_counts, started_at
from crawler.report_words import KILLED
from storage.crawl_quality import CrawlQuality, crawl_quality

if TYPE_CHECKING:
    from storage.layout import Layout

log = logging.getLogger(__name__)
_FAULT = 1


def measured(
    layout: Layout, crawl_id: str, source: str, index: duckdb.DuckDBPyConnection | None
) -> RunHealth:
    """The health of a run that is over; one that left no report was killed."""
    told = _report(layout, crawl_id)
    begun, counts = started_at(crawl_id), read_counts(told)
    return RunHealth(
        crawl_id=crawl_id,
        source=source,
        started_at=datetime.fromisoformat(told["started_at"]) if "started_at" in told else begun,
        finished_at=datetime.fromisoformat(told["finished_at"]) if "finished_at" in told else begun,
        exit_code=int(told.get("exit_code", _FAULT)),
        reason=str(told.get("reason", KILLED)),
        received_bytes=int(told.get("received_bytes", 0)),
        fetches=counts["fetches"],
        statuses=counts["statuses"],
        pages=counts["pages"],
        links=counts["links"],
        notes=counts["notes"],
        looks=counts["looks"],
        starts=tuple(SeedStart(url=url, **start) for url, start in told.get("starts", {}).items()),
        quality=_quality(index, crawl_id) if index is not None else None,
    )


def _report(layout: Layout, crawl_id: str) -> dict[str, Any]:
    """The run's report.json, empty where there is none."""
    path = layout.crawl(crawl_id) / REPORT_FILE
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        log.warning("%s can't be read: %s", path, error)
        return {}
    return told if isinstance(told, dict) else {}


def _quality(index: duckdb.DuckDBPyConnection, crawl_id: str) -> CrawlQuality | None:
    """What the index tells; a run that it does not know brought nothing, or was not indexed yet."""
    try:
        return crawl_quality(index, crawl_id)
    except duckdb.Error as error:
        log.warning("the index does not tell of %s: %s", crawl_id, error)
        return None
