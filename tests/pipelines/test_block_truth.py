from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipelines.block_truth import fates, missing_lines, rule_fates, text_without
from storage.article import Block, BlockKind

FIRST = "The ferry returned to the inner harbour on Monday after three weeks of repairs."
SECOND = "The crossing takes eleven minutes, and runs every hour until late evening."
SUBSCRIBE = "Subscribe to our newsletter and never miss a crossing of the ferry again."
HEADING = "What changes now"
TRUTH = f"{FIRST}\n\n{HEADING}\n\n{SECOND}"


def block(text: str, rule: str, *, kept: bool) -> Block:
    return Block(text=text, kind=BlockKind.BODY if kept else BlockKind.WIDGET, kept=kept, rule=rule)


PAGE = (
    block("Home", "structure:links", kept=False),
    block(FIRST, "body:engine", kept=True),
    block(HEADING, "markup:box", kept=False),
    block(SECOND, "markup:box", kept=False),
    block(SUBSCRIBE, "body:engine", kept=True),
)


def verdicts(blocks, truth=TRUTH):
    return ["extra" if fate.is_extra else "lost" if fate.is_lost else "" for fate in fates(blocks, truth)]


def test_a_removed_part_of_the_truth_is_lost_and_a_kept_stranger_is_extra():
    assert verdicts(PAGE) == ["", "", "", "lost", "extra"]
    assert [fate.number for fate in fates(PAGE, TRUTH)] == [1, 2, 3, 4, 5]


def test_a_heading_of_a_few_words_counts_only_as_a_line_of_its_own():
    short = [block("What changes now", "a", kept=True), block("The ferry", "a", kept=True)]
    assert verdicts(short) == ["", "extra"]


def test_what_other_blocks_kept_is_not_lost():
    assert verdicts([block(FIRST, "markup:x", kept=False), block(FIRST, "body:engine", kept=True)]) == [
        "",
        "",
    ]


def test_lines_of_the_truth_that_no_block_has_are_missing():
    assert missing_lines(PAGE, TRUTH) == ()
    assert missing_lines(PAGE[:3], TRUTH) == (SECOND,)


def test_each_rule_answers_for_its_own_words():
    found = {one.rule: one for one in rule_fates(fates(PAGE, TRUTH))}
    assert list(found) == ["body:engine", "markup:box", "structure:links"]
    assert (found["body:engine"].kept, found["body:engine"].extra) == (27, 13)
    assert (found["markup:box"].removed, found["markup:box"].lost) == (15, 12)
    assert (found["structure:links"].removed, found["structure:links"].lost) == (1, 0)


def test_the_text_without_a_family_has_what_it_removed():
    assert text_without(PAGE, "markup").split("\n\n") == [FIRST, HEADING, SECOND, SUBSCRIBE]
    assert text_without(PAGE, "none").split("\n\n") == [FIRST, SUBSCRIBE]


@given(st.lists(st.tuples(st.text(), st.booleans(), st.sampled_from("abc"))), st.text())
def test_no_text_is_too_odd(told, truth):
    blocks = [block(text, rule, kept=kept) for text, kept, rule in told]
    found = fates(blocks, truth)
    assert [fate.block for fate in found] == blocks
    assert all(0.0 <= fate.in_truth <= 1.0 for fate in found)
    words = sum(fate.size for fate in found)
    assert sum(one.kept + one.removed for one in rule_fates(found)) == words
