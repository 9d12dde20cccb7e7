"""All sources of an archive at a glance: the latest run of each, and what is wrong."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.health import overdue
from crawler.health.alarms import ARCHIVE, Alarm, folded
from crawler.health.measure import measured
from crawler.health.memory import Memory
from crawler.health.runs import REPORT_FILE, RunHealth, read_run, run_ids, started_at
from crawler.health.state import HealthState, read_state
from crawler.schedule.shelf import FOLDER
from crawler.seeds import load_seed, seed_names
from crawler.toml_keys import nearest
from storage.errors import IndexFaultError, SeedError, UsageError
from storage.query import open_published
from storage.warc.write import file_safe

if TYPE_CHECKING:
    from pathlib import Path

    from crawler.seed import Seed
    from storage.layout import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHealth:
    """A source: its latest run that is over, its past, its open alarms.

    `running_since` is None where it does not run now. `seed` is None where no seed of that name is at hand,
    or where its file has a `fault`, told in words.
    """

    source: str
    seed: Seed | None
    last: RunHealth | None
    memory: Memory
    alarms: tuple[Alarm, ...]
    running_since: datetime | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The sources that were ever run or that `presswarc schedule` would run here, by name.

    `alarms` are the archive's own. `fault` is why its published index, if there is one, can't be read.
    """

    sources: tuple[SourceHealth, ...]
    alarms: tuple[Alarm, ...]
    fault: IndexFaultError | None = None

    @property
    def needs_a_person(self) -> bool:
        """Whether an alarm is open, or a seed or the index can't be used."""
        return bool(self.alarms or self.fault) or any(one.alarms or one.fault for one in self.sources)


def overview(layout: Layout, now: datetime, wanted: Sequence[str] = ()) -> Overview:
    """How the sources stand, all or those wanted. Writes nothing. Raises: UsageError for an unknown one."""
    state = read_state(layout)
    ids = run_ids(layout)
    seeds, faults = _seeds()
    by_file_name = {file_safe(name): name for name in (*state.sources, *seeds, *faults)}
    names = {by_file_name.get(one, one) for one in ids} | {
        name for name, seed in seeds.items() if seed.schedule and _is_here(seed.path)
    }
    names |= faults.keys()
    for name in wanted:
        if name not in names and name not in seeds:
            raise UsageError(
                f"no source is called `{name}`{nearest(name, sorted(names))}",
                hint="`presswarc status` lists the sources that were run or have a schedule",
            )
    chosen = sorted(dict.fromkeys(wanted) if wanted else names)
    sources = tuple(
        replace(
            _source(layout, name, seeds.get(name), ids.get(file_safe(name), []), state, now),
            fault=faults.get(name, ""),
        )
        for name in chosen
    )
    own = tuple(one for one in state.open if one.source == ARCHIVE)
    return Overview(sources=sources, alarms=() if wanted else own, fault=_fault_of_index(layout))


def _fault_of_index(layout: Layout) -> IndexFaultError | None:
    """Why nobody can read the published index; None where somebody can, or nothing was published yet."""
    if not layout.index.exists():
        return None
    try:
        open_published(layout.root).close()
    except IndexFaultError as error:
        return error
    return None


def _source(
    layout: Layout, name: str, seed: Seed | None, ids: list[str], state: HealthState, now: datetime
) -> SourceHealth:
    """How one source stands."""
    memory = state.sources.get(name, Memory())
    running = ids[0] if ids and _is_running(layout, ids[0]) else None
    over = [one for one in ids if one != running]
    last = (read_run(layout.crawl(over[0])) or measured(layout, over[0], name, None)) if over else None
    alarms = [one for one in state.open if one.source == name]
    if seed is not None and ids:
        late = overdue.stale(seed, memory, started_at(ids[0]), now)
        alarms = list(folded(alarms, [late], source=name, crawl_id=ids[0], now=now).open)
    return SourceHealth(
        source=name,
        seed=seed,
        last=last,
        memory=memory,
        alarms=tuple(alarms),
        running_since=started_at(running) if running else None,
    )


def _seeds() -> tuple[dict[str, Seed], dict[str, str]]:
    """The seeds by the name of their source, and what is wrong with those in `./seeds` that can't be read."""
    found: dict[str, Seed] = {}
    faults: dict[str, str] = {}
    for name in seed_names():
        try:
            seed = load_seed(name)
            found[seed.name] = seed
        except SeedError as error:
            if _is_here(FOLDER / f"{name}.toml"):
                faults[name] = str(error)
    return found, faults


def _is_here(path: Path | None) -> bool:
    """Whether a seed's file is one of those that `presswarc schedule` runs in this folder."""
    return path is not None and path.resolve().parent == FOLDER.resolve() and path.exists()


def _is_running(layout: Layout, crawl_id: str) -> bool:
    """Whether a crawl has no report yet and the process that writes to the archive lives."""
    if (layout.crawl(crawl_id) / REPORT_FILE).exists():
        return False
    try:
        holder = int((layout.state / "lock").read_text(encoding="ascii"))
        os.kill(holder, 0)
    except PermissionError:  # it lives, and is another user's
        return True
    except (OSError, ValueError):
        return False
    return True
