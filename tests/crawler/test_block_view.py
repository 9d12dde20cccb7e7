"""Blocks and fields as a person reads them, on a terminal and in a file."""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.cli.block_view import write_blocks, write_candidates
from storage.article import Block, BlockKind, Candidate

LONG = "The ferry returned to the inner harbour on Monday after three weeks of repairs in the dock. " * 3
PAGE = """<!DOCTYPE html><html><head><title>Ferry returns - Saltwick Post</title></head><body>
<nav><a href="/">Home</a> <a href="/news">News</a></nav>
<article><h1>Ferry returns</h1>
<p>SALTWICK -- The ferry returned to the inner harbour on Monday after three weeks of repairs.</p>
<p>The crossing takes eleven minutes, and runs every hour until late evening on working days.</p></article>
<footer>All rights reserved by the Saltwick Post.</footer></body></html>"""


def block(text: str, kind: BlockKind, rule: str, *, kept: bool = False, **more: str) -> Block:
    return Block(text=text, kind=kind, kept=kept, rule=rule, **more)


BLOCKS = (
    block("Home", BlockKind.NAVIGATION, "structure:links", path="html/body/nav[1]"),
    block("News", BlockKind.NAVIGATION, "structure:links", path="html/body/nav[1]"),
    block(LONG, BlockKind.BODY, "body:engine", kept=True, path="html/body/p[1]"),
    block("I asked.", BlockKind.BODY, "publisher:transcript", kept=True, label="Q"),
)


def told(blocks=BLOCKS, **options) -> list[str]:
    file = io.StringIO()
    write_blocks(blocks, file, **options)
    return file.getvalue().splitlines()


@pytest.fixture(autouse=True)
def a_hundred_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)


def test_blocks_stand_in_page_order_under_their_kind_and_rule_with_a_mark_on_each_line():
    lines = told()
    assert lines[:4] == [
        "  navigation  structure:links",
        "-    1  Home",
        "-    2  News",
        "  body  body:engine",
    ]
    assert lines[4].startswith("+    3  The ferry returned")
    wrapped = lines[5 : lines.index("  body  publisher:transcript  Q")]
    assert len(wrapped) == 2
    assert all(line.startswith("+       ") for line in wrapped)
    assert all(len(line) <= 100 for line in lines)


def test_every_word_of_a_wrapped_block_is_there():
    body = [line[8:] for line in told() if line.startswith("+")]
    assert " ".join(" ".join(body).split()).startswith(" ".join(LONG.split()))


def test_the_counts_stand_at_the_end():
    assert told()[-3:] == [
        "",
        "+ kept 2 blocks, 53 words: body 2",
        "- removed 2 blocks, 2 words: navigation 2",
    ]


def test_paths_stand_under_their_blocks_when_asked_for():
    assert "-       html/body/nav[1]" in told(paths=True)
    assert not any("html/body" in line for line in told())


def test_numbers_and_remarks_are_those_of_the_page():
    lines = told(BLOCKS[:2], numbers=[7, 9], remarks={9: "LOST"})
    assert lines[:4] == [
        "  navigation  structure:links",
        "-    7  Home",
        "  navigation  structure:links  LOST",
        "-    9  News",
    ]


def test_what_would_steer_a_terminal_or_be_markup_of_rich_is_printed_as_letters():
    lines = told([block("[bold]a\x1b[2Jb[/bold] :smile:", BlockKind.BODY, "x", kept=True)])
    assert lines[1] == "+    1  [bold]a[2Jb[/bold] :smile:"


def test_a_page_without_blocks_says_so():
    assert told([]) == ["", "+ kept 0 blocks, 0 words", "- removed 0 blocks, 0 words"]


def test_of_a_field_s_values_the_taken_one_stands_first_with_a_star():
    file = io.StringIO()
    write_candidates(
        [
            Candidate(field="title", value="Ferry returns - Post", source="title"),
            Candidate(field="title", value="Ferry returns", source="json-ld", won=True),
            Candidate(field="date", value="2026-11-21", source="og", won=True),
        ],
        file,
    )
    assert file.getvalue().splitlines() == [
        "date",
        "  * og       2026-11-21",
        "title",
        "  * json-ld  Ferry returns",
        "    title    Ferry returns - Post",
    ]


def presswarc(folder: Path, *arguments: str, **environment: str) -> tuple[int, str]:
    """The exit code of the command on a terminal, and what it printed there."""
    (folder / "page.html").write_text(PAGE, encoding="utf-8")
    ours, theirs = pty.openpty()
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "FORCE_COLOR"}}
    child = subprocess.Popen(
        [sys.executable, "-m", "crawler.cli", *arguments],
        cwd=folder,
        stdout=theirs,
        stderr=theirs,
        stdin=subprocess.DEVNULL,
        env=kept | {"TERM": "xterm-256color", "COLUMNS": "100"} | environment,
    )
    os.close(theirs)
    said = b""
    try:
        while part := os.read(ours, 1 << 16):
            said += part
    except OSError:  # the other end is closed
        pass
    os.close(ours)
    return child.wait(timeout=120), said.decode().replace("\r\n", "\n")


def test_on_a_terminal_the_page_is_coloured_and_says_the_same_as_without_colour(tmp_path):
    code, coloured = presswarc(tmp_path, "extract", "--blocks", "page.html")
    assert code == 0
    assert "\x1b[" in coloured
    _, plain = presswarc(tmp_path, "extract", "--blocks", "page.html", NO_COLOR="1")
    assert "\x1b[" not in plain
    assert re.sub(r"\x1b\[[\d;]*m", "", coloured) == plain
    assert re.search(r"^\+ +\d+  SALTWICK -- The ferry", plain, re.MULTILINE)


def test_in_a_pipe_one_page_is_told_for_a_person_without_colour(tmp_path):
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    command = [sys.executable, "-m", "crawler.cli", "extract", "--blocks", "--paths", "page.html"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True, timeout=120)
    assert "\x1b[" not in done.stdout
    assert "html/body/article[1]/p[1]" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("- removed ")
