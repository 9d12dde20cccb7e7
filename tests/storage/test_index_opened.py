"""The published file tells what it holds, and every DuckDB line that is promised reads all of it."""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

import duckdb
import pytest
from duckdbs import told_by_each

from builders import capture, revisit
from pipelines.ingest import Ingest
from pipelines.run import extraction_row
from storage.article import Article, Block, BlockKind, Candidate, Outcome, Photo
from storage.index.macros import MACROS
from storage.index.tables import TABLES
from storage.index.views import VIEWS
from storage.index.writer import IndexWriter
from storage.layout import Layout
from storage.model import Crawl, Discovered

# How each macro is called; one without a line here fails below.
CALLS = {"search": "FROM search('ferry harbour')"}
TEXT = "The ferry Marigold came back to the harbour on Monday after three weeks of work on her engine. " * 4


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> Path:
    """An index with a row in nearly every table."""
    archive = tmp_path_factory.mktemp("opened")
    urls = ["https://a.example/1", "https://a.example/1", "https://b.example/copy", "https://a.example/2"]
    texts = [TEXT, f"{TEXT}\n\nCorrection: She is green.", TEXT, "Words of another page altogether. " * 30]
    captures = [capture(number, url, 24 * number) for number, url in enumerate(urls)]
    extractions = []
    for of, text in zip(captures, texts, strict=True):
        blocks = (
            Block(text="Menu", kind=BlockKind.NAVIGATION, kept=False, rule="menu"),
            Block(text=text, kind=BlockKind.BODY, kept=True, label="Q"),
        )
        article = Article(
            title="Ferry returns", text=text, blocks=blocks, authors=("Ada Wick",), language="en",
            photos=(Photo(caption="A ship", virin="220214-F-FW957-1367C"),),
            candidates=(Candidate(field="title", value="Ferry returns", source="h1", won=True),),
        )  # fmt: skip
        extractions.append(extraction_row(of, Outcome.ARTICLE, article=article))
    gone = capture(9, "https://a.example/gone", 90, status=404)
    crawl = Crawl(
        crawl_id="crawl-1", source="sample", started_at=captures[0].captured_at, software="presswarc",
        seed_url="https://a.example/", robots="obeyed",
    )  # fmt: skip
    found = Discovered(
        record_id=captures[0].record_id, url=urls[0], found_on="https://a.example/feed", found_in="feed",
        kind="article", depth=1,
    )  # fmt: skip
    with IndexWriter(archive) as writer:
        writer.add(
            crawls=[crawl], captures=[*captures, gone, revisit(10, captures[3], 100)],
            extractions=extractions, discovered=[found],
        )  # fmt: skip
        path = Ingest(writer, Layout(archive).cdxj).finish()
    assert path is not None
    return path


def test_columns_that_rows_are_looked_for_by_are_stored_as_they_are(published):
    with duckdb.connect(str(published), read_only=True) as connection:
        found = {
            (table.name, column, compression)
            for table in TABLES
            if table.bare
            for column, compression in connection.execute(
                "SELECT column_name, compression FROM pragma_storage_info(?) WHERE segment_type = 'VARCHAR'",
                [table.name],
            ).fetchall()
        }
    bare = {(table.name, column) for table in TABLES for column in table.bare}
    stored = {one for one in found if one[:2] in bare}
    assert {one[0] for one in stored} == {one[0] for one in bare} - {"work.cleaned"}  # it has no rows here
    assert {one[2] for one in stored} == {"Uncompressed"}
    assert ("articles", "url", "DICT_FSST") in found


def test_every_table_view_macro_and_column_has_a_comment(published):
    with duckdb.connect(str(published), read_only=True) as connection:
        for what in (
            "SELECT table_name, comment FROM duckdb_tables()",
            "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal",
            "SELECT function_name, comment FROM duckdb_functions() WHERE NOT internal",
            "SELECT table_name || '.' || column_name, comment FROM duckdb_columns() WHERE NOT internal",
        ):
            bare = [name for name, comment in connection.execute(what).fetchall() if not comment]
            assert bare == [], what
        names = connection.execute(
            "SELECT table_name FROM duckdb_tables() UNION ALL SELECT view_name FROM duckdb_views() "
            "WHERE NOT internal UNION ALL SELECT DISTINCT function_name FROM duckdb_functions() "
            "WHERE NOT internal"
        ).fetchall()
    made = [part.name.removeprefix("work.") for part in (*TABLES, *VIEWS, *MACROS)]
    assert sorted(name for (name,) in names) == sorted(made)


TEXTS = {
    "articles": "text",
    "blocks": "text",
    "fields": "value",
    "passages": "text",
    "photos": "caption",
    "work.contents": "text",
}


@pytest.mark.parametrize("table", TEXTS)
def test_columns_of_sentences_are_compressed_with_zstd(published, table):
    with duckdb.connect(str(published), read_only=True) as connection:
        stored = connection.execute(
            "SELECT DISTINCT compression FROM pragma_storage_info(?) "
            "WHERE column_name = ? AND segment_type = 'VARCHAR'",
            [table, TEXTS[table]],
        ).fetchall()
    assert stored == [("ZSTD",)]


CHILD = textwrap.dedent("""
    import json, sys
    import duckdb

    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        told = {"comments": connection.execute(
            "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
        ).fetchall()}
        for query in json.loads(sys.argv[2]):
            told[query] = sorted(map(repr, connection.execute(query).fetchall()))
        print(json.dumps(told))
""")


def test_every_table_view_and_macro_reads_the_same_in_each_duckdb_at_hand(published):
    queries = [f"FROM {part.name}" for part in (*TABLES, *VIEWS)] + [CALLS[macro.name] for macro in MACROS]
    told = told_by_each(CHILD, published, json.dumps(queries))
    answers = {python: json.loads(answer) for python, answer in told.items()}
    expected = answers.pop(sys.executable)
    assert all(
        expected[query] for query in ("FROM articles", "FROM versions", "FROM clusters", "FROM photos")
    )
    for python, answer in answers.items():
        for query, rows in expected.items():
            assert answer[query] == rows, f"{python}: {query}"
