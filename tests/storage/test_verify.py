"""Each thing that can be wrong with an archive is found and named; a sound one has no finding."""

from __future__ import annotations

import gzip
import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from storage.cdxj import line_of
from storage.cdxj_writing import NewLines
from storage.findings import Checked, Kind
from storage.layout import Layout
from storage.model import Capture, Damage, Record
from storage.verify import verify, verify_files
from storage.warc import build, read_records
from storage.warc.repair import mend
from storage.warc.write import pack

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"


def drafts():
    found = []
    for number in range(5):
        url = f"http://news.example.org/{number}"
        body = f"page {number} ".encode() * 200
        answer = build.response(url, NOW + timedelta(hours=number), HEAD, body, [])
        found += [answer, build.request(url, NOW, b"GET / HTTP/1.1\r\n\r\n", answer, [])]
    first = build.FirstCapture(
        url="http://news.example.org/0",
        captured_at=NOW,
        payload_digest=dict(found[0].fields)["WARC-Payload-Digest"],
    )
    again = build.revisit(
        "http://news.example.org/0", NOW + timedelta(days=1), HEAD, build.IDENTICAL_PAYLOAD, first, []
    )
    return [*found, again]


@pytest.fixture
def layout(tmp_path):
    """An archive with one file and its CDXJ, without an index."""
    layout = Layout(tmp_path)
    path = layout.warc / "2026" / "11" / "x.warc.gz"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"".join(pack(draft) for draft in drafts()))
    write_cdxj(layout)
    return layout


def write_cdxj(layout):
    lines = NewLines(layout.cdxj)
    for path in layout.warc_files():
        for one in read_records(path):
            if isinstance(one, Record) and one.record_type in {"response", "revisit"}:
                capture = Capture(
                    record_id=one.record_id,
                    url=one.target_uri or "",
                    source="",
                    crawl_id="",
                    captured_at=one.captured_at,
                    method="GET",
                    status=200,
                    mime="text/html",
                    payload_digest=one.headers["WARC-Payload-Digest"],
                    record_type=one.record_type,
                    warc_file=layout.warc_name(path),
                    warc_offset=one.offset,
                    warc_length=one.length,
                )
                lines.add(line_of(capture))
    lines.write(anew=True)


def found(layout):
    """Findings by kind, the missing index left out, and the notes."""
    every = [one for one in verify(layout, Checked()) if "no index" not in one.problem]
    return [one for one in every if not one.note], [one for one in every if one.note]


def test_a_sound_archive_has_no_finding(layout):
    checked = Checked()
    list(verify(layout, checked))
    assert found(layout) == ([], [])
    assert (checked.files, checked.records, checked.digests, checked.cdxj_lines) == (1, 11, 16, 6)


def test_lines_of_the_cdxj_that_are_wrong_are_each_told(layout):
    lines = layout.cdxj.read_bytes().splitlines(keepends=True)
    capture_gone = lines[5]
    wrong_key = lines[1].replace(b"org,example,news)", b"org,example,olds)")
    wrong_length = lines[2].replace(b'"length": "', b'"length": "9')
    stray = lines[3].replace(b'"offset": "', b'"offset": "77')
    elsewhere = lines[4].replace(b"x.warc.gz", b"gone.warc.gz")
    layout.cdxj.write_bytes(b"".join([b"no line\n", lines[0], wrong_key, wrong_length, stray, elsewhere]))
    problems = [one.problem for one in found(layout)[0]]
    assert sum("not a CDXJ line" in one for one in problems) == 1
    assert sum("key is not that of" in one for one in problems) == 1
    assert sum("differs from its line" in one for one in problems) == 1
    assert sum("no capture at" in one for one in problems) == 1
    assert sum("out of order" in one for one in problems) >= 1
    assert sum("is missing: 1 lines" in one for one in problems) == 1
    assert sum("has no CDXJ line" in one for one in problems) == 3  # the stray's, the other file's, the last
    assert capture_gone


@pytest.mark.parametrize(
    ("told", "wrong"),
    [('"status": "200"', '"status": "404"'), ('"mime": "text/html"', '"mime": "image/png"')],
)
def test_a_line_with_another_status_or_type_than_its_capture_is_told(layout, told, wrong):
    layout.cdxj.write_text(layout.cdxj.read_text().replace(told, wrong, 1))
    assert "differs from its line" in " ".join(one.problem for one in found(layout)[0])


def test_files_that_are_no_finished_warc_files_are_told(layout):
    folder = layout.warc / "2026" / "11"
    for name in ("a.warc.gz.open", "b.warc.gz.torn", "notes.txt", "x.warc.gz.mended"):
        (folder / name).write_bytes(b"")
    kinds = {one.where.rpartition("/")[2]: one.kind for one in found(layout)[0]}
    assert kinds == {"a.warc.gz.open": Kind.LEFT_OPEN, "b.warc.gz.torn": Kind.TORN, "notes.txt": Kind.STRAY}


def test_records_that_refer_to_what_was_lost_are_told(layout):
    path = layout.warc_files()[0]
    first = next(iter(read_records(path)))
    path.write_bytes(path.read_bytes()[first.length :])
    write_cdxj(layout)
    kinds = [one.kind for one in found(layout)[0]]
    assert kinds == [Kind.LONE_PART, Kind.LONE_REVISIT]
    alone = list(verify_files([path], Checked()))
    assert [(one.kind, one.note) for one in alone] == [(Kind.LONE_PART, True), (Kind.LONE_REVISIT, True)]


def test_a_record_that_lies_in_two_files_is_noted_and_an_id_of_two_records_is_a_finding(layout):
    path = layout.warc_files()[0]
    path.with_name("y.warc.gz").write_bytes(path.read_bytes())
    write_cdxj(layout)
    findings, notes = found(layout)
    assert findings == []
    assert {one.kind for one in notes} == {Kind.REPEATED_ID}
    assert len(notes) == 11
    text = gzip.decompress(path.read_bytes()).replace(
        b"http://news.example.org/0", b"http://news.example.org/9"
    )
    path.with_name("y.warc.gz").write_bytes(gzip.compress(text, mtime=0))
    assert Kind.REPEATED_ID in {one.kind for one in found(layout)[0]}


def test_a_payload_digest_of_the_bytes_as_sent_is_noted_and_one_of_nothing_is_a_finding(tmp_path):
    body = b"3\r\nabc\r\n0\r\n\r\n"
    block = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body
    path = tmp_path / "x.warc"
    for payload, kind in ((b"abc", None), (body, Kind.READING), (b"other", Kind.PAYLOAD_DIGEST)):
        fields = (
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
            "WARC-Date: 2026-11-22T00:00:00Z\r\nWARC-Target-URI: http://a.example/\r\n"
            f"WARC-Payload-Digest: sha1:{hashlib.sha1(payload).hexdigest()}\r\n"
            f"WARC-Block-Digest: sha1:{hashlib.sha1(block).hexdigest()}\r\n"
            f"Content-Length: {len(block)}\r\n\r\n"
        )
        path.write_bytes(fields.encode() + block + b"\r\n\r\n")
        told = list(verify_files([path], Checked()))
        assert [one.kind for one in told] == ([kind] if kind else [])
        assert [one.note for one in told] == ([kind is Kind.READING] if kind else [])


def test_a_mended_copy_has_every_whole_record_byte_for_byte_and_is_sound(layout):
    path = layout.warc_files()[0]
    whole = path.read_bytes()
    records = list(read_records(path))
    hit = records[2]
    damaged = bytearray(whole)
    damaged[hit.offset + 40] ^= 255
    path.write_bytes(bytes(damaged) + b"junk at the end")
    mended = mend(path)
    assert path.read_bytes() == bytes(damaged) + b"junk at the end"
    assert mended.path.name == "x.warc.gz.mended"
    assert mended.path.read_bytes() == whole[: hit.offset] + whole[hit.offset + hit.length :]
    assert (mended.records, mended.repacked) == (10, 0)
    assert mended.left_out_bytes == hit.length + len(b"junk at the end")
    assert path in layout.warc_files()
    assert mended.path not in layout.warc_files()
    assert not [one for one in read_records(mended.path) if isinstance(one, Damage)]


@pytest.mark.parametrize("form", ["whole gzip", "plain"])
def test_a_mended_copy_of_other_forms_holds_the_same_records(layout, form):
    path = layout.warc_files()[0]
    before = [one for one in read_records(path) if isinstance(one, Record)]
    text = gzip.decompress(path.read_bytes())
    torn = gzip.compress(text, mtime=0)[:-30] if form == "whole gzip" else text[:-60]
    path.write_bytes(torn)
    mended = mend(path)
    after = list(read_records(mended.path))
    assert [(one.record_id, one.block) for one in after] == [
        (one.record_id, one.block) for one in before[:-1]
    ]
    assert [one.headers.pairs for one in after] == [one.headers.pairs for one in before[:-1]]
    assert mended.repacked == (10 if form == "whole gzip" else 0)
    assert len(mended.left_out) == 1
