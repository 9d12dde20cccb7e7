import json
from datetime import datetime, timedelta

import pytest

from pipelines.syndication import credits_site_of, points_at, rank_members
from storage.index.clusters import ClusterArticle
from storage.urls import article_id, host_of

DAY = datetime(2026, 11, 1)  # noqa: DTZ001 as TIMESTAMP columns give it


def page(url, **changes):
    return ClusterArticle(
        **{
            "article_id": article_id(url),
            "url": url,
            "host": host_of(url),
            "site_name": None,
            "title": None,
            "word_count": 300,
            "text_digest": "",
            "authors": (),
            "credits": (),
            "declared_canonical": None,
            "origin_url": None,
            "published_at": None,
            "first_captured_at": DAY,
            "dateline": None,
            "head": "",
            "tail": "",
        }
        | changes
    )


A, B = "https://a.example/story", "https://b.example/story"


def origin(*texts, held=None):
    return rank_members(texts, held or {})[0].article_id


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {"origin_url": A}),
        ({}, {"declared_canonical": "http://www.a.example/story/?utm_source=b"}),
        ({}, {"declared_canonical": "https://never-captured.example/story"}),
        ({"site_name": "Harbor Courier"}, {"credits": ("(Harbor Courier)",)}),
        ({}, {"authors": ("A.example",)}),
        ({"published_at": DAY}, {"published_at": DAY + timedelta(days=1)}),
        ({"published_at": DAY}, {}),
        ({"published_at": DAY}, {"published_at": DAY + timedelta(hours=3)}),
        ({"first_captured_at": DAY - timedelta(hours=1)}, {}),
    ],
)
def test_each_signal_alone_decides(first, second):
    one, other = page(A, **first), page(B, **second)
    assert origin(one, other) == origin(other, one) == one.article_id


def test_a_government_site_is_the_source_of_what_it_publishes():
    release, repost = (
        page("https://www.war.gov/News/Article/4012345/", published_at=DAY),
        page(B, published_at=DAY - timedelta(days=1)),
    )
    assert origin(release, repost) == release.article_id


def test_a_day_without_an_hour_does_not_beat_the_fuller_text_of_the_same_day():
    full, cut = page(A, published_at=DAY + timedelta(hours=15)), page(B, published_at=DAY)
    assert origin(full, cut, held={full.article_id: 1.0, cut.article_id: 0.6}) == full.article_id


@pytest.mark.parametrize(
    ("published_at", "later"),
    [
        (DAY + timedelta(hours=8), {"published_at": DAY + timedelta(hours=9)}),
        (DAY, {"published_at": DAY, "first_captured_at": DAY + timedelta(days=3)}),
        (None, {"first_captured_at": DAY + timedelta(days=3)}),
        (None, {"published_at": DAY + timedelta(days=2), "first_captured_at": DAY + timedelta(days=3)}),
    ],
)
def test_a_text_that_frames_another_is_not_its_origin_when_it_came_later(published_at, later):
    captured = {"first_captured_at": DAY + timedelta(days=1)}
    one, frame = page(A, published_at=published_at, **captured), page(B, **captured | later)
    assert origin(one, frame, held={one.article_id: 0.6, frame.article_id: 1.0}) == one.article_id


def test_a_page_that_names_its_origin_is_not_the_origin_though_it_was_first():
    early, late = page(A, origin_url=B, published_at=DAY - timedelta(days=3)), page(B, published_at=DAY)
    assert origin(early, late) == late.article_id


def test_a_canonical_on_its_own_host_points_nowhere():
    one = page(A, declared_canonical="https://a.example/", published_at=DAY)
    assert origin(one, page(B, published_at=DAY + timedelta(days=1))) == one.article_id


def test_two_pages_that_point_at_each_other_leave_it_to_the_other_signals():
    one, other = (
        page(A, origin_url=B, published_at=DAY),
        page(B, origin_url=A, published_at=DAY + timedelta(days=1)),
    )
    assert origin(one, other) == origin(other, one) == one.article_id


def test_without_any_signal_the_choice_is_still_the_same_in_any_order():
    pages = [page(f"https://{name}.example/x") for name in "abc"]
    assert origin(*pages) == origin(*reversed(pages)) == min(one.article_id for one in pages)


def test_a_site_name_is_no_credit_inside_another_word_or_on_the_same_host():
    courier = page(A, site_name="Courier")
    assert credits_site_of(page(B, credits=("From the Courier",)), courier)
    assert not credits_site_of(page(B, credits=("Couriers say",)), courier)
    assert not credits_site_of(page("https://a.example/2", credits=("From the Courier",)), courier)


def test_every_signal_is_kept_as_evidence():
    one, other = page(A, published_at=DAY), page(B, origin_url=A)
    first, second = rank_members([one, other], {one.article_id: 1.0})
    assert points_at(other, one)
    assert json.loads(first.evidence()) == {
        "points_at": None,
        "pointed_at_by": [other.article_id],
        "credited_by": [],
        "credits_agencies": [],
        "credits_papers": [],
        "authority": False,
        "published_at": "2026-11-01T00:00:00Z",
        "holds_of_others": 1.0,
        "first_captured_at": "2026-11-01T00:00:00Z",
    }
    assert json.loads(second.evidence(shares={"with": "x"}))["shares"] == {"with": "x"}


def standings(*pages):
    return {one.article_id: json.loads(one.evidence()) for one in rank_members(pages, {})}


@pytest.mark.parametrize(
    "says",
    [
        {"head": "WASHINGTON (AP) - The ferry to the isle sailed again."},
        {"head": "MADRID, Nov. 3 (Reuters/AP) - The ferry to the isle sailed again."},
        {"dateline": "WASHINGTON (AP)"},
        {"authors": ("Jane Roe, Associated Press",)},
        {"credits": ("By The Associated Press",)},
    ],
)
def test_a_text_of_an_agency_comes_from_the_agency_wherever_it_was_first(says):
    copy = page(B, published_at=DAY - timedelta(days=2), **says)
    wire = page("https://apnews.com/article/1", published_at=DAY)
    assert origin(copy, wire) == wire.article_id
    told = standings(copy, wire)
    assert told[copy.article_id]["credits_agencies"][:1] == ["AP"]
    assert told[wire.article_id]["credited_by"] == [copy.article_id]


def test_of_two_papers_that_which_credits_an_agency_has_it_from_elsewhere():
    copy, own = page(B, head="PARIS (AFP) - Rain."), page(A, published_at=DAY + timedelta(days=1))
    assert origin(copy, own) == own.article_id


def test_an_agency_does_not_credit_itself():
    wire = page("https://apnews.com/article/1", head="WASHINGTON (AP) - Rain.")
    assert standings(wire, page(B))[wire.article_id]["credits_agencies"] == []


@pytest.mark.parametrize(
    "tail",
    [
        "This article originally appeared in the Courier of the Isle.",
        "First published in the Courier of the Isle, 3 November.",
        "The story was originally published by Courier of the Isle.",
        "Reprinted from the Courier of the Isle",
    ],
)
def test_a_paper_that_a_text_says_it_was_first_published_in_is_its_origin(tail):
    copy = page(B, tail=tail, published_at=DAY)
    courier = page(A, site_name="Courier of the Isle", published_at=DAY + timedelta(days=1))
    assert origin(copy, courier) == courier.article_id
    assert standings(copy, courier)[courier.article_id]["credited_by"] == [copy.article_id]


def test_a_paper_that_names_itself_is_no_copy():
    paper = page(A, site_name="Courier of the Isle", tail="First published in the Courier of the Isle.")
    assert standings(paper, page(B))[paper.article_id]["credits_papers"] == []


def test_a_word_in_parentheses_later_in_a_text_is_no_dateline():
    late = page(B, head="x" * 170 + " (AP)")
    assert standings(late, page(A))[late.article_id]["credits_agencies"] == []


def test_a_page_points_at_an_article_by_any_of_its_urls():
    amp = "https://a.example/story/for-phones"
    first = page(A, other_ids=(article_id(amp),), published_at=DAY + timedelta(days=2))
    repost = page(B, origin_url=amp, published_at=DAY)
    assert points_at(repost, first)
    assert origin(repost, first) == article_id(A)
    assert not points_at(repost, page(A))


def test_an_article_that_declares_another_of_its_own_urls_points_nowhere():
    other = "https://a2.example/story"
    standing, *_ = rank_members([page(A, declared_canonical=other, other_ids=(article_id(other),))], {})
    assert standing.points_away is None
