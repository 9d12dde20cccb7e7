"""Each rule by kind: lines that it takes, sentences of a story that look like them, pages that hold both."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

import pytest

from pipelines import clean_text, extract_article
from pipelines.boilerplate import LINE_RULES, tails
from pipelines.boilerplate.verdict import rules_for

RULES = Path(__file__).resolve().parents[1] / "golden" / "rules"
CASES = sorted(path.parent for path in RULES.glob("*/page.html"))
OPENING = (
    "The harbor of Port Maren opened again on Tuesday after a winter of storms, its captain said.",
    "Boats left the eastern quay before dawn, and by noon the fish market had run out of ice.",
)
CLOSING = "The council meets again on Thursday to decide who pays for the wall that the storm took."

LINES = {
    "share:prompt": ("Share this story", "SHARE", "Pin this for later!", "Show more sharing options"),
    "share:networks": ("Facebook | Twitter | WhatsApp", "X LinkedIn Email"),
    "share:click_to_share": ("Click to share on Facebook", "Link copied!", "1.2K shares", "Spread the word"),
    "share:follow": ("Follow us on Facebook and Instagram for more.", "Follow Ann Example on X: @annexample"),
    "share:network": ("WhatsApp",),
    "comments:prompt": (
        "Leave a comment", "12 Comments", "Comments are closed.", "3 thoughts on “Harbor Opens”",
        "Log in or register to post comments", "Be the first to comment on this story",
    ),
    "comments:form": (
        "Save my name, email, and website in this browser for the next time I comment.",
        "Notify me of new posts by email.",
    ),
    "comments:invitation": ("Tell us what you think in the comments below!",),
    "consent:cookies": (
        "We use cookies to improve your experience on our site.", "Accept all cookies", "Cookie Settings",
        "Strictly Necessary Cookies", "Privacy & Cookies: This site uses cookies.",
    ),
    "consent:privacy": (
        "We value your privacy", "Manage consent preferences", "Accept all", "Confirm my choices",
        "We and our 842 partners store and/or access information on a device, such as cookies.",
        "Do Not Sell My Personal Information",
    ),
    "consent:vendors": (
        "Store and/or access information on a device", "Measure advertising performance",
        "Cookie duration: 365 (days).", "List of vendors", "Maximum Storage Duration: 2 years",
        "Always active",
    ),
    "consent:cookies_abroad": (
        "Wir verwenden Cookies, um Inhalte zu personalisieren.", "Alle akzeptieren",
        "Ce site utilise des cookies pour améliorer votre visite.", "Tout refuser",
        "Utilizamos cookies propias y de terceros.",
        "Questo sito utilizza i cookie per migliorare la visita.",
        "Este site utiliza cookies para melhorar a sua visita.",
        "Wij gebruiken cookies om de site te verbeteren.",
        "Wir und unsere 120 Partner verarbeiten Daten.",
    ),
    "promotion:newsletter": (
        "Sign up for our daily newsletter", "Subscribe", "The best of the bay, delivered to your inbox.",
        "Enter your email address", "Thank you for subscribing!",
    ),
    "promotion:terms": (
        "By signing up, you agree to our terms of use and privacy policy.",
        "This site is protected by reCAPTCHA and the privacy policy applies.",
    ),
    "promotion:app": ("Download the Quay Post app", "Get it on Google Play", "Scan the QR code"),
    "promotion:subscription": (
        "Already a subscriber? Log in", "This story is exclusive to subscribers.",
        "You have read 3 of your 5 free articles this month.", "Start your free trial",
    ),
    "promotion:donation": (
        "Donate now", "Please support our journalism.", "This story is funded by readers like you",
        "If you value our reporting, please consider supporting the Quay Post.",
    ),
    "promotion:affiliate": (
        "As an Amazon Associate I earn from qualifying purchases.", "This post may contain affiliate links.",
        "If you buy through our links, we may earn a commission.",
    ),
    "promotion:advertisement": ("ADVERTISEMENT", "Article continues below", "Sponsored by Quay Bank"),
    "promotion:shop": ("Check price on Amazon", "$298 at Amazon $319 at Target", "View deal"),
    "promotion:reprints": (
        "Order reprints", "This copy is for your personal, non-commercial use only.",
        "Republish this article for free",
    ),
    "widget:likes": ("%d bloggers like this:", "Like Loading...", "12 likes"),
    "widget:player": (
        "Play video", "0:00 / 1:23", "Your browser does not support the video tag.", "4 min read",
        "Please enable JavaScript to continue.", "Listen to this article",
    ),
    "widget:player_controls": ("Current Time 0:00", "Loaded: 12.5%", "This is a modal window."),
    "widget:image_controls": ("Download Image", "Image 3 of 9", "View gallery", "Click to enlarge"),
    "widget:live_blog": ("Show key events only", "Key events", "5 new updates", "Newest first"),
    "widget:poll": (
        "Take our poll", "Average rating 4.6 / 5. Vote count: 42", "Was this article helpful? Yes No",
    ),
    "widget:error": ("Something went wrong. Please try again later.", "Please enter a valid date"),
    "widget:embed": ("View this post on Instagram", "A post shared by Quay Post (@quaypost)"),
    "widget:recipe_and_print": ("Jump to recipe", "Print this page"),
    "navigation:jump": ("Skip to main content", "Back to all articles", "Read more", "Privacy policy"),
    "navigation:tags": ("Tags: harbor, storm", "Filed under", "Posted in: Harbor"),
    "navigation:pages": ("Page 2 of 7", "1 2 3 4 … 12 Next", "Pages: 1 2 3"),
    "navigation:copyright": ("© 2025 Quay Post", "Quay Post. All rights reserved."),
}  # fmt: skip
TAILS = {
    "tails:agency": ("With files from AFP", "(Reuters)", "— AP"),
    "tails:agency_page": ("More AP fishing: https://apnews.com/hub/fishing",),
    "tails:contact": (
        "Contact Ann Example at ann@quay-post.example.", "Ann Example can be reached at 555 010 4477.",
        "Have a tip? Write to tips@quay-post.example.",
    ),
    "tails:disclaimer": (
        "The views expressed here are the author's own and not those of the Quay Post.",
        "This article is for informational purposes only and is no legal advice.",
    ),
    "tails:copyright": ("This material may not be published, broadcast, rewritten or redistributed.",),
}  # fmt: skip
SENTENCES = [
    "Share prices of the ferry company fell by a third on Tuesday.",
    "He shares the boat with his brother, who follows the tides on Facebook and trusts none of it.",
    "Twitter and Facebook were slow that night.",
    "Three comments were made from the floor, and none was answered.",
    "Comments are close to the heart of the mayor.",
    "Websites use cookies to count their visitors, and the council wants to know how many do.",
    "“We use cookies on every page,” said the man who built the site.",
    "The privacy of the fishermen matters to nobody but themselves, said Lena Corvell.",
    "Partners of the line store their nets in the old ice house.",
    "The newsletter of the guild goes to ninety households on the quay.",
    "She signed up for a newsletter once, and has been sorry ever since.",
    "An app on the foreman's phone tells the apprentices when the tide allows a lesson.",
    "Subscribers of the old gazette still ask for it at the kiosk.",
    "Donations paid for the first loom.",
    "The broker earns a commission on every crate, she said, and the crates are many.",
    "Advertisements for rope covered the wall of the chandlery.",
    "The check was the price of peace in the family.",
    "Reprints of the old chart hang in every kitchen.",
    "Loading the ferry takes an hour in calm weather.",
    "Play resumed at noon, when the rain had stopped.",
    "Key events of the winter were painted on the wall of the inn.",
    "Volume one of the log is lost.",
    "Vote early, the posters said, and many did.",
    "Something went wrong with the winch that morning, and nobody has found out what.",
    "The search for the buoy goes on.",
    "Home is where the dredger lies.",
    "Tags on the nets tell whose they are.",
    "Copyright law is of no use against the gulls, the photographer said.",
    "Page 3 of the log is the only one left, and it tells of fog.",
    "At 12:30 the ferry left without its captain.",
    "Contact with the boat was lost at noon.",
    "Related industries on the quay lost eleven jobs.",
    "Read more of the old charts, he advised, and fewer of the new ones.",
    "By the time the tide turned, the market was empty.",
    "No comment.",
    "I agree.",
    "Listen.",
    "There was a problem with the winch that morning.",
    "Third-party cookies follow a reader from one site to the next.",
    "These cookies are set when the page is first opened, and kept for a year.",
    "Permissions were given late.",
    "(c) The harbor master may close the basin in a storm.",
    "Wir und unsere Partner haben das Eishaus gebaut.",
]


def names(line, rules):
    return {rule.rule for rule in rules_for(line, rules)}


def rule_of(line):
    """The rule that a line meets between the paragraphs of a dump, None where it stays."""
    article = clean_text("\n\n".join(("Harbor Opens Again", *OPENING, line, CLOSING)))
    return next(None if block.kept else block.rule for block in article.blocks if block.text == line)


@pytest.mark.parametrize(("rule", "line"), [(rule, line) for rule, lines in LINES.items() for line in lines])
def test_line_meets_its_rule(rule, line):
    assert rule in names(line, LINE_RULES)


@pytest.mark.parametrize(("rule", "line"), [(rule, line) for rule, lines in TAILS.items() for line in lines])
def test_line_below_a_story_meets_its_rule(rule, line):
    article = clean_text("\n\n".join(("Harbor Opens Again", *OPENING, CLOSING, line)))
    assert article.text == "\n\n".join((*OPENING, CLOSING))
    assert rule in {block.rule for block in article.blocks if block.text == line} | names(line, LINE_RULES)


def test_every_line_rule_has_lines_here():
    assert {rule.rule for rule in LINE_RULES.rules} == set(LINES)
    assert {rule.rule for rule in tails.LINE_RULES.rules} == set(TAILS)


@pytest.mark.parametrize(
    "line",
    [
        '[gallery ids="1,2"]',
        "[vc_row][vc_column]",
        "[/vc_column]",
        '[caption width="3"] A gull on a pole.[/caption]',
    ],
)
def test_shortcode_of_a_plug_in_that_is_gone_leaves_the_text(line):
    assert rule_of(line) == "widget:shortcode"


@pytest.mark.parametrize("line", ["[Laughter]", "[sic]", "[off-camera]", "[video plays]"])
def test_words_in_brackets_are_no_shortcode(line):
    assert rule_of(line) != "widget:shortcode"


@pytest.mark.parametrize("line", SENTENCES)
def test_sentence_of_a_story_meets_no_rule(line):
    assert rule_of(line) is None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_page_keeps_its_story_and_nothing_else(case):
    url = json.loads((case / "expected.json").read_text())["url"]
    article = extract_article((case / "page.html").read_bytes(), url=url)
    assert article.text == (case / "story.txt").read_text().strip()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_page_as_plain_text_keeps_its_story_and_no_line_that_wording_tells(case):
    url = json.loads((case / "expected.json").read_text())["url"]
    page = extract_article((case / "page.html").read_bytes(), url=url)
    dump = clean_text("\n\n".join([page.title, *(block.text for block in page.blocks)]))
    kept = dump.text.split("\n\n")
    story = (case / "story.txt").read_text().strip().split("\n\n")
    assert [line for line in story if line not in kept] == []
    told = [
        block.text for block in page.blocks if block.rule.partition(":")[0] in FAMILIES and not block.kept
    ]
    assert [line for line in told if line in kept] == []


FAMILIES = {rule.rule.partition(":")[0] for rule in LINE_RULES.rules} | {"gov", "tails"}


STORY = "".join(f"<p>{line}</p>" for line in OPENING)
MORE = (
    "Engineers replaced the winch, the slipway and most of the timber, according to a report of the council."
)


def kept(markup, *, around="{}"):
    page = around.format(f"<div><h1>Harbor Opens Again</h1>{STORY}{markup}<p>{CLOSING}</p></div>")
    return extract_article(f"<html><body>{page}</body></html>").text.split("\n\n")


@pytest.mark.parametrize(
    "markup",
    [
        "<p class='paywall'>{}</p>",
        "<div class='subscriber-only'><p>{}</p></div>",
        "<p class='has-ad'>{}</p>",
        "<div class='no-sidebar with-related'><p>{}</p></div>",
        "<div class='read-more-content'><p>{}</p></div>",
        "<p class='timestamp'>{}</p>",
        "<p class='cmp-container'>{}</p>",
        "<p class='trusted-source'>{}</p>",
    ],
)
def test_class_of_a_state_or_of_the_story_itself_takes_nothing(markup):
    assert kept(markup.format(MORE)) == [*OPENING, MORE, CLOSING]


@pytest.mark.parametrize(
    ("markup", "line"),
    [
        ("<h2 id='what-share-of-boats-sails'>{}</h2>", "What share of boats sails"),
        ("<h3 id='h-menu-of-the-inn'>{}</h3>", "Menu of the inn"),
    ],
)
def test_id_made_of_a_headings_words_takes_nothing(markup, line):
    markup = f"{markup.format(line)}<p>{MORE}</p>"
    assert kept(markup) == [*OPENING, line, MORE, CLOSING]


def test_heading_of_related_stories_is_taken_also_with_an_id_of_its_words():
    assert kept("<h3 id='related-stories'>Related stories</h3>") == [*OPENING, CLOSING]


def test_dialog_of_a_consent_product_goes_also_when_it_is_longer_than_the_story():
    dialog = "".join(
        f"<p>The {word} firm keeps what it finds for fourteen months.</p>" for word in range(200)
    )
    page = (
        f"<html><body><h1>Harbor Opens Again</h1>{STORY}<p>{CLOSING}</p><div id='didomi-host'>{dialog}</div>"
    )
    assert extract_article(page).text.split("\n\n") == [*OPENING, CLOSING]


def test_name_of_a_consent_product_around_the_story_takes_nothing():
    assert kept("", around="<div class='cky-open'>{}</div>") == [*OPENING, CLOSING]


def test_code_in_prose_goes_and_code_that_the_page_sets_as_code_stays():
    code = '{"name": "harbor", "boats": 12, "tags": ["quay", "tide"], "open": true}'
    assert kept(f"<p>{code}</p>") == [*OPENING, CLOSING]
    assert code in "\n\n".join(kept(f"<p>{MORE}</p><pre><code>{code}</code></pre><p>{MORE[:-1]} again.</p>"))


def test_question_in_a_button_is_no_widget():
    page = f"<section><h3><button>Who pays for the wall?</button></h3><p>{MORE}</p></section>"
    article = extract_article(
        f"<html><body><article><h1>Harbor</h1>{STORY}{page}<p>{CLOSING}</p></article></body>"
    )
    assert "Who pays for the wall?" in article.text.split("\n\n")


def test_thread_in_a_dump_ends_where_its_signs_end():
    thread = (
        "2 Comments",
        "Olaf says:",
        "I carried eleven sacks home that night.",
        "Reply",
        "Ida says:",
        "So did I.",
    )
    text = clean_text("\n\n".join(("Harbor Opens Again", *OPENING, CLOSING, *thread))).text
    assert text.split("\n\n") == [*OPENING, CLOSING]


def test_dates_in_the_cells_of_a_table_stay():
    rows = "".join(f"<tr><td>March {day}, 2025</td><td>{day} boats</td></tr>" for day in range(1, 12))
    assert "March 7, 2025" in kept(f"<p>{MORE}</p><table>{rows}</table><p>{MORE[:-1]} again.</p>")


@pytest.mark.parametrize("rule", [*LINE_RULES.rules, *tails.LINE_RULES.rules], ids=lambda rule: rule.rule)
def test_a_long_line_of_a_rules_own_words_is_soon_read(rule):
    chance = random.Random(rule.rule)
    words = re.findall(r"[a-z]{2,}", rule.pattern.pattern)
    for separator in (" ", ", ", " - ", "  "):
        for _ in range(8):
            line = separator.join(chance.choices(words, k=2500))[: rule.longest]
            rule.pattern.fullmatch(line)
        rule.pattern.fullmatch((words[0] + " " * rule.longest)[: rule.longest] + "x")
    assert names("x" * 10_000, LINE_RULES) == set()


HEADLINES = (
    "As Eastmere retreats from the quay, Maren sees harder winters to come",
    "Council to send Eastmere 40 million worth of timber for Maren",
)


@pytest.mark.parametrize(
    "form",
    [
        "<h2>{}</h2>",
        "<h3>{}</h3>",
        "<div class='x'><img src='/a.jpg' alt=''><h3>{}</h3></div>",
        "<h3><a href='/other/'>{}</a></h3>",
        "<p><a href='https://elsewhere.example/other/'>{}</a></p>",
    ],
)
def test_other_stories_headlines_among_the_paragraphs_go(form):
    flow = f"{form.format(HEADLINES[0])}<p>{MORE}</p>{form.format(HEADLINES[1])}"
    assert kept(flow) == [*OPENING, MORE, CLOSING]


@pytest.mark.parametrize(
    "form",
    [
        "<h2>Why the repair of the slipway took the council so long</h2>",
        "<h3>Costs of the Wall</h3>",
        "<h2><a href='#costs'>Costs of the wall, and who is to pay for it</a></h2>",
        "<p>It sails when the ice is gone and not before</p>",
        "<p>Best for: crews that are in no hurry</p>",
    ],
)
def test_heading_or_line_of_the_story_itself_stays(form):
    line = re.sub(r"<[^>]+>", "", form)
    assert line in kept(f"<p>{MORE}</p>{form}<p>{MORE[:-1]} again.</p>")
