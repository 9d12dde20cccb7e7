"""The DuckDB releases at hand: the one of this Python, and those of the interpreters in DUCKDB_PYTHONS."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest


def told_by_each(program: str, *arguments: object, stdin: str = "") -> dict[str, str]:
    """What the program prints in each interpreter, this one first; a skip where no other is named."""
    named = [one for one in os.environ.get("DUCKDB_PYTHONS", "").split(":") if one]
    if not named:
        pytest.skip("DUCKDB_PYTHONS names no interpreters; .ci/duckdb-versions.sh makes them")
    told = {}
    for python in [sys.executable, *named]:
        command = [python, "-c", program, *map(str, arguments)]
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{python}: {done.stderr}"
        told[python] = done.stdout
    return told
