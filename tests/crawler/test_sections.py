"""Sections that only lead on are known by what they give; honest ones are asked for without end."""

from __future__ import annotations

import pytest

from crawler.sections import Sections, section_of


def asked(sections: Sections, url: str, *, links: tuple[str, ...] = (), text: str = "") -> None:
    """Count an answer, and the article that it held."""
    sections.asked(url, links)
    if text:
        sections.told(url, text)


@pytest.mark.parametrize(
    "shape",
    [
        "http://a.test/calendar/{}",
        "http://a.test/calendar/2026/{}/",
        "http://a.test/page?sid={}",
        "http://a.test/farm/x{}y",
        "http://a.test/s/{}abcdef/page",
        "http://a.test/map-{}.xml",
    ],
)
def test_a_section_whose_pages_differ_by_their_numbers_alone_is_soon_barren(shape):
    sections = Sections(10)
    for number in range(21):  # the first text is new, and pays for twenty pages
        url = shape.format(number)
        assert not sections.is_barren(url)
        asked(sections, url, text=f"No events on day {number}.", links=(shape.format(number + 1),))
    assert sections.is_barren(shape.format(22))
    assert not sections.is_barren("http://a.test/news/story")
    assert not sections.is_barren("http://b.test/calendar/1/")


def test_a_path_that_has_ever_other_names_in_its_query_is_one_section():
    sections = Sections(10)
    for number in range(80):
        name = "".join("abcdefghij"[int(digit)] for digit in str(number))
        asked(sections, f"http://a.test/list?{name}=1&x{number}=2")
    assert sections.is_barren("http://a.test/list?yet=1&another=2")
    assert not sections.is_barren("http://a.test/other?yet=1")


def test_a_section_of_articles_is_never_barren():
    sections = Sections(10)
    words = ["harbor", "ferry", "pier", "storm", "council", "budget", "school", "museum", "library", "market"]
    for number in range(200):
        url = f"http://a.test/news/{number}-story"
        text = f"{words[number % 10]} {words[number // 10 % 10]} {'again ' * (number // 100)}"
        asked(sections, url, text=text)
        assert not sections.is_barren(url)


def test_lists_that_lead_to_new_articles_elsewhere_are_never_barren():
    sections = Sections(10)
    for number in range(200):
        asked(sections, f"http://a.test/maps/{number}.xml", links=(f"http://a.test/2026/{number}/story",))
    assert not sections.is_barren("http://a.test/maps/200.xml")


def test_a_section_of_pages_that_are_not_there_is_barren_and_one_that_is_to_be_asked_later_is_not():
    sections = Sections(10)
    for number in range(10):
        assert not sections.is_barren("http://a.test/dead/10")
        sections.answered(f"http://a.test/dead/{number}", (404, 410, 403, 500)[number % 4])
        sections.answered(f"http://a.test/busy/{number}", (429, 503)[number % 2])
        sections.answered(f"http://a.test/read/{number}", (200, 301)[number % 2])
    assert sections.is_barren("http://a.test/dead/10")
    assert not sections.is_barren("http://a.test/busy/10")
    assert not sections.is_barren("http://a.test/read/10")


def test_one_article_in_twenty_pages_is_enough():
    sections = Sections(10)
    for number in range(100):
        asked(sections, f"http://a.test/mixed/{number}", text=f"{'w' * number}" if number % 15 == 0 else "")
    assert not sections.is_barren("http://a.test/mixed/100")
    for number in range(100, 200):
        asked(sections, f"http://a.test/mixed/{number}")
    assert sections.is_barren("http://a.test/mixed/200")


def test_without_a_bound_nothing_is_barren():
    sections = Sections(0)
    for number in range(1000):
        asked(sections, f"http://a.test/calendar/{number}")
    assert not sections.is_barren("http://a.test/calendar/1")


def test_a_path_that_grows_stays_one_section():
    grown = {section_of(f"http://a.test/{'deeper/' * times}") for times in range(2, 9)}
    assert len(grown) == 1


def test_what_a_page_names_is_left_where_hardly_any_of_it_is_there():
    sections, feed = Sections(2), "http://a.test/feed.xml"
    names = [f"http://a.test/{word}-{other}/story" for word in "abcdefgh" for other in "abcdefgh"]
    for url in names[:10]:
        assert not sections.is_barren(url, feed)
        sections.answered(url, 404, feed)
    assert sections.is_barren(names[10], feed)
    assert not sections.is_barren(names[10], "http://a.test/")
    sections.answered(names[10], 200, feed)
    assert not sections.is_barren(names[11], feed)
