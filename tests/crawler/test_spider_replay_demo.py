"""A crawl of a whole site run again over its archive gives the same items, whoever starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.cli import main

pytestmark = pytest.mark.long

ROOT = Path(__file__).parents[2]


def run(*arguments: object, archive: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command of ours or Scrapy's, by its name."""
    command = [str(Path(sys.executable).with_name(str(arguments[0]))), *map(str, arguments[1:])]
    environment = {**os.environ, **({"PRESSWARC_ARCHIVE": str(archive)} if archive else {})}
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


@dataclass(frozen=True)
class Demo:
    """An archive of two crawls of each sample site, and the items that each crawl gave."""

    archive: Path
    items: dict[tuple[str, int], list[dict[str, Any]]]

    def crawl_id(self, seed: str, number: int) -> str:
        return sorted(one.name for one in (self.archive / "crawls").glob(f"{seed}-2*"))[number - 1]


SPIDERS = {"demo": "news", "demo-defense": "defense"}


def read_items(path: Path) -> list[dict[str, Any]]:
    """Items of a file, in the order of their URLs."""
    return sorted(map(json.loads, path.read_text().splitlines()), key=lambda item: item["url"])


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Demo:
    folder = tmp_path_factory.mktemp("demo")
    items = {}
    for number in (1, 2):
        for seed, spider in SPIDERS.items():
            file = folder / f"{seed}-{number}.jsonl"
            done = run(
                "scrapy", "crawl", spider, "-a", f"seed={seed}", "-O", file, archive=folder / "archive"
            )
            assert done.returncode == 0, done.stderr
            items[seed, number] = read_items(file)
    return Demo(folder / "archive", items)


@pytest.mark.parametrize("number", [1, 2])
@pytest.mark.parametrize("seed", SPIDERS)
def test_a_crawl_of_a_whole_site_gives_the_same_items_from_its_archive(demo, tmp_path, seed, number):
    file = tmp_path / "items.jsonl"
    settings = (f"PRESSWARC_REPLAY={demo.archive}", f"PRESSWARC_REPLAY_CRAWL={demo.crawl_id(seed, number)}")
    flags = [part for setting in settings for part in ("-s", setting)]
    done = run("scrapy", "crawl", SPIDERS[seed], "-a", f"seed={seed}", *flags, "-O", file)
    assert done.returncode == 0, done.stderr
    assert "not in the archive" not in done.stderr
    assert "not asked for" not in done.stderr
    assert read_items(file) == demo.items[seed, number]
    assert len(demo.items[seed, 1]) > 20


def test_by_default_a_crawl_gives_the_newest_version_of_every_article(demo, tmp_path):
    file, state = tmp_path / "items.jsonl", sorted(demo.archive.rglob("*"))
    done = run(
        "presswarc", "crawl", *SPIDERS, "--from-archive", "-o", file, "--archive", demo.archive, "--debug"
    )
    assert done.returncode == 0, done.stderr
    assert "demo: finished" in done.stderr
    newest = {item["url"]: item for number in (1, 2) for seed in SPIDERS for item in demo.items[seed, number]}
    assert read_items(file) == sorted(newest.values(), key=lambda item: item["url"])
    assert sorted(demo.archive.rglob("*")) == state


def test_pages_are_counted_in_a_replay_as_in_a_crawl(demo):
    arguments = ("presswarc", "crawl", "demo", "--from-archive", "--archive", demo.archive)
    done = run(*arguments, "--max-pages", 5, "-o", "-")
    assert done.returncode == 0, done.stderr
    assert "page limit; fetched 6 ok" in done.stderr
    assert len(done.stdout.splitlines()) <= 5


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("demo", "--from-archive", "--crawl", "demo-1"), "no crawl `demo-1` in this archive"),
        (("demo", "demo-defense", "--from-archive", "--crawl", "x"), "--crawl is one crawl, of one seed"),
        (("demo", "--from-archive", "--until", "soon"), "`soon` is no time"),
        (("demo", "--from-archive", "--delay", "1"), "--delay has no use here"),
        (("demo", "--until", "2026-01-01"), "--until has no use here"),
        (("demo", "--from-archive", "-o", "again.csv"), "no form is known by the suffix `.csv`"),
    ],
)
def test_a_replay_that_cannot_be_meant_is_a_usage_error(demo, capsys, arguments, told):
    assert main(["crawl", *arguments, "--archive", str(demo.archive)]) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("https://elsewhere.example/",), "not in the archive: https://elsewhere.example/"),
        (("demo", "--until", "2001-01-01"), "start pages not in the archive"),
    ],
)
def test_a_replay_without_its_start_pages_is_incomplete(demo, arguments, told):
    done = run("presswarc", "crawl", *arguments, "--from-archive", "--archive", demo.archive)
    assert done.returncode == 3, done.stderr
    assert told in done.stderr
