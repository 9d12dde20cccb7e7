from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.scoring import (
    Overlap,
    authors_overlap,
    corpus_overlap,
    names_of,
    paired_interval,
    plain,
    same_authors,
    same_day,
    same_title,
    shingle_overlap,
    snippet_rate,
    title_within,
    token_overlap,
    words,
)

WORDS = st.lists(st.sampled_from("harbour ferry Crew sails home at dawn".split()), max_size=40)  # noqa: SIM905 -- words
TEXTS = WORDS.map(" ".join)
OVERLAPS = st.sampled_from([shingle_overlap, token_overlap])
SENTENCE = "The ferry came home at dawn with its whole crew"


@given(st.text(min_size=1), OVERLAPS)
def test_the_truth_itself_scores_one(text, overlap):
    assert overlap(text, text) == Overlap(precision=1.0, recall=1.0)


@given(TEXTS, TEXTS, OVERLAPS)
def test_what_is_precision_one_way_is_recall_the_other(one, other, overlap):
    there, back = overlap(one, other), overlap(other, one)
    assert (there.precision, there.recall) == (back.recall, back.precision)
    assert there.f1 == back.f1
    assert 0.0 <= there.precision <= 1.0


@given(TEXTS.filter(bool), TEXTS)
def test_more_text_loses_nothing_of_the_truth(truth, more):
    assert token_overlap(f"{truth} {more}", truth).recall == 1.0
    assert shingle_overlap(f"{truth} {more}", truth).recall >= 0.0


@pytest.mark.parametrize("overlap", [shingle_overlap, token_overlap])
def test_an_empty_text_scores_nothing_and_two_empty_ones_agree(overlap):
    assert overlap("", SENTENCE) == Overlap(precision=0.0, recall=0.0)
    assert overlap(SENTENCE, "") == Overlap(precision=0.0, recall=0.0)
    assert overlap("", "").f1 == 1.0


def test_shingles_tell_the_order_and_the_case_and_tokens_do_not():
    turned = " ".join(reversed(words(SENTENCE)))
    assert shingle_overlap(turned, SENTENCE).f1 == 0.0
    assert shingle_overlap(SENTENCE.upper(), SENTENCE).f1 == 0.0
    assert token_overlap(turned.upper(), SENTENCE).f1 == 1.0


def test_a_shingle_counts_as_often_as_it_stands():
    twice = f"{SENTENCE}. {SENTENCE}."
    found = shingle_overlap(twice, SENTENCE)
    assert found.recall == 1.0
    assert found.precision == pytest.approx(7 / 17)


def test_a_corpus_has_the_f1_of_its_means():
    pages = [Overlap(precision=1.0, recall=0.2), Overlap(precision=0.5, recall=1.0)]
    assert corpus_overlap(pages).f1 == pytest.approx(2 * 0.75 * 0.6 / 1.35)
    assert corpus_overlap([]).f1 == 0.0


def test_snippets_are_sought_without_regard_to_spaces_and_case():
    assert snippet_rate("The  Ferry\n\ncame home", ["ferry came", "HOME", "train"]) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("found", "truth", "same"),
    [
        ("Crew\u2019s \u201cFerry\u201d \u2014 home", 'crew\'s "ferry" - Home', True),
        ("Ferry\u00a0home\u2026", "Ferry home...", True),
        ("Fer\u00adry", "Ferry", True),
        ("Ferry home - Post", "Ferry home", False),
        ("Ferry home!", "Ferry home", False),
        ("", "Ferry home", False),
        (None, "Ferry home", False),
    ],
)
def test_titles_are_the_same_but_for_case_spaces_and_the_form_of_marks(found, truth, same):
    assert same_title(found, truth) is same


def test_a_title_with_the_site_s_name_is_within_and_another_is_not():
    assert title_within("Ferry home | Saltwick Post", "Ferry home")
    assert title_within("Ferry", "Ferry home")
    assert not title_within("Train home", "Ferry home")
    assert not title_within("", "Ferry home")


@given(st.text())
def test_the_plain_form_of_a_plain_form_is_itself(text):
    assert plain(plain(text)) == plain(text)


EAST = timezone(timedelta(hours=9))
NIGHT = datetime(2026, 11, 20, 20, 30, tzinfo=UTC)  # the 21st in the east


@pytest.mark.parametrize(
    ("found", "raw", "truth", "same"),
    [
        (NIGHT, "2026-11-21T05:30:00+09:00", "2026-11-21", True),
        (NIGHT, "2026-11-21T05:30:00+09:00", "2026-11-20", False),
        (NIGHT, "2026-11-21T05:30:00+0900", "November 21, 2026", True),
        (NIGHT, "2026-11-21T05:30:04.303966+0900", "2026-11-21", True),
        (NIGHT, "November 20, 2026", "2026-11-20", True),
        (NIGHT, None, "2026-11-20", True),
        (NIGHT, "2026-11-20T20:30:00Z", "2026-11-21T05:30:00+09:00", True),
        (NIGHT, "2026-11-20T20:30:00Z", "2026-11-20T23:59:00+09:00", False),
        (NIGHT.astimezone(EAST), "2026-11-21T05:30:00+09:00", "2026-11-21", True),
        (None, "2026-11-21", "2026-11-21", False),
        (NIGHT, None, "some day", False),
    ],
)
def test_a_day_is_that_of_the_zone_in_which_it_was_told(found, raw, truth, same):
    assert same_day(found, raw, truth) is same


@pytest.mark.parametrize(
    ("found", "truth"),
    [
        (("Ann Example",), "By ANN EXAMPLE"),
        (("Ann Example", "Bo Sample"), "Bo Sample and Ann Example"),
        (("Ann Example",), "Tech. Sgt. Ann Example"),
        (("Staff Sgt. Ann Example",), ["Ann Example"]),
        (("Bo Sample Jr.",), "Bo Sample, Jr."),
        (("Ann B. Example",), "Ann B Example"),
        (("Dr. Ann Example",), "Ann Example, Ph.D."),
    ],
)
def test_authors_are_the_same_but_for_case_rank_degree_and_order(found, truth):
    assert same_authors(found, truth)


@pytest.mark.parametrize(
    ("found", "truth"),
    [
        ((), "Ann Example"),
        (("Ann Example", "Bo Sample"), "Ann Example"),
        (("Ann Example",), "Ann Examples"),
    ],
)
def test_one_author_more_or_less_is_not_the_same(found, truth):
    assert not same_authors(found, truth)


def test_authors_overlap_where_one_is_shared():
    assert authors_overlap(("Ann Example", "Saltwick Post"), "Ann Example and Bo Sample")
    assert not authors_overlap(("Saltwick Post",), "Ann Example")


def test_a_lone_rank_is_a_name():
    assert names_of("Major") == {"major"}
    assert names_of(" , and ") == frozenset()


@given(st.lists(st.floats(min_value=-1, max_value=1), min_size=1, max_size=30), st.integers())
def test_the_bounds_lie_around_the_mean_and_are_the_same_for_a_seed(differences, seed):
    found = paired_interval(differences, seed=seed, draws=100)
    assert found == paired_interval(differences, seed=seed, draws=100)
    assert min(differences) - 1e-9 <= found.low <= found.high <= max(differences) + 1e-9


def test_a_gain_on_every_page_is_sure_and_a_few_gains_are_not():
    assert paired_interval([0.01] * 50, seed=3).sure
    assert not paired_interval([0.0] * 50 + [0.5, -0.4], seed=3).sure
    assert paired_interval([], seed=3).mean == 0.0
