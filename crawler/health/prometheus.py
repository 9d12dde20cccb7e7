"""The health of an archive's sources in Prometheus' text format, for node_exporter's textfile collector.

Source: Prometheus, exposition formats, text-based format version 0.0.4; names by its naming conventions.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.health.alarms import ARCHIVE
from crawler.health.kinds import Kind
from crawler.health.overview import Overview, SourceHealth, overview
from storage.exports.files import whole_file

if TYPE_CHECKING:
    from storage.layout import Layout

_Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A metric: its values by labels other than `source`; None where a source has no value."""

    name: str
    doc: str
    values: Callable[[SourceHealth], Iterable[tuple[_Labels, float | None]]]
    type: str = "gauge"


def write_metrics(layout: Layout, path: Path, now: datetime | None = None) -> None:
    """Write the file; a reader sees the old one or the new. Raises: OutOfSpaceError, UsageError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # node_exporter runs as another user; what is in it is no secret.
    with whole_file(path, force=True) as file:
        file.write(metrics(layout, now or datetime.now(UTC)).encode())
    if path.is_file():
        path.chmod(0o644)


def metrics(layout: Layout, now: datetime) -> str:
    """Every metric of every source."""
    seen = overview(layout, now)
    lines = [line for metric in METRICS for line in _metric(metric, seen.sources)]
    lines += _alarms(seen)
    if layout.root.is_dir():
        free = float(shutil.disk_usage(layout.root).free)
        lines += _head("presswarc_archive_free_bytes", "Free space on the archive's disk", "gauge")
        lines.append(_sample("presswarc_archive_free_bytes", (), free))
    lines += _head("presswarc_health_timestamp_seconds", "When these figures were written", "gauge")
    lines.append(_sample("presswarc_health_timestamp_seconds", (), now.timestamp()))
    return "\n".join(lines) + "\n"


def _one(
    value: Callable[[SourceHealth], float | None],
) -> Callable[..., Iterable[tuple[_Labels, float | None]]]:
    return lambda source: [((), value(source))]


def _total(field: str) -> Callable[..., Iterable[tuple[_Labels, float | None]]]:
    """A sum over all runs."""
    return _one(lambda source: float(getattr(source.memory, field)))


def _of_last(value: Callable[..., float | None]) -> Callable[..., Iterable[tuple[_Labels, float | None]]]:
    """A value of the latest run."""
    return lambda source: [((), value(source.last))] if source.last else []


def _counts(field: str, label: str) -> Callable[..., Iterable[tuple[_Labels, float | None]]]:
    """Counts of the latest run's, by name."""
    return lambda source: (
        [(((label, name),), float(many)) for name, many in sorted(getattr(source.last, field).items())]
        if source.last
        else []
    )


def _articles(source: SourceHealth) -> Iterator[tuple[_Labels, float | None]]:
    quality = source.last.quality if source.last else None
    for name in ("new", "changed", "unchanged") if quality else ():
        yield (("state", name),), float(getattr(quality, name))


def _fields(source: SourceHealth) -> Iterator[tuple[_Labels, float | None]]:
    quality = source.last.quality if source.last else None
    if quality and quality.read_pages:
        for name in ("title", "date", "author"):
            yield (("field", name),), getattr(quality, f"with_{name}") / quality.read_pages


def _at(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


METRICS = (
    Metric(
        name="presswarc_last_run_timestamp_seconds",
        doc="End of the latest run",
        values=_one(lambda source: _at(source.last.finished_at) if source.last else None),
    ),
    Metric(
        name="presswarc_last_success_timestamp_seconds",
        doc="End of the latest run that came to its end",
        values=_one(lambda source: _at(source.memory.succeeded_at)),
    ),
    Metric(
        name="presswarc_last_new_article_timestamp_seconds",
        doc="End of the latest run that brought a new article",
        values=_one(lambda source: _at(source.memory.new_at)),
    ),
    Metric(
        name="presswarc_running",
        doc="1 while a run is under way",
        values=_one(lambda source: float(source.running_since is not None)),
    ),
    Metric(
        name="presswarc_last_run_duration_seconds",
        doc="How long the latest run took",
        values=_of_last(lambda run: run.duration_s),
    ),
    Metric(
        name="presswarc_last_run_exit_code",
        doc="Exit code of the latest run: 0 done, 3 incomplete, 130 interrupted",
        values=_of_last(lambda run: float(run.exit_code)),
    ),
    Metric(
        name="presswarc_last_run_received_bytes",
        doc="Bytes that the latest run received",
        values=_of_last(lambda run: float(run.received_bytes)),
    ),
    Metric(
        name="presswarc_last_run_articles",
        doc="Articles that the latest run found, by state",
        values=_articles,
    ),
    Metric(
        name="presswarc_last_run_duplicate_articles",
        doc="New articles of the latest run that are copies of others",
        values=_of_last(lambda run: float(run.quality.duplicates) if run.quality else None),
    ),
    Metric(
        name="presswarc_last_run_answers",
        doc="Answers to the latest run by HTTP status",
        values=_counts("statuses", "status"),
    ),
    Metric(
        name="presswarc_last_run_fetches",
        doc="Fetches of the latest run by outcome",
        values=_counts("fetches", "outcome"),
    ),
    Metric(
        name="presswarc_last_run_pages",
        doc="Pages that the latest run looked at for an article, by outcome",
        values=_counts("pages", "outcome"),
    ),
    Metric(
        name="presswarc_last_run_words_median",
        doc="Median words of the latest run's articles",
        values=_of_last(lambda run: run.median_words),
    ),
    Metric(
        name="presswarc_last_run_removed_ratio_median",
        doc="Median share of a page's words that was removed as boilerplate in the latest run",
        values=_of_last(lambda run: run.median_removed),
    ),
    Metric(
        name="presswarc_last_run_field_ratio",
        doc="Share of the latest run's articles that have the field",
        values=_fields,
    ),
    *(
        Metric(
            name=f"presswarc_{name}_total",
            doc=doc,
            values=_total(field),
            type="counter",
        )
        for name, field, doc in (
            ("runs", "runs", "Runs"),
            ("incomplete_runs", "runs_incomplete", "Runs that did not come to their end"),
            ("new_articles", "new_articles", "New articles"),
            ("changed_articles", "changed_articles", "Articles found changed"),
            ("answers", "fetches", "Answers received"),
            ("received_bytes", "received_bytes", "Bytes received"),
            ("stored_bytes", "stored_bytes", "Bytes written to WARC files"),
        )
    ),
)
ALARM = "presswarc_alarm"


def _alarms(seen: Overview) -> Iterator[str]:
    """Each kind of alarm of each source, 1 while it is open: a rule can wait for 0 to become 1."""
    yield from _head(ALARM, "1 while an alarm of this kind is open", "gauge")
    for source in seen.sources:
        kinds = {one.kind for one in source.alarms}
        for kind in Kind:
            if kind is not Kind.DISK:
                labels = (("source", source.source), ("kind", kind.value))
                yield _sample(ALARM, labels, float(kind in kinds))
    own = {one.kind for one in seen.alarms}
    yield _sample(ALARM, (("source", ARCHIVE), ("kind", Kind.DISK.value)), float(Kind.DISK in own))


def _metric(metric: Metric, sources: Iterable[SourceHealth]) -> Iterator[str]:
    samples = [
        _sample(metric.name, (("source", source.source), *labels), value)
        for source in sources
        for labels, value in metric.values(source)
        if value is not None
    ]
    if samples:
        yield from _head(metric.name, metric.doc, metric.type)
        yield from samples


def _head(name: str, doc: str, kind: str) -> list[str]:
    return [f"# HELP {name} {doc}", f"# TYPE {name} {kind}"]


def _sample(name: str, labels: _Labels, value: float) -> str:
    r"""A line.

    >>> _sample("a_total", (("source", 'x"y'),), 3.0), _sample("b", (), 0.25)
    ('a_total{source="x\\"y"} 3', 'b 0.25')
    """
    inside = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
    number = f"{value:.0f}" if value == int(value) else repr(value)
    return f"{name}{{{inside}}} {number}" if labels else f"{name} {number}"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
