"""Markup of photographs, links to other stories and furniture: one story, told in many ways."""

from __future__ import annotations

import pytest

from pipelines import extract_article
from storage.article import Article, BlockKind

TITLE = "Ferry Line Reopens at Eastmere"
BODY = [
    (
        "The harbor town of Eastmere reopened its ferry line on Tuesday after a repair that cost the island "
        "council more than it had planned."
    ),
    "“We waited a long time for this morning,” said Lena Corvell, who has sold tickets for nineteen years.",
    "Engineers replaced the slipway, the winch and most of the timber, according to a report of the council.",
    "The ferry runs six times a day until October.",
]
ALT = "A white boat leaves a pier."
NAME = "First Crossing"
CAPTION = "The ferry leaves Eastmere in the Example Isles, March 3, 2025."
CREDIT, VIRIN = "Photo By: Navy Seaman Ida Crane", "VIRIN: 250303-N-AB123-0001"
LINES = (ALT, NAME, CAPTION, CREDIT, VIRIN)
HEADLINE = "Council to Send Islands Forty Million in Aid for Winter Ferries"


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def read(body: str, *, head: str = f"<title>{TITLE} | Demo Gazette</title>", top: str = "") -> Article:
    page = f"<html><head>{head}</head><body>{top}<div><h1>{TITLE}</h1>{body}</div></body></html>"
    return extract_article(page, url="https://gazette.example/2025/ferry")


def kinds(article: Article, line: str) -> set[BlockKind]:
    return {block.kind for block in article.blocks if line in block.text and not block.kept}


@pytest.mark.parametrize(
    "photo",
    [
        "<table><tr><td><img src='/f.jpg'></td></tr>{}</table>".format(
            "".join(f"<tr><td>{line}</td></tr>" for line in LINES)
        ),
        "<div><img src='/f.jpg'>{}</div>".format(" ".join(f"<span>{line}</span>" for line in LINES)),
        (
            f"<div><img src='/f.jpg'><span>{ALT}</span> <b>{NAME}</b> <em>{CAPTION}</em> "
            f"<span>{CREDIT}</span> <span>VIRIN:</span> <span>{VIRIN[7:]}</span></div>"
        ),
    ],
)
def test_a_photograph_in_rows_or_in_spans_is_read_line_by_line(photo):
    article = read(paragraphs(*BODY[:2]) + photo + paragraphs(*BODY[2:]))
    assert article.text.split("\n\n") == BODY
    (found,) = article.photos
    assert (found.caption, found.credit) == (CAPTION, "Navy Seaman Ida Crane")
    assert (found.virin, found.title) == ("250303-N-AB123-0001", NAME)
    assert all(kinds(article, line) for line in LINES)


def test_cells_of_a_table_with_the_story_are_no_lines_of_a_photograph():
    rows = [*BODY[:3], CREDIT, BODY[3]]
    article = read("<table>" + "".join(f"<tr><td>{row}</td></tr>" for row in [*BODY, *rows]) + "</table>")
    assert not any(kinds(article, line) & {BlockKind.CAPTION} for line in BODY)


@pytest.mark.parametrize(
    "form",
    [
        "<ul><li>{}</li></ul>",
        "<h4>{}</h4>",
        "<aside><a href='/r'>{}</a></aside>",
        "<table><tr><td><a href='/r'>{}</a></td></tr></table>",
        "<p>{}</p>",
    ],
)
def test_a_headline_before_a_short_paragraph_is_related(form):
    article = read(paragraphs(*BODY[:3]) + form.format(HEADLINE) + paragraphs(BODY[3]))
    assert article.text.split("\n\n") == BODY
    assert kinds(article, HEADLINE) == {BlockKind.RELATED}


@pytest.mark.parametrize(
    "line",
    [
        "Photos by Corvell hang in the waiting room.",
        "In the waiting room hangs a photo by Lena Corvell.",
        "The council said that it would publish a further report on the winch in May",
        "Ferry line reopens at Eastmere.",
        "We use cookies to lure the gulls away from the deck, the boatman said, and it works on most days.",
    ],
)
def test_a_line_of_the_story_that_sounds_like_furniture_stays(line):
    told = [*BODY[:2], line, *BODY[2:]]
    assert read(paragraphs(*told)).text.split("\n\n") == told


def test_subheadings_of_a_low_level_stay_where_one_is_short():
    told = [BODY[0], "Why the repair of the old slipway took so long", BODY[1], "Costs", BODY[2]]
    flow = "".join(f"<p>{line}</p>" if line in BODY else f"<h4>{line}</h4>" for line in told)
    assert read(flow).text.split("\n\n") == told


def test_teasers_under_related_stories_are_related_also_above_a_footer_of_sentences():
    cards = (
        "<h3><a href='/1'>Gulls Return to the Northern Pier</a></h3><p>Gulls were seen on the northern pier "
        "for the first time since the storm, wardens said.</p>"
    )
    footer = (
        "<footer><p>The Demo Gazette has told the islands what the sea does to them since 1901.</p>"
        "<p>It is printed on Mondays.</p><p>Whoever wants to write to us finds the office above the bakery "
        "on the square of Lesser Eastmere.</p></footer>"
    )
    article = read(paragraphs(*BODY) + f"<h2>Related Stories</h2>{cards}{footer}")
    assert article.text.split("\n\n") == BODY
    assert kinds(article, "Gulls were seen") == {BlockKind.RELATED}


def test_the_heading_of_a_newsletter_box_goes_with_the_box():
    box = "<div><h3>The island briefing</h3><p>Sign up for our weekly newsletter.</p></div>"
    article = read(paragraphs(*BODY[:2]) + box + paragraphs(*BODY[2:]))
    assert article.text.split("\n\n") == BODY
    assert kinds(article, "The island briefing") == {BlockKind.PROMOTION}


def test_a_deck_that_the_story_begins_with_is_in_the_text_once():
    article = read(f"<p class='deck'>{BODY[0]}</p>" + paragraphs(*BODY))
    assert article.text.split("\n\n") == BODY
    assert kinds(article, BODY[0]) == {BlockKind.REPEATED}


def test_a_quote_set_large_is_in_the_text_once():
    pulled = "<p class='pullquote'>“We waited a long time”</p>"
    article = read("<article>" + paragraphs(*BODY[:3]) + pulled + paragraphs(BODY[3]) + "</article>")
    assert article.text.split("\n\n") == BODY


def test_times_in_the_cells_of_a_table_stay():
    table = "<table><tr><th>Crossing</th><th>Time</th></tr><tr><td>First boat</td><td>6:10</td></tr></table>"
    article = read(paragraphs(*BODY[:2]) + table + paragraphs(*BODY[2:]))
    assert "6:10" in article.text.split("\n\n")


def test_a_heading_that_links_home_is_the_site_and_not_the_title():
    page = f"""<html><head><title>Demo Gazette</title></head><body><h1><a href="/">Demo Gazette</a></h1>
    <h2>{TITLE}</h2><div>{paragraphs(*BODY)}</div></body></html>"""
    article = extract_article(page, url="https://gazette.example/2025/ferry")
    assert (article.title, article.site_name) == (TITLE, "Demo Gazette")
    assert article.text.split("\n\n") == BODY


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_a_page_in_utf_16_without_a_mark_is_read(codec):
    page = f"<html><head><title>{TITLE}</title></head><body><h1>{TITLE}</h1>{paragraphs(*BODY)}</body></html>"
    assert extract_article(page.encode(codec)).text.split("\n\n") == BODY


def test_a_banner_of_spans_without_spaces_between_is_a_banner():
    first, how = "An official website of the United States Government", "Here's how you know"
    banner = f"<div><span>{first}</span><span>{how}</span></div>"
    article = read(paragraphs(*BODY), top=banner)
    assert kinds(article, "An official website") == {BlockKind.GOV_BANNER}
