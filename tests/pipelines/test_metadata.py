"""Fields of pages: where each comes from, which source wins, what is stripped."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from pipelines import extract_article
from storage.article import PageKind

TEXT = "<p>The harbor of Port Maren opened again on Tuesday after a winter of storms, its captain said.</p>"
URL = "https://www.quaypost.example/2023/05/harbor/"


def article(head="", body="", *, url=URL):
    return extract_article(
        f"<html><head>{head}</head><body>{body}<div>{TEXT * 2}</div></body></html>", url=url
    )


def linked(**values):
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **values})}</script>'


@pytest.mark.parametrize(
    ("head", "body", "title", "site"),
    [
        ("<title>Harbor opens | Quay Post</title>", "", "Harbor opens", "Quay Post"),
        ("<title>Harbor opens - Quay Post</title>", "<h1>Harbor opens</h1>", "Harbor opens", "Quay Post"),
        ("<title>Harbor opens &gt; Fleet &gt; News</title>", "", "Harbor opens", "Fleet"),
        ("<title>Harbor - and mill - open</title>", "", "Harbor - and mill - open", None),
        (
            "<title>x</title>" + linked(headline="Harbor opens &amp; closes"),
            "",
            "Harbor opens & closes",
            None,
        ),
        (
            "<meta property='og:title' content='Harbor opens | Post'><title>y</title>",
            "",
            "Harbor opens",
            "Post",
        ),
        ("", "<h1>Harbor opens</h1>", "Harbor opens", None),
    ],
)
def test_title_comes_without_the_name_of_the_site(head, body, title, site):
    found = article(head, body)
    assert (found.title, found.site_name) == (title, site)


def test_linked_data_wins_over_meta_elements():
    head = linked(
        headline="Harbor opens",
        author={"name": "Ann Example"},
        datePublished="2023-05-02T07:15:00+01:00",
        dateModified="2023-05-03",
        publisher={"name": "Quay Post"},
        articleSection=["Local"],
    )
    found = article(
        head + "<meta name='author' content='Bo Sample'><meta property='og:site_name' content='QP'>"
    )
    assert found.authors == ("Ann Example",)
    assert found.published_at == datetime(2023, 5, 2, 6, 15, tzinfo=UTC)
    assert found.published_raw == "2023-05-02T07:15:00+01:00"
    assert found.modified_at == datetime(2023, 5, 3, tzinfo=UTC)
    assert found.section == "Local"


@pytest.mark.parametrize(
    ("head", "body"),
    [
        ("<meta property='article:published_time' content='2023-05-02T00:00:00Z'>", ""),
        ("", "<time datetime='2023-05-02'>yesterday</time>"),
        ("", "<h1>Harbor</h1><p>May 2, 2023</p>"),
        ("", "<h1>Harbor</h1><p>By Ann Example / Published May 2, 2023</p>"),
    ],
)
def test_date_is_found_in_each_place_a_page_keeps_it(head, body):
    assert article(head, body).published_at == datetime(2023, 5, 2, tzinfo=UTC)


def test_date_that_is_none_is_kept_as_it_stands():
    found = article("<meta property='article:published_time' content='2023-13-45'>")
    assert (found.published_at, found.published_raw) == (None, "2023-13-45")


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        ("By Tech. Sgt. Ann Example, 86th Harbor Wing Public Affairs", ("Ann Example",)),
        ("By Ann Example and Bo Sample", ("Ann Example", "Bo Sample")),
        ("By Army Sgt. 1st Class Cy Model, DOD News", ("Cy Model",)),
        ("May 2, 2023 | By Ann Example, Harbor News", ("Ann Example",)),
        ("By Defense Media Activity", ("Defense Media Activity",)),
        ("Harbor News Service / Published May 2, 2023", ("Harbor News Service",)),
        (
            "By Naval Diving and Rescue Command Public Affairs",
            ("Naval Diving and Rescue Command Public Affairs",),
        ),
        ("By 3rd Harbor Wing Public Affairs", ("3rd Harbor Wing Public Affairs",)),
        ("By Airman 1st Class Ann Example, Air Force Diving Party", ("Ann Example",)),
        ("By Sgt. Ann Example, Diving Party, and Bo Sample", ("Ann Example", "Bo Sample")),
        ("By Sgt. Ann Example, Cpl. Bo Sample, Diving Party", ("Ann Example", "Bo Sample")),
        (
            "By Petty Officer 2nd Class Ann Example, Northern Harbor Squadron Public Affairs Office",
            ("Ann Example",),
        ),
        ("May 2, 2023 | Deputy Secretary of Defense Ann Example", ("Ann Example",)),
        ("Posted on May 2, 2023 by Harbor Post Staff 1,204 views", ("Harbor Post Staff",)),
    ],
)
def test_byline_gives_names_without_rank_and_unit(byline, authors):
    found = article("", f"<h1>Harbor</h1><p>{byline}</p>")
    assert found.authors == authors
    assert byline not in found.text


def test_person_in_the_byline_goes_before_the_newsroom_in_the_head():
    head = linked(headline="Harbor opens", author={"@type": "Organization", "name": "Harbor Newsroom"})
    assert article(head, "<p>By Ann Example</p>").authors == ("Ann Example",)
    assert article(head).authors == ("Harbor Newsroom",)


@pytest.mark.parametrize(
    "line", ["By the end of the tutorial", "World News | May 2, 2023", "Last updated May 2, 2023"]
)
def test_line_that_names_nobody_gives_no_author(line):
    assert article("", f"<h1>Harbor</h1><p class='byline'>{line}</p>").authors == ()


@pytest.mark.parametrize(
    ("opening", "dateline"),
    [
        ("KYIV, Ukraine (AP) -- ", "KYIV, Ukraine (AP)"),
        ("WASHINGTON \u2014 ", "WASHINGTON"),
        ("PORT MAREN, Maine -- ", "PORT MAREN, Maine"),
        ("NATO is a pact - ", None),
    ],
)
def test_dateline_is_a_field_and_stays_in_the_text(opening, dateline):
    paragraph = f"{opening}The last ferry of the season came in on Tuesday with all its lamps lit."
    found = extract_article(f"<html><body><h1>Ferry</h1><p>{paragraph}</p>{TEXT}</body></html>")
    assert found.dateline == dateline
    assert found.text.split("\n\n")[0] == paragraph.strip()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/News/Transcripts/Transcript/Article/1/", PageKind.TRANSCRIPT),
        ("/News/Contracts/Contract/Article/1//", PageKind.CONTRACT),
        ("/News/Releases/Release/Article/1/", PageKind.RELEASE),
        ("/News/Speeches/Speech/Article/1/", PageKind.SPEECH),
        ("/News/News-Stories/Article/Article/1/", PageKind.ARTICLE),
    ],
)
def test_page_kind_follows_the_path(path, kind):
    assert article(url=f"https://www.harbor.example{path}").page_kind is kind


def test_links_are_made_absolute_and_the_own_host_is_no_origin():
    found = article(
        "<link rel='canonical' href='/harbor/'><meta property='og:url' content='https://quaypost.example/x'>"
    )
    assert found.declared_canonical == "https://www.quaypost.example/harbor/"
    assert found.origin_url is None
