"""The engine's inner functions are no promise of its makers: these fail where they are not what they were."""

import inspect

import pytest
import trafilatura
from trafilatura import htmlprocessing, main_extractor, settings, xml

from pipelines.body import engine
from pipelines.body.engine import can_read, engine_lines, prune, quick_lines
from pipelines.page.parsing import read_page
from pipelines.page.segments import Node, Reading

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
STORY = [f"The ferry came in on {day} and its crew had to wait for the tide." for day in DAYS]
PAGE = (
    "<html><body><nav><a href='/'>Home</a></nav><div class='comments'><p>First! I saw it from the pier.</p>"
    "</div><article><h1>Ferry Waits</h1>" + "".join(f"<p>{line}</p>" for line in STORY) + "</article>"
    "<footer>All rights reserved by the Harbor Courier</footer></body></html>"
)


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (htmlprocessing.tree_cleaning, ["tree", "options"]),
        (htmlprocessing.convert_tags, ["tree", "options", "url"]),
        (main_extractor._extract, ["tree", "options"]),
        (xml.xmltotxt, ["xmloutput", "include_formatting"]),
        (xml.delete_element, ["element", "keep_tail"]),
    ],
)
def test_inner_functions_of_the_engine_take_what_they_took(function, names):
    assert list(inspect.signature(function).parameters) == names


def test_options_of_the_engine_are_known_by_their_names():
    options = settings.Extractor(output_format="python", comments=False, fast=True)
    assert (options.comments, options.fast, options.focus, options.tables) == (False, True, "balanced", True)


def test_quick_pass_takes_of_a_plain_story_what_the_whole_engine_takes():
    page = read_page(PAGE)
    whole = trafilatura.extract(PAGE, include_comments=False).splitlines()
    assert set(STORY) <= set(whole)
    assert quick_lines(page.tree) == tuple(line.strip() for line in whole)
    assert engine_lines(read_page(PAGE).tree) == tuple(whole)


def test_a_fault_within_the_engine_is_no_reading(monkeypatch):
    def fault(*_args, **_settings):
        raise RecursionError

    monkeypatch.setattr(engine, "tree_cleaning", fault)
    monkeypatch.setattr(engine, "bare_extraction", fault)
    assert quick_lines(read_page(PAGE).tree) is None
    assert engine_lines(read_page(PAGE).tree) is None


def test_prune_takes_out_elements_whose_text_is_settled_and_leaves_text_behind_them():
    page = read_page("<body><div><p>a</p><p>b</p></div>tail<div>c<ul><li>d</li></ul></div><p>e</p></body>")
    prune(page.reading, frozenset(n for n, s in enumerate(page.reading.segments) if s.text in "abde"))
    assert page.tree.text_content() == "tailce"
    assert [element.tag for element in page.tree.iter()] == ["html", "body", "div", "p"]


@pytest.mark.parametrize(
    ("depth", "nodes", "quick", "whole"),
    [(0, 10, True, True), (300, 10, False, False), (0, 30_000, False, False), (0, 4_000, True, False)],
)
def test_the_engine_is_not_asked_about_pages_on_which_it_takes_too_long(depth, nodes, quick, whole):
    node = Node(parent=-1, tag="p", hints="", hidden=False, depth=0)
    segments = read_page("<p>x").reading.segments * nodes
    reading = Reading(segments=segments, nodes=(node,) * nodes, depth=depth)
    assert (can_read(reading), can_read(reading, whole=True)) == (quick, whole)
