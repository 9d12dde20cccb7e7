"""`presswarc seeds` and `presswarc config` as real commands."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

SOUND = """title = "Saltwick Post"
urls = ["https://saltwick.example/"]
schedule = "5 * * * *"
"""
FAULTY = """title = "Saltwick Post"
urls = ["https://saltwick.example/", "saltwick"]
shedule = "5 * * * *"
"""


@pytest.fixture
def run(tmp_path):
    """Runs a command in a folder that holds the seeds `sound` and `faulty`."""
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "sound.toml").write_text(SOUND)
    (tmp_path / "seeds" / "faulty.toml").write_text(FAULTY)

    def call(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWARC_")}
        command = [sys.executable, "-m", "crawler.cli", *arguments]
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=tmp_path,
            env={**kept, **more},
        )

    return call


def test_seeds_are_listed_with_those_that_came_with_the_program(run):
    done = run("seeds", "list")
    assert done.returncode == 0
    rows = {row["name"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert rows["sound"] == {
        "name": "sound",
        "title": "Saltwick Post",
        "spider": "news",
        "schedule": "5 * * * *",
        "file": "seeds/sound.toml",
    }
    assert "demo" in rows
    assert rows["faulty"]["title"] is None
    assert done.stderr.startswith("faulty: 2 faults in seeds/faulty.toml; ")


def test_every_fault_of_a_seed_is_a_line_with_its_place(run):
    done = run("seeds", "check", "seeds/faulty.toml", "sound")
    assert done.returncode == 1
    first, second = done.stdout.splitlines()
    assert first.startswith("seeds/faulty.toml:2 urls: not an http or https URL")
    assert second.startswith("seeds/faulty.toml:3 shedule: unknown key, did you mean `schedule`?")
    assert done.stderr == "2 seeds checked, 2 faults\n"


def test_sound_seeds_exit_0_with_nothing_on_stdout(run):
    done = run("seeds", "check", "sound")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "1 seed checked, no faults\n")


def test_a_file_that_is_no_toml_is_a_fault(run, tmp_path):
    (tmp_path / "seeds" / "torn.toml").write_text("title = \n")
    done = run("seeds", "check", "torn")
    assert done.returncode == 1
    assert "torn.toml:1 " in done.stdout


def test_all_seeds_are_checked_by_default(run):
    done = run("seeds", "check")
    assert done.returncode == 1
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["seeds/faulty.toml"] * 2


def test_an_unknown_seed_names_the_nearest(run):
    done = run("seeds", "check", "sond")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: no seed is called `sond`, did you mean `sound`?\n")


def test_each_setting_is_shown_with_where_it_comes_from(run, tmp_path):
    (tmp_path / "presswarc.toml").write_text('contact = "https://saltwick.example/bot"\nretries = 5\n')
    done = run("config", "show", "--archive", "kept", PRESSWARC_RETRIES="7")
    assert (done.returncode, done.stderr) == (0, "")
    rows = {row["setting"]: row for row in map(json.loads, done.stdout.splitlines())}
    origins = {name: (row["value"], row["origin"]) for name, row in rows.items()}
    assert origins["archive"] == ("kept", "flag")
    assert origins["retries"] == (7, "PRESSWARC_RETRIES")
    assert origins["contact"] == ("https://saltwick.example/bot", "presswarc.toml:1")
    assert origins["warc_max_bytes"][1] == "default"
    assert all(row["help"] for row in rows.values())
    assert not (tmp_path / "kept").exists()


def test_what_is_to_be_set_before_a_crawl_is_said(run):
    assert run("config", "show").stderr.startswith("note: contact is not set")


def test_a_wrong_key_of_the_file_is_told_with_its_line(run, tmp_path):
    (tmp_path / "mine.toml").write_text("retires = 5\n")
    done = run("config", "show", "--config", "mine.toml")
    assert (done.returncode, done.stdout) == (2, "")
    assert "unknown key, did you mean `retries`?" in done.stderr
    assert "  at: mine.toml:1\n" in done.stderr


def test_a_settings_file_that_is_missing_is_an_error(run):
    done = run("config", "show", "--config", "none.toml")
    assert done.returncode == 2
    assert "  at: none.toml\n" in done.stderr
