"""The real print pages of 2016, as the CMS of af.mil made them: fields, text and photographs."""

from __future__ import annotations

import re
from collections import Counter

import lxml.html
import pytest

from pipelines import extract_article
from pipelines.fields.people import find_dateline

_WORD = re.compile(r"\w+")


def words(text):
    return Counter(_WORD.findall(text.lower()))


def f1(one, other):
    ours, theirs = words(one), words(other)
    return 2 * (ours & theirs).total() / max(ours.total() + theirs.total(), 1)


def shown(element):
    return " ".join(" ".join(element.itertext()).split()) if element is not None else ""


@pytest.fixture(scope="module")
def pages(shared):
    """Each page's tree, by a plain parse, beside the article made of its bytes."""
    found = []
    for path in sorted((shared / "corpora" / "afpims-print").glob("*.html")):
        data = path.read_bytes()
        parser = lxml.html.HTMLParser(encoding="utf-8")
        found.append((lxml.html.document_fromstring(data, parser=parser), extract_article(data)))
    assert len(found) > 100
    return found


def test_text_is_that_of_the_pages_own_body_element(pages):
    for tree, article in pages:
        assert f1(article.text, shown(tree.find(".//div[@class='da_black']"))) >= 0.98, article.title


def test_no_page_departs_from_its_template(pages):
    assert {article.layout_drift for _, article in pages} == {""}


def test_byline_names_who_wrote(pages):
    told = [
        (shown(tree.find(".//p[@class='da_story_info']")), article)
        for tree, article in pages
        if tree.find(".//div[@class='da_print_body']") is not None
    ]
    signed = [(info, article) for info, article in told if info.startswith("By ")]
    right = [
        info for info, article in signed if article.authors and all(name in info for name in article.authors)
    ]
    assert len(signed) > 60
    assert len(right) >= 0.95 * len(signed)
    assert max(len(article.authors) for _, article in signed) == 1  # no unit's name is split into people


def test_dateline_is_a_field_and_stays_in_the_text(pages):
    opened = [
        (find_dateline(" ".join(shown(body).split()[:30])), article)
        for tree, article in pages
        if (body := tree.find(".//div[@class='da_black']")) is not None
    ]
    dated = [(dateline, article) for dateline, article in opened if dateline]
    assert len(dated) > 70
    assert all(
        article.dateline == dateline and article.text.startswith(dateline) for dateline, article in dated
    )


def test_captions_of_the_gallery_are_photos_and_no_text(pages):
    for tree, article in pages:
        images = tree.findall(".//img[@class='da_img']")
        assert len(article.photos) >= len({image.get("src") for image in images})
        gallery = [block for block in article.blocks if block.kept and "da_" in block.path]
        assert not gallery
        for item in tree.iterfind(".//div[@class='da_media_item']"):
            caption = shown(item.find("p[last()]"))
            if "photo" in caption and caption not in shown(tree.find(".//div[@class='da_black']")):
                assert caption not in article.text
