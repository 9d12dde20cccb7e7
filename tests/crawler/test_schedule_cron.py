"""When a cron line is due: across changes of the clock, after a pause, with jitter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.schedule.cron import Timing, dues, last_start, next_start
from crawler.seed_checks import cron_problem

ZONES = ("Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC")


def due(line: str, zone: str, after: datetime, until: datetime) -> list[str]:
    """The times as the zone's clock shows them."""
    timing = Timing(source="paper", line=line, zone=zone)
    found = takewhile(lambda moment: moment <= until, dues(timing, after.astimezone(UTC)))
    return [f"{moment.astimezone(ZoneInfo(zone)):%d %H:%M%z}" for moment in found]


def vienna(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=ZoneInfo("Europe/Vienna"))


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("30 2 * * *", ["28 02:30+0100", "29 03:00+0200", "30 02:30+0200"]),
        ("*/20 2 * * *", ["28 02:00+0100", "28 02:20+0100", "28 02:40+0100", "29 03:00+0200"]),
        ("0 */12 * * *", ["28 00:00+0100", "28 12:00+0100", "29 00:00+0100", "29 12:00+0200"]),
    ],
)
def test_what_is_due_in_the_hour_that_is_jumped_over_is_due_once_after_it(line, times):
    found = due(line, "Europe/Vienna", vienna(3, 27, 23), vienna(3, 30, 23))
    assert found[: len(times)] == times


@pytest.mark.parametrize(
    ("line", "times"),
    [
        ("30 2 * * *", ["24 02:30+0200", "25 02:30+0200", "26 02:30+0100"]),
        ("15,45 2 * * *", ["24 02:15+0200", "24 02:45+0200", "25 02:15+0200", "25 02:45+0200"]),
        ("0 */2 * * sun", ["25 00:00+0200", "25 02:00+0200", "25 04:00+0100"]),
    ],
)
def test_what_is_due_in_the_hour_that_comes_twice_is_due_the_first_time_alone(line, times):
    found = due(line, "Europe/Vienna", vienna(10, 23, 23), vienna(10, 26, 23))
    assert found[: len(times)] == times


@pytest.mark.parametrize("change", [vienna(3, 29), vienna(10, 25)])
@pytest.mark.parametrize("line", ["*/15 * * * *", "7 * * * *"])
def test_what_is_due_every_hour_goes_on_through_a_change_as_time_does(line, change):
    begin = change.astimezone(UTC)
    found = list(islice(dues(Timing(source="paper", line=line, zone="Europe/Vienna"), begin), 30))
    pauses = {later - earlier for earlier, later in pairwise(found)}
    assert len(pauses) == 1


def test_a_search_that_begins_in_the_second_of_two_equal_hours_finds_nothing_past():
    second = datetime(2026, 10, 25, 1, 10, tzinfo=UTC)  # 02:10 for the second time
    timing = Timing(source="paper", line="30 2 * * *", zone="Europe/Vienna")
    assert next(dues(timing, second)) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@settings(deadline=None, max_examples=40)
@given(
    minute=st.integers(0, 59),
    hour=st.integers(0, 23),
    zone=st.sampled_from(ZONES),
    begin=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 (the zone comes after)
)
def test_a_daily_run_is_due_once_on_each_day_of_the_zone(minute, hour, zone, begin):
    after = begin.replace(tzinfo=UTC)
    found = list(islice(dues(Timing(source="paper", line=f"{minute} {hour} * * *", zone=zone), after), 100))
    days = [moment.astimezone(ZoneInfo(zone)).date() for moment in found]
    assert days == sorted(set(days))
    assert (days[-1] - days[0]).days == len(days) - 1
    assert found[0] > after


@settings(deadline=None, max_examples=40)
@given(
    begin=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),  # noqa: DTZ001 (the zone comes after)
    hours=st.integers(0, 400),
    line=st.sampled_from(["*/15 * * * *", "30 2 * * *", "0 9 1 * *", "0 */2 * * mon"]),
    jitter_s=st.sampled_from([0.0, 300.0, 7200.0]),
)
def test_the_last_start_is_the_last_of_all_and_the_next_start_comes_after_it(begin, hours, line, jitter_s):
    after = begin.replace(tzinfo=UTC)
    now = after + timedelta(hours=hours, seconds=1)
    timing = Timing(source="paper", line=line, zone="Europe/Vienna", jitter_s=jitter_s)
    every = list(takewhile(lambda moment: moment <= now, dues(timing, after)))
    started = [moment for moment in every if timing.start(moment) <= now]
    assert last_start(timing, after, now) == (started[-1] if started else None)
    following = next_start(timing, after, now)
    assert following is not None
    assert following[1] > now
    waiting = [moment for moment in every if timing.start(moment) > now]
    assert following[0] == waiting[0] if waiting else following[0] > now


def test_jitter_differs_by_source_and_by_day_and_not_by_asking_twice():
    days = [datetime(2026, 11, day, tzinfo=UTC) for day in range(1, 29)]
    paper, other = (Timing(source=name, line="0 0 * * *", jitter_s=600) for name in ("paper", "other"))
    starts = [paper.start(day) - day for day in days]
    assert starts == [paper.start(day) - day for day in days]
    assert len(set(starts)) > 20
    assert starts != [other.start(day) - day for day in days]
    assert all(timedelta(0) <= start < timedelta(seconds=600) for start in starts)


@pytest.mark.parametrize("line", ["0 0 30 2 *", "0 0 31 4,6 *", "60 * * * *", "* * * *", "0 0 0 * *"])
def test_a_line_that_is_never_due_is_a_fault_of_the_seed(line):
    assert cron_problem(line)


def test_every_line_that_the_check_passes_is_due_some_day():
    for line in ("0 0 29 2 *", "5/15 * * * *", "0 0 * * 7", "0 0 30 2 mon", "1-59/7 */5 1,15 jan-mar sun"):
        assert cron_problem(line) == ""
        assert next(dues(Timing(source="paper", line=line), datetime(2026, 1, 1, tzinfo=UTC)))
