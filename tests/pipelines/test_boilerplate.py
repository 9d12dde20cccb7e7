"""Line rules by family: each takes its own lines, and leaves sentences of a story that look like them."""

from __future__ import annotations

import pytest

from pipelines import clean_text, extract_article
from storage.article import BlockKind

BODY = "The harbor of Port Maren opened again on Tuesday after a winter of storms, its captain said."
MORE = "Boats left the eastern quay before dawn, and by noon the fish market had run out of ice."


def kind_of(line):
    """Kind that a line gets between two paragraphs of a dump, None where it stays."""
    article = clean_text(f"Harbor Opens Again\n\n{BODY}\n\n{line}\n\n{MORE}")
    return next(None if block.kept else block.kind for block in article.blocks if block.text == line)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Secure .gov websites use HTTPS", BlockKind.GOV_BANNER),
        (
            "A .gov website belongs to an official government organization in the Isles of Maren.",
            BlockKind.GOV_BANNER,
        ),
        (
            "A .gov website belongs to an official government agency of Maren Secure .gov websites use HTTPS",
            BlockKind.GOV_BANNER,
        ),
        ("Credit: Harbor Office of Maren", BlockKind.SOURCE_LINK),
        ("An official website of the United States Government Here's how you know", BlockKind.GOV_BANNER),
        ("You have accessed part of a historical collection.", BlockKind.HISTORICAL_NOTICE),
        ("We use cookies to improve your experience on our site.", BlockKind.CONSENT),
        ("Accept all cookies", BlockKind.CONSENT),
        ("Share this:", BlockKind.SHARE),
        ("Facebook | Twitter | Email", BlockKind.SHARE),
        ("Leave a Reply", BlockKind.COMMENTS),
        ("12 comments", BlockKind.COMMENTS),
        ("Sign up for our newsletter", BlockKind.PROMOTION),
        ("Advertisement", BlockKind.PROMOTION),
        ("Loading...", BlockKind.WIDGET),
        ("Also read: The mill that would not stop", BlockKind.RELATED),
        ("This article was originally published at Quay Notes", BlockKind.SOURCE_LINK),
        ("The post Harbor Opens Again appeared first on Quay Notes.", BlockKind.SOURCE_LINK),
        ("\u00a9 2023 Quay Post. All rights reserved.", BlockKind.NAVIGATION),
        ("By Ann Example, Quay Post", BlockKind.BYLINE),
    ],
)
def test_line_is_removed_with_its_kind(line, kind):
    assert kind_of(line) is kind


@pytest.mark.parametrize(
    "line",
    [
        "Share prices of the ferry company fell by a third on Tuesday.",
        "The source of the leak was never found.",
        "Related industries on the quay lost eleven jobs.",
        "Comments by the mayor were met with silence.",
        "Nobody was hurt.",
        "The website belongs to an official who keeps ducks behind the customs house.",
        "An official of the United States Government came to see the ice.",
        "By the time the tide turned, the market was empty.",
        "Photographs of the night hang in the town hall.",
        '"Home," she said.',
    ],
)
def test_sentence_of_the_story_stays(line):
    assert kind_of(line) is None


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        (
            "<div id='onetrust-banner-sdk'><p>Your privacy matters to all of us here, they say.</p></div>",
            "consent",
        ),
        (
            "<div class='jp-relatedposts'><p>Anchors, a short guide for owners of mills.</p></div>",
            "related",
        ),
        (
            "<div class='newsletter-signup'><p>All the news of the quay, once a week.</p></div>",
            "promotion",
        ),
        (
            "<section class='usa-banner'><p>Words of a banner that no text rule knows.</p></section>",
            "gov_banner",
        ),
        (
            "<div class='comments-area'><p>I carried eleven sacks home, and my back hurts.</p></div>",
            "comments",
        ),
        ("<nav><p>Words of a menu that no rule on text can know at all.</p></nav>", "navigation"),
    ],
)
def test_markup_names_what_the_text_does_not(markup, kind):
    article = extract_article(
        f"<html><body><h1>Harbor</h1><article><p>{BODY}</p>{markup}<p>{MORE}</p></article></body></html>"
    )
    assert article.text == f"{BODY}\n\n{MORE}"
    assert kind in {block.kind.value for block in article.blocks if not block.kept}


def test_class_that_holds_the_whole_story_is_no_hint():
    page = f"<div class='related newsletter'><p>{BODY}</p><p>{MORE}</p></div>"
    assert extract_article(page).text == f"{BODY}\n\n{MORE}"
