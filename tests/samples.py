"""The sample sites' archives, made once for all tests that ask, whichever process they run in.

A crawl of the sample sites takes some ten seconds. Each module gets a copy, and may write to it.
"""

from __future__ import annotations

import fcntl
import shutil
from dataclasses import dataclass
from pathlib import Path

from running import presswarc

NAME = "demo-archive"  # as README has it: the output names it


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An archive, and what `presswarc demo` printed when it was made."""

    archive: Path
    output: str

    def copied_to(self, archive: Path) -> Path:
        """A copy of the archive, of which the parent folder may lack."""
        shutil.copytree(self.archive, archive)
        return archive


def sample(folder: Path, crawls: int) -> Sample:
    """The archive after so many crawls, made in `folder` where it is not there yet."""
    folder.mkdir(exist_ok=True)
    made = folder / f"after-{crawls}"
    output = made / "output.txt"
    with (folder / f"{crawls}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not output.exists():
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            if crawls > 1:
                sample(folder, crawls - 1).copied_to(made / NAME)
            output.write_text(presswarc("demo", "--archive", NAME, cwd=made).stdout)
    return Sample(archive=made / NAME, output=output.read_text())
