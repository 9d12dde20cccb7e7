"""`presswarc` as a user calls it: in a process of its own, without the settings of who runs the tests."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from storage.layout import Layout

START = (sys.executable, "-m", "crawler.cli")


def presswarc(
    *words: object, code: int = 0, env: Mapping[str, str] | None = None, **how: Any
) -> subprocess.CompletedProcess[str]:
    """What came of it; it must end with that code. `env` adds to the environment."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWARC_")}
    done = subprocess.run(
        [*START, *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
        env=kept | dict(env or {}),
        **({"timeout": 300} | how),
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done


def export(archive: Layout, *words: object, **how: Any) -> subprocess.CompletedProcess[str]:
    """What came of `presswarc export` of the archive."""
    return presswarc("export", "--archive", archive.root, *words, **how)


def told(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Lines on stderr."""
    return [line.strip() for line in done.stderr.splitlines()]
