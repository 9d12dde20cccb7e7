"""When to look again: intervals stay in their bounds, shrink with change, grow without."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crawler.frontier.model import ARTICLE, PAGE, WAY
from crawler.frontier.revisit import (
    DAY_S,
    Pace,
    first_interval_s,
    gone_pause_s,
    next_interval_s,
    pause_s,
)

SECONDS = st.floats(0, 400 * DAY_S)
TIERS = st.sampled_from([WAY, PAGE, ARTICLE])
KINDS = st.sampled_from(["feed", "listing", "sitemap", "wordpress", "page", "article"])


@st.composite
def paces(draw) -> Pace:
    least = draw(st.floats(1, 30 * DAY_S))
    return Pace(
        first_s=draw(st.floats(1, 400 * DAY_S)), min_s=least, max_s=least + draw(st.floats(0, 400 * DAY_S))
    )


@given(kind=KINDS, tier=TIERS, age=SECONDS, pace=paces())
def test_the_first_interval_lies_within_the_seeds_bounds(kind, tier, age, pace):
    assert pace.min_s <= first_interval_s(kind, tier, age, pace) <= pace.max_s


@given(tier=TIERS, age=SECONDS, pace=paces(), before=st.floats(0, 1), changed=st.booleans())
def test_so_does_every_later_one_and_it_moves_the_right_way(tier, age, pace, before, changed):
    interval = pace.min_s + before * (pace.max_s - pace.min_s)
    after = next_interval_s(interval, tier, age, pace, changed=changed)
    assert pace.min_s <= after <= pace.max_s
    if changed:
        assert after <= interval
    elif tier == ARTICLE:
        assert after >= interval or after == pace.max_s


@given(tier=TIERS, pace=paces(), kind=KINDS)
def test_what_leads_to_articles_is_looked_at_once_a_day_at_least_what_might_once_a_week(tier, pace, kind):
    interval = first_interval_s(kind, tier, 0, pace)
    for _ in range(20):
        interval = next_interval_s(interval, tier, 0, pace, changed=False)
    if tier != ARTICLE:
        assert interval <= max(DAY_S if tier == WAY else 7 * DAY_S, pace.min_s)
    else:
        assert interval > min(pace.max_s, pace.min_s) * 0.99


def test_a_page_that_leads_to_nothing_new_comes_to_be_looked_at_once_a_week():
    intervals = [DAY_S]
    for _ in range(6):
        intervals.append(next_interval_s(intervals[-1], PAGE, 0, Pace(), changed=False))
    assert [round(one / DAY_S, 1) for one in intervals] == [1, 1.5, 2.2, 3.4, 5.1, 7, 7]


@given(younger=SECONDS, more=SECONDS, pace=paces())
def test_an_older_article_never_has_a_shorter_first_interval(younger, more, pace):
    first = first_interval_s("article", ARTICLE, younger, pace)
    assert first_interval_s("article", ARTICLE, younger + more, pace) >= first


@given(kind=KINDS, tier=TIERS, age=SECONDS, interval=SECONDS, changed=st.booleans())
def test_a_first_interval_of_zero_keeps_everything_always_due(kind, tier, age, interval, changed):
    always = Pace(first_s=0)
    assert first_interval_s(kind, tier, age, always) == 0
    assert next_interval_s(interval, tier, age, always, changed=changed) == 0


def test_a_page_that_changes_at_every_visit_comes_down_to_the_least_interval():
    pace, interval = Pace(), DAY_S
    for _ in range(20):
        interval = next_interval_s(interval, ARTICLE, 0, pace, changed=True)
    assert interval == pace.min_s


def test_pauses_grow_until_it_is_given_up():
    pauses = [pause_s(tries) for tries in range(1, 9)]
    assert pauses[-1] is None
    told = [pause for pause in pauses if pause is not None]
    assert told == sorted(told)
    assert sum(told) > 10 * DAY_S  # a site may be down for a week
    assert [gone_pause_s(tries) for tries in range(1, 9)] == sorted(gone_pause_s(n) for n in range(1, 9))
