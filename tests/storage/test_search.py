"""Search: what a question finds, how it is scored, and that the index of it depends on the articles alone."""

from __future__ import annotations

import json
import math
import random
import re
import textwrap
from collections import Counter
from datetime import UTC, datetime

import pytest
from duckdbs import told_by_each
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from builders import capture
from pipelines.cluster import update_clusters
from pipelines.run import extraction_row
from pipelines.search import stems, update_search
from storage.article import Article, Outcome
from storage.errors import IndexFaultError, QueryError
from storage.index import search_index
from storage.index.search_text import STOP_WORDS
from storage.index.writer import IndexWriter
from storage.query import open_current, run_sql
from storage.search import Question, search

pytestmark = pytest.mark.long
CARRIER = "The carrier sailed on Monday. The Secretary of Defense spoke to sailors about deployments."
BUDGET = "A budget for the carrier was passed. The secretary said that defense costs money."
TANKS = "Tanks rolled through the mud while soldiers deployed radios. Résumé of the week: U.S. F-35A jets."
SHOWN = (
    "SELECT * FROM search_terms ORDER BY ALL",
    """SELECT p.key, d.article, p.place, d.length, d.is_duplicate, d.published_at, d.host, count(*)
    FROM (SELECT key, unnest(docs) AS doc, unnest(places) AS place
          FROM (FROM work.search_postings UNION ALL FROM work.search_tail)) p
    JOIN work.search_docs d USING (doc) GROUP BY ALL ORDER BY ALL""",
)


def page(number, text, title="", hours=0, host="paper.example", url=None, **fields):
    of = capture(number, url or f"https://{host}/{number}", hours or number)
    article = Article(title=title, text=text, **({"language": "en"} | fields))
    return of, extraction_row(of, Outcome.ARTICLE, article=article)


def finish(writer):
    writer.refresh()
    update_clusters(writer)
    update_search(writer)


def put(writer, pages):
    writer.add(captures=[of for of, _ in pages], extractions=[one for _, one in pages])
    finish(writer)


@pytest.fixture(scope="session")
def archive(tmp_path_factory):
    """Three articles of different words, the first by Ada Wick, one in German and one in Japanese."""
    root = tmp_path_factory.mktemp("search")
    pages = [
        page(
            1,
            CARRIER,
            "Carrier leaves port",
            authors=("Ada Wick",),
            published_at=datetime(2026, 3, 1, tzinfo=UTC),
        ),
        page(
            2, BUDGET, "Money matters", host="www.town.example", published_at=datetime(2026, 4, 2, tzinfo=UTC)
        ),
        page(3, TANKS, "Mud", host="sub.town.example"),
        page(4, "Die Häuser der Stadt wurden gebaut.", "Häuser", language="de"),
        page(5, "日本の首相が東京で話した。", "首相", language="ja"),
    ]
    with IndexWriter(root) as writer:
        put(writer, pages)
        writer.publish()
    return root


@pytest.fixture
def index(archive):
    with open_current(archive) as connection:
        yield connection


def titles(index, words, **narrowing):
    return [hit.title for hit in search(index, Question(words=words, **narrowing))]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("carrier", ["Carrier leaves port", "Money matters"]),
        ("CARRIERS", ["Carrier leaves port", "Money matters"]),
        ("deploys", ["Mud", "Carrier leaves port"]),
        ('"deployments"', ["Carrier leaves port"]),
        ("haus", ["Häuser"]),
        ("häuser", ["Häuser"]),
        ("resume", ["Mud"]),
        ("u.s.", ["Mud"]),
        ("f35a", ["Mud"]),
        ("F-35*", ["Mud"]),
        ("東京", ["首相"]),
        ('"東京で話"', ["首相"]),
        ('"京東"', []),
        ('"secretary of defense"', ["Carrier leaves port"]),
        ("“secretary of defense”", ["Carrier leaves port"]),
        ('"defense secretary"', []),
        ("+budget carrier", ["Money matters"]),
        ("carrier -budget", ["Carrier leaves port"]),
        ('carrier -"secretary of defense"', ["Money matters"]),
        ("-carrier", []),
        ("title:carrier", ["Carrier leaves port"]),
        ("text:port", []),
        ("author:wick", ["Carrier leaves port"]),
        ('author:"ada wick" carrier', ["Carrier leaves port"]),
        ("text:wick", []),
        ("dep*", ["Mud", "Carrier leaves port"]),
        ("host:town.example carrier tanks", ["Mud", "Money matters"]),
        ("-host:town.example carrier", ["Carrier leaves port"]),
        ("since:2026-04 carrier", ["Money matters"]),
        ("before:2026-04 carrier", ["Carrier leaves port"]),
        ("language:de haus", ["Häuser"]),
        ("language:en haus", []),
        ("the of", []),
        ("+xylophone carrier", []),
        ("deployer", ["Mud", "Carrier leaves port"]),
    ],
)
def test_a_question_finds(index, words, found):
    assert titles(index, words) == found


def test_options_narrow_as_the_words_do(index):
    assert titles(index, "carrier", since=datetime(2026, 4, 1, tzinfo=UTC)) == ["Money matters"]
    assert titles(index, "carrier", until=datetime(2026, 4, 1, tzinfo=UTC)) == ["Carrier leaves port"]
    assert titles(index, "carrier", hosts=("paper.example", "none.example")) == ["Carrier leaves port"]
    assert titles(index, "carrier", author='Ada "Wick"') == ["Carrier leaves port"]
    assert titles(index, "carrier", sources=("other",)) == []
    assert titles(index, "carrier", kind="article") == ["Carrier leaves port", "Money matters"]
    assert titles(index, "carrier", limit=1) == ["Carrier leaves port"]


def test_the_snippet_is_the_place_with_most_of_the_words_marked(tmp_path):
    filler = " ".join(f"filler{number}" for number in range(200))
    text = f"A carrier began it. {filler} The carrier\u2019s \u201cSecretary\u201d spoke. {filler}"
    with IndexWriter(tmp_path) as writer:
        put(writer, [page(1, text, "Title")])
        (hit,) = search(writer.connection, Question(words="secretary carrier", opening="[", closing="]"))
    assert "The [carrier\u2019s] \u201c[Secretary]\u201d spoke. filler0" in hit.snippet
    assert hit.snippet.startswith("… filler")
    assert hit.snippet.endswith(" …")
    assert len(hit.snippet.split()) < 50


def test_a_snippet_of_a_text_without_blanks_is_short_too(tmp_path):
    with IndexWriter(tmp_path) as writer:
        put(writer, [page(1, "日本の首相が話した。" * 100 + "東京", language="ja")])
        (hit,) = search(writer.connection, Question(words="東京"))
    assert "«東»«京»" in hit.snippet
    assert len(hit.snippet) < 60


def test_the_snippet_shows_a_match_at_the_end_of_a_long_text(tmp_path):
    filler = " ".join(f"filler{number}" for number in range(3000))
    with IndexWriter(tmp_path) as writer:
        put(writer, [page(1, f"{filler}\n\nAt last the zeppelin's crew, tired, landed.", "Title")])
        (hit,) = search(writer.connection, Question(words="zeppelins"))
    assert hit.snippet.startswith("… filler2997 ")
    assert hit.snippet.endswith("At last the «zeppelin's» crew, tired, landed.")


@pytest.mark.parametrize("before", range(180, 260, 7))
def test_the_snippet_shows_a_phrase_whole_wherever_its_text_was_cut(tmp_path, before):
    text = "x" * (before - 3) + " a secretary of defense, and a carrier. " + "filler " * 200
    with IndexWriter(tmp_path) as writer:
        put(writer, [page(1, text, "Title")])
        (hit,) = search(writer.connection, Question(words='"secretary of defense"'))
    assert "a «secretary» of «defense», and a carrier. filler" in hit.snippet


PIECES = """
SELECT any_value(url), array_to_string(list("text" ORDER BY piece), ''), max(length("text")),
    count(DISTINCT article_id)
FROM work.search_pieces JOIN work.search_docs d USING (doc)
JOIN (SELECT article_id, url, ('0x' || article_id)::UBIGINT AS article FROM articles) USING (article)
GROUP BY doc
"""


@pytest.mark.long
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(
        st.lists(
            st.one_of(
                st.sampled_from(["東京" * 150, "w" * 700, "\n\n", " ", "e\u0301lan. "]),
                st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=90),
            )
        )
        .map("".join)
        .filter(str.strip),
        min_size=5,
        max_size=30,
    )
)
def test_the_pieces_of_a_text_are_the_text(tmp_path_factory, texts):
    with IndexWriter(tmp_path_factory.mktemp("pieces")) as writer:
        put(writer, [page(number, text) for number, text in enumerate(texts, 1)])
        kept = dict(writer.connection.execute('SELECT url, "text" FROM articles').fetchall())
        found = writer.connection.execute(PIECES).fetchall()
    assert {url: joined for url, joined, _, _ in found} == kept
    assert {articles for *_, articles in found} == {1}
    assert max(longest for *_, longest, _ in found) <= 241


def test_snippets_follow_changes_and_removals(tmp_path):
    url = "https://paper.example/story"
    first = page(1, "The old zeppelin flew over the old town.", hours=1, url=url)
    second = page(2, "A new zeppelin flew over the new town.", hours=2, url=url)
    with IndexWriter(tmp_path) as writer:
        put(writer, [first])
        put(writer, [second])
        (hit,) = search(writer.connection, Question(words="zeppelin"))
        assert hit.snippet == "A new «zeppelin» flew over the new town."
        writer.drop_extractions([second[0].record_id])
        finish(writer)
        (hit,) = search(writer.connection, Question(words="zeppelin"))
        assert hit.snippet == "The old «zeppelin» flew over the old town."


def test_a_day_that_is_none_is_told(index):
    with pytest.raises(QueryError, match="since: takes a day as 2026-03-01, not yesterday"):
        titles(index, "carrier since:yesterday")


def test_an_index_without_the_macro_says_so(tmp_path):
    with IndexWriter(tmp_path) as writer:
        writer.connection.execute("DROP MACRO TABLE search")
        with pytest.raises(IndexFaultError, match="no search"):
            search(writer.connection, Question(words="x"))


def test_copies_are_left_out_unless_asked_for(tmp_path):
    text = " ".join(f"word{number}" for number in range(80))
    with IndexWriter(tmp_path) as writer:
        put(writer, [page(1, text, "First"), page(2, text, "Second", host="other.example")])
        assert len(titles(writer.connection, "word7")) == 1
        found = search(writer.connection, Question(words="word7", duplicates=True))
    assert sorted(hit.is_duplicate for hit in found) == [False, True]
    assert len({hit.cluster_id for hit in found}) == 1


WORDS = ("carrier", "sails", "sailing", "sailed", "radio", "radios", "mud", "the", "of", "zeppelin", "élan")


def reference(documents, question):
    """BM25 of each document, by the book: a title's word counts four times, a term is a word's every form."""
    kept = []
    for title, text in documents:
        words = [
            [one for one in part.replace("é", "e").split() if one not in STOP_WORDS] for part in (title, text)
        ]
        kept.append((Counter(words[0] * 4 + words[1]), len(words[0]) + len(words[1])))
    average = sum(length for _, length in kept) / len(kept)
    scores = [0.0] * len(documents)
    known = {word for counts, _ in kept for word in counts}
    for word in question:
        plain = word.replace("é", "e")
        stem_of = {one: stems("en", [one])[0] for one in known}
        shorter = [plain[:size] for size in range(len(plain), max(3, len(plain) - 6), -1)]
        stem = stem_of.get(plain) or next((one for one in shorter if one in stem_of.values()), None)
        forms = {one for one in known if stem_of[one] == stem}
        frequency = sum(sum(1 for counts, _ in kept if form in counts) for form in forms)
        rarity = math.log(1 + (max(len(kept) - frequency, 0) + 0.5) / (frequency + 0.5))
        for place, (counts, length) in enumerate(kept):
            times = sum(counts[form] for form in forms)
            if times:
                scores[place] += rarity * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * length / average))
    return scores


@settings(
    max_examples=8,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    documents=st.lists(
        st.tuples(
            st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join),
            st.lists(st.sampled_from(WORDS), min_size=1, max_size=30).map(" ".join),
        ),
        min_size=1,
        max_size=8,
    ),
    questions=st.lists(
        st.lists(
            st.sampled_from([one for one in WORDS if one not in STOP_WORDS]),
            min_size=1,
            max_size=3,
            unique=True,
        ),
        min_size=1,
        max_size=4,
    ),
)
def test_scores_are_those_of_bm25(tmp_path_factory, documents, questions):
    pages = [page(number, text, title) for number, (title, text) in enumerate(documents)]
    with IndexWriter(tmp_path_factory.mktemp("bm25")) as writer:
        put(writer, pages)
        for question in questions:
            every = Question(words=" ".join(question), limit=100, duplicates=True)
            found = {hit.url: hit.score for hit in search(writer.connection, every)}
            wanted = reference(documents, question)
            of_url = {of.url: score for (of, _), score in zip(pages, wanted, strict=True) if score > 0}
            assert found == pytest.approx(of_url, abs=1e-5)


def shown(writer):
    return [writer.connection.execute(sql).fetchall() for sql in SHOWN]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2))
def test_neither_order_nor_batches_nor_changes_on_the_way_show(tmp_path, seed, monkeypatch):
    monkeypatch.setattr(search_index, "RUN_ARTICLES", 7)
    drawn = random.Random(seed)
    prose = [" ".join(drawn.choices(WORDS, k=40)) for _ in range(30)]
    pages = [
        page(number, prose[number], f"Title {number}", url=f"https://paper.example/{number % 20}",
             published_at=datetime(2026, 1, 1 + number % 5, tzinfo=UTC))
        for number in range(30)
    ]  # fmt: skip
    dropped = [of.record_id for of, _ in pages[25:]]
    with IndexWriter(tmp_path / "one") as writer:
        put(writer, pages[:25])
        at_once = shown(writer)
    drawn.shuffle(pages)
    with IndexWriter(tmp_path / "other") as writer:
        for start in range(0, 30, 4):
            put(writer, pages[start : start + 4])
        assert shown(writer) != at_once
        writer.drop_extractions(dropped)
        finish(writer)
        assert shown(writer) == at_once
        docs = writer.connection.execute(
            "SELECT count(*), count(DISTINCT article) FROM work.search_docs"
        ).fetchall()
        assert docs == [(20, 20)]


def test_postings_are_made_anew_when_most_are_of_no_document(tmp_path, monkeypatch):
    monkeypatch.setattr(search_index, "_MOST_DEAD", 2)
    with IndexWriter(tmp_path) as writer:
        for hour in range(1, 9):
            put(writer, [page(hour, f"text number{hour}", hours=hour, url="https://paper.example/")])
            postings = "SELECT count(*) FROM (FROM work.search_postings UNION ALL FROM work.search_tail)"
            assert writer.connection.execute(postings).fetchall()[0][0] <= 8
            pieces = "SELECT count(DISTINCT doc) FROM work.search_pieces"
            assert writer.connection.execute(pieces).fetchall()[0][0] <= 4
        assert len(titles(writer.connection, "number8")) == 1
        assert titles(writer.connection, '"number7"') == []


def test_nothing_is_looked_at_again_where_nothing_changed(tmp_path):
    of, row = page(1, CARRIER, "Title")
    with IndexWriter(tmp_path) as writer:
        put(writer, [(of, row)])
        again = capture(2, of.url, 5)
        writer.add(
            captures=[again], extractions=[extraction_row(again, Outcome.ARTICLE, article=row.article)]
        )
        writer.refresh()
        update_clusters(writer)
        assert update_search(writer) == 0


def test_an_index_that_lost_its_search_gets_it_again(tmp_path):
    with IndexWriter(tmp_path) as writer:
        put(writer, [page(1, CARRIER, "One"), page(2, BUDGET, "Two")])
        whole = shown(writer)
        writer.connection.execute("DELETE FROM work.search_docs WHERE doc = 0")
        assert update_search(writer) == 2
        assert shown(writer) == whole


def test_the_macro_answers_alike_in_each_duckdb_at_hand(archive):
    child = textwrap.dedent("""
        import duckdb, json, sys
        with duckdb.connect(sys.argv[1], read_only=True) as connection:
            for words in sys.argv[2:]:
                rows = connection.execute("FROM search(?, n := 3, opening := '[')", [words]).fetchall()
                print(json.dumps(rows, default=str))
    """)
    asked = [
        "carrier",
        '"secretary of defense" -mud',
        "title:carrier",
        "dep* host:town.example",
        "東京",
        "the",
        '"',
    ]
    answers = set(told_by_each(child, archive / "index.duckdb", *asked).values())
    assert len(answers) == 1
    (answer,) = answers
    assert "[carrier" in answer
    assert len(json.loads(answer.splitlines()[0])) == 2


def test_the_macro_takes_dates_and_gives_what_the_program_gives(index):
    rows = run_sql(
        index, "SELECT article_id, score, snippet FROM search('carrier', since := DATE '2026-01-01', n := 5)"
    ).rows
    hits = search(index, Question(words="carrier since:2026", limit=5))
    assert [tuple(row) for row in rows] == [(hit.article_id, hit.score, hit.snippet) for hit in hits]
    assert len(rows) == 2


ODD = (
    '"', "-", "+", "*", "title:", 'author:"', '-"a', "(.*[", "\\", "'; DROP TABLE articles; --", "\x00", "😀",
    "%", "$1", "host:", "a:b", "\u201c", "é" * 50, "w" * 5000, "{}", "carrier",
)  # fmt: skip


@pytest.mark.long
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.lists(st.one_of(st.sampled_from(ODD), st.text(max_size=12)), max_size=8).map(" ".join))
def test_no_question_breaks_it(index, words):
    question = re.sub(r"(?i)(since|after|before|until):", "", words.encode("utf-8", "replace").decode())
    for hit in search(index, Question(words=question)):
        assert hit.score > 0


def test_a_question_of_ten_thousand_words_is_cut(index):
    words = "carrier " + " ".join(f"w{number}" for number in range(10_000))
    assert titles(index, words) == ["Carrier leaves port", "Money matters"]
