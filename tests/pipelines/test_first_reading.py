import pytest

from pipelines import extract_article
from pipelines.body import engine
from pipelines.body.first_reading import first_reading
from pipelines.boilerplate import judge_story, judge_wording
from pipelines.page.parsing import read_page

PLACES = ("harbor", "island", "market", "school", "chapel", "bridge", "tunnel", "quarry", "garden", "museum")
STORY = [f"The ferry to the {place} came in late and the crew of it waited for the tide." for place in PLACES]


def read(body):
    page = read_page(f"<html><body>{body}</body></html>")
    judgement = judge_wording(page.reading)
    judge_story(judgement, "Ferry Waits")
    first = first_reading(page, judgement)
    return first.source, [page.reading.segments[index].text for index in sorted(first.segments)]


def paragraphs(lines):
    return "".join(f"<p>{line}</p>" for line in lines)


def test_a_story_in_one_element_is_read_by_the_engine():
    assert read(f"<h1>Ferry Waits</h1><article>{paragraphs(STORY)}</article>") == ("engine", STORY)


def test_the_main_element_is_read_where_the_engine_takes_one_part_of_many():
    parts = "".join(
        f"<div class='part'><div class='post-content'>{paragraphs([line])}</div></div>" for line in STORY
    )
    assert read(f"<div id='all'>{parts}</div><div><p>Stay on the pier.</p></div>") == ("main_element", STORY)


def test_lists_and_tables_behind_the_last_paragraph_of_the_main_element_are_its_own():
    parts = "".join(f"<div class='post-content'>{paragraphs([line])}</div>" for line in STORY)
    table = "<table><tr><td>Monday</td><td>Nine in the morning</td></tr></table>"
    source, lines = read(f"<div id='all'>{parts}{table}<div>Pier 4, Demo Harbor</div></div>")
    assert (source, lines) == ("main_element", [*STORY, "Monday", "Nine in the morning"])


@pytest.mark.parametrize("name", ["tree_cleaning", "_extract", "xmltotxt"])
def test_the_main_element_is_read_where_the_engine_gives_up(monkeypatch, name):
    def fault(*_args, **_settings):
        raise TypeError

    monkeypatch.setattr(engine, name, fault)
    assert read(f"<div>{paragraphs(STORY)}</div>") == ("no_engine", STORY)


def test_a_page_that_gives_the_engine_up_says_so_in_its_blocks(monkeypatch):
    monkeypatch.setattr(engine, "_extract", None)
    article = extract_article(f"<html><body><h1>Ferry Waits</h1><div>{paragraphs(STORY)}</div></body></html>")
    assert {block.rule for block in article.blocks if block.kept} == {"body:no_engine"}
    assert article.text == "\n\n".join(STORY)


def test_a_short_page_is_given_to_the_whole_engine():
    source, lines = read(f"<div>{paragraphs(STORY[:1])}</div>")
    assert (source, lines) == ("engine", STORY[:1])


def test_a_deeply_nested_page_is_read_without_the_engine():
    source, lines = read("<div>" * 300 + paragraphs(STORY))
    assert (source, lines) == ("no_engine", STORY)
