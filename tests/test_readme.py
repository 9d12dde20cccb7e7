"""What the README promises, tried on the demo's archive."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from crawler.seeds import read_seed
from storage.query import open_published, run_sql

pytestmark = pytest.mark.long

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return [
        re.sub(r"(?m)^   ", "", block) for block in re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    ]


@pytest.fixture(scope="module")
def demo(crawled_once):
    """The archive and output of the demo."""
    return crawled_once.archive, crawled_once.output


@pytest.mark.parametrize("sql", blocks("sql"))
def test_each_query_answers_on_the_demos_index(demo, sql):
    with open_published(demo[0]) as connection:
        assert run_sql(connection, sql, None, 60.0).rows


def test_the_output_shown_is_that_of_the_demo(demo):
    shown = re.search(r"<!-- demo output -->\n```text\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    assert steady(shown.group(1)) == steady(demo[1])


def steady(text: str) -> list[str]:
    """The lines without what varies: sizes, and which of an article's URLs was met first (a 301 more)."""
    lines = [re.sub(r"\d+\.\d MB", "MB", line.rstrip()) for line in text.strip().splitlines()]
    lines = [re.sub(r"^  \S*presswarc ", "  presswarc ", line) for line in lines]
    return [re.sub(r"\d+ (captures in \d WARC files).*", r"\1", line) for line in lines]


def test_the_seed_and_the_settings_shown_are_sound(tmp_path):
    settings, seed = blocks("toml")
    assert set(tomllib.loads(settings)) == {"contact", "operator"}
    path = tmp_path / "my-paper.toml"
    path.write_text(seed, encoding="utf-8")
    assert read_seed(path).politeness.delay_s == 5


def test_every_verb_is_in_the_table():
    from crawler.cli import VERBS

    for verb in VERBS:
        assert re.search(rf"(?m)^\| `{verb.name}\b", README), verb.name
