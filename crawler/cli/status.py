"""`presswarc status`: how every source stands, and what needs a person."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crawler.cli.options import Common, archive_options
from crawler.cli.output import Form, Output, row_options, write_rows
from crawler.cli.values import as_second
from crawler.report_words import in_words
from storage.errors import UsageError

if TYPE_CHECKING:
    from crawler.health.alarms import Alarm
    from crawler.health.overview import Overview, SourceHealth
    from crawler.health.runs import RunHealth
    from storage.layout import Layout

_COLUMNS = (
    "source", "state", "last_run_at", "ended", "new", "changed", "unchanged", "failed", "words",
    "next_run_at", "alarms", "fallback_articles",
)  # fmt: skip
_TABLE_COLUMNS = tuple(
    {"last_run_at": "last run", "next_run_at": "next run"}.get(one, one) for one in _COLUMNS[:-1]
)
_RUN_COLUMNS = (
    "crawl_id", "source", "started_at", "finished_at", "duration_s", "exit_code", "reason", "new", "changed",
    "unchanged", "duplicates", "answers", "failed", "received_bytes", "stored_bytes", "pages", "articles",
    "median_words", "with_title", "with_date", "with_author", "median_removed", "looked_at", "without_links",
    "alarms",
)  # fmt: skip
_ERROR = 400


@click.command(
    epilog="""\b
Examples:
  presswarc status
  presswarc status demo --all
  presswarc status --json | jq '.[] | select(.state == "alarm")'
  presswarc status --prometheus /var/lib/node_exporter/presswarc.prom
"""
)
@click.argument("source", nargs=-1, metavar="[SOURCE]...")
@click.option("--all", "every", is_flag=True, help="Every run of the sources, the latest first.")
@click.option("--accept", is_flag=True, help="The SOURCEs are as they should be: compare from now on.")
@click.option(
    "--prometheus", metavar="FILE", type=click.Path(path_type=Path), help="Write Prometheus' text format."
)
@row_options()
@archive_options
def status(
    *,
    common: Common,
    source: tuple[str, ...],
    every: bool,
    accept: bool,
    prometheus: Path | None,
    output: Output,
) -> int:
    """Show how the sources stand, all that were run or have a schedule: exit code 1 if one needs a person."""
    from crawler.health.overview import overview
    from storage.layout import Layout

    layout = Layout(common.config().archive)
    now = datetime.now(UTC)
    if accept:
        _accept(common, layout, source, now)
    seen = overview(layout, now, source)
    if prometheus is not None:
        _write_prometheus(layout, prometheus, now)
    elif every:
        write_rows(_RUN_COLUMNS, _history(layout, seen), output)
    else:
        form = output.suitable()
        names = _TABLE_COLUMNS if form in {Form.TABLE, Form.MARKDOWN} else _COLUMNS
        write_rows(names, [_row(one, form, now) for one in seen.sources], output)
    if prometheus is None and output.suitable() is Form.TABLE:
        _tell(common, seen)
    if seen.fault is not None:
        common.note(f"{seen.fault}\n  try: {seen.fault.hint}")
    return int(seen.needs_a_person)


def _accept(common: Common, layout: Layout, sources: Sequence[str], now: datetime) -> None:
    """Take the sources as they are now for what they should be. Raises: UsageError."""
    from crawler.health.accept import accept_source

    if not sources:
        raise UsageError("--accept needs the SOURCEs that are as they should be", hint="presswarc status")
    for source in sources:
        closed = accept_source(layout, source, now)
        common.note(f"{source}: {len(closed) or 'no'} alarm{'' if len(closed) == 1 else 's'} closed")


def _write_prometheus(layout: Layout, path: Path, now: datetime) -> None:
    from crawler.health.prometheus import metrics, write_metrics

    if path == Path("-"):
        click.echo(metrics(layout, now), nl=False)
    else:
        write_metrics(layout, path, now)


def _row(one: SourceHealth, form: Form, now: datetime) -> tuple[object, ...]:
    """A source as a row."""
    run, quality = one.last, one.last.quality if one.last else None
    ended_at, next_at = run.finished_at if run else None, _next(one, now)
    alarms: object = [_alarm(alarm) for alarm in one.alarms]
    if form in {Form.TABLE, Form.MARKDOWN}:
        return (
            one.source,
            _state(one),
            _ago(ended_at, now),
            in_words(run.reason) if run else None,
            *((quality.new, quality.changed, quality.unchanged) if quality else (None, None, None)),
            _failed(run) if run else None,
            run.median_words if run else None,
            _ago(next_at, now),
            ", ".join(alarm.kind.value.replace("_", " ") for alarm in one.alarms) or None,
        )
    return (
        one.source,
        _state(one),
        ended_at,
        run.reason if run else None,
        *((quality.new, quality.changed, quality.unchanged) if quality else (None, None, None)),
        _failed(run) if run else None,
        run.median_words if run else None,
        next_at,
        alarms,
        quality.fallback_articles if quality else None,
    )


def _ago(moment: datetime | None, now: datetime) -> str | None:
    """How long ago something was, or how soon it will be.

    >>> now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    >>> _ago(datetime(2026, 11, 22, 11, 40, tzinfo=UTC), now), _ago(datetime(2026, 11, 25, tzinfo=UTC), now)
    ('20 min ago', 'in 2.5 days')
    """
    from crawler.health.silence import spelled

    if moment is None:
        return None
    apart = (now - moment).total_seconds()
    return f"{spelled(apart)} ago" if apart >= 0 else f"in {spelled(-apart)}"


def _state(one: SourceHealth) -> str:
    """What a person wants to know first."""
    if one.running_since is not None:
        return "running"
    if one.fault:
        return "bad seed"
    if one.last is None:
        return "never run"
    if one.alarms:
        return "alarm"
    return "ok" if one.last.exit_code == 0 else "incomplete"


def _next(one: SourceHealth, now: datetime) -> datetime | None:
    from crawler.health.overdue import due_after

    return due_after(one.seed, now) if one.seed is not None else None


def _alarm(alarm: Alarm) -> dict[str, object]:
    return {
        "kind": alarm.kind,
        "since": alarm.since,
        "seen": alarm.seen,
        "message": alarm.message,
        "advice": alarm.advice,
    }


def _failed(run: RunHealth) -> int:
    """Fetches that brought no answer, or an error, and pages that could not be rendered."""
    from crawler.health.fetches import unanswered, unrendered

    errors = sum(many for code, many in run.statuses.items() if int(code) >= _ERROR)
    return unanswered(run) + unrendered(run) + errors


def _history(layout: Layout, seen: Overview) -> Iterator[tuple[object, ...]]:
    """Every run of the sources that has a health row."""
    from crawler.health.runs import past_runs, run_ids
    from storage.warc.write import file_safe

    ids = run_ids(layout)
    for one in seen.sources:
        for run in past_runs(layout, ids.get(file_safe(one.source), [])):
            yield _run_row(run)


def _run_row(run: RunHealth) -> tuple[object, ...]:
    quality = run.quality
    read = quality.read_pages if quality else 0
    return (
        run.crawl_id,
        run.source,
        run.started_at,
        run.finished_at,
        round(run.duration_s, 1),
        run.exit_code,
        run.reason,
        *((quality.new, quality.changed, quality.unchanged, quality.duplicates) if quality else [None] * 4),
        sum(run.statuses.values()),
        _failed(run),
        run.received_bytes,
        quality.stored_bytes if quality else None,
        sum(run.pages.values()),
        read,
        run.median_words,
        *(
            round(many / read, 3) if quality and read else None
            for many in ((quality.with_title, quality.with_date, quality.with_author) if quality else [0] * 3)
        ),
        run.median_removed,
        sum(many for name, many in run.looks.items() if " " not in name),
        sum(many for name, many in run.looks.items() if " " in name),
        list(run.alarms),
    )


def _tell(common: Common, seen: Overview) -> None:
    """Bad seeds, what is had from fallbacks only, and each open alarm with what to do, for a person."""
    for one in seen.sources:
        if one.fault:
            common.note(f"{one.source}: {one.fault}\n  try: presswarc seeds check {one.source}")
        quality = one.last.quality if one.last else None
        if quality and quality.fallback_articles:
            number = quality.fallback_articles
            common.note(
                f"{one.source}: {number} article{'' if number == 1 else 's'} had from fallbacks only, for "
                "the site refuses the pages (the view `fallbacks` has them)"
            )
    for alarm in (*seen.alarms, *(alarm for one in seen.sources for alarm in one.alarms)):
        since = as_second(alarm.since)
        common.note(
            f"\n{alarm.source or 'archive'}: {alarm.kind.value.replace('_', ' ')} since {since}, "
            f"seen {alarm.seen} x\n  {alarm.message}\n  try: {alarm.advice}"
        )
