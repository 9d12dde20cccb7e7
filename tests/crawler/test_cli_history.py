"""`presswarc show --history`, and every verb on an index that a newer or an older program made."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import duckdb
import pytest
from running import presswarc

from builders import capture
from pipelines.ingest import Ingest
from pipelines.run import extraction_row
from storage.article import Article, Outcome
from storage.index.schema import SCHEMA_VERSION
from storage.index.writer import IndexWriter
from storage.layout import Layout

pytestmark = pytest.mark.long

URL = "https://harbour.example/news/ferry/"
PARAGRAPHS = (
    "The ferry Marigold returned to the inner harbour on Monday after three weeks of work.",
    "Her engine was mended on the quay, and put back by ten men and a crane.",
    "The crossing takes eleven minutes, the owner said.",
)
NOTICE = "Correction: An earlier version of this article misstated the length of the crossing."
MENDED = (*PARAGRAPHS[:2], PARAGRAPHS[2].replace("eleven", "twelve"), NOTICE)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """An article of four versions in six captures: mended, renamed and moved to another town, taken back."""
    first = {"title": "Ferry returns", "dateline": "SALTWICK", "text": "\n\n".join(PARAGRAPHS)}
    mended = first | {"text": "\n\n".join(MENDED)}
    forms = [
        first,
        first | {"text": first["text"].replace("ferry", "Ferry")},
        mended,
        mended | {"title": "Ferry returns late", "dateline": "CRAKE"},
        first,
        first,
    ]
    root = tmp_path_factory.mktemp("history")
    captures = [capture(number, URL, 24 * number) for number in range(len(forms))]
    published = {"published_at": datetime(2026, 11, 1, 6, tzinfo=UTC), "authors": ("Ada Wick",)}
    with IndexWriter(root) as writer:
        writer.add(
            captures=captures,
            extractions=[
                extraction_row(of, Outcome.ARTICLE, article=Article(**(published | fields)))
                for of, fields in zip(captures, forms, strict=True)
            ],
        )
        Ingest(writer, Layout(root).cdxj).finish()
    return root


def test_history_tells_each_version_by_what_changed(archive):
    done = presswarc("show", "--history", URL, "--archive", archive, env={"COLUMNS": "100"})
    assert done.stderr == ""
    first, second, third, fourth = (part for part in done.stdout.split("Version ") if part)
    assert first.startswith("1: 2026-11-01 08:00:00Z to 2026-11-02 08:00:00Z, 2 captures, 39 words\n")
    assert "changed" not in first
    assert f"changed: text; 14 words added, 1 removed\n\nsays so (correction): {NOTICE}\n" in second
    assert "(1 paragraph unchanged)\n\nThe crossing takes [-eleven-] {+twelve+} minutes," in second
    assert third.endswith(
        "changed: title, dateline\n\nFerry returns {+late+}\n\ndateline: [-SALTWICK-] {+CRAKE+}\n\n"
    )
    assert "changed: title, text, dateline; 1 word added, 14 removed" in fourth
    assert "says so" not in third + fourth


def test_history_as_json_has_the_notice_and_the_numbers(archive):
    versions = json.loads(presswarc("show", "--history", "--json", URL, "--archive", archive).stdout)
    assert [one["version"] for one in versions] == [1, 2, 3, 4]
    assert [one["captures"] for one in versions] == [2, 1, 1, 2]
    assert [one["correction_kind"] for one in versions] == [None, "correction", "correction", None]
    assert [one["words_added"] for one in versions] == [None, 14, 0, 1]
    assert versions[1]["correction"] == NOTICE
    assert "Ferry Marigold" in versions[0]["text"]


VERBS = [
    ("query", "SELECT 1"),
    ("show", URL),
    ("search", "ferry"),
    ("export", "--parquet", "none.parquet"),
    ("crawl", "demo", "--max-pages", "1"),
    ("demo",),
    ("replay", "--source", "sample"),
]


@pytest.fixture(scope="module")
def newer(archive, tmp_path_factory):
    """The same archive as a newer program would leave it."""
    root = tmp_path_factory.mktemp("newer")
    (root / "state").mkdir()
    for path in (root / "index.duckdb", root / "state" / "index.duckdb"):
        path.write_bytes((archive / "index.duckdb").read_bytes())
        with duckdb.connect(str(path)) as connection:
            connection.execute("UPDATE schema_version SET version = version + 1")
    return root


@pytest.mark.parametrize("verb", VERBS, ids=[verb[0] for verb in VERBS])
def test_a_newer_index_is_refused_by_every_verb(newer, verb):
    before = (newer / "index.duckdb").read_bytes(), (newer / "state" / "index.duckdb").read_bytes()
    done = presswarc(*verb, "--archive", newer, code=1)
    assert done.stdout == ""
    told = done.stderr.splitlines()
    assert told[0] == (
        f"error: the index is of version {SCHEMA_VERSION + 1}, "
        f"this program knows version {SCHEMA_VERSION} and older"
    )
    assert told[1].endswith("index.duckdb")
    assert told[2] == (
        "  try: use the newer Presswarc, or presswarc replay to build the index again with this one"
    )
    assert before == ((newer / "index.duckdb").read_bytes(), (newer / "state" / "index.duckdb").read_bytes())
