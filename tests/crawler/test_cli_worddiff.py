"""What `show --history` marks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawler.cli.worddiff import word_diff

WORDS = st.lists(st.sampled_from(["the", "old", "new", "ferry", "runs", "."]), max_size=12).map(" ".join)


def nothing(_: str) -> str:
    return ""


def itself(text: str) -> str:
    return text


def test_equal_texts_have_no_difference():
    assert word_diff("a\n\nb", "a\n\nb") == ""


def test_a_paragraph_that_came_and_one_that_went_are_marked_whole():
    assert word_diff("a b\n\nc d", "a b\n\nc d\n\ne f") == "(2 paragraphs unchanged)\n\n{+e f+}"
    assert word_diff("a b\n\nc d", "c d") == "[-a b-]\n\n(1 paragraph unchanged)"


@given(WORDS, WORDS)
def test_without_the_marks_of_one_side_the_other_side_is_left(before, after):
    if before != after:
        assert word_diff(before, after, nothing, itself).split() == after.split()
        assert word_diff(before, after, itself, nothing).split() == before.split()
