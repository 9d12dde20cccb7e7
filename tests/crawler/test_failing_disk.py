"""Commands whose disk fails, or that are killed, at a change to a file; `make faults` tries each change."""

from __future__ import annotations

import pytest
from disk_rounds import COMMANDS, Ground
from failing_disk import KINDS, build_library

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def ground(tmp_path_factory):
    """The site that is crawled, and the archives to begin with."""
    folder = tmp_path_factory.mktemp("ground")
    library = build_library(folder)
    if library is None:
        pytest.skip("no C compiler for Linux")
    made = Ground(folder / "g", library)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("name", "kind", "sort"),
    [
        ("crawl", "full", "pwrite /archive/state/index.duckdb"),
        ("crawl", "half", ".warc.gz.open"),
        ("crawl-on", "kill", "rename /archive/index.duckdb"),
        ("import", "kill", "rename /archive/warc/"),
        ("replay", "once", "pwrite /archive/state/index.anew.duckdb$"),
        ("sqlite", "full", "open /.out.sqlite"),
    ],
)
def test_a_command_ends_in_order_and_goes_on_where_the_disk_failed_it(ground, name, kind, sort):
    command = COMMANDS[name]
    changes = ground.changes(command, KINDS[kind])
    at = next(number for number, change in enumerate(changes, 1) if sort in f"{change}$")
    came, wrong = ground.round(command, KINDS[kind](at))
    assert wrong == [], came
    assert came.failed
