"""Whether an archive is sound: WARC digests hold, the CDXJ and the index agree with the files.

Also whether WARC and ARC files that others made are. A payload digest that holds in another reading than the
standard's is noted, not faulted: wget and warcio hash a chunked body as it went over the wire.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from pathlib import Path

import duckdb

from storage.cdxj import parse_line, read_lines
from storage.errors import IndexFaultError
from storage.findings import Checked, Finding, Kind
from storage.layout import WARC_ENDINGS, Layout
from storage.ledger import Ledger
from storage.model import Damage, Record
from storage.postquery import with_method
from storage.query import open_published
from storage.urls import surt_key
from storage.warc import read_records
from storage.warc.checks import BLOCK_DIGEST, payload_label, payload_reading
from storage.warc.digests import holds
from storage.warc.http import headers_of, http_head, mime_of, status_of
from storage.warc.read import warc_datetime
from storage.warc.repair import MENDED_SUFFIX
from storage.warc.write import OPEN_SUFFIX

__all__ = ["Checked", "Finding", "Kind", "verify", "verify_files"]

_REBUILD = "presswarc replay rebuilds the index and the CDXJ from the WARC files"
_MEND = (
    "presswarc verify --repair writes a mended copy beside the file; the other records can be read as it is"
)
HTTP_TYPES = frozenset({"response", "request"})
READINGS = {
    "raw": "body as it went over the wire, chunks and all,",
    "decoded": "body without its content coding",
    "block": "whole block",
}
_TORN_SUFFIX = ".torn"
_INDEX_BATCH = 10_000


def verify(layout: Layout, checked: Checked) -> Iterator[Finding]:
    """Every finding of an archive; `checked` counts what was looked at. Changes nothing."""
    with Ledger() as ledger:
        for path in layout.warc_files():
            yield from _file(path, layout.warc_name(path), ledger, checked)
        yield from _other_files(layout)
        yield from _read_cdxj(layout, ledger, checked)
        has_index = yield from _read_index(layout, ledger, checked)
        ledger.settle()
        yield from _references(ledger, whole=True)
        yield from _cdxj(layout, ledger)
        if has_index:
            yield from _index(layout, ledger)


def verify_files(paths: list[Path], checked: Checked) -> Iterator[Finding]:
    """Every finding of WARC and ARC files by themselves; they may be a part of what they refer to."""
    with Ledger() as ledger:
        for path in paths:
            yield from _file(path, str(path), ledger, checked)
        ledger.settle()
        yield from _references(ledger, whole=False)


def _file(path: Path, name: str, ledger: Ledger, checked: Checked) -> Iterator[Finding]:
    """Findings of one file; what it holds goes into the ledger."""
    checked.files += 1
    ledger.add("file", (name,))
    before: Record | None = None
    for item in read_records(path):
        if isinstance(item, Damage):
            yield _damage(item, before, name)
            continue
        before = item
        checked.records += 1
        headers, head = item.headers, http_head(item)
        ledger.add(
            "record",
            (
                name,
                item.offset,
                item.length,
                item.record_id,
                item.record_type,
                item.target_uri or "",
                item.captured_at.strftime("%Y%m%d%H%M%S"),
                headers.get("WARC-Payload-Digest", ""),
                headers.get("WARC-Concurrent-To", "").strip("<>"),
                headers.get("WARC-Refers-To", "").strip("<>"),
                headers.get("WARC-Refers-To-Target-URI", "").strip("<>"),
                _second(headers.get("WARC-Refers-To-Date", "")),
                str(status_of(head) or ""),
                mime_of(item, headers_of(head)),
            ),
        )
        yield from _digests(item, name, checked)


def _second(date: str) -> str:
    """A WARC date as a CDXJ line has it."""
    moment = warc_datetime(date)
    return moment.strftime("%Y%m%d%H%M%S") if moment else ""


def _damage(damage: Damage, before: Record | None, name: str) -> Finding:
    """What the reader told, as a finding."""
    where = f"{name}:{damage.offset}"
    if before is not None and damage.offset == before.offset and damage.reason.endswith("in no reading"):
        remedy = "the bytes are as they were written: whoever wrote them told another digest"
        return Finding(kind=Kind.PAYLOAD_DIGEST, file=name, where=where, problem=damage.reason, remedy=remedy)
    problem = f"{damage.length} bytes give no sound record: {damage.reason}"
    return Finding(kind=Kind.DAMAGE, file=name, where=where, problem=problem, remedy=_MEND)


def _digests(record: Record, name: str, checked: Checked) -> Iterator[Finding]:
    """Notes on the digests of a record that the reader took."""
    where = f"{name}:{record.offset}"
    block_label = record.headers.get(BLOCK_DIGEST)
    label = payload_label(record.headers, record.record_type)
    checked.digests += (block_label is not None) + (label is not None)
    remedy = "nothing: it can't be checked here"
    if block_label is not None and holds(block_label, b"") is None:
        problem = f"the block digest {block_label} can't be understood"
        yield Finding(kind=Kind.UNCHECKED, file=name, where=where, problem=problem, remedy=remedy, note=True)
    if label is None or record.omitted_bytes:
        return
    reading = payload_reading(label, record.record_type, record.block)
    if reading is None:
        problem = f"the payload digest {label} can't be understood"
        yield Finding(kind=Kind.UNCHECKED, file=name, where=where, problem=problem, remedy=remedy, note=True)
    elif reading not in {"entity", ""} and not (reading == "block" and record.record_type not in HTTP_TYPES):
        problem = f"the payload digest holds for the {READINGS[reading]} only"
        yield Finding(kind=Kind.READING, file=name, where=where, problem=problem, remedy="nothing", note=True)


def _other_files(layout: Layout) -> Iterator[Finding]:
    """Findings on files below `warc/` that are no finished WARC files."""
    for path in sorted(layout.warc.glob("**/*")):
        if path.name.endswith((*WARC_ENDINGS, MENDED_SUFFIX)) or not path.is_file():
            continue
        name = layout.warc_name(path)
        if path.name.endswith(OPEN_SUFFIX):
            kind, problem = Kind.LEFT_OPEN, "the file was left open"
            remedy = "if no crawl is running, the next crawl or replay salvages it"
        elif path.name.endswith(_TORN_SUFFIX):
            kind, problem = Kind.TORN, "bytes of a torn record were set aside"
            remedy = "look at it, then remove it: it is the torn end of a file whose writer was killed"
        else:
            kind, problem = Kind.STRAY, "no WARC file by its name: nothing reads it"
            remedy = "presswarc import brings in WARC, ARC and WACZ files; move anything else elsewhere"
        yield Finding(kind=kind, file=name, where=name, problem=problem, remedy=remedy)


def _references(ledger: Ledger, *, whole: bool) -> Iterator[Finding]:
    """Findings on what records say of one another; in a part of an archive they are notes."""
    for record_id, count, name, offset, differ in ledger.repeated_ids():
        problem = f"{count} {'different ' if differ == '1' else ''}records have the id {record_id}"
        remedy = (
            "look at them: an id must be one record's" if differ == "1" else "nothing: copies of one record"
        )
        yield Finding(
            kind=Kind.REPEATED_ID,
            file=name,
            where=f"{name}:{offset}",
            problem=problem,
            remedy=remedy,
            note=differ != "1",
        )
    for name, offset, record_type, other in ledger.lone_parts():
        yield Finding(
            kind=Kind.LONE_PART,
            file=name,
            where=f"{name}:{offset}",
            problem=f"the {record_type} is concurrent to {other}, which is not here",
            remedy="look for the file it is in; if it was lost to damage, it stays so",
            note=not whole,
        )
    for name, offset, url, second in ledger.lone_revisits():
        first = f"{url} of {second}" if url else "a capture that it does not name"
        yield Finding(
            kind=Kind.LONE_REVISIT,
            file=name,
            where=f"{name}:{offset}",
            problem=f"the revisit refers to {first}, which is not here",
            remedy="presswarc import the file that has it; until then the page has no content",
            note=not whole,
        )


def _read_cdxj(layout: Layout, ledger: Ledger, checked: Checked) -> Iterator[Finding]:
    """Findings of the CDXJ by itself; its lines go into the ledger."""
    last = b""
    for number, line in enumerate(read_lines(layout.cdxj), start=1):
        checked.cdxj_lines += 1
        if line < last:
            yield _cdxj_finding(layout, f":{number}", "the line is out of order")
        elif line == last:
            yield _cdxj_finding(layout, f":{number}", "the line is there twice")
        last = line
        try:
            told = parse_line(line)
        except ValueError:
            yield _cdxj_finding(layout, f":{number}", "not a CDXJ line")
            continue
        if told.key != surt_key(with_method(told.url, told.method or "GET", told.request_body)):
            yield _cdxj_finding(layout, f":{number}", f"the key is not that of {told.url}")
        row = (number, told.filename, told.offset, told.length, told.url, told.stamp, told.digest)
        ledger.add("line", (*row, told.status, told.mime))


def _cdxj(layout: Layout, ledger: Ledger) -> Iterator[Finding]:
    """Findings on the CDXJ against the captures in the files."""
    for name, count in ledger.missing_files("line"):
        yield _missing(name, f"{count} lines of the CDXJ point into it")
    for number, name, offset in ledger.lines_astray():
        yield _cdxj_finding(layout, f":{number}", f"no capture at {name}:{offset}")
    for number, name, offset in ledger.lines_that_differ():
        yield _cdxj_finding(layout, f":{number}", f"the capture at {name}:{offset} differs from its line")
    for name, offset in ledger.without_line():
        yield _cdxj_finding(layout, "", "the capture has no CDXJ line", place=(name, offset))


def _cdxj_finding(layout: Layout, at: str, problem: str, place: tuple[str, str] | None = None) -> Finding:
    """A finding on the CDXJ, at a line of it or at a capture."""
    file = place[0] if place else layout.cdxj.name
    where = f"{place[0]}:{place[1]}" if place else f"{layout.cdxj.name}{at}"
    return Finding(kind=Kind.CDXJ, file=file, where=where, problem=problem, remedy=_REBUILD)


def _missing(name: str, told: str) -> Finding:
    """A finding on a WARC file that is not there."""
    remedy = "put it back from a copy; presswarc replay leaves out what it held"
    problem = f"the WARC file is missing: {told}"
    return Finding(kind=Kind.FILE_MISSING, file=name, where=name, problem=problem, remedy=remedy)


def _read_index(layout: Layout, ledger: Ledger, checked: Checked) -> Generator[Finding, None, bool]:
    """Findings of the published index by itself; its captures go into the ledger. True where there is one."""
    sql = (
        "SELECT record_id, warc_file, warc_offset, warc_length, url, payload_digest, "
        "CASE status WHEN 0 THEN '' ELSE status::VARCHAR END, mime FROM captures"
    )
    try:
        with open_published(layout.root) as connection:
            found = connection.execute(sql)
            while rows := found.fetchmany(_INDEX_BATCH):
                checked.indexed += len(rows)
                for row in rows:
                    ledger.add("indexed", row)
    except (IndexFaultError, duckdb.Error) as error:
        problem = error.message if isinstance(error, IndexFaultError) else str(error).splitlines()[0]
        if checked.records or layout.index.exists():
            yield Finding(
                kind=Kind.INDEX,
                file=layout.index.name,
                where=layout.index.name,
                problem=problem,
                remedy=_REBUILD,
            )
        return False
    return True


def _index(layout: Layout, ledger: Ledger) -> Iterator[Finding]:
    """Findings on the index against the captures in the files."""
    name = layout.index.name
    for file, count in ledger.missing_files("indexed"):
        yield _missing(file, f"{count} captures of the index lie in it")
    for file, offset in ledger.indexed_astray():
        problem = f"the index has a capture at {file}:{offset} that the file has not"
        yield Finding(kind=Kind.INDEX, file=name, where=name, problem=problem, remedy=_REBUILD)
    for file, offset in ledger.not_indexed():
        problem = "the capture is not in the index"
        yield Finding(kind=Kind.INDEX, file=file, where=f"{file}:{offset}", problem=problem, remedy=_REBUILD)
    for file, offset, url in ledger.indexed_that_differ():
        problem = f"the index has {url} with another length, URL, status, type or digest than the file"
        yield Finding(kind=Kind.INDEX, file=file, where=f"{file}:{offset}", problem=problem, remedy=_REBUILD)
