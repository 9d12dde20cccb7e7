"""How long a host is left alone, and how quickly it is asked, by what it answered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from crawler.hosts import Hosts, Refusals, RobotsCopy
from crawler.politeness import LONGEST_PACE_S, LONGEST_PAUSE, Pace, Sign, Welcome, retry_after, sign_of
from storage.errors import ArchiveError

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def seconds(welcome: Welcome, sign: Sign, **told: datetime) -> float | None:
    pause = welcome.pause(sign, NOON, **told)
    return None if pause is None else (pause.until - NOON).total_seconds()


def test_each_429_makes_a_pause_twice_as_long_as_the_last_until_a_good_answer():
    welcome = Welcome()
    assert [seconds(welcome, Sign.TOO_MANY) for _ in range(3)] == [60, 120, 240]
    assert seconds(welcome, Sign.GOOD) is None
    assert seconds(welcome, Sign.TOO_MANY) == 60


def test_no_pause_is_longer_than_a_day():
    welcome = Welcome(pauses=40)
    assert seconds(welcome, Sign.TOO_MANY) == 86_400
    assert seconds(welcome, Sign.TOO_MANY, asked=NOON + timedelta(days=9)) == 86_400


def test_walls_make_a_pause_when_three_come_in_a_row():
    welcome = Welcome()
    signs = [Sign.WALL, Sign.WALL, Sign.GOOD, Sign.WALL, Sign.WALL, Sign.NEUTRAL, Sign.WALL, Sign.WALL]
    assert [seconds(welcome, sign) for sign in signs] == [None] * 6 + [600, None]


def test_a_page_that_is_forbidden_is_no_reason_to_leave_a_host_alone_but_eight_in_a_row_are():
    assert [seconds(welcome, Sign.FORBIDDEN) for welcome in [Welcome()] for _ in range(8)] == [None] * 7 + [
        600
    ]


def test_one_page_that_asks_for_a_year_does_not_cost_its_host_but_five_in_a_row_do():
    year = NOON + timedelta(days=365)
    giver = Welcome(gave_pages=True)
    assert [seconds(giver, Sign.TOO_MANY, asked=year) for _ in range(4)] == [None] * 4
    assert seconds(giver, Sign.GOOD) is None
    assert [seconds(giver, Sign.TROUBLE, asked=year) for _ in range(5)] == [None] * 4 + [86_400]
    assert seconds(Welcome(), Sign.TROUBLE, asked=year) == 86_400, "of a host that gave none"
    short = NOON + timedelta(seconds=9)
    assert seconds(Welcome(gave_pages=True), Sign.TOO_MANY, asked=short) == 9


def test_bad_pages_side_by_side_are_not_the_host_s_fault_while_it_gives_others():
    giver, twice = Welcome(gave_pages=True), Welcome(gave_pages=True)
    pauses = [giver.pause(Sign.FORBIDDEN, NOON, url=f"/{number}") for number in range(24)]
    assert [pause is None for pause in pauses] == [True] * 23 + [False]
    tries = [twice.pause(Sign.SILENCE, NOON, url=f"/{number // 3}") for number in range(69)]
    assert set(tries) == {None}, "three tries of a page count once"


def test_what_the_server_asks_for_is_kept_to():
    assert seconds(Welcome(), Sign.TROUBLE, asked=NOON + timedelta(seconds=7)) == 7


@pytest.mark.parametrize(
    ("status", "value", "wanted"),
    [
        (429, "0", 0),
        (503, " 3600 ", 3600),
        (503, "Sun, 22 Nov 2026 12:00:30 GMT", 30),
        (503, "Sunday, 22-Nov-26 12:00:30 GMT", 30),
        (503, "Sun, 22 Nov 2026 11:00:00 GMT", 0),
        (429, "9" * 400, LONGEST_PAUSE.total_seconds()),
        (429, "-5", None),
        (429, "1.5", None),
        (429, "\u0665", None),
        (429, "Sun, 99 Nov 2026 12:00:30 GMT", None),
        (429, "", None),
        (429, None, None),
        (500, "60", None),
        (200, "60", None),
    ],
)
def test_retry_after_is_seconds_or_a_date_of_a_429_or_503(status, value, wanted):
    until = retry_after(status, value, NOON)
    assert (None if until is None else (until - NOON).total_seconds()) == wanted


@pytest.mark.parametrize(
    ("status", "sign"),
    [
        (200, Sign.GOOD), (304, Sign.GOOD), (404, Sign.GOOD), (410, Sign.GOOD), (301, Sign.NEUTRAL),
        (401, Sign.FORBIDDEN), (403, Sign.FORBIDDEN), (429, Sign.TOO_MANY), (500, Sign.TROUBLE),
        (503, Sign.TROUBLE),
    ],
)  # fmt: skip
def test_a_status_says_how_welcome_the_crawler_is(status, sign):
    assert sign_of(status, wall=False) is sign


def test_a_slow_host_is_asked_more_slowly_at_once_and_faster_again_by_and_by():
    pace = Pace(floor_s=2.0, concurrency=1)
    assert pace.delay_s == 2.0
    pace.answered(0.3, good=True)
    assert pace.delay_s == 2.0
    pace.answered(5.0, good=True)
    assert pace.delay_s == 10.0
    pace.answered(0.5, good=True)
    assert pace.delay_s == 5.5
    for _ in range(20):
        pace.answered(0.5, good=True)
    assert pace.delay_s == pytest.approx(2.0)


def test_errors_are_no_reason_to_go_faster():
    pace = Pace(floor_s=1.0, concurrency=2, delay_s=20.0)
    pace.answered(0.01, good=False)
    assert pace.delay_s == 20.0
    pace.answered(500.0, good=False)
    assert pace.delay_s == LONGEST_PACE_S


def test_a_floor_above_the_longest_pace_holds():
    pace = Pace(floor_s=90.0, concurrency=1)
    pace.answered(100.0, good=True)
    assert pace.delay_s == 90.0


COPY = RobotsCopy(
    authority="https://news.example",
    url="https://news.example/robots.txt",
    fetched_at=NOON,
    fresh_until=NOON + timedelta(hours=24),
    status=200,
    content_type="text/plain",
    body=b"User-agent: *\xff",
)


def test_hosts_are_remembered_from_crawl_to_crawl(tmp_path):
    told = Refusals(pauses=3, until=NOON, reason="HTTP 429")
    with Hosts(tmp_path / "state" / "hosts.sqlite") as hosts:
        hosts.keep_robots(COPY)
        hosts.refused("a.example", told)
        hosts.refused("b.example", told)
        hosts.answered("b.example")
    with Hosts(tmp_path / "state" / "hosts.sqlite", read_only=True) as hosts:
        assert hosts.robots("https://news.example") == COPY
        assert hosts.robots("http://news.example") is None
        assert hosts.refusals("a.example") == told
        assert hosts.refusals("b.example") is None


def test_looking_at_what_is_known_makes_no_file(tmp_path):
    path = tmp_path / "hosts.sqlite"
    with Hosts(path, read_only=True) as hosts:
        assert hosts.robots("https://news.example") is None
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_file_is_set_aside_by_a_crawl(tmp_path: Path):
    path = tmp_path / "hosts.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with Hosts(path) as hosts:
        hosts.keep_robots(COPY)
    with Hosts(path) as hosts:
        assert hosts.robots("https://news.example") == COPY
    assert path.with_name("hosts.sqlite.damaged").read_bytes() == b"no database at all" * 100


def damaged_behind_its_first_page(path: Path) -> Path:
    with Hosts(path) as hosts:
        hosts.keep_robots(COPY)
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(bytes(range(256)) * 16)
    return path


def test_a_file_that_is_damaged_behind_its_first_page_is_set_aside_once_it_shows(tmp_path: Path):
    path = damaged_behind_its_first_page(tmp_path / "hosts.sqlite")
    with Hosts(path) as hosts:
        assert hosts.robots("https://news.example") is None
        hosts.keep_robots(COPY)
    with Hosts(path) as hosts:
        assert hosts.robots("https://news.example") == COPY
    assert path.with_name("hosts.sqlite.damaged").stat().st_size > 4096


def test_looking_sets_no_damaged_file_aside(tmp_path: Path):
    path = damaged_behind_its_first_page(tmp_path / "hosts.sqlite")
    with Hosts(path, read_only=True) as hosts:
        assert hosts.robots("https://news.example") is None
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_is_none_of_ours_is_not_looked_into(tmp_path: Path):
    path = tmp_path / "hosts.sqlite"
    path.write_bytes(b"no database at all" * 100)
    with pytest.raises(ArchiveError) as raised:
        Hosts(path, read_only=True)
    assert (raised.value.where, "remove the file" in raised.value.hint) == (str(path), True)
