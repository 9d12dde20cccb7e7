"""Our lines and those of cdxj-indexer for the same files, line by line, over files that many tools wrote.

Lines are the same if they say the same: ours have the status first.
"""

from __future__ import annotations

import contextlib
import gc
import io
import json
import warnings
from collections import Counter
from pathlib import Path

import pytest
from cdxj_indexer.main import write_cdx_index

from pipelines.run import ReadCapture, read_rows
from storage.cdxj import line_of, parse_line
from storage.model import Damage
from storage.warc import read_records

ROOT = Path(__file__).resolve().parents[3] / "shared/corpora/warc-samples"
SAMPLES = sorted(
    path for path in ROOT.rglob("*") if path.is_file() and path.suffix in {".arc", ".gz", ".open", ".warc"}
)
# It stops at the first of these faults, with the lines before it; we read on.
STOPS = {
    "t_flip.warc.gz": "a member that does not unpack",
    "t_junk.warc.gz": "zeros where a member should start",
    "corrupted-mid-record.warc.gz.open": "compressed as a whole",
    "corrupted-trailing-bytes.warc.gz.open": "compressed as a whole",
    "good.warc.gz.open": "compressed as a whole",
    "skip-non-open.warc.gz": "compressed as a whole",
    "example-bad-non-chunked.warc.gz": "compressed as a whole",
    "example-wrong-chunks.warc.gz": "a wrong Content-Length",
}

# It lists records that are not whole, or not what their digest says; we tell those as damage.
LISTS_DAMAGE = {
    "example-trunc.warc": "a block digest that does not hold",
    "webrecorder+cdxj-indexer/example.warc.gz": "block digests that do not hold",
    "example-space-in-url.arc": "a record that is cut short",
    "bad.arc": "a record without a length, and one without an HTTP head, whose one byte it does not digest",
}


def theirs(path: Path, *, post: bool) -> Counter[str] | None:
    """Its lines, None where it stops with an error."""
    out = io.StringIO()
    stopped = False
    with contextlib.redirect_stderr(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it leaves temporary files to the garbage collector
        try:
            write_cdx_index(out, [str(path)], {"sort": True, "post_append": post})
        except Exception:  # noqa: BLE001 (whatever it stops with)
            stopped = True
        gc.collect()
    return None if stopped else Counter(map(_said, out.getvalue().splitlines()))


def _said(line: str) -> str:
    key, stamp, fields = line.split(" ", 2)
    return f"{key} {stamp} {json.dumps(json.loads(fields), sort_keys=True)}"


def wanted(path: Path) -> Counter[str]:
    """Its lines, those of a POST or PUT as it writes them when it is told to look at requests.

    Told so it reads payloads away before it digests them, and fails on some requests: the other lines are
    those that it writes when it is not.
    """
    plain = theirs(path, post=False)
    assert plain is not None
    if b"POST /" not in _content(path):
        return plain
    told = theirs(path, post=True)
    assert told is not None
    posted = {_place(line): line for line in told if "__wb_method=" in line.partition(" ")[0]}
    return Counter(posted.get(_place(line), line) for line in plain.elements())


def _content(path: Path) -> bytes:
    return b"\n".join(
        one.block[:100]
        for one in read_records(path)
        if not isinstance(one, Damage) and one.record_type == "request"
    )


def _place(line: str) -> str:
    return json.loads(line.split(" ", 2)[2])["offset"]


def ours(path: Path) -> Counter[str]:
    rows = read_rows(path, path.name)
    return Counter(_said(line_of(row.capture)) for row in rows if isinstance(row, ReadCapture))


def _is_listed(line: str, path: Path) -> bool:
    """Whether a line of theirs is one of ours too: metadata records are no captures."""
    return not (path.name.startswith(("own-wget", "example-wget")) and "MANIFEST.txt" in line)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_our_lines_are_those_of_cdxj_indexer(path, shared):
    assert path.is_relative_to(shared)
    if path.name in STOPS:
        assert theirs(path, post=False) is None
        return
    if path.name in LISTS_DAMAGE or f"{path.parent.name}/{path.name}" in LISTS_DAMAGE:
        assert any(isinstance(one, Damage) for one in read_records(path))
        assert {_place(line) for line in ours(path)} < {_place(line) for line in wanted(path)}
        return
    lines = Counter({line: times for line, times in wanted(path).items() if _is_listed(line, path)})
    assert ours(path) == lines


def test_every_line_can_be_taken_apart_and_put_together(shared):
    assert shared
    rows = [row for path in SAMPLES for row in read_rows(path, path.name)]
    lines = [line_of(row.capture) for row in rows if isinstance(row, ReadCapture)]
    assert len(lines) > 200
    for line in lines:
        assert parse_line(line.encode()).text() == line
