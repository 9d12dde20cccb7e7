"""`presswarc replay` as a user runs it: choices, `--diff`, its exit codes, and an interrupt."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import other_rules
import pytest

from crawler.cli import main
from crawler.cli.diff_output import DiffOutput, write_differences
from crawler.cli.moments import moment
from crawler.cli.output import Form, Output
from crawler.comparing import Comparison
from pipelines.workers import Workers
from storage.index.choose import Choice
from storage.layout import Layout

pytestmark = pytest.mark.long

COURIER = "harbor-courier.test"


@pytest.fixture(scope="module")
def archive(crawled_once, tmp_path_factory) -> Path:
    """The archive after the demo's first crawl; the tests leave its index as it is."""
    return crawled_once.copied_to(tmp_path_factory.mktemp("cli_replay") / "archive")


@pytest.fixture
def presswarc(archive, monkeypatch, capsys):
    """Runs the command; its exit code, stdout and stderr."""
    monkeypatch.setenv("PRESSWARC_ARCHIVE", str(archive))

    def run(*arguments):
        code = main([str(one) for one in arguments])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_a_choice_is_told_in_numbers(presswarc):
    code, out, err = presswarc("replay", "--host", COURIER, "--since", "1d")
    assert (code, out) == (0, "")
    assert "pages extracted; index: unchanged" in err
    assert "captures in 1 WARC files replayed" in err


def test_nothing_chosen_is_no_fault(presswarc):
    code, out, err = presswarc("replay", "--until", "2020-01-01")
    assert (code, out, err) == (0, "", "no capture was chosen; nothing was changed\n")
    code, out, err = presswarc("replay", "--diff", "--until", "2020-01-01")
    assert code == 0
    assert err == "no capture was chosen\n"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--since", "yesterday"], "`yesterday` is no time"),
        (["--until", "2026-13-01"], "`2026-13-01` is no time"),
        (["--host", "harbor-curier.test"], f"did you mean `www.{COURIER}`?"),
        (["--url", "http://nowhere.example/"], "no capture of the URL `http://nowhere.example/`"),
        (["--source", "dem"], "no capture of the source `dem`, did you mean `demo`?"),
        (["--json"], "--limit, --json, --ndjson, --table and -o are for --diff"),
        (["--limit", "3"], "--limit, --json, --ndjson, --table and -o are for --diff"),
        (["--diff", "-o", "changes.csv"], "no form is known by the suffix `.csv`"),
        (["--diff", "--into", "x"], "--diff builds no index"),
    ],
)
def test_what_cannot_be_meant_is_a_usage_error(arguments, told, presswarc):
    code, out, err = presswarc("replay", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert told in err
    assert "  try: " in err


def test_a_missing_file_is_told_with_exit_code_1(presswarc, tmp_path):
    code, _, err = presswarc("replay", tmp_path / "none.warc.gz")
    assert code == 1
    assert "no such WARC file" in err


def test_without_differences_diff_says_so(presswarc):
    code, out, err = presswarc("replay", "--diff")
    assert code == 0
    assert out.endswith("no differences\n")
    assert err == ""
    code, out, _ = presswarc("replay", "--diff", "--json", "--host", COURIER)
    assert code == 0
    told = json.loads(out)
    assert told["differences"] == []
    assert told["summary"]["captures"] > 20
    assert told["summary"]["captures_changed"] == 0
    assert presswarc("replay", "--diff", "--ndjson")[:2] == (0, "")


def written(archive, form=None, limit=None, path=None):
    """What is written of the differences that other rules make, and the tally."""
    wanted = DiffOutput(output=Output(form=form, path=path), limit=limit)
    with Workers(2) as workers:
        comparison = Comparison(Layout(archive), Choice(), workers, rule=other_rules.stricter)
        try:
            shown = write_differences(comparison.articles(), comparison.tally, wanted)
        finally:
            comparison.close()
    assert shown == ""  # stdout is no terminal
    return comparison.tally


def test_the_report_shows_what_differs_most_first_and_counts_all(archive, capsys):
    tally = written(archive, limit=5)
    out = capsys.readouterr().out
    *pages, summary = out.split("\n\n")
    assert len([page for page in pages if page.startswith("http")]) == 5
    assert f"({tally.articles_changed - 5} more pages differ; --limit shows more)" in out
    assert "outcome: article" not in pages[0]
    assert "[-article-] {+not an article (short by other rules)+}" in pages[0]
    assert summary.startswith(f"compared   {tally.captures} captures of {tally.articles} pages\n")
    assert f"articles   0 gained, {tally.articles_lost} lost\n" in summary
    assert f"in the text -> promotion {other_rules.RULE}\n" in summary
    assert "share share:prompt -> share other:share\n" in summary


def test_a_paragraph_that_goes_is_shown_with_its_rule(archive, capsys):
    written(archive, limit=1000)
    lines = capsys.readouterr().out.splitlines()
    gone = [line for line in lines if line.endswith(f"   (promotion, {other_rules.RULE})")]
    assert gone
    assert all(line.startswith("    - ") and "volunteer" in line for line in gone)
    assert any(line.strip().startswith("title: ") and "[-" in line and "{+" in line for line in lines)
    assert sum("as shown above for another page" in line for line in lines) > 10


def test_machines_get_every_difference_and_the_summary(archive, capsys, tmp_path):
    tally = written(archive, Form.NDJSON)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == tally.captures_changed
    file = tmp_path / "changes.json"
    written(archive, path=file)
    told = json.loads(file.read_text())
    assert told["differences"] == lines
    summary = told["summary"]
    assert summary["changed"] == dict(tally.changed)
    assert sum(rule["blocks"] for rule in summary["rules"]) == sum(len(one["blocks"]) for one in lines)
    written(archive, Form.JSON, limit=0)
    assert json.loads(capsys.readouterr().out) == {"differences": [], "summary": summary}


def test_an_interrupted_replay_leaves_the_index_in_place(archive):
    before = (archive / "index.duckdb").stat()
    beside = archive / "state/index.anew.duckdb"
    command = [sys.executable, "-m", "crawler.cli", "replay", "--archive", str(archive), "--workers", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        for _ in range(6000):
            if beside.exists() or child.poll() is not None:
                break
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        _, err = child.communicate(timeout=120)
    assert child.returncode == 130, err
    assert err == "interrupted: the index is as it was\n"
    after = (archive / "index.duckdb").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert not beside.exists()
    with duckdb.connect(str(archive / "state/index.duckdb"), read_only=True) as connection:
        assert connection.execute("SELECT count(*) FROM articles").fetchone()[0] > 50


NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "end", "meant"),
    [
        ("2026-11-20", False, datetime(2026, 11, 20, tzinfo=UTC)),
        ("2026-11-20", True, datetime(2026, 11, 21, tzinfo=UTC)),
        ("2026-11-20T08:30", True, datetime(2026, 11, 20, 8, 30, tzinfo=UTC)),
        ("2026-11-20T08:30:15.25Z", False, datetime(2026, 11, 20, 8, 30, 15, 250_000, tzinfo=UTC)),
        ("2026-11-20 08:30-05:00", False, datetime(2026, 11, 20, 13, 30, tzinfo=UTC)),
        ("90m", False, NOW - timedelta(minutes=90)),
        ("2w", True, NOW - timedelta(weeks=2)),
    ],
)
def test_times_are_days_moments_or_how_long_ago(text, end, meant):
    assert moment(text, now=NOW, end=end) == meant


@pytest.mark.parametrize("text", ["", "d", "7 years", "999999w", "20-11-2026", "-3d"])
def test_other_words_are_no_times(text):
    with pytest.raises((ValueError, OverflowError)):
        moment(text, now=NOW)
