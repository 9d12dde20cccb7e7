"""Plots: what they count, how they fit, what they refuse."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.cli.plot import plot
from crawler.cli.spans import SPANS, fitting
from storage.errors import QueryError

NAMES = ("day", "n")
MOMENTS = st.datetimes(datetime(1000, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (bounds have none)


def bars(lines: list[str]) -> list[str]:
    """What stands right of the scale, from top to bottom."""
    return [line.partition("│")[2] for line in lines if "│" in line]


def test_days_become_columns_with_gaps_filled():
    lines = plot(NAMES, [(date(2026, 11, 1), 2), (date(2026, 11, 3), 4), (date(2026, 11, 5), 1)], width=80)
    assert lines[0] == "n by day, 2026-11-01 to 2026-11-05"
    assert bars(lines)[0] == "        ███"
    assert bars(lines)[-1] == "███     ███     ███"
    assert lines[-2].startswith(" 0 └┬")
    assert lines[-1].split()[0] == "2026-11-01"
    assert max(map(len, lines)) <= 80


def test_the_highest_number_stands_on_the_scale():
    lines = plot(NAMES, [(date(2026, 11, 1), 1000), (date(2026, 11, 2), 1)], width=80)
    assert lines[1].startswith(" 1,000 │███")
    assert bars(lines)[-1] == "███ ▁▁▁"  # little is not nothing


@pytest.mark.parametrize("width", [40, 80, 120, 200])
@pytest.mark.parametrize("days", [1, 2, 30, 400, 4000, 40_000])
def test_many_days_are_added_up_so_that_they_fit(width, days):
    rows = [(date(1900, 1, 1) + timedelta(days=number), 3) for number in range(days)]
    lines = plot(NAMES, rows, width=width)
    assert max(map(len, lines)) <= width
    unit = lines[0].split(",")[0].removeprefix("n by ")
    assert unit in {span.name for span in SPANS}
    assert unit == "day" or days > width - 20


def test_first_days_of_months_stay_months_though_there_is_room_for_days():
    lines = plot(NAMES, [(datetime(2026, 9, 1), 3), (datetime(2026, 10, 1), 4)], width=200)  # noqa: DTZ001
    assert lines[0] == "n by month, 2026-09 to 2026-10"


@given(st.lists(MOMENTS, min_size=1, max_size=20), st.integers(10, 200))
def test_every_moment_lies_in_its_span_and_they_fit(moments, most):
    span = fitting(moments, most)
    for moment in moments:
        number = span.number(moment)
        assert span.start(number) <= moment
        assert span.number(span.start(number)) == number
    count = span.number(max(moments)) - span.number(min(moments)) + 1
    assert count <= most or span == SPANS[-1]


def test_a_third_column_makes_a_chart_a_series_on_one_scale():
    rows = [(date(2026, 11, 1), 8, "much"), (date(2026, 11, 2), 1, "little"), (date(2026, 11, 1), 1, None)]
    lines = plot(("day", "n", "source"), rows, width=80)
    assert [line for line in lines if ": " in line] == ["much: 8", "(none): 1", "little: 1"]
    assert sum(line.startswith(" 8 │") for line in lines) == 3


def test_of_many_series_the_smallest_are_one():
    rows = [(date(2026, 11, 1), number, f"s{number:02}") for number in range(1, 13)]
    lines = plot(("day", "n", "s"), rows, width=80)
    assert "4 others: 10" in lines
    assert "s12: 12" in lines


def test_other_values_become_a_bar_a_line_in_their_order():
    lines = plot(("host", "n"), [("a.example", 4), ("b.example", 2), (None, 0)], width=40)
    assert lines == [
        "n by host",
        "a.example  4 ███████████████████████████",
        "b.example  2 █████████████▌",
        "(none)     0",
    ]


def test_bars_of_series_stand_together():
    rows = [("a", 2, "x"), ("b", 1, "x"), ("a", 1, "y")]
    lines = plot(("k", "n", "s"), rows, width=40)
    assert [line.split()[:-1] for line in lines[1:]] == [["a", "x", "2"], ["y", "1"], ["b", "x", "1"]]


def test_without_unicode_it_is_ascii():
    rows = [(date(2026, 11, day), day) for day in range(1, 20)]
    assert all(line.isascii() for line in plot(NAMES, rows, width=80, letters=False))
    assert all(line.isascii() for line in plot(("k", "n"), [("a", 1), ("b", 2)], width=80, letters=False))


def test_what_is_left_out_is_told():
    rows = [(date(2026, 11, 1), 3), (None, 5), (date(2026, 11, 2), None), (date(2026, 11, 3), -1)]
    lines = plot(NAMES, rows, width=80)
    assert lines[-3:] == ["without day: 5", "rows without a number: 1", "numbers below 0 are drawn as 0"]


def test_times_with_a_zone_are_drawn_in_utc():
    east = datetime.fromisoformat("2026-11-02T01:00:00+02:00")
    assert "11-01 23:00" in plot(NAMES, [(east, 1)], width=80)[0]


def test_control_letters_do_not_reach_the_terminal():
    lines = plot(("a\x1b[2J", "n"), [("b\x1b[2J\nc", 1)], width=80)
    assert not any("\x1b" in line or "\n" in line for line in lines)


def test_no_rows_are_said_to_be_none():
    assert plot(NAMES, [], width=80) == ["nothing to plot: the answer has no rows with a number"]


@pytest.mark.parametrize(
    ("columns", "rows", "message"),
    [
        (("a",), [(1,)], "takes two or three columns, the answer has 1"),
        (("a", "b", "c", "d"), [], "takes two or three columns, the answer has 4"),
        (("a", "b"), [("x", "y")], "the second column, b, holds no numbers"),
        (("a", "b"), [("x", True)], "holds no numbers"),
        (("a", "b"), [("x", 1), (date(2026, 1, 1), 1)], "holds times and other values"),
    ],
)
def test_rows_of_another_shape_are_refused_with_an_example(columns, rows, message):
    with pytest.raises(QueryError, match=message) as refused:
        plot(columns, rows, width=80)
    assert "count(*)" in refused.value.hint


def test_numbers_that_are_none_are_nothing():
    lines = plot(("k", "n"), [("a", float("nan")), ("b", float("inf")), ("c", 1)], width=40)
    assert lines[1:3] == ["a  0", "b  0"]
