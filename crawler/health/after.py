"""What follows a run of a source: its health row, its alarms, and who is told of them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from crawler.health import overdue
from crawler.health.alarms import ARCHIVE, folded
from crawler.health.compare import State
from crawler.health.disk import disk
from crawler.health.judging import verdicts_on
from crawler.health.measure import measured
from crawler.health.memory import Memory, remembered
from crawler.health.runs import RunHealth, past_runs, read_run, run_ids, started_at, write_run
from crawler.health.state import HealthState, held, read_state, write_state
from crawler.seeds import load_seed, seed_names
from storage.errors import PresswarcError, SeedError
from storage.query import open_current
from storage.warc.write import file_safe

if TYPE_CHECKING:
    from crawler.config import Config
    from crawler.health.kinds import Verdict
    from crawler.report import Report
    from crawler.seed import Seed
    from storage.layout import Layout

log = logging.getLogger(__name__)
_WITH_PAGES, _AT_MOST = 40, 500  # runs looked back at: enough of them with pages
_SETTLED = 60  # runs without a health row that one run makes up for


def utc_now() -> datetime:
    """The time now."""
    return datetime.now(UTC)


def after_run(
    layout: Layout,
    seed: Seed,
    report: Report,
    clock: Callable[[], datetime] = utc_now,
    *,
    config: Config | None = None,
) -> None:
    """Keep the health of a run that is over and indexed, raise and close alarms, tell of them.

    Takes a fraction of a second and any thread. It never fails a crawl: what goes wrong is logged.
    """
    try:
        with held(layout), _index(layout) as index:
            now = clock()
            run = _measured(layout, seed, report, index, now)
            state = _judged(layout, seed, run, now)
            write_state(layout, state)
        if config is not None:
            tell(layout, config)
    except (PresswarcError, OSError, duckdb.Error, ValueError) as error:
        log.warning("the health of %s is not kept: %s", report.crawl_id, error)


def tell(layout: Layout, config: Config) -> None:
    """Write the file for Prometheus and call the webhook, where they are set. Raises: as those do."""
    if config.health_file:
        from crawler.health.prometheus import write_metrics

        write_metrics(layout, Path(config.health_file))
    if config.health_webhook:
        from crawler.health.webhook import tell_untold

        tell_untold(layout, config.health_webhook, private=config.health_webhook_private)


def _measured(
    layout: Layout, seed: Seed, report: Report, index: duckdb.DuckDBPyConnection | None, now: datetime
) -> RunHealth:
    """The run's health; runs before it that have none, or that were not indexed then, get theirs."""
    ids = run_ids(layout).get(file_safe(seed.name), [])
    before = ids[ids.index(report.crawl_id) + 1 :] if report.crawl_id in ids else ids
    for crawl_id in reversed(before[:_SETTLED]):
        kept = read_run(layout.crawl(crawl_id))
        if kept is None or (kept.quality is None and kept.pages):
            late = measured(layout, crawl_id, seed.name, index)
            write_run(layout, replace(late, alarms=kept.alarms if kept else ()))
    run = measured(layout, report.crawl_id, seed.name, index)
    return replace(run, exit_code=report.exit_code(), reason=report.reason, finished_at=now)


def _judged(layout: Layout, seed: Seed, run: RunHealth, now: datetime) -> HealthState:
    """The state after the run: what it gives cause for, and what of the others is overdue."""
    state = read_state(layout)
    memory = _caught_up(layout, seed.name, run, state.sources.get(seed.name, Memory()))
    newest_first = [run, *_history(layout, run, memory.accepted_at)]
    verdicts = verdicts_on(newest_first, memory, seed, now)
    bad = tuple(one.kind.value for one in verdicts if one.state is State.BAD)
    write_run(layout, replace(run, alarms=bad))
    state = state.with_memory(seed.name, memory)
    state = _folded(state, verdicts, seed.name, run.crawl_id, now)
    state = _folded(state, [disk(layout, run, state.sources)], ARCHIVE, run.crawl_id, now)
    return _others(layout, state, seed.name, now)


def _folded(
    state: HealthState, verdicts: list[Verdict], source: str, crawl_id: str, now: datetime
) -> HealthState:
    """The state after the verdicts; what changed is logged."""
    change = folded(state.open, verdicts, source=source, crawl_id=crawl_id, now=now)
    for alarm in change.raised:
        log.warning("alarm: %s: %s: %s", source or "archive", alarm.kind.value, alarm.message)
    for alarm in change.closed:
        log.info("alarm over: %s: %s", source or "archive", alarm.kind.value)
    return state.after(change)


def _others(layout: Layout, state: HealthState, source: str, now: datetime) -> HealthState:
    """The state with what is overdue of the other sources that were ever run."""
    ids = run_ids(layout)
    for name in seed_names():
        try:
            seed = load_seed(name)
        except SeedError:
            continue  # whoever runs it is told
        mine = ids.get(file_safe(seed.name), [])
        if seed.name == source or not mine:
            continue
        memory = state.sources.get(seed.name, Memory())
        verdict = overdue.stale(seed, memory, started_at(mine[0]), now)
        state = _folded(state, [verdict], seed.name, mine[0], now)
    return state


def _caught_up(layout: Layout, source: str, run: RunHealth, memory: Memory) -> Memory:
    """The memory with the run, and with those before it that it does not know."""
    ids = run_ids(layout).get(file_safe(source), [])
    known = memory.started_at
    unknown = list(takewhile(lambda one: known is None or started_at(one) > known, ids))
    for past in past_runs(layout, [one for one in reversed(unknown) if one != run.crawl_id]):
        if past.started_at < run.started_at:
            memory = remembered(memory, past)
    if memory.started_at is not None and run.started_at <= memory.started_at:
        return memory
    return remembered(memory, run)


def _history(layout: Layout, run: RunHealth, accepted_at: datetime | None) -> Iterator[RunHealth]:
    """Runs of the source before this one, newest first: as many as it takes to compare with."""
    ids = run_ids(layout).get(file_safe(run.source), [])
    before = ids[ids.index(run.crawl_id) + 1 :] if run.crawl_id in ids else ids
    with_pages = 0
    for past in past_runs(layout, before[:_AT_MOST]):
        if accepted_at is not None and past.started_at < accepted_at:
            return
        yield past
        with_pages += bool(past.quality and past.quality.read_pages and not past.alarms)
        if with_pages >= _WITH_PAGES:
            return


@contextmanager
def _index(layout: Layout) -> Iterator[duckdb.DuckDBPyConnection | None]:
    """The published index, None where there is none to be read."""
    try:
        connection = open_current(layout.root)
    except PresswarcError as error:
        log.info("the index tells nothing of the run: %s", error.message)
        yield None
        return
    with connection:
        yield connection
