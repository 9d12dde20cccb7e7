"""Old captures as records, records of others as they are, and which captures an archive has."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from storage.cdxj import CaptureTimes, line_of
from storage.cdxj_writing import NewLines
from storage.imports.archived import Fetched, old_response, original_of, provenance
from storage.imports.reading import Progress, ReadingMarks
from storage.layout import Layout
from storage.model import Capture, Record
from storage.warc import read_records
from storage.warc.build import Original
from storage.warc.write import Origin, WarcWriter

URL = "http://news.example/a b"
BLOCK = b"HTTP/1.1 200 OK\r\n\r\nbody"
MOMENT = datetime(2019, 1, 2, 3, 4, 5, tzinfo=UTC)
DIGEST = "WARC-Block-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ\r\n"


def member(more: str = "", length: int = len(BLOCK), tail: bytes = b"\r\n\r\n") -> bytes:
    head = (
        "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: http://news.example/\r\n"
        "WARC-Date: 2019-01-02T03:04:05Z\r\nWARC-Record-ID: <urn:uuid:1>\r\n"
        f"{more}Content-Length: {length}\r\n\r\n"
    )
    return gzip.compress(head.encode() + BLOCK + tail, mtime=0)


def capture(url: str, moment: datetime, method: str = "GET") -> Capture:
    return Capture(
        record_id="urn:1", url=url, source="s", crawl_id="c", captured_at=moment, method=method, status=200,
        mime="text/html", payload_digest="sha1:A", record_type="response", warc_file="x", warc_offset=0,
        warc_length=1,
    )  # fmt: skip


def test_a_record_of_others_is_written_and_read_as_it_is(tmp_path):
    layout = Layout(tmp_path)
    made = original_of(member())
    assert isinstance(made, Original)
    fetched = Fetched(uri="http://files.example/f", at=MOMENT, first=7, length=9, told=(("a", "b"),))
    with WarcWriter(layout, Origin(source="s", fields=()), max_bytes=1 << 20) as writer:
        writer.write([made, provenance("http://news.example/", made, fetched)])
    (path,) = layout.warc_files()
    _, one, beside = (one for one in read_records(path) if isinstance(one, Record))
    assert path.read_bytes()[one.offset : one.offset + one.length] == member()
    assert (one.record_id, one.captured_at, one.block) == ("urn:uuid:1", MOMENT, BLOCK)
    assert beside.headers["WARC-Refers-To"] == "<urn:uuid:1>"
    assert beside.headers["WARC-Source-Range"] == "7-15"
    assert beside.headers["WARC-Creation-Date"] == "2019-01-02T03:04:05Z"
    assert beside.block == b"a: b\r\n"


@pytest.mark.parametrize(
    ("packed", "reason"),
    [
        (b"no gzip", "does not unpack"),
        (member()[:-9], "no gzip member"),
        (member() + member(), "more follows"),
        (gzip.compress(b"no record"), "no record starts here"),
        (member(length=len(BLOCK) + 9), "not as long as it says"),
        (member(tail=b"more\r\n\r\n"), "not as long as it says"),
        (member(DIGEST), "block digest does not hold"),
        (gzip.compress(b"http://a.example/ 1.2.3.4 20190102030405 text/html 1\nx\n"), "no WARC record"),
    ],
    ids=["plain", "cut", "two", "rubbish", "too short", "too long", "digest", "ARC"],
)
def test_what_is_no_whole_record_is_refused_with_its_reason(packed, reason):
    refused = original_of(packed)
    assert isinstance(refused, str)
    assert reason in refused


def test_an_old_response_has_its_time_to_the_second_and_where_it_came_from():
    fetched = Fetched(uri="http://old.example/web/2019id_/http://news.example/a b", at=MOMENT)
    draft = old_response(URL, MOMENT, b"HTTP/1.1 200 OK\r\n\r\n", b"body", fetched, "unspecified")
    fields = dict(draft.fields)
    assert fields["WARC-Date"] == "2019-01-02T03:04:05Z"
    assert fields["WARC-Target-URI"] == "http://news.example/a%20b"
    assert fields["WARC-Source-URI"].endswith("/a%20b")
    assert fields["WARC-Truncated"] == "unspecified"
    assert "WARC-Source-Range" not in fields


def test_a_capture_is_known_by_its_url_and_its_second(tmp_path):
    path = tmp_path / "index.cdxj"
    others = [capture(f"http://news.example/{number}", MOMENT) for number in range(50)]
    several = [capture("http://news.example/a", MOMENT.replace(second=second)) for second in (5, 6, 8)]
    posted = capture("http://news.example/form", MOMENT, "POST")
    secure = capture("https://news.example/a", MOMENT.replace(second=9))
    lines = NewLines(path)
    for one in (*others, *several, posted, secure):
        lines.add(line_of(one))
    lines.write()
    times = CaptureTimes(path)
    asked = [
        ("http://news.example/a", "20190102030406"),
        ("http://news.example/a", "20190102030407"),
        ("http://news.example/a", "20190102030409"),
        ("https://news.example/a", "20190102030409"),
        ("http://news.example/49", "20190102030405"),
        ("http://zzz.example/", "20190102030405"),
        ("http://news.example/form", "20190102030405"),
    ]
    assert [times.has(*one) for one in asked] == [True, False, False, True, True, False, False]
    times.close()


def test_an_archive_without_captures_knows_none(tmp_path):
    (tmp_path / "empty.cdxj").touch()
    for name in ("empty.cdxj", "none.cdxj"):
        times = CaptureTimes(tmp_path / name)
        assert not times.has("http://news.example/", "20190102030405")
        times.close()


def test_how_far_a_file_was_read_is_known_the_next_time(tmp_path):
    layout = Layout(tmp_path)
    url = "http://files.example/f.warc.gz"
    for read_to, whole in ((10, False), (50, False), (30, False)):
        with ReadingMarks(layout, (("crawlId", "import-1"),)) as marks:
            marks.tell(Progress(url=url, choice="news.example", read_to=read_to, whole=whole))
    with ReadingMarks(layout, ()) as marks:
        assert marks.of(url, "news.example").read_to == 50
        assert marks.of(url, "other.example").read_to == 0
        marks.tell(Progress(url=url, choice="news.example", read_to=40, whole=True))
        assert marks.of(url, "news.example").whole
