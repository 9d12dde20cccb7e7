import json
from datetime import datetime, timedelta

import pytest

from pipelines.syndication import credits_site_of, points_at, rank_members
from storage.index.clusters import ClusterText
from storage.urls import article_id, host_of

DAY = datetime(2026, 11, 1)  # noqa: DTZ001 as TIMESTAMP columns give it


def page(url, **changes):
    return ClusterText(
        **{
            "article_id": article_id(url),
            "url": url,
            "host": host_of(url),
            "site_name": None,
            "title": None,
            "text": "text",
            "word_count": 300,
            "text_digest": "",
            "authors": (),
            "credits": (),
            "declared_canonical": None,
            "origin_url": None,
            "published_at": None,
            "first_captured_at": DAY,
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
        "authority": False,
        "published_at": "2026-11-01T00:00:00Z",
        "holds_of_others": 1.0,
        "first_captured_at": "2026-11-01T00:00:00Z",
    }
    assert json.loads(second.evidence(shares={"with": "x"}))["shares"] == {"with": "x"}
