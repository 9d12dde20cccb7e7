"""WACZ files of a small archive, looked into as a ZIP file; py-wacz validates one where it is at hand."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import struct
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest

from storage.cdxj import Line, parse_line, read_lines
from storage.errors import ArchiveError, IndexFaultError, UsageError
from storage.exports.wacz import Label, Why, write_wacz
from storage.index.choose import Choice
from storage.layout import Layout
from storage.warc import build
from storage.warc.build import FirstCapture
from storage.warc.digests import digest
from storage.warc.write import Origin, WarcWriter

START = datetime(2026, 11, 1, 8, 0, 0, 250, tzinfo=UTC)
LABEL = Label(created_at=datetime(2026, 11, 22, 5, 6, 7, tzinfo=UTC), software="presswarc/test")
SITE, OTHER = "http://news.example.org", "http://www.other.example"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
NOT_MODIFIED = b"HTTP/1.1 304 Not Modified\r\n\r\n"
FRONT = b"<!DOCTYPE html><title>News</title><h1>News</h1><ul><li><a href=/2026/11/lamp>Lamp</a></ul>"
PARAGRAPHS = [
    "The lamp on Gull Rock burns again after forty years, the harbor office said on Monday in Aldmoor.",
    "Keeper Ines Marlow lit it before a crowd of three hundred, who had come by boat from the mainland.",
    "The harbor office had the lens cleaned in Ardmouth, where two people still live who can do it.",
    "Ships will see it from eleven miles; fishermen asked for it when a trawler ran aground in the spring.",
    "The tower was closed in 1986, when a buoy took its place; storms have sunk the buoy four times since.",
]


def story(last: str = PARAGRAPHS[-1]) -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in [*PARAGRAPHS[:-1], last])
    head = '<head><title>The lamp burns</title><meta property="og:type" content="article"></head>'
    article = f"<article><h1>The lamp burns</h1>{body}</article>"
    return f"<!DOCTYPE html><html>{head}<body>{article}</body></html>".encode()


class Writing:
    """Writes captures of one source into one WARC file, a minute apart."""

    def __init__(self, layout: Layout, source: str, start: datetime) -> None:
        fields = (
            ("crawlId", f"{source}-1"),
            ("source", source),
            ("seed", f"{SITE}/"),
            ("crawlStarted", build.warc_date(start)),
        )
        self.writer = WarcWriter(layout, Origin(source=source, fields=fields), max_bytes=1 << 30)
        self.moment = start

    def add(self, url: str, body: bytes, head: bytes = HEAD) -> FirstCapture:
        self.moment += timedelta(minutes=1)
        self.writer.write([build.response(url, self.moment, head, body, [])])
        return FirstCapture(url=url, captured_at=self.moment, payload_digest=digest(body))

    def again(self, url: str, first: FirstCapture, *, same: bool = False) -> None:
        self.moment += timedelta(minutes=1)
        head, profile = (HEAD, build.IDENTICAL_PAYLOAD) if same else (NOT_MODIFIED, build.NOT_MODIFIED)
        self.writer.write([build.revisit(url, self.moment, head, profile, first, [])])


def replay(layout: Layout) -> None:
    command = [sys.executable, "-m", "crawler.cli", "replay", "--quiet", "--archive", str(layout.root)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Layout:
    """Two sources on two days: an article that changes, revisits across files, a front page, an error."""
    layout = Layout(tmp_path_factory.mktemp("wacz") / "archive")
    first = Writing(layout, "news", START)
    front = first.add(f"{SITE}/", FRONT)
    lamp = first.add(f"{SITE}/2026/11/lamp", story())
    picture = first.add(f"{SITE}/lamp.png", b"\x89PNG" * 99, HEAD.replace(b"text/html", b"image/png"))
    first.add(f"{SITE}/gone", b"gone", b"HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n")
    first.add(f"{SITE}/about", b"<!DOCTYPE html><title>About</title><p>Us.</p>")
    first.writer.close()
    second = Writing(layout, "later", START + timedelta(days=1))
    second.again(f"{SITE}/", front)
    second.again(f"{SITE}/2026/11/lamp", lamp)
    second.again(f"{SITE}/lamp.png", picture, same=True)
    second.add(f"{SITE}/2026/11/lamp", story("The tower was closed in 1986, and the buoy is for sale now."))
    second.add(f"{OTHER}/", FRONT.replace(b"News", b"Other"))
    second.writer.close()
    replay(layout)
    return layout


@pytest.fixture(scope="module")
def whole(archive, tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("whole") / "a.wacz"
    write_wacz(archive, path, Choice(), LABEL, force=False)
    return path


def member(path: Path, name: str) -> bytes:
    with ZipFile(path) as wacz:
        return wacz.read(name)


def lines_of(path: Path) -> list[Line]:
    return [parse_line(line) for line in gzip.decompress(member(path, "indexes/index.cdx.gz")).splitlines()]


def pages_of(path: Path, name: str = "pages") -> list[dict[str, object]]:
    head, *pages = map(json.loads, member(path, f"pages/{name}.jsonl").splitlines())
    assert head["format"] == "json-pages-1.0"
    return pages


def test_warc_files_are_in_it_byte_for_byte_and_stored(archive, whole):
    with ZipFile(whole) as wacz:
        assert wacz.testzip() is None
        packed = {one.filename: one for one in wacz.infolist() if one.filename.startswith("archive/")}
        assert len(packed) == 2
        for path in archive.warc_files():
            assert packed[f"archive/{path.name}"].compress_type == ZIP_STORED
            assert wacz.read(f"archive/{path.name}") == path.read_bytes()


def test_the_datapackage_lists_every_member_with_its_digest_and_size(whole):
    with ZipFile(whole) as wacz:
        names = set(wacz.namelist()) - {"datapackage.json", "datapackage-digest.json"}
        package = json.loads(wacz.read("datapackage.json"))
        assert {one["path"] for one in package["resources"]} == names
        assert len({one["name"] for one in package["resources"]}) == len(names)
        for one in package["resources"]:
            data = wacz.read(one["path"])
            assert one["hash"] == f"sha256:{hashlib.sha256(data).hexdigest()}"
            assert one["bytes"] == len(data)
        told = json.loads(wacz.read("datapackage-digest.json"))
        assert told["hash"] == f"sha256:{hashlib.sha256(wacz.read('datapackage.json')).hexdigest()}"
    assert {name: package[name] for name in ("profile", "wacz_version", "created", "software")} == {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "created": "2026-11-22T05:06:07Z",
        "software": "presswarc/test",
    }
    assert package["title"] == "Captures of later, news"
    assert package["mainPageUrl"] == f"{SITE}/"


def test_the_index_has_the_archives_lines_under_the_names_in_the_package(archive, whole):
    flat = {archive.warc_name(path): path.name for path in archive.warc_files()}
    ours = [
        replace(one, filename=flat[one.filename], status="" if one.status == "304" else one.status)
        for one in map(parse_line, read_lines(archive.cdxj))
    ]
    assert sorted(lines_of(whole), key=str) == sorted(ours, key=str)
    assert len(ours) == 10
    raw = gzip.decompress(member(whole, "indexes/index.cdx.gz")).splitlines()
    assert raw == sorted(raw)


def test_the_blocks_of_the_index_are_gzip_members_where_the_summary_says(archive, tmp_path, monkeypatch):
    monkeypatch.setattr("storage.exports.wacz._LINES_A_BLOCK", 3)
    path = tmp_path / "a.wacz"
    write_wacz(archive, path, Choice(), LABEL, force=False)
    data = member(path, "indexes/index.cdx.gz")
    head, *blocks = member(path, "indexes/index.idx").decode().splitlines()
    assert head == '!meta 0 {"format": "cdxj-gzip-1.0", "filename": "index.cdx.gz"}'
    assert len(blocks) == 4
    at = 0
    for block in blocks:
        moment, told = block[: block.index(" {")], json.loads(block[block.index(" {") :])
        part = data[told["offset"] : told["offset"] + told["length"]]
        assert told["offset"] == at
        assert told["digest"] == f"sha256:{hashlib.sha256(part).hexdigest()}"
        assert gzip.decompress(part).decode().startswith(f"{moment} {{")
        at += len(part)
    assert at == len(data)


def test_pages_are_each_version_of_an_article_and_the_seeds(whole):
    pages = pages_of(whole)
    lamps = [page for page in pages if page["url"] == f"{SITE}/2026/11/lamp"]
    assert [page["ts"] for page in lamps] == ["2026-11-01T08:02:00Z", "2026-11-02T08:04:00Z"]
    assert [page["title"] for page in lamps] == ["The lamp burns"] * 2
    assert lamps[0]["text"] == "\n\n".join(PARAGRAPHS)
    assert lamps[1]["text"].endswith("for sale now.")
    assert [page["url"] for page in pages if page.get("seed")] == [f"{SITE}/"]
    assert len({page["id"] for page in pages}) == len(pages) == 3


def test_other_html_pages_are_extra_pages_and_errors_and_pictures_none(whole):
    assert sorted(page["url"] for page in pages_of(whole, "extraPages")) == [f"{SITE}/about", f"{OTHER}/"]


def test_every_page_is_a_capture_of_the_index(whole):
    known = {(one.url, one.stamp) for one in lines_of(whole)}
    for page in [*pages_of(whole), *pages_of(whole, "extraPages")]:
        stamp = "".join(letter for letter in str(page["ts"]) if letter.isdigit())
        assert (page["url"], stamp) in known


def test_the_same_archive_and_label_give_the_same_bytes(archive, whole, tmp_path):
    write_wacz(archive, tmp_path / "b.wacz", Choice(), LABEL, force=False)
    assert (tmp_path / "b.wacz").read_bytes() == whole.read_bytes()


def test_headers_of_members_are_of_one_length_with_those_in_the_directory(whole):
    """wabac.js takes the data to begin where a header as in the directory would end."""
    data = whole.read_bytes()
    with ZipFile(whole) as wacz:
        for one in wacz.infolist():
            name_bytes, extra_bytes = struct.unpack_from("<HH", data, one.header_offset + 26)
            assert (name_bytes, extra_bytes) == (len(one.filename), len(one.extra)) == (len(one.filename), 0)


def test_a_choice_takes_its_files_but_only_its_lines_and_pages(archive, tmp_path):
    path = tmp_path / "a.wacz"
    packed = write_wacz(archive, path, Choice(hosts=("other.example",)), LABEL, force=False)
    assert (packed.warc_files, packed.captures, packed.pages, packed.extra_pages) == (1, 1, 0, 1)
    assert [one.url for one in lines_of(path)] == [f"{OTHER}/"]
    (name,) = (one for one in ZipFile(path).namelist() if one.startswith("archive/"))
    (original,) = (one for one in archive.warc_files() if one.name.startswith("later-"))
    assert member(path, name) == original.read_bytes()


@pytest.mark.parametrize(
    "choice", [Choice(source="later"), Choice(since=START + timedelta(days=1))], ids=["source", "since"]
)
def test_revisits_bring_the_bodies_that_they_show_whatever_the_choice(archive, tmp_path, choice):
    path = tmp_path / "a.wacz"
    packed = write_wacz(archive, path, choice, LABEL, force=False)
    assert (packed.warc_files, packed.captures) == (2, 8)  # 5 of the choice, 3 bodies of its revisits
    bodies = {(one.url, one.digest) for one in lines_of(path) if one.mime != "warc/revisit"}
    revisits = {(one.url, one.digest) for one in lines_of(path) if one.mime == "warc/revisit"}
    assert len(revisits) == 3
    assert revisits <= bodies
    assert [page["ts"] for page in pages_of(path) if page.get("text")] == ["2026-11-02T08:04:00Z"]


def test_a_choice_that_takes_nothing_is_an_error_and_no_file(archive, tmp_path):
    with pytest.raises(ArchiveError):
        write_wacz(archive, tmp_path / "a.wacz", Choice(source="nobody"), LABEL, force=False)
    assert list(tmp_path.iterdir()) == []


def linked(archive: Layout, root: Path) -> Layout:
    """A copy of the archive whose files may be moved about."""
    for path in archive.root.rglob("*"):
        if path.is_file() and "state" not in path.parts:
            target = root / path.relative_to(archive.root)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(path, target)
    return Layout(root)


def test_what_cannot_go_in_is_told_with_its_reason(archive, tmp_path):
    layout = linked(archive, tmp_path / "copy")
    (later,) = (path for path in layout.warc_files() if path.name.startswith("later-"))
    later.rename(f"{later}.open")
    (layout.warc / "old.arc").write_bytes(b"filedesc:x")
    packed = write_wacz(layout, tmp_path / "a.wacz", Choice(), LABEL, force=False)
    told = {one.warc_file: (one.captures, one.why) for one in packed.left_out}
    assert told == {"old.arc": (0, Why.FORM), layout.warc_name(later): (5, Why.OPEN)}
    assert (packed.warc_files, packed.captures) == (1, 5)
    Path(f"{later}.open").unlink()
    packed = write_wacz(layout, tmp_path / "a.wacz", Choice(), LABEL, force=True)
    assert Why.MISSING in {one.why for one in packed.left_out}


def test_files_of_one_name_in_two_months_get_two_names(archive, tmp_path):
    layout = linked(archive, tmp_path / "copy")
    path = layout.warc_files()[0]
    twin = layout.warc / "2025/01" / path.name
    twin.parent.mkdir(parents=True)
    os.link(path, twin)
    write_wacz(layout, tmp_path / "a.wacz", Choice(), LABEL, force=False)
    names = [name for name in ZipFile(tmp_path / "a.wacz").namelist() if name.startswith("archive/")]
    assert len(names) == len({name.lower() for name in names}) == 3
    assert all(f"archive/{line.filename}" in names for line in lines_of(tmp_path / "a.wacz"))


def test_without_an_index_there_is_no_wacz(tmp_path):
    with pytest.raises(IndexFaultError):
        write_wacz(Layout(tmp_path), tmp_path / "a.wacz", Choice(), LABEL, force=False)


def test_a_file_that_is_there_stays(archive, tmp_path):
    path = tmp_path / "a.wacz"
    path.write_bytes(b"mine")
    with pytest.raises(UsageError):
        write_wacz(archive, path, Choice(), LABEL, force=False)
    assert path.read_bytes() == b"mine"


@pytest.mark.skipif(
    "WACZ_PYTHON" not in os.environ, reason="WACZ_PYTHON is not set: .ci/readers.sh makes one"
)
def test_py_wacz_finds_it_valid_and_a_changed_one_not(whole, tmp_path):
    wacz = Path(os.environ["WACZ_PYTHON"]).with_name("wacz")
    sound = subprocess.run([wacz, "validate", "-f", whole], capture_output=True, text=True, check=False)
    assert sound.returncode == 0, sound.stdout + sound.stderr
    changed = tmp_path / "changed.wacz"
    with ZipFile(whole) as source, ZipFile(changed, "w") as target:
        for one in source.infolist():
            data = source.read(one)
            target.writestr(
                one, data.replace(b"lamp", b"bulb") if one.filename.startswith("pages/") else data
            )
    damaged = subprocess.run([wacz, "validate", "-f", changed], capture_output=True, text=True, check=False)
    assert damaged.returncode == 1, damaged.stdout
