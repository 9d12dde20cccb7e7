"""Answers to SQL: what SQL may not do, where it stops, what is told."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import duckdb
import pytest
from indexes import empty_index

from storage.answer import GRACE_S, ask, hint_for, last_statement
from storage.errors import QueryError
from storage.query import open_published, run_sql

pytestmark = pytest.mark.long

ROWS = 500


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    """An archive with an index of its own, and a secret beside it."""
    tmp_path = tmp_path_factory.mktemp("answer")
    root = tmp_path / "archive"
    with empty_index(root) as connection:
        connection.execute(
            f"INSERT INTO articles (article_id, title) SELECT i, 'Title ' || i FROM range({ROWS}) r(i)"
        )
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "secret.csv").write_text("secret\n1\n")
    with duckdb.connect(str(tmp_path / "other.duckdb")) as other:
        other.execute("CREATE TABLE secret AS SELECT 1 AS a")
        other.execute(f"COPY secret TO '{tmp_path}/secret.parquet'")
    return root


@pytest.fixture
def connection(archive):
    with open_published(archive) as connection:
        yield connection


def state(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with its bytes."""
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


BREAKING_OUT = """
COPY (SELECT 1) TO '{index}' (FORMAT csv, USE_TMP_FILE false)
COPY (SELECT 1) TO '{index}.wal' (FORMAT csv, USE_TMP_FILE false)
COPY (SELECT 1) TO '{index}' (FORMAT parquet)
COPY articles TO '{folder}/out.csv'
COPY articles TO '{folder}/out.parquet' (FORMAT parquet)
COPY (SELECT 1) TO '/dev/stdout'
COPY articles FROM '{folder}/secret.csv'
PREPARE p AS COPY (SELECT 1) TO '{index}' (FORMAT csv, USE_TMP_FILE false); EXECUTE p
SET VARIABLE a = 1; COPY (SELECT 1) TO '{index}' (FORMAT csv, USE_TMP_FILE false); SELECT 1
EXPLAIN ANALYZE COPY (SELECT 1) TO '{index}' (FORMAT csv, USE_TMP_FILE false)
EXPORT DATABASE '{folder}/out'
IMPORT DATABASE '{folder}'
ATTACH '{folder}/other.duckdb'
ATTACH '{folder}/other.duckdb' AS other (READ_ONLY)
ATTACH '{folder}/new.duckdb'
ATTACH ':memory:' AS memory
FROM '{folder}/secret.csv'
FROM '{folder}/secret.parquet'
FROM '{folder}/other.duckdb'
FROM '{index}'
SELECT * FROM read_csv('{folder}/secret.csv')
SELECT * FROM read_csv_auto('{folder}/*.csv')
SELECT * FROM sniff_csv('{folder}/secret.csv')
SELECT * FROM read_parquet('{folder}/secret.parquet')
SELECT * FROM parquet_metadata('{folder}/secret.parquet')
SELECT * FROM read_json('{folder}/secret.csv')
SELECT * FROM read_text('{folder}/secret.txt')
SELECT * FROM read_text('/proc/self/environ')
SELECT * FROM read_blob('{folder}/secret.txt')
SELECT * FROM read_blob('{index}')
SELECT * FROM glob('{folder}/*')
SELECT * FROM query('COPY (SELECT 1) TO ''{folder}/out.csv''')
SELECT * FROM query_table('{folder}/secret.csv')
SELECT * FROM read_csv('https://example.org/a.csv')
FROM 'https://example.org/a.parquet'
FROM 's3://bucket/a.parquet'
CREATE SECRET s (TYPE S3, KEY_ID 'a', SECRET 'b')
CREATE PERSISTENT SECRET s (TYPE HTTP, EXTRA_HTTP_HEADERS MAP {{'a': 'b'}})
INSTALL fts
INSTALL 'https://example.org/x.duckdb_extension'
LOAD httpfs
LOAD '{folder}/x.duckdb_extension'
FORCE INSTALL fts FROM 'https://example.org'
SELECT getenv('HOME')
SELECT * FROM archive
SELECT * FROM ROWS
SET enable_external_access = true
SET GLOBAL enable_external_access = true
RESET enable_external_access
SET disabled_filesystems = ''
RESET disabled_filesystems
SET allowed_directories = ['/']
SET allowed_paths = ['/etc/passwd']
SET lock_configuration = false
SET memory_limit = '64GB'
SET GLOBAL max_memory = '64GB'
SET threads = 64
PRAGMA threads = 64
SET temp_directory = '{folder}'
SET home_directory = '{folder}'
SET secret_directory = '{folder}'
SET extension_directory = '{folder}'
SET allow_unsigned_extensions = true
SET autoinstall_known_extensions = true
SET custom_extension_repository = 'https://example.org'
SET TimeZone = 'Asia/Tokyo'
PRAGMA enable_profiling = 'json'
SET profile_output = '{folder}/profile.json'
SET profiling_output = '{folder}/profile.json'
SET log_query_path = '{folder}/queries.log'
CALL enable_logging(storage = 'file', storage_path = '{folder}/log')
INSERT INTO articles (article_id) VALUES ('x')
UPDATE articles SET title = 'x'
DELETE FROM articles
DROP TABLE articles
DROP VIEW versions
ALTER TABLE articles ADD COLUMN x INTEGER
CREATE TABLE mine (a INTEGER)
CREATE VIEW mine AS SELECT 1
CREATE MACRO mine() AS 1
BEGIN; DELETE FROM articles; COMMIT
DETACH "index"
WITH gone AS (DELETE FROM articles RETURNING *) FROM gone
""".strip().split("\n")


@pytest.mark.parametrize("sql", BREAKING_OUT)
def test_sql_reaches_no_file_no_network_and_changes_nothing(archive, connection, sql):
    before = state(archive.parent)
    told = sql.format(index=archive / "index.duckdb", folder=archive.parent)
    with pytest.raises(QueryError) as refused:
        run_sql(connection, told, timeout_s=60)
    assert "secret\n" not in refused.value.message
    assert state(archive.parent) == before
    with open_published(archive) as again:
        assert run_sql(again, "SELECT count(*) FROM articles").rows == ((ROWS,),)


def test_no_secret_and_no_setting_of_the_machine_is_there_to_read(connection):
    try:
        assert run_sql(connection, "SELECT * FROM duckdb_secrets()").rows == ()
    except QueryError as refused:  # some releases look for them in a folder, which is refused
        assert "disabled" in refused.message  # noqa: PT017 (either way is right)
    assert run_sql(connection, "SELECT current_setting('home_directory')").rows == (("",),)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT list(a || repeat('x', 500)) FROM range(20000000) t(a)",
        "SELECT length(string_agg(repeat('x', 1000), '')) FROM range(10000000)",
        "CREATE TEMP TABLE big AS SELECT repeat('x', 1000) || i AS x FROM range(100000000) r(i)",
        "SELECT json_group_array(repeat('x', 1000000)) FROM range(100000)",
    ],
)
def test_what_takes_too_much_memory_is_refused_with_what_to_try(connection, sql):
    with pytest.raises(QueryError, match=r"(?i)memory") as refused:
        run_sql(connection, sql, timeout_s=300)
    assert "ask for fewer rows" in refused.value.hint


@pytest.mark.parametrize(
    "sql",
    [
        "WITH RECURSIVE t(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM t) SELECT count(*) FROM t",
        "SELECT count(*) FROM range(100000000) a, range(100000000) b WHERE hash(a.range + b.range) = 1",
        "SELECT sum(sin(range)) FROM range(10000000000000)",
    ],
)
def test_what_never_ends_is_stopped(connection, sql):
    with pytest.raises(QueryError, match=r"stopped after 0\.3 s"):
        run_sql(connection, sql, timeout_s=0.3)
    assert run_sql(connection, "SELECT 1").rows == ((1,),)


def test_what_nests_without_end_is_refused_by_the_parser(connection):
    for sql in ("SELECT " + "[" * 5000 + "1" + "]" * 5000, "SELECT " + "+".join(["1"] * 20000)):
        with pytest.raises(QueryError, match="depth"):
            run_sql(connection, sql)


def test_rows_come_while_the_query_runs_and_it_is_stopped_between_them(connection):
    sql = "SELECT i FROM range(100000000000) r(i) WHERE i < 500000 OR hash(i) % 100000000000 = 3"
    answer = ask(connection, sql, None, 5.0)
    assert [next(answer.rows) for _ in range(3)] == [(0,), (1,), (2,)]
    with pytest.raises(QueryError, match="stopped after 5 s"):
        list(answer.rows)


def test_the_time_of_who_takes_the_rows_does_not_count(connection):
    answer = ask(connection, "FROM range(20000)", None, 5.0)
    next(answer.rows)
    time.sleep(5.2)
    assert sum(1 for _ in answer.rows) == 19_999


def test_where_duckdb_does_not_stop_the_caller_is_told(connection):
    stuck = threading.Event()
    # One call of one function: it looks at no interrupt. It ends by itself, some seconds later.
    sql = "SELECT levenshtein(repeat('a', 60000), repeat('b', 60000))"
    started = time.monotonic()
    with pytest.raises(QueryError, match=r"stopped after 0\.01 s"):
        list(ask(connection, sql, None, 0.01, stuck.set).rows)
    if time.monotonic() - started < GRACE_S + 1:
        pytest.skip("too fast a machine for this function")
    assert stuck.is_set()


def test_an_error_in_the_midst_of_the_rows_is_one_of_the_query(connection):
    sql = "SELECT CASE WHEN i < 100000 THEN i ELSE error('late') END FROM range(200000) r(i)"
    with pytest.raises(QueryError, match="late"):
        list(ask(connection, sql, None, 60).rows)


def test_no_thread_is_left_behind(connection):
    list(ask(connection, "FROM range(10000)", None, 3600).rows)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and any("_watch" in one.name for one in threading.enumerate()):
        time.sleep(0.01)
    assert not [one for one in threading.enumerate() if "_watch" in one.name]


@pytest.mark.parametrize(
    ("sql", "message", "hint"),
    [
        ("FROM artcles", 'Did you mean "articles"', "SHOW TABLES"),
        ("SELECT ttle FROM articles", 'Candidate bindings: "title"', ""),
        ("SELECT lenght('a')", 'Did you mean "length"', ""),
        ("SELEC 1", "syntax error", ""),
        ("SELECT $a", "Values were not provided", "-p NAME=VALUE"),
        ("SET threads = 3", "locked", "--timeout"),
        ("FROM read_text('/etc/passwd')", "disabled", "reaches no file"),
        ("DELETE FROM articles", "read-only", "-o FILE"),
    ],
)
def test_duckdbs_words_come_whole_and_a_hint_beside_them(connection, sql, message, hint):
    with pytest.raises(QueryError) as refused:
        run_sql(connection, sql)
    assert message in refused.value.message
    assert hint in refused.value.hint if hint else refused.value.hint == ""
    assert hint_for(refused.value.message) == refused.value.hint


def test_the_caret_stands_under_what_is_meant(connection):
    with pytest.raises(QueryError) as refused:
        run_sql(connection, "SELECT title,\n  ttle FROM articles")
    *_, marked, caret = refused.value.message.splitlines()
    assert marked.startswith("LINE 2:")
    assert marked[caret.index("^") :].startswith("ttle")


@pytest.mark.parametrize(
    ("sql", "before", "last"),
    [
        ("SELECT 1", "", "SELECT 1"),
        ("SELECT 1;", "", "SELECT 1"),
        ("SET VARIABLE a = ';'; SELECT ';' -- end", "SET VARIABLE a = ';'\n;\n", "SELECT ';' -- end"),
    ],
)
def test_the_last_statement_is_told_apart(connection, sql, before, last):
    assert last_statement(connection, sql) == (before, last)
    with pytest.raises(QueryError, match="no statement"):
        last_statement(connection, " -- nothing")
