"""Where each thing lies in an archive directory."""

from __future__ import annotations

import errno
import re
from dataclasses import dataclass
from pathlib import Path

WARC_ENDINGS = tuple(f".{kind}{packing}" for kind in ("warc", "arc") for packing in ("", ".gz", ".zst"))
_NAME = re.compile(
    r"\d{4}/\d\d/(?P<stem>(?P<source>[^/]+?)-\d{14}-\d{5}-[^/]+?)\.(?:warc|arc)(?:\.gz|\.zst)?"
)


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of one archive; asking for a path creates nothing."""

    root: Path

    @property
    def warc(self) -> Path:
        """Folder of the WARC files, `YYYY/MM/` below it."""
        return self.root / "warc"

    @property
    def cdxj(self) -> Path:
        """The sorted CDXJ index of every capture."""
        return self.root / "cdx" / "index.cdxj"

    @property
    def index(self) -> Path:
        """The published DuckDB file."""
        return self.root / "index.duckdb"

    @property
    def state(self) -> Path:
        """The writer's own database, the frontier, locks."""
        return self.root / "state"

    @property
    def frontier(self) -> Path:
        """What the crawler remembers of each URL (SQLite)."""
        return self.state / "frontier.sqlite"

    @property
    def hosts(self) -> Path:
        """What the crawler remembers of hosts: robots.txt, pauses (SQLite)."""
        return self.state / "hosts.sqlite"

    def crawl(self, crawl_id: str) -> Path:
        """Folder of one crawl's log and report."""
        return self.root / "crawls" / crawl_id

    def warc_files(self) -> list[Path]:
        """Every finished WARC or ARC file, oldest name first in each month."""
        found = (path for path in self.warc.glob("**/*arc*") if path.name.endswith(WARC_ENDINGS))
        return sorted(path for path in found if path.is_file())

    def warc_file(self, name: str) -> Path:
        """Place of the WARC file that an index or a CDXJ line calls so, whether it is there or not.

        `warc/` may be a link; no link below it and no name leads out of it, for others may have written
        both. Raises: FileNotFoundError.
        """
        path = self.warc / name
        try:
            inside = path.resolve().is_relative_to(self.warc.resolve())
        except (OSError, RuntimeError, ValueError):  # a loop of links, a NUL
            inside = False
        if not inside or not name:
            raise FileNotFoundError(errno.ENOENT, "it is no file of this archive", name)
        return path

    def has_warc_file(self, name: str) -> bool:
        """Whether the archive itself has a WARC file of that name."""
        try:
            return self.warc_file(name).is_file()
        except OSError:
            return False

    def warc_name(self, path: Path) -> str:
        """Name of a WARC file as the index and the CDXJ write it: relative to `warc/`, forward slashes.

        >>> Layout(Path("a")).warc_name(Path("a/warc/2026/11/x.warc.gz"))
        '2026/11/x.warc.gz'
        """
        return path.relative_to(self.warc).as_posix()


def imported_source(warc_file: str) -> str | None:
    """Source in the name that an import gave a file, None for any other name.

    Files of our crawls have such names too, and say in their warcinfo record whose they are.

    >>> imported_source("2016/02/old-paper-20160214050221-00001-host.arc.gz"), imported_source("x.warc.gz")
    ('old-paper', None)
    """
    found = _NAME.fullmatch(warc_file)
    return found.group("source") if found else None


def imported_crawl_id(warc_file: str) -> str:
    """Crawl id of the captures in a file that others made: each such file is a crawl.

    >>> imported_crawl_id("2016/02/old-paper-20160214050221-00001-host.arc.gz")
    'import-old-paper-20160214050221-00001-host'
    """
    found = _NAME.fullmatch(warc_file)
    return f"import-{found.group('stem') if found else warc_file}"
