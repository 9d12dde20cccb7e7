"""What an index that somebody else made may do: nothing. In DuckDB a table's name may be a view of a file."""

import os

import duckdb
import pytest

from builders import START, capture
from pipelines.run import extraction_row
from storage.article import Article, Outcome
from storage.cdxj import line_of
from storage.errors import ArchiveError, IndexFaultError, QueryError
from storage.exports.wacz import Label, write_wacz
from storage.index.bodies import PublishedBodies
from storage.index.choose import Choice
from storage.index.database import open_database
from storage.index.writer import IndexWriter
from storage.layout import Layout
from storage.query import open_published, run_sql
from storage.warc import read_record_at

pytestmark = pytest.mark.long

CANARY = "the-secret-of-this-machine"
REACHING_OUT = """\
SELECT * FROM read_csv('{folder}/secret.csv')
SELECT * FROM read_json('{folder}/secret.json')
SELECT * FROM read_ndjson_objects('{folder}/secret.json')
SELECT * FROM read_blob('{folder}/*')
SELECT * FROM read_blob('{index}')
SELECT * FROM read_parquet('{folder}/secret.csv')
SELECT * FROM parquet_metadata('{folder}/secret.csv')
SELECT * FROM sniff_csv('{folder}/secret.csv')
SELECT * FROM glob('{folder}/*')
SELECT * FROM "{folder}/secret.csv"
FROM '{folder}/other.duckdb'
DESCRIBE '{folder}/secret.csv'
SUMMARIZE '{folder}/secret.csv'
SELECT * FROM query('FROM read_text(''{folder}/secret.csv'')')
SELECT * FROM query_table('{folder}/secret.csv')
SELECT * FROM json_execute_serialized_sql(json_serialize_sql('FROM read_text(''{folder}/secret.csv'')'))
CREATE TEMP MACRO m(a) AS TABLE SELECT * FROM read_text(a); FROM m('{folder}/secret.csv')
CREATE TEMP VIEW v AS FROM read_text('{folder}/secret.csv')
CREATE TEMP TABLE t (a VARCHAR); COPY t FROM '{folder}/secret.csv'
COPY (SELECT 1) TO '{index}' (FORMAT csv)
COPY (SELECT 1) TO '{index}.wal' (FORMAT csv)
EXPLAIN ANALYZE COPY (SELECT 1) TO '{folder}/out.csv'
SELECT 1; COPY (SELECT 1) TO '{folder}/out.csv'
IMPORT DATABASE '{folder}'
ATTACH '{folder}/other.duckdb' (READ_ONLY)
ATTACH '{folder}/new.duckdb'
ATTACH '{index}' AS again (READ_ONLY)
LOAD '{folder}/x.duckdb_extension'
SELECT * FROM read_text('http://127.0.0.1:9/x')
ATTACH 'http://127.0.0.1:9/x.duckdb'
SET disabled_filesystems = ''
RESET disabled_filesystems
SET allowed_directories = ['{folder}']
SET temp_directory = '{folder}'
SET secret_directory = '{folder}'
SET extension_directory = '{folder}'
CALL enable_logging(storage = 'file', storage_path = '{folder}/log')
PRAGMA enable_profiling = 'json'
SET profiling_output = '{folder}/profile.json'
SELECT getenv('HOME')
PRAGMA import_database('{folder}')""".splitlines()


@pytest.fixture
def archive(tmp_path):
    """An archive with one article."""
    folder = tmp_path / "archive"
    shown = capture(1, "https://paper.example/a", 0)
    article = Article(title="Ferry returns", text=" ".join(f"word{n}" for n in range(60)))
    with IndexWriter(folder) as writer:
        writer.add(captures=[shown], extractions=[extraction_row(shown, Outcome.ARTICLE, article=article)])
        writer.refresh()
        writer.publish()
    return folder


@pytest.fixture
def secret(tmp_path):
    """A file that the index has no business with."""
    path = tmp_path / "secret.csv"
    path.write_text(f"{CANARY}\n")
    return path


def tampered(index, *statements):
    """Change an index as its maker may."""
    with duckdb.connect(index) as connection:
        for statement in statements:
            connection.execute(statement)


def test_sql_reaches_no_file_no_network_and_no_other_database(archive, secret, tmp_path):
    (tmp_path / "secret.json").write_text(f'[{{"a": "{CANARY}"}}]')
    with duckdb.connect(tmp_path / "other.duckdb") as other:
        other.execute("CREATE TABLE t AS SELECT 1 AS a")
    index = Layout(archive).index
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    ran = []
    with open_published(archive) as connection:
        for statement in REACHING_OUT:
            try:
                run_sql(connection, statement.format(folder=tmp_path, index=index))
            except QueryError:
                continue
            ran.append(statement)
    assert ran == []
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_view_of_a_file_in_the_published_index_is_not_read(archive, secret):
    tampered(Layout(archive).index, f"CREATE VIEW spy AS SELECT content FROM read_text('{secret}')")
    with open_published(archive) as connection, pytest.raises(QueryError, match="disabled"):
        run_sql(connection, "FROM spy")


@pytest.mark.parametrize("with_scratch", [False, True])
def test_the_version_of_an_index_is_no_way_to_a_file(archive, secret, tmp_path, with_scratch):
    # With a folder to write to, DuckDB is opened with leave to read all files, which is then taken away.
    tampered(
        Layout(archive).index,
        "DROP TABLE schema_version",
        f"CREATE VIEW schema_version AS SELECT content AS version FROM read_text('{secret}')",
    )
    scratch = tmp_path / "scratch" if with_scratch else None
    with pytest.raises(IndexFaultError) as fault, open_published(archive, scratch=scratch):
        pass
    told = f"{fault.value.message} {fault.value.__cause__}"
    assert CANARY not in told
    assert "disabled" in told


@pytest.mark.parametrize("name", ["index.duckdb", "state/index.duckdb"])
def test_a_log_beside_an_index_writes_and_reads_nothing_else(archive, secret, tmp_path, name):
    index = archive / name
    with duckdb.connect(index) as connection:
        connection.execute("SET checkpoint_threshold = '1TB'")
        connection.execute("PRAGMA disable_checkpoint_on_shutdown")
        connection.execute(f"CREATE VIEW spy AS SELECT content FROM read_text('{secret}')")
        connection.execute(f"CREATE MACRO told() AS (SELECT content FROM read_text('{secret}'))")
        connection.execute("CREATE TABLE more AS SELECT 1 AS a")
    assert index.with_name(f"{index.name}.wal").stat().st_size > 0
    before = {path: path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()}
    opened = open_published(archive) if name == "index.duckdb" else open_database(index)
    with opened as connection:
        assert connection.execute("FROM more").fetchall() == [(1,)]  # so the log was read
        for statement in ("FROM spy", "SELECT told()", f"COPY more TO '{tmp_path}/out.csv'"):
            with pytest.raises(duckdb.PermissionException):
                connection.execute(statement)
        if name == "index.duckdb":
            assert {path: path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()} == before
    after = {path for path in tmp_path.rglob("*") if path.is_file()}
    assert after <= set(before)


def test_a_version_that_is_no_number_is_an_index_fault(archive):
    tampered(
        Layout(archive).index,
        "DROP TABLE schema_version",
        "CREATE VIEW schema_version AS SELECT 'x' AS version",
    )
    with pytest.raises(IndexFaultError, match="not an index"):
        open_published(archive)


def test_the_look_up_of_known_bodies_reads_no_file(archive, secret):
    sound = PublishedBodies(archive)
    assert [body.warc_file for body in sound.of("https://paper.example/a", "sha256:1")] == [
        "2026/11/1.warc.gz"
    ]
    sound.close()
    columns = "captured_at, warc_offset, url, payload_digest, record_type, method, status, truncated"
    tampered(
        Layout(archive).index,
        "CREATE TABLE kept AS FROM captures",
        "DROP TABLE captures",
        f"CREATE VIEW captures AS SELECT {columns}, record_id, content AS warc_file "
        f"FROM kept, read_text('{secret}')",
    )
    asked = PublishedBodies(archive)
    assert asked.of("https://paper.example/a", "sha256:1") == []
    asked.close()


def test_a_pipe_that_an_index_names_as_a_warc_file_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.warc.gz")
    with pytest.raises(OSError, match="not a regular file"):
        read_record_at(tmp_path / "pipe.warc.gz", 0)


@pytest.mark.parametrize(
    "name",
    ["../secret.warc.gz", "{folder}/secret.warc.gz", "2026/link.warc.gz", "2026/up/secret.warc.gz", "", "\0"],
)
def test_no_name_and_no_link_in_an_archive_leads_to_a_file_outside(tmp_path, name):
    (tmp_path / "secret.warc.gz").write_bytes(b"WARC/1.1")
    layout = Layout(tmp_path / "archive")
    (layout.warc / "2026").mkdir(parents=True)
    (layout.warc / "2026" / "own.warc.gz").write_bytes(b"WARC/1.1")
    (layout.warc / "2026" / "link.warc.gz").symlink_to(tmp_path / "secret.warc.gz")
    (layout.warc / "2026" / "up").symlink_to(tmp_path)
    assert layout.has_warc_file("2026/own.warc.gz")
    name = name.format(folder=tmp_path)
    assert not layout.has_warc_file(name)
    with pytest.raises(FileNotFoundError, match="no file of this archive"):
        layout.warc_file(name)


def test_the_folder_of_the_warc_files_may_itself_lie_elsewhere(tmp_path):
    layout = Layout(tmp_path / "archive")
    layout.root.mkdir()
    (tmp_path / "large-disk").mkdir()
    (tmp_path / "large-disk" / "own.warc.gz").write_bytes(b"WARC/1.1")
    layout.warc.symlink_to(tmp_path / "large-disk")
    assert layout.has_warc_file("own.warc.gz")


def test_a_package_takes_no_file_that_a_line_of_the_cdxj_names_outside(archive, tmp_path):
    layout = Layout(archive)
    secret = capture(5, "https://paper.example/b", 2, warc_file="../../secret.warc.gz")
    (tmp_path / "secret.warc.gz").write_bytes(b"WARC/1.1")
    layout.cdxj.parent.mkdir(exist_ok=True)
    layout.cdxj.write_text(line_of(secret), encoding="utf-8")
    label = Label(created_at=START, software="x", title="")
    with pytest.raises(ArchiveError, match="no WARC file holds"):
        write_wacz(layout, tmp_path / "a.wacz", Choice(), label, force=False)
    assert not (tmp_path / "a.wacz").exists()


def test_a_view_of_a_file_in_the_writers_own_database_is_not_read(archive, secret, tmp_path):
    database = Layout(archive).state / "index.duckdb"
    tampered(database, f"CREATE VIEW spy AS SELECT content FROM read_text('{secret}')")
    connection = open_database(database)
    try:
        for statement in (
            "FROM spy",
            f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
            f"ATTACH '{tmp_path}/o.db'",
        ):
            with pytest.raises(duckdb.PermissionException):
                connection.execute(statement)
    finally:
        connection.close()
    later = capture(2, "https://paper.example/b", 1, captured_at=START)
    with IndexWriter(archive) as writer:  # and what is written goes on being written
        writer.add(captures=[later], extractions=[])
        writer.publish()
    with open_published(archive) as published:
        assert run_sql(published, "SELECT count(*) FROM captures").rows == ((2,),)
