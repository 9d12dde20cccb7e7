"""Fields of news pages as many sites make them: which article of several, whose date, whose byline."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from pipelines import extract_article
from pipelines.fields.dates import parse_date
from pipelines.fields.linked_data import linked_article
from pipelines.fields.people import collective_name, split_names
from pipelines.fields.titles import strip_site
from storage.article import Outcome

URL = "https://www.quaypost.example/news/harbor-opens-again-123456"
PLAIN_URL = "https://www.quaypost.example/harbor-opens"
CAPTURED = datetime(2024, 6, 1, tzinfo=UTC)
TITLE = "Harbor opens again after storm"
STORY = "".join(
    f"<p>The harbor of Port Maren opened again on Tuesday after winter {number}, and the boats left.</p>"
    for number in range(6)
)
MORE = (
    "<section class='box'><div class='card'><h3><a href='/x'>The lamps of the quay</a></h3>"
    "<span class='author-name'>Otto Second</span><time datetime='2024-05-20'>May 20</time></div>"
    "<div class='card'><h3><a href='/y'>The pier is closed again</a></h3>"
    "<a href='/author/cy-third'>Cy Third</a><time datetime='2024-05-21'>May 21</time></div></section>"
)


def article(head="", top="", *, before="", after="", heading=f"<h1>{TITLE}</h1>", url=URL, text=STORY):
    markup = (
        f"<html><head>{head}</head><body>{before}<main><article>{heading}{top}{text}</article>{after}</main>"
        "</body></html>"
    )
    return extract_article(markup, url=url, captured_at=CAPTURED)


def script(*nodes):
    return f'<script type="application/ld+json">{json.dumps(nodes)}</script>'


def news(**values):
    told = {
        "headline": TITLE,
        "datePublished": "2024-05-03T08:15:00+02:00",
        "author": {"name": "Ann Example"},
    }
    return {"@type": "NewsArticle", **told, **values}


def teaser(number, **values):
    return news(
        headline=f"Another story of the day {number}", author="Bo Sample", articleBody="Boats.",
        datePublished=f"2024-05-1{number}T08:00:00Z", **values,
    )  # fmt: skip


@pytest.mark.parametrize(
    "own",
    [
        news(),
        news(headline="Quite another headline", url=URL + "?from=feed#top"),
        news(headline="Quite another headline", mainEntityOfPage={"@type": "WebPage", "@id": URL + "/"}),
        news(headline=TITLE[:22]),
    ],
)
@pytest.mark.parametrize("count", [1, 4])
def test_page_s_own_article_is_taken_among_those_of_teasers(own, count):
    teasers = [teaser(number, url=f"https://www.quaypost.example/{number}") for number in range(count)]
    found = article(script(*teasers, own))
    assert found.authors == ("Ann Example",)
    assert found.published_raw == "2024-05-03T08:15:00+02:00"


def test_none_of_many_articles_is_taken_where_none_is_the_page_s():
    head = script(*(teaser(number) for number in range(4)))
    assert (article(head).title, article(head).authors, article(head, url=PLAIN_URL).published_at) == (
        TITLE, (), None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        '{"@type":"WebSite","name":"Quay"}\n{"@type":"Article","headline":"Harbor opens"}',
        '{"@type":"WebSite"},{"@type":"Article","headline":"Harbor opens"}',
        '/* made by a template */ {"@type":"Article","headline":"Harbor opens"}',
        '\ufeff{"@type":"Article","headline":"Harbor <i>opens</i>"}',
    ],
)
def test_script_of_several_values_or_with_a_remark_is_read(text):
    assert linked_article([text]).headline == "Harbor opens"


@pytest.mark.parametrize(
    "author",
    [
        {"@type": "Person", "name": ["Ann Example", "Bo Sample"]},
        {"@list": [{"name": "Ann Example"}, {"name": "Bo Sample"}]},
        [[{"name": "Ann Example"}], [{"name": "Bo Sample"}]],
        "Ann Example y Bo Sample",
        "<a href='/a'>Ann Example</a>, Bo Sample",
        ["Ann Example ann@quay.example", "Bo Sample Political correspondent"],
    ],
)
def test_both_authors_are_read_however_they_are_written(author):
    assert article(script(news(author=author))).authors == ("Ann Example", "Bo Sample")


def test_live_blog_begins_when_its_coverage_does():
    node = {"@type": "LiveBlogPosting", "headline": TITLE, "coverageStartTime": "2024-05-03T08:15:00+02:00"}
    assert article(script(node)).published_at == datetime(2024, 5, 3, 6, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "moment"),
    [
        ("20240503081500", "2024-05-03 08:15"),
        ("1714724100.5", "2024-05-03 08:15"),
        ("Friday, 03-May-24 08:15:00 UTC", "2024-05-03 08:15"),
        ("2024. 05. 03. 08:15", "2024-05-03 08:15"),
        ("2024年5月3日 8時15分", "2024-05-03 08:15"),
        ("Jumat, 03 Mei 2024 08:15 WIB", "2024-05-03 01:15"),
        ("03/05/2024 08:15 GMT+7", "2024-05-03 01:15"),
        ("3 maj 2024 kl. 08.15", "2024-05-03 08:15"),
        ("3. května 2024", "2024-05-03 00:00"),
        ("3 мая 2024, 08:15", "2024-05-03 08:15"),
        ("12 października 2024", "2024-10-12 00:00"),
        ("2024. május 3.", "2024-05-03 00:00"),
    ],
)
def test_date_of_another_country_is_read(raw, moment):
    found = parse_date(raw, day_first=True)
    assert found is not None
    assert f"{found:%Y-%m-%d %H:%M}" == moment


def test_number_with_a_part_of_a_second_is_a_moment_in_linked_data():
    assert article(script(news(datePublished=1714724100.5))).published_at == datetime(
        2024, 5, 3, 8, 15, tzinfo=UTC
    )


@pytest.mark.parametrize(
    "parts",
    [
        {"after": MORE},
        {"after": "<aside><time datetime='2024-05-20'>May 20</time></aside>"},
        {"before": "<div>Saturday, June 1, 2024</div>"},
        {"head": "<meta http-equiv='last-modified' content='Sat, 04 May 2024 07:00:00 GMT'>"},
    ],
)
def test_day_of_another_story_a_masthead_or_a_server_is_not_the_article_s(parts):
    assert article(**parts, url=PLAIN_URL).published_at is None


@pytest.mark.parametrize(
    ("top", "before"),
    [
        ("<p>May 3, 2024</p>", "<header><time datetime='2024-06-01'>Saturday, June 1, 2024</time></header>"),
        ("<p>May 3, 2024</p>", "<div>Saturday, June 1, 2024</div>"),
        ("<div>Updated <time datetime='2024-05-04'>4</time></div><time datetime='2024-05-03'>3</time>", ""),
        ("<p>Updated May 4, 2024 9:00 a.m. EDT; Published May 3, 2024 8:15 a.m. EDT</p>", ""),
    ],
)
def test_day_of_publication_is_told_from_the_others(top, before):
    found = article(top=top, before=before, url=PLAIN_URL).published_at
    assert found is not None
    assert found.date().isoformat() == "2024-05-03"


def test_day_of_a_change_has_its_time_where_it_stands_in_for_the_publication():
    found = article(script({"@type": "Article", "headline": TITLE, "dateModified": "2024-05-04T09:00:00Z"}))
    won = next(one for one in found.candidates if one.field == "published_at" and one.won)
    assert (won.value, won.source) == ("2024-05-04T09:00:00Z", "json-ld:modified")


def test_old_parsely_element_tells_author_and_date():
    values = {"title": TITLE, "pub_date": "2024-05-03T06:15:00Z", "author": "Ann Example"}
    found = article(f"<meta name='parsely-page' content='{json.dumps(values)}'>")
    assert (found.authors, found.published_raw) == (("Ann Example",), "2024-05-03T06:15:00Z")


def test_writers_of_other_stories_are_not_the_article_s():
    assert article(after=MORE).authors == ()
    assert article(script(news(author={"name": "Reuters"})), after=MORE).authors == ("Reuters",)


def test_writer_by_the_title_goes_before_an_outlet_one_behind_the_story_does_not():
    head, link = script(news(author={"name": "Reuters"})), "<div><a href='/author/ann'>Ann Example</a></div>"
    assert article(head, link).authors == ("Ann Example",)
    assert article(head, after=link).authors == ("Reuters",)


def test_all_outlets_of_linked_data_are_told():
    assert article(script(news(author=[{"name": "Associated Press"}, {"name": "Reuters"}]))).authors == (
        "Associated Press", "Reuters",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Luca Rossi e Mario Bianchi", ("Luca Rossi", "Mario Bianchi")),
        ("Lars Hansen og Mette Jensen", ("Lars Hansen", "Mette Jensen")),
        ("José Ortega y Gasset", ("José Ortega y Gasset",)),
        ("Von Anna Muster und Max Probe, Berlin", ("Anna Muster", "Max Probe")),
        ("By Ann Example in Kyiv and Bo Sample in Port Maren", ("Ann Example", "Bo Sample")),
        ("Par Jean Dupont avec AFP", ("Jean Dupont",)),
        ("Av Nils Holm", ("Nils Holm",)),
        ("Oleh: Budi Santoso", ("Budi Santoso",)),
        ("By ANN EXAMPLE Associated Press", ("Ann Example",)),
        ("By Ann Example as told to Bo Sample", ("Ann Example",)),
        ("Ann Example, BBC News, Kyiv", ("Ann Example",)),
    ],
)
def test_bylines_of_many_papers(byline, names):
    assert split_names(byline, field=True) == names


def test_names_are_read_without_the_words_glued_to_them():
    top = "<div class='byline'><span>By</span><span>Ann Example</span><span>Political Editor</span></div>"
    assert article(top=top).authors == ("Ann Example",)
    assert article(top="<p>By <a href='/author/ann'>Ann Example</a>, Quay Post</p>").authors == (
        "Ann Example",
    )


def test_post_alone_names_nobody():
    assert (collective_name("Former Staff Writer"), collective_name("By Harbor Courier Staff")) == (
        None, "Harbor Courier Staff",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("printed", "site"),
    [
        ("Harbor opens again - Politics - Quay Post", "Quay Post"),
        ("Harbor opens again : Quay Post", "Quay Post"),
        ("Harbor opens again_Quay Post", "Quay Post"),
    ],
)
def test_site_and_section_are_no_part_of_a_title(printed, site):
    assert strip_site(printed, site)[0] == "Harbor opens again"


@pytest.mark.parametrize(
    ("parts", "title"),
    [
        ({"head": f"<title>{TITLE} - Quay Post</title>", "before": "<svg><title>Menu</title></svg>"}, TITLE),
        ({"heading": f"<h1>{TITLE}<svg><title>icon</title></svg></h1>"}, TITLE),
        ({"heading": "<h1>Harbor opens a\u00adgain after sto\u200brm</h1>"}, TITLE),
        (
            {"before": "<h1>Quay Post</h1>", "heading": "", "head": f"<title>{TITLE} - Quay Post</title>"},
            TITLE,
        ),
        ({"heading": "<h1>Quay Post: our best of May</h1>"}, "Quay Post: our best of May"),
        ({"heading": "<h1>30 years of &lt;br&gt; tags</h1>"}, "30 years of <br> tags"),
    ],
)
def test_title_is_what_a_reader_sees(parts, title):
    assert article(**parts).title == title


@pytest.mark.parametrize(
    ("title", "text", "outcome"),
    [
        (
            "Oops!",
            "We can't find the page you are looking for. Here is what else may be of interest.",
            Outcome.SOFT_404,
        ),
        (
            "Seite nicht gefunden",
            "Die Seite konnte leider nicht gefunden werden. Bitte nutzen Sie die Suche.",
            Outcome.SOFT_404,
        ),
        (
            "Page introuvable",
            "La page que vous cherchez n'existe pas ou a été déplacée depuis.",
            Outcome.SOFT_404,
        ),
        (
            "Before you continue",
            "When you use our sites and apps, we use cookies to provide our services.",
            Outcome.CONSENT_WALL,
        ),
    ],
)
def test_excuses_and_walls_of_many_languages_are_no_articles(title, text, outcome):
    found = article(f"<title>{title}</title>", heading=f"<h1>{title}</h1>", text=f"<p>{text}</p>" * 2)
    assert found.outcome is outcome


def test_video_with_an_article_s_text_is_an_article():
    head = "<meta property='og:type' content='video.other'>" + script(news(), {"@type": "VideoObject"})
    url = "https://www.quaypost.example/video/harbor-opens-again-123456"
    assert article(head, url=url).outcome is Outcome.ARTICLE
    assert article(head, url=url, text="<p>Watch.</p>").outcome is Outcome.NOT_AN_ARTICLE
