"""`presswarc export` as a user calls it: streams, exit codes, what is left behind."""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from running import START, export, presswarc, told

from storage.cdxj import parse_line
from storage.layout import Layout
from storage.query import open_published, run_sql

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def demo(crawled_twice, tmp_path_factory) -> Layout:
    """The archive of two crawls of the sample sites."""
    return Layout(crawled_twice.copied_to(tmp_path_factory.mktemp("export") / "archive"))


def test_a_wacz_file_of_the_whole_archive_is_told_with_its_counts(demo, tmp_path):
    done = export(demo, "--wacz", tmp_path / "a.wacz")
    lines = demo.cdxj.read_bytes().splitlines()
    files = demo.warc_files()
    assert done.stdout == ""
    assert f"a.wacz: {len(lines)} captures in {len(files)} WARC files, " in done.stderr
    with ZipFile(tmp_path / "a.wacz") as wacz:
        assert {Path(name).name for name in wacz.namelist() if name.startswith("archive/")} == {
            path.name for path in files
        }
        package = json.loads(wacz.read("datapackage.json"))
    assert package["title"] == "Captures of demo, demo-defense"
    assert package["software"].startswith("presswarc/")
    with open_published(demo.root) as connection:
        (versions,) = run_sql(connection, "SELECT count(*) FROM versions").rows[0]
    assert versions >= 60
    pages = ZipFile(tmp_path / "a.wacz").read("pages/pages.jsonl").splitlines()[1:]
    assert sum("text" in json.loads(page) for page in pages) == versions


def test_a_title_can_be_given(demo, tmp_path):
    export(demo, "--wacz", tmp_path / "a.wacz", "--title", "Zwei Häfen", "--quiet")
    package = json.loads(ZipFile(tmp_path / "a.wacz").read("datapackage.json"))
    assert package["title"] == "Zwei Häfen"


def test_cdxj_lines_go_to_stdout_as_they_are(demo):
    done = export(demo, "--cdxj", "-")
    assert done.stdout == demo.cdxj.read_text()
    assert told(done) == [f"stdout: {len(done.stdout.splitlines())} lines"]


def test_lines_of_a_source_are_those_of_its_captures(demo, tmp_path):
    export(demo, "--cdxj", tmp_path / "a.cdxj", "--source", "demo")
    found = [parse_line(line) for line in (tmp_path / "a.cdxj").read_bytes().splitlines()]
    with open_published(demo.root) as connection:
        rows = run_sql(connection, "SELECT warc_file, warc_offset FROM captures WHERE source = 'demo'").rows
    assert sorted((one.filename, one.offset) for one in found) == sorted(rows)
    assert len(found) > 50


def test_time_and_host_narrow_what_is_exported(demo):
    every = export(demo, "--cdxj", "-").stdout.splitlines()
    moments = sorted({parse_line(line.encode()).stamp for line in every})
    middle = moments[len(moments) // 2]
    at = f"{middle[:4]}-{middle[4:6]}-{middle[6:8]}T{middle[8:10]}:{middle[10:12]}:{middle[12:]}"
    early = export(demo, "--cdxj", "-", "--until", at, "--quiet").stdout.splitlines()
    assert early == [line for line in every if parse_line(line.encode()).stamp < middle]
    hosts = export(demo, "--cdxj", "-", "--host", "aldmoor-defense.test").stdout.splitlines()
    assert hosts == [line for line in every if "aldmoor-defense" in line.partition(")")[0]]
    assert 0 < len(hosts) < len(every)
    same = export(demo, "--cdxj", "-", "--until", f"{at}+00:00").stdout.splitlines()
    assert same == early


def test_what_is_written_names_how_to_start_pywb(demo, tmp_path):
    done = export(demo, "--pywb", tmp_path / "in a folder")
    assert f"wayback -b 127.0.0.1 -p 8080 -d '{tmp_path}/in a folder'" in told(done)
    readme = (tmp_path / "in a folder/README.txt").read_text()
    assert f"-d '{tmp_path}/in a folder'" in readme
    assert "absolute" in readme
    export(demo, "--pywb", tmp_path / "in a folder", code=2)
    export(demo, "--pywb", tmp_path / "in a folder", "--force")


@pytest.mark.parametrize(
    ("words", "code", "message", "hint"),
    [
        ((), 2, "there is nothing to export to", "--wacz FILE, --cdxj FILE, --pywb DIR, --parquet DIR"),
        (("--host", "nowhere.test"), 2, "no capture of the host `nowhere.test`", "query"),
        (("--source", "dem"), 2, "no capture of the source `dem`, did you mean `demo`?", "query"),
        (("--since", "yesterday"), 2, "`yesterday` is no time", "presswarc export --help"),
        (("--since", "2031-01-01"), 1, "no WARC file holds what is to be exported", "presswarc query"),
        (("--frob",), 2, "no option is called `--frob`", "presswarc export --help"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_to_try(demo, tmp_path, words, code, message, hint):
    target = () if not words else ("--wacz", tmp_path / "a.wacz")
    done = export(demo, *target, *words, code=code)
    assert message in done.stderr
    assert hint in told(done)[-1]
    assert list(tmp_path.iterdir()) == []


def test_pywb_takes_no_choice(demo, tmp_path):
    done = export(demo, "--pywb", tmp_path / "x", "--source", "demo", code=2)
    assert "pywb shows the archive as it is" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [("--wacz", "a.wacz"), ("--cdxj", "a.cdxj")])
def test_an_existing_file_is_kept_unless_forced(demo, tmp_path, words):
    path = tmp_path / words[1]
    path.write_bytes(b"mine")
    done = export(demo, *words, cwd=tmp_path, code=2)
    assert "there is a file here already" in done.stderr
    assert path.read_bytes() == b"mine"
    export(demo, *words, "--force", cwd=tmp_path)
    assert path.stat().st_size > 1000
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("option", ["--wacz", "--cdxj", "--pywb"])
def test_without_an_archive_there_is_an_error_and_no_file(tmp_path, option):
    done = presswarc("export", "--archive", tmp_path / "none", option, tmp_path / "out", code=1)
    assert told(done)[0].startswith("error: there is no ")
    assert list(tmp_path.iterdir()) == []


def full_disk() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))


@pytest.mark.parametrize("option", ["--wacz", "--cdxj"])
def test_a_full_disk_ends_with_5_and_leaves_nothing(demo, tmp_path, option):
    path = tmp_path / "out"
    path.write_bytes(b"old")
    done = export(demo, option, path, "--force", code=5, preexec_fn=full_disk)
    assert "no space left to write out" in done.stderr
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_device_ends_with_5(demo):
    done = export(demo, "--cdxj", "/dev/full", code=5)
    assert told(done)[:2] == ["error: no space left to write full", "at: /dev/full"]
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*START, "export", "--archive", str(demo.root), "--cdxj", "-"],
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=300,
        )
    assert done.returncode == 5
    assert done.stderr.startswith(b"error: no space left on device\n")


def test_a_reader_that_goes_away_is_no_fault(demo):
    command = [*START, "export", "--quiet", "--archive", str(demo.root), "--cdxj", "-"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(120) == 0


def test_a_crawl_at_work_is_not_waited_for_and_its_open_file_is_told(demo, tmp_path):
    layout = Layout(tmp_path / "archive")
    shutil.copytree(demo.root, layout.root)
    newest = max(layout.warc_files(), key=lambda path: path.name.rpartition("-demo")[2])
    newest.rename(f"{newest}.open")
    with (layout.state / "lock").open("w") as lock:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX)
        done = export(layout, "--wacz", tmp_path / "a.wacz", "--pywb", tmp_path / "shown")
    assert f"left out: {layout.warc_name(newest)}" in done.stderr
    assert "it is still being written" in done.stderr


def test_a_missing_warc_file_is_told_and_ends_with_1(demo, tmp_path):
    layout = Layout(tmp_path / "archive")
    shutil.copytree(demo.root, layout.root)
    gone = layout.warc_files()[0]
    gone.unlink()
    done = export(layout, "--wacz", tmp_path / "a.wacz", code=1)
    assert f"left out: {layout.warc_name(gone)}" in done.stderr
    assert "the file is missing" in done.stderr
    assert (tmp_path / "a.wacz").is_file()


def test_exporting_changes_nothing_in_the_archive(demo, tmp_path):
    def state() -> dict[str, tuple[int, int]]:
        return {
            str(path): (path.stat().st_mtime_ns, path.stat().st_size)
            for path in demo.root.rglob("*")
            if path.is_file()
        }

    before = state()
    export(demo, "--wacz", tmp_path / "a.wacz", "--cdxj", tmp_path / "a.cdxj", "--pywb", tmp_path / "a")
    assert state() == before


def test_tools_of_others_read_the_warc_files_of_a_wacz_file(demo, tmp_path):
    export(demo, "--wacz", tmp_path / "a.wacz")
    with ZipFile(tmp_path / "a.wacz") as wacz:
        names = [name for name in wacz.namelist() if name.startswith("archive/")]
        wacz.extractall(tmp_path, names)
    files = [str(tmp_path / name) for name in names]
    beside = Path(sys.executable).parent
    checked = subprocess.run(
        [beside / "warcio", "check", *files], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout
    indexed = subprocess.run([beside / "cdxj-indexer", *files], capture_output=True, text=True, check=True)
    theirs = {(one.filename, one.offset) for one in map(parse_line, indexed.stdout.encode().splitlines())}
    ours = {
        (os.path.basename(one.filename), one.offset)  # noqa: PTH119 (a name in an index, no path)
        for one in map(parse_line, demo.cdxj.read_bytes().splitlines())
    }
    assert theirs == ours
