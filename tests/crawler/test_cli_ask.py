"""`presswarc query` and `presswarc show` on an index that the writer made, in all output forms."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import resource
import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from crawler.cli.query import memory_bound
from pipelines.cluster import update_clusters
from pipelines.sketch import content_digest, sketch, text_digest, word_count
from storage.article import Article, Block, BlockKind, Outcome, Photo
from storage.index.writer import IndexWriter
from storage.model import Capture, Crawl, Extraction
from storage.urls import article_id, canonical_url

FERRY = "https://harbour.example/news/ferry-returns/"
REPOST = "https://inland.example/2026/11/ferry-returns/"
GONE = "https://harbour.example/news/"
PARAGRAPHS = (
    "SALTWICK -- The ferry Marigold returned to the inner harbour on Monday after three weeks of work.",
    "Her engine was taken out through the deck, mended on the quay, and put back by ten men and a crane.",
    "The crossing takes twelve minutes, the owner said, and costs what it has cost since the pier burned.",
)


def article(*paragraphs: str, title: str, **fields: object) -> Article:
    blocks = (
        Block(text="Ferry Marigold at the quay.", kind=BlockKind.CAPTION, kept=False, rule="photo:caption"),
        Block(text="Bridge closed again", kind=BlockKind.RELATED, kept=False, rule="related:tail"),
        Block(text="Pier opens", kind=BlockKind.RELATED, kept=False, rule="related:tail"),
    )
    return Article(title=title, text="\n\n".join(paragraphs), blocks=blocks, language="en", **fields)


class Rows:
    """Captures and extractions as a crawl would give them."""

    def __init__(self) -> None:
        self.captures: list[Capture] = []
        self.extractions: list[Extraction] = []

    def add(self, url: str, day: int, found: Article | None, source: str = "harbour") -> None:
        record = f"<urn:uuid:00000000-0000-4000-8000-{len(self.captures):012d}>"
        seen = datetime(2026, 11, day, 8, 30, tzinfo=UTC)
        shared = {"record_id": record, "url": url, "source": source, "crawl_id": "c1", "captured_at": seen}
        self.captures.append(
            Capture(
                **shared,
                method="GET",
                status=200,
                mime="text/html",
                payload_digest=f"sha1:{len(self.captures)}",
                record_type="response",
                warc_file="2026/11/a.warc.gz",
                warc_offset=len(self.captures) * 1000,
                warc_length=900,
            )
        )
        told = {"outcome": Outcome.NOT_AN_ARTICLE, "reason": "listing page, 0 of 9 blocks kept"}
        if found is not None:
            told = {
                "outcome": Outcome.ARTICLE,
                "article": found,
                "content_digest": content_digest(found),
                "text_digest": text_digest(found.text),
                "word_count": word_count(found.text),
                "sketch": sketch(found.text),
            }
        key = {"canonical_url": canonical_url(url), "article_id": article_id(url)}
        self.extractions.append(Extraction(**shared, **key, **told))


@pytest.fixture(scope="session")
def archive(tmp_path_factory) -> Path:
    """An archive with an index: an article of two versions, its repost, a page without an article."""
    photo = Photo(
        caption="Ferry Marigold at the quay.",
        credit="Ada Wick",
        virin="261109-N-AB123-1001",
        taken_on=date(2026, 11, 9),
    )
    fields = {"authors": ("Ada Wick", "Bo Lund"), "dateline": "SALTWICK", "photos": (photo,)}
    fields["published_at"] = datetime(2026, 11, 9, 6, 0, tzinfo=UTC)
    rows = Rows()
    older = (*PARAGRAPHS[:2], PARAGRAPHS[2].replace("twelve", "eleven"))
    rows.add(FERRY, 9, article(*older, title="Ferry returns", **fields))
    rows.add(FERRY, 10, article(*PARAGRAPHS, title="Ferry returns", **fields))
    reposted = article(*PARAGRAPHS, "Read more on our site.", title="Ferry is back", origin_url=FERRY)
    rows.add(REPOST, 11, reposted, source="inland")
    rows.add(GONE, 9, None)
    root = tmp_path_factory.mktemp("ask") / "archive"
    crawl = Crawl(
        crawl_id="c1",
        source="harbour",
        started_at=datetime(2026, 11, 9, 8, tzinfo=UTC),
        software="presswarc/0",
        seed_url=GONE,
        robots="obeyed",
    )
    with IndexWriter(root) as writer:
        writer.add(crawls=[crawl], captures=rows.captures, extractions=rows.extractions)
        writer.refresh()
        update_clusters(writer)
        writer.publish()
    return root


def environment(**more: str) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PRESSWARC_") and name not in {"NO_COLOR", "FORCE_COLOR"}
    }
    return {**kept, "COLUMNS": "100", **more}


@pytest.fixture
def ask(archive, tmp_path):
    """Runs a verb on the archive; the folder it runs in is empty."""

    def call(*arguments: object, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "crawler.cli", *map(str, arguments), "--archive", str(archive)]
        return subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            cwd=tmp_path,
            env=environment(),
        )

    return call


def on_terminal(archive: Path, *arguments: str, **more: str) -> str:
    """What a command prints when stdout is a terminal."""
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "crawler.cli", *arguments, "--archive", str(archive)]
    settings = environment(TERM="xterm", **more)
    child = subprocess.Popen(command, stdout=follower, stderr=subprocess.PIPE, env=settings)
    os.close(follower)
    printed = b""
    while True:
        try:
            part = os.read(leader, 65536)
        except OSError:  # the other end was closed
            break
        if not part:
            break
        printed += part
    os.close(leader)
    errors = child.communicate(timeout=120)[1]
    assert child.returncode == 0, errors
    return printed.decode().replace("\r\n", "\n")


SQL = "SELECT title, word_count, published_at, authors FROM articles ORDER BY url"


def test_in_a_pipe_rows_are_ndjson_with_times_in_utc_and_lists_as_lists(ask):
    done = ask("query", SQL)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = map(json.loads, done.stdout.splitlines())
    assert first["published_at"] == "2026-11-09T06:00:00Z"
    assert first["authors"] == ["Ada Wick", "Bo Lund"]
    assert second == {"title": "Ferry is back", "word_count": 60, "published_at": None, "authors": []}


def test_json_is_one_array_and_holds_what_ndjson_holds(ask):
    rows = json.loads(ask("query", "--json", SQL).stdout)
    assert rows == [json.loads(line) for line in ask("query", "--ndjson", SQL).stdout.splitlines()]
    assert json.loads(ask("query", "--json", f"{SQL} LIMIT 0").stdout) == []


def test_csv_has_a_header_and_lists_as_json(ask):
    header, first, second = csv.reader(io.StringIO(ask("query", "--csv", SQL).stdout))
    assert header == ["title", "word_count", "published_at", "authors"]
    assert first[2:] == ["2026-11-09T06:00:00Z", '["Ada Wick", "Bo Lund"]']
    assert second == ["Ferry is back", "60", "", "[]"]


def test_values_that_json_lacks_are_told_in_json_all_the_same(ask):
    sql = r"SELECT '\xFF'::BLOB b, 'nan'::DOUBLE f, 1.50::DECIMAL(4,2) d, MAP {'k': 1} m, 1 AS a, 2 AS a"
    done = ask("query", sql)
    assert json.loads(done.stdout) == {"b": "ff", "f": None, "d": 1.5, "m": {"k": 1}, "a": 1, "a_2": 2}


def test_a_table_cuts_long_texts_so_that_each_row_is_a_line_of_the_width(ask):
    lines = ask(
        "query", "--table", "SELECT title, word_count, text FROM articles ORDER BY url"
    ).stdout.splitlines()
    assert len(lines) == 3
    assert lines[0].split() == ["title", "word_count", "text"]
    assert all(len(line) <= 100 for line in lines)
    assert lines[1].startswith("Ferry returns          55  SALTWICK -- The ferry")
    assert lines[1].endswith("…")


def test_a_row_of_too_many_columns_is_shown_as_a_list(ask):
    lines = ask("query", "--table", "FROM articles LIMIT 1").stdout.splitlines()
    assert lines[0] == "-- 1"
    assert lines[1].split()[0] == "article_id"
    assert all(len(line) <= 100 for line in lines)


def test_on_a_terminal_rows_are_a_table_and_no_color_is_honoured(archive):
    assert "\x1b[1m" in on_terminal(archive, "query", SQL).splitlines()[0]
    plain = on_terminal(archive, "query", SQL, NO_COLOR="1")
    assert "\x1b[3" not in plain
    assert plain.splitlines()[1].split()[:2] == ["Ferry", "returns"]


def test_control_letters_of_a_page_do_not_reach_the_terminal(archive):
    printed = on_terminal(
        archive, "query", "SELECT 'a' || chr(27) || '[2Jb' || chr(10) || 'c' AS x", NO_COLOR="1"
    )
    assert printed.splitlines()[1] == "a [2Jb c"


def test_a_file_gets_the_form_of_its_suffix_and_stdout_stays_empty(ask, tmp_path):
    done = ask("query", SQL, "-o", "out.csv")
    assert (done.returncode, done.stdout) == (0, "")
    assert (tmp_path / "out.csv").read_text().startswith("title,word_count,")
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]


def test_a_suffix_of_no_known_form_is_refused_unless_the_form_is_given(ask, tmp_path):
    done = ask("query", SQL, "-o", "out.xlsx")
    assert (done.returncode, list(tmp_path.iterdir())) == (2, [])
    assert done.stderr.startswith("error: no form is known by the suffix `.xlsx`\n")
    assert ask("query", SQL, "-o", "out.dat", "--csv").returncode == 0
    assert (tmp_path / "out.dat").read_text().startswith("title,word_count,")


def test_a_file_that_cannot_be_written_is_an_error_of_usage(ask, tmp_path):
    done = ask("query", SQL, "-o", "nowhere/out.csv")
    assert done.returncode == 2
    assert done.stderr.splitlines()[:2] == [
        "error: cannot write: No such file or directory",
        "  at: nowhere/out.csv",
    ]
    assert list(tmp_path.iterdir()) == []


def test_sql_comes_from_stdin_and_parameters_are_cast_to_what_they_are_compared_with(ask):
    sql = "SELECT count(*) AS n FROM captures WHERE captured_at < $before AND status = $status"
    done = ask("query", "-", "-p", "before=2026-11-10", "-p", "status=200", stdin=sql)
    assert json.loads(done.stdout) == {"n": 2}


def test_a_parameter_without_a_value_is_refused(ask):
    done = ask("query", "SELECT $a", "-p", "a")
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == "error: `a` gives no parameter a value"


def test_without_sql_the_tables_and_views_are_listed_with_their_comments(ask):
    listed = {row["table"]: row for row in map(json.loads, ask("query").stdout.splitlines())}
    assert {"articles", "captures", "clusters", "photos", "blocks", "crawls"} <= listed.keys()
    assert listed["articles"]["kind"] == "table"
    assert listed["versions"]["kind"] == "view"
    assert all(row["comment"] for row in listed.values())


def test_duckdbs_message_is_told_line_by_line_and_exits_2(ask):
    done = ask("query", "SELECT ttle FROM articles")
    assert (done.returncode, done.stdout) == (2, "")
    assert 'Candidate bindings: "title"' in done.stderr
    caret = next(line for line in done.stderr.splitlines() if line.strip().strip("^") == "" and "^" in line)
    marked = next(line for line in done.stderr.splitlines() if "LINE 1" in line)
    assert marked[caret.index("^") :].startswith("ttle")


def test_max_rows_says_how_many_there_are(ask):
    done = ask("query", "FROM range(7)", "--max-rows", "2")
    assert len(done.stdout.splitlines()) == 2
    assert done.stderr == "2 of 7 rows\n"
    assert ask("query", "FROM range(7)", "--max-rows", "2", "--quiet").stderr == ""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not count the memory that is mapped")
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT list_sum(list_transform(range(3000000000), lambda x: x + 1))",
        "SELECT length(repeat('x', 4200000000))",
    ],
)
def test_one_value_too_large_for_the_memory_is_an_error_that_says_so(ask, sql):
    done = ask("query", sql, "--timeout", "100")
    assert (done.returncode, done.stdout) == (2, "")
    assert "memory" in done.stderr.lower().splitlines()[0]
    assert "ask for fewer rows or columns" in done.stderr


def test_the_bound_on_memory_ends_with_the_query():
    before = resource.getrlimit(resource.RLIMIT_DATA)
    with memory_bound(8 * 1024**3):
        assert resource.getrlimit(resource.RLIMIT_DATA)[0] == 8 * 1024**3
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_a_refused_write_names_what_there_is_instead(ask):
    done = ask("query", "COPY articles TO 'out.csv'")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("presswarc query -o FILE writes the rows of an answer")


def test_a_query_is_stopped_at_its_timeout(ask):
    done = ask("query", "SELECT sum(sin(range)) FROM range(10000000000000)", "--timeout", "0.2")
    assert done.returncode == 2
    assert done.stderr.startswith("error: the query was stopped after 0.2 s\n")


def test_sql_can_change_nothing_and_reach_no_file(ask, tmp_path):
    for sql in ("DELETE FROM articles", "COPY articles TO 'x.csv'", "SET lock_configuration = false"):
        assert ask("query", sql).returncode == 2, sql
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [("query", "SELECT 1"), ("query",), ("show", FERRY)])
def test_without_an_index_the_error_says_how_to_make_one_and_nothing_is_created(arguments, tmp_path):
    command = [sys.executable, "-m", "crawler.cli", *arguments, "--archive", "none"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path, env=environment()
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines()[1:] == [
        "  at: none/index.duckdb",
        "  try: presswarc crawl SEED, or presswarc demo",
    ]
    assert list(tmp_path.iterdir()) == []


def test_show_prints_an_article_for_a_person(ask):
    done = ask("show", "http://www.harbour.example/news/ferry-returns?utm_source=x")
    assert (done.returncode, done.stderr) == (0, "")
    title, fields, *text, photos, removed = done.stdout.rstrip("\n").split("\n\n")
    told = dict(line.split(maxsplit=1) for line in fields.splitlines())
    assert title == "Ferry returns"
    assert told["url"] == FERRY
    assert told["authors"] == "Ada Wick, Bo Lund"
    assert told["published"] == "2026-11-09 06:00:00Z"
    assert told["captured"] == "2026-11-09 08:30:00Z to 2026-11-10 08:30:00Z, 2 captures"
    assert told["versions"] == "2 (--history)"
    assert told["cluster"].endswith("2 articles; this is the origin")
    assert told["copy"].startswith(f"{REPOST} (")
    assert tuple(text) == PARAGRAPHS
    assert photos.splitlines() == [
        "Photos",
        "  - Ferry Marigold at the quay.",
        "    by Ada Wick; VIRIN 261109-N-AB123-1001; taken 2026-11-09",
    ]
    assert removed.splitlines() == [
        "Removed",
        "  related    2 x  Bridge closed again",
        "  caption    1 x  Ferry Marigold at the quay.",
    ]


def test_show_tells_where_a_repost_comes_from(ask):
    fields = ask("show", REPOST).stdout.split("\n\n")[1]
    told = dict(line.split(maxsplit=1) for line in fields.splitlines())
    assert told["cluster"].endswith("this is a copy")
    assert told["origin"].startswith(FERRY)
    assert f"says from  {FERRY}" in fields


def test_show_as_json_is_one_object_with_everything(ask):
    whole = json.loads(ask("show", "--json", FERRY).stdout)
    assert whole["text"] == "\n\n".join(PARAGRAPHS)
    assert whole["first_captured_at"] == "2026-11-09T08:30:00Z"
    assert whole["photos"][0]["taken_on"] == "2026-11-09"
    assert [block["kind"] for block in whole["blocks"]] == ["caption", "related", "related"]
    assert {member["url"] for member in whole["members"]} == {FERRY, REPOST}
    assert [version["version"] for version in whole["versions"]] == [1, 2]


def test_history_marks_the_words_that_changed_and_leaves_out_the_rest(ask):
    done = ask("show", "--history", FERRY)
    assert done.returncode == 0
    first, second = done.stdout.split("Version 2: ")
    assert first.startswith("Version 1: 2026-11-09 08:30:00Z, 55 words\n")
    assert "changed: text; 1 word added, 1 removed\n" in second
    assert "(2 paragraphs unchanged)\n\nThe crossing takes [-eleven-] {+twelve+} minutes," in second
    assert [one["version"] for one in json.loads(ask("show", "--history", "--json", FERRY).stdout)] == [1, 2]


def test_an_unknown_url_names_the_nearest_that_are_known(ask):
    done = ask("show", "https://harbour.example/news/ferry-retruns/")
    assert (done.returncode, done.stdout) == (1, "")
    lines = done.stderr.splitlines()
    assert lines[:2] == ["error: no article is known by this URL; the nearest are", f"  {FERRY}"]
    assert lines[-1] == f"  try: presswarc show {FERRY}"


def test_a_page_that_gave_no_article_is_told_with_its_reason(ask):
    done = ask("show", GONE)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == (
        "error: this URL gave no article: not an article (listing page, 0 of 9 blocks kept)"
    )
