"""`presswarc query` as a user calls it: parameters, forms, plans, plots, bounds."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from indexes import empty_index
from running import START, presswarc

from crawler.cli.query_parameters import parameter
from storage.errors import UsageError

LONG = "SELECT levenshtein(repeat('a', 300000), repeat('b', 300000))"  # one call that looks at no interrupt

# Runs a command; prints its exit code and the most memory it had. As a child of the tests it would be
# charged with what that has.
MEASURED = """
import os, sys
_, status, used = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)
print(os.waitstatus_to_exitcode(status), used.ru_maxrss)
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    """An archive whose index has some articles."""
    root = tmp_path_factory.mktemp("query") / "archive"
    with empty_index(root) as connection:
        connection.execute(
            "INSERT INTO articles (article_id, title, host, published_at, authors, word_count) "
            "SELECT i, 'Title | ' || i, 'h' || i % 3, TIMESTAMP '2026-11-01' + to_days(i::INTEGER), "
            "['Ann', 'Bo'], i FROM range(9) r(i)"
        )
    return root


@pytest.fixture
def query(archive, tmp_path):
    """Runs `presswarc query` in an empty folder."""

    def call(*words: object, stdin: str = "", **how: object) -> subprocess.CompletedProcess[str]:
        how = {"cwd": tmp_path, "env": {"COLUMNS": "80"}} | how
        return presswarc("query", *words, "--archive", archive, input=stdin, **how)

    return call


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("sql", "given", "value"),
    [
        ("SELECT $n + 1", ["n:INTEGER=3"], 4),
        ("SELECT typeof($d)", ["d:DATE=2026-11-22"], "DATE"),
        ("SELECT $x", ["x:NULL="], None),
        ("SELECT $x", ["x=a=b"], "a=b"),
        ("SELECT $x", ["$x="], ""),
        ("SELECT $h", ["h=a", "h=b"], ["a", "b"]),
        ("SELECT $h", ["h:INTEGER[]=[1, 2]"], [1, 2]),
        ("SELECT count(*) FROM articles WHERE host IN $h", ["h=h0", "h=h1"], 6),
        ("SELECT count(*) FROM articles WHERE published_at >= $day", ["day=2026-11-05"], 5),
        ("SELECT typeof($m) LIKE 'DECIMAL(%'", ["m:DECIMAL(9, 2)=1.5"], True),
        ("SELECT $1 || $2", ["1=a", "2=b"], "ab"),
    ],
)
def test_parameters_have_the_type_they_are_given(query, sql, given, value):
    words = [word for one in given for word in ("-p", one)]
    (row,) = rows(query(sql, *words))
    assert list(row.values()) == [value]


@pytest.mark.parametrize("text", ["a", "=3", "a b=3", "a:=3", "a:INTEGER; DROP=3", "a-b=1", "a:x'y=1"])
def test_what_gives_no_parameter_a_value_is_refused(text):
    with pytest.raises(UsageError, match="gives no parameter a value"):
        parameter(text)


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        (["n:INTEGER=x"], "Could not convert string 'x'", "-p n:INTEGER"),
        (["n:NUMBER=1"], "Type with name NUMBER does not exist", "-p n:NUMBER"),
        ([], "Values were not provided", "-p NAME=VALUE"),
        (["n=1", "more=2"], "excess parameters: more", "the SQL has no $NAME"),
    ],
)
def test_a_wrong_parameter_is_told(query, given, message, hint):
    done = query("SELECT $n", *(word for one in given for word in ("-p", one)), code=2)
    assert message in done.stderr.splitlines()[0]
    assert hint in done.stderr
    assert "CAST" not in done.stderr


def test_sql_comes_from_a_file_and_the_last_statement_answers(query, tmp_path):
    (tmp_path / "a.sql").write_text(
        "SET VARIABLE n = 4; -- first\nSELECT 1 AS a;\nSELECT getvariable('n') AS b;\n"
    )
    assert rows(query("-f", "a.sql")) == [{"b": 4}]
    assert rows(query("-f", "-", stdin="SELECT 5 AS c")) == [{"c": 5}]
    assert "given twice" in query("SELECT 1", "-f", "a.sql", code=2).stderr
    assert "cannot be read" in query("-f", "b.sql", code=2).stderr


def test_markdown_keeps_its_cells(query, tmp_path):
    lines = query("SELECT title, authors FROM articles ORDER BY 1 LIMIT 1", "--markdown").stdout.splitlines()
    assert lines == ["| title | authors |", "| --- | --- |", '| Title \\| 0 | ["Ann", "Bo"] |']
    query("SELECT 1 AS a", "-o", "a.md")
    assert (tmp_path / "a.md").read_text() == "| a |\n| --- |\n| 1 |\n"


def test_a_file_of_parquet_has_the_rows_and_their_types(query, tmp_path):
    sql = "SELECT title, authors, published_at FROM articles WHERE word_count > $n ORDER BY 1"
    done = query(sql, "-p", "n=5", "-o", "a.parquet")
    assert (done.stdout, done.stderr) == ("", "a.parquet: 3 rows\n")
    with duckdb.connect() as connection:
        read = connection.execute(f"SELECT title, authors FROM '{tmp_path}/a.parquet'").fetchall()
    assert read == [(f"Title | {number}", ["Ann", "Bo"]) for number in (6, 7, 8)]
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


@pytest.mark.parametrize("words", [("--plot",), ("--explain",), ("--max-rows", "2")])
def test_parquet_takes_rows_and_nothing_else(query, tmp_path, words):
    assert "takes all rows" in query("SELECT 1 AS a, 2 AS b", *words, "-o", "a.parquet", code=2).stderr
    assert list(tmp_path.iterdir()) == []


def test_a_plan_is_shown_without_running_the_query(query):
    sql = "SET VARIABLE a = 1; SELECT error('it ran') FROM articles WHERE host = $h"
    assert "articles" in query(sql, "-p", "h=h0", "--explain").stdout
    (one,) = json.loads(query("SELECT host FROM articles", "--explain", "--json").stdout)
    assert one["name"]


def test_a_plan_with_times_is_of_a_query_that_ran(query):
    assert "Total Time" in query("SELECT count(*) FROM articles WHERE word_count > 3", "--analyze").stdout
    assert "it ran" in query("SELECT error('it ran') FROM articles", "--analyze", code=2).stderr
    assert "not plotted" in query("SELECT 1, 2", "--explain", "--plot", code=2).stderr


def test_a_plot_fits_the_width_and_goes_to_a_file_too(query, tmp_path):
    sql = "SELECT published_at::DATE AS day, count(*) AS n FROM articles GROUP BY 1"
    lines = query(sql, "--plot").stdout.splitlines()
    assert lines[0] == "n by day, 2026-11-01 to 2026-11-09"
    assert max(map(len, lines)) <= 80
    query(sql, "--plot", "-o", "a.txt")
    assert (tmp_path / "a.txt").read_text(encoding="utf-8").splitlines() == lines
    plain = query(sql, "--plot", env={"COLUMNS": "80", "PYTHONIOENCODING": "ascii"}).stdout
    assert plain.splitlines()[0] == lines[0]
    assert plain.isascii()
    assert "\\u" not in plain


def test_more_rows_than_wanted_are_counted_to_a_bound(query):
    assert query("FROM range(7)", "--max-rows", "2").stderr == "2 of 7 rows\n"
    assert query("FROM range(7)", "--max-rows", "7").stderr == ""
    assert query("FROM range(3000000)", "--max-rows", "1").stderr == "1 of more than 1000001 rows\n"


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="other systems count memory otherwise")
@pytest.mark.parametrize("form", ["--ndjson", "--json", "--csv", "--table", "--markdown"])
def test_rows_are_written_while_they_come_and_are_not_held(archive, form):
    sql = "SELECT i, repeat('x', 8000) AS x FROM range(45000) r(i)"  # 360 MB, beside 180 MB without them
    words = [*START, "query", sql, form, "-o", "/dev/null", "--timeout", "300", "--archive", str(archive)]
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *words], capture_output=True, text=True, check=True
    )
    code, most_kb = map(int, done.stdout.split())
    assert (code, done.stderr) == (0, "")
    assert most_kb < 300_000


@pytest.mark.parametrize("words", [(), ("-o", "a.csv"), ("-o", "a.parquet")])
def test_a_function_that_looks_at_no_interrupt_is_ended_all_the_same(query, tmp_path, words):
    done = query(LONG, "--timeout", "0.5", *words, code=2)
    assert done.stderr.splitlines()[0] == "error: the query was stopped after 0.5 s"
    assert "one value for very long" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="there is no /proc here")
@pytest.mark.parametrize(
    "sql", [LONG, "SELECT sum(sin(range)) FROM range(10000000000000)", "FROM range(10000000000000)"]
)
def test_an_interrupt_ends_with_130_whatever_duckdb_does(archive, tmp_path, sql):
    words = [*START, "query", sql, "--archive", str(archive), "-o", str(tmp_path / "a.csv")]
    with subprocess.Popen(words, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not _has_open(process.pid, archive / "index.duckdb"):
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        assert process.wait(120) == 130
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()
    assert list(tmp_path.iterdir()) == []


def _has_open(pid: int, path: Path) -> bool:
    """Whether a process has opened a file."""
    try:
        return any(one.resolve() == path for one in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return False


def test_an_error_after_some_rows_leaves_no_file(query, tmp_path):
    sql = "SELECT CASE WHEN i < 100000 THEN i ELSE error('late') END AS i FROM range(200000) r(i)"
    assert "late" in query(sql, "-o", "a.csv", code=2).stderr
    assert list(tmp_path.iterdir()) == []
    assert "late" in query(sql, code=2).stderr


def test_the_verb_imports_nothing_that_it_does_not_need(archive):
    code = (
        "import sys\nfrom crawler.cli import main\n"
        f"main(['query', 'SELECT 1', '--archive', {str(archive)!r}])\n"
        "heavy = {'scrapy', 'twisted', 'trafilatura', 'lxml', 'warcio', 'rich', 'pyarrow', 'numpy'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=300
    )
    assert done.stdout.splitlines()[-1] == "[]"
