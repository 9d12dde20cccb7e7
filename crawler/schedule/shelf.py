"""The scheduled seeds, read again whenever their files change: a service sees them come, change and go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from crawler.seeds import load_seed, read_seed
from storage.errors import PresswarcError, SeedError, UsageError

if TYPE_CHECKING:
    from crawler.seeds import Seed

FOLDER = Path("seeds")
_Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A seed file: its seed, or why it can't be used."""

    name: str
    seed: Seed | None = None
    fault: PresswarcError | None = None


class Shelf:
    """The seeds that are named, or else those in a folder, as far as they have a schedule."""

    def __init__(self, names: Sequence[str] = (), folder: Path = FOLDER) -> None:
        """Look the named seeds up, first in the folder.

        Raises: SeedError; UsageError for one without a schedule or a file, and where there is no folder.
        """
        if folder != FOLDER and not folder.is_dir():
            raise UsageError(f"there is no folder {folder}", hint="name the folder of the seeds' files")
        self._folder = folder
        self._named = [_path_of(name, folder) for name in dict.fromkeys(names)]
        self._read: dict[Path, tuple[_Stamp, Entry]] = {}

    def entries(self) -> list[Entry]:
        """The scheduled seeds, and the files with faults: also the second of two seeds with one name."""
        paths = self._named or sorted(self._folder.glob("*.toml"))
        found: dict[str, Entry] = {}
        faults: list[Entry] = []
        for entry in map(self._entry, paths):
            if entry.seed is None:
                faults.append(entry)
            elif entry.seed.name in found:
                fault = SeedError(f"another seed is called `{entry.name}`", where=str(entry.seed.path))
                faults.append(Entry(name=entry.name, fault=fault))
            elif entry.seed.schedule is not None:
                found[entry.seed.name] = entry
        return [*found.values(), *faults]

    def _entry(self, path: Path) -> Entry:
        """The seed in a file, read again only if the file is another."""
        try:
            status = path.stat()
        except OSError as error:
            fault = SeedError(f"the seed file can't be read: {error.strerror}", where=str(path))
            return Entry(name=path.stem, fault=fault)
        stamp = (status.st_mtime_ns, status.st_size)
        known = self._read.get(path)
        if known is None or known[0] != stamp:
            known = self._read[path] = (stamp, _read(path))
        return known[1]


def _read(path: Path) -> Entry:
    """The seed in a file."""
    try:
        seed = read_seed(path)
    except PresswarcError as error:
        return Entry(name=path.stem, fault=error)
    return Entry(name=seed.name, seed=seed)


def _path_of(name: str, folder: Path) -> Path:
    """The file of a seed that is named."""
    own = folder / f"{name}.toml"
    seed = read_seed(own) if "/" not in name and own.is_file() else load_seed(name)
    if seed.path is None or seed.schedule is None:
        raise UsageError(
            f"the seed `{name}` has no schedule",
            hint='say in its file when it is due: schedule = "17 * * * *"',
            where=str(seed.path or name),
        )
    return seed.path
