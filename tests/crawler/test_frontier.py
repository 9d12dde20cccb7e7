from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.frontier import Found, Frontier, Validators
from storage.article import Outcome
from storage.errors import ArchiveError, OutOfSpaceError
from storage.model import Capture, Headers

NOW = datetime(2026, 11, 22, 1, 2, 3, 45, tzinfo=UTC)
HOUR = 3600.0
URL = "http://news.example.org/1"


def found(number: int) -> Found:
    return Found(
        url=f"http://news.example.org/{number}",
        kind="page",
        found_on="http://news.example.org/",
        found_in="feed",
    )


def capture(url: str = URL, status: int = 200, at: datetime = NOW, digest: str = "sha256:aa") -> Capture:
    return Capture(
        record_id="urn:uuid:1",
        url=url,
        source="harbor",
        crawl_id="harbor-1",
        captured_at=at,
        method="GET",
        status=status,
        mime="text/html",
        payload_digest=digest,
        record_type="response",
        warc_file="x.warc.gz",
        warc_offset=0,
        warc_length=1,
    )


def headers(**fields: str) -> Headers:
    return Headers(list(fields.items()))


@pytest.fixture
def frontier(tmp_path):
    with Frontier(tmp_path / "state" / "frontier.sqlite", "harbor") as opened:
        yield opened


def urls(frontier: Frontier, at: datetime) -> list[str]:
    return [one.url.rpartition("/")[2] for one in frontier.due(at)]


def test_what_was_discovered_is_due_as_it_was_found(frontier):
    frontier.discover([found(2), found(1)], NOW)
    assert frontier.due(NOW) == [found(1), found(2)]


def test_a_fetched_page_is_due_again_after_its_time_and_new_ones_come_first(frontier):
    frontier.discover([found(1), found(2)], NOW)
    frontier.captured(capture(), headers(), HOUR)
    assert urls(frontier, NOW) == ["2"]
    later = NOW + timedelta(hours=1)
    assert urls(frontier, later - timedelta(microseconds=1)) == ["2"]
    frontier.discover([found(3)], later)
    assert urls(frontier, later) == ["2", "3", "1"]


def test_the_page_that_waits_longest_comes_first(frontier):
    for number, hours in ((1, 3), (2, 1), (3, 2)):
        frontier.captured(capture(found(number).url), headers(), hours * HOUR)
    assert urls(frontier, NOW + timedelta(hours=5)) == ["2", "3", "1"]


def test_a_link_found_again_changes_nothing(frontier):
    frontier.captured(capture(), headers(), HOUR)
    frontier.discover([replace(found(1), kind="other")], NOW)
    assert urls(frontier, NOW) == []
    assert not frontier.is_due(URL, NOW)


@pytest.mark.parametrize(
    ("status", "due_now", "due_later"),
    [(200, False, True), (500, False, True), (404, True, True), (410, True, True)],
)
def test_an_answer_decides_when_a_link_is_followed_again(frontier, status, due_now, due_later):
    frontier.captured(capture(status=status), headers(), HOUR)
    assert frontier.is_due(URL, NOW) is due_now
    assert frontier.is_due(URL, NOW + timedelta(hours=2)) is due_later


def test_a_page_that_is_gone_is_not_asked_for_by_itself(frontier):
    frontier.captured(capture(status=404), headers(), HOUR)
    assert urls(frontier, NOW + timedelta(days=900)) == []


@pytest.mark.parametrize("outcome", [Outcome.TIMED_OUT, Outcome.DISCONNECTED, Outcome.CONNECTION_FAILED])
def test_a_fetch_without_an_answer_stays_to_be_fetched(frontier, outcome):
    frontier.discover([found(1)], NOW)
    frontier.failed(URL, outcome, NOW)
    assert urls(frontier, NOW) == ["1"]
    assert frontier.is_due(URL, NOW)


@pytest.mark.parametrize("outcome", [Outcome.ROBOTS_DENIED, Outcome.ADDRESS_REFUSED])
def test_what_is_forbidden_is_asked_for_again_after_a_week(frontier, outcome):
    frontier.discover([found(1)], NOW)
    frontier.failed(URL, outcome, NOW)
    assert urls(frontier, NOW + timedelta(days=6)) == []
    assert not frontier.is_due(URL, NOW + timedelta(days=6))
    assert urls(frontier, NOW + timedelta(days=7)) == ["1"]
    assert frontier.is_due(URL, NOW + timedelta(days=7))


def test_a_page_whose_links_were_not_read_is_asked_for_whole_at_the_next_start(frontier):
    frontier.captured(capture(), headers(ETag='"1"'), HOUR, to_read=True)
    assert urls(frontier, NOW) == ["1"]
    assert frontier.validators(URL) == Validators()
    assert not frontier.is_due(URL, NOW)  # by the crawl that reads it now
    frontier.read(URL)
    assert urls(frontier, NOW) == []
    assert frontier.validators(URL) == Validators(etag='"1"')


def test_an_article_is_not_asked_for_again_because_its_links_were_not_read(frontier):
    frontier.discover([replace(found(1), kind="article")], NOW)
    frontier.captured(capture(), headers(ETag='"1"'), HOUR, to_read=True)
    assert urls(frontier, NOW) == []


def test_a_page_nobody_has_told_of_is_due(frontier):
    assert frontier.is_due("http://news.example.org/new", NOW)
    assert frontier.validators("http://news.example.org/new") == Validators()


def test_validators_come_from_the_newest_whole_answer(frontier):
    frontier.captured(capture(), headers(ETag='"1"', Date="x"), HOUR)
    frontier.captured(capture(at=NOW + timedelta(days=1)), headers(ETAG='"2"'), HOUR)
    assert frontier.validators(URL) == Validators(etag='"2"', last_modified=None)


@pytest.mark.parametrize(
    "change",
    [
        {"status": 500},
        {"status": 304, "record_type": "revisit"},
        {"truncated": "length"},
        {"status": 301},
        {"method": "HEAD"},
    ],
)
def test_an_answer_that_is_no_whole_page_leaves_the_validators_alone(frontier, change):
    frontier.captured(capture(), headers(ETag='"1"'), HOUR)
    other = replace(capture(at=NOW + timedelta(days=1)), **change)
    frontier.captured(other, headers(ETag='"2"'), HOUR)
    assert frontier.validators(URL).etag == '"1"'


def test_a_page_seen_unchanged_takes_the_validators_it_now_has(frontier):
    frontier.captured(capture(), headers(ETag='"1"'), HOUR)
    again = replace(capture(at=NOW + timedelta(days=1)), record_type="revisit")
    frontier.captured(again, headers(ETag='"2"'), HOUR)
    assert frontier.validators(URL).etag == '"2"'


def test_how_a_link_was_found_comes_back_in_every_field(frontier):
    link = Found(
        url=URL,
        kind="article",
        found_on="http://news.example.org/feed",
        found_in="feed",
        depth=3,
        hops="MLM",
        title="Ship\u2019s in",
        published_raw="Sun, 22 Nov 2026",
        modified_raw="2026-11-23",
    )
    frontier.discover([link], NOW)
    assert frontier.due(NOW) == [link]


def test_a_title_or_date_is_taken_from_whoever_tells_it_first(frontier):
    told = replace(found(1), found_on="http://news.example.org/feed", title="Title", depth=2, hops="MM")
    frontier.discover([found(1)], NOW)
    frontier.discover([told], NOW)
    frontier.discover([replace(told, title="Other", published_raw="today")], NOW)
    frontier.discover([found(1)], NOW)
    assert frontier.due(NOW) == [told]


def test_the_target_of_a_redirect_is_remembered_as_it_was_found(frontier):
    came = Found(
        url="x", kind="article", found_on="http://a.example/", found_in="redirect", depth=2, hops="LR"
    )
    frontier.captured(capture(), headers(), HOUR, found=came)
    assert frontier.due(NOW + timedelta(hours=2)) == [replace(came, url=URL, kind="page")]


def test_a_file_from_before_titles_were_kept_goes_on(tmp_path):
    path = tmp_path / "frontier.sqlite"
    with sqlite3.connect(path) as db:
        db.executescript(
            """CREATE TABLE urls (source TEXT NOT NULL, url TEXT NOT NULL, kind TEXT NOT NULL,
            found_on TEXT NOT NULL, found_in TEXT NOT NULL, discovered_at TEXT NOT NULL, state TEXT NOT NULL,
            outcome TEXT, visited_at TEXT, next_visit_at TEXT, etag TEXT, last_modified TEXT,
            payload_digest TEXT, payload_at TEXT, PRIMARY KEY (source, url)) STRICT, WITHOUT ROWID;
            INSERT INTO urls (source, url, kind, found_on, found_in, discovered_at, state)
            VALUES ('harbor', 'http://news.example.org/1', 'page', 'x', 'feed', '2026', 'discovered');"""
        )
    db.close()
    with Frontier(path, "harbor") as frontier:
        frontier.discover([replace(found(2), title="Two")], NOW)
        first, second = frontier.due(NOW)
        assert (first.url, first.depth, first.hops, first.title) == (URL, 1, "L", None)
        assert second.title == "Two"


def test_sources_do_not_see_each_others_urls(frontier, tmp_path):
    frontier.discover([found(1)], NOW)
    with Frontier(tmp_path / "state" / "frontier.sqlite", "lighthouse") as other:
        other.captured(capture(), headers(ETag='"other"'), HOUR)
        assert other.due(NOW) == []
    assert urls(frontier, NOW) == ["1"]
    assert frontier.validators(URL) == Validators()


def test_a_link_that_cannot_be_stored_costs_only_its_own_portion(frontier):
    bad = replace(found(9), url="http://news.example.org/\ud800")
    with pytest.raises(UnicodeEncodeError):
        frontier.discover([found(1), bad], NOW)
    frontier.discover([found(2)], NOW)
    assert urls(frontier, NOW) == ["2"]


def test_a_crawl_resumes_where_it_was(tmp_path):
    path = tmp_path / "frontier.sqlite"
    with Frontier(path, "harbor") as one:
        one.discover([found(1), found(2)], NOW)
        one.captured(capture(), headers(ETag='"1"'), HOUR)
    with Frontier(path, "harbor") as other:
        assert urls(other, NOW) == ["2"]
        assert other.validators(URL).etag == '"1"'


KILLED = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from crawler.frontier import Found, Frontier
frontier = Frontier(Path(sys.argv[1]), "harbor")
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
    with Frontier(path, "harbor") as frontier:
        noted = {one.url.rpartition("/")[2] for one in frontier.due(datetime.now(UTC))}
    assert set(told) <= noted
    assert len(noted) <= len(told) + 1


@pytest.mark.parametrize(
    "content", [b"not a database, by any means " * 50, b"SQLite format 3\0" + b"\xff" * 4000]
)
def test_a_file_that_is_no_frontier_is_told_with_a_way_out(tmp_path, content):
    path = tmp_path / "frontier.sqlite"
    path.write_bytes(content)
    with pytest.raises(ArchiveError, match="frontier") as caught:
        Frontier(path, "harbor")
    assert "remove the file" in caught.value.hint
    assert caught.value.where == str(path)


def test_a_frontier_of_another_shape_is_told_with_a_way_out(tmp_path):
    path = tmp_path / "frontier.sqlite"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE urls (url TEXT)")
    db.close()
    with pytest.raises(ArchiveError, match="frontier"):
        Frontier(path, "harbor")


def test_robots_txt_is_remembered_but_never_due(frontier):
    answer = capture(url="http://news.example.org/robots.txt")
    frontier.captured(answer, Headers([("ETag", '"r"')]), 0)
    assert frontier.validators(answer.url).etag == '"r"'
    assert frontier.due(NOW + timedelta(days=9)) == []


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from crawler.frontier import Frontier
from storage.errors import OutOfSpaceError

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    Frontier(Path(sys.argv[1]), "harbor")
except OutOfSpaceError as error:
    sys.exit(error.exit_code)
"""


def test_a_disk_without_room_for_the_frontier_is_told_as_such(tmp_path):
    command = [sys.executable, "-c", FULL_DISK, str(tmp_path / "frontier.sqlite"), "20000"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == OutOfSpaceError.exit_code, done.stderr
