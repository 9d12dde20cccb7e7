import errno
import itertools
import os
import signal
import subprocess
import sys
import textwrap
import threading

import duckdb
import pytest

from builders import capture, revisit
from pipelines.run import extraction_row
from storage.article import Article, Outcome
from storage.errors import ArchiveBusyError, ArchiveError, IndexFaultError, OutOfSpaceError
from storage.index.database import no_room
from storage.index.schema import SCHEMA_VERSION
from storage.index.tables import TABLES
from storage.index.views import VIEWS
from storage.index.writer import IndexWriter

PAGE, OTHER = "https://blog.example/2026/page/", "https://blog.example/2026/other/"
TEXT = " ".join(f"word{number}" for number in range(100))
PUBLISHED = [part.name for part in (*TABLES, *VIEWS) if not part.name.startswith("work.")]


def extraction(of, text, outcome=Outcome.ARTICLE):
    article = Article(title="A title of some words", text=text) if outcome is Outcome.ARTICLE else None
    return extraction_row(of, outcome, article=article)


def build(archive, numbers=range(5), **options):
    """Add and publish an article for each number; the published file, None when nothing changed."""
    captures = [capture(number, f"https://blog.example/{number}", number) for number in numbers]
    with IndexWriter(archive, **options) as writer:
        writer.add(captures=captures, extractions=[extraction(one, f"{TEXT} {one.url}") for one in captures])
        writer.refresh()
        return writer.publish()


def count(archive):
    with duckdb.connect(str(archive / "index.duckdb"), read_only=True) as connection:
        return connection.execute("SELECT count(*) FROM articles").fetchone()[0]


def test_publishing_again_without_a_change_leaves_the_file_alone(tmp_path):
    build(tmp_path)
    before = (tmp_path / "index.duckdb").stat()
    assert build(tmp_path) is None
    after = (tmp_path / "index.duckdb").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    (tmp_path / "index.duckdb").unlink()
    with IndexWriter(tmp_path) as writer:
        assert writer.publish() == tmp_path / "index.duckdb"


WAITING_READER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
print("open", flush=True)
input()
print(connection.execute("SELECT count(*) FROM articles").fetchone()[0])
"""


@pytest.mark.long
def test_a_reader_keeps_its_view_while_a_new_index_is_published(tmp_path):
    build(tmp_path)
    command = [sys.executable, "-c", WAITING_READER, str(tmp_path / "index.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout.readline() == "open\n"
        build(tmp_path, [50])
        answer, _ = reader.communicate("go\n")
    assert answer == "5\n"
    assert count(tmp_path) == 6


BUSY_READER = """
import duckdb, sys
for _ in range(25):
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        print(connection.execute("SELECT count(*) FROM articles").fetchone()[0])
"""


@pytest.mark.long
def test_readers_are_never_refused_while_publishing(tmp_path):
    build(tmp_path)
    stop, counts = threading.Event(), []

    def read():
        done = subprocess.run(
            [sys.executable, "-c", BUSY_READER, str(tmp_path / "index.duckdb")],
            capture_output=True,
            text=True,
            check=False,
        )
        counts.extend([done.returncode, *map(int, done.stdout.split()), *done.stderr.splitlines()])
        stop.set()

    thread = threading.Thread(target=read)
    thread.start()
    with IndexWriter(tmp_path) as writer:
        for number in itertools.count(100):
            if stop.is_set():
                break
            page = capture(number, f"https://blog.example/{number}", number)
            writer.add(captures=[page], extractions=[extraction(page, TEXT)])
            writer.refresh()
            assert writer.publish() is not None
    thread.join()
    assert counts[0] == 0
    assert counts[1:] == sorted(counts[1:])
    assert len(counts) == 26


HOLDER = """
import sys
from pathlib import Path
from storage.index.writer import IndexWriter
with IndexWriter(Path(sys.argv[1])):
    print("held", flush=True)
    input()
"""


def test_a_second_writer_is_told_who_holds_the_archive(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ArchiveBusyError, match=f"pid {holder.pid}") as refused:
            IndexWriter(tmp_path)
        assert refused.value.exit_code == 4
        holder.communicate("go\n")
    with IndexWriter(tmp_path):
        pass


def test_a_second_writer_in_the_same_process_is_refused_too(tmp_path):
    with IndexWriter(tmp_path), pytest.raises(ArchiveBusyError, match=f"pid {os.getpid()}"):
        IndexWriter(tmp_path)
    with IndexWriter(tmp_path):
        pass


KILLED = """
import sys, itertools
from datetime import UTC, datetime
from pathlib import Path
from storage.index.writer import IndexWriter
from storage.model import Capture
with IndexWriter(Path(sys.argv[1])) as writer:
    for batch in itertools.count():
        writer.add(captures=[
            Capture(record_id=f"{batch}-{n}", url=f"https://a.example/{batch}/{n}", source="s", crawl_id="c",
                    captured_at=datetime(2026, 1, 1, tzinfo=UTC), method="GET", status=200, mime="text/html",
                    payload_digest="d", record_type="response", warc_file="f", warc_offset=n, warc_length=1)
            for n in range(50)])
        print(batch, flush=True)
"""


@pytest.mark.long
@pytest.mark.parametrize("acknowledged", [0, 3, 7])
def test_a_writer_killed_while_adding_leaves_whole_batches_and_every_committed_one(tmp_path, acknowledged):
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        for line in writer.stdout:
            if int(line) == acknowledged:
                break
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    with IndexWriter(tmp_path) as again:
        found = len(again.lacking_extraction())
        assert found % 50 == 0
        assert found >= 50 * (acknowledged + 1)
        again.refresh()
        assert again.publish() is not None


def test_a_damaged_database_is_named_with_the_way_to_build_it_again(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "index.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(IndexFaultError) as fault:
        IndexWriter(tmp_path)
    assert "presswarc replay" in fault.value.hint
    assert build(tmp_path, anew=True) == tmp_path / "index.duckdb"
    with IndexWriter(tmp_path) as writer:
        assert writer.warc_files() == {f"2026/11/{number}.warc.gz" for number in range(3)}


@pytest.mark.parametrize("left", [b"", b"half a header" * 10])
def test_a_database_that_a_killed_process_did_not_come_to_the_end_of_is_begun_again(tmp_path, left):
    state = tmp_path / "state"
    state.mkdir()
    (state / "index.duckdb.making").write_bytes(left)
    with IndexWriter(tmp_path) as writer:
        assert writer.warc_files() == set()
    assert sorted(path.name for path in state.iterdir()) == ["index.duckdb", "lock"]


def test_a_copy_worked_on_holds_the_index_though_one_made_anew_was_left_half_made(tmp_path):
    build(tmp_path)
    (tmp_path / "state" / "index.anew.duckdb.making").touch()
    with IndexWriter(tmp_path, aside=True) as writer:
        assert writer.connection.execute("SELECT count(*) FROM captures").fetchall() == [(5,)]


@pytest.mark.parametrize("name", ["what?", "back\\slash"])
def test_an_archive_where_duckdb_would_put_its_files_elsewhere_is_refused(tmp_path, name):
    with pytest.raises(ArchiveError, match="DuckDB can have no database"):
        IndexWriter(tmp_path / name)


def test_an_archive_may_have_any_other_name(tmp_path):
    archive = tmp_path / "odd 'dir; %41 \N{SNOWMAN} #\"x [a]{b} $HOME *\n~"
    assert build(archive) == archive / "index.duckdb"
    assert sorted(path.name for path in archive.iterdir()) == ["index.duckdb", "state"]


def test_a_newer_index_is_refused(tmp_path):
    with IndexWriter(tmp_path):
        pass
    with duckdb.connect(str(tmp_path / "state" / "index.duckdb")) as connection:
        connection.execute("UPDATE schema_version SET version = version + 1")
    with pytest.raises(IndexFaultError, match=f"version {SCHEMA_VERSION + 1}"):
        IndexWriter(tmp_path)


def test_a_foreign_database_is_refused(tmp_path):
    (tmp_path / "state").mkdir()
    with duckdb.connect(str(tmp_path / "state" / "index.duckdb")) as connection:
        connection.execute("CREATE TABLE mine (a INTEGER)")
    with pytest.raises(IndexFaultError, match="not one of Presswarc's"):
        IndexWriter(tmp_path)


def test_an_index_built_anew_and_not_published_leaves_the_old_one(tmp_path):
    build(tmp_path)
    with IndexWriter(tmp_path, anew=True) as writer:
        assert not writer.warc_files()
        writer.add(captures=[capture(9, PAGE, 9)])
    with IndexWriter(tmp_path) as writer:
        assert capture(9, PAGE, 9).record_id not in {one.record_id for one in writer.lacking_extraction()}
        assert writer.warc_files()
    assert sorted(path.name for path in (tmp_path / "state").iterdir()) == ["index.duckdb", "lock"]


def test_captures_that_may_hold_an_article_wait_until_they_were_looked_at(tmp_path):
    page, picture, again = (
        capture(1, OTHER, 0),
        capture(2, "https://a.example/p.jpg", 0, mime="image/jpeg"),
        capture(4, PAGE, 3),
    )
    with IndexWriter(tmp_path) as writer:
        writer.add(captures=[page, picture, revisit(3, page, 1), again])
        assert writer.lacking_extraction() == sorted([page, again], key=lambda one: one.warc_file)
        writer.add(extractions=[extraction(page, TEXT), extraction(again, "", Outcome.EMPTY)])
        assert writer.lacking_extraction() == []


def test_the_file_is_of_the_storage_version_that_duckdb_1_4_reads(tmp_path):
    build(tmp_path)
    with (tmp_path / "index.duckdb").open("rb") as file:
        header = file.read(64)
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") <= 67


def test_the_published_file_opens_in_each_duckdb_at_hand(tmp_path):
    pythons = os.environ.get("DUCKDB_PYTHONS", "").split(":")
    if pythons == [""]:
        pytest.skip("DUCKDB_PYTHONS names no interpreters; .ci/duckdb-versions.sh makes them")
    build(tmp_path)
    child = textwrap.dedent("""
        import duckdb, sys
        with duckdb.connect(sys.argv[1], read_only=True) as connection:
            for name in sys.argv[2:]:
                print(name, connection.execute(f"SELECT count(*) FROM (SELECT * FROM {name})").fetchone()[0])
    """)
    answers = {
        python: subprocess.run(
            [python, "-c", child, str(tmp_path / "index.duckdb"), *PUBLISHED],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for python in [sys.executable, *pythons]
    }
    assert len(set(answers.values())) == 1


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.ENOSPC, OutOfSpaceError), (errno.EIO, IndexFaultError), (errno.EACCES, IndexFaultError)],
)
def test_a_commit_that_the_disk_refuses_is_told_as_such(tmp_path, number, kind):
    told = f"TransactionContext Error: Failed to commit: Cannot open file: {os.strerror(number)}"
    with pytest.raises(kind, match="the index cannot be written"), no_room(tmp_path / "index.duckdb"):
        raise duckdb.TransactionException(told)
