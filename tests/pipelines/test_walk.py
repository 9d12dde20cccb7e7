import pytest

from pipelines.page.parsing import read_page
from pipelines.page.walk import segment_text


def reading(body):
    return read_page(f"<html><head><title>T</title></head><body>{body}</body></html>").reading


def texts(body):
    return [segment.text for segment in reading(body).segments]


def test_blocks_and_line_breaks_part_the_text():
    assert texts("<div>One<p>two <b>and</b> more</p>three<br>four</div>") == [
        "One", "two and more", "three", "four",
    ]  # fmt: skip


def test_spaces_are_one_and_wide_ones_stay():
    assert texts("<p> A \n\t boat </p><p>10\u00a0km  off\u2009</p><p>\u200b\u00a0</p>") == [
        "A boat", "10\u00a0km off",
    ]  # fmt: skip


def test_text_behind_a_comment_is_not_lost():
    assert texts("<p>The ferry<!-- an ad --> came in.</p><!-- x -->Bare.") == ["The ferry came in.", "Bare."]


def test_what_prints_nothing_is_left_out_and_what_follows_it_is_not():
    assert texts("<p>a<script>x()</script>b<style>p{}</style>c<svg><text>no</text></svg>d</p>") == ["abcd"]


def test_a_link_to_the_source_is_a_line_of_its_own():
    assert texts("<p>It came in. <a href='/x'>Source link</a></p>") == ["It came in.", "Source link"]


def test_shares_of_links_and_bold_are_by_letters():
    (segment,) = reading("<p>abcd <a href='/there'>efgh</a> <b>ij</b>kl</p>").segments
    assert (segment.link_share, round(segment.bold_share, 2), segment.href) == (4 / 12, 0.17, "/there")


def test_a_segment_stands_in_the_innermost_element_around_all_of_it():
    page = reading("<div class='Story' id=s1><p>one <i>two</i></p><section>x <b>y</b></section></div>")
    assert [page.nodes[segment.node].tag for segment in page.segments] == ["p", "section"]
    assert page.path(page.segments[0].node) == "/html/body/div[1]/p[1]"
    assert page.nodes[1].hints == "story s1"


@pytest.mark.parametrize("how", ["hidden", "style='color:red; display : none'"])
def test_what_is_hidden_hides_what_is_in_it(how):
    page = reading(f"<div {how}><p>No</p></div><p>Yes</p>")
    assert [page.nodes[segment.node].hidden for segment in page.segments] == [True, False]


def test_images_stand_before_the_segment_that_follows():
    page = reading("<p>One</p><img src=data:x data-src=a.jpg alt=' A  boat '><p>Two <img src=b.jpg> end</p>")
    assert [(image.position, image.src, image.alt) for image in page.images] == [
        (1, "a.jpg", "A boat"), (2, "b.jpg", ""),
    ]  # fmt: skip


def test_paths_number_elements_of_one_tag_within_their_parent():
    page = reading("<div><p>a</p><script></script><p>b</p></div><div><p>c</p></div>")
    assert [page.path(segment.node) for segment in page.segments] == [
        "/html/body/div[1]/p[1]", "/html/body/div[1]/p[2]", "/html/body/div[2]/p[1]",
    ]  # fmt: skip


def test_counts_firsts_and_weights_of_nodes_are_those_of_what_stands_in_them():
    said = "The ferry came in on Tuesday and the crew had to wait for the tide."
    page = reading(f"<div><p>One</p><p>{said}</p></div><div>{said}</div><img src=a>")
    tags = [node.tag for node in page.nodes]
    assert dict(zip(tags, zip(page.counts, page.firsts, strict=True), strict=False))["body"] == (3, 0)
    assert (page.counts[1], page.counts[4], page.firsts[4]) == (2, 1, 2)
    assert page.counts[tags.index("img")] == 0
    assert page.firsts[tags.index("img")] == len(page.segments)
    assert (page.weights[0], page.weights[1], page.weights[-1]) == (2 * len(said), len(said), 2 * len(said))


def test_elements_beyond_a_depth_are_children_of_the_last_one():
    page = reading("<div>" * 400 + "<p>Deep</p>" + "<b>low</b>" * 2)
    assert max(len(page.ancestors(segment.node)) for segment in page.segments) <= 101
    assert (page.nodes[page.segments[0].node].tag, page.depth > 400) == ("p", True)
    assert [segment.text for segment in page.segments] == ["Deep", "lowlow"]


def test_elements_are_those_of_the_nodes():
    page = reading("<div class=a><p>x</p></div>")
    assert [element.tag for element in page.elements] == [node.tag for node in page.nodes]


def test_lines_of_a_dump_are_segments():
    assert [(s.text, s.gap) for s in segment_text("One\ntwo\n\n three \n").segments] == [
        ("One", True), ("two", False), ("three", True),
    ]  # fmt: skip
