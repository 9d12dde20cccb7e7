"""What is made of entries of feeds and of stories of DVIDS, where print views are, what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from builders import START, capture
from crawler.fallbacks.dvids import asset_url, same_story, search_url, story_of, wanted_story
from crawler.fallbacks.prints import print_urls
from crawler.fallbacks.stories import Story, page_of_story
from crawler.fallbacks.teasers import stories_in
from crawler.frontier import Found, Frontier, SqliteStore
from pipelines import extract_article
from storage.article import Outcome
from storage.model import Headers
from storage.urls import article_id

PAGE = "https://paper.example/2026/11/depot-opens/"
WANTED = frozenset({article_id(PAGE)})
RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><language>en-US</language>
<item><title>Another</title><link>https://paper.example/2026/11/other/</link><description>No.</description></item>
<item><title>Depot &lt;em&gt;opens&lt;/em&gt;</title><link>/2026/11/depot-opens/?utm_source=rss</link>
<pubDate>Fri, 20 Nov 2026 11:00:00 GMT</pubDate><dc:creator>Ann Smith</dc:creator>
<description>Short.</description><content:encoded>{}</content:encoded></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><entry>
<title type="html">Depot opens</title>
<link href="https://paper.example/2026/11/depot-opens/"/><updated>2026-11-20T11:00:00Z</updated>
<author><name>Ann Smith</name></author>
<content type="xhtml">
<div xmlns="http://www.w3.org/1999/xhtml"><p>It opened &amp; stayed <b>open</b>.</p></div>
</content></entry></feed>"""
PLAIN = """<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>Depot opens</title>
<link href="https://paper.example/2026/11/depot-opens/"/><published>2026-11-20T11:00:00Z</published>
<summary type="text">2 &lt; 3, he said.</summary></entry></feed>"""
JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {"id": "1", "url": PAGE, "title": "Depot opens",
             "content_text": "It opened.\n\nIt stayed <open>.",
             "authors": [{"name": "Ann Smith"}], "date_published": "2026-11-20T11:00:00Z"},
        ],
    }
)  # fmt: skip
STORY = Story(url=PAGE, title="Depot opens", markup="<p>It opened on Friday, he said.</p>", part="summary")


def told(feed: str) -> Story:
    (story,) = stories_in(
        url="https://paper.example/feed/", content_type=None, body=feed.encode(), wanted=WANTED
    ).values()
    return story


def body(markup: str) -> str:
    page = page_of_story(replace(STORY, markup=markup))
    assert page is not None
    return page.decode().partition("</h1>\n")[2].rpartition("\n</article>")[0]


def test_an_rss_entry_is_told_by_its_fullest_part_under_its_own_address():
    story = told(RSS.format("&lt;p&gt;It opened.&lt;/p&gt;"))
    assert (story.url, story.title, story.part) == (PAGE, "Depot opens", "encoded")
    assert (story.markup, story.authors, story.language) == ("<p>It opened.</p>", ("Ann Smith",), "en-US")
    assert told(RSS.format(" ")).markup == "Short."


@pytest.mark.parametrize(
    ("feed", "part", "text"),
    [
        (ATOM, "content", "<p>It opened &amp; stayed open.</p>"),
        (PLAIN, "summary", "<p>2 &lt; 3, he said.</p>"),
        (JSON, "content_text", "<p>It opened.</p>\n<p>It stayed &lt;open&gt;.</p>"),
    ],
)
def test_atom_and_json_feeds_are_told_likewise(feed, part, text):
    story = told(feed)
    assert (story.part, story.published_raw) == (part, "2026-11-20T11:00:00Z")
    assert body(story.markup) == text


@pytest.mark.parametrize("feed", ["", "<html><p>no feed", "[1, 2]", '{"items": [7, {"url": 3}]}', "\x00\xff"])
def test_what_is_no_feed_tells_nothing(feed):
    assert stories_in(url=PAGE, content_type=None, body=feed.encode("latin-1"), wanted=WANTED) == {}


def test_of_the_markup_that_came_paragraphs_headings_lists_and_links_are_kept():
    markup = (
        "Begins<br><br/>goes on<br>here <script>bad()</script>"
        "<a href='/x?a=1&amp;b=2' onclick='bad()'>there</a>"
        "<h3 class=x>Then</h3><ul><li><p>one</p></li><li>two</li></ul><figure><img src=x></figure>"
        "<blockquote><p>Said so.</p></blockquote><a href='javascript:bad()'>no</a>"
    )
    assert body(markup).splitlines() == [
        "<p>Begins</p>",
        '<p>goes on here <a href="https://paper.example/x?a=1&amp;b=2">there</a></p>',
        "<h2>Then</h2>",
        "<ul>",
        "<li>one</li>",
        "<li>two</li>",
        "</ul>",
        "<blockquote>Said so.</blockquote>",
        "<p>no</p>",
    ]


def test_a_story_without_text_is_no_page():
    assert page_of_story(replace(STORY, markup="<p> </p><img src=x><a href='/y'></a>")) is None


def test_extraction_reads_title_date_and_authors_of_the_page_and_no_script_can_be_put_into_it():
    story = replace(
        STORY,
        title="Depot </script><b>opens</b>",
        authors=("Ann Smith", "Bo Lund"),
        published_raw="Fri, 20 Nov 2026 11:00:00 GMT",
        modified_raw="some day",
    )
    page = page_of_story(story)
    assert page is not None
    assert page.count(b"</script>") == 1
    article = extract_article(page, url=PAGE, content_type="text/html; charset=utf-8")
    assert (article.outcome, article.text) == (Outcome.ARTICLE, "It opened on Friday, he said.")
    assert (article.authors, article.published_at) == (
        ("Ann Smith", "Bo Lund"), datetime(2026, 11, 20, 11, tzinfo=UTC),
    )  # fmt: skip


def test_a_print_view_that_the_page_names_comes_before_those_by_rule():
    page = b'<p>No.</p><a class="tool" href="?print=print">Print this</a><a href="/print/">Print shop</a>'
    assert print_urls(PAGE, ((None, page),)) == (f"{PAGE}print/", f"{PAGE}?print=1")
    named = b'<link rel="alternate" media="print" href="/2026/11/depot-opens/printable">'
    assert print_urls(PAGE, ((None, named),))[0] == f"{PAGE}printable"


def found(**changes: object) -> dict[str, object]:
    return {
        "id": "news:7",
        "title": "Depot opens after a month",
        "date_published": "2026-11-21T09:00:00-05:00",
        "url": "https://www.dvidshub.net/news/7/depot-opens",
    } | changes


def results(*stories: dict[str, object]) -> bytes:
    return json.dumps({"results": list(stories)}).encode()


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"title": "DEPOT OPENS, after a month"}, True),
        ({"title": "Depot closes after a year"}, False),
        ({"title": "Depot opens after a month of work on its roof and doors"}, False),
        ({"date_published": "2026-11-24T12:00:00Z"}, False),
        ({"date_published": "", "publishdate": "2026-11-19T12:00:00Z"}, True),
        ({"date_published": "soon"}, False),
        ({"id": "image:7"}, False),
    ],
)
def test_a_story_of_dvids_is_taken_only_if_title_and_date_are_those_of_the_page(changes, fits):
    wanted = wanted_story("Depot opens after a month", "Fri, 20 Nov 2026 11:00:00 GMT")
    assert wanted is not None
    assert same_story(results(found(**changes)), wanted) == ("news:7" if fits else None)


def test_of_a_story_of_dvids_the_body_is_taken_and_the_address_is_its_own():
    wanted = wanted_story("Depot opens after a month", "2026-11-20")
    assert wanted is not None
    whole = found(body="<p>It opened.</p>", credit=[{"name": "Ann Smith"}])
    story = story_of(json.dumps({"results": whole}).encode(), "news:7", wanted)
    assert story is not None
    assert (story.url, story.authors, story.part) == (whole["url"], ("Ann Smith",), "body")
    elsewhere = json.dumps({"results": whole | {"url": "https://evil.example/news/7/"}}).encode()
    moved = story_of(elsewhere, "news:7", wanted)
    assert moved is not None
    assert moved.url == "https://www.dvidshub.net/news/7"
    for other in (
        b"",
        b"[]",
        json.dumps({"results": found()}).encode(),
        elsewhere.replace(b"news:7", b"news:8"),
    ):
        assert story_of(other, "news:7", wanted) is None


@pytest.mark.parametrize("title", [None, "", "Depot opens"])
def test_without_a_title_of_some_words_and_a_date_nobody_is_asked(title):
    assert wanted_story(title, "2026-11-20") is None
    assert wanted_story("Depot opens after a month", None) is None


def test_the_questions_to_dvids_name_title_and_days_and_no_key():
    wanted = wanted_story("Depot opens & stays", "2026-11-20")
    assert wanted is not None
    assert search_url("https://api.example", wanted) == (
        "https://api.example/search?type=news&q=Depot+opens+%26+stays&from_publishdate=2026-11-17T00%3A00%3A00Z"
        "&to_publishdate=2026-11-23T00%3A00%3A00Z&max_results=20"
    )
    assert asset_url("https://api.example", "news:7") == "https://api.example/asset?id=news%3A7"


@pytest.fixture
def frontier(tmp_path):
    with Frontier(SqliteStore(tmp_path / "frontier.sqlite"), "sample", now=START) as opened:
        yield opened


def test_refused_are_articles_that_were_never_had_and_those_that_wait_for_a_host_that_forbids_them(frontier):
    urls = {name: f"https://paper.example/{name}" for name in "abcdefg"}
    frontier.discover(
        [Found(url=url, kind="article", found_on="", found_in="feed") for url in urls.values()], START
    )
    frontier.discover([Found(url="https://paper.example/", kind="page", found_on="", found_in="seed")], START)

    def answered(number: int, url: str, status: int) -> None:
        frontier.captured(capture(number, url, number, status=status), Headers([]))

    answered(1, urls["a"], 403)
    answered(2, urls["b"], 404)
    answered(3, urls["c"], 500)
    answered(4, "https://paper.example/", 403)
    answered(5, urls["d"], 200)
    frontier.judged(urls["d"], START + timedelta(hours=5), Outcome.ARTICLE, "digest", None)
    answered(6, urls["d"], 403)
    answered(7, urls["e"], 200)
    frontier.judged(urls["e"], START + timedelta(hours=7), Outcome.LOGIN_WALL, "", None)
    frontier.failed(urls["f"], Outcome.TIMED_OUT, START)
    now = START + timedelta(hours=8)

    def refused() -> list[str]:
        return sorted(one.url.rpartition("/")[2] for one in frontier.refused(now, 100))

    assert refused() == ["a", "c", "e"]
    frontier.postpone("paper.example", now + timedelta(hours=1), "a wall")
    assert refused() == ["a", "c", "e", "g"]
    assert len(frontier.refused(now, 2)) == 2
