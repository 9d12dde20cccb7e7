"""The whole path, as a user runs it: the demo twice, a replay, and every table compared."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from crawler.config import load_config
from crawler.demo.truth import TruthArticle, truth
from crawler.session import Session
from storage.layout import Layout
from storage.model import Record
from storage.query import open_published, run_sql
from storage.urls import article_id
from storage.warc import read_records

pytestmark = pytest.mark.long

TABLES_SQL = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'main' ORDER BY 1"


@dataclass(frozen=True)
class Demo:
    first: Path
    second: Path
    replayed: Path
    output: str


def presswarc(*arguments: object, cwd: Path, code: int = 0) -> str:
    command = [sys.executable, "-m", "crawler.cli", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def rows(archive: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_published(archive) as connection:
        return [tuple(row) for row in run_sql(connection, sql, None, 60.0).rows]


@pytest.fixture(scope="module")
def demo(crawled_once, crawled_twice, tmp_path_factory) -> Demo:
    """The index after the first crawl, the archive after the second, and its replay from WARC alone."""
    root = tmp_path_factory.mktemp("demo")
    archive, replayed = crawled_twice.copied_to(root / "archive"), root / "replayed"
    presswarc("replay", "--archive", archive, "--into", replayed, cwd=root)
    return Demo(first=crawled_once.archive, second=archive, replayed=replayed, output=crawled_once.output)


def test_every_table_is_the_same_live_and_replayed(demo):
    tables = [name for (name,) in rows(demo.second, TABLES_SQL)]
    assert {"articles", "captures", "clusters", "photos", "blocks", "versions", "dropped"} <= set(tables)
    for table in tables:
        live = sorted(map(repr, rows(demo.second, f"FROM {table}")))
        replayed = sorted(map(repr, rows(demo.replayed, f"FROM {table}")))
        assert live == replayed, table


def test_captures_that_a_killed_run_did_not_index_are_indexed_at_the_next_start(demo, tmp_path):
    archive = tmp_path / "archive"
    shutil.copytree(demo.second, archive, copy_function=os.link)
    state = archive / "state"
    shutil.copyfile(demo.second / "state/index.duckdb", state / "copy.duckdb")
    (state / "copy.duckdb").replace(state / "index.duckdb")
    with duckdb.connect(str(state / "index.duckdb")) as connection:
        lost = connection.execute("SELECT record_id FROM captures USING SAMPLE 40 (reservoir, 7)").fetchall()
        for (record_id,) in lost:
            connection.execute("DELETE FROM captures WHERE record_id = ?", [record_id])
            connection.execute("DELETE FROM extractions WHERE record_id = ?", [record_id])
    (state / "unsettled").touch()
    os.utime(state / "unsettled", (0, 0))

    with Session(load_config(archive=archive, environ={})) as session:
        session.finish()
    assert not (state / "unsettled").exists()
    with duckdb.connect(str(state / "index.duckdb"), read_only=True) as connection:
        for table in ("captures", "extractions"):
            kept = Counter(map(repr, connection.execute(f"FROM {table}").fetchall()))
            assert kept == Counter(map(repr, rows(demo.second, f"FROM {table}"))), table


def test_the_cdxj_is_the_same_live_and_replayed(demo):
    live = Layout(demo.second).cdxj.read_bytes()
    assert live == Layout(demo.replayed).cdxj.read_bytes()
    assert live.splitlines() == sorted(live.splitlines())


@pytest.mark.parametrize("edition", [1, 2])
def test_every_article_of_the_sites_is_in_the_index_and_no_page_beside(demo, edition):
    archive = demo.first if edition == 1 else demo.second
    wanted = {article_id(article.url): article for article in (*truth(1), *truth(edition))}
    found = dict(rows(archive, "SELECT article_id, url FROM articles"))
    assert sorted(wanted[missing].url for missing in wanted.keys() - found.keys()) == []
    assert sorted(found[extra] for extra in found.keys() - wanted.keys()) == []


@pytest.mark.parametrize("edition", [1, 2])
def test_texts_are_the_articles_own_paragraphs_and_nothing_else(demo, edition):
    archive = demo.first if edition == 1 else demo.second
    texts = dict(rows(archive, "SELECT article_id, text FROM articles"))
    for article in truth(edition):
        assert texts[article_id(article.url)].split("\n\n") == list(article.paragraphs), article.url


def test_titles_authors_and_dates_are_those_of_the_pages(demo):
    found = {
        row[0]: row[1:]
        for row in rows(demo.first, "SELECT article_id, title, authors, published_at FROM articles")
    }
    for article in truth(1):
        title, authors, published_at = found[article_id(article.url)]
        assert title == article.title, article.url
        assert tuple(authors) == article.authors, article.url
        assert published_at.date() == article.published_at.date(), article.url


def test_photos_are_data_with_their_virins(demo):
    found = Counter(rows(demo.first, "SELECT article_id, credit, virin FROM photos WHERE virin IS NOT NULL"))
    wanted = Counter(
        (article_id(article.url), photo.credit, photo.virin)
        for article in truth(1)
        for photo in article.photos
        if photo.virin
    )
    assert sum(wanted.values()) >= 12
    assert found == wanted


def test_reposts_share_a_cluster_with_their_origin_and_others_do_not(demo):
    clusters = {
        row[0]: row[1:] for row in rows(demo.first, "SELECT article_id, cluster_id, is_origin FROM clusters")
    }
    articles = truth(1)
    reposts = [article for article in articles if article.repost_of]
    assert len(reposts) >= 10
    for repost in reposts:
        cluster, is_origin = clusters[article_id(repost.url)]
        assert cluster == clusters[article_id(repost.repost_of)][0], repost.url
        assert not is_origin, repost.url
        assert clusters[article_id(repost.repost_of)][1], repost.repost_of
    own = [article for article in articles if not article.repost_of]
    assert len({clusters[article_id(article.url)][0] for article in own}) == len(own)


def test_changed_articles_get_a_second_version(demo):
    changed = {
        article_id(after.url)
        for before, after in _pairs(truth(1), truth(2))
        if (before.paragraphs, before.title) != (after.paragraphs, after.title)
    }
    assert len(changed) >= 3
    assert {
        row[0] for row in rows(demo.second, "SELECT article_id FROM articles WHERE versions > 1")
    } == changed


def test_the_second_crawl_archives_what_has_not_changed_as_revisits(demo):
    sql = "SELECT status, count(*) FROM captures WHERE record_type = 'revisit' GROUP BY 1"
    assert dict(rows(demo.second, sql))[304] > 40
    bodies = """SELECT url, payload_digest FROM captures
        WHERE record_type = 'response' AND status = 200 AND url NOT LIKE '%/robots.txt'"""
    repeated = [one for one, times in Counter(rows(demo.second, bodies)).items() if times > 1]
    assert repeated == []


def test_what_gave_no_article_is_kept_with_its_reason(demo):
    outcomes = dict(rows(demo.first, "SELECT outcome, count(*) FROM dropped GROUP BY 1"))
    assert {"gone", "not_an_article", "http_error"} <= outcomes.keys()
    statuses = {row[0] for row in rows(demo.second, "SELECT DISTINCT status FROM captures")}
    assert {200, 301, 302, 304, 404, 410} <= statuses


def test_every_exchange_is_a_pair_of_records(demo):
    for path in Layout(demo.second).warc_files():
        records = list(read_records(path))
        assert all(isinstance(record, Record) for record in records)
        answers = {f"<{one.record_id}>" for one in records if one.record_type in {"response", "revisit"}}
        asked = {one.headers["WARC-Concurrent-To"] for one in records if one.record_type == "request"}
        assert answers <= asked
        assert records[0].record_type == "warcinfo"


def test_verify_finds_the_archive_sound_and_says_what_it_looked_at(demo):
    told = json.loads(presswarc("verify", "--json", "--archive", demo.second, cwd=demo.second))
    assert told["findings"] == []
    assert told["checked"]["indexed"] == told["checked"]["cdxj_lines"] > 200


def test_warcio_checks_every_file_without_a_fault(demo):
    warcio = Path(sys.executable).with_name("warcio")
    files = [str(path) for path in Layout(demo.second).warc_files()]
    done = subprocess.run([warcio, "check", "-v", *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert done.stdout.count("digest pass") > 400


def test_cdxj_indexer_writes_the_lines_that_we_write(demo):
    indexer = Path(sys.executable).with_name("cdxj-indexer")
    layout = Layout(demo.second)
    files = [str(path) for path in layout.warc_files()]
    done = subprocess.run([indexer, "-s", *files], capture_output=True, text=True, check=True)
    theirs = Counter(_place(line) for line in done.stdout.splitlines())
    ours = Counter(_place(line) for line in layout.cdxj.read_text().splitlines())
    assert ours == theirs


def test_the_demo_tells_counts_an_article_a_repost_and_what_to_try(demo):
    for part in (
        "captures in",
        "unique",
        "VIRIN",
        "One article:",
        "removed from the text",
        "One repost:",
        "Try next:",
    ):
        assert part in demo.output


def _pairs(before: tuple[TruthArticle, ...], after: tuple[TruthArticle, ...]) -> list[tuple[Any, Any]]:
    later = {article.url: article for article in after}
    return [(article, later[article.url]) for article in before if article.url in later]


def _place(line: str) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    key, stamp, fields = line.split(" ", 2)
    told = json.loads(fields)
    told["filename"] = told["filename"].rpartition("/")[2]
    return key, stamp, tuple(sorted(told.items()))
