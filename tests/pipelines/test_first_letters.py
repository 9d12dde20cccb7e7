import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.boilerplate.first_letters import alternatives, by_first_letters
from pipelines.boilerplate.hints import HINTS

END = r"(?=$|[_:-])"
WORDS = [
    "share",
    "bar",
    "related",
    "posts",
    "cookie",
    "banner",
    "nav",
    "comments",
    "wp",
    "ad",
    "slot",
    "x",
    "1",
]


BEGINNINGS = by_first_letters((hint.words for hint in HINTS), start=r"(?:^|(?<=[_:-]))", end=END)


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4), st.sampled_from("-_:"))
def test_hints_by_letter_are_those_found_by_searching_each(words, joint):
    token = joint.join(words)
    each = {
        number for number, hint in enumerate(HINTS) if re.search(rf"(?:^|[_:-])(?:{hint.words}){END}", token)
    }
    assert BEGINNINGS.hits(token).keys() == each


@pytest.mark.parametrize("expression", [r"\w+", "(?:|a)b", "a?b", "ab?c", "a", "", "[ab]c", "(?:a|.)b"])
def test_an_expression_that_begins_otherwise_is_refused(expression):
    with pytest.raises(ValueError, match="does not begin with two letters"):
        by_first_letters([expression], start="^", end="$")


def test_bars_in_groups_and_classes_part_nothing():
    assert alternatives(r"a(?:b|(?:c|d))e|f[|]g|h\|i") == ["a(?:b|(?:c|d))e", "f[|]g", r"h\|i"]
