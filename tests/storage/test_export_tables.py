"""Tables of the index in other forms: the same values, whatever they are, and whole files or none."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from indexes import empty_index

from crawler.cli.values import as_json, as_text
from storage.errors import QueryError, UsageError
from storage.exports import parquet, texts
from storage.exports.accounts import MARKER
from storage.exports.relations import quoted, relations_of
from storage.exports.sqlite import write_sqlite
from storage.exports.texts import Form, csv_line
from storage.index.choose import Choice
from storage.query import open_published, run_sql

EVERYTHING = Choice()
NASTY = (
    "plain",
    "",
    None,
    "Zwei Häfen, 港, 🚢, e\u0301, \u202eright to left",
    "nul \x00 within",
    "lines\nof\r\nall\rkinds\x0b\x85\u2028",
    "\"quotes\", 'single', `back`, \\ and , ; | \t",
    " spaces around ",
    "NULL",
    "1e5",
    "=1+1",
    "</script><b>&amp;",
)
SOURCES = (
    "plain",
    "a b/c=d",
    "zürich 港",
    "100%",
    "2024",
    "..",
    "quote'\"",
    "a?b*[c]{d}#&+:",
    ".hidden",
    "_x",
)
TIMES = (
    datetime(2026, 11, 22, 8, 30),  # noqa: DTZ001 (the index has times in UTC without a zone)
    datetime(1969, 12, 31, 23, 59, 59, 999_999),  # noqa: DTZ001
    datetime(1900, 1, 1),  # noqa: DTZ001
    datetime(2262, 4, 12),  # noqa: DTZ001 (the first day that nanoseconds cannot tell)
    datetime(9999, 12, 31, 23, 59, 59, 250_000),  # noqa: DTZ001
    datetime(804, 2, 29),  # noqa: DTZ001
    None,
)
LISTS = ([], None, ["a"], ["a, b", 'c "d"', "", None, "e\n\x00f"], ["[x]"])


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    """An archive whose index has every value that a form could spoil."""
    root = tmp_path_factory.mktemp("tables") / "archive"
    with empty_index(root) as connection:
        insert = """INSERT INTO articles (article_id, url, host, source, title, authors, published_at, text,
            word_count, is_duplicate, paywalled) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""
        for number in range(60):
            text = NASTY[number % len(NASTY)]
            connection.execute(
                insert,
                [
                    f"{number:016x}",
                    f"https://example.org/{number}",
                    "example.org",
                    SOURCES[number % len(SOURCES)],
                    text,
                    LISTS[number % len(LISTS)],
                    TIMES[number % len(TIMES)],
                    text,
                    [0, None, -1, 2**31 - 1][number % 4],
                    bool(number % 2),
                    [None, True, False][number % 3],
                ],
            )
        connection.execute(  # the latest first, so that they are in order only where they are put so
            """INSERT INTO articles (article_id, source, published_at)
            SELECT 'm' || i, 'monthly', TIMESTAMP '2026-11-20' - to_days(i // 2) FROM range(12) r(i)"""
        )
        connection.execute(
            """INSERT INTO photos (article_id, position, taken_on)
            VALUES ('a', 1, '1865-04-14'), ('a', 2, NULL)"""
        )
        connection.execute(
            "INSERT INTO pairs (left_id, right_id, left_in_right, merges) VALUES ('a', 'b', 0.1, true), "
            "('a', 'c', 'nan', false), ('b', 'c', NULL, NULL)"
        )
        for number, (outcome, day) in enumerate(
            (("empty", 1), ("empty", 1), ("timed_out", 1), ("article", 2))
        ):
            connection.execute(
                "INSERT INTO extractions (record_id, url, source, crawl_id, captured_at, outcome) "
                "VALUES (?, 'u', 's', 'c', ?, ?)",
                [str(number), datetime(2026, 11, day, tzinfo=UTC).replace(tzinfo=None), outcome],
            )
    return root


TABLES = ("articles", "photos", "pairs", "source_health", "captures")


def rows_of(archive: Path, table: str) -> tuple[list[str], list[tuple[object, ...]]]:
    """Names of the columns and rows of a table of the index, in the order of an export."""
    with open_published(archive) as connection:
        (relation,) = relations_of(connection, [table], EVERYTHING)
        return list(relation.names), list(run_sql(connection, relation.select("*")).rows)


def differences(archive: Path, table: str, files: str, columns: str = "*") -> list[tuple[object, ...]]:
    """Rows that the index and the Parquet files do not have alike, times without their zone."""
    names, _ = rows_of(archive, table)
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"ATTACH '{archive}/index.duckdb' AS made (READ_ONLY)")
        connection.execute("USE made")
        theirs = f"read_parquet('{files}', hive_partitioning = true, hive_types_autocast = false)"
        kinds = connection.execute(f"DESCRIBE SELECT {columns} FROM made.main.{table}").fetchall()
        cast = ", ".join(
            f"{quoted(kind[0])}::{kind[1]}"
            if kind[1] != "TIMESTAMP"
            else f"timezone('UTC', {quoted(kind[0])})"
            for kind in kinds
        )
        assert {kind[0] for kind in kinds} == set(names)
        found = []
        for left, right in (("ours", "theirs"), ("theirs", "ours")):
            found += connection.execute(
                f"WITH ours AS (SELECT {columns} FROM made.main.{table}), "
                f"theirs AS (SELECT {cast} FROM {theirs}) FROM {left} EXCEPT ALL FROM {right}"
            ).fetchall()
    return found


@pytest.mark.parametrize("table", TABLES)
def test_a_parquet_file_has_the_values_of_the_index_in_order(archive, tmp_path, table):
    path = tmp_path / "it's.parquet"
    written = parquet.write_file(archive, path, table, EVERYTHING, force=False)
    names, rows = rows_of(archive, table)
    assert (written.name, written.rows, written.files) == (table, len(rows), 1)
    assert differences(archive, table, str(path).replace("'", "''")) == []
    with duckdb.connect() as connection:
        key = names[0]
        read = connection.execute(f"SELECT {key} FROM '{tmp_path}/it''s.parquet'").fetchall()
    assert [row[0] for row in read] == [row[0] for row in rows]
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("table", TABLES)
def test_a_folder_of_parquet_files_has_the_values_of_the_index(archive, tmp_path, table):
    (written,) = parquet.write_folder(archive, tmp_path / "out", [table], EVERYTHING, force=False)
    _, rows = rows_of(archive, table)
    assert written.rows == len(rows)
    assert written.files == len(list((tmp_path / "out" / table).rglob("*.parquet")))
    assert differences(archive, table, f"{tmp_path}/out/{table}/**/*.parquet") == []


def test_articles_lie_by_source_and_month_sorted_by_time(archive, tmp_path):
    parquet.write_folder(archive, tmp_path / "out", ["articles"], EVERYTHING, force=False)
    folder = tmp_path / "out/articles"
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*.parquet")}
    assert "source=plain/month=2026-11/part-0.parquet" in names
    assert "source=a%20b%2Fc%3Dd/month=1969-12/part-0.parquet" in names
    assert "source=zürich%20港/month=unknown/part-0.parquet" not in names  # month by month, as there are
    assert any(name.endswith("/month=unknown/part-0.parquet") for name in names)
    lengths = {}
    with duckdb.connect() as connection:
        for name in names:
            found = connection.execute(
                f"SELECT published_at::VARCHAR, article_id FROM read_parquet('{folder}/{quoted_path(name)}')"
            ).fetchall()
            assert found == sorted(found)
            lengths[name] = len(found)
    assert {name: length for name, length in lengths.items() if length > 1} == {
        "source=monthly/month=2026-11/part-0.parquet": 12
    }


def quoted_path(name: str) -> str:
    """A path as a pattern that matches it alone, in SQL."""
    return name.replace("'", "''")


def test_parquet_times_carry_their_zone_and_columns_say_what_they_hold(archive, tmp_path):
    path = tmp_path / "a.parquet"
    parquet.write_file(archive, path, "articles", EVERYTHING, force=False)
    with duckdb.connect() as connection:
        schema = connection.execute(f"SELECT name, logical_type FROM parquet_schema('{path}')").fetchall()
        (published,) = (row for row in schema if row[0] == "published_at")
        assert "isAdjustedToUTC=1" in published[1]
        kinds = connection.execute(f"DESCRIBE FROM '{path}'").fetchall()
        assert {row[1] for row in kinds if row[0].endswith("_at")} == {"TIMESTAMP WITH TIME ZONE"}
        assert next(row[1] for row in kinds if row[0] == "authors") == "VARCHAR[]"
        metadata = dict(
            connection.execute(
                f"SELECT decode(key), decode(value) FROM parquet_kv_metadata('{path}')"
            ).fetchall()
        )
        codecs = connection.execute(f"SELECT DISTINCT compression FROM parquet_metadata('{path}')").fetchall()
    assert codecs == [("ZSTD",)]
    assert json.loads(metadata["column_comments"])["article_id"].startswith("First 16 hex digits")


def test_maps_stay_maps_in_parquet(archive, tmp_path):
    path = tmp_path / "a.parquet"
    parquet.write_file(archive, path, "source_health", EVERYTHING, force=False)
    with duckdb.connect() as connection:
        errors = connection.execute(f"SELECT errors FROM '{path}' ORDER BY day").fetchall()
    assert errors == [({"empty": 2, "timed_out": 1},), ({},)]


@pytest.mark.parametrize("table", TABLES)
def test_lines_of_json_say_what_a_query_says(archive, tmp_path, table):
    path = tmp_path / "a.jsonl"
    written = texts.write_file(archive, path, table, EVERYTHING, Form.JSONL, force=False)
    names, rows = rows_of(archive, table)
    found = [json.loads(line) for line in path.read_bytes().decode().split("\n")[:-1]]
    assert found == [dict(zip(names, as_json(row), strict=True)) for row in rows]
    assert written.rows == len(rows)
    assert all(list(one) == names for one in found)


@pytest.mark.parametrize("table", TABLES)
def test_csv_says_what_a_query_says_and_tells_nothing_from_an_empty_text(archive, tmp_path, table):
    path = tmp_path / "a.csv"
    texts.write_file(archive, path, table, EVERYTHING, Form.CSV, force=False)
    names, rows = rows_of(archive, table)
    data = path.read_bytes().decode()
    read = list(csv.reader(io.StringIO(data, newline=""), strict=True))
    assert read[0] == names
    for cells, row in zip(read[1:], rows, strict=True):
        for cell, value in zip(cells, row, strict=True):
            if isinstance(value, list | dict):
                assert json.loads(cell) == as_json(value)  # its spaces may be others
            else:
                assert cell == ("nan" if value != value else as_text(value))  # noqa: PLR0124 (what is no number)
    assert data.endswith("\r\n")


def test_duckdb_reads_the_csv_back_with_its_nulls(archive, tmp_path):
    path = tmp_path / "a.csv"
    texts.write_file(archive, path, "articles", EVERYTHING, Form.CSV, force=False)
    with duckdb.connect() as connection:
        read = connection.execute(
            f"SELECT title FROM read_csv('{path}', header=true, all_varchar=true, allow_quoted_nulls=false, "
            "quote='\"', escape='\"', delim=',', new_line='\\r\\n')"
        ).fetchall()
    _, rows = rows_of(archive, "articles")
    assert [row[0] for row in read] == [row[5] for row in rows]


@given(st.lists(st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]))), min_size=1))
def test_a_line_of_csv_is_read_back_as_it_was(values):
    line = csv_line([*values, "end"])
    (read,) = csv.reader(io.StringIO(line, newline=""), strict=True)
    assert read == [*("" if value is None else value for value in values), "end"]


@pytest.mark.parametrize("table", TABLES)
def test_sqlite_has_the_values_of_the_index(archive, tmp_path, table):
    path = tmp_path / "a.sqlite"
    (written,) = write_sqlite(archive, path, [table], EVERYTHING, force=False)
    names, rows = rows_of(archive, table)
    assert written.rows == len(rows)
    with closing(sqlite3.connect(path)) as database:
        found = database.execute(f"SELECT * FROM {table} ORDER BY rowid").fetchall()
        assert [column[1] for column in database.execute(f"PRAGMA table_info({table})")] == names
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert [[_told(value) for value in row] for row in found] == [
        [_told(as_json(value)) for value in row] for row in rows
    ]


def _told(value: object) -> object:
    """A value by what it says: lists read, truth as a number."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value[:1] in {"[", "{"}:
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def test_sqlite_says_what_columns_hold_has_indexes_and_finds_words(archive, tmp_path):
    path = tmp_path / "a.sqlite"
    write_sqlite(archive, path, ["articles", "photos"], EVERYTHING, force=False)
    with closing(sqlite3.connect(path)) as database:
        told = database.execute(
            """SELECT duckdb_type, comment FROM columns
            WHERE table_name = 'articles' AND column_name = 'authors'"""
        ).fetchall()
        assert told == [("VARCHAR[]", "Authors in order")]
        (comment,) = database.execute(
            "SELECT comment FROM columns WHERE table_name = 'photos' AND column_name IS NULL"
        ).fetchall()[0]
        assert comment.startswith("Photos")
        plan = database.execute("EXPLAIN QUERY PLAN SELECT * FROM articles WHERE url = 'x'").fetchall()
        assert "articles_url" in plan[0][3]
        if database.execute("SELECT sqlite_compileoption_used('ENABLE_FTS5')").fetchone()[0]:
            sql = """SELECT count(*) FROM articles_fts JOIN articles a ON a.rowid = articles_fts.rowid
                WHERE articles_fts MATCH 'title: kind'"""  # by its stem
            assert database.execute(sql).fetchone() == (5,)


@pytest.mark.parametrize(
    "write",
    [
        lambda archive, path: parquet.write_file(archive, path, "articles", EVERYTHING, force=True),
        lambda archive, path: texts.write_file(archive, path, "articles", EVERYTHING, Form.JSONL, force=True),
        lambda archive, path: texts.write_file(archive, path, "articles", EVERYTHING, Form.CSV, force=True),
        lambda archive, path: write_sqlite(archive, path, ["articles", "pairs"], EVERYTHING, force=True),
    ],
)
def test_the_same_index_gives_the_same_bytes(archive, tmp_path, write):
    write(archive, tmp_path / "a.parquet")
    first = (tmp_path / "a.parquet").read_bytes()
    write(archive, tmp_path / "a.parquet")
    assert (tmp_path / "a.parquet").read_bytes() == first


def test_a_folder_is_replaced_by_force_only_and_only_if_it_is_an_export(archive, tmp_path):
    path = tmp_path / "out"
    path.mkdir()  # an empty one is taken
    parquet.write_folder(archive, path, ["articles", "photos"], EVERYTHING, force=False)
    with pytest.raises(UsageError, match="an export here already"):
        parquet.write_folder(archive, path, ["photos"], EVERYTHING, force=False)
    assert (path / "articles").is_dir()
    texts.write_folder(archive, path, ["photos"], EVERYTHING, Form.JSONL, force=True)
    assert sorted(one.name for one in path.iterdir()) == [MARKER, "photos.jsonl"]
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/letter.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds something else"):
        parquet.write_folder(archive, tmp_path / "mine", ["photos"], EVERYTHING, force=True)
    assert (tmp_path / "mine/letter.txt").read_text() == "mine"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["mine", "out"]


def test_what_fails_in_the_midst_leaves_the_export_before_as_it_was(archive, tmp_path, monkeypatch):
    path = tmp_path / "out"
    parquet.write_folder(archive, path, ["photos"], EVERYTHING, force=False)
    before = sorted(one.name for one in path.rglob("*"))

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(parquet, "account", fail)
    with pytest.raises(KeyboardInterrupt):
        parquet.write_folder(archive, path, ["articles"], EVERYTHING, force=True)
    assert sorted(one.name for one in path.rglob("*")) == before
    assert list(tmp_path.iterdir()) == [path]


def test_every_table_and_view_can_be_exported_but_those_that_serve_the_index(archive, tmp_path):
    written = texts.write_folder(archive, tmp_path / "out", ["all"], EVERYTHING, Form.JSONL, force=False)
    with open_published(archive) as connection:
        listed = run_sql(
            connection, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"
        )
    known = {str(name) for (name,) in listed.rows}
    assert {"articles", "versions", "search_terms", "schema_version"} <= known
    assert sorted(one.name for one in written) == sorted(known - {"search_terms", "schema_version"})
    told = json.loads((tmp_path / "out" / MARKER).read_text())["tables"]
    assert {one["name"]: one["rows"] for one in told} == {one.name: one.rows for one in written}
    assert all(one["comment"] for one in told)


def test_an_unknown_table_names_the_nearest(archive, tmp_path):
    with pytest.raises(UsageError, match="did you mean `articles`") as refused:
        parquet.write_file(archive, tmp_path / "a.parquet", "artcles", EVERYTHING, force=False)
    assert "captures" in refused.value.hint
    assert list(tmp_path.iterdir()) == []


def test_an_answer_is_written_as_parquet_with_its_parameters(archive, tmp_path):
    path = tmp_path / "answer.parquet"
    sql = "SELECT title, $a AS a FROM articles WHERE published_at IS NULL -- and no more"
    count = parquet.write_answer(archive, path, sql, lambda _: {"a": [1, 2]}, timeout_s=60)
    with duckdb.connect() as connection:
        read = connection.execute(f"FROM '{path}'").fetchall()
    assert count == len(read) == 8
    assert {tuple(row[1]) for row in read} == {(1, 2)}
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "sql",
    [
        "SET VARIABLE a = 1; SELECT 1",
        "SELECT 1) TO '{folder}/x.csv' (FORMAT csv); COPY (SELECT 1",
        "COPY (SELECT 1) TO '{index}' (FORMAT csv, USE_TMP_FILE false)",
        "SELECT * FROM read_text('{folder}/secret')",
        "DELETE FROM articles",
        "SELECT * FROM nowhere",
    ],
)
def test_a_statement_written_as_parquet_can_do_no_more_than_another(archive, tmp_path, sql):
    (tmp_path / "secret").write_text("secret")
    index = (archive / "index.duckdb").read_bytes()
    told = sql.format(folder=tmp_path, index=archive / "index.duckdb")
    with pytest.raises(QueryError):
        parquet.write_answer(archive, tmp_path / "a.parquet", told, lambda _: {}, timeout_s=60)
    assert [path.name for path in tmp_path.iterdir()] == ["secret"]
    assert (archive / "index.duckdb").read_bytes() == index


def test_days_of_photos_before_1970_stay_what_they_are(archive, tmp_path):
    parquet.write_file(archive, tmp_path / "p.parquet", "photos", EVERYTHING, force=False)
    with duckdb.connect() as connection:
        days = connection.execute(f"SELECT taken_on FROM '{tmp_path}/p.parquet' ORDER BY 1").fetchall()
    assert days == [(date(1865, 4, 14),), (None,)]
