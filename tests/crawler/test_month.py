"""A month of three sites under the schedule, on a driven clock: what is missed, asked in vain, told twice.

The sites and their troubles are those of `month_script`; `month_child.py` plays the month. Everything is held
against what the sites were at each run, and against their own log of what they were asked.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from month_script import (
    ARTICLES,
    BEGIN,
    END,
    FERRY,
    HOSTS,
    ISLES,
    MOOR,
    TROUBLES,
    Article,
    Text,
    is_up,
    starts,
    troubled,
)
from month_sites import Site
from running import presswarc

from storage.query import open_published, run_sql
from storage.urls import article_id

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif("MONTH" not in os.environ, reason="it takes minutes: `make month` runs it"),
]

HERE = Path(__file__).parent
DAY = timedelta(days=1)
TABLES = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"


@dataclass(frozen=True)
class Month:
    """What came of it: the archive, the sites' log, the alarms as the webhook had them."""

    folder: Path
    asked: list[dict[str, Any]]
    alarms: list[dict[str, Any]]
    told: list[str]
    codes: list[int]

    @property
    def archive(self) -> Path:
        return self.folder / "archive"

    def rows(self, sql: str, archive: Path | None = None) -> list[tuple[Any, ...]]:
        with open_published(archive or self.archive) as connection:
            return [tuple(row) for row in run_sql(connection, sql, None, 60.0).rows]

    def reports(self, site: str) -> list[dict[str, Any]]:
        """The reports of a site's runs, in their order."""
        paths = sorted((self.archive / "crawls").glob(f"{site}-*/report.json"))
        return [json.loads(path.read_text()) for path in paths]

    def of(self, article: Article) -> list[dict[str, Any]]:
        """What was asked for under the article's addresses."""
        paths = {article.path_of(article.slug), article.path(END)}
        return [one for one in self.asked if one["site"] == article.site and one["path"] in paths]


@pytest.fixture(scope="module")
def month(tmp_path_factory) -> Month:
    folder = tmp_path_factory.mktemp("month")
    env = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWARC_")}
    done = subprocess.run(
        [sys.executable, str(HERE / "month_child.py"), str(folder)],
        env=env | {"PYTHONPATH": str(HERE.parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    warned = [line for line in done.stderr.splitlines() if " WARNING " in line]
    assert [line for line in warned if "crawler.health.after: WARNING alarm: " not in line] == []
    return Month(folder, **json.loads((folder / "played.json").read_text()))


def in_reach() -> Iterator[Article]:
    """The articles that a run could have had. What leads to them is looked at once a day at least."""
    for name, articles in ARTICLES.items():
        site = Site(name=name)
        seen = {
            article.number
            for at in starts(name)
            if at < END - DAY and is_up(name, at) and not troubled(name, {"shells"}, at)
            for article in site.in_reach(at)
        }
        yield from (article for article in articles if article.number in seen)


def shown_texts(article: Article) -> Iterator[Text]:
    """The texts that a run could have had."""
    good = [at for at in starts(article.site) if is_up(article.site, at)]
    good = [at for at in good if not troubled(article.site, {"shells"}, at) and article.is_there(at)]
    yield from (text for text in article.texts if text in {article.text(at) for at in good})


def each_request(month: Month) -> Iterator[tuple[dict[str, Any], bool]]:
    """Each request for what is there, and whether it was there before and has not changed since."""
    last: dict[tuple[str, str], str] = {}
    for one in month.asked:
        if one["would_be"] == 200:
            key = (one["site"], one["path"])
            yield one, last.get(key) == one["digest"]
            last[key] = one["digest"]


def test_each_run_began_when_it_was_due_and_none_twice(month):
    assert month.codes == [0, 0, 0]
    for name in HOSTS:
        begun = [datetime.fromisoformat(one["started_at"]) for one in month.reports(name)]
        made_up = [line for line in month.told if f"{name}: makes up for" in line]
        assert len(made_up) == (name == MOOR)
        if name == MOOR:
            gap = next(one for one in TROUBLES if one.kind == "unwatched")
            late = next(at for at in begun if at >= gap.until)
            assert late - gap.until < timedelta(minutes=1)
            begun.remove(late)
        assert len(begun) == len(starts(name))
        for at, due in zip(begun, starts(name), strict=True):
            assert timedelta(0) <= at - due < timedelta(minutes=10)


def test_no_article_that_a_run_could_have_had_is_missed(month):
    wanted = list(in_reach())
    assert len(wanted) > 150
    texts = dict(month.rows("SELECT article_id, text FROM articles"))
    assert [one.url(END) for one in wanted if article_id(one.url(END)) not in texts] == []
    for article in wanted:
        text = article.texts[-1] if article.gone_at is None else article.text(article.gone_at)
        assert texts[article_id(article.url(END))].split("\n\n") == list(text.paragraphs), article.url(END)


def test_nothing_else_is_taken_for_an_article(month):
    known = {article_id(one.url(at)) for all_of in ARTICLES.values() for one in all_of for at in (BEGIN, END)}
    assert [url for key, url in month.rows("SELECT article_id, url FROM articles") if key not in known] == []


def test_each_correction_is_a_version_and_nothing_else_is(month):
    versions = dict(month.rows("SELECT article_id, versions FROM articles"))
    wanted = {article.url(END): len(list(shown_texts(article))) for article in in_reach()}
    assert sum(many > 1 for many in wanted.values()) >= 9
    assert {url: versions[article_id(url)] for url in wanted} == wanted


def test_a_moved_article_is_one_by_its_number_and_else_two_of_one_cluster(month):
    clusters = dict(month.rows("SELECT article_id, cluster_id FROM clusters"))
    for name, ids in ((ISLES, 1), (FERRY, 2)):
        (article,) = (one for one in ARTICLES[name] if one.moved_at)
        forms = {article_id(article.url(at)) for at in (article.published_at, END)}
        assert len(forms) == ids
        assert len({clusters[one] for one in forms}) == 1


def test_what_is_not_there_any_more_is_kept_and_soon_left_alone(month):
    kept = {key for (key,) in month.rows("SELECT article_id FROM articles")}
    for article in (one for all_of in ARTICLES.values() for one in all_of if one.gone_at):
        assert article_id(article.url(END)) in kept
        vain = [one for one in month.of(article) if one["status"] in {404, 410}]
        assert 1 <= len(vain) <= 5, article.url(END)


def test_what_never_was_there_is_asked_for_ever_more_rarely(month):
    there = {(one["site"], one["path"]) for one in month.asked if one["would_be"] not in {404, 503, 403}}
    vain = Counter(
        (one["site"], one["path"])
        for one in month.asked
        if one["status"] == 404 and (one["site"], one["path"]) not in there
    )
    assert vain
    assert max(vain.values()) <= 6, vain.most_common(5)


def test_nine_in_ten_revisits_of_what_has_not_changed_bring_no_body(month):
    revisits = Counter(one["status"] for one, unchanged in each_request(month) if unchanged)
    assert set(revisits) <= {200, 304}
    assert revisits[304] >= 0.9 * revisits.total()
    whole = [one for one, unchanged in each_request(month) if unchanged and one["status"] == 200]
    assert {one["path"] for one in whole} == {"/robots.txt"}


def test_an_unchanged_article_is_asked_for_a_few_times_a_month_an_old_one_hardly(month):
    asked: dict[str, list[int]] = defaultdict(list)
    for article in in_reach():
        if len(article.texts) == 1 and not article.gone_at and not article.moved_at:
            age = "old" if article.published_at < BEGIN - 30 * DAY else "new"
            if age == "old" or BEGIN <= article.published_at < BEGIN + 5 * DAY:
                fetched = [one for one in month.of(article) if one["status"] in {200, 304}]
                asked[age].append(len(fetched))
    assert max(asked["old"]) <= 4
    assert 4 <= sum(asked["new"]) / len(asked["new"]) <= 9
    assert min(asked["new"]) >= 4


def test_pages_that_never_change_and_lead_nowhere_are_asked_for_once_a_week_in_the_end(month):
    for path in ("/about/", "/privacy/"):
        asked = [one for one in month.asked if (one["site"], one["path"]) == (MOOR, path)]
        assert 6 <= len(asked) <= 14


def test_each_alarm_is_raised_once_and_told_once_when_it_is_over(month):
    raised = [(one["source"], one["kind"]) for one in month.alarms if one["event"] == "raised"]
    closed = [(one["source"], one["kind"]) for one in month.alarms if one["event"] == "closed"]
    wanted = [
        *((ISLES, "layout_drift"), (FERRY, outage(month)), (FERRY, "blocked")),
        *((MOOR, "silent"), (MOOR, "stale")),
    ]
    assert sorted(raised) == sorted(wanted)
    assert sorted(closed) == sorted(wanted)


def outage(month: Month) -> str:
    """The kind of alarm of an outage: what is asked for first tells, and robots.txt is known for a day."""
    kinds = {"unreachable", "robots_unreachable"}
    return str(next(one["kind"] for one in month.alarms if one["kind"] in kinds))


@pytest.mark.parametrize(
    ("site", "trouble", "kind", "runs"),
    [
        (ISLES, "shells", "layout_drift", 1),
        (FERRY, "unavailable", "", 1),
        (FERRY, "wall", "blocked", 1),
        (MOOR, "mute", "silent", 3),
        (MOOR, "unwatched", "stale", 2),
    ],
)
def test_an_alarm_comes_with_the_first_runs_of_its_trouble_and_goes_with_it(month, site, trouble, kind, runs):
    kind = kind or outage(month)
    during = next(one for one in TROUBLES if (one.site, one.kind) == (site, trouble))
    raised, closed = (
        datetime.fromisoformat(one["at"])
        for one in month.alarms
        if (one["source"], one["kind"]) == (site, kind)
    )
    assert during.since < raised < during.since + (runs + 0.5) * DAY
    assert raised < closed < during.until + 2 * DAY


def test_a_run_that_was_refused_or_got_no_answer_is_told_by_its_exit_code(month):
    for name in HOSTS:
        for report in month.reports(name):
            at = datetime.fromisoformat(report["started_at"])
            assert report["exit_code"] == (0 if is_up(name, at) else 3), report


def test_after_its_troubles_every_source_stands_as_it_should(month):
    with_settings = {"PRESSWARC_ARCHIVE": str(month.archive)}
    state = json.loads((month.archive / "state" / "health.json").read_text())
    assert state["open"] == []
    told = presswarc("verify", "--json", env=with_settings, cwd=month.folder)
    assert json.loads(told.stdout)["findings"] == []


def test_every_table_is_the_same_live_and_replayed(month, tmp_path):
    presswarc("replay", "--archive", month.archive, "--into", tmp_path / "again", cwd=month.folder)
    tables = [name for (name,) in month.rows(TABLES)]
    assert {"articles", "captures", "clusters", "versions", "dropped"} <= set(tables)
    for table in tables:
        live = sorted(map(repr, month.rows(f"FROM {table}")))
        replayed = sorted(map(repr, month.rows(f"FROM {table}", tmp_path / "again")))
        assert live == replayed, table
