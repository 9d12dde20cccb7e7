"""Dates: what pages write, in which zone, and what is no date."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import extract_article
from pipelines.fields.dates import is_plausible, parse_date
from pipelines.fields.moments import calendar_of


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("2022-04-06T21:05:00.123Z", "2022-04-06 21:05"),
        ("2022-04-06 21:05:00 +0100", "2022-04-06 20:05"),
        ("2022-04-06T21:05:00+01", "2022-04-06 20:05"),
        ("20220406", "2022-04-06 00:00"),
        ("20220406T210500Z", "2022-04-06 21:05"),
        ("2022/4/6", "2022-04-06 00:00"),
        ("1649279100", "2022-04-06 21:05"),
        ("1649279100000", "2022-04-06 21:05"),
        ("Wed, 06 Apr 2022 21:05:00 -0400", "2022-04-07 01:05"),
        ("Wed Apr 06 21:05:00 EDT 2022", "2022-04-07 01:05"),
        ("Wed Apr 06 2022 21:05:00 GMT+0100 (CET)", "2022-04-06 20:05"),
        ("April 6, 2022 at 9:05 p.m. ET", "2022-04-07 01:05"),
        ("January 6, 2022 at 9:05 p.m. ET", "2022-01-07 02:05"),
        ("9 a.m. PT, Apr. 6th, 2022", "2022-04-06 16:00"),
        ("12:30 am BST 6 April 2022", "2022-04-05 23:30"),
        ("Sept. 6, 2022", "2022-09-06 00:00"),
        ("6. März 2022, 19.15 Uhr", "2022-03-06 19:15"),
        ("1er août 2022 à 21h05", "2022-08-01 21:05"),
        ("6 de diciembre de 2022", "2022-12-06 00:00"),
        ("6 giugno 2022 - 10:15", "2022-06-06 10:15"),
        ("6 de fevereiro de 2022", "2022-02-06 00:00"),
        ("6 mei 2022 om 21.05 uur", "2022-05-06 21:05"),
        ("06.04.2022 21:05", "2022-04-06 21:05"),
        ("04-ago-2021", "2021-08-04 00:00"),
        ("2022年4月6日", "2022-04-06 00:00"),
        ("DECEMBER 22, 2022Updated", "2022-12-22 00:00"),
        ("12/31/22", "2022-12-31 00:00"),
        ("31/12/2022", "2022-12-31 00:00"),
    ],
)
def test_date_is_read_as_it_is_meant(raw, moment):
    assert f"{parse_date(raw):%Y-%m-%d %H:%M}" == moment


@pytest.mark.parametrize(
    "raw",
    [
        "soon",
        "",
        "2022-13-45",
        "April 2022",
        "0001-01-01T00:00:00",
        "1970-01-01T00:00:00Z",
        "5 min read",
        "40 Wall St",
    ],
)
def test_what_is_no_date_of_a_page_gives_none(raw):
    assert parse_date(raw) is None


def test_numbers_are_read_by_the_country():
    assert parse_date("4/5/2022") == datetime(2022, 4, 5, tzinfo=UTC)
    assert parse_date("4/5/2022", day_first=True) == datetime(2022, 5, 4, tzinfo=UTC)
    assert calendar_of("en-GB", None, None).day_first
    assert calendar_of("en", "https://www.quay.co.uk/a", None).day_first
    assert not calendar_of("en-US", "https://www.quay.example/a", None).day_first


def test_day_and_month_change_places_rather_than_lie_in_the_future():
    captured = datetime(2022, 3, 20, tzinfo=UTC)
    assert calendar_of("en", None, captured).read("09/03/2022") == datetime(2022, 3, 9, tzinfo=UTC)


@given(st.text(max_size=200))
def test_any_text_gives_a_moment_in_utc_or_none(raw):
    found = parse_date(raw)
    assert found is None or (found.tzinfo is UTC and is_plausible(found))


MOMENTS = st.integers(min_value=400_000_000, max_value=4_000_000_000)  # seconds since 1970


@given(MOMENTS.map(lambda seconds: datetime.fromtimestamp(seconds, tz=UTC)))
def test_moment_comes_back_from_its_usual_printings(moment):
    assert parse_date(moment.isoformat()) == moment
    assert parse_date(f"{moment:%a, %d %b %Y %H:%M:%S} GMT") == moment
    assert parse_date(f"{moment:%B %d, %Y}") == moment.replace(hour=0, minute=0, second=0)


PAGE = (
    "<html><head><title>Harbor</title><meta property='article:published_time' content='2031-01-01'>"
    "</head><body>"
    "<h1>Harbor opens</h1><time datetime='2022-04-06'>x</time><p>The harbor of Port Maren opened again "
    "today, the"
    " captain of the ferry said.</p></body></html>"
)


def test_date_after_the_capture_is_passed_over():
    found = extract_article(PAGE, captured_at=datetime(2022, 4, 7, tzinfo=UTC))
    assert (found.published_at, found.published_raw) == (datetime(2022, 4, 6, tzinfo=UTC), "2022-04-06")
    assert ("2031-01-01", False) in {(one.value, one.won) for one in found.candidates}


def test_without_a_capture_no_date_is_too_late():
    assert extract_article(PAGE).published_at == datetime(2031, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("markup", "published", "modified"),
    [
        ("<p>Updated May 4, 2023</p><p>Published May 2, 2023</p>", 2, 4),
        ("<p>May 2, 2023 | Updated May 4, 2023</p>", 2, 4),
        ("<time class='updated' datetime='2023-05-04'></time><time datetime='2023-05-02'></time>", 2, 4),
        ("<p>Last updated May 4, 2023</p>", 4, 4),
        ("<abbr class='published' title='2023-05-02T08:00:00+02:00'>x</abbr>", 2, None),
        ("<span itemprop='datePublished'>2 May 2023</span>", 2, None),
        ('<script>var page = {"publishedAt":"2023-05-02T10:00:00Z"}</script>', 2, None),
    ],
)
def test_change_is_told_from_publication(markup, published, modified):
    inner = (
        f"<h1>Harbor opens</h1>{markup}<p>The harbor of Port Maren opened again today, its captain said.</p>"
    )
    found = extract_article(f"<html><head><title>Harbor opens</title></head><body>{inner}</body></html>")
    assert found.published_at.day == published
    assert (found.modified_at.day if found.modified_at else None) == modified


def test_day_in_the_url_tells_which_time_is_the_storys():
    inner = "<time datetime='2025-01-09'>x</time><time datetime='2023-05-02T08:00:00Z'>y</time>"
    markup = (
        f"<html><body><h1>Harbor opens</h1>{inner}<p>The harbor opened again today, its captain "
        f"said.</p></body></html>"
    )
    found = extract_article(markup, url="https://quay.example/2023/05/02/harbor/")
    assert found.published_raw == "2023-05-02T08:00:00Z"
