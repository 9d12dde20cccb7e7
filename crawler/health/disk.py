"""Whether the archive's disk has room for the runs to come."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import TYPE_CHECKING

from crawler.health.kinds import Kind, Verdict, verdict
from crawler.health.memory import Memory, weekly_bytes

if TYPE_CHECKING:
    from crawler.health.runs import RunHealth
    from storage.layout import Layout

OUT_OF_SPACE = "OutOfSpaceError"  # why a run ended
_GB = 1_000_000_000


def disk(layout: Layout, run: RunHealth, sources: Mapping[str, Memory]) -> Verdict:
    """Whether the run found no room, or room is short for a week's crawls and a new copy of the index."""
    signs = []
    if run.reason == OUT_OF_SPACE:
        signs.append(f"the run of {run.source} found no room")
    free, wanted = shutil.disk_usage(layout.root).free, wanted_bytes(layout, sources)
    if free < wanted:
        signs.append(
            f"{free / _GB:.1f} GB are free; a week's crawls and a new copy of the index may take "
            f"{wanted / _GB:.1f} GB"
        )
    return verdict(Kind.DISK, signs)


def wanted_bytes(layout: Layout, sources: Mapping[str, Memory]) -> float:
    """What the archive needs: what a usual week stores, and the index again, for publishing copies it."""
    index = layout.index.stat().st_size if layout.index.is_file() else 0
    return index + sum(weekly_bytes(memory) for memory in sources.values())
