"""What is body beside the engine's part of it: pieces of a split story, and what stands near that is none."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines import extract_article
from pipelines.body.second_reading import behind_story, fuller
from pipelines.page.parsing import read_page

TOWNS = (
    "Ardwick", "Belmere", "Corvale", "Dunholt", "Eastmere", "Farnley", "Garrick", "Holmby", "Inverlea",
    "Jarrow", "Kelso", "Lorne",
)  # fmt: skip
STORY = [
    f"The council of {town} said on Monday that the ferry would sail again once the {number} new piers were "
    f"dry, and that nobody in {town} had to pay for the old ones."
    for number, town in enumerate(TOWNS, 3)
]
OTHER = "A farm in the hills above the lake gave away its whole harvest of plums to anybody who came by."


def paragraphs(texts):
    return "".join(f"<p>{text}</p>" for text in texts)


def read(body):
    return read_page(f"<html><body>{body}</body></html>").reading


def numbers(reading, texts):
    return frozenset(n for n, segment in enumerate(reading.segments) if segment.text in texts)


def found(reading, core, settled=frozenset()):
    """The texts that are body too, each with the reason."""
    more = fuller(reading, numbers(reading, core), settled)
    return {reading.segments[number].text: reason for number, reason in sorted(more.items())}


def test_a_paragraph_between_those_of_the_engine_is_body():
    reading = read(
        paragraphs(STORY[:2]) + f"<div class='box-9'><p>{STORY[2]}</p></div>" + paragraphs(STORY[3:5])
    )
    assert found(reading, STORY[:2] + STORY[3:5]) == {STORY[2]: "between"}


def test_a_story_split_by_advertisements_goes_on_in_elements_of_the_same_make():
    pieces = "".join(
        f"<div class='grid'><div class='chunk'>{paragraphs(STORY[n : n + 3])}</div></div><hr>"
        for n in (0, 3, 6)
    )
    assert found(read(pieces), STORY[:3]) == dict.fromkeys(STORY[3:9], "alike")


def test_the_rest_of_the_main_element_is_body():
    reading = read(
        f"<main><div id='a'>{paragraphs(STORY[:4])}<div id='b'>{paragraphs(STORY[4:6])}</div></div></main>"
    )
    assert found(reading, STORY[:4]) == dict.fromkeys(STORY[4:6], "within")


def test_where_the_engine_has_little_the_pages_main_element_is_read():
    reading = read(f"<div><p>{STORY[0]}</p></div><section><div>{paragraphs(STORY[1:])}</div></section>")
    assert found(reading, STORY[:1]) == dict.fromkeys(STORY[1:], "fuller")


@pytest.mark.parametrize(
    "name", ["comment-list", "related-posts", "newsletter-box", "swiper-slide", "author-bio"]
)
def test_sentences_in_elements_that_are_named_as_no_story_are_not_body(name):
    inner = f"<div class='{name}'><p>{OTHER}</p></div>"
    reading = read(f"<article>{paragraphs(STORY[:3])}{inner}{paragraphs(STORY[3:6])}{inner}</article>")
    assert found(reading, STORY[:6]) == {}


def test_a_name_says_nothing_where_most_of_the_text_has_it_but_for_readers_words():
    for name, wanted in (("card", STORY[1:]), ("comments", [])):
        page = f"<div><p>{STORY[0]}</p></div><div class='{name}'>{paragraphs(STORY[1:])}</div>"
        assert list(found(read(page), STORY[:1])) == wanted


def test_a_teaser_with_its_link_between_the_paragraphs_is_another_story():
    box = f"<div class='x'><h3><a href='/b'>Plums for Everybody in the Hills</a></h3><p>{OTHER}</p></div>"
    reading = read(paragraphs(STORY[:5]) + box + paragraphs(STORY[5:]))
    assert found(reading, STORY) == {}


def test_cut_sentences_of_other_stories_are_not_taken_for_the_story():
    cards = "".join(
        f"<div><a href='/{n}'>{OTHER[:40]}</a><p>{text[:-1]}...</p></div>" for n, text in enumerate(STORY[2:])
    )
    assert found(read(f"<div>{paragraphs(STORY[:1])}</div><div>{cards}</div>"), STORY[:1]) == {}


def test_hidden_text_is_body_between_paragraphs_and_where_it_is_streamed_but_not_behind():
    hidden = f"<div hidden>{paragraphs(STORY[3:4])}</div>"
    between = read(f"<div class='s'>{paragraphs(STORY[:3])}{hidden}{paragraphs(STORY[4:6])}</div>")
    assert found(between, STORY[:3] + STORY[4:6]) == {STORY[3]: "between"}
    story = f"<div class='s'>{paragraphs(STORY[:3])}</div>"
    behind = f"<div hidden id='{{}}'><div class='s'>{paragraphs(STORY[3:6])}</div></div>"
    assert list(found(read(story + behind.format("S:1f")), STORY[:3])) == STORY[3:6]
    assert found(read(story + behind.format("menu")), STORY[:3]) == {}


def test_the_same_text_again_is_not_taken_twice():
    reading = read(
        f"<div class='wide'>{paragraphs(STORY)}</div><div class='narrow'>{paragraphs(STORY)}</div>"
    )
    first = frozenset(range(len(STORY)))
    assert fuller(reading, first, frozenset()) == {}


def test_what_a_rule_has_settled_stays_settled():
    reading = read(paragraphs(STORY[:5]))
    core = STORY[:2] + STORY[3:5]
    assert found(reading, core, settled=numbers(reading, STORY[2:3])) == {}


def test_lines_behind_the_story_in_an_element_of_another_make_leave():
    story = f"<div><div class='story'>{paragraphs(STORY)}</div></div>"
    reading = read(f"<main>{story}<section class='y'><p>{OTHER}</p></section></main>")
    everything = frozenset(range(len(reading.segments)))
    assert behind_story(reading, everything) == numbers(reading, [OTHER])


def test_the_storys_last_piece_stays_where_it_is_of_the_same_make():
    page = "".join(
        f"<section><div class='grid'><div class='story'>{paragraphs(part)}</div></div></section>"
        for part in (STORY[:10], STORY[10:])
    )
    reading = read(page)
    assert behind_story(reading, frozenset(range(len(STORY)))) == frozenset()


def test_a_story_in_many_sections_comes_out_whole():
    sections = "".join(
        f"<div id='part-{n}'><div class='wrap-{n}'><div><h2>Part {town}</h2><p>{text}</p></div></div></div>"
        for n, (town, text) in enumerate(zip(TOWNS, STORY, strict=True))
    )
    article = extract_article(
        f"<html><head><title>Ferries</title></head><body><main>{sections}</main></body></html>"
    )
    kept = [block.text for block in article.blocks if block.kept]
    assert [text for text in kept if text in STORY] == STORY
    assert len(kept) == 2 * len(STORY)


def whole(body):
    """The kept texts of a page with the body."""
    article = extract_article(f"<html><head><title>Ferries</title></head><body>{body}</body></html>")
    return [block.text for block in article.blocks if block.kept]


def test_of_a_page_an_answer_that_is_folded_away_among_the_paragraphs_is_kept():
    folded = f"<div style='display: none'><p>{STORY[5]}</p></div>"
    page = f"<article>{paragraphs(STORY[:5])}{folded}{paragraphs(STORY[6:])}</article>"
    assert whole(page) == STORY


def test_of_a_page_that_is_laid_out_twice_the_story_is_told_once():
    layouts = "".join(f"<div class='{name}'>{paragraphs(STORY)}</div>" for name in ("wide", "narrow"))
    assert whole(f"<main>{layouts}</main>") == STORY


def test_of_a_page_the_box_behind_the_story_leaves():
    box = f"<div class='x-3'><div class='y-4'><p>{OTHER}</p></div></div>"
    assert whole(f"<article><div><div class='story'>{paragraphs(STORY)}</div></div>{box}</article>") == STORY


_PIECES = st.lists(
    st.tuples(
        st.sampled_from(("div", "section", "p", "li", "aside", "blockquote", "td", "h2")),
        st.sampled_from(("", "story", "comment", "card", "x-1", "S:2", "pull-quote")),
        st.sampled_from(
            (*STORY[:4], OTHER, "Read more", "Short line", "<a href='/n'>Council of Ardwick sails</a>")
        ),
        st.booleans(),
    ),
    max_size=25,
)


@settings(deadline=None)
@given(pieces=_PIECES, nested=st.booleans())
def test_of_any_page_every_segment_has_one_verdict_and_what_is_kept_stands_in_page_order(pieces, nested):
    body = "".join(
        f"<{tag} id='{name}'{' hidden' if hidden else ''}>{text}</{'x' if nested else tag}>"
        for tag, name, text, hidden in pieces
    )
    article = extract_article(f"<html><body><p>{STORY[5]}</p>{body}</body></html>")
    reading = read(f"<p>{STORY[5]}</p>{body}")
    assert [block.text for block in article.blocks] == [segment.text for segment in reading.segments]
    assert all(block.rule for block in article.blocks)
    place = 0
    for block in article.blocks:
        if block.kept:
            place = article.text.index(block.text, place)
