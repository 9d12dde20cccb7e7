import itertools
import json
import random
import tempfile
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from builders import START, capture, revisit
from pipelines.cluster import update_clusters
from pipelines.run import extraction_row
from pipelines.sketch import text_digest, word_count
from storage.article import Article, Block, BlockKind, Candidate, Outcome, Photo
from storage.index.tables import TABLES
from storage.index.views import VIEWS
from storage.index.writer import IndexWriter
from storage.model import Capture, Crawl, Discovered, Extraction, Failure
from storage.urls import article_id, canonical_url

WORDS = [f"word{number}" for number in range(300)]
DEFENSE = "https://www.defense.gov/News/Article/Article/4012345/a-title/"
WAR = "https://www.war.gov/News/Article/Article/4012345/"
BLOG = "https://blog.example/2026/story/?utm_source=feed"
OTHER = "https://blog.example/2026/other/"
PUBLISHED = [part.name for part in (*TABLES, *VIEWS) if not part.name.startswith("work.")]


def prose(seed, words=120):
    return (
        " ".join(random.Random(seed).choices(WORDS, k=words))
        + ".\n\nIt\u2019s \u201cquoted\u201d text\x00 with a \ud800 surrogate."
    )


def extraction(of, text, *, title="A title of some words", **fields):
    blocks = (
        Block(text=f"Related {of.record_id}", kind=BlockKind.RELATED, kept=False, rule="related-list"),
        Block(text=text, kind=BlockKind.BODY, kept=True, label="Q"),
        Block(text="ARMY", kind=BlockKind.HEADING, kept=True, label="ARMY"),
        Block(text="By Jane Roe", kind=BlockKind.BYLINE, kept=False, rule="byline"),
    )
    photo = Photo(caption="A ship", credit="J. Roe", virin="220214-F-FW957-1367C", taken_on=date(2022, 2, 14))
    offered = (
        Candidate(field="title", value=title, source="json-ld", won=True),
        Candidate(field="title", value=f"{title} | Sample", source="title"),
    )
    made = {"title": title, "text": text, "authors": ("Jane Roe",), "blocks": blocks, "photos": (photo,)}
    article = Article(**(made | {"candidates": offered, "paywalled": False} | fields))
    return extraction_row(of, Outcome.ARTICLE, article=article)


def no_article(of, outcome=Outcome.EMPTY):
    return extraction_row(of, outcome, reason="no text")


def crawl(crawl_id="crawl-1", minutes=0):
    return Crawl(
        crawl_id=crawl_id,
        source="sample",
        started_at=START + timedelta(minutes=minutes),
        software="presswarc",
        seed_url="https://blog.example/",
        robots="obeyed",
    )


def failure(number, url, outcome=Outcome.TIMED_OUT):
    return Failure(
        record_id=f"<urn:failure:{number}>",
        url=url,
        source="sample",
        crawl_id="crawl-1",
        failed_at=START,
        outcome=outcome,
        reason="30 s without an answer",
    )


def discovered(of, **fields):
    return Discovered(
        **{
            "record_id": of.record_id,
            "url": of.url,
            "found_on": "https://blog.example/feed",
            "found_in": "feed",
            "kind": "article",
            "depth": 1,
        }
        | fields
    )


def add(writer, values):
    writer.add(
        crawls=[value for value in values if isinstance(value, Crawl)],
        captures=[value for value in values if isinstance(value, Capture)],
        failures=[value for value in values if isinstance(value, Failure)],
        extractions=[value for value in values if isinstance(value, Extraction)],
        discovered=[value for value in values if isinstance(value, Discovered)],
    )


def dump(path, tables=PUBLISHED):
    with duckdb.connect(str(path), read_only=True) as connection:
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in tables}


def build(archive, batches):
    """Published tables after adding the batches, each refreshed and clustered but every third."""
    with IndexWriter(archive) as writer:
        for number, batch in enumerate(batches):
            add(writer, batch)
            if number % 3 != 2:
                writer.refresh()
                update_clusters(writer)
        writer.refresh()
        update_clusters(writer)
        return dump(writer.publish() or archive / "index.duckdb")


def rows(archive, query):
    with duckdb.connect(str(archive / "index.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def scene():
    """An article under two hosts that changes, reposts, excerpts, stubs, revisits, failures."""
    first, war = capture(1, DEFENSE, 0), capture(2, WAR, 20)
    again, unchanged = (
        revisit(3, first, 10),
        capture(4, WAR, 30, status=304, record_type="revisit", refers_to_url=WAR),
    )
    blog, blog2, other = capture(5, BLOG, 21), capture(6, canonical_url(BLOG), 40), capture(7, OTHER, 5)
    listing, cut = capture(8, "https://blog.example/", 1), capture(9, OTHER, 6, truncated="time")
    gone, moved = (
        capture(10, "https://blog.example/gone", 2, status=404),
        capture(11, "https://blog.example/old", 2, status=301, redirect_to=OTHER),
    )
    late = revisit(12, blog, 50, refers_to_at=None)
    deleted = capture(16, "https://c.example/2", 60, status=410)
    excerpt, short, short2 = (
        capture(13 + place, f"https://c.example/{place}", 7 + place) for place in range(3)
    )
    text, changed = prose(1), prose(1) + " And one line more."
    return [
        crawl(),
        crawl(minutes=5),
        crawl("crawl-2", 700),
        failure(1, "https://a.example/x"),
        failure(2, "https://a.example/y", Outcome.ROBOTS_DENIED),
        discovered(first, title="A title", published_raw="1 Nov"),
        discovered(first, found_in="page"),
        discovered(first),
        discovered(failure(1, "https://a.example/x"), title="It\u2019s gone\x00 \ud800"),
        first,
        war,
        again,
        unchanged,
        blog,
        blog2,
        other,
        listing,
        cut,
        gone,
        moved,
        late,
        excerpt,
        short,
        short2,
        deleted,
        extraction(first, text, published_at=START),
        extraction(war, changed, published_at=START, modified_at=START),
        extraction(blog, text + "\n\nSeen first at defense.gov.", origin_url=DEFENSE),
        extraction(blog2, " ".join(text.split()[:70]), title="Shorter", origin_url=DEFENSE),
        extraction(other, prose(2), title="Another title of words"),
        no_article(listing, Outcome.NOT_AN_ARTICLE),
        no_article(cut),
        extraction(excerpt, " ".join(prose(2).split()[:45])),
        extraction(short, "Not available."),
        extraction(short2, "Not  AVAILABLE", title="Else than that"),
    ]


SCENE = [*scene(), capture(1, DEFENSE, 0, warc_file="2026/12/a-copy.warc.gz")]


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return build(tmp_path_factory.mktemp("expected"), [SCENE])


# See the tests of learning, identity and search.
FILLED_ELSEWHERE = {"fallbacks", "learned_lines", "aliases", "url_links", "url_parameters", "search_terms"}


def test_the_scene_shows_what_the_property_below_is_about(expected):
    assert len(expected["articles"]) == 6
    assert len(expected["unique_articles"]) == 4
    assert {row[2] for row in expected["pairs"]} >= {"exact", "excerpt", "near"}
    assert all(expected[name] for name in PUBLISHED if name not in FILLED_ELSEWHERE)


@pytest.mark.long
@settings(
    max_examples=5,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.permutations(SCENE),
    st.lists(st.integers(0, len(SCENE)), max_size=4),
    st.lists(st.sampled_from(SCENE), max_size=5),
)
def test_order_batches_and_repetition_do_not_show_in_any_table(expected, values, cuts, repeated):
    ends = sorted({0, *cuts, len(values)})
    batches = [values[start:end] for start, end in itertools.pairwise(ends)]
    with tempfile.TemporaryDirectory() as folder:
        found = build(Path(folder), [*batches, repeated])
    for name in PUBLISHED:
        assert found[name] == expected[name], name


def patchwork(seed):
    """Captures and extractions of pages put together from a few passages, most of them changed once."""
    rng = random.Random(seed)
    values = []
    for number in range(16):
        one = capture(number, f"https://{'abc'[number % 3]}.example/{number % 9}", number)
        passages = rng.sample(range(14), rng.randint(1, 3))
        text = "\n\n".join(prose(100 + passage, 35) for passage in passages)
        published = START + timedelta(days=rng.randint(0, 3)) if rng.random() < 0.7 else None
        values += [one, extraction(one, text, published_at=published)]
    return values


@pytest.mark.long
@settings(max_examples=4, deadline=None)
@given(st.integers(0, 10_000), st.randoms(use_true_random=False), st.integers(3, 12))
def test_clusters_of_texts_that_overlap_in_many_ways_are_the_same_in_any_order(seed, rng, size):
    values = patchwork(seed)
    shuffled = rng.sample(values, len(values))
    with tempfile.TemporaryDirectory() as whole, tempfile.TemporaryDirectory() as parts:
        batches = [shuffled[start : start + size] for start in range(0, len(shuffled), size)]
        expected, found = build(Path(whole), [values]), build(Path(parts), batches)
    for name in ("articles", "pairs", "clusters"):
        assert found[name] == expected[name], name


def test_an_article_known_by_three_urls_is_one_row_with_its_versions(tmp_path):
    build(tmp_path, [SCENE])
    article = article_id(DEFENSE)
    ((url, versions, captures, first, last),) = rows(
        tmp_path,
        f"""SELECT url, versions, captures, first_captured_at, last_captured_at
        FROM articles WHERE article_id = '{article}'""",
    )
    assert (url, versions, captures) == (WAR, 2, 4)
    assert first == START.replace(tzinfo=None)
    assert last == (START + timedelta(hours=30)).replace(tzinfo=None)
    history = rows(
        tmp_path, f"SELECT version, captures, changed FROM versions WHERE article_id = '{article}' ORDER BY 1"
    )
    assert history == [(1, 2, []), (2, 2, ["text"])]


def test_an_article_that_changes_back_has_three_versions(tmp_path):
    captures = [capture(number, OTHER, number) for number in (1, 2, 3)]
    texts = [prose(1), prose(2), prose(1)]
    build(tmp_path, [[*captures, *map(extraction, captures, texts)]])
    assert rows(tmp_path, "SELECT version, text_digest FROM versions ORDER BY 1") == [
        (place, text_digest(text)) for place, text in enumerate(texts, start=1)
    ]


def test_last_captured_at_counts_every_unchanged_capture(tmp_path):
    first = capture(1, OTHER, 0)
    later = [revisit(2, first, 5), capture(3, OTHER, 9, status=304), revisit(4, first, 7, refers_to_url=None)]
    build(tmp_path, [[first, extraction(first, prose(1))], later])
    assert rows(tmp_path, "SELECT last_captured_at, captures, versions FROM articles") == [
        ((START + timedelta(hours=9)).replace(tzinfo=None), 4, 1)
    ]


def test_a_revisit_of_a_page_that_gave_no_article_shows_none(tmp_path):
    article, empty = capture(1, OTHER, 0), capture(2, OTHER, 1)
    build(
        tmp_path, [[article, empty, extraction(article, prose(1)), no_article(empty), revisit(3, empty, 2)]]
    )
    assert rows(tmp_path, "SELECT captures, last_captured_at FROM articles") == [
        (1, START.replace(tzinfo=None))
    ]


def test_what_a_page_shows_around_its_article_comes_from_the_latest_page(tmp_path):
    captures = [capture(number, OTHER, number) for number in (1, 2)]
    build(tmp_path, [[*captures, *(extraction(one, "A text.") for one in captures)]])
    assert rows(tmp_path, "SELECT position, kind, text, rule FROM blocks ORDER BY position") == [
        (1, "related", f"Related {captures[1].record_id}", "related-list"),
        (4, "byline", "By Jane Roe", "byline"),
    ]
    assert rows(tmp_path, "SELECT virin, taken_on FROM photos") == [
        ("220214-F-FW957-1367C", date(2022, 2, 14))
    ]
    assert rows(tmp_path, "SELECT field, source, won FROM fields ORDER BY position") == [
        ("title", "json-ld", True),
        ("title", "title", False),
    ]
    assert rows(tmp_path, "SELECT position, label, text FROM passages") == [(2, "Q", "A text.")]
    assert rows(tmp_path, "SELECT versions, paywalled FROM articles") == [(1, False)]


def test_the_repost_is_the_duplicate_and_its_origin_is_not(tmp_path):
    build(tmp_path, [SCENE])
    found = dict(rows(tmp_path, "SELECT url, is_duplicate FROM articles"))
    assert found[WAR] is False
    assert found[BLOG] is True
    ((evidence,),) = rows(tmp_path, f"SELECT evidence FROM clusters WHERE article_id = '{article_id(BLOG)}'")
    assert json.loads(evidence)["points_at"] == DEFENSE


def test_nothing_vanishes_that_gave_no_article(tmp_path):
    build(tmp_path, [SCENE])
    found = dict(rows(tmp_path, "SELECT url, outcome FROM dropped"))
    assert found == {
        "https://a.example/x": "timed_out",
        "https://a.example/y": "robots_denied",
        "https://blog.example/": "not_an_article",
        "https://blog.example/gone": "gone",
        "https://c.example/2": "gone",  # an article before
        OTHER: "empty",
    }


def test_source_health_counts_a_day(tmp_path):
    page = capture(1, OTHER, 0)
    build(tmp_path, [[page, extraction(page, prose(1)), failure(1, BLOG)]])
    assert rows(tmp_path, "SELECT * FROM source_health") == [
        (date(2026, 11, 1), "sample", 1, 1, 0, {"timed_out": 1}, float(word_count(prose(1))))
    ]


def test_text_comes_back_as_it_went_in_but_for_what_utf8_cannot_hold(tmp_path):
    page = capture(1, OTHER, 0)
    text = 'Tab\there, "quotes", \\ and \u2019 and 中文 and \x00.\n\nNext \ud800 one.'
    build(tmp_path, [[page, extraction(page, text)]])
    assert rows(tmp_path, "SELECT text, first_captured_at FROM articles") == [
        (text.replace("\ud800", "?"), START.replace(tzinfo=None))
    ]


def test_a_page_that_crashed_a_worker_once_has_its_article_later(tmp_path):
    page = capture(1, OTHER, 0)
    values = [no_article(page, Outcome.PARSE_CRASHED), extraction(page, prose(1))]
    outcomes = []
    for number, order in enumerate((values, values[::-1])):
        build(tmp_path / str(number), [[page], *([value] for value in order)])
        outcomes.append(rows(tmp_path / str(number), "SELECT count(*) FROM articles"))
    assert outcomes == [[(1,)], [(1,)]]


def test_an_article_that_changes_leaves_its_cluster(tmp_path):
    left, right, right2 = capture(1, OTHER, 0), capture(2, BLOG, 1), capture(3, BLOG, 2)
    same = [left, right, extraction(left, prose(1)), extraction(right, prose(1))]
    build(tmp_path, [same])
    assert rows(tmp_path, "SELECT count(*) FROM unique_articles") == [(1,)]
    build(tmp_path, [[right2, extraction(right2, prose(2))]])
    assert rows(tmp_path, "SELECT count(*) FROM unique_articles") == [(2,)]
    assert rows(tmp_path, "SELECT count(*) FROM pairs") == [(0,)]


def test_every_table_and_column_has_a_comment(tmp_path):
    build(tmp_path, [SCENE])
    bare = rows(
        tmp_path,
        """SELECT table_name, column_name FROM duckdb_columns()
        WHERE NOT internal AND coalesce(comment, '') = ''
        UNION ALL SELECT table_name, '' FROM duckdb_tables()
        WHERE NOT internal AND coalesce(comment, '') = ''
        UNION ALL SELECT view_name, '' FROM duckdb_views()
        WHERE NOT internal AND coalesce(comment, '') = ''""",
    )
    assert bare == []


CONTRACT = {
    "articles": """article_id url canonical_url host source title authors dateline published_at modified_at
        language text word_count text_digest first_captured_at last_captured_at versions cluster_id
        is_duplicate origin_url outcome""",
    "captures": """url captured_at status mime payload_digest record_type warc_file warc_offset warc_length
        crawl_id truncated protocol ip""",
    "clusters": "cluster_id article_id relation score is_origin evidence",
}


@pytest.mark.parametrize("table", CONTRACT)
def test_the_columns_of_the_contract_come_first_and_in_order(tmp_path, table):
    build(tmp_path, [SCENE])
    with duckdb.connect(str(tmp_path / "index.duckdb"), read_only=True) as connection:
        found = [column[0] for column in connection.execute(f"FROM {table}").description]
    wanted = CONTRACT[table].split()
    assert found[: len(wanted)] == wanted
