"""Each view on a handful of rows whose answers can be counted by hand."""

from __future__ import annotations

import json
import textwrap
from dataclasses import replace
from datetime import date, timedelta

import duckdb
import pytest
from duckdbs import told_by_each

from builders import START, capture, revisit
from pipelines.cluster import update_clusters
from pipelines.run import extraction_row
from storage.article import Article, Outcome, Photo
from storage.index.views import VIEWS
from storage.index.writer import IndexWriter
from storage.model import Crawl, Discovered, Failure
from storage.urls import article_id

HOME, PAPER = "https://home.example/news", "https://paper.example/2026"
MORNING = START.replace(hour=6, minute=0, microsecond=0)
STORY = " ".join(f"word{number}" for number in range(90))
SHOT = {
    "virin": "261030-A-AB123-1001",
    "service": "Army",
    "vision_id": "AB123",
    "taken_on": date(2026, 10, 30),
}


def gives(of, text, **fields):
    """What extraction made of a capture."""
    made = {"title": "A harbor opens", "text": text, "published_at": MORNING}
    return extraction_row(of, Outcome.ARTICLE, article=Article(**(made | fields)))


def found(of, found_in):
    return Discovered(
        record_id=of.record_id,
        url=of.url,
        found_on="https://home.example/feed",
        found_in=found_in,
        kind="article",
        depth=1,
    )


def crawl(number, hours):
    return Crawl(
        crawl_id=f"crawl-{number}",
        source="sample",
        started_at=START + timedelta(hours=hours),
        software="presswarc",
        seed_url="https://home.example/",
        robots="obey",
    )


def failure(number, outcome, reason):
    return Failure(
        record_id=f"<urn:failure:{number}>",
        url=f"https://home.example/failed/{number}",
        source="sample",
        crawl_id="crawl-1",
        failed_at=START,
        outcome=outcome,
        reason=reason,
    )


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    """Two crawls of two hosts: a story, its repost, a correction, a deletion, a redirect, a listing."""
    story, repost = capture(1, f"{HOME}/harbor", 0), capture(2, f"{PAPER}/harbor/", 1, source="other")
    again = capture(3, story.url, 24, crawl_id="crawl-2", payload_digest="sha256:9")
    doomed = capture(4, f"{HOME}/doomed", 0)
    doomed_later = capture(5, doomed.url, 24, crawl_id="crawl-2", status=410)
    moved = capture(6, f"{HOME}/old", 0, status=301, redirect_to="/news/harbor")
    moved_far = capture(7, f"{HOME}/far", 0, status=302, redirect_to="//paper.example/x")
    listing, dead = capture(8, f"{HOME}/", 0), capture(9, f"{HOME}/never", 0, status=404)
    same = revisit(10, repost, 24, crawl_id="crawl-2", source="other")
    brief = capture(11, f"{HOME}/brief", 24, crawl_id="crawl-2")
    photo = Photo(caption="The harbor", photographer="Ann Lee", url="https://home.example/1.jpg", **SHOT)
    recaptioned = Photo(caption="Ships", photographer="Ann Lee", url="https://paper.example/1.jpg", **SHOT)
    unnumbered = Photo(caption="A pier", url="https://home.example/2.jpg")
    later = {"title": "A harbor opens late", "published_at": MORNING, "authors": ("Jane Roe", "Bo Ek")}
    folder = tmp_path_factory.mktemp("views")
    with IndexWriter(folder) as writer:
        writer.add(
            crawls=[crawl(1, 0), crawl(2, 23)],
            captures=[
                story, repost, again, doomed, doomed_later, moved, moved_far, listing, dead, same, brief,
            ],
            failures=[
                failure(1, Outcome.TIMED_OUT, "30 s without an answer"),
                failure(2, Outcome.TIMED_OUT, "45 s without an answer"),
            ],
            discovered=[
                found(story, "feed"),
                found(brief, "sitemap"),
                replace(found(dead, "wayback"), kind="fallback"),
            ],
            extractions=[
                gives(story, STORY, photos=(photo, unnumbered), authors=("Jane Roe",)),
                gives(again, STORY + " And more.", photos=(photo, unnumbered), **later),
                gives(
                    repost,
                    STORY + " Seen at home.",
                    photos=(recaptioned,),
                    published_at=MORNING + timedelta(hours=3),
                    origin_url=story.url,
                    paywalled=True,
                ),
                gives(doomed, "Nobody shall read this.", published_at=MORNING - timedelta(days=10)),
                gives(brief, "A brief.", published_at=None, title=None),
                extraction_row(
                    listing, Outcome.NOT_AN_ARTICLE, reason="7 items with linked headings; a home page"
                ),
            ],
        )  # fmt: skip
        writer.refresh()
        update_clusters(writer)
        writer.publish()
    return folder


def asked(archive, query):
    """Rows as mappings."""
    with duckdb.connect(str(archive / "index.duckdb"), read_only=True) as connection:
        result = connection.execute(query)
        names = [column[0] for column in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def one(archive, query):
    (row,) = asked(archive, query)
    return row


def test_every_view_has_rows_here_and_the_types_that_it_is_declared_with(archive):
    for view in VIEWS:
        assert asked(archive, f"SELECT count(*) AS rows FROM {view.name}")[0]["rows"], view.name
        told = asked(archive, f"DESCRIBE {view.name}")
        assert [(row["column_name"], row["column_type"]) for row in told] == [
            (column.name, column.type) for column in view.columns
        ], view.name


def test_every_view_and_column_has_its_comment_in_the_file(archive):
    comments = {
        (row["view_name"], row["column_name"]): row["comment"]
        for row in asked(
            archive,
            """SELECT table_name AS view_name, column_name, comment FROM duckdb_columns()
            UNION ALL SELECT view_name, '', comment FROM duckdb_views()""",
        )
    }
    for view in VIEWS:
        assert comments[view.name, ""] == view.comment
        assert all(comments[view.name, column.name] == column.comment for column in view.columns), view.name


def test_articles_by_day_counts_originals_and_copies(archive):
    rows = asked(archive, f"FROM articles_by_day WHERE day = '{MORNING.date()}' ORDER BY host")
    assert [(row["host"], row["articles"], row["originals"], row["copies"]) for row in rows] == [
        ("home.example", 1, 1, 0),
        ("paper.example", 1, 0, 1),
    ]
    assert one(archive, "SELECT articles FROM articles_by_day WHERE day IS NULL") == {"articles": 1}


def test_bylines_have_a_row_an_author_in_their_order(archive):
    rows = asked(archive, "SELECT author, position, authors FROM bylines ORDER BY position")
    assert [tuple(row.values()) for row in rows] == [("Jane Roe", 1, 2), ("Bo Ek", 2, 2)]


def test_a_correction_says_what_was_changed_and_between_which_captures(archive):
    row = one(archive, "FROM corrections")
    assert row["changed"] == ["title", "text", "authors"]
    assert (row["title_before"], row["title"]) == ("A harbor opens", "A harbor opens late")
    assert (row["words_before"], row["words"]) == (90, 92)
    assert (row["words_added"], row["words_removed"]) == (2, 0)
    assert row["seen_at"] - row["last_seen_before_at"] == timedelta(hours=24)
    assert row["hours_after_publication"] == 26.0
    assert row["notice"] is None


def test_syndication_tells_origin_copy_delay_and_credit(archive):
    row = one(archive, "FROM syndication")
    assert (row["origin_host"], row["copy_host"]) == ("home.example", "paper.example")
    assert (row["delay_hours"], row["relation"], row["credited"]) == (3.0, "near", "link")
    assert 0.9 < row["share_kept"] < 1
    pair = one(archive, "FROM syndication_by_host")
    assert (pair["copies"], pair["credited"], pair["unchanged"]) == (1, 1, 0)
    assert (pair["median_delay_hours"], pair["fastest_hours"]) == (3.0, 3.0)


def test_a_photo_is_followed_by_its_virin_across_hosts_and_captions(archive):
    row = one(archive, "FROM photo_uses WHERE virin IS NOT NULL")
    assert row["photo"] == SHOT["virin"]
    assert (row["articles"], row["hosts"]) == (2, ["home.example", "paper.example"])
    assert (row["caption"], row["recaptioned"]) == ("The harbor", True)
    assert row["days_to_first_use"] == 2
    other = one(archive, "FROM photo_uses WHERE virin IS NULL")
    assert (other["photo"], other["articles"], other["recaptioned"]) == (
        "https://home.example/2.jpg",
        1,
        False,
    )
    unit = one(archive, "FROM photos_by_unit")
    assert (unit["service"], unit["vision_id"], unit["photographers"]) == ("Army", "AB123", ["Ann Lee"])
    assert (unit["photos"], unit["uses"], unit["reused"]) == (1, 2, 1)


def test_a_deleted_story_is_gone_and_a_page_that_never_was_is_not(archive):
    row = one(archive, "FROM gone_articles")
    assert row["article_id"] == article_id(f"{HOME}/doomed")
    assert row["gone_at"] - row["last_good_at"] == timedelta(hours=24)
    assert (row["checks"], row["status"]) == (1, 410)


def test_a_story_that_came_back_is_not_gone(tmp_path):
    page = capture(1, f"{HOME}/a", 0)
    with IndexWriter(tmp_path) as writer:
        writer.add(
            captures=[page, capture(2, page.url, 1, status=404), revisit(3, page, 2)],
            extractions=[gives(page, STORY)],
        )
        writer.refresh()
        writer.publish()
    assert asked(tmp_path, "FROM gone_articles") == []
    assert one(tmp_path, "SELECT state, captures FROM url_status") == {"state": "here", "captures": 3}


def test_the_status_of_a_url_is_that_of_its_latest_capture(archive):
    states = {
        row["url"].removeprefix(HOME): (row["state"], row["last_status"])
        for row in asked(archive, "FROM url_status WHERE url LIKE '%home%'")
    }
    assert states == {
        "/harbor": ("here", 200),
        "/doomed": ("gone", 410),
        "/old": ("moved", 301),
        "/far": ("moved", 302),
        "/": ("here", 200),
        "/never": ("gone", 404),
        "/brief": ("here", 200),
    }


def test_redirects_have_the_host_that_the_site_left_out(archive):
    rows = {row["url"]: (row["redirect_to"], row["permanent"]) for row in asked(archive, "FROM redirects")}
    assert rows == {
        f"{HOME}/old": (f"{HOME}/harbor", True),
        f"{HOME}/far": ("https://paper.example/x", False),
    }


def test_discovery_lag_tells_where_an_article_was_found_and_after_how_long(archive):
    rows = {row["url"].removeprefix(HOME): row for row in asked(archive, "FROM discovery_lag")}
    assert len(rows) == 4
    assert (rows["/harbor"]["found_in"], rows["/harbor"]["lag_hours"]) == ("feed", 2.0)
    assert (rows["/brief"]["found_in"], rows["/brief"]["lag_hours"]) == ("sitemap", None)
    assert rows["/doomed"]["found_in"] is None


def test_reasons_are_counted_one_by_one_whatever_their_numbers(archive):
    rows = {
        (row["outcome"], row["reason"]): (row["fetches"], row["urls"])
        for row in asked(archive, "FROM dropped_by_reason")
    }
    assert rows == {
        ("timed_out", "N s without an answer"): (2, 2),
        ("not_an_article", "N items with linked headings"): (1, 1),
        ("not_an_article", "a home page"): (1, 1),
        ("gone", "HTTP 410"): (1, 1),
        ("gone", "HTTP 404"): (1, 1),
    }


def test_health_counts_pages_errors_and_the_words_that_articles_have(archive):
    rows = asked(archive, "FROM source_health WHERE source = 'sample' ORDER BY day")
    assert [(row["pages"], row["articles"], row["errors"]) for row in rows] == [
        (3, 2, {"gone": 1, "timed_out": 2}),
        (2, 2, {"gone": 1}),
    ]
    assert [row["median_words"] for row in rows] == [47.0, 47.0]


def test_coverage_tells_shares_and_the_longest_gap(archive):
    row = one(archive, "FROM coverage WHERE source = 'sample'")
    assert (row["articles"], row["captures"], row["failures"]) == (3, 9, 4)
    assert (row["days"], row["longest_gap_days"]) == (2, 9)
    assert row["gap_after"] == MORNING.date() - timedelta(days=10)
    assert (row["with_title_pct"], row["with_date_pct"], row["with_photo_pct"]) == (66.7, 66.7, 33.3)
    other = one(archive, "FROM coverage WHERE source = 'other'")
    assert (other["copies_pct"], other["paywalled_pct"]) == (100.0, 100.0)
    assert (other["longest_gap_days"], other["gap_after"]) == (0, None)


def test_crawl_results_tell_what_was_new(archive):
    first, second = asked(archive, "FROM crawl_results ORDER BY crawl_id")
    assert (first["captures"], first["revisits"], first["errors"], first["failures"]) == (7, 0, 1, 2)
    assert (first["articles"], first["new_articles"], first["new_versions"]) == (3, 3, 0)
    assert (second["captures"], second["revisits"], second["errors"]) == (4, 1, 1)
    assert (second["articles"], second["new_articles"], second["new_versions"]) == (3, 1, 1)
    assert first["stored_bytes"] == 7 * 900


@pytest.mark.parametrize(
    ("view", "condition", "passed"),
    [
        ("articles_by_day", f"day = DATE '{MORNING.date()}'", "published_at"),
        ("bylines", f"published_at >= TIMESTAMP '{MORNING:%Y-%m-%d}'", "published_at"),
        ("discovery_lag", f"published_at >= TIMESTAMP '{MORNING:%Y-%m-%d}'", "published_at"),
        ("source_health", f"day = DATE '{START.date()}'", "captured_at"),
        ("photos_by_unit", "vision_id = 'AB123'", "vision_id"),
        ("photo_uses", f"virin = '{SHOT['virin']}'", "virin"),
        ("url_status", f"url = '{HOME}/harbor'", "url"),
    ],
)
def test_conditions_reach_the_tables_below(archive, view, condition, passed):
    """What is told of a table scan's filters, or of a filter right above one, names the column."""
    ((_, plan),) = [
        tuple(row.values())
        for row in asked(archive, f"EXPLAIN (FORMAT json) SELECT * FROM {view} WHERE {condition}")
    ]
    assert any(passed in told for told in _near_scans(json.loads(plan))), plan


def _near_scans(nodes, above=""):
    """Conditions on each scan, or in a filter just above it."""
    for node in nodes:
        extra = node.get("extra_info", {})
        if not node["children"]:
            yield f"{extra.get('Filters', '')} {above}"
        told = str(extra) if node["name"].strip() == "FILTER" else ""
        kept = above if node["name"].strip() == "PROJECTION" else ""
        yield from _near_scans(node["children"], told or kept)


def test_each_view_says_the_same_in_each_duckdb_at_hand(archive):
    child = textwrap.dedent("""
        import duckdb, sys
        with duckdb.connect(sys.argv[1], read_only=True) as connection:
            for name in sys.argv[2:]:
                print(name, connection.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall())
    """)
    answers = told_by_each(child, archive / "index.duckdb", *(view.name for view in VIEWS))
    assert len(set(answers.values())) == 1
