import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines import extract_article
from pipelines.page.parsing import parse, read_page, uncrowded
from storage.article import Outcome

SAID = "The ferry came in on Tuesday and the crew of it had to wait for the tide to turn again."
PIECES = (
    "<div>", "</div>", "<p>", "<a href='/x'>", "<table><tr><td>", "<li>", "<b>", "</b>", "<br>", "<h2>",
    "<!--", "<script>", "</p>", "<svg>", "<form>", "<figure><img src=a alt='A boat'>", "<figcaption>", "\x00",
    "\ud800", "&#0;", "&nbsp;", "<x-y z=1>", "<", "'\"", "\u200b", "<![CDATA[", "<?pi ?>", "<select><option>",
    "<head>", "<body>", "<html>", "<!DOCTYPE html>", SAID, "Photo By: Ann VIRIN: 220406-F-XX1-1001", "By Al",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=60))
def test_any_heap_of_markup_comes_out_as_an_article_with_an_outcome(pieces):
    article = extract_article("".join(pieces), url="https://www.demo.org/a")
    assert article.outcome in Outcome
    assert all(block.rule for block in article.blocks)


@given(
    st.binary(max_size=400), st.sampled_from([None, "text/html; charset=utf-8", "text/html; charset=klingon"])
)
def test_any_bytes_come_out_as_an_article_with_an_outcome(data, content_type):
    assert extract_article(b"<p>" + data, content_type=content_type).outcome in Outcome


@pytest.mark.parametrize("levels", [300, 1000, 2500, 5000])
@pytest.mark.parametrize("tag", ["div", "span", "blockquote"])
def test_a_story_is_found_however_deep_it_is_nested(levels, tag):
    paragraphs = "".join(f"<p>{SAID.replace('Tuesday', day)}</p>" for day in ("Monday", "Friday", "Sunday"))
    article = extract_article(f"<html><body>{f'<{tag}>' * levels}{paragraphs}")
    assert article.text.count("The ferry came in") == 3


def test_paragraphs_are_found_where_each_is_nested_in_the_one_before():
    days = ("Monday", "Tuesday", "Friday", "Sunday")
    nested = "".join(f"<div>{SAID.replace('Tuesday', days[n % 4])} No {n}.</div>"[:-6] for n in range(400))
    article = extract_article(f"<html><body>{nested}")
    assert all(f"No {n}." in article.text for n in range(400))


@pytest.mark.parametrize(
    "page",
    [
        f"<p {'a' * 100_000}='v'>{SAID}",
        f"<p class='{'x ' * 100_000}' style='{'a:b;' * 50_000}'>{SAID}",
        f"<p {' '.join(f'a{n}=v' for n in range(20_000))}>{SAID}",
        "<br>" * 50_000 + f"<p>{SAID}",
        f"<p>{SAID}</p>" + "<i></i>" * 50_000,
        f"\x00<\x00p>{SAID}\x00",
        f"<p>{SAID}\ud800",
        f"<title>T</title><article><p>{SAID}</article>",
    ],
    ids=["attribute", "class", "attributes", "breaks", "empty", "zeros", "surrogate", "no_body"],
)
def test_odd_pages_keep_their_paragraph(page):
    blocks = extract_article(page).blocks
    assert [block.text.rstrip("?\ufffd") for block in blocks if "ferry" in block.text] == [SAID]


@pytest.mark.parametrize(
    "page", ["", " \n", "\x00", "<!-- x -->", "<html></html>", "<p>\u200b</p>", "<img src=a>"]
)
def test_a_page_without_text_is_empty(page):
    assert extract_article(page).outcome is Outcome.EMPTY


def test_the_tree_has_no_comments_and_elements_of_one_class():
    tree = parse("<body><!-- a --><p>x<!-- b -->y</p><input><?pi z?>")
    assert {type(element).__name__ for element in tree.iter()} == {"HtmlElement"}
    assert tree.findtext(".//p") == "xy"


def test_a_page_keeps_the_text_it_was_parsed_from():
    page = read_page("<p>One</p>")
    assert parse(page.text) is not page.tree
    assert parse(page.text).findtext(".//p") == "One"


def test_a_long_tag_with_one_long_value_keeps_it_and_one_with_very_many_keeps_none():
    one = parse(f"<body><div data-page='{'a b ' * 20_000}' class=story><p>x")
    many = parse(f"<body><div class=story {' '.join(f'attribute{n}=v' for n in range(5_000))}><p>x")
    assert [len(tree.find(".//div").attrib) for tree in (one, many)] == [2, 0]


def test_very_many_attributes_with_a_tag_begun_among_them_are_kept_out_of_the_parser():
    many = " ".join(f"a{n}=1" for n in range(50_000))
    assert uncrowded(f"<p {many} a=<meta charset=utf-16> {many}>x</p>") == f"<p> {many}>x</p>"
    assert uncrowded(f"A ferry<p {many} came back</div>Then") == "A ferry<p>Then"
    script = f"<script>if (a <b) {{ {'c = 1; ' * 10_000} }}</script><p>x"
    assert uncrowded(script) == script
