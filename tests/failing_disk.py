"""A disk that fails where it is told to, below one folder: `failing_disk.c`, and how it is asked for."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_name("failing_disk.c")
Kind = Callable[[int], "Fault"]
LONG_S = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What fails: an error from change number `at` on, for `times` changes, 0 for all that follow."""

    at: int
    error: int = errno.ENOSPC
    times: int = 0
    half: bool = False
    kills: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What came of a command: exit code (negative for a signal), stderr, changes made, those that failed."""

    code: int
    told: str
    changes: int
    failed: tuple[str, ...]


class Disk:
    """Runs commands with changes below `folder` counted, and some failing."""

    def __init__(self, folder: Path, library: Path) -> None:
        """Count changes below `folder`."""
        self._folder, self._library = folder, library

    def run(self, words: Sequence[str], fault: Fault | None = None, *, within_s: float | None = None) -> Came:
        """`presswarc` with those words. Raises: subprocess.TimeoutExpired, once all of it is killed."""
        with tempfile.TemporaryDirectory() as notes:
            count, trace = Path(notes, "count"), Path(notes, "trace")
            count.write_bytes(bytes(8))
            asked = fault or Fault(at=0)
            names = {
                "LD_PRELOAD": self._library,
                "FAILING_UNDER": self._folder.resolve(),
                "FAILING_COUNT": count,
                "FAILING_TRACE": trace,
                "FAILING_FROM": asked.at,
                "FAILING_TIMES": asked.times,
                "FAILING_ERRNO": asked.error,
                "FAILING_SHORT": int(asked.half),
                "FAILING_KILL": int(asked.kills),
                "PRESSWARC_WORKERS": 1,
            }
            process = subprocess.Popen(
                [sys.executable, "-m", "crawler.cli", *words],
                cwd=self._folder,
                env={**os.environ, **{name: str(value) for name, value in names.items()}},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            try:
                _, told = process.communicate(timeout=within_s or LONG_S)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
                raise
            failed = trace.read_text().splitlines() if trace.exists() else []
            changes = int.from_bytes(count.read_bytes(), sys.byteorder)
        return Came(code=process.returncode, told=told, changes=changes, failed=tuple(failed))


def build_library(folder: Path) -> Path | None:
    """The failing disk, compiled; None where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    library = folder / "failing_disk.so"
    command = [compiler, "-O1", "-shared", "-fPIC", "-w", "-o", str(library), str(SOURCE), "-ldl"]
    return library if subprocess.run(command, check=False, capture_output=True).returncode == 0 else None


KINDS: dict[str, Kind] = {
    "full": lambda at: Fault(at=at),
    "half": lambda at: Fault(at=at, half=True),
    "quota": lambda at: Fault(at=at, error=errno.EDQUOT),
    "once": lambda at: Fault(at=at, times=1),
    "eio": lambda at: Fault(at=at, error=errno.EIO),
    "eio-once": lambda at: Fault(at=at, error=errno.EIO, times=1),
    "readonly": lambda at: Fault(at=at, error=errno.EROFS),
    "denied": lambda at: Fault(at=at, error=errno.EACCES),
    "kill": lambda at: Fault(at=at, kills=True),
}


def places(changes: list[str], *, every: int, offset: int, each_sort: bool) -> list[int]:
    """Numbers of the changes to let fail, the first is 1; of each sort its first and its last.

    >>> places(["write a", "write a", "write a", "fsync a"], every=1, offset=1, each_sort=True)
    [1, 3, 4]
    """
    if each_sort:
        firsts = {sort: number for number, sort in reversed(list(enumerate(changes, 1)))}
        lasts = {sort: number for number, sort in enumerate(changes, 1)}
        return sorted({*firsts.values(), *lasts.values()})
    return list(range(offset, len(changes) + 1, every))
