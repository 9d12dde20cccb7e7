"""Known templates: what is read by them alone, what departs from them, and how a theme's boxes are told."""

from __future__ import annotations

import pytest

from pipelines import extract, extract_article
from storage.article import BlockKind, PageKind

URL = "https://www.harbor.example/News/News-Stories/Article/Article/3300123/bridge/"
STORY = (
    (
        "PORT MAREN, Maine -- Engineers on Tuesday finished the last span of a floating bridge, closing a "
        "gap that had cut the town in two since the flood."
    ),
    '"We poured concrete through the night and nobody went home," the port captain said. "Now we rest."',
    "Nobody was hurt.",
    "The bridge carries one lane of traffic and a footpath, and it will stay until a new crossing opens.",
)
OTHER = "The council of the quays meets on Thursday to hear what the second bridge would cost the town."


@pytest.fixture
def engine_calls(monkeypatch):
    """How often the engine was asked."""
    calls = []
    asked = extract.first_reading

    def counted(*told):
        calls.append(told)
        return asked(*told)

    monkeypatch.setattr(extract, "first_reading", counted)
    return calls


def paragraphs(texts):
    return "".join(f"<p>{text}</p>" for text in texts)


def afpims(body, *, title="<h1 class='maintitle'>Bridge Finished</h1>", beside=""):
    return (
        f"<html><body><div class='adetail news'>{title}<div class='info'>March 7, 2023 | By Ann Example</div>"
        f"<div class='body'>{body}</div>{beside}</div></body></html>"
    )


def printed(body, *, info="By Tech. Sgt. Ann Example, Space and Missile Center / Published March 07, 2016"):
    return (
        "<html><body><div class='da_print_body'><h1 class='title'>Bridge Finished</h1>"
        f"<p class='da_story_info'>{info}</p><div class='da_black'>{body}</div>"
        "<div class='da_body_center'><a href='/t'>bridge</a></div></div></body></html>"
    )


def wordpress(content, *, below="", body_class="single single-post postid-7"):
    return (
        f"<html><body class='{body_class}'><article class='post-7 post type-post hentry'>"
        f"<h1 class='entry-title'>Bridge Finished</h1><div class='entry-content'>{content}</div></article>"
        f"{below}</body></html>"
    )


@pytest.mark.parametrize(
    "page",
    [afpims(paragraphs(STORY)), printed("<br /><br />".join(STORY)), wordpress(paragraphs(STORY))],
    ids=["afpims", "print", "wordpress"],
)
def test_page_that_is_as_its_template_has_it_needs_no_engine(page, engine_calls):
    article = extract_article(page, url=URL)
    assert article.text.split("\n\n") == list(STORY)
    assert (engine_calls, article.layout_drift) == ([], "")


def test_body_element_that_is_nearly_empty_is_drift_and_the_story_is_kept():
    page = afpims("<p>Listen now to it.</p>", beside=f"<section>{paragraphs(STORY)}</section>")
    article = extract_article(page, url=URL)
    assert "0 % of the text stands in .body" in article.layout_drift
    assert article.text.split("\n\n")[-4:] == list(STORY)


def test_page_without_a_body_element_is_drift_and_the_story_is_kept():
    page = afpims(paragraphs(STORY)).replace("class='body'", "class='words'")
    article = extract_article(page, url=URL)
    assert article.layout_drift == "defense_gov: no div.body"
    assert article.text.split("\n\n") == list(STORY)


def test_page_without_the_title_element_is_drift_and_its_body_is_still_read():
    article = extract_article(afpims(paragraphs(STORY), title="<h2>Bridge Finished</h2>"), url=URL)
    assert article.layout_drift == "defense_gov: no h1.maintitle"
    assert article.text.split("\n\n") == list(STORY)


def test_service_whose_title_has_no_class_and_whose_body_is_named_otherwise_is_no_drift():
    page = afpims(paragraphs(STORY), title="<h1>Bridge Finished</h1>").replace("'body'", "'body-text'")
    article = extract_article(page, url=URL)
    assert (article.text.split("\n\n"), article.layout_drift) == (list(STORY), "")


@pytest.mark.parametrize(
    "line", ["Immediate Release", "IMMEDIATE RELEASE", "Courtesy Story", "Photo Gallery"]
)
def test_line_under_the_title_that_names_nobody_is_no_author(line):
    page = afpims(paragraphs(STORY)).replace("March 7, 2023 | By Ann Example", line)
    assert extract_article(page, url=URL).authors == ()


@pytest.mark.parametrize("hints", ["read-more-content", "et_pb_toggle_content", "elementor-tab-content"])
def test_rest_of_a_story_that_a_click_shows_stays(hints):
    rest = f"<div class='{hints}' style='display:none'>{paragraphs(STORY[2:])}</div>"
    assert extract_article(wordpress(paragraphs(STORY[:2]) + rest)).text.split("\n\n") == list(STORY)


def test_hidden_box_in_the_content_leaves_the_text():
    box = f"<div class='modal' style='display:none'><p>{OTHER}</p></div>"
    assert OTHER not in extract_article(wordpress(paragraphs(STORY) + box)).text


@pytest.mark.parametrize("around", ["<div class='historical'>{}</div>", "<div class='related tags'>{}</div>"])
def test_wrapper_that_is_named_as_a_part_does_not_take_the_story_along(around):
    article = extract_article(around.format(afpims(paragraphs(STORY))), url=URL)
    assert article.text.split("\n\n") == list(STORY)


def test_box_of_facts_in_the_body_is_no_byline():
    body = f"{paragraphs(STORY)}<div class='info'><p>{OTHER}</p></div>"
    assert extract_article(afpims(body), url=URL).text.split("\n\n") == [*STORY, OTHER]


def test_paragraphs_of_the_article_beside_its_body_element_stay():
    page = afpims(paragraphs(STORY[:3]), beside=f"<div class='inside'>{paragraphs((STORY[3], OTHER))}</div>")
    article = extract_article(page, url=URL)
    assert article.text.split("\n\n") == [*STORY, OTHER]


def test_body_element_of_a_dialog_above_the_story_is_not_the_storys():
    dialog = "<div class='dialog'><div class='body'>Share this with your friends today.</div></div>"
    title = f"<h1 class='maintitle'>Bridge Finished</h1>{dialog}"
    article = extract_article(afpims(paragraphs(STORY), title=title), url=URL)
    assert (article.text.split("\n\n"), article.layout_drift) == (list(STORY), "")


def test_title_class_alone_is_no_sign_of_the_cms():
    page = (
        f"<html><body><h1 class='maintitle'>Bridge Finished</h1><div>{paragraphs(STORY)}</div></body></html>"
    )
    assert extract_article(page, url="https://forum.example/topic/7/").layout_drift == ""
    assert extract_article(page, url=URL).layout_drift == "defense_gov: no div.body"


def test_post_whose_text_stands_outside_its_content_element_is_drift():
    page = wordpress("<p>Listen now to it.</p>", below=f"<section>{paragraphs(STORY)}</section>")
    article = extract_article(page, url=URL)
    assert article.layout_drift.startswith("wordpress: 0 %")
    assert set(STORY) <= set(article.text.split("\n\n"))


def test_front_page_of_posts_is_of_no_template():
    items = "".join(
        f"<article><h2><a href='/{n}'>Story {n} of the quay</a></h2>"
        f"<div class='entry-content'><p>{text}</p></div></article>"
        for n, text in enumerate([*STORY, OTHER])
    )
    article = extract_article(
        f"<html><body class='home blog'>{items}</body></html>", url="https://a.example/"
    )
    assert (article.page_kind, article.layout_drift) == (PageKind.LISTING, "")


def test_print_page_keeps_its_body_as_written_whatever_rules_say():
    lines = (*STORY, "Share this", "Related Stories", "Read more", "(Courtesy photo)")
    assert extract_article(printed("<br /><br />".join(lines))).text.split("\n\n") == list(lines)


@pytest.mark.parametrize(
    ("info", "authors"),
    [
        ("By James Example Jr., Space and Missile Center Public Affairs", ("James Example Jr.",)),
        ("By Tech. Sgt. Ann Example , Air Force Culture and Language Center", ("Ann Example",)),
        ("By Ann Example and Bo Sample, 86th Airlift Wing", ("Ann Example", "Bo Sample")),
        ("By Air Force News Service,", ("Air Force News Service",)),
        ("", ()),
    ],
)
def test_byline_of_a_print_page_ends_where_the_unit_begins(info, authors):
    article = extract_article(
        printed("<br><br>".join(STORY), info=f"{info} <span>/ Published March 07, 2016</span>")
    )
    assert article.authors == authors
    assert article.published_at.date().isoformat() == "2016-03-07"
    assert article.dateline == "PORT MAREN, Maine"


def test_content_type_of_the_cms_names_the_kind_where_the_address_does_not():
    page = afpims(paragraphs(STORY)).replace("adetail news", "adetail speech")
    assert extract_article(page, url="https://www.harbor.example/x/").page_kind is PageKind.SPEECH


def test_boxes_of_a_theme_that_hold_no_sentences_leave_the_text():
    box = "<div class='box'><div><div>Podcast</div></div><div><div>Resource</div></div></div>"
    article = extract_article(wordpress(paragraphs(STORY[:2]) + box + paragraphs(STORY[2:])), url=URL)
    assert article.text.split("\n\n") == list(STORY)


def test_aside_and_form_in_the_content_leave_the_text():
    apart = f"<aside><p>{OTHER}</p></aside><form><p>{OTHER}</p></form>"
    article = extract_article(wordpress(paragraphs(STORY[:2]) + apart + paragraphs(STORY[2:])), url=URL)
    assert article.text.split("\n\n") == list(STORY)


def test_heading_at_the_end_of_the_content_heads_nothing_and_leaves_the_text():
    content = f"{paragraphs(STORY[:2])}<h2>The crews</h2>{paragraphs(STORY[2:])}<h2>Hear it first</h2>"
    kept = extract_article(wordpress(content), url=URL).text.split("\n\n")
    assert kept == [*STORY[:2], "The crews", *STORY[2:]]


def test_list_of_which_but_some_items_are_links_stays_whole():
    items = (
        "<ul><li>Bread and oil</li><li><a href='/coal'>Coal from the depot</a></li><li>Dry blankets</li></ul>"
    )
    kept = extract_article(wordpress(paragraphs(STORY) + items), url=URL).text.split("\n\n")
    assert kept[-3:] == ["Bread and oil", "Coal from the depot", "Dry blankets"]


def test_list_of_links_in_the_content_leaves_the_text():
    items = (
        "<ul><li><a href='/1'>First frost on the quays</a></li><li><a href='/2'>A lock rests</a></li></ul>"
    )
    article = extract_article(wordpress(paragraphs(STORY[:2]) + items + paragraphs(STORY[2:])), url=URL)
    assert article.text.split("\n\n") == list(STORY)


def test_cells_and_captions_of_a_table_in_the_content_stay():
    table = "<table><caption>Barges a year</caption><tr><td>2021</td><td>Eleven</td></tr></table>"
    kept = extract_article(wordpress(paragraphs(STORY[:3]) + table + paragraphs(STORY[3:])), url=URL).text
    assert "2021\n\nEleven" in kept


def test_parts_around_the_story_have_their_kinds():
    kinds = {block.text: block.kind for block in extract_article(printed("<br><br>".join(STORY))).blocks}
    assert kinds["bridge"] is BlockKind.NAVIGATION
    assert next(kind for text, kind in kinds.items() if text.startswith("By Tech.")) is BlockKind.BYLINE
