"""What may be wrong with an archive that was worked on: torn files, lost pages, an index unlike a replay."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from storage.layout import Layout
from storage.model import Record
from storage.query import open_published, run_sql
from storage.verify import Checked, verify, verify_files
from storage.warc import read_records

NUMBERS = re.compile(r"\d[\dTZ]*")
_KEPT = (".torn", "/unnoted", "-wal", "-shm", "state/index.duckdb.wal")
_TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"


def torn(folder: Path) -> Iterator[str]:
    """Damage in finished WARC files."""
    files = list(folder.glob("*/warc/**/*.warc.gz"))
    for finding in verify_files(files, Checked()):
        yield f"torn: {finding}"


def records(folder: Path) -> set[str]:
    """Ids of all whole records in the WARC files, finished or not."""
    files = (path for path in folder.glob("*/warc/**/*.warc.gz*") if not path.name.endswith(".torn"))
    return {one.record_id for path in files for one in read_records(path) if isinstance(one, Record)}


def lacking(folder: Path, index: str, stories: Sequence[str]) -> Iterator[str]:
    """Pages that are not in the archive and its index, and where those disagree."""
    if index == "archive":
        yield from (f"verify: {finding}" for finding in verify(Layout(folder / "archive"), Checked()))
    with open_published(folder / index) as opened:
        rows = run_sql(opened, "SELECT url FROM articles", None, 60.0).rows
        found = sorted(str(url).partition("/2026")[2] for (url,) in rows if "/2026/" in str(url))
    if found != sorted(path.removeprefix("/2026") for path in stories):
        yield f"articles: {found}"


def unlike(first: Path, second: Path) -> Iterator[str]:
    """Tables whose rows differ in two published indexes."""
    rows: list[dict[str, list[str]]] = []
    for archive in (first, second):
        with open_published(archive) as index:
            tables = [str(one) for (one,) in run_sql(index, _TABLES, None, 60.0).rows]
            rows.append(
                {one: sorted(map(repr, run_sql(index, f"FROM {one}", None, 60.0).rows)) for one in tables}
            )
    yield from (f"not as replayed: {one}" for one in rows[0] if rows[0][one] != rows[1].get(one))


def names(folder: Path) -> set[str]:
    """Names of what lies below a folder, without their numbers, and without what is kept on purpose.

    That is the torn end of a file, the list of files that their sources' next crawls are to know of, and what
    SQLite and DuckDB take in when they open the database beside it.
    """
    paths = (str(one.relative_to(folder)) for one in folder.rglob("*"))
    return {NUMBERS.sub("#", path) for path in paths if not path.endswith(_KEPT)}
