"""Photographs as data: who took them, what their number says, and which address of an image is the best."""

from __future__ import annotations

from datetime import date

import pytest

from pipelines import extract_article
from pipelines.photos.credit_lines import credit_tail, is_credit
from pipelines.photos.photographers import photographer
from pipelines.photos.virin import find_virin, virin_of_file

BODY = "The harbor of Port Maren opened again on Tuesday after a winter of storms, its captain said."
MORE = "Boats left the eastern quay before dawn, and by noon the fish market had run out of ice."


def photos(middle, **told):
    return extract_article(f"<html><body><p>{BODY}</p>{middle}<p>{MORE}</p></body></html>", **told).photos


@pytest.mark.parametrize(
    ("credit", "rank", "name"),
    [
        ("Ann Example", None, "Ann Example"),
        ("Navy Petty Officer 2nd Class Ida Sample", "Petty Officer 2nd Class", "Ida Sample"),
        ("U.S. Air Force photo by Staff Sgt. Ann Example", "Staff Sgt.", "Ann Example"),
        ("U.S. Air Force photo/Senior Airman Ann B. Example", "Senior Airman", "Ann B. Example"),
        ("U.S. Army photo by Sgt. 1st Class Ann Example, 5th Detachment", "Sgt. 1st Class", "Ann Example"),
        ("U.S. Navy photo by Mass Communication Specialist 3rd Class Bo Sample/Released",
         "Mass Communication Specialist 3rd Class", "Bo Sample"),
        ("DOD photo by U.S. Navy Petty Officer 1st Class Bo Sample", "Petty Officer 1st Class", "Bo Sample"),
        ("AP Photo/Jo Model", None, "Jo Model"),
        ("Reuters/Jo Model", None, "Jo Model"),
        ("Jo Model via AP", None, "Jo Model"),
        ("Ann Example / Harbor Agency", None, "Ann Example"),
        ("Jean-Luc O'Sample", None, "Jean-Luc O'Sample"),
        ("Courtesy photo", None, None),
        ("U.S. Air Force courtesy photo", None, None),
        ("Getty Images", None, None),
        ("The Harbor Museum", None, None),
    ],
)  # fmt: skip
def test_credit_is_split_into_rank_and_name(credit, rank, name):
    assert photographer(credit) == (rank, name)


@pytest.mark.parametrize(
    "virin", ["030128-O-9999J-027", "080820-F-5957S-912", "260508-O-D0360-1021", "170801-D-FW736-0024L"]
)
def test_virin_of_older_and_newer_vision_ids_is_found(virin):
    assert find_virin(f"VIRIN: {virin}").number == virin


@pytest.mark.parametrize(
    "url",
    [
        "https://media.defense.gov/2022/Apr/06/2002971234/-1/-1/0/220406-F-XX123-1001.JPG",
        "https://media.defense.gov/2022/Apr/06/2002971234/780/780/0/220406-F-XX123-1001.JPG?size=2",
        "http://archive.example/dod/photos/2022/lores/220406-f-xx123-1001.jpg",
        "https://cdn.example/dims/220406-F-XX123-1001.jpg/resize/780x520/",
    ],
)
def test_file_name_tells_the_virin_wherever_it_stands(url):
    found = virin_of_file(url)
    assert (found.taken_on, found.service, found.vision_id) == (date(2022, 4, 6), "Air Force", "XX123")
    assert (found.serial, found.country) == ("1001", None)


def test_virin_of_the_page_goes_before_that_of_the_file():
    figure = (
        "<figure><img src='/220406-F-XX123-1001.JPG'><figcaption>A crane at work. "
        "VIRIN: 230303-X-AB123-1004-GB</figcaption></figure>"
    )
    (photo,) = photos(figure)
    assert (photo.virin, photo.service, photo.country) == ("230303-X-AB123-1004-GB", "Space Force", "GB")


@pytest.mark.parametrize(
    ("image", "url"),
    [
        ("src='/a.jpg'", "/a.jpg"),
        ("src='/a-300.jpg' srcset='/a-300.jpg 300w, /a-1200.jpg 1200w, /a-600.jpg 600w'", "/a-1200.jpg"),
        ("src='/a.jpg' srcset='/a.jpg, /a2.jpg 2x'", "/a2.jpg"),
        ("src='data:image/gif;base64,R0lGOD' data-src='/a.jpg'", "/a.jpg"),
        ("src='/img/placeholder.png' data-lazy-src='/a.jpg'", "/a.jpg"),
        ("src='/b.gif' data-srcset='/w_300,h_200/a.jpg 300w, /w_900,h_600/a.jpg 900w'", "/w_900,h_600/a.jpg"),
    ],
)
def test_address_is_the_largest_real_one_that_the_image_offers(image, url):
    (photo,) = photos(f"<figure><img {image} alt='x'><figcaption>A crane at work.</figcaption></figure>")
    assert photo.url == url


def test_picture_element_gives_the_address_that_its_image_has_not():
    picture = "<picture><source srcset='/a.webp 900w'><img alt='x'></picture>"
    (photo,) = photos(f"<figure>{picture}<figcaption>A crane at work.</figcaption></figure>")
    assert photo.url == "/a.webp"


def test_figure_in_the_story_is_a_photo_also_without_a_caption():
    (photo,) = photos("<figure><img src='/220406-F-XX123-1001.JPG' alt='A crane at work'></figure>")
    assert (photo.caption, photo.virin, photo.credit) == ("A crane at work", "220406-F-XX123-1001", None)


@pytest.mark.parametrize(
    "middle",
    [
        "<figure><a href='/other-story/'><img src='/a.jpg' alt='Another story here'></a></figure>",
        "<p><img src='/a.jpg' alt='A crane at work'></p>",
        "<aside><figure><img src='/a.jpg' alt='A crane at work'></figure></aside>",
        "<figure><img src='data:image/gif;base64,R0lGOD' alt='A crane at work'></figure>",
    ],
)
def test_other_images_without_lines_are_no_photos(middle):
    assert photos(middle) == ()


def test_of_two_photos_with_one_caption_each_has_its_own_image():
    items = "".join(
        f"<div class='da_media_item'><img src='/{n}.jpg' alt='A crane sets a span at noon.'>"
        "<p>A crane sets a span at noon.</p></div>"
        for n in (1, 2)
    )
    assert [photo.url for photo in photos(items)] == ["/1.jpg", "/2.jpg"]


@pytest.mark.parametrize(
    "line",
    [
        "It costs $9 a month (approximately 8 euros)",
        "Secure key vendors (photo, video, florist)",
        "The paint dries in June (April in the south)",
        "The tide tables (see the photo above)",
    ],
)
def test_brackets_that_credit_nobody_leave_a_line_in_the_text(line):
    assert credit_tail(line) is None
    items = f"<ul><li>{line}</li><li>More</li></ul>"
    article = extract_article(f"<html><body><p>{BODY}</p>{items}<p>{MORE}</p></body></html>")
    assert article.photos == ()
    assert any(block.text == line and "photo" not in block.rule for block in article.blocks)


@pytest.mark.parametrize(
    ("line", "who"),
    [
        ("Gulls over the quay. (AP Photo/Jo Model)", "AP Photo/Jo Model"),
        ("Gulls over the quay. (U.S. Air Force photo)", "U.S. Air Force photo"),
        ("Gulls over the quay. (Courtesy photo)", "Courtesy photo"),
        ("Gulls over the quay. [Photo by Jo Model]", "Photo by Jo Model"),
        ("Gulls over the quay. (Getty Images)", "Getty Images"),
        ("Gulls over the quay. Photo: Jo Model.", "Jo Model"),
    ],
)
def test_credit_at_the_end_of_a_caption_is_found(line, who):
    assert credit_tail(line).who == who


@pytest.mark.parametrize(
    ("caption", "credit"),
    [
        ("A boat. (Ann Example/AP)", "Ann Example/AP"),
        ("A boat. Ann Example/AFP via Getty Images", "Ann Example/AFP via Getty Images"),
        ("A boat. Credit: Ann Example", "Ann Example"),
        ("A boat. \u00a9 Ann Example", "Ann Example"),
        ("A boat. (Foto: dpa)", "dpa"),
        ("A boat. Photo courtesy of Ann Example.", "Ann Example"),
        ("A boat ( Courtesy photograph)", "Courtesy photograph"),
        ("A boat. (Courtesy Harbor Office)", "Courtesy Harbor Office"),
        ("A boat. By Monday it had sailed", None),
        ("A boat in May (left) and June (right).", None),
        ("A boat at 5/6 speed", None),
    ],
)
def test_credit_of_a_known_caption_is_found_in_more_forms(caption, credit):
    (photo,) = photos(f"<figure><img src='/a.jpg'><figcaption>{caption}</figcaption></figure>")
    assert photo.credit == credit


def test_virin_in_small_letters_is_one_behind_its_label():
    assert find_virin("VIRIN: 230303-n-ab123-1004").number == "230303-N-AB123-1004"
    assert find_virin("part 230303-n-ab123-1004") is None


def test_part_of_a_machine_is_no_credit():
    assert not is_credit("Graphics: Example Iris 300")
    assert is_credit("Graphic by: Ann Example")
