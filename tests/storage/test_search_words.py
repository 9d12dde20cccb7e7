"""Search words as nobody means them: an answer or one clear error, none of DuckDB's own, and no SQL."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import capture
from pipelines.run import extraction_row
from pipelines.search import update_search
from storage.article import Article, Outcome
from storage.errors import QueryError
from storage.index.writer import IndexWriter
from storage.query import open_current, run_sql
from storage.search import Question, search

pytestmark = pytest.mark.long

FIELDS = ("title", "author", "text", "host", "site", "source", "language", "kind")
DAYS = ("after", "since", "before", "until")
ODD = (
    '"', '""', "“", "(", ")", "*", "+", "-", "'", "';", "--", "/*", "\\", "$1", "%", "?", "::DATE",
    "[[:alpha:]]", "(a+)+$",
    "\0", "\x1b[2J", "\n", "\u3000", "\u202e", "\ud800", "🙂", "AND", "OR", "NOT", "NULL", "the",
    "ferry", "ferr*", "harb*or", "漢字", "é", "2026", "2026-13", "2026-02-30", "99999-01-01", "infinity",
    "epoch", "1e308", "') UNION SELECT 1 --",
)  # fmt: skip
PIECES = st.one_of(
    st.sampled_from(ODD),
    st.sampled_from([f"{name}:" for name in (*FIELDS, *DAYS)]),
    st.text(max_size=12),
    st.text(alphabet=st.characters(categories=["Cs", "Cc", "Zs", "Mn"]), max_size=4),
)
WORDS = st.builds(
    lambda pieces, glue, times: (glue.join(pieces) * times)[:1_000_000],
    st.lists(PIECES, max_size=20),
    st.sampled_from([" ", ""]),
    st.sampled_from([1, 1, 1, 30_000]),
)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    """A connection to an index with one article."""
    archive = tmp_path_factory.mktemp("words")
    of = capture(1, "https://harbor.example/ferry", 0)
    article = Article(
        title="Ferry returns", text="The ferry came back to the harbor on Sunday.", language="en"
    )
    with IndexWriter(archive) as writer:
        writer.add(captures=[of], extractions=[extraction_row(of, Outcome.ARTICLE, article=article)])
        writer.refresh()
        update_search(writer)
        writer.publish()
    with open_current(archive) as connection:
        yield connection


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=WORDS, odd=st.sampled_from(ODD))
def test_any_words_are_answered_or_refused_for_the_day_in_them(index, words, odd):
    narrowed = Question(words=words, hosts=(odd, "harbor.example"), author=odd, language=odd, kind=odd)
    for question in (Question(words=words), narrowed):
        try:
            hits = search(index, question)
        except QueryError as error:
            assert "takes a day as 2026-03-01" in error.message  # noqa: PT017 (most words raise nothing)
            assert error.message.startswith(DAYS)  # noqa: PT017 (the same)
            assert error.hint == "write 2026, 2026-03 or 2026-03-01"  # noqa: PT017 (the same)
        else:
            assert {hit.url for hit in hits} <= {"https://harbor.example/ferry"}


@settings(max_examples=10, deadline=None, suppress_health_check=list(HealthCheck))
@given(words=WORDS.filter(lambda words: not any("\ud800" <= letter <= "\udfff" for letter in words)))
def test_any_words_in_the_macro_are_text_and_no_sql(index, words):
    written = words.replace("'", "''").replace("\0", " ")
    try:
        rows = run_sql(index, f"SELECT url FROM search('{written}')").rows
    except QueryError as error:
        assert "takes a day as 2026-03-01" in error.message  # noqa: PT017 (most words raise nothing)
    else:
        assert set(rows) <= {("https://harbor.example/ferry",)}


@pytest.mark.parametrize("sql", ["SELECT '\udcff'", "SELECT $a"])
def test_what_is_no_utf_8_in_a_query_is_told_as_that(index, sql):
    with pytest.raises(QueryError, match="no UTF-8"):
        run_sql(index, sql, {"a": "\udcff"} if "$" in sql else None)


def test_words_of_which_one_is_no_utf_8_find_by_the_others(index):
    (hit,) = search(index, Question(words="ferry \udcff"))
    assert hit.title == "Ferry returns"
