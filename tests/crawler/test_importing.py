"""Files that others made, imported as a user does it: bytes, origin, index, replay, kills, full disks."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import fastwarc
import pytest
import zstandard
from fastwarc.stream_io import GzipWriter
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.cli import main
from storage.cdxj import parse_line
from storage.imports.provenance import imported_files
from storage.layout import Layout
from storage.model import Record
from storage.query import open_published, run_sql
from storage.warc import read_record_at, read_records
from storage.warc.build import response
from storage.warc.write import Origin, WarcWriter

pytestmark = pytest.mark.long

TABLES_SQL = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"
LINE = "<p>In part {1} of story {0} the harbour stayed closed {1} days, said the master; no ship came.</p>"
NAME = re.compile(r"\d{4}/\d\d/(?P<source>.+)-(?P<stamp>\d{14})-\d{5}-[^/]+\.(?:warc|arc)(?:\.gz)?")


def page(number: int) -> bytes:
    lines = "".join(LINE.format(number, part) for part in range(12))
    head = f"<!DOCTYPE html><html><head><title>Story {number}</title></head>"
    return f"{head}<body><article><h1>Story {number}</h1>{lines}</article></body></html>".encode()


def url(number: int) -> str:
    return f"http://news.example/2014/story-{number}"


def exchange(writer: WARCWriter, number: int, method: str = "GET", body: bytes | None = None) -> None:
    """A response and its request, as warcio's own recorder writes them."""
    headers = StatusAndHeaders("200 OK", [("Content-Type", "text/html")], protocol="HTTP/1.1")
    date = {"WARC-Date": f"2014-02-16T05:02:{number % 60:02d}Z"}
    content = page(number) if body is None else body
    answer = writer.create_warc_record(
        url(number),
        "response",
        payload=io.BytesIO(content),
        length=len(content),  # else it leaves temporary files to the garbage collector
        http_headers=headers,
        warc_headers_dict=dict(date),
    )
    asked = StatusAndHeaders(
        f"{method} /2014/story-{number} HTTP/1.1", [("Host", "news.example")], is_http_request=True
    )
    request = writer.create_warc_record(
        url(number),
        "request",
        payload=io.BytesIO(),
        length=0,
        http_headers=asked,
        warc_headers_dict=dict(date),
    )
    writer.write_request_response_pair(request, answer)


def warc(path: Path, *numbers: int, packed: bool = True) -> Path:
    """A WARC file of another tool with a page for each number."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=packed)
        writer.write_record(
            writer.create_warcinfo_record(path.name, {"software": "tool/3", "robots": "classic"})
        )
        for number in numbers:
            exchange(writer, number)
    return path


def arc(path: Path, *numbers: int) -> Path:
    """An ARC file with a page for each number."""
    head = b"1 0 InternetArchive\nURL IP-address Archive-date Content-type Archive-length\n"
    raw = b"filedesc://x.arc 127.0.0.1 20090102030405 text/plain %d\n%s\n" % (len(head), head)
    for number in numbers:
        block = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page(number)
        raw += b"%s 127.0.0.1 200901020304%02d text/html %d\n" % (
            url(number).encode(),
            number % 60,
            len(block),
        )
        raw += block + b"\n"
    path.write_bytes(raw)
    return path


def wacz(path: Path, members: dict[str, bytes], **wrong: str) -> Path:
    """A WACZ of these members; `wrong` are digests that it tells in the place of the right ones."""
    resources = [
        {"name": name, "path": name, "hash": wrong.get(name, f"sha256:{hashlib.sha256(data).hexdigest()}")}
        for name, data in members.items()
    ]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
        file.writestr("datapackage.json", json.dumps({"title": "Harbor", "resources": resources}))
    return path


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture
def bring(archive, capsys):
    """Runs `presswarc import` and gives its exit code and what it said."""

    def run(*arguments: object) -> tuple[int, str]:
        code = main(["import", "--archive", str(archive), *map(str, arguments)])
        return code, capsys.readouterr().err

    return run


def rows(archive: Path, sql: str) -> list[tuple[object, ...]]:
    with open_published(archive) as connection:
        return [tuple(row) for row in run_sql(connection, sql, None, 60.0).rows]


def tables(archive: Path, *without: str) -> dict[str, list[str]]:
    names = [str(name) for (name,) in rows(archive, TABLES_SQL)]
    return {name: sorted(map(repr, rows(archive, f"FROM {name}"))) for name in names if name not in without}


def names(archive: Path) -> list[str]:
    """Files brought in, without those of the import itself."""
    layout = Layout(archive)
    found = [layout.warc_name(path) for path in layout.warc_files()]
    return [name for name in found if "/import-" not in name]


def several(folder: Path) -> list[Path]:
    """Files of several sorts, each with pages of its own."""
    inner = wacz(folder / "inner.wacz", {"archive/c.warc.gz": warc(folder / "c.warc.gz", 7).read_bytes()})
    members = {
        "archive/b.warc.gz": warc(folder / "b.warc.gz", 5, 6).read_bytes(),
        "parts/inner.wacz": inner.read_bytes(),
        "pages/pages.jsonl": b'{"url": "http://news.example/2014/story-5", "title": "Story 5"}\n',
    }
    package = wacz(folder / "weekly.wacz", members)
    with (folder / "methods.warc").open("wb") as out:
        writer = WARCWriter(out, gzip=False)
        exchange(writer, 8, "HEAD", b"")
        exchange(writer, 8)
        exchange(writer, 8, "POST")
    return [
        warc(folder / "old-20140216050200123-00001.warc.gz", 1, 2),
        warc(folder / "plain.warc", 3, 1, packed=False),
        arc(folder / "oldest.arc", 4),
        package,
        folder / "methods.warc",
    ]


def test_a_replay_gives_the_index_that_the_import_made(tmp_path, archive, bring):
    assert bring(*several(tmp_path))[0] == 0
    assert main(["replay", "--archive", str(archive), "--into", str(tmp_path / "second"), "--quiet"]) == 0
    assert tables(archive) == tables(tmp_path / "second")
    lines = Layout(archive).cdxj.read_bytes()
    assert lines == Layout(tmp_path / "second").cdxj.read_bytes()
    assert len(lines.splitlines()) == len(rows(archive, "FROM captures")) == 11
    assert len(rows(archive, "FROM articles")) == 8


def test_files_are_copied_byte_for_byte_under_names_of_the_archive(tmp_path, archive, bring):
    bring(*several(tmp_path))
    layout = Layout(archive)
    copies = {(layout.warc / name).read_bytes(): NAME.fullmatch(name) for name in names(archive)}
    for name, source in [
        ("old-20140216050200123-00001.warc.gz", "old"),
        ("plain.warc", "plain"),
        ("oldest.arc", "oldest"),
        ("b.warc.gz", "weekly"),
        ("c.warc.gz", "weekly"),
        ("methods.warc", "methods"),
    ]:
        found = copies[(tmp_path / name).read_bytes()]
        assert found is not None, name
        assert found["source"] == source
    assert len(copies) == 6
    assert found["stamp"] == "20140216050208"


def test_each_file_is_a_crawl_of_its_source_by_the_program_that_made_it(tmp_path, archive, bring):
    bring(warc(tmp_path / "a.warc.gz", 1), arc(tmp_path / "b.arc", 2), "--source", "town-paper")
    found = rows(archive, "SELECT source, software, robots FROM crawls WHERE source <> 'import' ORDER BY 2")
    assert found == [("town-paper", "", ""), ("town-paper", "tool/3", "classic")]
    lost = "SELECT c.url FROM captures c ANTI JOIN crawls USING (crawl_id)"
    assert rows(archive, lost) == []
    assert rows(archive, "SELECT DISTINCT source FROM articles") == [("town-paper",)]


def test_a_replay_of_one_imported_file_gives_the_same_rows(tmp_path, archive, bring):
    bring(*several(tmp_path))
    name = next(name for name in names(archive) if "/old-" in name)
    second = tmp_path / "second"
    path = Layout(archive).warc / name
    assert main(["replay", str(path), "--archive", str(archive), "--into", str(second), "--quiet"]) == 0
    for table in ("captures", "crawls"):
        assert set(rows(second, f"FROM {table}")) <= set(rows(archive, f"FROM {table}"))
    assert len(rows(second, "FROM captures")) == 2


def test_the_archive_itself_tells_where_each_file_comes_from(tmp_path, archive, bring):
    bring(*several(tmp_path))
    told = {one.name: one for one in imported_files(Layout(archive))}
    package = told["weekly.wacz"]
    assert (package.title, package.archived_as) == ("Harbor", "")
    assert package.sha256 == hashlib.sha256((tmp_path / "weekly.wacz").read_bytes()).hexdigest()
    assert told["archive/c.warc.gz"].inside == "weekly.wacz!parts/inner.wacz"
    for one in told.values():
        if one.archived_as:
            copy = (Layout(archive).warc / one.archived_as).read_bytes()
            assert (one.size, one.sha256) == (len(copy), hashlib.sha256(copy).hexdigest())
    kept = [
        item.block
        for path in Layout(archive).warc.glob("*/*/import-*")
        for item in read_records(path)
        if isinstance(item, Record) and (item.target_uri or "").endswith("#pages/pages.jsonl")
    ]
    assert kept == [b'{"url": "http://news.example/2014/story-5", "title": "Story 5"}\n']


def test_a_head_or_post_is_no_capture_of_the_page(tmp_path, archive, bring):
    bring(several(tmp_path)[-1])
    lines = {one.method: one for one in map(parse_line, Layout(archive).cdxj.read_bytes().splitlines())}
    assert lines[""].key == "example,news)/2014/story-8"
    assert lines["HEAD"].key == "example,news)/2014/story-8?__wb_method=head"
    assert lines["POST"].key.startswith("example,news)/2014/story-8?__wb_method=post")
    assert rows(archive, "SELECT count(*) FROM extractions") == [(1,)]


def test_what_is_in_is_known_by_its_bytes_and_not_copied_again(tmp_path, archive, bring):
    files = several(tmp_path)
    bring(*files)
    before, published = names(archive), tables(archive)
    (tmp_path / "renamed.warc.gz").write_bytes(files[0].read_bytes())
    code, said = bring(tmp_path / "renamed.warc.gz", *files)
    assert code == 0
    assert names(archive) == before
    assert tables(archive) == published
    assert said.count("known: ") == 7
    assert "0 files came in" in said


def test_a_copy_that_was_removed_is_brought_in_again(tmp_path, archive, bring):
    file = warc(tmp_path / "a.warc.gz", 1)
    bring(file)
    (Layout(archive).warc / names(archive)[0]).unlink()
    assert "1 file came in" in bring(file)[1]
    assert len(names(archive)) == 1


def test_files_of_another_archive_of_ours_keep_their_source_and_crawl(tmp_path, archive, bring):
    other = Layout(tmp_path / "other")
    told = (("crawlId", "harbor-1"), ("source", "harbor"), ("crawlStarted", "2026-11-01T00:00:00Z"))
    with WarcWriter(other, Origin(source="harbor", fields=told), max_bytes=1 << 30) as writer:
        head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
        writer.write([response(url(1), datetime.now(UTC), head, page(1), [])])
    assert bring(*other.warc_files(), "--source", "elsewhere")[0] == 0
    assert rows(archive, "SELECT source, crawl_id FROM captures") == [("harbor", "harbor-1")]


def test_a_folder_is_searched_for_captures_whatever_they_are_called(tmp_path, archive, bring):
    folder = tmp_path / "found"
    warc(folder / "deep/a.warc.gz", 1)
    warc(folder / "unnamed", 2)
    (folder / "notes.txt").write_text("no capture")
    code, said = bring(folder)
    assert (code, len(names(archive))) == (0, 2)
    assert "notes.txt" not in said


@pytest.mark.parametrize(
    ("content", "looks"),
    [
        (b"<!DOCTYPE html><p>x", "HTML"),
        (b" CDX N b a m s k r M S V g\ncom,example)/ 2014", "a CDX index"),
        (b'com,example)/ 2014 {"url": "x"}\n', "a CDXJ index"),
        (b"", "an empty file"),
        (b"\x04\x22\x4d\x18" + bytes(30), "LZ4"),
        (b"PK\x03\x04" + bytes(50), "a ZIP that is no WACZ, or cut short"),
        (gzip.compress(b"<html>", mtime=0), "HTML"),
    ],
)
def test_what_is_no_capture_file_is_refused_and_the_others_come_in(tmp_path, archive, bring, content, looks):
    (tmp_path / "x.warc.gz").write_bytes(content)
    code, said = bring(tmp_path / "x.warc.gz", warc(tmp_path / "good.warc.gz", 1))
    assert code == 2
    assert f"refused: x.warc.gz: it is no WARC, ARC or WACZ; it looks like {looks}" in said
    assert len(rows(archive, "FROM captures")) == 1
    assert list(Layout(archive).warc.rglob("*.part")) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["gone.warc.gz"], "no such file"),
        (["wayback"], "put the word wayback first"),
        (["."], "no WARC, ARC or WACZ file in this folder"),
        ([".", "--source", "../x"], "can't be the name of a source"),
        ([".", "--source", "import"], "can't be the name of a source"),
    ],
)
def test_what_can_not_be_meant_is_refused_before_anything_is_made(
    tmp_path, archive, bring, monkeypatch, arguments, said
):
    monkeypatch.chdir(tmp_path)
    code, told = bring(*arguments)
    assert (code, said in told, archive.exists()) == (2, True, False)


def test_a_dry_run_says_what_would_come_in_and_makes_nothing(tmp_path, archive, bring):
    files = several(tmp_path)
    code, said = bring(*files, "--dry-run")
    assert code == 0
    assert not archive.exists()
    assert "would come in: weekly.wacz!archive/b.warc.gz" in said
    bring(files[0])
    assert "known: " in bring(files[0], "--dry-run")[1]


def test_a_damaged_file_comes_in_as_it_is_and_is_told(tmp_path, archive, bring):
    file = warc(tmp_path / "a.warc.gz", 1, 2, 3)
    file.write_bytes(file.read_bytes()[:-60])
    code, said = bring(file)
    assert code == 1
    assert "damaged: a.warc.gz:" in said
    assert (Layout(archive).warc / names(archive)[0]).read_bytes() == file.read_bytes()
    assert len(rows(archive, "FROM captures")) == 3


def test_a_wacz_that_is_not_as_it_says_is_told_and_comes_in(tmp_path, archive, bring):
    content = warc(tmp_path / "a.warc.gz", 1).read_bytes()
    package = wacz(tmp_path / "x.wacz", {"archive/a.warc.gz": content}, **{"archive/a.warc.gz": "sha256:0"})
    code, said = bring(package)
    assert code == 1
    assert "differs: x.wacz: archive/a.warc.gz: its sha256 is not the one in datapackage.json" in said
    assert len(rows(archive, "FROM articles")) == 1
    assert [one.problems for one in imported_files(Layout(archive)) if one.name == "x.wacz"] != [()]


def test_a_file_compressed_as_a_whole_is_made_readable_record_by_record(tmp_path, archive, bring):
    plain = warc(tmp_path / "plain.warc", 1, 2, packed=False).read_bytes()
    (tmp_path / "whole.warc.gz").write_bytes(gzip.compress(plain) + b"torn")
    code, said = bring(tmp_path / "whole.warc.gz")
    assert code == 1
    assert "its records are compressed one by one instead" in said
    assert "does not unpack to its end" in said
    layout = Layout(archive)
    (name,) = names(archive)
    assert gzip.decompress((layout.warc / name).read_bytes()) == plain
    for line in layout.cdxj.read_bytes().splitlines():
        told = parse_line(line)
        record = read_record_at(layout.warc / told.filename, told.offset)
        assert isinstance(record, Record)
        assert (record.target_uri, record.length) == (told.url, told.length)
    assert "known: " in bring(tmp_path / "whole.warc.gz")[1]


@pytest.mark.parametrize("whole", [False, True])
def test_a_zstd_file_comes_in(tmp_path, archive, bring, whole):
    plain = warc(tmp_path / "plain.warc", 1, 2, packed=False)
    starts = [item.offset for item in read_records(plain)]
    content = plain.read_bytes()
    pieces = [content] if whole else [content[a:b] for a, b in pairwise([*starts, len(content)])]
    file = tmp_path / "x.warc.zst"
    file.write_bytes(b"".join(map(zstandard.compress, pieces)))
    assert bring(file)[0] == 0
    (name,) = names(archive)
    assert name.endswith(".warc.gz" if whole else ".warc.zst")
    assert whole or (Layout(archive).warc / name).read_bytes() == file.read_bytes()
    assert len(rows(archive, "FROM articles")) == 2


def test_a_file_that_fastwarc_wrote_comes_in(tmp_path, archive, bring):
    with (tmp_path / "fast.warc.gz").open("wb") as out:
        for number in (1, 2):
            record = fastwarc.WarcRecord()
            record.init_headers(record_type=fastwarc.WarcRecordType.response)
            record.set_bytes_content(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page(number))
            record.headers["WARC-Target-URI"] = url(number)
            packed = io.BytesIO()
            with GzipWriter(packed) as stream:
                record.write(stream)
            out.write(packed.getvalue())
    assert bring(tmp_path / "fast.warc.gz")[0] == 0
    assert (Layout(archive).warc / names(archive)[0]).read_bytes() == (tmp_path / "fast.warc.gz").read_bytes()
    assert len(rows(archive, "FROM articles")) == 2


def test_a_file_without_captures_is_not_read_at_every_start(tmp_path, archive, bring, caplog):
    bring(warc(tmp_path / "bare.warc.gz"), warc(tmp_path / "a.warc.gz", 1))
    assert len(names(archive)) == 2
    with caplog.at_level("INFO", logger="crawler.session"):
        bring(warc(tmp_path / "b.warc.gz", 2))
    assert [line for line in caplog.messages if "/import-" not in line and "unindexed" in line] == []


def test_files_in_the_archive_are_left_alone(tmp_path, archive, bring):
    bring(warc(tmp_path / "a.warc.gz", 1))
    before = names(archive)
    assert "0 files came in" in bring(archive)[1]
    assert names(archive) == before


def child(archive: Path, *arguments: object, limit: int = 0) -> subprocess.Popen[str]:
    code = "import sys, resource\n"
    code += f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n" if limit else ""
    code += "from crawler.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "import", "--archive", str(archive), *map(str, arguments)]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("moment", range(3))
def test_an_import_that_is_killed_goes_on_where_it_was(tmp_path, archive, bring, moment):
    folder, whole = tmp_path / "files", tmp_path / "whole"
    for number in range(5):
        warc(folder / f"f{number}.warc.gz", *range(number * 3, number * 3 + 3))
    assert main(["import", "--archive", str(whole), "--quiet", str(folder)]) == 0

    killed = child(archive, folder)
    deadline = time.monotonic() + 60
    while killed.poll() is None and time.monotonic() < deadline:
        made = list(Layout(archive).warc.rglob("f*.warc.gz"))
        if len(made) > moment or (moment == 0 and list(Layout(archive).warc.rglob("*.part"))):
            break
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    (Layout(archive).warc / "7.part").write_bytes(b"half of a file")

    assert bring(folder)[0] == 0
    assert list(Layout(archive).warc.rglob("*.part")) == []
    assert names(archive) == names(whole)
    assert tables(archive, "crawls", "crawl_results") == tables(whole, "crawls", "crawl_results")
    assert Layout(archive).cdxj.read_bytes() == Layout(whole).cdxj.read_bytes()
    assert {one.name for one in imported_files(Layout(archive))} == {
        f"f{number}.warc.gz" for number in range(5)
    }


def test_a_full_disk_ends_the_import_with_nothing_half_left(tmp_path, archive, bring):
    small = warc(tmp_path / "a-small.warc.gz", 1)
    large = warc(tmp_path / "b-large.warc.gz", 2)
    large.write_bytes(large.read_bytes() + warc(tmp_path / "filler.warc.gz", 3).read_bytes())
    with large.open("ab") as out:
        writer = WARCWriter(out, gzip=True)
        exchange(writer, 4, body=os.urandom(24_000_000))
    ended = child(archive, small, large, limit=20_000_000)
    _, said = ended.communicate(timeout=120)
    assert ended.returncode == 5, said
    assert "no space left" in said
    assert len(names(archive)) == 1
    assert list(Layout(archive).warc.rglob("*.part")) == []
    assert bring(small, large)[0] == 0
    assert len(names(archive)) == 2
    assert len(rows(archive, "FROM captures")) == 4
