"""What is kept after a run, and who is told: real files, a real index, a real web server."""

from __future__ import annotations

import json
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from running import presswarc

from builders import capture
from crawler.config import load_config
from crawler.health import after_run
from crawler.health.after import tell
from crawler.health.overview import overview
from crawler.health.prometheus import metrics
from crawler.health.runs import RunHealth, read_run, run_ids, write_run
from crawler.health.state import read_state
from crawler.report import Report
from crawler.seed import Scope, Seed
from pipelines.cluster import update_clusters
from pipelines.run import extraction_row
from storage.article import Article, Outcome
from storage.crawl_quality import CrawlQuality
from storage.index.writer import IndexWriter
from storage.layout import Layout
from storage.model import Crawl

pytestmark = pytest.mark.long

BEGIN = datetime(2026, 11, 2, 8, 0, 0, 250_000, tzinfo=UTC)
SEED = Seed(name="paper", title="Paper", scope=Scope(hosts=("paper.example",)))


def run(layout, day, *, status=200, articles=10, title="A harbor opens", config=None, indexed=True):
    """One daily run: its captures in the index, its report, and what follows it."""
    began = BEGIN + timedelta(days=day)
    crawl_id = f"paper-{began:%Y%m%dT%H%M%S}250Z"
    report = Report(crawl_id=crawl_id, source="paper", started_at=began, reason="finished")
    report.statuses[str(status)] = report.fetches["ok"] = articles or 1
    report.pages["article"] = articles
    layout.crawl(crawl_id).mkdir(parents=True)
    report.write(layout.crawl(crawl_id) / "report.json", began + timedelta(seconds=90))
    if indexed:
        index(layout, crawl_id, began, day, articles, title)
    after_run(layout, SEED, report, lambda: began + timedelta(minutes=2), config=config)
    return crawl_id


def index(layout, crawl_id, began, day, articles, title):
    pages = [
        capture(
            1000 * day + number, f"https://paper.example/{day}-{number}", 24 * day, crawl_id=crawl_id,
            source="paper",
        )
        for number in range(articles)
    ]  # fmt: skip
    with IndexWriter(layout.root) as writer:
        writer.add(
            crawls=[
                Crawl(
                    crawl_id=crawl_id, source="paper", started_at=began, software="presswarc", seed_url="",
                    robots="obey",
                )
            ],
            captures=pages,
            extractions=[
                extraction_row(
                    page, Outcome.ARTICLE,
                    article=Article(title=title, text=f"Story {page.url} " * 40, published_at=began),
                )
                for page in pages
            ],
        )  # fmt: skip
        writer.refresh()
        update_clusters(writer)
        writer.publish()


def past(layout, days, titles=10):
    """Health rows of earlier runs, as they are kept."""
    for day in days:
        began = BEGIN + timedelta(days=day)
        crawl_id = f"paper-{began:%Y%m%dT%H%M%S}250Z"
        layout.crawl(crawl_id).mkdir(parents=True)
        quality = CrawlQuality(
            new=10, read_pages=10, with_title=titles, with_date=10, words=(80,) * 10, removed=(0.0,) * 10
        )
        row = RunHealth(
            crawl_id=crawl_id, source="paper", started_at=began, finished_at=began + timedelta(minutes=2),
            exit_code=0, reason="finished", statuses={"200": 10}, quality=quality,
        )  # fmt: skip
        write_run(layout, row)


@pytest.fixture
def layout(tmp_path):
    return Layout(tmp_path / "archive")


def test_a_run_is_kept_beside_its_report_with_what_the_index_tells(layout):
    crawl_id = run(layout, 0)
    kept = read_run(layout.crawl(crawl_id))
    assert (kept.source, kept.reason, kept.exit_code, kept.duration_s) == ("paper", "finished", 0, 120.0)
    assert (kept.quality.new, kept.quality.read_pages, kept.quality.with_title) == (10, 10, 10)
    assert (kept.statuses, kept.alarms) == ({"200": 10}, ())
    memory = read_state(layout).sources["paper"]
    assert (memory.runs, memory.new_articles, memory.new_at) == (1, 10, BEGIN + timedelta(minutes=2))


def test_a_run_is_kept_once_however_often_it_is_told(layout):
    crawl_id = run(layout, 0)
    before = read_state(layout)
    report = Report(crawl_id=crawl_id, source="paper", started_at=BEGIN, reason="finished")
    report.fetches["ok"] = 10
    after_run(layout, SEED, report, lambda: BEGIN + timedelta(minutes=3))
    assert read_state(layout).sources["paper"] == before.sources["paper"]


def test_a_lost_index_and_a_lost_state_lose_no_health(layout):
    for day in range(3):
        run(layout, day)
    layout.index.unlink()
    (layout.state / "health.json").unlink()
    run(layout, 3, indexed=False)
    memory = read_state(layout).sources["paper"]
    assert (memory.runs, memory.new_articles) == (4, 30)
    assert read_run(layout.crawl(run_ids(layout)["paper"][0])).quality is None


def test_runs_that_were_not_measured_or_not_indexed_are_measured_by_the_next(layout):
    first = run(layout, 0)
    (layout.crawl(first) / "health.json").unlink()
    killed = layout.crawl("paper-20261103T080000250Z")
    killed.mkdir()
    (killed / "log.ndjson").touch()
    late = run(layout, 2, indexed=False)
    assert read_run(killed).reason == "killed"
    assert read_run(layout.crawl(first)).quality.new == 10
    assert read_run(layout.crawl(late)).quality is None
    index(layout, late, BEGIN + timedelta(days=2), 2, 4, "Late")
    run(layout, 3)
    assert read_run(layout.crawl(late)).quality.new == 4


@pytest.mark.parametrize("damage", ["", "{", '{"open": 3}', "[]"])
def test_a_damaged_state_is_made_anew(layout, damage):
    run(layout, 0)
    (layout.state / "health.json").write_text(damage)
    (layout.crawl(run_ids(layout)["paper"][0]) / "health.json").write_text(damage)
    run(layout, 1)
    assert read_state(layout).sources["paper"].runs == 2
    assert (layout.state / "health.json.damaged").read_text() == damage


def test_a_drift_is_raised_once_kept_open_and_closed(layout):
    past(layout, range(7))
    drifted = run(layout, 7, title=None)
    run(layout, 8, title=None)
    (alarm,) = read_state(layout).open
    assert (alarm.kind, alarm.seen, alarm.crawl_id) == ("layout_drift", 2, drifted)
    assert alarm.message == "100% of the articles have no title; at most 1% are usual"
    assert read_run(layout.crawl(drifted)).alarms == ("layout_drift",)
    run(layout, 9)
    state = read_state(layout)
    assert state.open == ()
    assert [(one.since, one.closed_at) for one in state.closed] == [
        (BEGIN + timedelta(days=7, minutes=2), BEGIN + timedelta(days=9, minutes=2))
    ]


def test_what_a_person_accepts_is_compared_with_what_comes(layout):
    past(layout, range(7))
    run(layout, 7, title=None)
    assert [one.kind for one in read_state(layout).open] == ["layout_drift"]
    done = presswarc("status", "paper", "--accept", "--ndjson", "--archive", layout.root)
    assert "paper: 1 alarm closed" in done.stderr
    past(layout, range(8000, 8006), titles=0)  # later than the command was called
    run(layout, 8006, title=None)
    state = read_state(layout)
    assert state.open == ()
    assert state.closed[0].note == "accepted by a person"


def test_a_health_that_can_not_be_written_fails_no_crawl(layout, caplog):
    run(layout, 0)
    (layout.state / "health.json").unlink()
    (layout.state / "health.json").mkdir()
    run(layout, 1)
    assert "is not kept" in caplog.text


SAMPLE = re.compile(
    r'[a-z_]+(\{[a-z]+="(\\.|[^"\\])*"(,[a-z]+="(\\.|[^"\\])*")*\})? -?\d+(\.\d+)?(e[-+]\d+)?'
)


def test_prometheus_gets_each_metric_once_with_its_type_and_all_its_samples(layout):
    run(layout, 0)
    run(layout, 1, status=403, articles=0)
    lines = metrics(layout, BEGIN + timedelta(days=2)).splitlines()
    names, types = [], {}
    for line in lines:
        if line.startswith("# HELP "):
            names.append(line.split()[2])
        elif line.startswith("# TYPE "):
            types[line.split()[2]] = line.split()[3]
        else:
            assert SAMPLE.fullmatch(line), line
            assert re.split(r"[{ ]", line)[0] == names[-1]
    assert names == list(types)
    assert len(names) == len(set(names))
    assert all((kind == "counter") == name.endswith("_total") for name, kind in types.items())
    assert 'presswarc_alarm{source="paper",kind="blocked"} 1' in lines
    assert 'presswarc_alarm{source="paper",kind="layout_drift"} 0' in lines
    assert 'presswarc_last_run_answers{source="paper",status="403"} 1' in lines
    assert 'presswarc_new_articles_total{source="paper"} 10' in lines


def test_the_file_for_prometheus_is_written_after_each_run(layout, tmp_path):
    file = tmp_path / "collector" / "presswarc.prom"
    config = load_config(archive=layout.root, environ={"PRESSWARC_HEALTH_FILE": str(file)})
    run(layout, 0, config=config)
    before = file.read_text()
    assert 'presswarc_runs_total{source="paper"} 1' in before
    assert file.stat().st_mode & 0o777 == 0o644
    run(layout, 1, config=config)
    assert 'presswarc_runs_total{source="paper"} 2' in file.read_text()
    assert list(file.parent.iterdir()) == [file]


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, self.headers["Content-Type"], json.loads(body)))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def hook():
    server = HTTPServer(("127.0.0.1", 0), Hook)
    server.taken, server.status = [], 204
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def hooked(layout, hook, private="true"):
    return load_config(
        archive=layout.root,
        environ={
            "PRESSWARC_HEALTH_WEBHOOK": f"http://127.0.0.1:{hook.server_port}/alarms?key=1",
            "PRESSWARC_HEALTH_WEBHOOK_PRIVATE": private,
        },
    )


def test_the_webhook_hears_of_each_alarm_when_it_is_raised_and_when_it_is_over(layout, hook):
    config = hooked(layout, hook)
    for day, status in enumerate((200, 403, 403, 200, 200)):
        run(layout, day, status=status, config=config, articles=0 if status == 403 else 3)
    told = [(path, kind, body["event"], body["source"], body["kind"]) for path, kind, body in hook.taken]
    assert told == [
        ("/alarms?key=1", "application/json", event, "paper", "blocked") for event in ("raised", "closed")
    ]
    raised, closed = (body for _, _, body in hook.taken)
    assert raised["since"] == "2026-11-03T08:02:00Z"
    assert raised["text"].startswith(
        "paper: blocked since 2026-11-03T08:02:00Z: all 1 answers were a refusal"
    )
    assert closed["closed_at"] == "2026-11-05T08:02:00Z"
    assert read_state(layout).untold == ()


def test_runs_that_end_together_tell_the_webhook_once(layout, hook):
    config = hooked(layout, hook)
    run(layout, 0, status=403, articles=0)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda _: tell(layout, config), range(4)))
    assert [body["kind"] for _, _, body in hook.taken] == ["blocked"]


def test_what_the_webhook_did_not_take_it_is_told_again_at_the_next_run(layout, hook, caplog):
    config = hooked(layout, hook)
    hook.status = 500
    run(layout, 0, status=403, config=config, articles=0)
    assert "HTTP 500" in caplog.text
    assert len(read_state(layout).untold) == 1
    hook.status = 200
    run(layout, 1, status=403, config=config, articles=0)
    assert [body["event"] for _, _, body in hook.taken] == ["raised", "raised"]
    assert read_state(layout).untold == ()


def test_a_webhook_at_a_private_address_is_not_called_unless_that_is_allowed(layout, hook, caplog):
    run(layout, 0, status=403, config=hooked(layout, hook, "false"), articles=0)
    assert hook.taken == []
    assert "not a public address: 127.0.0.1" in caplog.text


def test_status_tells_the_latest_run_of_each_source_and_what_is_wrong(layout):
    run(layout, 0)
    blocked = run(layout, 1, status=403, articles=0)
    done = presswarc("status", "paper", "--ndjson", "--archive", layout.root, code=1)
    (told,) = map(json.loads, done.stdout.splitlines())
    assert (told["source"], told["state"], told["ended"]) == ("paper", "alarm", "finished")
    assert (told["failed"], told["last_run_at"]) == (1, "2026-11-03T08:02:00.250000Z")
    (alarm,) = told["alarms"]
    assert alarm["message"] == "all 1 answers were a refusal or a wall: 1 x 403"
    history = presswarc("status", "paper", "--all", "--csv", "--archive", layout.root, code=1)
    assert history.stdout.splitlines()[1].startswith(f"{blocked},paper,")
    assert len(history.stdout.splitlines()) == 3


def test_status_says_in_words_what_a_person_does(layout):
    run(layout, 0, status=403, articles=0)
    done = presswarc("status", "--table", "--archive", layout.root, code=1)
    assert "paper: blocked since 2026-11-02 08:02:00Z, seen 1 x" in done.stderr
    assert "  try: crawl more gently" in done.stderr


def test_status_is_0_where_all_is_well_and_creates_nothing(layout, tmp_path):
    assert presswarc("status", "--json", "--archive", tmp_path / "none").stdout
    assert not (tmp_path / "none").exists()
    run(layout, 0)
    before = sorted(path for path in layout.root.rglob("*"))
    presswarc("status", "paper", "--archive", layout.root)
    assert sorted(path for path in layout.root.rglob("*")) == before


def test_status_says_that_nobody_can_read_the_index(layout):
    run(layout, 0)
    layout.index.write_bytes(b"no database" * 999)
    done = presswarc("status", "paper", "--json", "--archive", layout.root, code=1)
    assert "the index cannot be read" in done.stderr
    assert "try: presswarc replay" in done.stderr


def test_status_lists_the_seeds_that_the_schedule_runs_here_and_those_it_can_not_read(layout, tmp_path):
    (tmp_path / "seeds").mkdir()
    scheduled = 'urls = ["http://news.example.org/"]\nschedule = "17 * * * *"\n'
    (tmp_path / "seeds/weekly.toml").write_text(scheduled)
    (tmp_path / "seeds/broken.toml").write_text(scheduled + "depth = 1\n")
    run(layout, 0)
    wide = {"COLUMNS": "200"}
    done = presswarc("status", "--table", "--archive", layout.root, cwd=tmp_path, env=wide, code=1)
    assert [line.split()[:2] for line in done.stdout.splitlines()[1:]] == [
        ["broken", "bad"],
        ["paper", "ok"],
        ["weekly", "never"],
    ]
    assert "seeds/broken.toml:3 depth: unknown key" in done.stderr
    assert "  try: presswarc seeds check broken" in done.stderr


def test_status_of_an_unknown_source_names_the_nearest(layout):
    run(layout, 0)
    done = presswarc("status", "papre", "--archive", layout.root, code=2)
    assert "no source is called `papre`, did you mean `paper`?" in done.stderr


def test_status_writes_the_file_for_prometheus(layout, tmp_path):
    run(layout, 0)
    presswarc("status", "--prometheus", tmp_path / "x.prom", "--archive", layout.root)
    told = presswarc("status", "--prometheus", "-", "--archive", layout.root).stdout
    assert 'presswarc_runs_total{source="paper"} 1' in told
    assert 'presswarc_runs_total{source="paper"} 1' in (tmp_path / "x.prom").read_text()


def test_a_crawl_without_a_report_runs_as_long_as_its_process_lives(layout):
    run(layout, 0)
    running = layout.crawl("paper-20261103T080000250Z")
    running.mkdir()
    lock = layout.state / "lock"
    lock.write_text(f"{os.getpid()}\n")
    now = BEGIN + timedelta(days=2)
    (one,) = overview(layout, now, ["paper"]).sources
    assert one.running_since == BEGIN + timedelta(days=1)
    assert one.last.reason == "finished"
    lock.write_text("999999999\n")
    (one,) = overview(layout, now, ["paper"]).sources
    assert (one.running_since, one.last.reason) == (None, "killed")


def test_status_imports_no_crawler(layout):
    run(layout, 0)
    done = presswarc("status", "--table", "--archive", layout.root, env={"PYTHONPROFILEIMPORTTIME": "1"})
    imported = {line.split("|")[-1].strip() for line in done.stderr.splitlines() if "import time" in line}
    assert imported.isdisjoint({"scrapy", "twisted", "trafilatura", "lxml"})
