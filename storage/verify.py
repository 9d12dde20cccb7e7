"""Whether an archive is sound: WARC digests hold, the CDXJ and the index agree with the files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from storage.cdxj import place_of, read_lines
from storage.errors import IndexFaultError
from storage.layout import Layout
from storage.model import Damage, Record
from storage.query import open_published, run_sql
from storage.warc import read_records
from storage.warc.digests import holds
from storage.warc.http import payload_of, split_head
from storage.warc.write import OPEN_SUFFIX

CAPTURES = frozenset({"response", "revisit"})
Place = tuple[str, int]
Captured = tuple[str, str]  # record id and URL
_REBUILD = "presswarc replay rebuilds the index and the CDXJ from the WARC files"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that is not as it must be: where, what, and what to do."""

    where: str
    problem: str
    remedy: str


@dataclass(slots=True, kw_only=True)
class Checked:
    """What was looked at."""

    files: int = 0
    records: int = 0
    digests: int = 0
    cdxj_lines: int = 0
    indexed: int = 0


def verify(layout: Layout, checked: Checked) -> Iterator[Finding]:
    """Every finding of an archive; `checked` counts what was looked at. Changes nothing."""
    places: dict[Place, Captured] = {}
    for path in layout.warc_files():
        checked.files += 1
        yield from _warc(path, layout.warc_name(path), places, checked)
    for path in sorted(layout.warc.glob(f"**/*{OPEN_SUFFIX}")):
        remedy = "if no crawl is running, the next crawl or replay salvages it"
        yield Finding(where=layout.warc_name(path), problem="the file was left open", remedy=remedy)
    for path in sorted(layout.warc.glob("**/*.torn")):
        remedy = "look at it, then remove it: it is the torn end of a file whose writer was killed"
        yield Finding(
            where=layout.warc_name(path), problem="bytes of a torn record were set aside", remedy=remedy
        )
    yield from _cdxj(layout, places, checked)
    yield from _index(layout, places, checked)


def _warc(path: Path, name: str, places: dict[Place, Captured], checked: Checked) -> Iterator[Finding]:
    """Findings of one file; its captures are added to `places`."""
    for item in read_records(path):
        if isinstance(item, Damage):
            remedy = "the other records can be read; keep a copy of the file before mending it"
            problem = f"{item.length} bytes give no sound record: {item.reason}"
            yield Finding(where=f"{name}:{item.offset}", problem=problem, remedy=remedy)
            continue
        checked.records += 1
        if item.record_type in CAPTURES and item.target_uri:
            places[name, item.offset] = item.record_id, item.target_uri
        yield from _digests(item, name, checked)


def _digests(record: Record, name: str, checked: Checked) -> Iterator[Finding]:
    """Findings on the digests of a record whose block digest, if it has one, holds."""
    where = f"{name}:{record.offset}"
    if "WARC-Block-Digest" in record.headers:
        checked.digests += 1
    labelled = record.headers.get("WARC-Payload-Digest")
    if labelled is None or record.record_type != "response":
        return
    checked.digests += 1
    if holds(labelled, payload_of(record.block)) is False and not holds(
        labelled, split_head(record.block)[1]
    ):
        problem = f"the payload digest of {record.record_id} holds in neither reading, with or without chunks"
        yield Finding(where=where, problem=problem, remedy="do not rely on this capture")


def _cdxj(layout: Layout, places: dict[Place, Captured], checked: Checked) -> Iterator[Finding]:
    """Findings of the CDXJ: order, lines that point nowhere, captures without a line."""
    last = b""
    pointed: set[Place] = set()
    for number, line in enumerate(read_lines(layout.cdxj), start=1):
        checked.cdxj_lines += 1
        where = f"{layout.cdxj.name}:{number}"
        if line < last:
            yield Finding(where=where, problem="the line is out of order", remedy=_REBUILD)
        last = line
        try:
            place = place_of(line)
        except (ValueError, KeyError, IndexError):
            yield Finding(where=where, problem="not a CDXJ line", remedy=_REBUILD)
            continue
        pointed.add(place)
        if place not in places:
            yield Finding(where=where, problem=f"no capture at {place[0]}:{place[1]}", remedy=_REBUILD)
    for place in sorted(places.keys() - pointed):
        yield Finding(where=f"{place[0]}:{place[1]}", problem="the capture has no CDXJ line", remedy=_REBUILD)


def _index(layout: Layout, places: dict[Place, Captured], checked: Checked) -> Iterator[Finding]:
    """Findings of the published index against the captures in the WARC files.

    A record that lies in several files is in the index once.
    """
    try:
        with open_published(layout.root) as connection:
            sql = "SELECT warc_file, warc_offset, url, record_id FROM captures"
            result = run_sql(connection, sql, None, 600.0)
    except IndexFaultError as error:
        if places or layout.index.exists():
            yield Finding(where=layout.index.name, problem=error.message, remedy=_REBUILD)
        return
    indexed: dict[Place, str] = {(str(row[0]), int(str(row[1]))): str(row[2]) for row in result.rows}
    checked.indexed = len(indexed)
    for place in sorted(indexed.keys() - places.keys()):
        problem = f"the index has a capture at {place[0]}:{place[1]} that the file has not"
        yield Finding(where=layout.index.name, problem=problem, remedy=_REBUILD)
    known = {str(row[3]) for row in result.rows}
    for place in sorted(place for place in places.keys() - indexed.keys() if places[place][0] not in known):
        yield Finding(
            where=f"{place[0]}:{place[1]}", problem="the capture is not in the index", remedy=_REBUILD
        )
    for place in sorted(indexed.keys() & places.keys()):
        if indexed[place] == places[place][1]:
            continue
        problem = f"the index says {indexed[place]}, the file {places[place][1]}"
        yield Finding(where=f"{place[0]}:{place[1]}", problem=problem, remedy=_REBUILD)
