"""Readers of the index while the real commands write it: never refused, never half an index."""

from __future__ import annotations

import pytest
from index_readers import readers
from running import presswarc

pytestmark = pytest.mark.long


def test_readers_are_not_refused_during_crawls_and_replays(tmp_path):
    archive = tmp_path / "archive"
    at = ("--archive", str(archive))
    presswarc("crawl", "demo", "--max-pages", "8", *at)
    with readers(archive / "index.duckdb", 2) as told:
        presswarc("crawl", "demo", "--max-pages", "12", *at)
        presswarc("replay", *at)
        presswarc("replay", "--source", "demo", *at)
    assert [one["faults"] for one in told] == [[], []]
    assert all(one["grew"] for one in told)
    assert all(one["reads"] > 5 for one in told)
