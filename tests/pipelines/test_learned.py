"""Lines that a site repeats are learned from its articles; lines that articles repeat are not."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import duckdb
import pytest
import repeating_sites

from builders import capture
from pipelines.extract import extract_article
from pipelines.ingest import Ingest
from pipelines.learned import clean, is_learned, place_of
from pipelines.line_pages import ReadPage, sign_of
from pipelines.run import extraction_row
from pipelines.sketch import sketch, text_digest, word_count
from storage.article import Outcome
from storage.index.learned import Hit, Recurring
from storage.index.writer import IndexWriter
from storage.layout import Layout
from storage.urls import article_id

AT = datetime(2026, 11, 1, tzinfo=UTC)
COURT = ReadPage(
    paragraphs=frozenset(), words=frozenset({"the", "trial", "jury", "mill"}), authors=("Ada Quill",)
)
FARM = ReadPage(paragraphs=frozenset(), words=frozenset({"the", "cow", "hedge"}), authors=())


def recurring(text, **changes):
    """A line at the tail of ten of forty articles."""
    fields = {
        "host": "tattler.example",
        "digest": 1,
        "text": text,
        "occurrences": 10,
        "at_head": 0,
        "at_tail": 10,
        "articles": 10,
        "of_articles": 40,
        "facet": "folder /courts/",
        "facet_articles": 4,
        "of_facet_articles": 12,
        "first_at": AT,
        "last_at": AT,
        "sample": (1, 2),
    }
    return Recurring(**(fields | changes))


def learned(text, **changes):
    with_line, others = ([sign_of(text, page, known=0)] * pages for page, pages in ((COURT, 8), (FARM, 12)))
    return is_learned(recurring(text, **changes), with_line, others)


@pytest.fixture(scope="module")
def sites(tmp_path_factory):
    """What extraction kept of each page, and the tables made of all of them."""
    root = tmp_path_factory.mktemp("sites")
    pages = [page for site in repeating_sites.SITES for page in site()]
    kept = {}
    with IndexWriter(root) as writer:
        ingest = Ingest(writer, Layout(root).cdxj)
        for number, page in enumerate(pages):
            article = extract_article(page.html(), url=page.url, content_type="text/html; charset=utf-8")
            assert article.outcome is Outcome.ARTICLE
            kept[article_id(page.url)] = article.text
            of = capture(number, page.url, 0, captured_at=page.captured_at)
            ingest.add(of)
            ingest.add(extraction_row(of, article.outcome, article=article))
        ingest.finish()
    with duckdb.connect(str(Layout(root).index), read_only=True) as connection:
        tables = {
            name: connection.execute(f"FROM {name}").fetchall()
            for name in ("articles", "learned_lines", "versions")
        }
        texts = dict(connection.execute("SELECT article_id, text FROM articles").fetchall())
        blocks = connection.execute(
            "SELECT article_id, position, text, rule FROM blocks WHERE kind = 'repeated'"
        ).fetchall()
    return pages, kept, texts, blocks, tables


def test_on_invented_sites_what_is_removed_is_boilerplate_and_nearly_all_of_it(sites):
    pages, kept, texts, _, _ = sites
    right, wrong, missed = Counter(), Counter(), Counter()
    for page in pages:
        before = Counter(kept[article_id(page.url)].split("\n\n"))
        removed = before - Counter(texts[article_id(page.url)].split("\n\n"))
        for line in before:
            if line in page.boilerplate:
                (right if removed[line] else missed)[line] += 1
            elif removed[line]:
                wrong[line] += 1
    assert right.total() >= 300
    assert wrong == Counter()
    assert missed.total() <= 0.02 * right.total(), missed


def test_each_line_that_was_removed_is_a_block_of_its_article(sites):
    _, kept, texts, blocks, tables = sites
    found = {one: Counter() for one in kept}
    for article, _, text, rule in blocks:
        found[article][text] += 1
        assert rule == "learned:v1"
    for article, before in kept.items():
        assert Counter(before.split("\n\n")) - Counter(texts[article].split("\n\n")) == found[article]
    known = {row[1] for row in tables["learned_lines"]}
    assert {text for _, _, text, _ in blocks} <= known


def test_learning_makes_no_versions(sites):
    pages, _, _, _, tables = sites
    assert len(tables["versions"]) == len(pages)


@pytest.mark.parametrize(
    "text",
    [
        "So ends the sheet; the bell ringers go home by the lower road.",
        "Ask us for the Dawn Leaf, it costs you nothing.",
        "Ada Quill has walked the court corridors since the clock stopped.",
        "More from the valley",
        "___",
    ],
)
def test_what_a_template_puts_at_the_end_is_learned(text):
    assert learned(text)


@pytest.mark.parametrize(
    "text",
    [
        "\u201cNobody has ever owned the river,\u201d the steward said.",
        "The steward said: \u201cNobody has ever owned the river.\u201d",
        "Reporting by Greta Sallow; editing by Milo Birch.",
        "Greta Sallow in Crake contributed to this report.",
        "*Small business",
        "CRAKE, Aldmoor (AWS) --",
        "The trial continues.",
        "The jury at the mill trial was sent home for a week.",
        "words " * 41,
    ],
)
def test_what_an_article_says_is_not_learned_where_others_say_it_too(text):
    assert not learned(text)


def test_a_short_sentence_is_learned_where_a_site_ends_everything_with_it():
    assert learned("Go gently.", articles=30, occurrences=30, at_tail=30)


@pytest.mark.parametrize(
    "text", ["What happens next", "Q: Who pays for it?", "It was then that it rained again."]
)
def test_among_the_text_only_what_speaks_to_the_reader_is_learned(text):
    offer = "Ask us for the Dawn Leaf, it costs you nothing."
    assert learned(offer, at_tail=2)
    assert not learned(text, at_tail=2)


@pytest.mark.parametrize("text", ["What are you reading at the moment?", "How did all this of yours start?"])
@pytest.mark.parametrize("place", [{"at_tail": 2}, {"at_tail": 0, "at_head": 20}])
def test_a_question_of_every_interview_stays_where_an_answer_follows(text, place):
    every = {"articles": 20, "occurrences": 20, "facet_articles": 20, "of_facet_articles": 20}
    assert not learned(text, **(every | place))
    assert learned(text, **(every | {"at_tail": 20}))
    assert cleaned([*BODY, text, "An answer to it."], _3="tail") is None


@pytest.mark.parametrize(
    "text",
    [
        "If you have any information, call Crimestoppers on 0800 555 111.",
        "Tickets are on sale at www.orrowbytheatre.example.",
    ],
)
def test_an_appeal_that_one_article_in_twelve_ends_with_is_the_articles_own(text):
    rare = {"of_articles": 120, "facet_articles": 10, "of_facet_articles": 60}
    assert not learned(text, **rare)
    assert learned(text, **(rare | {"of_articles": 60}))


def test_a_host_of_few_articles_teaches_only_what_speaks_to_the_reader():
    few = {"articles": 5, "occurrences": 5, "at_tail": 5, "of_articles": 5}
    assert not learned("So ends the sheet; the bell ringers go home.", **few)
    assert learned("Ask us for the Dawn Leaf, it costs you nothing.", **few)


def test_a_line_in_a_small_share_is_learned_where_it_is_the_rule_of_a_facet():
    line = "So ends the sheet; the bell ringers go home by the lower road."
    rare = {"articles": 10, "of_articles": 1000}
    assert not learned(line, **rare)
    assert learned(line, **rare, facet_articles=10, of_facet_articles=11)
    assert not learned(line, **(rare | {"articles": 30}), facet_articles=10, of_facet_articles=11)


def test_a_line_stands_at_the_tail_when_nearly_all_of_its_places_are_there():
    assert place_of(recurring("A line.", at_tail=8)) == "tail"
    assert place_of(recurring("A line.", at_tail=7)) == "anywhere"
    assert place_of(recurring("A line.", at_tail=0, at_head=10)) == "head"


BODY = ["The barley was sold before the harvest was in. " * 8, "The hedge was cut in March. " * 8]


def cleaned(paragraphs, **places):
    return clean(
        "\n\n".join(paragraphs), [Hit(position=int(at[1:]), place=one) for at, one in places.items()]
    )


def test_a_text_without_its_lines_is_digested_as_if_it_never_had_them():
    told = cleaned([*BODY, "So ends the sheet for this day."], _3="tail")
    text = "\n\n".join(BODY)
    assert told.removed == (3,)
    assert (told.text_digest, told.word_count, told.sketch) == (
        text_digest(text), word_count(text), sketch(text),
    )  # fmt: skip


def test_a_line_learned_at_the_tail_stays_where_it_stands_among_the_text():
    assert cleaned([BODY[0], "So ends the sheet for this day.", BODY[1], BODY[0]], _2="tail") is None
    assert cleaned([BODY[0], "So ends the sheet for this day.", BODY[1], BODY[0]], _2="anywhere").removed == (
        2,
    )


def test_one_line_that_is_not_known_may_stand_after_it_but_not_after_a_heading():
    assert cleaned(
        [*BODY, "So ends the sheet for this day.", "A new hand wrote this."], _3="tail"
    ).removed == (3,)
    assert cleaned([*BODY, "What happens next", "The barley will be sown again."], _3="tail") is None


def test_at_least_half_of_a_text_is_left_and_what_stands_nearest_to_the_end_goes_first():
    line = "the bell ringers go home by the lower road tonight."
    told = cleaned(["One short paragraph of eight words is all.", line, line], _2="tail", _3="tail")
    assert told.removed == (3,)
    assert clean(line, [Hit(position=1, place="tail")]) is None


def test_a_long_text_loses_a_small_share_at_most():
    lines = [f"Line {number} of a long list that the site has under it." for number in range(30)]
    places = {f"_{number}": "tail" for number in range(3, 33)}
    told = cleaned([*BODY, *lines], **places)
    assert word_count("\n\n".join(lines[30 - len(told.removed) :])) <= 80
    assert told.removed == tuple(range(33 - len(told.removed), 33))
