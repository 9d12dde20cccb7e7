"""`presswarc extract` as a real command."""

from __future__ import annotations

import gzip
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.cli.extract import Content, content_of
from crawler.cli.person import Page, told

PAGE = """<!DOCTYPE html><html><head><title>Ferry returns - Saltwick Post</title></head><body>
<nav><a href="/">Home</a> <a href="/news">News</a></nav>
<article><h1>Ferry returns</h1>
<p>SALTWICK -- The ferry returned to the inner harbour on Monday after three weeks of repairs.</p>
<p>The crossing takes eleven minutes, and runs every hour until late evening on working days.</p>
<p>Caf\u00e9 Anker will open its doors again as well, its owner told the Post over a cup of tea.</p></article>
<h3>Related Stories</h3><ul><li><a href="/a">Bridge closed again</a></li></ul></body></html>"""
PARAGRAPHS = re.findall(r"<p>(.*?)</p>", PAGE)
TEXT = """Ferry returns to the harbour

SALTWICK -- The ferry returned to the inner harbour on Monday after three weeks of repairs.

The crossing takes eleven minutes, and runs every hour until late evening on working days.
"""


@pytest.fixture
def extract(tmp_path):
    """Runs the verb in a folder with a page, a text and a WARC file."""
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    (tmp_path / "dump.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "a.warc.gz").write_bytes(gzip.compress(b"WARC/1.1\r\nWARC-Type: warcinfo\r\n\r\n"))
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWARC_")}

    def call(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        command = [sys.executable, "-m", "crawler.cli", "extract", *arguments]
        return subprocess.run(
            command, input=stdin, capture_output=True, timeout=120, check=False, cwd=tmp_path, env=environment
        )

    return call


def test_one_page_is_printed_for_a_person(extract):
    done = extract("page.html", "--url", "https://saltwick.example/ferry")
    assert (done.returncode, done.stderr) == (0, b"")
    title, fields, *text, removed = done.stdout.decode().rstrip("\n").split("\n\n")
    assert title == "Ferry returns"
    told = dict(line.split(maxsplit=1) for line in fields.splitlines())
    assert told["url"] == "https://saltwick.example/ferry"
    assert told["dateline"] == "SALTWICK"
    assert text == PARAGRAPHS
    assert removed.startswith("Removed\n")
    assert "related " in removed


def test_stdin_gives_what_the_file_gives(extract):
    assert extract("-", stdin=PAGE.encode()).stdout == extract("page.html").stdout


def test_text_is_told_from_html_by_its_content(extract):
    rows = [json.loads(line) for line in extract("--ndjson", "dump.txt", "page.html").stdout.splitlines()]
    assert [row["file"] for row in rows] == ["dump.txt", "page.html"]
    assert [row["title"] for row in rows] == ["Ferry returns to the harbour", "Ferry returns"]
    assert rows[0]["text"].split("\n\n") == PARAGRAPHS[:2]
    assert rows[1]["text"].split("\n\n") == PARAGRAPHS


def test_as_overrules_what_the_content_tells(extract):
    done = extract("--as", "html", "--json", "dump.txt")
    assert json.loads(done.stdout)[0]["outcome"] == "not_html"
    assert done.stderr == b"dump.txt: no article found (not html)\n"


def test_json_is_an_array_of_whole_articles(extract):
    (row,) = json.loads(extract("--json", "page.html").stdout)
    assert row["blocks"][0].keys() == {"text", "kind", "kept", "rule", "path", "label"}
    assert row["outcome"] == "article"
    assert row["authors"] == []


def test_blocks_are_rows_with_their_kind_and_rule_in_page_order(extract):
    rows = [json.loads(line) for line in extract("--blocks", "--ndjson", "page.html").stdout.splitlines()]
    assert [row["number"] for row in rows] == list(range(1, len(rows) + 1))
    assert [row["text"] for row in rows if row["kept"]] == PARAGRAPHS
    related = next(row for row in rows if row["text"] == "Bridge closed again")
    assert related["kind"] == "related"
    assert related["rule"]


def test_fields_are_rows_with_their_source_and_whether_they_were_taken(extract):
    rows = [json.loads(line) for line in extract("--fields", "--ndjson", "page.html").stdout.splitlines()]
    titles = [row for row in rows if row["field"] == "title"]
    assert {row["value"] for row in titles if row["won"]} == {"Ferry returns"}
    assert all(row["source"] for row in rows)


def test_paths_go_with_blocks_only(extract):
    done = extract("--paths", "page.html")
    assert done.returncode == 2
    assert b"try: give it with --blocks" in done.stderr


def test_blocks_of_several_files_follow_the_names_of_their_files(extract, tmp_path):
    assert extract("--blocks", "page.html", "dump.txt", "-o", "out.txt").returncode == 0
    told = Path(tmp_path / "out.txt").read_text(encoding="utf-8")
    assert told.startswith("page.html\n\n  ")
    assert "\n\ndump.txt\n\n" in told
    assert told.count("\n- removed ") == 2


def test_a_file_that_is_missing_is_told_and_the_others_are_done(extract):
    done = extract("--ndjson", "none.html", "page.html")
    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr.decode().splitlines()[:2] == [
        "error: cannot read the file: No such file or directory",
        "  at: none.html",
    ]


@pytest.mark.parametrize("name", ["none.html", ".", "a.warc.gz"])
def test_where_no_file_can_be_used_the_exit_code_is_2(extract, name):
    done = extract(name)
    assert (done.returncode, done.stdout) == (2, b"")
    assert f"  at: {name}\n" in done.stderr.decode()


def test_a_warc_file_is_sent_to_replay(extract):
    assert b"try: `presswarc replay" in extract("a.warc.gz").stderr


def test_a_url_belongs_to_one_page(extract):
    done = extract("--url", "https://saltwick.example/", "page.html", "dump.txt")
    assert done.returncode == 2
    assert done.stderr.startswith(b"error: --url is the URL of one page\n")


def test_a_file_that_is_no_page_is_not_an_article(extract, tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")
    done = extract("--json", "a.pdf")
    assert json.loads(done.stdout)[0]["outcome"] == "not_html"
    assert done.stderr == b"a.pdf: no article found (not html)\n"


def test_several_files_for_a_person_go_into_one_text_file(extract, tmp_path):
    assert extract("page.html", "dump.txt", "-o", "out.txt").returncode == 0
    told = Path(tmp_path / "out.txt").read_text(encoding="utf-8")
    assert told.startswith("Ferry returns\n\nfile ")
    assert "\nFerry returns to the harbour\n\nfile " in told
    assert "file      dump.txt" in told


def test_a_long_value_stays_beside_its_label_and_lines_keep_to_the_width():
    url = f"https://saltwick.example/{'a' * 60}"
    page = Page(title="Ferry", fields=[("url", url), ("words", "so many " * 8)], text="one two " * 20)
    lines = told(page, 50).splitlines()
    assert f"url    {url}" in lines
    assert "words  so many so many so many so many so many so" in lines
    assert all(len(line) <= 50 for line in lines if "https" not in line)


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (b"\xef\xbb\xbf\n<!-- saved --><!doctype HTML><p>a", Content.HTML),
        ("<html><p>a".encode("utf-16"), Content.HTML),
        (b"Some words. <p>a</p> and <b>more</b> <a href='/'>link</a>", Content.HTML),
        (b"If a < b and c > d, then <p> is a tag.", Content.TEXT),
        ("Caf\u00e9 opens.".encode("latin-1"), Content.TEXT),
        (b"", Content.TEXT),
        (gzip.compress(b"<html><p>a", mtime=0), Content.HTML),
        (gzip.compress(b"WARC/1.0\r\n", mtime=0), Content.WARC),
    ],
)
def test_content_is_told_by_the_bytes(data, content):
    assert content_of(data) is content
