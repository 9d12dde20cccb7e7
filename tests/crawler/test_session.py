"""A session on an archive that earlier sessions left in some state."""

from __future__ import annotations

import asyncio
import gzip
import os
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from scrapy.crawler import Crawler
from scrapy.statscollectors import StatsCollector

from crawler.config import Config, load_config
from crawler.crawling import Crawling
from crawler.seeds import load_seed
from crawler.session import Session
from crawler.spiders.news import NewsSpider
from pipelines.run import ReadCapture, read_rows
from storage.article import Outcome
from storage.errors import PresswarcError, WorkersError
from storage.layout import Layout
from storage.query import open_published, run_sql
from storage.verify import Checked, verify
from storage.warc import build
from storage.warc.write import Origin, WarcWriter

pytestmark = pytest.mark.long

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
PAGE = "<title>Story {0}</title><article><h1>Story {0}</h1>{1}</article>"
LINE = "<p>In part {1} of story {0} the harbour stayed closed, said the master, and no ship came in.</p>"


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return load_config(archive=tmp_path / "archive", environ={})


def put_captures(config: Config, first: int, last: int) -> Path:
    """A WARC file with a page for each number, finished an hour ago, of which nothing is indexed."""
    layout = Layout(config.archive)
    with WarcWriter(layout, Origin(source="paper", fields=()), max_bytes=1 << 30) as writer:
        for number in range(first, last):
            lines = "".join(LINE.format(number, part) for part in range(6))
            body = PAGE.format(number, lines).encode()
            url, moment = f"http://news.example/2026/story-{number}", NOW + timedelta(seconds=number)
            (*_, placed) = writer.write([build.response(url, moment, HEAD, body, [])])
    path = layout.warc / placed.warc_file
    hour_ago = path.stat().st_mtime - 3600
    os.utime(path, (hour_ago, hour_ago))
    return path


def begun(session: Session) -> Crawling:
    """A crawl that fetches nothing by itself."""
    crawler = Crawler(NewsSpider)
    crawler.stats = StatsCollector(crawler)
    return Crawling(crawler, load_seed("https://news.example/"), session)


def findings(config: Config) -> list[str]:
    return [one.problem for one in verify(Layout(config.archive), Checked())]


def extracted(config: Config) -> int:
    with open_published(config.archive) as connection:
        return len(run_sql(connection, "FROM extractions", None, 60.0).rows)


def test_what_a_session_indexed_before_it_was_killed_is_in_the_cdxj_too(config):
    put_captures(config, 0, 3)
    Session(config).close()  # indexes the file, and never comes to its end
    with Session(config) as session:
        session.finish()
    assert findings(config) == []
    assert extracted(config) == 3


def test_a_cdxj_that_somebody_removed_is_made_again(config):
    put_captures(config, 0, 3)
    with Session(config) as session:
        session.finish()
    Layout(config.archive).cdxj.unlink()
    with Session(config) as session:
        session.finish()
    assert findings(config) == []


def test_a_session_killed_while_it_reads_old_files_reads_them_again(config, monkeypatch):
    put_captures(config, 0, 3)
    monkeypatch.setattr("pipelines.ingest.NewLines.write", _killed)
    with pytest.raises(KeyboardInterrupt):
        Session(config)
    monkeypatch.undo()
    with Session(config) as session:
        session.finish()
    assert findings(config) == []


def test_captures_made_while_the_clock_was_behind_are_indexed_after_a_kill(config):
    path, layout = put_captures(config, 0, 3), Layout(config.archive)
    rows = [one.capture for one in read_rows(path, layout.warc_name(path)) if isinstance(one, ReadCapture)]
    aside = path.rename(config.archive.parent / path.name)
    with Session(config) as session:
        crawling = begun(session)
        session.add(rows[0])
        session.ask(lambda _: session._ingest.flush())  # the others are on their way when the kill comes
        crawling.close("failed")
    aside.rename(path)
    later = path.stat().st_mtime + 7200
    os.utime(layout.state / "unsettled", (later, later))
    with Session(config) as session:
        session.finish()
    assert findings(config) == []
    assert extracted(config) == 3


@pytest.mark.parametrize("is_published", [True, False])
def test_a_damaged_database_is_set_aside_and_the_index_made_whole_again(config, caplog, is_published):
    layout = Layout(config.archive)
    put_captures(config, 0, 3)
    with Session(config) as session:
        session.finish()
    if not is_published:
        layout.index.write_bytes(b"no database either" * 1000)
    database = layout.state / "index.duckdb"
    database.write_bytes(database.read_bytes()[:20_000])
    put_captures(config, 3, 5)
    with Session(config) as session:
        session.finish()
        names = [name for name, _ in session.settled_notes()]
    assert names == ["index.duckdb"] * (1 if is_published else 2)
    assert findings(config) == []
    assert extracted(config) == 5
    assert (layout.state / "index.duckdb.damaged").stat().st_size == 20_000
    assert str(layout.state / "index.duckdb.damaged") in caplog.text


def test_files_that_a_killed_crawl_left_are_told_to_its_frontier_though_others_come_first(config):
    path = put_captures(config, 0, 3)
    with Session(config) as session:  # such as that of an import
        assert session.left_unnoted("paper-two") == []
    with Session(config) as session:
        assert session.left_unnoted("paper") == [Layout(config.archive).warc_name(path)]
    with Session(config) as session:
        assert session.left_unnoted("paper") != []
        session.noted("paper")
    with Session(config) as session:
        assert session.left_unnoted("paper") == []


def _killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_a_warc_file_that_went_missing_keeps_no_session_from_its_end(config):
    path = put_captures(config, 0, 3)
    put_captures(config, 3, 5)
    with Session(config) as session:
        # As a kill between two batches leaves it.
        writer = session._ingest.writer
        known = writer.connection.execute("SELECT record_id FROM extractions").fetchall()
        writer.drop_extractions(record_id for (record_id,) in known)
        path.unlink()
        session.finish()
    assert extracted(config) == 2
    assert len(findings(config)) == 2  # lines and rows that point nowhere


def test_a_crawl_that_archived_nothing_is_in_the_index_no_more_than_in_its_replay(config):
    put_captures(config, 0, 1)
    with Session(config) as session:
        begun(session).close("shutdown")
        session.finish()
    with open_published(config.archive) as connection:
        crawls = run_sql(connection, "SELECT source FROM crawls", None, 60.0).rows
    assert crawls == (("paper",),)


def test_a_copy_of_a_file_makes_no_capture_twice_and_is_told(config):
    path = put_captures(config, 0, 3)
    path.with_name("copy.warc.gz").write_bytes(path.read_bytes())
    with Session(config) as session:
        session.finish()
    assert all("records have the id" in one for one in findings(config))
    assert extracted(config) == 3


def test_records_without_an_identifier_are_captures_of_their_own(config):
    path = put_captures(config, 0, 3)
    lines = gzip.decompress(path.read_bytes()).split(b"\r\n")
    bare = b"\r\n".join(line for line in lines if not line.startswith(b"WARC-Record-ID:"))
    path.with_name("bare.warc").write_bytes(bare)
    path.unlink()
    with Session(config) as session:
        session.finish()
    assert extracted(config) == 3
    assert findings(config) == []


def test_the_mark_of_what_may_be_unindexed_stands_while_a_crawl_runs_and_comes_back_with_the_next(config):
    mark = Layout(config.archive).state / "unsettled"
    with Session(config) as session:
        first = begun(session)
        asyncio.run(session.finish_beside())
        assert mark.exists()
        first.close("shutdown")
        asyncio.run(session.finish_beside())
        assert not mark.exists()
        second = begun(session)
        assert mark.exists()
        second.close("shutdown")


def test_what_is_published_lies_in_whole_files_while_a_crawl_runs(config):
    with Session(config) as session:
        crawling = begun(session)
        asyncio.run(_refused_then_finished(crawling, session))
        assert findings(config) == []
        with open_published(config.archive) as connection:
            assert run_sql(connection, "SELECT url FROM failures", None, 60.0).rows == (
                ("http://news.example/secret",),
            )
        crawling.close("shutdown")


def test_where_no_parsing_process_starts_the_crawls_are_ended_for_that_reason(config, monkeypatch):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    stopped: list[PresswarcError] = []
    with Session(config) as session:
        crawling = begun(session)
        monkeypatch.setattr(crawling, "stop", stopped.append)
        with pytest.raises(WorkersError):
            asyncio.run(session.parse(abs, -1))
        assert [one.message for one in stopped] == ["a parsing process does not start: exit code 1"]
        crawling.close("shutdown")


async def _refused_then_finished(crawling: Crawling, session: Session) -> None:
    await crawling.sink.refuse("http://news.example/secret", Outcome.ROBOTS_DENIED, "robots.txt")
    await session.finish_beside()
