"""Lines put into the CDXJ, which is replaced whole: a reader sees the old one or the new one."""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from heapq import merge
from itertools import groupby
from pathlib import Path
from typing import BinaryIO

from storage.cdxj import place_in, read_lines
from storage.warc.write import sync_folder

RUN_LINES = 100_000  # some 30 MB; a replay may bring millions of lines


class NewLines:
    """Lines on their way into the CDXJ at `path`; of many, all but the last are sorted runs on disk.

    The runs have no name: whatever ends the process, nothing is left of them.
    """

    def __init__(self, path: Path, run_lines: int = RUN_LINES) -> None:
        """Nothing is written before `run_lines` lines came."""
        self._path = path
        self._run_lines = run_lines
        self._lines: list[str] = []
        self._open = ExitStack()
        self._runs: list[BinaryIO] = []

    def __bool__(self) -> bool:
        """Whether there are lines."""
        return bool(self._lines or self._runs)

    def add(self, line: str) -> None:
        """Take a line, without its line end."""
        self._lines.append(line)
        if len(self._lines) >= self._run_lines:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            file = tempfile.TemporaryFile(dir=self._path.parent)  # noqa: SIM115 (the stack closes it)
            run = self._open.enter_context(file)
            run.writelines(self._sorted())
            self._runs.append(run)

    def write(self, *, anew: bool = False) -> None:
        """Merge them into the file; `anew` drops the lines that it has."""
        fresh = self._sorted()
        if not self._runs:
            _replace(self._path, lambda out: _write_with_old(self._path, fresh, out, anew=anew))
            return
        for run in self._runs:
            run.seek(0)
        old = () if anew else (read_lines(self._path),)
        _replace(self._path, lambda out: out.writelines(_merged(*self._runs, fresh, *old)))
        self._open.close()
        self._runs = []

    def _sorted(self) -> list[bytes]:
        """The lines held, each once, in order; none is held any more."""
        lines, self._lines = self._lines, []
        return sorted({line.encode("ascii") + b"\n" for line in lines})


def _replace(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Put in the place of the file at `path` what `write` writes."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.tmp")
    with temporary.open("wb") as out:
        write(out)
        out.flush()
        os.fsync(out.fileno())
    temporary.replace(path)
    sync_folder(path.parent)


def _merged(*sources: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of sorted sources in order, each once."""
    return (line for line, _ in groupby(merge(*sources)))


def _write_with_old(path: Path, fresh: Sequence[bytes], out: BinaryIO, *, anew: bool) -> None:
    """Write the lines of a file with others, given in order, at their places among them.

    Some lines for a file of millions cost little more than its copy.
    """
    if anew or not path.exists():
        out.writelines(fresh)
        return
    with path.open("rb") as file:
        whole = os.fstat(file.fileno()).st_size and mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if not whole or whole[-1:] != b"\n" or whole.find(b"\r") >= 0:  # written by hand
            out.writelines(_merged(read_lines(path), fresh))
            return
        with whole, memoryview(whole) as old:
            written = 0
            for line in fresh:
                place = place_in(whole, line, written)
                out.write(old[written:place])
                written = place
                if old[place : place + len(line)] != line:
                    out.write(line)
            out.write(old[written:])
