import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.compare import COPIES, judge
from pipelines.overlap import Overlap, common_spans, longest_run, overlap, shingled
from pipelines.sketch import sketch


def prose(seed, words):
    drawn = random.Random(f"overlap {seed}")
    return " ".join(f"w{drawn.randrange(10**6)}" for _ in range(words))


FOOT = prose("foot", 120)
COMMON = frozenset(value >> 32 for value in sketch(FOOT) if value % 16 == 0)
STORY = prose("story", 200)
HALF = " ".join(STORY.split()[:100])


def test_boilerplate_counts_neither_for_two_articles_of_its_host():
    found = overlap(*(shingled(f"{prose(seed, 100)} {FOOT}", COMMON) for seed in (1, 2)))
    assert found.whole_left_in_right > 0.5
    assert found.left_in_right < 0.05
    assert found.left_discounted >= 110


def test_nor_against_a_repost_that_stands_over_it():
    found = overlap(shingled(STORY, frozenset()), shingled(f"{HALF} {FOOT}", COMMON))
    assert found.whole_right_in_left < 0.5
    assert found.right_in_left > 0.9


def test_without_common_hashes_all_shingles_count():
    left, right = shingled(STORY, frozenset()), shingled(f"{HALF} {FOOT}", frozenset())
    found = overlap(left, right)
    assert (found.left_in_right, found.right_in_left) == (
        found.whole_left_in_right,
        found.whole_right_in_left,
    )
    assert (found.left_discounted, found.right_discounted) == (0, 0)
    assert found.passage == 96


def test_a_common_phrase_in_a_story_takes_little_of_it():
    phrase = {value >> 32 for value in sketch(STORY)[:1]}
    assert overlap(shingled(STORY, phrase), shingled(prose(3, 100), frozenset())).left_discounted < 60


@given(st.lists(st.sampled_from([None, True, False]), max_size=60), st.booleans(), st.booleans())
def test_spans_hold_every_common_label_and_no_other(labels, head, tail):
    inside = {place for span in common_spans(labels, reaches_edges=(head, tail)) for place in range(*span)}
    assert inside <= set(range(len(labels)))
    assert all((place in inside) == label for place, label in enumerate(labels) if label is not None)


@given(st.lists(st.integers(0, 3)), st.sets(st.integers(0, 3)))
def test_the_longest_run_is_one_and_none_is_longer(numbers, of):
    longest = longest_run(numbers, of)
    runs = "".join("x" if one in of else " " for one in numbers).split()
    assert longest == max(map(len, runs), default=0)


def found(in_right=0.0, in_left=0.0, **changes):
    fields = {
        "left_in_right": in_right,
        "right_in_left": in_left,
        "whole_left_in_right": in_right,
        "whole_right_in_left": in_left,
        "left": 100,
        "right": 100,
        "left_discounted": 0,
        "right_discounted": 0,
        "passage": 0,
        "ends_alike": False,
    }
    return Overlap(**(fields | changes))


@pytest.mark.parametrize(
    ("overlapping", "signs", "one_host", "merges"),
    [
        (found(0.5, 0.1), (), False, True),
        (found(0.49, 0.1), (), False, False),
        (found(0.4, 0.1), ("left_points_at_right",), False, True),
        (found(0.39, 0.1), ("left_points_at_right",), False, False),
        (found(0.6, 0.6), (), True, False),
        (found(0.65, 0.1), (), True, True),
        (found(0.6, 0.4, passage=120), (), True, True),
        (found(0.6, 0.4, passage=120, ends_alike=True), (), True, False),
        (found(0.56, 0.4, ends_alike=True), (), False, False),
        (found(0.56, 0.4, ends_alike=True), ("same_title",), False, True),
        (found(0.59, 0.4, ends_alike=True), (), False, True),
        (found(1.0, 1.0, left=8, right=300), (), False, False),
        (
            found(0.0, 0.0, whole_left_in_right=0.96, whole_right_in_left=0.97, left_discounted=90),
            (),
            True,
            True,
        ),
        (found(0.9, 0.9, left=5, whole_left_in_right=0.9, left_discounted=90), (), False, False),
    ],
)
def test_what_merges(overlapping, signs, one_host, merges):
    why, told = judge(overlapping, signs, one_host=one_host)
    assert told is merges
    assert (why == COPIES) <= merges


def test_texts_that_share_their_end_alone_are_told_from_a_cut_text():
    story, own, foot = (tuple(f"{name}{n}" for n in range(60)) for name in ("story", "own", "foot"))

    def shared(left, right):
        return overlap(shingled(" ".join(left), frozenset()), shingled(" ".join(right), frozenset()))

    assert shared(story + foot, own + foot).ends_alike
    assert not shared(foot + story, foot + own).ends_alike
    assert not shared(story, story[:30] + own).ends_alike
    assert not shared(story, own).ends_alike
