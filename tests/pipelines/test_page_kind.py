"""Kinds of pages: signs of listings, of pages of other use, of articles; text alone never decides."""

from __future__ import annotations

import pytest

from pipelines import clean_text, extract_article
from pipelines.kinds.url_signs import kind_by_url
from storage.article import Outcome, PageKind

HOST = "https://quay.example"
SENTENCE = "The harbor of Port Maren opened again on Tuesday after winter {}, and the boats left before dawn."
OG_ARTICLE = "<meta property='og:type' content='article'>"
STORY = "".join(f"<p>{SENTENCE.format(number)}</p>" for number in range(6))


def page(body, *, head="", classes=""):
    return f"<html><head><title>Quay</title>{head}</head><body class='{classes}'>{body}</body></html>"


def teasers(count, *, tag="article", href="/2023/0{0}/harbor-opens-again-{0}/", end=" […]"):
    return "".join(
        f"<{tag} class='item'><h2><a href='{href.format(number)}'>Harbor opens again {number}</a></h2>"
        f"<p>{SENTENCE.format(number)[:-1]}{end}</p></{tag}>"
        for number in range(1, count + 1)
    )


def linked(kind):
    return f'<script type="application/ld+json">{{"@type": "{kind}", "headline": "Harbor opens"}}</script>'


def judged(markup, path=""):
    found = extract_article(markup, url=HOST + path if path else None)
    assert (found.outcome is Outcome.ARTICLE) == (found.outcome_reason == "")
    return found.page_kind


@pytest.mark.parametrize(
    ("markup", "path"),
    [
        (page(teasers(4)), "/news/"),
        (page(teasers(4, tag="div", end=".")), "/news/harbor"),
        (page(teasers(2)), "/news/"),
        (page(teasers(5, tag="li")), "/"),
        (page(teasers(1), classes="archive category category-4"), "/world/"),
        (page(STORY, classes="home blog"), "/"),
        (page(STORY, classes="search search-results"), "/?s=harbor"),
        (page(teasers(1)), "/tag/harbor/"),
        (page(teasers(1)), "/author/ann-example/"),
        (page(STORY), "/category/sea-and-the-long-river-news/page/3/"),
        (page(STORY, head=linked("CollectionPage")), "/the-archive/"),
        (page(STORY), "/2023/05/"),
        (page(STORY), "/News/Releases/?Page=2"),
    ],
)
def test_page_that_lists_others_is_a_listing(markup, path):
    assert judged(markup, path) is PageKind.LISTING


@pytest.mark.parametrize(
    ("markup", "path"),
    [
        (page(STORY), "/privacy/"),
        (page(STORY), "/en/contact-us"),
        (
            page("<h1>FOI</h1><p>Requests for records are answered within thirty days by the registrar.</p>"),
            "/FOI/",
        ),
        (page(STORY, classes="attachment single"), "/harbor/ice/"),
        (page(STORY, classes="error404"), "/harbor/ice/"),
    ],
)
def test_page_of_another_use_is_no_article(markup, path):
    assert judged(markup, path) is PageKind.OTHER


@pytest.mark.parametrize(
    ("markup", "path"),
    [
        (page(STORY), ""),
        (page(f"<h1>Harbor opens</h1><p>{SENTENCE.format(1)}</p>"), ""),
        (page(STORY), "/harbor-opens"),
        (page(STORY), "/"),
        (page(STORY + f"<div class='more'>{teasers(3)}</div>", head=linked("NewsArticle")), "/harbor-opens/"),
        (page(STORY, classes="single single-post"), "/category/world/harbor-opens/"),
        (page(STORY), "/category/world/2023/05/harbor-opens/"),
        (page(STORY), "/about/2023/05/harbor-opens-to-its-visitors/"),
        (page(STORY, head=OG_ARTICLE + linked("NewsArticle")), "/privacy/"),
        (page(STORY), "/News/Story/Article/3484409/harbor-opens/?Page=2"),
        (page(f"<article><h1><a href='/harbor/'>Harbor opens</a></h1>{STORY}</article>"), "/harbor/"),
        (page(teasers(6, tag="div", href="https://shop.example/{}", end=".")), "/the-best-lamps/"),
    ],
)
def test_page_of_one_story_is_an_article(markup, path):
    assert judged(markup, path) is PageKind.ARTICLE


def test_reasons_are_told_the_strongest_first():
    found = extract_article(page(teasers(4), classes="archive"), url=f"{HOST}/tag/harbor/")
    reasons = found.outcome_reason.split("; ")
    assert reasons[0] == "body class archive"
    assert {"4 items with linked headings hold the text", "path /tag/", "4 of 4 paragraphs are cut"} <= set(
        reasons
    )


def test_page_without_words_of_its_own_says_so():
    assert extract_article(page("<p>Two words.</p>")).outcome_reason.startswith("2 words of its own")


def test_text_dump_is_an_article_whatever_its_lines_end_in():
    found = clean_text("Harbor opens\n\n" + "\n\n".join(f"{SENTENCE.format(n)[:-1]} …" for n in range(4)))
    assert (found.outcome, found.page_kind) == (Outcome.ARTICLE, PageKind.ARTICLE)


@pytest.mark.parametrize(
    ("path", "kinds"),
    [
        ("/", {PageKind.LISTING}),
        ("/en/", {PageKind.LISTING}),
        ("/topics/ice", {PageKind.LISTING}),
        ("/topics/ice/the-best-saw", set()),
        ("/2023/05/12/", {PageKind.LISTING}),
        ("/2023/05/ice/", {PageKind.ARTICLE}),
        ("/story-123456", {PageKind.ARTICLE}),
        ("/search?q=ice", {PageKind.LISTING}),
        ("/photos/ice", {PageKind.GALLERY}),
        ("/ice", set()),
    ],
)
def test_url_speaks_by_its_words(path, kinds):
    assert {kind for kind, _, _ in kind_by_url(HOST + path)} == kinds


@pytest.mark.parametrize("url", [None, "", "http://[", "mailto:x", "/tag/ice"])
def test_url_without_a_host_says_nothing(url):
    assert list(kind_by_url(url)) == []


PROSE = "".join(f"<p>{SENTENCE.format(number)} {SENTENCE.format(number + 20)}</p>" for number in range(9))
CARDS = "".join(
    f"<div class='card'><a href='/2023/05/{n}/story-of-the-day-{n}/'><img src='/{n}.jpg'><h3>Story of "
    f"the day {n}</h3></a></div>"
    for n in range(9)
)
CAPTIONS = "".join(
    f"<figure><img src='/{n}.jpg'><figcaption>{SENTENCE.format(n)} (Photo by Ann Example)</figcaption>"
    f"</figure>"
    for n in range(5)
)
LIVE = "".join(
    f"<div class='update'><h2>12:0{n} Boat {n} is in</h2><p>{SENTENCE.format(n)}</p></div>" for n in range(9)
)


@pytest.mark.parametrize(
    ("markup", "path", "kind"),
    [
        (page(f"<h1>Quay</h1>{CARDS}"), "/", PageKind.LISTING),
        (page(f"<h1>World</h1>{CARDS}{teasers(4)}"), "/world/", PageKind.LISTING),
        (page(f"<h1>Results for ice</h1>{teasers(4)}"), "/search?q=ice", PageKind.LISTING),
        (page(f"<h1>Ice</h1>{teasers(4)}"), "/tag/ice/", PageKind.LISTING),
        (page(f"<h1>Ann Example</h1>{teasers(4)}"), "/author/ann-example/", PageKind.LISTING),
        (page(f"<h1>Ice in pictures</h1>{CAPTIONS}"), "/gallery/ice-in-pictures/", PageKind.GALLERY),
        (
            page(f"<h1>Ice</h1><img src='/a.jpg'><p>{SENTENCE.format(1)}</p>"),
            "/Photos/igphoto/2003670118/",
            PageKind.GALLERY,
        ),
        (
            page(
                f"<h1>Boat leaves</h1><video src='/a.mp4'></video><p>{SENTENCE.format(1)}</p>",
                head="<meta property='og:type' content='video.other'>",
            ),
            "/video/boat-leaves",
            PageKind.VIDEO,
        ),
        (
            page("<h1>Log in</h1><p>Please log in with your account to go on reading this page.</p>"),
            "/x",
            PageKind.OTHER,
        ),
        (
            page("<h1>Page not found</h1><p>The page that you are looking for has moved or is gone.</p>"),
            "/x",
            PageKind.OTHER,
        ),
        (
            page("<h1>404</h1><p>The page that you are looking for has moved or is gone.</p>"),
            "/x-y-z-w",
            PageKind.OTHER,
        ),
        (
            page(
                "<h1>Access Denied</h1><p>You have no leave to see this page on the server that you "
                "asked.</p>"
            ),
            "/x",
            PageKind.OTHER,
        ),
        (
            page(
                "<h1>Just a moment...</h1><p>The site checks that your connection is safe before it goes "
                "on.</p>"
            ),
            "/x",
            PageKind.OTHER,
        ),
        (page(PROSE), "/privacy/", PageKind.OTHER),
    ],
)
def test_page_that_is_no_article_says_its_kind(markup, path, kind):
    assert judged(markup, path) is kind


@pytest.mark.parametrize(
    ("markup", "path"),
    [
        (page(f"<h1>Storm, live</h1>{LIVE}", head=linked("LiveBlogPosting")), "/live/storm"),
        (page(f"<h1>Page not found: how a town lost its map</h1>{STORY}"), "/maps"),
        (page(f"<h1>Access denied</h1>{PROSE}"), "/opinion/access"),
        (page(f"<h1>Harbor opens</h1>{PROSE}", classes="archive"), "/harbor"),
        (page(f"<h1>Harbor opens</h1>{PROSE}", head="<meta property='og:type' content='website'>"), "/"),
        (
            page(f"<h1>Harbor opens</h1><video src='/a.mp4'></video>{STORY}", head=linked("NewsArticle")),
            "/video/harbor",
        ),
        (page(f"<h1>Harbor opens</h1>{STORY}{CAPTIONS}", head=OG_ARTICLE), "/harbor"),
    ],
)
def test_article_in_an_unusual_place_is_not_lost(markup, path):
    assert judged(markup, path) is PageKind.ARTICLE


TURNS = "".join(
    f"<p>{who}: {SENTENCE.format(number)}</p>"
    for number, who in enumerate(("CAPT. ANN EXAMPLE", "Q", "CAPT. ANN EXAMPLE", "Q") * 3)
)
LABELS = "".join(
    f"<p>Price: {SENTENCE.format(n)}</p><p>Best for: {SENTENCE.format(n + 30)}</p>" for n in range(5)
)


@pytest.mark.parametrize(
    ("title", "text", "kind"),
    [
        ("Remarks by Mayor Ann Example at the Quay", STORY, PageKind.SPEECH),
        ("Contracts For May 2, 2023", STORY, PageKind.CONTRACT),
        ("Transcript: Captain Ann Example on the storm", STORY, PageKind.TRANSCRIPT),
        ("Press briefing on the storm", TURNS, PageKind.TRANSCRIPT),
        ("Six lamps for a quay", LABELS, PageKind.ARTICLE),
        (
            "Quay Inc. buys a boat",
            f"<p>PORT MAREN, Maine, May 2, 2023 /PRNewswire/ -- {SENTENCE}</p>{STORY}",
            PageKind.RELEASE,
        ),
        ("Quay Inc. buys a boat", f"<p>FOR IMMEDIATE RELEASE</p>{STORY}", PageKind.RELEASE),
        ("Quay Inc. buys a boat", STORY, PageKind.ARTICLE),
    ],
)
def test_kind_of_an_article_is_told_by_title_and_text(title, text, kind):
    assert judged(page(f"<h1>{title}</h1>{text}"), "/harbor") is kind
