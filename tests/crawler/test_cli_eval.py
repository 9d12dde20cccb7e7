"""`presswarc eval` as a real command, on a corpus of the tests' own."""

from __future__ import annotations

import csv
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.cli.eval_corpus import find_cases, read_truth
from crawler.cli.eval_runs import compare, load_run, save_run
from crawler.cli.eval_score import PageScore, totals_of, worst_first
from storage.errors import UsageError

pytestmark = pytest.mark.long

FIRST = "The ferry returned to the inner harbour on Monday after three weeks of repairs."
SECOND = "The crossing takes eleven minutes, and runs every hour until late evening on working days."
THIRD = "The port master said that nobody had asked for the old timetable to come back again."
PAGE = """<!DOCTYPE html><html lang="en"><head><title>{title} - Saltwick Post</title>
<meta property="og:site_name" content="Saltwick Post"><meta name="author" content="Ann Example">
<meta property="article:published_time" content="2026-11-21T05:30:00+09:00"></head><body>
<nav><a href="/">Home</a> <a href="/news">News</a></nav><article><h1>{title}</h1>{body}</article>
<footer>All rights reserved by the Saltwick Post.</footer></body></html>"""


def add(folder: Path, name: str, paragraphs: tuple[str, ...], **truth: object) -> None:
    """A page of these paragraphs, and its truth."""
    for part in ("html", "truth"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    body = "".join(f"<p>{text}</p>" for text in paragraphs)
    page = PAGE.format(title=f"Ferry story {name}", body=body).encode()
    (folder / "html" / f"{name}.html.gz").write_bytes(gzip.compress(page, mtime=0))
    told = {"url": f"https://saltwick.example/{name}", "main_content": "\n\n".join(paragraphs)} | truth
    (folder / "truth" / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")


@pytest.fixture
def corpus(tmp_path):
    """Two pages with everything right, and one whose truth has a paragraph that the page lacks."""
    folder = tmp_path / "corpus"
    fields = {
        "title": "Ferry Story a",
        "author": "Ann Example",
        "publish_date": "2026-11-21",
        "with": ["ferry returned"],
        "without": ["All rights reserved", "Home"],
    }
    add(folder, "a", (FIRST, SECOND, THIRD), **fields)
    add(folder, "b", (FIRST, SECOND, THIRD), author=["Bo Sample"])
    add(folder, "c", (FIRST, SECOND), main_content=f"{FIRST}\n{SECOND}\n{THIRD}", title="Another story")
    return folder


def evaluate(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PRESSWARC_")}
    command = [sys.executable, "-m", "crawler.cli", "eval", *map(str, arguments), "-j", "1"]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=cwd, env=environment
    )


def test_the_scores_are_told_with_the_worst_page_first(corpus):
    done = evaluate(corpus)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "3 pages, 3 of them with a text to compare"
    assert lines[1].startswith("text      F1 0.9")
    assert "precision 1.0000" in lines[1]
    assert lines[2] == "snippets  wanted 1.0000   unwanted 0.0000"
    assert "title, exact                 0.5000   1 of 2 pages" in lines
    assert "authors, all and no others   0.5000   1 of 2 pages" in lines
    assert "date, the day                1.0000   1 of 1 pages" in lines
    worst = lines[lines.index("Worst") + 2 :]
    assert [line.split()[0] for line in worst] == ["c", "a", "b"]


def test_rows_have_everything_and_the_totals_go_to_stderr(corpus, tmp_path):
    done = evaluate(corpus, "--ndjson", "--worst", 1)
    (row,) = [json.loads(line) for line in done.stdout.splitlines()]
    assert (row["name"], row["outcome"], row["precision"], row["title"]) == ("c", "article", 1.0, False)
    assert 0.5 < row["recall"] < 1.0
    assert row["date"] is None
    assert done.stderr.startswith("3 pages, 3 of them")
    assert evaluate(corpus, "-o", tmp_path / "scores.csv").stdout == ""
    with (tmp_path / "scores.csv").open(newline="") as file:
        assert [line["name"] for line in csv.DictReader(file)] == ["c", "a", "b"]


def test_two_runs_are_compared_page_by_page(corpus, tmp_path):
    saved = tmp_path / "run.json"
    assert evaluate(corpus, "--save", saved).returncode == 0
    add(corpus, "b", (FIRST, SECOND), main_content=f"{FIRST} {SECOND} {THIRD}", author="Ann Example")
    done = evaluate(corpus, "--against", saved)
    assert f"Against {saved}, on the 3 pages that both have" in done.stdout
    assert "0 pages better, 1 worse, 2 the same" in done.stdout
    assert "authors, all and no others   1 newly right, 0 newly wrong" in done.stdout
    assert done.stdout.splitlines()[-1].split()[0] == "b"


def test_a_loss_that_is_no_chance_ends_with_code_1(corpus, tmp_path):
    saved = tmp_path / "run.json"
    assert evaluate(corpus, "--save", saved).returncode == 0
    told = json.loads(saved.read_text())
    for page in told["pages"]:
        page |= {"f1": 1.0, "recall": 1.0}
    saved.write_text(json.dumps(told))
    for name in "ab":
        add(corpus, name, (FIRST, SECOND), main_content=f"{FIRST} {SECOND} {THIRD}")
    assert evaluate(corpus, "--against", saved).returncode == 1


def test_one_page_shows_what_was_lost_and_added_and_by_which_rule(corpus):
    add(corpus, "d", (FIRST, SECOND, THIRD), main_content=f"{FIRST}\n{SECOND}", title="Ferry story d")
    text = "All rights reserved by the Saltwick Post."
    add(
        corpus,
        "e",
        (FIRST, SECOND),
        main_content=f"{FIRST}\n{SECOND}\n{text}\nNo block has this line at all.",
    )
    extra, lost = evaluate(corpus, "--page", "d").stdout, evaluate(corpus, "--page", "e").stdout
    assert "title     right: Ferry story d" in extra
    assert "EXTRA: 0% of it in the truth" in extra
    assert THIRD in " ".join(line.removeprefix("+").strip() for line in extra.splitlines())
    assert FIRST not in extra
    assert "LOST: 100% of it in the truth" in lost
    assert f"  {text}" in lost
    assert "Lines of the truth that no block of the page has\n!  No block has this line at all." in lost


def test_a_page_with_nothing_wrong_and_a_truth_without_text_say_so(corpus):
    add(corpus, "d", (FIRST, SECOND, THIRD), main_content=None, title="Ferry story d")
    assert evaluate(corpus, "--page", "a").stdout.endswith("\n\nno block of the page is lost or added\n")
    assert "the truth has no text" in evaluate(corpus, "--page", "d").stdout


def test_the_blocks_of_a_page_are_rows_with_a_verdict(corpus):
    add(corpus, "d", (FIRST, SECOND, THIRD), main_content=f"{FIRST}\n{SECOND}")
    rows = [json.loads(line) for line in evaluate(corpus, "--page", "d", "--ndjson").stdout.splitlines()]
    assert {row["text"]: row["verdict"] for row in rows if row["kept"]} == {
        FIRST: "",
        SECOND: "",
        THIRD: "extra",
    }
    assert {row["in_truth"] for row in rows if row["verdict"] == "extra"} == {0.0}


def test_rules_answer_for_their_words(corpus):
    rows = [json.loads(line) for line in evaluate(corpus, "--rules", "--ndjson").stdout.splitlines()]
    kept = sum(row["kept"] for row in rows)
    assert kept == sum(len(text.replace("'", " ").split()) for text in (FIRST, SECOND, THIRD) * 3) - 16
    assert not any(row["lost"] for row in rows)
    assert evaluate(corpus, "--rules").stdout.startswith("Rules by the words of their blocks")


def test_a_sample_is_spread_over_the_corpus(corpus):
    for number in range(6):
        add(corpus, f"n{number}", (FIRST, SECOND))
    rows = [json.loads(line) for line in evaluate(corpus, "--sample", 3, "--ndjson").stdout.splitlines()]
    assert sorted(row["name"] for row in rows) == ["a", "n0", "n3"]


@pytest.mark.parametrize(
    ("text", "problem", "where"),
    [
        ('{"title": "A",\n "url"}', "not JSON", ":2"),
        ("[]", "no truth in the file", ""),
        ('{"url": "https://saltwick.example/"}', "no truth in the file", ""),
        ('{"title": 7}', "`title` is no text", ""),
        ('{"title": "A", "author": [7]}', "`author` is no list of texts", ""),
        ('{"title": "A", "with": "x", "without": {"a": 1}}', "`without` is no list of texts", ""),
    ],
)
def test_a_bad_truth_is_told_with_its_place_and_the_others_are_scored(corpus, text, problem, where):
    (corpus / "truth/b.json").write_text(text)
    done = evaluate(corpus)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {problem}")
    assert f"  at: {corpus / 'truth/b.json'}{where}\n  try: " in done.stderr
    assert done.stdout.startswith("2 pages")


def test_a_page_that_is_missing_or_broken_is_told(corpus):
    (corpus / "html/a.html.gz").unlink()
    (corpus / "html/b.html.gz").write_bytes(b"\x1f\x8b no gzip")
    done = evaluate(corpus)
    assert done.returncode == 1
    assert "error: a truth without its page" in done.stderr
    assert f"  at: {corpus / 'truth/a.json'}\n  try: put the page at {corpus / 'html/a'}.html" in done.stderr
    assert "error: cannot read the page" in done.stderr
    assert done.stdout.startswith("1 pages")


def test_without_a_page_to_score_only_the_faults_are_told(corpus):
    for truth in (corpus / "truth").iterdir():
        truth.write_text("{")
    done = evaluate(corpus)
    assert (done.returncode, done.stdout) == (2, "")
    assert "error: not JSON" in done.stderr


def test_what_is_no_corpus_ends_with_code_2(corpus, tmp_path):
    for folder, problem in (
        (tmp_path / "none", "there is no such folder"),
        (tmp_path, "the corpus has no folder html/"),
    ):
        done = evaluate(folder)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"error: {problem}\n  at: {folder}\n  try: ")
    for path in (corpus / "truth").iterdir():
        path.write_text("{")
    assert evaluate(corpus).returncode == 2


def test_a_wrong_name_gets_the_nearest_and_a_wrong_run_is_refused(corpus, tmp_path):
    add(corpus, "harbour", (FIRST, SECOND))
    done = evaluate(corpus, "--page", "harbor")
    assert (done.returncode, "did you mean `harbour`?" in done.stderr) == (2, True)
    (tmp_path / "run.json").write_text("[]")
    done = evaluate(corpus, "--against", tmp_path / "run.json")
    assert (done.returncode, done.stdout) == (2, "")
    assert "error: the file is no run" in done.stderr


def test_a_truth_may_tell_the_author_as_text_or_as_a_list_and_have_more_keys(tmp_path):
    (tmp_path / "a.json").write_text(
        '{"author": "Ann Example", "main_content": "", "note": 1, "title": null}'
    )
    assert read_truth(tmp_path / "a.json").authors == ("Ann Example",)
    (tmp_path / "a.json").write_text('{"author": ["Ann Example", " "], "with": null}')
    found = read_truth(tmp_path / "a.json")
    assert (found.authors, found.text, found.wanted) == (("Ann Example",), None, ())


def test_pages_are_found_packed_or_not(corpus):
    page = gzip.decompress((corpus / "html/a.html.gz").read_bytes())
    (corpus / "html/a.html.gz").unlink()
    (corpus / "html/a.htm").write_bytes(page)
    assert [case.html.name for case in find_cases(corpus).cases] == ["a.htm", "b.html.gz", "c.html.gz"]


def score(name: str, f1: float | None, **more: object) -> PageScore:
    return PageScore(
        name=name, url=None, outcome="article", f1=f1, precision=f1, recall=f1, **more
    )  # fmt: skip


def test_a_run_is_read_as_it_was_written(tmp_path):
    pages = (score("a", 0.5, title=True, seconds=0.25), score("b", None, authors=False))
    save_run(tmp_path / "run.json", pages)
    assert load_run(tmp_path / "run.json") == pages


@pytest.mark.parametrize("text", ["", "{", '{"format": "presswarc eval 1"}', '{"format": "x", "pages": []}'])
def test_a_file_that_is_no_run_is_refused(tmp_path, text):
    (tmp_path / "run.json").write_text(text)
    with pytest.raises(UsageError):
        load_run(tmp_path / "run.json")


def test_changes_stand_from_the_greatest_loss_to_the_greatest_gain():
    before = [score("a", 0.5), score("b", 0.5), score("c", 0.5), score("d", 0.5), score("gone", 0.1)]
    after = [score("a", 0.7), score("b", 0.5), score("c", 0.2), score("d", 0.4), score("new", 0.9)]
    found = compare(before, after)
    assert [change.after.name for change in found.changes] == ["c", "d", "a"]
    assert (found.pages, found.better, found.worse, found.unpaired) == (4, 1, 2, 2)
    assert found.interval.mean == pytest.approx(-0.05)


def test_a_field_counts_only_where_both_runs_know_it():
    before = [score("a", 1.0, title=False), score("b", 1.0, title=True), score("c", 1.0)]
    after = [score("a", 1.0, title=True), score("b", 1.0, title=False), score("c", 1.0, title=True)]
    title = next(one for one in compare(before, after).fields if one.name == "title")
    assert (title.gained, title.lost) == (("a",), ("b",))


def test_totals_count_only_what_the_truth_tells():
    total = totals_of([score("a", 0.5, title=True), score("b", None, date=False)])
    assert (total.pages, total.texts, total.text.f1, total.with_rate) == (2, 1, 0.5, None)
    assert {rate.name: (rate.right, rate.of) for rate in total.fields if rate.of} == {
        "title": (1, 1),
        "date": (0, 1),
    }
    assert [page.name for page in worst_first([score("x", None), score("b", 1.0), score("a", 1.0)])] == [
        "a",
        "b",
        "x",
    ]
