"""Photo groups: what a page or a dump says of a photograph."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines import clean_text, extract_article
from pipelines.photos.virin import VIRIN, taken_on

BODY = "The harbor of Port Maren opened again on Tuesday after a winter of storms, its captain said."
MORE = "Boats left the eastern quay before dawn, and by noon the fish market had run out of ice."


@pytest.mark.parametrize(
    "virin",
    [
        "220214-F-FW957-1367C",
        "220213-A-GB659-1056",
        "151118-F-PD986-153",
        "010203-X-AB123-1001-GB",
        "990101-N-ABCDE-0001",
    ],
)
def test_virin_of_every_form_is_found(virin):
    assert VIRIN.search(f"VIRIN: {virin}.JPG") is not None


@pytest.mark.parametrize(
    "text", ["220214-F-FW957", "2022-02-14", "1220214-F-FW957-1367", "220214-Q-FW957-1367"]
)
def test_other_numbers_are_no_virin(text):
    assert VIRIN.search(text) is None


def test_year_of_a_virin_is_of_its_century():
    assert (taken_on("990101-N-AB123-0001"), taken_on("230303-N-AB123-1004")) == (
        date(1999, 1, 1),
        date(2023, 3, 3),
    )


def test_virin_comes_from_the_file_name_when_the_page_has_none():
    page = (
        f"<html><body><p>{BODY}</p><figure><img src='https://media.defense.gov/2023/1/780/230303-N-AB123-1004.JPG'>"
        f"<figcaption>A crane at work.</figcaption></figure><p>{MORE}</p></body></html>"
    )
    (photo,) = extract_article(page).photos
    assert (photo.virin, photo.taken_on, photo.caption) == (
        "230303-N-AB123-1004",
        date(2023, 3, 3),
        "A crane at work.",
    )


def test_credit_in_brackets_ends_a_caption():
    caption = "<p>Gulls over the quay, May 2, 2023. (AP Photo/Jo Model)</p>"
    article = extract_article(f"<html><body><p>{BODY}</p>{caption}<p>{MORE}</p></body></html>")
    assert article.text == f"{BODY}\n\n{MORE}"
    assert article.photos[0].credit == "AP Photo/Jo Model"


def test_credit_behind_a_label_in_brackets_is_the_name_alone():
    caption = "<p>Gulls over the quay, May 2, 2023. (Photo: Jo Model / Harbor Office)</p>"
    article = extract_article(f"<html><body><p>{BODY}</p>{caption}<p>{MORE}</p></body></html>")
    assert article.photos[0].credit == "Jo Model / Harbor Office"


@pytest.mark.parametrize("image", ["", "<p><img src='/a.jpg' alt=''></p>"])
def test_credit_of_a_whole_story_takes_no_paragraph_along(image):
    said = f"{MORE[:-1]}, the captain said."
    credit = "<p><em>Credit: Harbor Office of Maren</em></p>"
    article = extract_article(f"<html><body><p>{BODY}</p>{image}<p>{said}</p>{credit}</body></html>")
    assert article.text.split("\n\n") == [BODY, said]
    assert article.photos == ()
    assert "Credit: Harbor Office of Maren" in {block.text for block in article.blocks if not block.kept}


def test_bare_credit_under_a_picture_and_its_caption_is_the_photos():
    lines = "<img src='/a.jpg'><p>Gulls over the quay, May 2, 2023.</p><p>Credit: Jo Model</p>"
    article = extract_article(f"<html><body><p>{BODY}</p>{lines}<p>{MORE}</p></body></html>")
    assert article.text.split("\n\n") == [BODY, MORE]
    assert [(photo.caption, photo.credit) for photo in article.photos] == [
        ("Gulls over the quay, May 2, 2023.", "Jo Model")
    ]


def test_relative_image_is_made_absolute():
    figure = "<figure><img src='/a.jpg'><figcaption>A boat.</figcaption></figure>"
    page = f"<html><body><p>{BODY}</p>{figure}<p>{MORE}</p></body></html>"
    assert extract_article(page, url="https://quay.example/x/").photos[0].url == "https://quay.example/a.jpg"


def test_paragraph_before_a_photo_without_title_stays():
    lines = [
        BODY,
        MORE,
        "Gulls over the quay, May 2, 2023.",
        "Photo By: Jo Model",
        BODY.replace("Tuesday", "Friday"),
    ]
    article = clean_text("\n".join(["Harbor Opens Again", *lines]))
    assert article.text.split("\n\n") == [BODY, MORE, lines[-1]]


def test_figure_that_holds_a_table_is_no_photo():
    table = "<figure class='wp-block-table'><table><tr><td>Ferries</td><td>11</td></tr></table></figure>"
    assert extract_article(f"<html><body><p>{BODY}</p>{table}<p>{MORE}</p></body></html>").photos == ()
