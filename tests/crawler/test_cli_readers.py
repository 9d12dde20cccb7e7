"""Readers of the index while the real commands write it: never refused, never half an index."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from index_readers import readers

pytestmark = pytest.mark.long


def presswarc(*arguments: str) -> None:
    command = [sys.executable, "-m", "crawler.cli", *arguments]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWARC_")}
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False, env=kept)
    assert done.returncode in {0, 3}, done.stderr  # 3: a crawl that was told to stop early


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
