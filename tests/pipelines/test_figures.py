"""Which elements hold one picture with its lines, in figures, in WordPress's older markup and in AFPIMS."""

from __future__ import annotations

import pytest

from pipelines import extract_article

BODY = "The harbor of Port Maren opened again on Tuesday after a winter of storms, its captain said."
MORE = "Boats left the eastern quay before dawn, and by noon the fish market had run out of ice."
URL = "https://quay.example/2023/piers/"


def extracted(middle):
    page = f"<html><body><article><p>{BODY}</p>{middle}<p>{MORE}</p></article></body></html>"
    article = extract_article(page, url=URL)
    assert article.text.split("\n\n") == [BODY, MORE]
    return [
        (photo.caption, (photo.url or "").removeprefix("https://quay.example/")) for photo in article.photos
    ]


def test_each_figure_of_a_gallery_has_its_own_image_and_caption():
    items = "".join(
        f"<figure class='wp-block-image'><img src='/{name}.jpg'><figcaption>{line}</figcaption></figure>"
        for name, line in (("a", "A boat at dawn. Photo: Bo Sample"), ("b", "The pier in winter."))
    )
    gallery = f"<figure class='wp-block-gallery'>{items}<figcaption>All of the harbor.</figcaption></figure>"
    assert extracted(gallery) == [
        ("A boat at dawn. Photo: Bo Sample", "a.jpg"),
        ("The pier in winter.", "b.jpg"),
    ]


def test_figure_around_a_single_figure_is_one_picture():
    nested = "<figure><figure><img src='/a.jpg'></figure><figcaption>A boat at dawn.</figcaption></figure>"
    assert extracted(nested) == [("A boat at dawn.", "a.jpg")]


@pytest.mark.parametrize(
    "markup",
    [
        "<div class='wp-caption'><img src='/a.jpg'><p class='wp-caption-text'>A boat at dawn.</p></div>",
        "<dl class='gallery-item'><dt><a href='/p'><img src='/a.jpg'></a></dt><dd>A boat at dawn.</dd></dl>",
        "<div class='media-inline'><img src='/a.jpg' alt='A boat.'><p>A boat at dawn.</p></div>",
    ],
    ids=["wordpress", "wordpress_gallery", "afpims"],
)
def test_captioned_image_that_is_no_figure_is_a_photo_also_without_a_credit(markup):
    assert extracted(markup) == [("A boat at dawn.", "a.jpg")]


def test_quote_that_is_set_as_a_figure_is_no_photo():
    said = "<blockquote><p>Now the ferries rest.</p></blockquote>"
    quote = f"<figure>{said}<figcaption>Ann Example</figcaption></figure>"
    page = f"<html><body><article><p>{BODY}</p>{quote}<p>{MORE}</p></article></body></html>"
    assert extract_article(page, url=URL).photos == ()


def test_line_that_credits_by_its_class_is_the_credit_and_not_the_caption():
    figure = (
        "<figure><img src='/a.jpg'><figcaption><p>A boat at dawn.</p><p class='credit'>Ann Example</p>"
        "</figcaption></figure>"
    )
    page = f"<html><body><article><p>{BODY}</p>{figure}<p>{MORE}</p></article></body></html>"
    (photo,) = extract_article(page, url=URL).photos
    assert (photo.caption, photo.credit, photo.photographer) == (
        "A boat at dawn.",
        "Ann Example",
        "Ann Example",
    )


def test_featured_image_above_a_post_is_a_photo_of_it():
    featured = "<div class='post-thumbnail'><img src='/a.jpg' alt='The harbor at dawn'></div>"
    assert extracted(featured) == [("The harbor at dawn", "a.jpg")]
