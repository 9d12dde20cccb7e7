"""Nothing of a page is lost: its blocks hold all of its text, each where its path says."""

from __future__ import annotations

import html as html_module
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement, document_fromstring

from pipelines import clean_text, extract_article
from storage.article import Block

UNSEEN = frozenset(("script", "style", "noscript", "template", "select", "textarea", "iframe", "svg"))
LETTERS = re.compile(r"\w")
BLANKS = re.compile(r"[\s\u200b\u2060\ufeff\x1c-\x1f]+")
WORDS = st.sampled_from(
    (
        "The ferry returned to the harbour on Monday after three weeks of repairs.", "Home", "Read more",
        "By Ann Example", "Share", "VIRIN: 230303-N-AB123-1004C", "%d bloggers like this:",
        "Photo By: Bo Sample", "\u201cNobody asked us,\u201d the master said, and went on.", "&", "<", " ",
        "\n", "November 21, 2026", "Advertisement", "Source link", "caf\u00e9 \u6e2f\u53e3",
        "a\u200bb", "SALTWICK -- A dateline.",
    )
)  # fmt: skip
ATTRIBUTES = st.sampled_from(
    (
        "", ' class="related"', ' class="entry-content"', ' style="display: none"', ' id="comments"',
        ' class="caption"', ' role="navigation"', " hidden", ' itemprop="articleBody"',
    )
)  # fmt: skip
BLOCK_TAGS = st.sampled_from(
    ("div", "p", "section", "article", "aside", "ul", "li", "h2", "blockquote", "figure", "figcaption", "nav")
)
INLINE_TAGS = st.sampled_from(("a", "b", "em", "span", "strong", "i", "small", "time"))
NEVER_READ = st.sampled_from(
    ("<script>var a = 1;</script>", "<!-- a note -->", "<br>", "<hr>", "<img src=x>")
)


def element(tag: str, attributes: str, inside: list[str]) -> str:
    return f"<{tag}{attributes}>{''.join(inside)}</{tag}>"


def pages() -> st.SearchStrategy[str]:
    leaves = st.one_of(WORDS.map(html_module.escape), NEVER_READ)
    nested = st.recursive(
        leaves,
        lambda inner: st.builds(
            element, st.one_of(BLOCK_TAGS, INLINE_TAGS), ATTRIBUTES, st.lists(inner, max_size=4)
        ),
        max_leaves=40,
    )
    return st.lists(nested, min_size=1, max_size=8).map(
        lambda parts: (
            f"<!DOCTYPE html><html><head><title>Ferry</title></head><body>{''.join(parts)}</body></html>"
        )
    )


def bare(text: str) -> str:
    return BLANKS.sub("", text)


def body_of(page: str) -> HtmlElement:
    found = document_fromstring(page, ensure_head_body=True).find("body")
    assert found is not None
    return found


def seen_text(root: HtmlElement) -> str:
    """All text below an element that a reader could come to see."""
    parts = []
    for text in root.xpath(".//text()"):
        holder = text.getparent() if text.is_text else text.getparent().getparent()
        around = [holder, *holder.iterancestors()]
        if not any(one.tag in UNSEEN for one in around) and not callable(holder.tag):
            parts.append(str(text))
    return bare("".join(parts))


def walk(root: HtmlElement, path: str) -> HtmlElement:
    """The element that a path leads to: each step is a tag and which child of that tag it is."""
    place = root
    for step in path.split("/body", 1)[1].strip("/").split("/"):
        if step:
            tag, _, number = step.rstrip("]").partition("[")
            place = [child for child in place if child.tag == tag][int(number or 1) - 1]
    return place


def check(page: str, blocks: tuple[Block, ...]) -> None:
    body = body_of(page)
    assert bare("".join(block.text for block in blocks)) == seen_text(body)
    for block in blocks:
        assert bare(block.text) in seen_text(walk(body, block.path)), block


@settings(max_examples=150, deadline=None)
@given(pages())
def test_the_blocks_of_any_page_hold_its_text_each_at_its_path(page):
    article = extract_article(page)
    if article.blocks and article.blocks[0].path:
        check(page, article.blocks)
    else:
        assert not seen_text(body_of(page))
    assert all(block.rule for block in article.blocks)


@settings(max_examples=60, deadline=None)
@given(pages())
def test_the_text_of_any_page_is_made_of_kept_blocks_alone(page):
    article = extract_article(page)
    assert bare(article.text) == bare("".join(block.text for block in article.blocks if block.kept))


def test_the_path_of_a_deep_block_leads_as_near_as_it_goes():
    page = f"<html><body>{'<div>' * 90}<p>The ferry returned to the harbour.</p>{'</div>' * 90}</body></html>"
    (block,) = extract_article(page).blocks
    assert block.text in walk(body_of(page), block.path).text_content()


@pytest.mark.parametrize("number", [1, 2, 3])
def test_the_nth_paragraph_has_the_nth_path(number):
    inside = "<p>One ferry.</p><script>1</script><p>Two.</p><!-- - --><p>Three.</p>"
    page = f"<html><body><main>{inside}</main></body></html>"
    blocks = extract_article(page).blocks
    assert blocks[number - 1].path == f"/html/body/main[1]/p[{number}]"


@settings(deadline=None)
@given(st.lists(st.one_of(WORDS, st.text(st.characters(exclude_categories=("C", "Z")))), max_size=30))
def test_the_blocks_of_any_dump_hold_its_letters(lines):
    text = "\n".join(lines)
    blocks = clean_text(text).blocks
    assert LETTERS.findall("\n".join(block.text for block in blocks)) == LETTERS.findall(text)
