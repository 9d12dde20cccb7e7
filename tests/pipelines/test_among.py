"""What belongs to the paragraphs it stands among: headings, list items, cells; what is there twice."""

from __future__ import annotations

from pipelines.body.among import headings, siblings, table_cells
from pipelines.body.copies import printed_twice
from pipelines.body.homes import find_homes
from pipelines.page.parsing import read_page

STORY = [
    f"On the {day} day the bakers of the valley carried their bread over the pass before the snow had melted."
    for day in ("first", "second", "third", "fourth", "fifth", "sixth")
]


def read(body):
    return read_page(f"<html><body>{body}</body></html>").reading


def paragraphs(texts):
    return "".join(f"<p>{text}</p>" for text in texts)


def story_of(reading):
    return frozenset(n for n, segment in enumerate(reading.segments) if segment.text in STORY)


def texts(reading, indices):
    return [reading.segments[index].text for index in sorted(indices)]


def beside(reading, core):
    return texts(reading, siblings(reading, find_homes(reading), core, frozenset()))


def test_items_that_are_links_belong_to_a_list_of_which_another_item_is_kept():
    items = f"<ul><li>{STORY[1]}</li><li><a href='/rye'>Rye from the mill</a></li></ul>"
    links = "<ul><li><a href='/a'>About the valley</a></li><li><a href='/c'>Contact the bakers</a></li></ul>"
    reading = read(f"<div>{paragraphs(STORY[:1])}{items}{links}{paragraphs(STORY[2:])}</div>")
    assert beside(reading, story_of(reading)) == ["Rye from the mill"]


def test_a_linked_subheading_among_the_paragraphs_stays_and_a_linked_line_does_not():
    links = "<h2><a href='/pass'>Over the pass</a></h2>", "<div><a href='/x'>Bread of other valleys</a></div>"
    reading = read(f"<div>{paragraphs(STORY[:2])}{''.join(links)}{paragraphs(STORY[2:])}</div>")
    assert beside(reading, story_of(reading)) == ["Over the pass"]


def test_a_heading_right_above_kept_text_is_kept_wherever_it_stands():
    page = (
        f"<div>{paragraphs(STORY[:2])}</div><header><h2>The third day</h2></header>"
        f"<div>{paragraphs(STORY[2:4])}</div><header><h2>Weather</h2></header><p>Snow.</p><p>Rain.</p><p>Hail.</p>"
        f"<div>{paragraphs(STORY[4:])}</div><h2>More bread</h2>"
    )
    reading = read(page)
    assert texts(reading, headings(reading, story_of(reading), frozenset())) == ["The third day"]


def test_a_table_of_figures_among_the_paragraphs_is_kept_but_none_of_a_form():
    table = "<table><tr><th>Day</th><th>Loaves</th></tr><tr><td>First</td><td>{}</td></tr></table>"
    inside = table.format(310) + f"<form>{table.format(999)}</form>"
    reading = read(f"<div>{paragraphs(STORY[:3])}{inside}{paragraphs(STORY[3:])}</div>{table.format(5)}")
    assert texts(reading, table_cells(reading, story_of(reading), frozenset())) == [
        "Day",
        "Loaves",
        "First",
        "310",
    ]


def test_a_table_of_links_among_the_paragraphs_is_not_kept():
    cells = "".join(f"<td><a href='/{n}'>Bread of valley {n}</a></td>" for n in range(6))
    reading = read(
        f"<div>{paragraphs(STORY[:3])}<table><tr>{cells}</tr></table>{paragraphs(STORY[3:])}</div>"
    )
    assert list(table_cells(reading, story_of(reading), frozenset())) == []


def test_of_a_story_laid_out_twice_the_second_layout_is_a_copy():
    reading = read(
        f"<div id='wide'>{paragraphs(STORY)}</div><div id='narrow'><h2>Bread</h2>{paragraphs(STORY)}</div>"
    )
    twice = printed_twice(reading, find_homes(reading), range(len(reading.segments)))
    assert sorted(twice) == list(range(len(STORY) + 1, 2 * len(STORY) + 1))


def test_a_refrain_is_no_copy():
    lines = [STORY[0], STORY[1], STORY[2], "Bread!", STORY[3], STORY[4], STORY[0]]
    reading = read(f"<div>{paragraphs(lines)}</div>")
    assert printed_twice(reading, find_homes(reading), range(len(lines))) == frozenset()


def test_a_deck_that_the_story_begins_with_is_told_once():
    reading = read(f"<p class='deck'>{STORY[0]}</p><p>By Ida Crane</p><div>{paragraphs(STORY)}</div>")
    assert printed_twice(reading, find_homes(reading), range(len(reading.segments))) == frozenset({2})


def test_a_quote_set_large_is_a_copy_and_a_quote_of_its_own_is_none():
    large = "<blockquote class='pull-quote'>{}</blockquote>"
    page = large.format(STORY[0][:60]) + large.format("Nobody had eaten since noon") + paragraphs(STORY)
    reading = read(page)
    assert printed_twice(reading, find_homes(reading), range(len(reading.segments))) == frozenset({0})
