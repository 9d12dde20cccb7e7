"""Where each thing lies in an archive directory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


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

    def crawl(self, crawl_id: str) -> Path:
        """Folder of one crawl's log and report."""
        return self.root / "crawls" / crawl_id

    def warc_files(self) -> list[Path]:
        """Every finished WARC file, oldest name first in each month."""
        found = (path for path in self.warc.glob("**/*.warc*") if path.suffix in {".gz", ".warc"})
        return sorted(path for path in found if path.is_file())

    def warc_name(self, path: Path) -> str:
        """Name of a WARC file as the index and the CDXJ write it: relative to `warc/`, forward slashes.

        >>> Layout(Path("a")).warc_name(Path("a/warc/2026/11/x.warc.gz"))
        '2026/11/x.warc.gz'
        """
        return path.relative_to(self.warc).as_posix()
