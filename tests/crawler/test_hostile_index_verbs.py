"""Verbs on an index whose macros and views keep DuckDB busy: they end all the same."""

import pytest
from indexes import empty_index
from running import presswarc

pytestmark = pytest.mark.long

STUCK = "levenshtein(repeat('a', 300000), repeat('b', 300000))"  # one call that looks at no interrupt
MACRO = f"""
CREATE OR REPLACE MACRO search(words, n := 1, since := NULL, before := NULL, author := NULL, language := NULL,
    kind := NULL, duplicates := false, opening := '', closing := '') AS TABLE SELECT {STUCK} AS article_id,
    1.0 AS score, '' AS title, '' AS url, '' AS host, '' AS source, NULL::TIMESTAMP AS published_at,
    '' AS language, false AS is_duplicate, '' AS cluster_id, '' AS snippet"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """An archive whose index has macros and views of somebody else under the names of ours."""
    root = tmp_path_factory.mktemp("hostile") / "archive"
    with empty_index(root) as connection:
        connection.execute(MACRO)
        for table in ("aliases", "photos"):
            columns = connection.execute(f"DESCRIBE {table}").fetchall()
            values = ", ".join(f"NULL::{kind} AS {name}" for name, kind, *_ in columns)
            connection.execute(f"DROP TABLE {table}")
            connection.execute(f"CREATE VIEW {table} AS SELECT {values} WHERE {STUCK} > 0")
    return root


@pytest.mark.parametrize(
    "words",
    [
        ("search", "ferry"),
        ("show", "https://paper.example/a"),
        ("export", "--table", "photos", "--parquet", "photos.parquet", "--sqlite", "photos.sqlite"),
    ],
    ids=["search", "show", "export"],
)
def test_a_verb_that_an_index_keeps_busy_ends_in_its_time_and_leaves_nothing(archive, tmp_path, words):
    done = presswarc(*words, "--timeout", "0.5", "--archive", archive, code=2, cwd=tmp_path)
    first, *_ = done.stderr.splitlines()
    assert first == "error: the query was stopped after 0.5 s" or first.endswith("after 3.5 s")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
