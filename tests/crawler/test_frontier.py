"""The frontier, in SQLite and in a real PostgreSQL: what is handed out when, and what survives."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from postgres_cluster import cluster

from crawler.frontier import Found, Frontier, Left, Pace, SqliteStore, Store, Validators
from storage.article import Outcome
from storage.errors import ArchiveError, OutOfSpaceError
from storage.model import Capture, Headers

NOW = datetime(2026, 11, 22, 1, 2, 3, 45, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
HOST = "news.example.org"
URL = f"http://{HOST}/1"
PACE = Pace(first_s=3600, min_s=60, max_s=90 * 86_400)
Open = Callable[..., Frontier]


def found(number: int, kind: str = "page", **fields: object) -> Found:
    told = {"found_on": f"http://{HOST}/", "found_in": "feed"} | fields
    return Found(url=f"http://{HOST}/{number}", kind=kind, **told)  # type: ignore[arg-type]


def capture(
    url: str = URL, status: int = 200, at: datetime = NOW, digest: str = "sha256:aa", **more: object
) -> Capture:
    told: dict[str, object] = {
        "record_id": "urn:uuid:1", "source": "harbor", "crawl_id": "harbor-1", "method": "GET",
        "mime": "text/html", "record_type": "response", "warc_file": "x.warc.gz", "warc_offset": 7,
        "warc_length": 1,
    }  # fmt: skip
    told |= {"url": url, "status": status, "captured_at": at, "payload_digest": digest} | more
    return Capture(**told)  # type: ignore[arg-type]


def headers(**fields: str) -> Headers:
    return Headers(list(fields.items()))


@pytest.fixture(scope="module")
def postgres() -> Iterator[str | None]:
    with cluster() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgres"])
def store(request, tmp_path) -> Callable[[], Store]:
    """Opens the database of the test once more."""
    if request.param == "sqlite":
        return lambda: SqliteStore(tmp_path / "state" / "frontier.sqlite")
    address = request.getfixturevalue("postgres")
    if address is None:
        pytest.skip("no PostgreSQL server here")
    psycopg = pytest.importorskip("psycopg")
    from crawler.frontier.postgres import PostgresStore

    with psycopg.connect(address, autocommit=True) as db:
        db.execute("DROP SCHEMA public CASCADE")
        db.execute("CREATE SCHEMA public")
    return lambda: PostgresStore(address)


@pytest.fixture
def at(store) -> Iterator[Open]:
    """Opens the frontier for a crawl that begins then; the one before is closed, unless it is `beside`."""
    opened: list[Frontier] = []

    def start(
        moment: datetime = NOW, source: str = "harbor", *, beside: bool = False, pace: Pace = PACE
    ) -> Frontier:
        while opened and not beside:
            opened.pop().close()
        frontier = Frontier(store(), source, pace=pace, owner=f"{source} {len(opened)}", now=moment)
        opened.append(frontier)
        return frontier

    yield start
    for one in opened:
        one.close()


def names(links: list[Found]) -> list[str]:
    return [one.url.rpartition("/")[2] for one in links]


def leased(frontier: Frontier, at: datetime = NOW, most: int = 99) -> list[str]:
    return names(frontier.lease(at, most, most))


def due(at: Open, moment: datetime) -> list[str]:
    """What a crawl that begins then would be given, all of it."""
    return leased(at(moment), moment)


def test_what_was_discovered_is_handed_out_as_it_was_found(at):
    links = [found(2, title="Two", depth=3, hops="ML", published_raw="today", modified_raw="now", priority=4)]
    at().discover(links, NOW)
    assert at(NOW + HOUR).lease(NOW, 9, 9) == links


def test_what_is_left_for_this_crawl_is_handed_out_by_the_next(at):
    frontier = at(NOW)
    frontier.discover([found(number) for number in range(3)], NOW)
    leased(frontier)
    frontier.leave([found(1).url, found(2).url])
    assert leased(frontier) == []
    again = at(NOW + HOUR)
    again.begin([])
    assert len(leased(again)) == 3


def test_what_was_left_is_not_looked_through_at_each_lease(tmp_path):
    store = SqliteStore(tmp_path / "frontier.sqlite")
    with Frontier(store, "harbor", now=NOW) as frontier:
        frontier.discover([found(number) for number in range(300)], NOW)
        while in_hand := frontier.lease(NOW, 16, 16):
            frontier.leave([one.url for one in in_hand])
        waiting = "SELECT count(*) FROM urls INDEXED BY urls_new WHERE state = 'discovered'"
        assert store.rows(waiting, {}) == [(0,)]


def test_captures_to_read_are_found_without_going_through_all_urls(tmp_path):
    asked: list[str] = []
    store = SqliteStore(tmp_path / "frontier.sqlite")
    with Frontier(store, "harbor", now=NOW) as frontier:
        store._db.set_trace_callback(asked.append)
        assert frontier.unread(NOW, 16) == []
        store._db.set_trace_callback(None)
        (plan,) = [row[-1] for row in store.rows(f"EXPLAIN QUERY PLAN {asked[-1]}", {}) if "urls" in row[-1]]
    assert "urls_unread" in plan


def test_what_is_in_hand_is_handed_out_to_nobody_else(at):
    frontier = at()
    frontier.discover(map(found, range(5)), NOW)
    assert leased(frontier, most=3) == ["0", "1", "2"]
    assert leased(frontier, most=3) == []
    frontier.captured(capture(found(1).url), headers())
    assert leased(frontier, most=3) == ["3"]


def test_priority_decides_then_the_newest_then_the_order_in_which_they_were_found(at):
    old, new = "2026-01-01T00:00:00Z", "Sun, 22 Nov 2026 00:00:00 GMT"
    links = [
        found(1, "article", priority=40, published_raw=old),
        found(2, "article", priority=40, published_raw=new),
        found(3, "article", priority=80),
        found(4, "article", priority=40),
        found(5, "article", priority=40),
        found(6, "listing", priority=70),
    ]
    frontier = at()
    frontier.discover(links, NOW)
    assert leased(frontier) == ["3", "6", "2", "1", "4", "5"]


def test_ways_to_what_is_new_come_first_then_what_is_new_then_other_revisits(at):
    kinds = {1: "article", 2: "page", 3: "feed"}
    first = at()
    first.discover([found(one, kind, priority=50) for one, kind in kinds.items()], NOW)
    for one in kinds:
        first.captured(capture(found(one).url), headers())
    later = at(NOW + 9 * DAY)
    later.discover([found(4, "article", priority=40)], NOW + 9 * DAY)
    assert leased(later, NOW + 9 * DAY) == ["3", "4", "2", "1"]


def test_no_more_of_a_host_are_in_hand_than_wanted_and_all_hosts_get_their_share(at):
    frontier = at()
    frontier.discover(map(found, range(5)), NOW)
    frontier.discover([replace(found(9), url="http://other.example/9")], NOW)
    assert sorted(names(frontier.lease(NOW, 9, 2))) == ["0", "1", "9"]


def test_nothing_of_a_postponed_host_is_handed_out_before_its_time(at):
    frontier, until = at(), NOW + HOUR
    frontier.discover([found(1)], NOW)
    frontier.postpone(HOST, until, "429")
    frontier.postpone(HOST, NOW, "a shorter time does not count")
    assert leased(frontier) == []
    assert frontier.opens_at(NOW) == until
    assert leased(frontier, until) == ["1"]
    assert frontier.opens_at(NOW) is None


def test_what_was_dropped_because_its_host_has_to_wait_comes_back_in_the_same_crawl(at):
    frontier = at()
    frontier.discover([found(1), found(2)], NOW)
    assert leased(frontier) == ["1", "2"]
    frontier.release(found(1).url)
    assert leased(frontier) == []
    frontier.postpone(HOST, datetime.now(UTC) + HOUR, "429")
    frontier.release(found(2).url)
    assert leased(frontier, datetime.now(UTC) + 2 * HOUR) == ["2"]


def test_what_was_dropped_for_a_pause_that_is_over_at_once_comes_back_too(at):
    now = datetime.now(UTC)
    frontier = at(now)
    frontier.discover([found(1)], now)
    assert leased(frontier, now) == ["1"]
    frontier.postpone(HOST, datetime.now(UTC), "HTTP 429, Retry-After: 0")
    frontier.release(found(1).url)
    assert leased(frontier, now + HOUR) == ["1"]
    frontier.release(found(1).url)  # for some other reason
    assert leased(frontier, now + 2 * HOUR) == []


def test_a_connection_that_broke_while_its_host_had_to_wait_is_tried_once_more_in_the_same_crawl(at):
    now = datetime.now(UTC)
    frontier = at(now)
    frontier.discover([found(1), found(2)], now)
    for hours, tried in ((1, ["1", "2"]), (2, ["1"])):
        assert sorted(leased(frontier, now + hours * HOUR)) == tried
        frontier.postpone(HOST, now + hours * HOUR + HOUR / 2, "429")
        frontier.failed(found(1).url, Outcome.DISCONNECTED, now + hours * HOUR)
        frontier.failed(found(2).url, Outcome.TIMED_OUT, now + hours * HOUR)  # it had its time
        frontier.release(found(1).url)
        frontier.release(found(2).url)
    assert leased(frontier, now + 3 * HOUR) == []


def test_a_page_is_due_again_when_its_time_has_come(at):
    at().captured(capture(), headers())
    assert due(at, NOW + HOUR - timedelta(microseconds=1)) == []
    assert due(at, NOW + HOUR) == ["1"]


def test_without_an_interval_a_page_is_due_at_each_crawl_once(at):
    always = Pace(first_s=0)
    frontier = at(pace=always)
    frontier.discover([found(1)], NOW)
    assert leased(frontier) == ["1"]
    frontier.captured(capture(at=NOW + HOUR), headers())
    assert leased(frontier, NOW + DAY) == []
    again = at(NOW + HOUR, pace=always)
    assert leased(again, NOW + HOUR) == ["1"]
    again.captured(capture(at=NOW + 2 * HOUR), headers())
    assert leased(at(NOW + 2 * HOUR, pace=always), NOW + 2 * HOUR) == ["1"]


def test_unchanged_bytes_make_the_interval_grow_and_a_new_text_halves_it(at):
    link = found(1, "article", published_raw=NOW.isoformat())
    frontier, moment = at(), NOW
    frontier.discover([link], NOW)
    frontier.captured(capture(), headers())
    frontier.judged(URL, NOW, Outcome.ARTICLE, "one", NOW)
    intervals = []
    for digest, text in (("sha256:aa", None), ("sha256:bb", "one"), ("sha256:cc", "two"), ("sha256:dd", "3")):
        moment = _next_visit(at, moment)
        intervals.append(moment)
        frontier = at(moment)
        frontier.captured(capture(at=moment, digest=digest), headers())
        if text:
            frontier.judged(URL, moment, Outcome.ARTICLE, text, NOW)
    intervals.append(_next_visit(at, moment))
    spans = [(after - before) / HOUR for before, after in zip([NOW, *intervals], intervals, strict=False)]
    assert spans == [1, 1.5, 2.25, 1.125, 0.5625]


def _next_visit(at: Open, after: datetime) -> datetime:
    """When the page is due again, to the second."""
    frontier = at(after)
    rows = frontier._store.rows("SELECT next_visit_at FROM urls", {})
    return datetime.fromisoformat(rows[0][0])


def test_a_listing_is_looked_at_sooner_where_it_brought_new_links(at):
    moment, spans = NOW, []
    at().discover([found(1, "listing")], NOW)
    for number, new_links in enumerate((5, 0, 0, 3)):
        frontier = at(moment)
        frontier.captured(capture(at=moment, digest=f"sha256:{number}"), headers(), to_read=True)
        frontier.read(URL, new_links)
        before, moment = moment, _next_visit(at, moment)
        spans.append((moment - before) / HOUR)
    assert spans == [1, 1.5, 2.25, 1.125]


def test_an_old_article_is_seldom_due(at):
    link = found(1, "article", published_raw=(NOW - 100 * DAY).isoformat())
    frontier = at()
    frontier.discover([link], NOW)
    frontier.captured(capture(), headers())
    assert due(at, NOW + 19 * DAY) == []
    assert due(at, NOW + 20 * DAY + timedelta(seconds=1)) == ["1"]


def test_a_sitemap_that_tells_a_new_date_makes_an_article_due_until_it_is_not_believed(at):
    def told(day: int) -> Found:
        return found(1, "article", found_in="sitemap", modified_raw=f"2026-11-{day:02}")

    frontier = at()
    frontier.discover([told(1)], NOW)
    frontier.captured(capture(), headers())
    frontier.judged(URL, NOW, Outcome.ARTICLE, "text", None)
    for number, is_due in enumerate((True, True, False), start=1):
        moment = NOW + number * timedelta(minutes=10)
        at(moment).discover([told(1 + number)], moment)
        assert (due(at, moment) == ["1"]) is is_due
        at(moment).captured(capture(at=moment), headers())


def test_a_date_counts_also_where_a_listing_named_the_article_first_and_again_once_it_was_true(at):
    def told(moment: datetime) -> Found:
        return found(1, "article", found_in="sitemap", modified_raw=moment.isoformat())

    seldom = Pace(first_s=90 * 86_400)
    frontier = at(pace=seldom)
    frontier.discover([found(1, "article", found_in="listing", title="One")], NOW)
    frontier.captured(capture(), headers())
    frontier.judged(URL, NOW, Outcome.ARTICLE, "0", None)
    frontier.discover([told(NOW)], NOW)
    for number in range(1, 5):
        moment = NOW + number * timedelta(minutes=10)
        at(moment).discover([told(moment - HOUR)], moment)
        assert due(at, moment) == []
        at(moment).discover([told(moment)], moment)
        assert due(at, moment) == ["1"]
        frontier = at(moment, pace=seldom)
        frontier.captured(capture(at=moment, digest=f"sha256:{number}"), headers())
        frontier.judged(URL, moment, Outcome.ARTICLE, str(number), None)


@pytest.mark.parametrize("outcome", [Outcome.TIMED_OUT, Outcome.DISCONNECTED, Outcome.CONNECTION_FAILED])
def test_what_fails_is_tried_after_growing_pauses_then_given_up_until_a_link_leads_there(at, outcome):
    moment, pauses = NOW, []
    at().discover([found(1)], NOW)
    for _ in range(8):
        frontier = at(moment)
        assert leased(frontier, moment) == ["1"]
        for _ in range(3):  # retries of one visit
            moment += timedelta(seconds=1)
            frontier.failed(URL, outcome, moment)
        rows = frontier._store.rows("SELECT next_visit_at, state FROM urls", {})
        if rows[0][0]:
            pauses.append((datetime.fromisoformat(rows[0][0]) - moment) / HOUR)
            moment = datetime.fromisoformat(rows[0][0])
    assert pauses == pytest.approx([0, 1 / 6, 1, 6, 24, 72, 168])
    assert rows == [(None, "given_up")]
    assert due(at, moment + 900 * DAY) == []
    assert at(moment).discover([found(1)], moment).waiting == frozenset()
    assert at(moment + 31 * DAY).discover([found(1)], moment + 31 * DAY).waiting == {URL}
    assert due(at, moment + 32 * DAY) == ["1"]


@pytest.mark.parametrize("status", [403, 500, 503])
def test_an_answer_that_refuses_the_page_is_a_try_in_vain(at, status):
    frontier = at()
    frontier.discover([found(1)], NOW)
    frontier.captured(capture(status=status), headers())
    assert frontier._store.rows("SELECT state, outcome, tries FROM urls", {}) == [("failed", str(status), 1)]
    frontier.captured(capture(at=NOW + HOUR), headers())
    assert frontier._store.rows("SELECT state, tries FROM urls", {}) == [("done", 0)]


def test_a_page_that_is_put_off_with_no_word_of_when_comes_last_and_three_times_in_a_crawl(at):
    frontier, clock = at(), datetime.now(UTC)
    frontier.discover([found(1), found(2)], NOW)
    for number, wanted in enumerate((["1", "2"], ["2", "1"], ["2", "1"])):
        moment = clock + number * HOUR
        assert leased(frontier, moment) == wanted
        frontier.captured(capture(status=429, at=moment), headers())
        frontier.postpone(HOST, moment + HOUR, "wait")
        for url in wanted:
            frontier.release(found(int(url)).url)
    assert leased(frontier, clock + 3 * HOUR) == ["2"]


@pytest.mark.parametrize(("status", "fields"), [(429, {"Retry-After": "60"}), (503, {"Retry-After": "60"})])
def test_a_host_that_wants_to_be_asked_later_costs_a_page_no_try_until_it_is_the_page(at, status, fields):
    frontier, clock = at(), datetime.now(UTC)
    frontier.discover([found(1)], NOW)
    for number in range(10):
        moment = clock + number * HOUR
        assert leased(frontier, moment) == ["1"]
        frontier.captured(capture(status=status, at=moment), headers(**fields))
        assert frontier._store.rows("SELECT state, tries FROM urls", {}) == [("discovered", 0)]
        frontier.judged(URL, moment, Outcome.BLOCKED, "", None)
        frontier.postpone(HOST, moment + HOUR, "wait")
        frontier.release(URL)
        assert leased(frontier, moment) == []
    moment = clock + 10 * HOUR
    assert leased(frontier, moment) == ["1"]
    frontier.captured(capture(status=status, at=moment), headers(**fields))
    frontier.postpone(HOST, moment + HOUR, "wait")
    frontier.release(URL)
    assert frontier._store.rows("SELECT state, tries FROM urls", {}) == [("failed", 1)]
    assert leased(frontier, moment + HOUR) == []
    frontier.captured(capture(at=moment + HOUR), headers())
    assert frontier._store.rows("SELECT state, tries, put_off FROM urls", {}) == [("done", 0, 0)]


@pytest.mark.parametrize(
    ("truncated", "state"), [("disconnect", "failed"), ("time", "failed"), ("length", "done")]
)
def test_an_answer_that_was_cut_is_asked_for_again_unless_it_is_cut_at_our_limit(at, truncated, state):
    frontier = at()
    frontier.discover([found(1, "listing")], NOW)
    assert leased(frontier) == ["1"]
    frontier.captured(capture(truncated=truncated), headers(ETag='"1"'))
    assert frontier._store.rows("SELECT state, etag FROM urls", {}) == [(state, None)]
    assert due(at, NOW + timedelta(seconds=1)) == (["1"] if state == "failed" else [])


def test_what_has_to_wait_for_its_host_is_counted_with_the_time_and_the_reason(at):
    frontier, other = at(), "http://other.example/9"
    frontier.discover([*map(found, range(3)), replace(found(9), url=other)], NOW)
    assert frontier.left(NOW) is None
    frontier.postpone(HOST, NOW + 2 * HOUR, "HTTP 503, Retry-After")
    frontier.postpone("other.example", NOW + HOUR, "a wall")
    frontier.postpone("elsewhere.example", NOW + HOUR / 2, "nothing is due there")
    assert frontier.left(NOW) == Left(
        urls=4, hosts=(HOST, "other.example"), opens_at=NOW + HOUR, reason="a wall"
    )
    assert frontier.left(NOW + HOUR) == Left(
        urls=3, hosts=(HOST,), opens_at=NOW + 2 * HOUR, reason="HTTP 503, Retry-After"
    )


def test_a_seeds_own_url_whose_host_has_to_wait_is_due_as_soon_as_that_is_open(at):
    first = at()
    first.begin([found(1, "feed")])
    first.captured(capture(), headers())
    first.end()
    moment = NOW + timedelta(minutes=1)
    at(moment).postpone(HOST, moment + HOUR, "wait")
    again = at(moment)
    assert again.begin([found(1, "feed")]) == []
    assert again.opens_at(moment) == moment + HOUR
    assert leased(again, moment + HOUR) == ["1"]


def test_a_wall_in_the_pages_place_is_a_try_in_vain(at):
    frontier = at()
    frontier.captured(capture(), headers())
    frontier.judged(URL, NOW, Outcome.BLOCKED, "", None)
    assert frontier._store.rows("SELECT state, outcome FROM urls", {}) == [("failed", "blocked")]


@pytest.mark.parametrize("status", [404, 410])
def test_a_page_that_is_gone_is_asked_for_again_only_where_a_link_leads_there_after_a_while(at, status):
    at().captured(capture(status=status), headers())
    assert due(at, NOW + 900 * DAY) == []
    assert at(NOW + HOUR).discover([found(1)], NOW + HOUR).waiting == frozenset()
    assert at(NOW + DAY).discover([found(1)], NOW + DAY).waiting == {URL}


def test_a_page_that_is_never_there_is_asked_for_ever_more_rarely_however_often_it_is_linked(at):
    asked = []
    for day in range(40):
        moment = NOW + day * DAY
        frontier = at(moment)
        frontier.discover([found(1)], moment)
        if leased(frontier, moment):
            asked.append(day)
            frontier.captured(capture(status=404, at=moment), headers())
    assert asked == [0, 1, 3, 7, 15, 31]


def test_a_page_that_is_moved_and_stays_so_is_asked_for_as_one_that_does_not_change(at):
    moment, spans = NOW, []
    at().discover([found(1, "article", published_raw=NOW.isoformat())], NOW)
    for status in (200, 301, 301, 301):
        frontier = at(moment)
        frontier.captured(capture(status=status, at=moment), headers())
        if status == 200:
            frontier.judged(URL, moment, Outcome.ARTICLE, "one", NOW)
        before, moment = moment, _next_visit(at, moment)
        spans.append((moment - before) / HOUR)
    assert spans == [1, 1, 1.5, 2.25]


def test_a_daily_crawl_that_begins_a_little_sooner_takes_what_waited_for_a_day(at):
    daily = Pace(first_s=86_400)
    links = [found(number, "article", published_raw=NOW.isoformat()) for number in (1, 2)]
    at(pace=daily).discover(links, NOW)
    begun = NOW + HOUR
    frontier = at(begun, pace=daily)
    assert sorted(leased(frontier, begun)) == ["1", "2"]
    frontier.captured(capture(at=begun + HOUR), headers())
    frontier.captured(capture(f"http://{HOST}/2", at=begun + 3 * HOUR, digest="sha256:bb"), headers())
    assert leased(at(begun + 22 * HOUR, pace=daily), begun + 22 * HOUR) == []
    assert leased(at(begun + DAY, pace=daily), begun + DAY) == ["1"]


def test_a_page_that_was_there_and_is_gone_is_looked_for_a_few_times_more(at):
    moment = NOW
    at().captured(capture(), headers())
    for days in (1, 2, 4):
        moment += HOUR
        at(moment).captured(capture(status=404, at=moment), headers())
        moment += days * DAY
        assert due(at, moment - timedelta(seconds=1)) == []
        assert due(at, moment) == ["1"]
    at(moment).captured(capture(status=404, at=moment), headers())
    assert due(at, moment + 900 * DAY) == []


@pytest.mark.parametrize("outcome", [Outcome.ROBOTS_DENIED, Outcome.ADDRESS_REFUSED])
def test_what_is_forbidden_is_asked_for_again_after_a_week(at, outcome):
    frontier = at()
    frontier.discover([found(1)], NOW)
    frontier.failed(URL, outcome, NOW)
    assert due(at, NOW + 6 * DAY) == []
    assert not at(NOW).is_due(URL, NOW + 6 * DAY)
    assert due(at, NOW + 7 * DAY) == ["1"]


def test_a_page_whose_links_were_not_read_is_given_to_be_read_from_the_archive(at):
    frontier = at()
    frontier.discover([found(1, "listing")], NOW)
    frontier.captured(capture(), headers(ETag='"1"'), to_read=True)
    assert frontier.validators(URL) == Validators()
    later = at(NOW + timedelta(minutes=1))
    (place,) = later.unread(NOW, 9)
    assert (place.found.url, place.warc_file, place.warc_offset) == (URL, "x.warc.gz", 7)
    assert later.unread(NOW, 9) == []
    later.read(URL, 3)
    assert at(NOW + timedelta(minutes=2)).unread(NOW, 9) == []
    assert at(NOW).validators(URL) == Validators(etag='"1"')


def test_a_capture_that_cannot_be_read_is_fetched_again_whole(at):
    at().captured(capture(), headers(ETag='"1"'), to_read=True)
    later = at(NOW + timedelta(minutes=1))
    assert len(later.unread(NOW, 9)) == 1
    later.unreadable(URL)
    assert leased(later) == ["1"]
    assert later.validators(URL) == Validators()


def test_bytes_whose_links_were_read_once_are_not_read_again(at):
    frontier = at()
    frontier.captured(capture(), headers(), to_read=True)
    frontier.read(URL, 3)
    frontier.captured(capture(at=NOW + HOUR, record_type="revisit"), headers(), to_read=True)
    assert at(NOW + 2 * HOUR).unread(NOW, 9) == []


def test_an_article_is_not_read_again_for_its_links(at):
    frontier = at()
    frontier.discover([found(1, "article")], NOW)
    frontier.captured(capture(), headers(ETag='"1"'), to_read=True)
    assert at(NOW + timedelta(minutes=1)).unread(NOW, 9) == []


def test_one_url_of_each_article_is_taken_unless_that_is_gone(at):
    one, other = (replace(found(1, "article"), url=f"http://{HOST}/2026/story{end}") for end in ("", "/"))
    frontier = at()
    assert frontier.discover([one, other], NOW).same_article == {other.url}
    assert frontier.discover([other], NOW).same_article == {other.url}
    frontier.captured(capture(one.url, status=404), headers())
    assert frontier.discover([other], NOW).waiting == {other.url}


def test_a_seeds_own_urls_are_asked_for_at_each_crawl_and_not_twice_in_one_that_was_killed(at):
    entries = [found(1, found_in="seed"), found(2, found_in="seed")]
    killed = at()
    assert names(killed.begin(entries)) == ["1", "2"]
    killed.captured(capture(), headers())
    goes_on = at(NOW + timedelta(minutes=1))
    assert names(goes_on.begin(entries)) == ["2"]
    goes_on.end()
    assert names(at(NOW + timedelta(minutes=2)).begin(entries)) == ["1", "2"]


def test_a_sitemap_that_robots_txt_named_is_asked_for_at_each_crawl_and_one_of_an_index_when_due(at):
    first = at()
    first.begin([])
    first.discover([found(1, "sitemap", found_in="robots"), found(2, "sitemap", found_in="sitemap")], NOW)
    assert leased(first) == ["1", "2"]
    for number in (1, 2):
        first.captured(capture(found(number).url), headers())
        first.read(found(number).url, 0)
    first.end()
    soon = NOW + timedelta(minutes=5)
    again = at(soon)
    again.begin([])
    assert leased(again, soon) == ["1"]
    again.captured(capture(found(1).url, at=soon), headers())
    again.read(found(1).url, 0)
    goes_on = at(soon + timedelta(minutes=1))
    goes_on.begin([])
    assert leased(goes_on, soon + timedelta(minutes=1)) == []


def test_a_page_that_waits_takes_the_smaller_depth_from_whoever_names_it_again(at):
    frontier = at()
    frontier.discover([found(1, depth=3, hops="MLL"), found(2, depth=1, hops="L")], NOW)
    frontier.discover([found(1, depth=1, hops="L"), found(2, depth=3, hops="LLL")], NOW)
    assert [(one.depth, one.hops) for one in frontier.lease(NOW, 9, 9)] == [(1, "L"), (1, "L")]


def test_a_page_that_was_read_from_far_away_is_read_again_where_somebody_nearer_names_it(at):
    frontier, far = at(), replace(found(1, "listing"), depth=3, hops="LLL")
    frontier.discover([far], NOW)
    assert leased(frontier) == ["1"]
    frontier.captured(capture(), headers(), to_read=True)
    frontier.read(URL, 0, 3)
    frontier.discover([far], NOW)
    assert frontier.unread(NOW, 9) == []
    frontier.discover([replace(far, depth=1, hops="L")], NOW)
    (place,) = frontier.unread(NOW, 9)
    assert (place.found.depth, place.found.hops, place.warc_offset) == (1, "L", 7)
    frontier.read(URL, 2, 1)
    assert frontier.unread(NOW, 9) == []
    assert leased(frontier) == []


def test_a_page_named_by_somebody_nearer_while_it_is_read_is_read_once_more(at):
    frontier, far = at(), replace(found(1, "listing"), depth=3)
    frontier.discover([far], NOW)
    assert leased(frontier) == ["1"]
    frontier.captured(capture(), headers(), to_read=True)
    frontier.discover([replace(far, depth=2)], NOW)
    assert frontier.unread(NOW, 9) == []
    frontier.read(URL, 0, 3)
    assert [place.found.depth for place in frontier.unread(NOW, 9)] == [2]
    frontier.read(URL, 0, 2)
    assert frontier.unread(NOW, 9) == []


def test_an_article_named_by_somebody_nearer_is_not_read_again(at):
    frontier, far = at(), replace(found(1, "article"), depth=3)
    frontier.discover([far], NOW)
    frontier.captured(capture(), headers(), to_read=True)
    frontier.read(URL, 0, 3)
    frontier.discover([replace(far, depth=1)], NOW)
    assert frontier.unread(NOW, 9) == []


def test_a_cut_page_that_was_an_article_all_the_same_is_tried_again_when_it_was_to_be(at):
    frontier, cut = at(), replace(capture(at=NOW + HOUR), truncated="disconnect")
    frontier.captured(capture(), headers())
    frontier.captured(cut, headers())
    (before,) = frontier._store.rows("SELECT state, next_visit_at FROM urls", {})
    frontier._settling.extracted(URL, cut.captured_at, Outcome.ARTICLE, "sha1:A", None)
    assert frontier._store.rows("SELECT state, next_visit_at FROM urls", {}) == [before]
    assert before[0] == "failed"


def test_a_page_nobody_has_told_of_is_due(at):
    assert at().is_due("http://news.example.org/new", NOW)
    assert at().validators("http://news.example.org/new") == Validators()


@pytest.mark.parametrize(
    "change",
    [{"status": 500}, {"status": 301}, {"truncated": "length"}, {"method": "POST"}, {"status": 304}],
    ids=str,
)
def test_an_answer_that_is_no_whole_page_leaves_the_validators_alone(at, change):
    frontier = at()
    frontier.captured(capture(), headers(ETag='"1"'))
    frontier.captured(replace(capture(at=NOW + DAY), **change), headers(ETag='"2"'))
    assert frontier.validators(URL).etag == '"1"'


def test_validators_come_from_the_newest_whole_answer_and_never_hold_what_no_request_can(at):
    frontier = at()
    frontier.captured(capture(), headers(ETag='"1"', Date="x"))
    frontier.captured(capture(at=NOW + DAY), headers(ETAG='"2"'))
    assert frontier.validators(URL) == Validators(etag='"2"')
    frontier.captured(capture(at=NOW + 2 * DAY), Headers([("ETag", "a\0b")]))
    assert frontier.validators(URL) == Validators()


def test_a_title_or_date_is_taken_from_whoever_tells_it_first(at):
    told = found(1, title="One", found_on=f"http://{HOST}/feed")
    frontier = at()
    for link in (found(1), told, replace(told, title="Other", published_raw="today"), found(1)):
        frontier.discover([link], NOW)
    assert frontier.lease(NOW, 9, 9) == [told]


def test_the_target_of_a_redirect_is_remembered_as_it_was_found(at):
    came = found(1, found_in="redirect", title="One", hops="MR")
    at().captured(capture(), headers(), found=came)
    assert at(NOW + 2 * HOUR).lease(NOW, 9, 9) == [came]


def test_sources_do_not_see_each_others_urls(at):
    at().discover([found(1)], NOW)
    at(source="lighthouse").captured(capture(), headers(ETag='"other"'))
    assert at(source="lighthouse").lease(NOW, 9, 9) == []
    assert leased(at()) == ["1"]
    assert at().validators(URL) == Validators()


def test_what_no_database_takes_in_a_text_is_left_out(at):
    frontier = at()
    frontier.discover([found(1, title="nul \0 and \ud800")], NOW)
    assert frontier.lease(NOW, 9, 9)[0].title == "nul  and ?"


def test_robots_txt_is_remembered_but_never_handed_out(at):
    answer = capture(url=f"http://{HOST}/robots.txt")
    at().captured(answer, Headers([("ETag", '"r"')]))
    assert at().validators(answer.url).etag == '"r"'
    assert due(at, NOW + 900 * DAY) == []


def test_of_500_000_that_wait_the_next_are_found_by_an_index(tmp_path):
    from crawler.frontier import leasing

    store = SqliteStore(tmp_path / "frontier.sqlite")
    for sql in (leasing._NEW, leasing._AGAIN):
        values = {"source": "a", "host": "b", "began": "c", "soon": "d", "room": 1, "tier": 1}
        plan = " ".join(row[3] for row in store.rows(f"EXPLAIN QUERY PLAN {sql}", values))
        assert "USING INDEX urls_" in plan
        assert "TEMP B-TREE" not in plan
    store.close()


def test_a_file_from_before_hosts_were_kept_goes_on(tmp_path):
    path = tmp_path / "frontier.sqlite"
    with sqlite3.connect(path) as db:
        db.executescript(
            """CREATE TABLE urls (source TEXT NOT NULL, url TEXT NOT NULL, kind TEXT NOT NULL,
            found_on TEXT NOT NULL, found_in TEXT NOT NULL, discovered_at TEXT NOT NULL, state TEXT NOT NULL,
            outcome TEXT, visited_at TEXT, next_visit_at TEXT, etag TEXT, last_modified TEXT,
            payload_digest TEXT, payload_at TEXT, PRIMARY KEY (source, url)) STRICT, WITHOUT ROWID;
            CREATE INDEX urls_due ON urls (source, state, next_visit_at);
            INSERT INTO urls VALUES
            ('harbor', 'http://a.example/1', 'page', 'x', 'feed', '2026-01-01', 'discovered',
                NULL, NULL, NULL, NULL, NULL, NULL, NULL),
            ('harbor', 'http://a.example/2', 'article', 'x', 'feed', '2026-01-01', 'done',
                '200', '2026-01-02', '2026-01-03', '"2"', NULL, NULL, NULL),
            ('harbor', 'http://a.example/3', 'article', 'x', 'feed', '2026-01-01', 'gone',
                '404', '2026-01-02', '2026-01-03', NULL, NULL, NULL, NULL);"""
        )
    db.close()
    with Frontier(SqliteStore(path), "harbor", now=NOW) as frontier:
        assert frontier.validators("http://a.example/2").etag == '"2"'
        assert leased(frontier) == ["1", "2"]
        other = replace(found(2, "article"), url="http://a.example/2/")
        assert frontier.discover([other], NOW).same_article == {other.url}
        assert frontier.is_due("http://a.example/3", NOW)


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from crawler.frontier import Found, Frontier, SqliteStore
frontier = Frontier(SqliteStore(Path(sys.argv[1])), "harbor")
number = 0
while True:
    number += 1
    url = f"http://news.example.org/{number}"
    frontier.discover([Found(url=url, kind="page", found_on="", found_in="feed")], datetime.now(UTC))
    print(number, flush=True)
"""


def test_nothing_that_was_noted_is_lost_to_kill_9(tmp_path):
    path = tmp_path / "frontier.sqlite"
    running = subprocess.Popen([sys.executable, "-c", KILLED, str(path)], stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    told = [running.stdout.readline().strip() for _ in range(40)]
    running.send_signal(signal.SIGKILL)
    told += running.stdout.read().split()
    running.communicate(timeout=60)
    with Frontier(SqliteStore(path), "harbor") as frontier:
        noted = set(leased(frontier, datetime.now(UTC), 1_000_000))
    assert set(told) <= noted
    assert len(noted) <= len(told) + 1


@pytest.mark.parametrize(
    "content", [b"not a database, by any means " * 50, b"SQLite format 3\0" + b"\xff" * 4000]
)
def test_a_file_that_is_no_frontier_is_set_aside_and_a_new_one_begun(tmp_path, caplog, content):
    path = tmp_path / "frontier.sqlite"
    path.write_bytes(content)
    with Frontier(SqliteStore(path), "harbor") as frontier:
        assert frontier.is_empty()
    assert (tmp_path / "frontier.sqlite.damaged").read_bytes() == content
    assert str(tmp_path / "frontier.sqlite.damaged") in caplog.text


def test_a_frontier_of_another_shape_is_set_aside(tmp_path):
    path = tmp_path / "frontier.sqlite"
    for _ in range(2):
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as db:
            db.execute("CREATE TABLE urls (url TEXT)")
        SqliteStore(path).close()
    asides = [tmp_path / f"frontier.sqlite.damaged{ending}" for ending in ("", ".2")]
    for aside in asides:
        with closing(sqlite3.connect(aside)) as db:
            assert db.execute("SELECT url FROM urls").fetchall() == []


def test_a_frontier_damaged_in_its_middle_is_set_aside_once_it_shows(tmp_path):
    path = tmp_path / "frontier.sqlite"
    urls = [found(number, title="x" * 500) for number in range(200)]
    with Frontier(SqliteStore(path), "harbor") as frontier:
        frontier.discover(urls, NOW)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    store, beside = SqliteStore(path), SqliteStore(path)
    with pytest.raises(ArchiveError, match="damaged, and set aside") as caught:
        store.rows("SELECT * FROM urls ORDER BY title", {})
    assert "run the same command" in caught.value.hint
    with Frontier(SqliteStore(path), "harbor") as frontier:
        frontier.discover(urls, NOW)
        with pytest.raises(ArchiveError):
            beside.rows("SELECT * FROM urls ORDER BY title", {})
        store.close()
        beside.close()
    with Frontier(SqliteStore(path), "harbor") as frontier:
        assert len(leased(frontier, NOW, 1000)) == len(urls)
    names = {one.name for one in tmp_path.iterdir()} - {"frontier.sqlite.damaged-wal"}
    assert names == {"frontier.sqlite", "frontier.sqlite.damaged"}


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from crawler.frontier import SqliteStore
from storage.errors import OutOfSpaceError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    SqliteStore(Path(sys.argv[1]))
except OutOfSpaceError as error:
    sys.exit(error.exit_code)
"""


def test_a_disk_without_room_for_the_frontier_is_told_as_such(tmp_path):
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / "frontier.sqlite"), "20000"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == OutOfSpaceError.exit_code, done.stderr
