"""Runs of made-up sources: the healthy ones raise nothing, each trouble is raised once, and closed."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest
from healthruns import DAILY, HABITS, MILITARY, Source, with_quality

from crawler.health.compare import Share, State, judged
from crawler.health.kinds import ADVICE, Kind
from crawler.health.memory import accepted_memory, longest_pause
from crawler.health.overdue import stale
from crawler.report_words import PROGRAM_FAULT
from crawler.seed import Health, Scope, Seed


def source(habits, seed=7, runs=60, **more):
    one = Source(habits, random.Random(seed), **more)
    for _ in range(runs):
        one.run()
    return one


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("habits", HABITS)
def test_two_hundred_healthy_runs_raise_nothing(habits, seed):
    assert source(HABITS[habits], seed, 200).raised == []


def no_articles(run):
    quality = replace(
        run.quality, missed_pages=run.quality.expected_pages, read_pages=0, with_title=0, with_date=0,
        with_author=0, words=(), removed=(),
    )  # fmt: skip
    return replace(run, quality=quality)


def moved(by):
    return with_quality(removed=lambda was: tuple(min(max(one + by, 0), 1) for one in was.removed))


DRIFTS = {
    "no article is found": (no_articles, "should hold an article gave none"),
    "half of them are lost": (
        with_quality(missed_pages=lambda was: was.expected_pages // 2),
        "should hold an article gave none",
    ),
    "titles are gone": (with_quality(with_title=0), "no title"),
    "dates are gone": (with_quality(with_date=0), "no date"),
    "authors are gone": (with_quality(with_author=0), "no author"),
    "texts are short": (
        with_quality(words=lambda was: tuple(one // 5 for one in was.words)),
        "shorter than half",
    ),
    "texts are cut away": (moved(0.35), "much more of their words"),
    "boilerplate is let in": (moved(-0.35), "much less of their words"),
    "the template is another": (with_quality(departed_pages=lambda was: was.read_pages), "known template"),
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_a_drift_of_the_layout_is_raised_at_the_first_run_and_closed_when_it_is_over(drift):
    trouble, words = DRIFTS[drift]
    one = source(DAILY).run(trouble)
    (alarm,) = one.raised
    assert alarm.kind is Kind.LAYOUT
    assert words in alarm.message
    one.run(trouble).run(trouble)
    assert len(one.raised) == 1
    assert one.open[0].seen == 3
    for _ in range(4):
        one.run()
    assert (one.open, [each.kind for each in one.closed]) == ((), [Kind.LAYOUT])


@pytest.mark.parametrize("drift", ["titles are gone", "texts are cut away", "the template is another"])
def test_a_source_with_few_articles_a_run_is_watched_over_several_runs(drift):
    trouble, _ = DRIFTS[drift]
    one = source(MILITARY, runs=120)
    for _ in range(4):
        one.run(trouble)
    assert [alarm.kind for alarm in one.raised] == [Kind.LAYOUT]
    for _ in range(14):
        one.run()
    assert one.open == ()


def articles(many):
    """A run with so many pages that discovery took for articles, all of them good."""
    return with_quality(
        new=many, expected_pages=many, missed_pages=0, read_pages=many, with_title=many, with_date=many,
        with_author=many, words=(400,) * many, removed=(0.4,) * many,
    )  # fmt: skip


def test_a_source_with_an_article_a_day_is_known_after_ten_where_all_pages_of_a_run_are_bad():
    one = source(DAILY, runs=0).run(articles(14))
    for _ in range(8):
        one.run(articles(1))
    one.run(lambda run: no_articles(articles(2)(run)))
    assert one.raised == []
    one.run(lambda run: no_articles(articles(8)(run)))
    assert [alarm.kind for alarm in one.raised] == [Kind.LAYOUT]


def test_an_alarm_stays_open_however_long_the_trouble_lasts():
    one = source(DAILY)
    for _ in range(70):
        one.run(with_quality(with_title=0))
    (alarm,) = one.open
    assert (alarm.seen, len(one.raised)) == (70, 1)
    for _ in range(3):
        one.run()
    assert one.open == ()


def test_a_run_without_pages_closes_no_alarm_of_the_layout():
    one = source(DAILY).run(with_quality(with_title=0))
    empty = with_quality(
        read_pages=0, expected_pages=0, missed_pages=0, with_title=0, with_date=0, with_author=0, words=(),
        removed=(),
    )  # fmt: skip
    one.run(empty)
    assert [alarm.kind for alarm in one.open] == [Kind.LAYOUT]


def test_a_source_with_few_runs_is_compared_with_nothing():
    one = source(DAILY, runs=4)
    for _ in range(2):
        one.run(with_quality(with_title=0))
    assert one.raised == []


def all_as(status):
    return lambda run: replace(run, statuses={status: sum(run.statuses.values())})


FETCH_TROUBLES = {
    "every answer is 403": (all_as("403"), Kind.BLOCKED),
    "every answer is 429": (all_as("429"), Kind.BLOCKED),
    "half are walls": (
        lambda run: replace(run, pages={**run.pages, "blocked": sum(run.statuses.values()) // 2}),
        Kind.BLOCKED,
    ),
    "no answer comes": (
        lambda run: replace(run, statuses={}, fetches={"connection_failed": 9}, exit_code=3),
        Kind.UNREACHABLE,
    ),
    "the server fails": (
        lambda run: replace(run, statuses={"200": 20, "503": 20}),
        Kind.UNREACHABLE,
    ),
    "robots.txt can't be read": (
        lambda run: replace(run, links={"robots_unreachable": 4}, exit_code=3),
        Kind.ROBOTS,
    ),
    "the certificate is over": (
        lambda run: replace(run, notes={"certificate": 3}),
        Kind.CERTIFICATE,
    ),
    "the program fails": (lambda run: replace(run, reason="ArchiveError", exit_code=3), Kind.FAULT),
    "pages crash the browser": (
        lambda run: replace(run, pages={"article": 10}, fetches={"ok": 20, "render_failed": 10}),
        Kind.FAULT,
    ),
    "pages crash the parser": (
        lambda run: replace(run, pages={"article": 10, "parse_crashed": 10}),
        Kind.FAULT,
    ),
}


@pytest.mark.parametrize("trouble", FETCH_TROUBLES)
def test_a_trouble_of_fetching_is_raised_once_and_closed(trouble):
    change, kind = FETCH_TROUBLES[trouble]
    one = source(DAILY)
    one.run(change).run(change)
    assert [alarm.kind for alarm in one.raised] == [kind]
    assert one.raised[0].advice == ADVICE[kind].replace("SOURCE", "paper")
    one.run().run()
    assert one.open == ()


@pytest.mark.parametrize(("status", "kind"), [(403, Kind.BLOCKED), (503, Kind.UNREACHABLE)])
@pytest.mark.parametrize("runs", [0, 60])
def test_a_robots_txt_that_is_had_is_no_sign_of_a_site_that_answers(status, kind, runs):
    def shut(statuses):
        refused = tuple(replace(one, status=status, links=None) for one in one_run.starts)
        return lambda run: replace(run, statuses=statuses, pages={}, starts=refused, exit_code=3)

    one = source(DAILY, runs=runs)
    one_run = one.healthy()
    for statuses in ({"200": 1, str(status): 1}, {str(status): 1}, {"200": 1, str(status): 1}):
        one.run(shut(statuses))
    assert [alarm.kind for alarm in one.raised] == [kind]
    assert one.open[0].seen == 3


@pytest.mark.parametrize(
    ("run", "kind"),
    [
        ({"statuses": {}, "fetches": {"disconnected": 3}, "notes": {"certificate": 3}}, Kind.CERTIFICATE),
        ({"statuses": {}, "fetches": {"timed_out": 3}}, Kind.UNREACHABLE),
        ({"statuses": {"503": 3}, "fetches": {"http_error": 3}}, Kind.ROBOTS),
    ],
)
def test_of_several_troubles_the_cause_alone_is_told(run, kind):
    one = source(DAILY).run(lambda was: replace(was, links={"robots_unreachable": 1}, exit_code=3, **run))
    assert [alarm.kind for alarm in one.raised] == [kind]


def test_an_outage_that_begins_with_errors_and_goes_on_in_silence_is_one_alarm():
    errors = {"statuses": {"503": 3}, "fetches": {"http_error": 3}}
    silence = {"statuses": {}, "fetches": {"timed_out": 3}}
    for first, then in ((errors, silence), (silence, errors)):
        one = source(DAILY)
        for told in (first, then, first):
            one.run(lambda was, told=told: replace(was, links={"robots_unreachable": 1}, **told))
        assert len(one.raised) == 1
        assert one.run().open == ()


def test_a_source_that_refuses_everything_is_told_of_without_a_history():
    assert [alarm.kind for alarm in source(DAILY, runs=0).run(all_as("403")).raised] == [Kind.BLOCKED]


def test_a_run_that_was_killed_is_told_of_when_it_happens_again():
    killed = lambda run: replace(  # noqa: E731 (as short as the others)
        run, reason="killed", exit_code=1, statuses={}, fetches={}, quality=None
    )
    one = source(DAILY).run(killed)
    assert one.raised == []
    assert [alarm.kind for alarm in one.run(killed).raised] == [Kind.FAULT]


def feed(**change):
    return lambda run: replace(run, starts=(replace(run.starts[0], **change),))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"links": 0, "note": "empty feed"}, "is empty (empty feed), 2 times in a row"),
        ({"links": None, "status": 404}, "is empty (HTTP 404), 2 times in a row"),
    ],
)
def test_a_feed_that_answers_with_nothing_is_raised_at_the_second_run(change, words):
    one = source(DAILY).run(feed(**change))
    assert one.raised == []
    (alarm,) = one.run(feed(**change)).raised
    assert alarm.kind is Kind.SILENT
    assert words in alarm.message
    assert one.run().open == ()


def test_a_feed_that_never_gave_anything_is_told_of_until_a_person_says_that_it_is_as_it_should_be():
    one = source(DAILY, runs=0)
    nothing = feed(links=0, note="empty feed")
    one.run(nothing).run(nothing)
    assert one.raised == []
    (alarm,) = one.run(nothing).raised
    assert "was empty each of the 3 times it was read (empty feed)" in alarm.message
    one.memory = accepted_memory(one.memory, one.runs[0].finished_at)
    assert one.run(nothing).open == ()


def test_a_feed_that_was_emptied_and_has_not_changed_since_is_still_empty():
    one = source(DAILY).run(feed(links=0)).run(feed(links=None, status=304))
    assert [alarm.kind for alarm in one.open] == [Kind.SILENT]


def test_a_feed_that_did_not_answer_is_not_called_empty():
    one = source(DAILY)
    for _ in range(3):
        one.run(feed(links=None, status=0))
    assert one.raised == []


nothing_new = with_quality(new=0)


def test_no_new_article_for_longer_than_the_past_tells_is_a_silence():
    one = source(MILITARY, runs=160)
    pause = longest_pause(one.memory)
    assert timedelta(days=2).total_seconds() < pause < timedelta(days=10).total_seconds()
    quiet = 0
    while not one.raised:
        one.run(nothing_new)
        quiet += 1
    assert [alarm.kind for alarm in one.raised] == [Kind.SILENT]
    assert pause < (one.runs[0].finished_at - one.memory.new_at).total_seconds() < pause + 7 * 3600
    for _ in range(20):
        one.run()
    assert one.open == ()
    assert longest_pause(one.memory) <= pause + timedelta(days=1).total_seconds()


def test_a_quiet_that_has_another_trouble_for_its_cause_is_not_told_beside_it():
    one = source(DAILY)
    for _ in range(12):
        one.run(lambda run: no_articles(nothing_new(run)))
    assert [alarm.kind for alarm in one.raised] == [Kind.LAYOUT]
    one.run(feed(links=0)).run(feed(links=0))
    assert [alarm.kind for alarm in one.raised] == [Kind.LAYOUT, Kind.SILENT]
    one.run(all_as("403"))
    assert Kind.SILENT in {alarm.kind for alarm in one.open}


def test_a_request_that_the_program_failed_is_told_and_over_once_none_did():
    one = source(DAILY).run(lambda run: replace(run, notes={PROGRAM_FAULT: 3}))
    assert [alarm.kind for alarm in one.raised] == [Kind.FAULT]
    assert one.run().open == ()


def test_the_seed_may_say_when_it_is_silent():
    one = source(DAILY, runs=2, expected=Health(silent_after_s=86_400))
    assert one.run(nothing_new).raised == []
    assert "the seed allows" in one.run(nothing_new).raised[0].message


def test_the_seed_may_say_how_long_its_articles_are():
    assert source(DAILY, runs=12, expected=Health(expect_words=400)).raised == []
    one = source(DAILY, runs=12, expected=Health(expect_words=4000))
    assert "shorter than half the usual 4000 words" not in str(one.raised)  # it never was otherwise


SEED = Seed(name="paper", title="", scope=Scope(hosts=()), schedule="0 * * * *")


def test_a_source_that_missed_two_of_its_times_is_stale():
    one = source(DAILY, runs=3)
    last = one.runs[0].finished_at.replace(minute=10)
    begun = last.replace(minute=0)
    hour = timedelta(hours=1)
    said = [
        stale(SEED, one.memory, begun, begun + hours * hour + timedelta(minutes=30)) for hours in range(4)
    ]
    assert [one.state for one in said] == [State.GOOD, State.GOOD, State.BAD, State.BAD]
    assert "`0 * * * *` UTC" in said[2].signs[0]
    assert stale(replace(SEED, schedule=None), one.memory, begun, begun + 9 * hour).state is State.GOOD


def test_a_share_is_judged_by_the_newest_runs_alone_and_not_by_what_was_bad_before():
    well, ill = Share(bad=1, of=20), Share(bad=19, of=20, flagged=True)
    assert judged([well] * 10).state is State.GOOD
    assert judged([replace(ill, flagged=False), *[well] * 10]).state is State.BAD
    assert judged([ill, ill, *[well] * 10]).state is State.BAD
    assert judged([well, ill, ill, *[well] * 10]).state is State.GOOD
    assert judged([Share(bad=0, of=1), ill, *[well] * 10]).state is State.UNKNOWN
    assert judged([Share(bad=0, of=0), ill, *[well] * 10]).state is State.UNKNOWN


def test_a_source_whose_days_differ_may_differ():
    days = [Share(bad=2, of=20), Share(bad=14, of=20)] * 8
    assert judged([Share(bad=14, of=20), *days]).state is State.GOOD
    assert judged([Share(bad=20, of=20), Share(bad=20, of=20), *days]).state is State.BAD
