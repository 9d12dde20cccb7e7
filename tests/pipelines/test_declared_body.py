"""Stories that stand in a page's JSON-LD alone."""

import json

import pytest

from pipelines import extract_article
from storage.article import Outcome, PageKind

STORY = [
    "The ferry Alcyone came in at dawn, and the harbor master met it with a lamp in his hand.",
    "It had been four days late, which is two more than the worst winter that anybody remembers.",
    "Nobody on board wished to speak of the crossing & its waves, except for the cook, who sang of it.",
    "On Tuesday it goes out again, with coal, mail and the new teacher of the island's only school.",
]
URL = "https://paper.example/news/ferry-comes-in"


def page(body, shown=""):
    node = {"@type": "NewsArticle", "headline": "Ferry Comes In at Dawn", "articleBody": body}
    return (
        f"<html><head><title>Ferry Comes In at Dawn</title><script type='application/ld+json'>"
        f"{json.dumps(node)}</script></head><body><div id='root'>{shown}</div></body></html>"
    )


@pytest.mark.parametrize("shown", ["", "<nav><a href='/'>Home</a></nav>", "<p>Loading the story.</p>"])
@pytest.mark.parametrize(
    "body",
    [
        "\n\n".join(STORY),
        "".join(f"<p>{line.replace('&', '&amp;')}</p>" for line in STORY),
        "<br/>".join(STORY),
    ],
)
def test_a_story_drawn_by_script_is_read_from_the_json(body, shown):
    article = extract_article(page(body, shown), url=URL)
    assert article.outcome is Outcome.ARTICLE
    assert article.page_kind is PageKind.ARTICLE
    assert article.text.split("\n\n")[-4:] == STORY
    assert [block.rule for block in article.blocks[-4:]] == ["json-ld:article_body"] * 4


def test_what_the_page_shows_is_never_mixed_with_the_json():
    shown = "".join(f"<p>{line.replace('&', '&amp;')}</p>" for line in STORY[:3])
    article = extract_article(page("\n\n".join(STORY), shown), url=URL)
    assert article.text.split("\n\n") == STORY[:3]


def test_a_teaser_in_the_json_makes_no_article():
    article = extract_article(page("The ferry came in at dawn."), url=URL)
    assert article.outcome is not Outcome.ARTICLE
    assert article.text == ""
