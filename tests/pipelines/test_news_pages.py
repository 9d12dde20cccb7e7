"""News pages as papers set them: a story cut by boxes, its lead set apart, teasers among its paragraphs."""

from __future__ import annotations

import pytest

from pipelines import extract_article

LEAD = (
    "PORT ELLIS (AP) — The council voted 7-2 early Wednesday to approve a rail line along the harbor, ending "
    "a hearing that ran past midnight."
)
STORY = (
    LEAD,
    "The line would connect the ferry with the airport in 22 minutes, planners say, and open in 2031.",
    "“We have talked about this for years,” the mayor said after the vote. “Tonight we stopped talking.”",
    "Construction is expected to begin next fall, when the port hands over land leased since 1958.",
    "The cannery employs 46 people.",
    "“I read it in the newspaper,” its owner said.",
)
OTHERS = (
    "<div><h2>More stories</h2><a href='/1'><h3>Lawmakers return to a capital on edge</h3></a>"
    "<p>The session opens on Monday with a gap in the budget and a speaker who is new to it.</p></div>"
)
RELATED = (
    "<div class='promo-list'><h2>Related Stories</h2><ul><li><h3><a href='/a'>Port sells cannery land to the "
    "state</a></h3></li><li><h3><a href='/b'>Tides swamp Front Street again</a></h3></li></ul></div>"
)


def paragraphs(texts):
    return "".join(f"<p>{text}</p>" for text in texts)


def read(body, title="Council Approves Harbor Rail Plan"):
    head = f"<head><title>{title}</title></head>"
    footer = "<footer><p>© 2026 The Courier. All rights reserved.</p></footer>"
    html = f"<html>{head}<body><nav><a href='/'>Home</a></nav>{body}{footer}</body></html>"
    return extract_article(html, url="https://courier.example/2026/story.html")


def kept(body):
    return tuple(read(body).text.split("\n\n"))


def in_article(body):
    return (
        f"<article><h1>Council Approves Harbor Rail Plan</h1><div class='text'>{body}</div></article>{OTHERS}"
    )


@pytest.mark.parametrize("place", range(1, len(STORY)))
def test_a_box_of_other_stories_between_the_paragraphs_does_not_end_the_story(place):
    body = paragraphs(STORY[:place]) + RELATED + paragraphs(STORY[place:])
    assert kept(in_article(body)) == STORY


@pytest.mark.parametrize("place", range(1, len(STORY)))
def test_a_box_between_the_pieces_of_a_story_does_not_end_it(place):
    pieces = [f"<div class='chunk'>{paragraphs(part)}</div>" for part in (STORY[:place], STORY[place:])]
    assert kept(in_article(RELATED.join(pieces))) == STORY


def test_columns_that_advertisements_split_are_one_story_also_where_one_is_a_short_line():
    columns = (
        f"<div class='column' data-testid='column-{n}'><div class='css-5'>{paragraphs(part)}</div></div>"
        for n, part in enumerate((STORY[:3], STORY[3:5], STORY[5:]))
    )
    assert kept(in_article("<div class='ad'>Advertisement</div>".join(columns))) == STORY


def test_a_box_of_related_stories_goes_with_its_teasers_and_times():
    box = (
        "<section><h2>Latest news</h2><ul><li><a href='/x'>Storm damages seawall in three coastal towns</a>"
        "<span>2 hours ago</span></li></ul>"
        "<p>The wall had been scheduled for repair in the spring of 2027.</p></section>"
    )
    assert kept(in_article(paragraphs(STORY[:2]) + box + paragraphs(STORY[2:]))) == STORY


def test_the_lead_that_stands_apart_under_the_heading_is_of_the_story():
    page = (
        f"<main><div class='top'><h1>Council Approves Harbor Rail Plan</h1><div class='intro'>"
        f"<p>{LEAD}</p></div>"
        "<figure><img src='a.jpg'><figcaption>The harbor. Photo: AP</figcaption></figure></div>"
        f"<div class='content'>{paragraphs(STORY[1:])}</div></main>"
    )
    assert kept(page) == STORY


def test_a_deck_that_stands_apart_is_left_to_the_engine():
    deck = "How a plan that nobody wanted became the one that all of the harbor is now waiting for."
    page = (
        f"<main><div class='top'><h1>Council Approves Harbor Rail Plan</h1><div class='intro'>"
        f"<p>{deck}</p></div>"
        f"<figure><img src='a.jpg'></figure></div><div class='content'>{paragraphs(STORY)}</div></main>"
    )
    assert kept(page) == STORY


def test_a_quote_set_large_goes_and_the_paragraph_that_says_the_same_stays():
    body = (
        paragraphs(STORY[:2]) + f"<aside class='pullquote'><p>{STORY[2]}</p></aside>" + paragraphs(STORY[2:])
    )
    assert kept(in_article(body)) == STORY


def test_the_second_half_behind_a_button_is_of_the_story():
    half = f"<div class='read-more' data-testid='read-more'>{paragraphs(STORY[4:])}</div>"
    assert kept(in_article(paragraphs(STORY[:4]) + half)) == STORY


def test_the_big_picture_is_no_photograph():
    line = "The big picture: Fares have not risen since 2019"
    texts = (*STORY[:3], line, *STORY[3:])
    assert kept(in_article(paragraphs(texts))) == texts


def test_the_next_games_of_a_team_are_of_the_report():
    texts = (*STORY[:4], "UP NEXT", "Jazz: At Denver on Sunday.")
    assert kept(in_article(paragraphs(texts))) == texts


def test_the_column_of_shares_in_a_table_stays():
    rows = (("Candidate", "Votes", "Share"), ("Okafor", "12,410", "51.2%"), ("Briggs", "11,020", "48.8%"))
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    found = kept(in_article(f"{paragraphs(STORY[:3])}<table>{table}</table>{paragraphs(STORY[3:])}"))
    assert found == (*STORY[:3], *(cell for row in rows for cell in row), *STORY[3:])


def test_the_first_line_of_a_verse_is_no_headline():
    verse = ("The tide came in without a word", "and took the steps, the rail, the rope;")
    assert "The tide came in without a word" in read(
        in_article(paragraphs(STORY[:3]) + f"<p>{'<br>'.join(verse)}</p>" + paragraphs(STORY[3:]))
    ).text  # fmt: skip


def test_a_table_that_lays_out_the_page_keeps_the_cell_of_the_story_alone():
    menu = "<td><a href='/'>Home</a><br><a href='/n'>News</a><br><a href='/s'>Sport</a></td>"
    story = "<br><br>".join(STORY)
    assert (
        kept(f"<table><tr>{menu}<td>{story}</td><td><a href='/1'>Lawmakers return</a></td></tr></table>")
        == STORY
    )


def test_a_heading_in_a_box_of_its_own_is_none_of_the_text_below():
    box = "<figure><div><h3>Ferry fares to rise by 12% in January</h3><span>Read more</span></div></figure>"
    assert kept(in_article(paragraphs(STORY[:3]) + box + paragraphs(STORY[3:]))) == STORY


def test_a_line_in_an_aside_is_none_of_the_paragraphs_around():
    box = "<aside class='em'><strong>Need a break?</strong> Play the daily crossword puzzle.</aside>"
    assert kept(in_article(paragraphs(STORY[:3]) + box + paragraphs(STORY[3:]))) == STORY


def test_the_question_of_a_poll_is_no_line_of_the_story():
    box = "<div class='poll'><h4>Do you support the rail line?</h4><label>Yes</label><label>No</label></div>"
    assert kept(in_article(paragraphs(STORY[:3]) + box + paragraphs(STORY[3:]))) == STORY


@pytest.mark.parametrize(
    "line",
    [
        "Maria Keller covers transportation for the paper. Reach her at keller@courier.example or on X.",
        "More AP politics: https://apnews.com/hub/politics",
        "The BBC is not responsible for the content of external sites.",
        "A version of this article appears in print on Nov. 19, 2026, Section A, Page 12 of the edition.",
        "Il vous reste 60% de cet article à lire. La suite est réservée aux abonnés.",
        "after newsletter promotion",
        "Privacy Notice: Newsletters may contain information about charities, online ads, and other content.",
    ],
)
def test_a_papers_own_line_below_the_story_is_none_of_it(line):
    assert kept(in_article(paragraphs((*STORY, line)))) == STORY


@pytest.mark.parametrize("line", ["Von Jürgen Förster", "Par Nadia Benali et Gilles Rof"])
def test_a_byline_of_another_language_is_no_line_of_the_story(line):
    assert kept(in_article(f"<div>{line}</div>" + paragraphs(STORY))) == STORY


def test_a_consent_dialog_that_the_page_never_closes_takes_no_story():
    dialog = (
        "<div id='onetrust-consent-sdk'><div id='onetrust-banner-sdk'><p>We and our 842 partners store data."
    )
    found = kept(f"{dialog}<div class='text'><h2>Council Approves Plan</h2>{paragraphs(STORY)}</div>")
    assert found[-len(STORY) :] == STORY
