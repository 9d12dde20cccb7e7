"""docs/sql.md: each query answers on the sample sites, and says there what the document says it says."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import re
import shutil
import subprocess
import sys
import textwrap
from collections import Counter
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest
from duckdbs import told_by_each

from builders import START, capture
from pipelines.ingest import Ingest
from pipelines.run import extraction_row
from storage.article import Article, Block, BlockKind, Outcome
from storage.index.writer import IndexWriter
from storage.layout import Layout
from storage.model import Failure
from storage.query import open_published, run_sql
from storage.warc import read_records

pytestmark = pytest.mark.long

DOCS = Path(__file__).resolve().parents[2] / "docs"
SITE = "https://valley-gazette.test/2026"
FOOTER = "We send you our newsletter every morning if you write to us."


def _make_sql():
    """The script that writes the document's answers."""
    spec = importlib.util.spec_from_file_location("presswarc_docs_make_sql", DOCS / "make_sql.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


MAKE = _make_sql()
TEXT = MAKE.DOCUMENT.read_text(encoding="utf-8")
RECIPES = tuple(MAKE.recipes(TEXT))


@pytest.fixture(scope="module")
def sample(crawled_twice):
    """The archive of the sample sites after two crawls."""
    return crawled_twice.archive


@pytest.fixture(scope="module")
def fuller(sample, tmp_path_factory):
    """A copy of it, with a third site that has what the sample sites lack."""
    archive = tmp_path_factory.mktemp("fuller") / "archive"
    shutil.copytree(sample, archive)
    with IndexWriter(archive) as writer:
        ingest = Ingest(writer, Layout(archive).cdxj)
        for row in _third_site():
            ingest.add(row)
        ingest.finish()
    return archive


def _third_site():
    """Articles of two authors with a common footer, behind a paywall, at two addresses; a rewritten story."""
    words = [f"gazette{number}" for number in range(4000)]
    rng = random.Random(5)
    for number in range(12):
        page = capture(1000 + number, f"{SITE}/story-{number}", number)
        text = " ".join(rng.sample(words, 120)) + ".\n\n" + FOOTER
        yield page
        yield gives(page, text, title=f"Story {number}", authors=("Ada Brook", "Cy Dale"), paywalled=True)
    twin = capture(1100, f"{SITE}/story-0?utm_source=feed", 20)
    yield from (twin, gives(twin, "Story with an address of its own.", title="Story 0"))
    shared, own, other = (" ".join(rng.sample(words, 110)) for _ in range(3))
    rewritten = [" ".join([shared, own, own[::-1]]), " ".join([other[::-1], shared, other])]
    for number, text in enumerate(rewritten):
        page = capture(1200 + number, f"{SITE}/rewritten-{number}", number)
        yield from (page, gives(page, text, title=f"Rewritten {number}"))
    long_box = Block(text="An appeal to readers. " * 12, kind=BlockKind.PROMOTION, kept=False, rule="box")
    page = capture(1300, f"{SITE}/appeal", 3)
    yield from (page, gives(page, "A short text with a long box below.", blocks=(long_box,)))
    for number, outcome in enumerate((Outcome.TIMED_OUT, Outcome.ROBOTS_DENIED)):
        yield Failure(
            record_id=f"<urn:failure:{number}>",
            url=f"{SITE}/refused-{number}",
            source="sample",
            crawl_id="crawl-1",
            failed_at=START,
            outcome=outcome,
            reason="30 s without an answer",
        )


def gives(of, text, **fields):
    """What extraction made of a capture."""
    made = {"title": "An article", "text": text, "published_at": START - timedelta(hours=3)}
    return extraction_row(of, Outcome.ARTICLE, article=Article(**(made | fields)))


def test_there_are_enough_questions_and_each_has_its_answer_and_a_word_on_it():
    assert len(RECIPES) >= 40
    assert TEXT.count("```sql") == len(RECIPES)
    assert [name for name, times in Counter(one.question for one in RECIPES).items() if times > 1] == []
    assert [one.question for one in RECIPES if not one.answer] == []
    assert {one.sample for one in RECIPES} == {"", "empty", "varies"}
    assert [one.question for one in RECIPES if (one.sample == "empty") != (one.answer == MAKE.EMPTY)] == []


def test_every_question_is_answered_on_the_sample_by_a_locked_down_reader(sample):
    with open_published(sample) as index:
        counts = {one.question: len(run_sql(index, one.sql, None, 60.0).rows) for one in RECIPES}
    # Which form of a URL is met first hangs on the crawl's times, so now and then one of these has rows.
    assert {question for question, count in counts.items() if not count} <= {
        one.question for one in RECIPES if one.sample == "empty"
    }


def test_every_question_has_an_answer_where_its_matter_is_present(fuller):
    with open_published(fuller) as index:
        lacking = [one.question for one in RECIPES if not run_sql(index, one.sql, None, 60.0).rows]
    assert lacking == []


def test_the_answers_in_the_document_are_those_of_the_sample(sample):
    with open_published(sample) as index:
        found = {one.question: MAKE.answer(index, one.sql) for one in RECIPES}
        assert MAKE.filled(MAKE.filled(TEXT, index), index) == MAKE.filled(TEXT, index)
    stale = [
        one.question
        for one in RECIPES
        if (
            found[one.question] != one.answer
            if not one.sample
            else one.sample == "varies" and _head(found[one.question]) != _head(one.answer)
        )
    ]
    assert stale == [], "run presswarc demo twice, then: python docs/make_sql.py ARCHIVE"


def _head(answer):
    return answer.split("\n", 1)[0]


def test_every_question_is_answered_alike_by_each_duckdb_at_hand(fuller):
    child = textwrap.dedent("""
        import duckdb, json, sys
        with duckdb.connect(sys.argv[1], read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            for question, sql in json.load(sys.stdin):
                print(question, connection.execute(sql).fetchall())
    """)
    asked = json.dumps([(one.question, one.sql) for one in RECIPES])
    answers = told_by_each(child, fuller / "index.duckdb", stdin=asked)
    first = answers[sys.executable].splitlines()
    assert len(first) == len(RECIPES)
    for python, told in answers.items():
        assert [line for line, own in zip(told.splitlines(), first, strict=True) if line != own] == [], python


def test_the_order_of_the_rows_below_shows_in_no_answer(fuller, tmp_path):
    with duckdb.connect(str(fuller / "index.duckdb"), read_only=True) as index:
        index.execute("SET TimeZone = 'UTC'")
        answers = {one.question: index.sql(one.sql).fetchall() for one in RECIPES}
    shutil.copy(fuller / "index.duckdb", tmp_path)
    with duckdb.connect(str(tmp_path / "index.duckdb")) as index:
        index.execute("SET TimeZone = 'UTC'")
        for (table,) in index.sql(
            "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'main'"
        ).fetchall():
            index.execute(f"CREATE TEMP TABLE mixed AS FROM {table} ORDER BY hash(rowid, 1)")
            index.execute(f"TRUNCATE {table}; INSERT INTO {table} FROM mixed; DROP TABLE mixed")
        mixed = {one.question: index.sql(one.sql).fetchall() for one in RECIPES}
    assert [question for question, answer in answers.items() if mixed[question] != answer] == []


def test_the_record_that_the_shell_lines_cut_out_is_the_capture(sample, tmp_path):
    (recipe,) = (one for one in RECIPES if one.question == "Where exactly is the proof?")
    with open_published(sample) as index:
        result = run_sql(index, recipe.sql, None, 60.0)
    row = dict(zip(result.columns, result.rows[0], strict=True))
    (shell,) = (found for found in re.findall(r"```sh\n(.*?)```", TEXT, re.DOTALL) if "tail -c" in found)
    (tmp_path / "archive").symlink_to(sample)
    places = {name: str(row[name]) for name in ("warc_file", "warc_offset", "warc_length")}
    done = subprocess.run(
        ["/bin/sh", "-ec", shell],
        cwd=tmp_path,
        env=os.environ | places,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("WARC/1.1")
    (record,) = read_records(tmp_path / "record.warc.gz")
    assert record.record_id == row["record_id"]
    assert record.headers["WARC-Payload-Digest"] == row["payload_digest"]


def test_the_lines_for_python_and_parquet_work(sample, tmp_path):
    (tmp_path / "archive").symlink_to(sample)
    (python,) = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", python], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("[(datetime.date(2016, ")
    (copy,) = re.findall(r'"(COPY .*?)"', TEXT, re.DOTALL)
    with duckdb.connect(str(sample / "index.duckdb"), read_only=True) as index:
        index.execute(copy.replace("'articles.parquet'", f"'{tmp_path}/articles.parquet'"))
        ((count,),) = index.sql(f"SELECT count(*) FROM '{tmp_path}/articles.parquet'").fetchall()
    assert count > 10


def test_the_question_to_the_runs_health_is_answered_from_their_files(sample, tmp_path, monkeypatch):
    shutil.copytree(sample, tmp_path / "archive")
    monkeypatch.chdir(tmp_path)
    path = max((tmp_path / "archive" / "crawls").glob("demo-2*/health.json"))
    told = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(told | {"alarms": ["silent", "blocked"], "quality": None}), encoding="utf-8")
    (sql,) = re.findall(r'duckdb -readonly archive/index.duckdb "\n(.*?)"\n```', TEXT, re.DOTALL)
    with duckdb.connect("archive/index.duckdb", read_only=True) as index:
        first, second = index.sql(sql.replace('\\"', '"')).fetchall()
    assert first[:4] == ("demo", 2, 1, ["blocked", "silent"])
    assert f"{first[4]:%Y-%m-%dT%H:%M:%S}" == told["started_at"][:19]
    assert second[:4] == ("demo-defense", 2, 0, [])
    assert first[5] > 0
    assert second[6] > 50


def test_the_page_on_the_index_names_every_table_and_its_sql_runs(sample):
    page = (DOCS / "index.md").read_text(encoding="utf-8")
    with open_published(sample) as index:
        tables = run_sql(
            index, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main'"
        )
        statements = [
            one for found in re.findall(r"```sql\n(.*?)```", page, re.DOTALL) for one in found.split(";")
        ]
        rows = [run_sql(index, one).rows for one in statements if one.strip()]
    named = set(re.findall(r"\w+", page))
    assert {name for (name,) in tables.rows} - named - {"schema_version"} == set()
    assert len(rows) == 2
    assert all(rows)
