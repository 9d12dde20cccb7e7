"""`presswarc export` of tables as a user calls it: streams, exit codes, what is left behind."""

from __future__ import annotations

import json
import resource
import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from running import START, export, presswarc, told

from storage.layout import Layout
from storage.query import open_published, run_sql

pytestmark = pytest.mark.long

FORMS = ("--parquet", "--jsonl", "--csv", "--sqlite")


@pytest.fixture(scope="module")
def demo(crawled_once, tmp_path_factory) -> Layout:
    """The archive of a crawl of the sample sites."""
    return Layout(crawled_once.copied_to(tmp_path_factory.mktemp("tables") / "archive"))


def ask(archive: Layout, sql: str) -> list[tuple[object, ...]]:
    with open_published(archive.root) as connection:
        return list(run_sql(connection, sql).rows)


def name_of(option: str) -> str:
    return f"out.{option.removeprefix('--')}"


@pytest.mark.parametrize("option", FORMS)
def test_articles_are_what_is_exported_and_counted(demo, tmp_path, option):
    (count,) = ask(demo, "SELECT count(*) FROM articles")[0]
    done = export(demo, option, name_of(option), cwd=tmp_path)
    assert (done.stdout, told(done)) == ("", [f"{name_of(option)}: {count} rows of articles"])
    assert [path.name for path in tmp_path.iterdir()] == [name_of(option)]
    assert export(demo, option, name_of(option), "--force", "--quiet", cwd=tmp_path).stderr == ""


def test_a_folder_by_source_and_month_is_read_as_one_table(demo, tmp_path):
    done = export(demo, "--parquet", tmp_path / "out", "--table", "articles", "--table", "photos")
    assert "rows of articles in " in done.stderr
    with duckdb.connect() as connection:
        files = f"{tmp_path}/out/articles/**/*.parquet"
        read = connection.execute(f"SELECT article_id, source FROM '{files}' ORDER BY 1").fetchall()
    assert read == ask(demo, "SELECT article_id, source FROM articles ORDER BY 1")
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"_presswarc.json", "articles", "photos"}


@pytest.mark.parametrize("option", ["--jsonl", "--csv"])
def test_lines_go_to_stdout(demo, option):
    done = export(demo, option, "-", "--table", "photos")
    (count,) = ask(demo, "SELECT count(*) FROM photos")[0]
    assert len(done.stdout.splitlines()) == count + (option == "--csv")
    assert told(done) == [f"stdout: {count} rows of photos"]


def test_lines_of_json_are_those_of_a_query(demo):
    exported = export(demo, "--jsonl", "-", "--quiet").stdout.splitlines()
    sql = "FROM articles ORDER BY published_at NULLS FIRST, article_id"
    asked = presswarc("query", sql, "--ndjson", "--archive", demo.root).stdout.splitlines()
    assert [json.loads(line) for line in exported] == [json.loads(line) for line in asked]


def test_several_forms_are_written_at_once(demo, tmp_path):
    export(demo, "--jsonl", "a.jsonl", "--sqlite", "a.sqlite", "--cdxj", "a.cdxj", cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.cdxj", "a.jsonl", "a.sqlite"]


def test_several_tables_become_files_in_a_folder(demo, tmp_path):
    export(demo, "--csv", tmp_path / "out", "--table", "clusters", "--table", "pairs")
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"_presswarc.json", "clusters.csv", "pairs.csv"}


def test_all_takes_every_table_and_view_that_a_query_lists(demo, tmp_path):
    export(demo, "--sqlite", tmp_path / "all.sqlite", "--table", "all")
    listed = presswarc("query", "--archive", demo.root).stdout.splitlines()
    names = {json.loads(line)["table"] for line in listed}
    with closing(sqlite3.connect(tmp_path / "all.sqlite")) as database:
        made = {row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"articles", "versions", "captures"} <= made
    assert names - made == {"schema_version", "search_terms"}


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ("articles", "SELECT article_id FROM articles WHERE source = 'demo'"),
        ("captures", "SELECT url FROM captures WHERE source = 'demo'"),
        ("crawls", "SELECT crawl_id FROM crawls WHERE source = 'demo'"),
        (
            "pairs",
            """SELECT DISTINCT left_id FROM pairs p JOIN articles a ON a.article_id IN (left_id, right_id)
            WHERE a.source = 'demo'""",
        ),
        ("source_health", "SELECT day::VARCHAR FROM source_health WHERE source = 'demo'"),
    ],
)
def test_a_choice_takes_the_rows_of_its_captures(demo, table, expected):
    rows = [
        json.loads(line)
        for line in export(demo, "--jsonl", "-", "--table", table, "--source", "demo").stdout.splitlines()
    ]
    first = next(iter(rows[0]))
    wanted = sorted(str(row[0]) for row in ask(demo, expected))
    found = {str(row[first]) for row in rows} if table == "pairs" else [str(row[first]) for row in rows]
    assert sorted(found) == wanted
    assert wanted


def test_a_choice_of_nothing_writes_no_rows(demo, tmp_path):
    done = export(
        demo, "--parquet", tmp_path / "out", "--jsonl", tmp_path / "a.jsonl", "--since", "2031-01-01"
    )
    assert told(done) == [f"{tmp_path}/out: 0 rows of articles", f"{tmp_path}/a.jsonl: 0 rows of articles"]
    with duckdb.connect() as connection:
        files = f"{tmp_path}/out/articles/**/*.parquet"
        assert connection.execute(f"SELECT count(*) FROM '{files}'").fetchall() == [(0,)]
    assert (tmp_path / "a.jsonl").read_bytes() == b""


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (("--parquet", "-"), "this form is written to a file", "--jsonl -"),
        (("--sqlite", "-"), "this form is written to a file", "--jsonl -"),
        (("--parquet", "a.parquet", "--table", "all"), "one file takes one table", "--parquet DIR"),
        (
            ("--jsonl", "-", "--table", "pairs", "--table", "photos"),
            "one file takes one table",
            "--jsonl DIR",
        ),
        (
            ("--csv", "a.csv", "--table", "photo"),
            "no table or view is called `photo`, did you mean",
            "photos",
        ),
        (("--csv", "a.csv", "--table", "schema_version"), "no table or view is called", "articles"),
        (("--csv", "a.csv", "--table", "blocks", "--source", "dem"), "did you mean `demo`?", "query"),
        (("--csv", "nowhere/a.csv"), "cannot write: No such file or directory", "a place"),
        (("--csv", "."), "this is a folder, not a file", "name the file"),
    ],
)
def test_what_cannot_be_done_is_told_with_what_to_try(demo, tmp_path, words, message, hint):
    done = export(demo, *words, cwd=tmp_path, code=2)
    assert message in done.stderr
    assert hint in told(done)[-1]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", FORMS)
def test_what_is_there_is_kept_unless_forced(demo, tmp_path, option):
    path = tmp_path / name_of(option)
    path.write_bytes(b"mine")
    done = export(demo, option, path, code=2)
    assert "there is a file here already" in done.stderr
    assert path.read_bytes() == b"mine"
    export(demo, option, path, "--force")
    assert path.stat().st_size > 1000
    assert list(tmp_path.iterdir()) == [path]


def full_disk() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))


@pytest.mark.parametrize("option", FORMS)
def test_a_full_disk_ends_with_5_and_leaves_nothing(demo, tmp_path, option):
    path = tmp_path / name_of(option)
    path.write_bytes(b"old")
    done = export(demo, option, path, "--force", code=5, preexec_fn=full_disk)
    assert "no space left" in done.stderr
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_leaves_the_folder_before_as_it_was(demo, tmp_path):
    export(demo, "--parquet", tmp_path / "out", "--table", "crawls")
    before = sorted(tmp_path.rglob("*"))
    done = export(
        demo, "--parquet", tmp_path / "out", "--table", "versions", "--force", code=5, preexec_fn=full_disk
    )
    assert "no space left" in done.stderr
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("option", ["--jsonl", "--csv"])
def test_a_full_device_ends_with_5(demo, option):
    done = export(demo, option, "/dev/full", code=5)
    assert (done.stdout, told(done)[0]) == ("", "error: no space left on device")
    assert "make room" in told(done)[-1]


def test_a_reader_that_goes_away_is_no_fault(demo):
    words = ["export", "--quiet", "--archive", str(demo.root), "--jsonl", "-", "--table", "versions"]
    with subprocess.Popen([*START, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(120) == 0


@pytest.mark.parametrize("option", FORMS)
def test_without_an_index_there_is_an_error_and_no_file(tmp_path, option):
    done = presswarc("export", "--archive", tmp_path / "none", option, tmp_path / "out", code=1)
    assert told(done)[0] == "error: there is no index here yet"
    assert list(tmp_path.iterdir()) == []


def files_of(folder: Path) -> Iterator[tuple[str, int, int]]:
    """Every file below a folder, with its time and size."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path), path.stat().st_mtime_ns, path.stat().st_size


def test_exporting_changes_nothing_in_the_archive(demo, tmp_path):
    before = list(files_of(demo.root))
    export(demo, *(word for form in FORMS for word in (form, tmp_path / name_of(form))))
    assert list(files_of(demo.root)) == before
