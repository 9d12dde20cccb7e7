"""Plain-text dumps: fictional ones in the two known shapes, with variations, and the seed documents."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines import clean_text
from storage.article import BlockKind, Outcome

LOCK = (
    "A lock ( lock ) or https:// means you\u2019ve safely connected to the .gov website. "
    "Share sensitive information only on official, secure websites."
)
BANNER = (
    "An official website of the United States Government",
    "Here's how you know",
    "Official websites use .gov",
    "A .gov website belongs to an official government organization in the United States.",
    "Secure .gov websites use HTTPS",
    LOCK,
)
NOTICE = (
    "You have accessed part of a historical collection on this site. Some of the information contained "
    "within may be outdated and links may not function. Please contact the Webmaster with any questions."
)
TITLE = "Harbor Engineers Finish Ferry Bridge at Port Maren"
BODY = (
    "Engineers on Tuesday finished the last span of a floating bridge, closing a gap that cut the town.",
    '"We poured concrete all night and nobody went home," the port captain said. "Now the ferries rest."',
    "Nobody was hurt.",
    "The bridge carries one lane of traffic and a footpath, and stays until a permanent one opens.",
    "For the fishing families of the eastern quay, it ends a detour of nearly three hours each way.",
)
PHOTOS = (
    (
        "A crane lowers a steel span onto a barge. A worker in a yellow vest watches.",
        "Steel Span",
        "A crane crew sets the last span at Port Maren, March 3, 2023. The span weighs 40 tons.",
        "Photo By: Navy Petty Officer 2nd Class Ida Sample",
        "VIRIN: 230303-N-AB123-1004C",
    ),
    (
        "Two divers check a cable under a pier.",
        "Cable Check",
        "Divers of the harbor unit check a mooring cable at Port Maren, March 1, 2023.",
        "Photo By: Army Spc. Olaf Example",
        "VIRIN: 230301-A-CD456-2002",
    ),
)
HEADLINES = (
    "Why the ferry fleet of Port Maren may never sail again",
    "Flood wall plan divides the council of the eastern quay",
)


def government_dump(photos=PHOTOS, *, banner=BANNER, notice=NOTICE, related="Related Stories"):
    """A dump in the shape of a defense story; a photo is a paragraph of five lines."""
    items = [*banner, TITLE, *([notice] if notice else []), BODY[0]]
    items += ["\n".join(photo) for photo in photos[:1]] + [BODY[1], BODY[2]]
    items += ["\n".join(photo) for photo in photos[1:]] + [BODY[3], BODY[4]]
    return "\n\n".join(items + ([related] if related else [])) + "\n"


def repost_dump(headlines=HEADLINES, site="Maren Daily"):
    lines = [
        f"Home World {TITLE} | {site}",
        f"{TITLE} | {site}",
        *BODY[:2],
        headlines[0],
        *BODY[2:4],
        headlines[1],
        BODY[4],
    ]
    return "\n\n".join([*lines, "Source link", "World News", "%d bloggers like this:"])


def kinds(article):
    return {block.text: block.kind for block in article.blocks if not block.kept}


def spread(text):
    return text.replace("\n\n", "\n").replace("\n", "\n\n")


SHAPES = {
    "as_is": lambda text: text,
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "no_blank_lines": lambda text: text.replace("\n\n", "\n"),
    "blank_line_after_each_line": spread,
    "three_blank_lines": lambda text: text.replace("\n\n", "\n\n\n\n"),
    "edges_of_odd_spaces": lambda text: text.replace("\n\n", "\u202f\xa0\n\n\u202f"),
    "no_final_newline": lambda text: text.rstrip(),
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("count", [0, 1, 2])
def test_government_dump_comes_out_clean_in_every_shape(shape, count):
    article = clean_text(SHAPES[shape](government_dump(PHOTOS[:count])))
    assert article.text == "\n\n".join(BODY)
    assert article.title == TITLE
    assert [(photo.title, photo.caption) for photo in article.photos] == [
        (p[1], p[2]) for p in PHOTOS[:count]
    ]


@pytest.mark.parametrize("shape", SHAPES)
def test_repost_dump_comes_out_clean_in_every_shape(shape):
    article = clean_text(SHAPES[shape](repost_dump()))
    assert article.text == "\n\n".join(BODY)
    assert (article.title, article.site_name) == (TITLE, "Maren Daily")


def test_removed_lines_are_blocks_with_their_kind():
    found = kinds(clean_text(government_dump()))
    assert all(found[line] is BlockKind.GOV_BANNER for line in BANNER)
    assert found[NOTICE] is BlockKind.HISTORICAL_NOTICE
    assert found[TITLE] is BlockKind.TITLE
    assert all(found[line] is BlockKind.CAPTION for photo in PHOTOS for line in photo[:3])
    assert all(found[line] is BlockKind.CREDIT for photo in PHOTOS for line in photo[3:])
    assert found["Related Stories"] is BlockKind.RELATED


def test_removed_lines_of_a_repost_are_blocks_with_their_kind():
    found = kinds(clean_text(repost_dump()))
    assert [found[line] for line in HEADLINES] == [BlockKind.RELATED] * 2
    assert found["Source link"] is BlockKind.SOURCE_LINK
    assert found["World News"] is BlockKind.NAVIGATION
    assert found["%d bloggers like this:"] is BlockKind.WIDGET


def test_photo_lines_become_a_photo():
    photo = clean_text(government_dump()).photos[0]
    assert photo.caption == PHOTOS[0][2]
    assert photo.credit == "Navy Petty Officer 2nd Class Ida Sample"
    assert (photo.virin, photo.taken_on) == ("230303-N-AB123-1004C", date(2023, 3, 3))


def test_four_photos_in_a_row_are_four_photos():
    article = clean_text(government_dump((*PHOTOS, *PHOTOS)))
    assert len(article.photos) == 4
    assert article.text == "\n\n".join(BODY)


def test_page_without_banner_notice_and_related_stories_keeps_its_paragraphs():
    article = clean_text(government_dump(banner=(), notice="", related=""))
    assert article.text == "\n\n".join(BODY)
    assert article.title == TITLE


def test_stories_below_the_related_heading_go_with_it():
    article = clean_text(government_dump() + "\nHarbor Master Retires\nFerry Timetable Changes in May\n")
    assert article.text == "\n\n".join(BODY)


def test_reader_template_glued_to_the_next_text_is_cut_off():
    article = clean_text("\n\n".join(BODY[:3]) + "\n\n%d bloggers like this:" + "\n\n".join(BODY[3:]))
    assert article.text == "\n\n".join(BODY)


def test_marked_headline_of_two_words_is_related():
    article = clean_text("\n\n".join([TITLE, BODY[0], "Also read: Ferry sinks", BODY[1]]))
    assert kinds(article)["Also read: Ferry sinks"] is BlockKind.RELATED
    assert article.text == "\n\n".join(BODY[:2])


def test_short_subheading_stays_in_the_text():
    article = clean_text("\n\n".join([TITLE, BODY[0], "What comes next", BODY[3]]))
    assert article.text.split("\n\n")[1] == "What comes next"


def test_byline_and_date_lines_become_fields():
    lines = [
        TITLE,
        "March 3, 2023",
        "By Tech. Sgt. Ann Example, 86th Harbor Wing Public Affairs",
        f"PORT MAREN, Maine (AP) -- {BODY[0]}",
        BODY[3],
    ]
    article = clean_text("\n\n".join(lines))
    assert article.authors == ("Ann Example",)
    assert article.published_at is not None
    assert article.published_at.date() == date(2023, 3, 3)
    assert article.dateline == "PORT MAREN, Maine (AP)"
    assert article.text.startswith("PORT MAREN, Maine (AP) -- Engineers")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [("", Outcome.EMPTY), ("\n \x00\n", Outcome.EMPTY), ("Home\nMenu\nSports", Outcome.NOT_AN_ARTICLE)],
)
def test_dump_without_article_says_so(text, outcome):
    assert clean_text(text).outcome is outcome


@pytest.mark.parametrize("shape", SHAPES)
def test_seed_repost_keeps_every_paragraph_and_nothing_else(shared, shape):
    dump = (shared / "seed-documents" / "000_e5ce4aec9f18bd2d.txt").read_text()
    lines = [line.strip() for line in dump.splitlines() if line.strip()]
    article = clean_text(SHAPES[shape](dump))
    body = [line for line in lines[2:-3] if line.endswith((".", "”"))]
    assert article.text.split("\n\n") == body
    assert article.site_name == "eSocialNews"
    assert lines[1] == f"{article.title} | eSocialNews"
    headlines = [line for line in lines[2:-3] if line not in body]
    assert [kinds(article)[line] for line in headlines] == [BlockKind.RELATED] * 2


@pytest.mark.parametrize("shape", SHAPES)
def test_seed_defense_story_keeps_every_paragraph_and_nothing_else(shared, shape):
    dump = (shared / "seed-documents" / "004_246fb0f7d5305577.txt").read_text()
    lines = [line.strip() for line in dump.splitlines() if line.strip()]
    credit = [number for number, line in enumerate(lines) if line.startswith("Photo By:")]
    photo_lines = {number + step for number in credit for step in (-3, -2, -1, 0, 1)}
    article = clean_text(SHAPES[shape](dump))
    assert article.text.split("\n\n") == [
        line for number, line in enumerate(lines[:-1]) if number > 7 and number not in photo_lines
    ]
    assert article.title == lines[6]
    assert [photo.caption for photo in article.photos] == [lines[number - 1] for number in credit]
    assert [photo.virin for photo in article.photos] == [
        "220213-A-GB659-1056",
        "220214-F-FW957-1367C",
        "220324-F-QU646-1107",
    ]
    assert article.photos[1].taken_on == date(2022, 2, 14)
    assert [block.kind for block in article.blocks[:8]] == [BlockKind.GOV_BANNER] * 6 + [
        BlockKind.TITLE,
        BlockKind.HISTORICAL_NOTICE,
    ]
