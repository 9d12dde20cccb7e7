"""Captures extracted again under other rules: the index is then as if it had been built by them."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import other_rules
import pytest

from builders import START
from crawler.comparing import Comparison
from crawler.replaying import Job, Replayed, replay
from pipelines.run import extract
from pipelines.workers import Workers
from storage.errors import ArchiveError, IndexFaultError, UsageError
from storage.index.choose import Choice
from storage.index.lock import WriteLock
from storage.layout import Layout
from storage.warc.build import response
from storage.warc.write import Origin, WarcWriter

pytestmark = pytest.mark.long

DEFENSE, COURIER = "aldmoor-defense.test", "harbor-courier.test"
# The numbers of search's documents tell in which order articles came; what they stand for is compared in
# tests/storage/test_search.py.
BASE_TABLES = """
SELECT table_schema || '.' || table_name FROM information_schema.tables
WHERE table_type = 'BASE TABLE'
  AND table_name <> 'state' AND NOT (table_schema = 'work' AND starts_with(table_name, 'search_')) ORDER BY 1
"""
TOLD = """
SELECT e.record_id, e.outcome, e.reason, e.canonical_url, c.* EXCLUDE (sketch), x.* EXCLUDE (extras_digest)
FROM extractions e LEFT JOIN work.contents c USING (content_digest)
LEFT JOIN work.extras x USING (extras_digest)
"""


@pytest.fixture(scope="module")
def demo(crawled_twice, tmp_path_factory) -> Path:
    """The archive after the two crawls of the demo. Not to be written to."""
    return crawled_twice.copied_to(tmp_path_factory.mktemp("replaying") / "archive")


@pytest.fixture(scope="module")
def workers():
    with Workers(2) as pool:
        yield pool


@pytest.fixture
def archive(demo, tmp_path) -> Layout:
    """A copy of the archive: its WARC files are links."""
    return Layout(copied(demo, tmp_path / "archive"))


def copied(demo: Path, to: Path) -> Path:
    shutil.copytree(demo / "warc", to / "warc", copy_function=os.link)
    for name in ("state/index.duckdb", "index.duckdb", "cdx/index.cdxj"):
        (to / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(demo / name, to / name)
    return to


def replayed(workers, archive: Layout, into: Layout | None = None, **job) -> Replayed:
    done = Replayed()
    replay(Job(archive=archive, into=into or archive, **job), workers, done)
    return done


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def everything(path: Path) -> dict[str, list[str]]:
    """Every row of every table; the writer's own and the derived ones."""
    return {name: sorted(map(repr, rows(path, f"FROM {name}"))) for (name,) in rows(path, BASE_TABLES)}


def differing_tables(path: Path, other: Path) -> list[str]:
    """Names of the tables that hold other rows; the rows themselves would be too many to show."""
    found, wanted = everything(path), everything(other)
    assert found.keys() == wanted.keys()
    return [name for name in found if found[name] != wanted[name]]


def told(archive: Layout) -> dict[str, str]:
    """By record, all that the index has of what extraction made of it."""
    return {str(row[0]): repr(row[1:]) for row in rows(archive.index, TOLD)}


@pytest.fixture(scope="module")
def under_other_rules(demo, workers, tmp_path_factory) -> Layout:
    """The index built anew by other rules."""
    into = Layout(tmp_path_factory.mktemp("anew"))
    replayed(workers, Layout(demo), into, rule=other_rules.stricter)
    return into


ALL = Choice(since=datetime(2020, 1, 1, tzinfo=UTC))
CHOICES = {
    "by time": {"choice": ALL},
    "by host": {"choice": Choice(hosts=(DEFENSE, COURIER))},
    "by file": {"files": True},
}


@pytest.mark.parametrize("how", CHOICES)
def test_all_captures_chosen_give_the_index_that_a_whole_replay_gives(
    how, demo, archive, workers, under_other_rules
):
    job = dict(CHOICES[how])
    if "files" in job:
        job["files"] = tuple(archive.warc_files())
    replayed(workers, archive, rule=other_rules.stricter, **job)
    assert differing_tables(archive.index, under_other_rules.index) == []
    assert differing_tables(archive.state / "index.duckdb", under_other_rules.index) == []
    assert archive.cdxj.read_bytes() == under_other_rules.cdxj.read_bytes()
    changed = differing_tables(archive.index, demo / "index.duckdb")
    assert {"main.articles", "main.blocks", "main.clusters", "work.contents", "work.extras"} <= set(changed)

    if how == "by host":  # and back again
        replayed(workers, archive, **job)
        assert differing_tables(archive.index, demo / "index.duckdb") == []


def test_a_host_chosen_leaves_the_other_hosts_alone(demo, archive, workers, under_other_rules):
    replayed(workers, archive, choice=Choice(hosts=(COURIER,)), rule=other_rules.stricter)
    before, other, found = told(Layout(demo)), told(under_other_rules), told(archive)
    hosts = dict(rows(archive.index, "SELECT record_id, host FROM extractions"))
    assert set(hosts.values()) >= {DEFENSE, COURIER}
    for record_id, host in hosts.items():
        assert found[record_id] == (other if host == COURIER else before)[record_id]


def test_revisits_show_what_their_capture_is_now(archive, workers):
    replayed(workers, archive, choice=Choice(hosts=(DEFENSE,)), rule=other_rules.stricter)
    sql = f"""SELECT count(*), count(*) FILTER (v.content_digest = o.content_digest), any_value(title)
        FROM captures v JOIN captures o ON o.url = v.refers_to_url AND o.captured_at = v.refers_to_at
        JOIN articles a ON a.article_id = v.article_id
        WHERE v.record_type = 'revisit' AND a.host = '{DEFENSE}' AND o.content_digest IS NOT NULL"""
    ((revisits, same, title),) = rows(archive.index, sql)
    assert revisits == same > 20
    assert title == title.upper()


def test_a_chosen_revisit_brings_in_the_capture_whose_body_it_shows(archive, workers):
    ((crawl_id,),) = rows(archive.index, "SELECT crawl_id FROM crawls ORDER BY started_at DESC LIMIT 1")
    done = replayed(workers, archive, choice=Choice(crawl_id=crawl_id), rule=other_rules.stricter)
    assert done.chosen.bodies > 20
    sql = f"""SELECT DISTINCT title = upper(title) FROM captures c JOIN articles a USING (article_id)
        WHERE c.crawl_id = '{crawl_id}' AND c.record_type = 'revisit'"""
    assert rows(archive.index, sql) == [(True,)]


def test_an_article_is_chosen_by_any_form_of_its_url(archive, workers):
    sql = "SELECT url, record_id FROM extractions WHERE outcome = 'article' ORDER BY url, record_id LIMIT 1"
    ((url, record_id),) = rows(archive.index, sql)
    before = told(archive)
    form = url.replace("http://www.", "https://").rstrip("/") + "/?utm_source=feed#top"
    done = replayed(workers, archive, choice=Choice(urls=(form,)), rule=other_rules.stricter)
    changed = {one for one, row in told(archive).items() if row != before[one]}
    assert record_id in changed
    assert done.pages == len(changed) <= 2


def test_times_choose_from_the_first_moment_to_before_the_last(archive, workers):
    sql = "SELECT captured_at FROM captures WHERE record_type = 'response' ORDER BY 1"
    moments = [row[0] for row in rows(archive.index, sql)]
    done = replayed(workers, archive, choice=Choice(since=moments[3], until=moments[6]))
    inside = f"FROM captures WHERE captured_at >= '{moments[3]}' AND captured_at < '{moments[6]}'"
    assert done.chosen.asked == len(rows(archive.index, inside)) >= 3


def test_under_the_same_rules_nothing_is_published(archive, workers):
    before = archive.index.stat().st_ino
    done = replayed(workers, archive, choice=Choice(hosts=(COURIER,)))
    assert done.published is None
    assert done.pages > 20
    assert archive.index.stat().st_ino == before
    assert sorted(path.name for path in archive.state.iterdir()) == ["index.duckdb", "lock"]


def test_a_choice_that_takes_nothing_changes_nothing(archive, workers):
    ((last,),) = rows(archive.index, "SELECT max(captured_at) FROM captures")
    done = replayed(workers, archive, choice=Choice(since=last + timedelta(days=1)))
    assert done.chosen.asked == 0
    assert done.published is None


@pytest.mark.parametrize(
    ("choice", "message"),
    [
        (Choice(hosts=("harbor-curier.test",)), f"no capture of the host .*did you mean `www.{COURIER}`"),
        (Choice(source="demmo"), "no capture of the source `demmo`, did you mean `demo`"),
        (Choice(crawl_id="x"), "no capture of the crawl `x`"),
        (Choice(urls=("http://www.harbor-courier.test/x",)), "no capture of the URL .*the nearest is http"),
    ],
)
def test_a_name_that_no_capture_has_is_told_with_the_nearest(choice, message, archive, workers):
    with pytest.raises(UsageError, match=message):
        replayed(workers, archive, choice=choice)
    with pytest.raises(UsageError, match=message):
        Comparison(archive, choice, workers)


def test_the_published_index_is_taken_where_the_writers_is_lost(archive, workers, under_other_rules):
    (archive.state / "index.duckdb").unlink()
    replayed(workers, archive, choice=ALL, rule=other_rules.stricter)
    assert differing_tables(archive.index, under_other_rules.index) == []


def test_without_an_index_nothing_can_be_chosen_in_place(archive, workers):
    archive.index.unlink()
    (archive.state / "index.duckdb").unlink()
    with pytest.raises(ArchiveError, match="no index to choose from"):
        replayed(workers, archive, choice=Choice(source="demo"))
    with pytest.raises(IndexFaultError, match="WARC files but no index"):
        Comparison(archive, Choice(), workers)


@pytest.mark.parametrize("indexed", [True, False])
def test_chosen_captures_into_another_place_are_all_that_its_index_has(indexed, archive, workers, tmp_path):
    if not indexed:
        archive.index.rename(tmp_path / "kept.duckdb")
    into = Layout(tmp_path / "into")
    replayed(workers, archive, into, choice=Choice(hosts=(COURIER,)))
    source = archive.index if indexed else tmp_path / "kept.duckdb"
    wanted = f"FROM {{}} WHERE contains(url, '{COURIER}')"
    for table in ("captures", "failures", "extractions", "discoveries"):
        found = sorted(map(repr, rows(into.index, f"FROM {table}")))
        assert found == sorted(map(repr, rows(source, wanted.format(table)))), table
        assert found or table in {"failures", "discoveries"}
    assert len(into.cdxj.read_text().splitlines()) == len(rows(into.index, "FROM captures"))
    replayed(workers, archive, into, choice=Choice(hosts=(DEFENSE,)))
    assert len(rows(into.index, "FROM captures")) == len(rows(source, "FROM captures"))


def test_an_archive_with_files_of_its_own_takes_in_no_index_of_another(archive, demo, workers):
    with pytest.raises(UsageError, match="WARC files of its own"):
        replayed(workers, Layout(demo), archive)


def test_captures_of_a_missing_file_are_told_and_keep_their_rows(archive, workers):
    lost = archive.warc_files()[0]
    lost.unlink()
    done = replayed(workers, archive, choice=ALL, rule=other_rules.stricter)
    name = archive.warc_name(lost)
    assert {one.capture.warc_file for one in done.unread} == {name}
    kept = (
        f"SELECT e.record_id FROM extractions e JOIN captures c USING (record_id) WHERE warc_file = '{name}'"
    )
    assert len(rows(archive.index, kept)) == len(done.unread) > 10


def test_a_whole_replay_tells_whose_file_is_gone(archive, workers):
    lost = archive.warc_files()[0]
    name = archive.warc_name(lost)
    count = len(rows(archive.index, f"FROM captures WHERE warc_file = '{name}'"))
    lost.unlink()
    assert replayed(workers, archive).gone == {name: count}
    assert replayed(workers, archive).gone == {}


def test_of_an_archive_smaller_than_a_batch_no_file_is_gone(workers, tmp_path):
    archive = Layout(tmp_path)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
    with WarcWriter(archive, Origin(source="a", fields=()), max_bytes=1 << 30) as writer:
        writer.write([response("http://a.example/", START, head, b"a page", [])])
    for _ in range(2):
        assert replayed(workers, archive).gone == {}
        assert len(rows(archive.index, "FROM captures")) == 1


def test_a_damaged_file_is_told_and_the_rest_of_it_indexed(archive, workers):
    path = archive.warc_files()[0]
    whole = len(rows(archive.index, f"FROM captures WHERE warc_file = '{archive.warc_name(path)}'"))
    torn = bytearray(path.read_bytes())
    torn[len(torn) // 2] ^= 0xFF
    path.unlink()
    path.write_bytes(torn)
    done = replayed(workers, archive)
    assert {name for name, _, _ in done.damages} == {archive.warc_name(path)}
    left = len(rows(archive.index, f"FROM captures WHERE warc_file = '{archive.warc_name(path)}'"))
    assert whole - 3 <= left < whole or left == whole


def test_a_file_that_cannot_be_read_changes_nothing(archive, workers):
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    path = archive.warc_files()[-1]
    path.unlink()
    path.write_bytes(b"x")
    path.chmod(0)
    before = archive.index.stat().st_ino
    with pytest.raises(ArchiveError, match="can't be read"):
        replayed(workers, archive)
    assert archive.index.stat().st_ino == before


def test_files_that_the_index_does_not_know_are_told(archive, workers):
    extra = archive.warc / "2026" / "extra.warc.gz"
    extra.parent.mkdir(exist_ok=True)
    shutil.copyfile(archive.warc_files()[0], extra)
    done = replayed(workers, archive, choice=Choice(source="demo"))
    assert done.unindexed == ["2026/extra.warc.gz"]


def compared(archive, workers, rule=extract, **job):
    comparison = Comparison(archive, Choice(), workers, rule=rule, **job)
    try:
        return list(comparison.articles()), comparison.tally
    finally:
        comparison.close()


def test_under_the_same_rules_nothing_differs(archive, workers):
    before = {path: path.stat().st_mtime_ns for path in archive.root.rglob("*")}
    with WriteLock(archive.state / "lock"):
        before[archive.state / "lock"] = (archive.state / "lock").stat().st_mtime_ns
        before[archive.state] = archive.state.stat().st_mtime_ns
        found, tally = compared(archive, workers)
        assert {path: path.stat().st_mtime_ns for path in archive.root.rglob("*")} == before
    assert found == []
    assert tally.captures == len(rows(archive.index, "FROM extractions")) > 100
    assert tally.captures + tally.without_body == len(rows(archive.index, "FROM captures"))


@pytest.mark.parametrize("rule", [other_rules.stricter, other_rules.looser])
def test_differences_are_the_captures_that_a_replay_changes(rule, archive, workers):
    # By their URLs alone: which URLs show one article depends on others, and is not compared.
    by_url = "SELECT DISTINCT article_id FROM extractions WHERE outcome = 'article'"
    before, articles = told(archive), rows(archive.index, by_url)
    found, tally = compared(archive, workers, rule=rule)
    replayed(workers, archive, choice=ALL, rule=rule)
    after, now = told(archive), rows(archive.index, by_url)
    differing = sorted(one.record_id for article in found for one in article.differences)
    assert differing == sorted(record_id for record_id in before if before[record_id] != after[record_id])
    assert tally.captures_changed == len(differing) > 10
    assert tally.articles_lost == len(set(articles) - set(now))
    assert tally.articles_gained == len(set(now) - set(articles))
    assert tally.articles_lost + tally.articles_gained > 0
    sql = "SELECT record_id, text FROM extractions JOIN work.contents USING (content_digest)"
    texts = dict(rows(archive.index, sql))
    for article in found:
        for one in article.differences:
            if "text" in one.changed:
                assert one.text_after == texts.get(one.record_id, "")


def test_a_change_is_told_block_by_block_with_its_rule(archive, workers):
    found, tally = compared(archive, workers, rule=other_rules.stricter)
    differences = [one for article in found for one in article.differences]
    blocks = [block for one in differences for block in one.blocks]
    removed = [block for block in blocks if block.change == "removed"]
    assert removed
    assert {block.after.rule for block in removed} == {other_rules.RULE}
    assert all("volunteer" in block.text for block in removed)
    judged = [block for block in blocks if block.change == "judged"]
    assert {(block.after.kind, block.after.rule) for block in judged} == {("share", "other:share")}
    assert {block.change for block in blocks} == {"removed", "judged"}
    photos = [photo for one in differences for photo in one.photos]
    assert photos
    assert all(photo.before.virin and photo.after.virin is None for photo in photos)
    assert sum(tally.rules.values()) == len(blocks)
    for one in differences:
        lost = sum(len(block.text.split()) for block in one.blocks if block.change == "removed")
        assert one.outcome_after != "article" or one.words_lost == lost


def test_captures_of_named_files_alone_are_compared(archive, workers):
    path = archive.warc_files()[0]
    _, tally = compared(archive, workers, files=[path])
    assert 0 < tally.captures < len(rows(archive.index, "FROM extractions"))
    extra = archive.warc / "unknown.warc.gz"
    shutil.copyfile(path, extra)
    with pytest.raises(UsageError, match=r"no capture of the WARC file `unknown\.warc\.gz`"):
        compared(archive, workers, files=[extra])


def test_what_cannot_be_read_is_counted_and_not_taken_for_a_difference(archive, workers):
    archive.warc_files()[0].unlink()
    found, tally = compared(archive, workers)
    assert found == []
    assert sum(tally.unread.values()) > 10
