import re
import threading
import time
from datetime import date

import duckdb
import pytest

from builders import START, capture
from pipelines.cluster import update_clusters
from pipelines.run import extraction_row
from storage.article import Article, Block, BlockKind, Outcome, Photo
from storage.errors import IndexFaultError, QueryError
from storage.index.writer import IndexWriter
from storage.layout import Layout
from storage.model import Capture
from storage.query import find_article, open_current, open_published, run_sql

ORIGIN = "https://www.defense.gov/News/Article/Article/4012345/ships-sail/"
REPOST = "https://blog.example/ships"
TEXT = " ".join(f"word{number}" for number in range(200))


def page(number, url, text, **fields):
    article = Article(title="Ships sail for Spain", text=text, **fields)
    of = capture(number, url, number)
    return of, extraction_row(of, Outcome.ARTICLE, article=article)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    folder = tmp_path_factory.mktemp("archive")
    around = {
        "authors": ("Jane Roe", "John Doe"),
        "blocks": (Block(text="Read more", kind=BlockKind.RELATED, kept=False, rule="related-list"),),
        "photos": (
            Photo(
                caption="A ship", credit="J. Roe", virin="220214-F-FW957-1367C", taken_on=date(2022, 2, 14)
            ),
        ),
    }
    pages = [
        page(1, ORIGIN, TEXT, **around),
        page(2, ORIGIN, TEXT + " changed", **around),
        page(3, REPOST, TEXT, origin_url=ORIGIN),
    ]
    moved = Capture(
        record_id="<urn:9>",
        url="https://t.example/s",
        source="sample",
        crawl_id="c",
        captured_at=START,
        method="GET",
        status=301,
        mime="",
        payload_digest="",
        record_type="response",
        warc_file="a.warc.gz",
        warc_offset=9,
        warc_length=1,
        redirect_to=REPOST,
    )
    with IndexWriter(folder) as writer:
        writer.add(captures=[moved, *(one for one, _ in pages)], extractions=[one for _, one in pages])
        writer.refresh()
        update_clusters(writer)
        writer.publish()
    return folder


@pytest.fixture
def connection(archive):
    with open_published(archive) as connection:
        yield connection


def test_rows_come_with_the_names_and_types_of_their_columns(connection):
    result = run_sql(connection, "SELECT host, word_count FROM articles WHERE host = ?", ["blog.example"])
    assert (result.columns, result.types, result.rows) == (
        ("host", "word_count"),
        ("VARCHAR", "INTEGER"),
        (("blog.example", 200),),
    )


def test_named_parameters_work_too(connection):
    assert run_sql(connection, "SELECT $a + 1", {"a": 3}).rows == ((4,),)


def test_an_error_is_duckdbs_own_with_its_candidates(connection):
    with pytest.raises(QueryError, match='Did you mean "articles"') as refused:
        run_sql(connection, "SELECT * FROM artcles")
    assert refused.value.exit_code == 2
    assert "SHOW TABLES" in refused.value.hint


def test_an_empty_statement_is_a_query_error(connection):
    with pytest.raises(QueryError, match="no statement"):
        run_sql(connection, " ")


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE mine (a INTEGER)",
        "DELETE FROM articles",
        "COPY articles TO '{folder}/out.csv'",
        "EXPORT DATABASE '{folder}/out'",
        "SELECT * FROM read_text('{folder}/secret.txt')",
        "SELECT * FROM '{folder}/secret.csv'",
        "ATTACH '{folder}/other.duckdb'",
        "SET enable_external_access = true",
        "SET memory_limit = '64GB'",
        "SET lock_configuration = false",
        "INSTALL fts",
        "LOAD fts",
        "SELECT * FROM archive",
    ],
)
def test_what_would_write_or_reach_out_is_refused(archive, tmp_path, connection, sql):
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "secret.csv").write_text("secret\n1\n")
    before = sorted(path.name for path in tmp_path.iterdir())
    with pytest.raises(QueryError):
        run_sql(connection, sql.format(folder=tmp_path))
    assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_a_long_query_is_stopped_and_the_connection_goes_on(connection):
    started = time.monotonic()
    with pytest.raises(QueryError, match=r"stopped after 0\.2 s"):
        run_sql(connection, "SELECT count(*) FROM range(1000000000000) t(a) WHERE a % 7 = 3", timeout_s=0.2)
    assert time.monotonic() - started < 60
    assert run_sql(connection, "SELECT 1").rows == ((1,),)


def test_no_timer_is_left_behind(connection):
    run_sql(connection, "SELECT 1", timeout_s=3600)
    assert not [
        thread
        for thread in threading.enumerate()
        if isinstance(thread, threading.Timer) and not thread.finished.is_set()
    ]


def test_a_query_too_large_for_the_memory_says_so_and_writes_nothing(archive, connection):
    before = sorted(path.name for path in archive.iterdir())
    with pytest.raises(QueryError, match=r"(?i)memory"):
        run_sql(connection, "SELECT list(a || repeat('x', 500)) FROM range(20000000) t(a)")
    assert sorted(path.name for path in archive.iterdir()) == before


def test_an_archive_without_an_index_is_told_apart_and_nothing_is_created(tmp_path):
    with pytest.raises(IndexFaultError) as fault:
        open_published(tmp_path / "none")
    assert "presswarc demo" in fault.value.hint
    assert list(tmp_path.iterdir()) == []


def test_files_without_an_index_and_an_index_of_an_older_program_are_replayed(tmp_path):
    Layout(tmp_path).warc.mkdir()
    (Layout(tmp_path).warc / "a.warc.gz").touch()
    with pytest.raises(IndexFaultError, match="WARC files but no index") as fault:
        open_published(tmp_path)
    assert fault.value.hint == f"presswarc replay --archive {tmp_path}"
    with duckdb.connect(Layout(tmp_path).index) as connection:
        connection.execute("CREATE TABLE schema_version AS SELECT 1 AS version")
    open_published(tmp_path).close()
    with pytest.raises(IndexFaultError, match="an older Presswarc made it") as fault:
        open_current(tmp_path)
    assert "presswarc replay" in fault.value.hint


def test_a_file_that_is_no_database_is_an_index_fault(tmp_path):
    (tmp_path / "index.duckdb").write_bytes(b"x" * 5000)
    with pytest.raises(IndexFaultError) as fault:
        open_published(tmp_path)
    assert "presswarc replay" in fault.value.hint


def test_damage_is_an_index_fault_wherever_in_the_file_it_is_met(archive, tmp_path):
    sound = (archive / "index.duckdb").read_bytes()
    faults = []
    for place in range(
        3 * 4096 + 100, len(sound), 256 * 1024
    ):  # in each of DuckDB's blocks after its headers
        (tmp_path / "index.duckdb").write_bytes(
            sound[:place] + bytes([sound[place] ^ 0xFF]) + sound[place + 1 :]
        )
        try:
            with open_published(tmp_path) as opened:
                for table in ("articles", "blocks", "captures", "work.contents"):
                    run_sql(opened, f"FROM {table}")
        except IndexFaultError as fault:
            faults.append(fault)
    # DuckDB 1 puts "IO Error: " in front of what went wrong.
    assert any(re.match("the index is damaged: (IO Error: )?Corrupt", fault.message) for fault in faults)
    assert all("presswarc replay" in fault.hint for fault in faults)


def test_somebody_elses_database_is_an_index_fault(tmp_path):
    with duckdb.connect(str(tmp_path / "index.duckdb")) as other:
        other.execute("CREATE TABLE articles (a INTEGER)")
    with pytest.raises(IndexFaultError, match="not an index of Presswarc's"):
        open_published(tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        ORIGIN,
        "http://war.gov/x/article/4012345",
        ORIGIN + "?utm_source=x#top",
        ORIGIN.upper().replace("HTTPS", "https"),
    ],
)
def test_an_article_is_found_by_any_form_of_its_url(connection, url):
    found = find_article(connection, url)
    assert (found.title, found.authors, found.text) == (
        "Ships sail for Spain",
        ("Jane Roe", "John Doe"),
        TEXT + " changed",
    )
    assert [(version.version, version.changed) for version in found.versions] == [(1, ()), (2, ("text",))]
    assert [(photo.virin, photo.taken_on) for photo in found.photos] == [
        ("220214-F-FW957-1367C", date(2022, 2, 14))
    ]
    assert [(block.kind, block.text, block.rule) for block in found.blocks] == [
        ("related", "Read more", "related-list")
    ]
    assert [(member.url, member.is_origin) for member in found.members] == [(ORIGIN, True), (REPOST, False)]
    assert found.is_duplicate is False


def test_an_article_is_found_through_a_redirect(connection):
    assert find_article(connection, "https://t.example/s").url == REPOST


def test_an_unknown_url_finds_none(connection):
    assert find_article(connection, "https://unknown.example/x") is None
    assert find_article(connection, "no url at all") is None
