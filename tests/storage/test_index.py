import hashlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.cluster import update_clusters
from pipelines.sketch import content_digest, sketch, text_digest, word_count
from storage.errors import ArchiveBusyError, IndexFaultError
from storage.index.tables import TABLES
from storage.index.views import VIEWS
from storage.index.writer import IndexWriter
from storage.model import Article, Block, BlockKind, Capture, Crawl, Extraction, Failure, Outcome, Photo
from storage.urls import article_id, canonical_url

START = datetime(2026, 11, 1, 8, 0, 0, 250, tzinfo=UTC)
WORDS = [f"word{number}" for number in range(300)]
DEFENSE = "https://www.defense.gov/News/Article/Article/4012345/a-title/"
WAR = "https://www.war.gov/News/Article/Article/4012345/"
BLOG = "https://blog.example/2026/story/?utm_source=feed"
OTHER = "https://blog.example/2026/other/"
PUBLISHED = [part.name for part in (*TABLES, *VIEWS) if not part.name.startswith("work.")]


def prose(seed, words=120):
    return (
        " ".join(random.Random(seed).choices(WORDS, k=words))
        + ".\n\nIt’s “quoted” text\x00 with a \ud800 surrogate."
    )


def capture(number, url, hours, **changes):
    fields = {
        "record_id": f"<urn:uuid:{number:032d}>",
        "url": url,
        "source": "sample",
        "crawl_id": "crawl-1",
        "captured_at": START + timedelta(hours=hours),
        "method": "GET",
        "status": 200,
        "mime": "text/html",
        "payload_digest": f"sha256:{number}",
        "record_type": "response",
        "warc_file": f"2026/11/{number % 3}.warc.gz",
        "warc_offset": number * 1000,
        "warc_length": 900,
    }
    return Capture(**(fields | changes))


def revisit(number, of, hours, **changes):
    fields = {
        "record_type": "revisit",
        "refers_to_url": of.url,
        "refers_to_at": of.captured_at,
        "payload_digest": of.payload_digest,
    }
    return capture(number, of.url, hours, **(fields | changes))


def extraction(of, text, *, title="A title of some words", **fields):
    blocks = (
        Block(text=f"Related {of.record_id}", kind=BlockKind.RELATED, kept=False, rule="related-list"),
        Block(text=text, kind=BlockKind.BODY, kept=True),
        Block(text="By Jane Roe", kind=BlockKind.BYLINE, kept=False, rule="byline"),
    )
    photo = Photo(caption="A ship", credit="J. Roe", virin="220214-F-FW957-1367C", taken_on=date(2022, 2, 14))
    article = Article(
        **(
            {"title": title, "text": text, "authors": ("Jane Roe",), "blocks": blocks, "photos": (photo,)}
            | fields
        )
    )
    return Extraction(
        record_id=of.record_id,
        url=of.url,
        canonical_url=canonical_url(of.url),
        article_id=article_id(of.url),
        source=of.source,
        crawl_id=of.crawl_id,
        captured_at=of.captured_at,
        outcome=Outcome.ARTICLE,
        article=article,
        content_digest=content_digest(article),
        text_digest=text_digest(text),
        word_count=word_count(text),
        sketch=sketch(text),
    )


def no_article(of, outcome=Outcome.EMPTY):
    return Extraction(
        record_id=of.record_id, url=of.url, canonical_url=canonical_url(of.url), article_id=article_id(of.url),
        source=of.source, crawl_id=of.crawl_id, captured_at=of.captured_at, outcome=outcome, reason="no text",
    )  # fmt: skip


def crawl(crawl_id="crawl-1", minutes=0):
    return Crawl(
        crawl_id=crawl_id, source="sample", started_at=START + timedelta(minutes=minutes), software="presswarc",
        seed_url="https://blog.example/", robots="obeyed",
    )  # fmt: skip


def failure(number, url, outcome=Outcome.TIMED_OUT):
    return Failure(
        record_id=f"<urn:failure:{number}>", url=url, source="sample", crawl_id="crawl-1", failed_at=START,
        outcome=outcome, reason="30 s without an answer",
    )  # fmt: skip


def add(writer, values):
    writer.add(
        crawls=[value for value in values if isinstance(value, Crawl)],
        captures=[value for value in values if isinstance(value, Capture)],
        failures=[value for value in values if isinstance(value, Failure)],
        extractions=[value for value in values if isinstance(value, Extraction)],
    )


def dump(path, tables=PUBLISHED):
    with duckdb.connect(str(path), read_only=True) as connection:
        return {name: connection.execute(f"SELECT * FROM {name} ORDER BY ALL").fetchall() for name in tables}


def build(archive, batches):
    """Published tables after adding the batches, each refreshed and clustered but every third."""
    with IndexWriter(archive) as writer:
        for number, batch in enumerate(batches):
            add(writer, batch)
            if number % 3 != 2:
                writer.refresh()
                update_clusters(writer)
        writer.refresh()
        update_clusters(writer)
        return dump(writer.publish() or archive / "index.duckdb")


def rows(archive, query):
    with duckdb.connect(str(archive / "index.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def scene():
    """Values of two crawls: an article under three URL forms that changes and changes back, reposts, failures."""
    first, war = capture(1, DEFENSE, 0), capture(2, WAR, 20)
    again, unchanged = (
        revisit(3, first, 10),
        capture(4, WAR, 30, status=304, record_type="revisit", refers_to_url=WAR),
    )
    blog, blog2, other = capture(5, BLOG, 21), capture(6, canonical_url(BLOG), 40), capture(7, OTHER, 5)
    listing, cut = capture(8, "https://blog.example/", 1), capture(9, OTHER, 6, truncated="time")
    gone, moved = (
        capture(10, "https://blog.example/gone", 2, status=404),
        capture(11, "https://blog.example/old", 2, status=301, redirect_to=OTHER),
    )
    late = revisit(12, blog, 50, refers_to_at=None)
    excerpt, short, short2 = (
        capture(13 + place, f"https://c.example/{place}", 7 + place) for place in range(3)
    )
    text, changed = prose(1), prose(1) + " And one line more."
    return [
        crawl(), crawl(minutes=5), crawl("crawl-2", 700), failure(1, "https://a.example/x"),
        failure(2, "https://a.example/y", Outcome.ROBOTS_DENIED),
        first, war, again, unchanged, blog, blog2, other, listing, cut, gone, moved, late, excerpt, short, short2,
        extraction(first, text, published_at=START), extraction(war, changed, published_at=START, modified_at=START),
        extraction(blog, text + "\n\nSeen first at defense.gov.", origin_url=DEFENSE),
        extraction(blog2, " ".join(text.split()[:70]), title="Shorter", origin_url=DEFENSE),
        extraction(other, prose(2), title="Another title of words"), no_article(listing, Outcome.NOT_AN_ARTICLE),
        no_article(cut), extraction(excerpt, " ".join(prose(2).split()[:45])),
        extraction(short, "Not available."), extraction(short2, "Not  AVAILABLE", title="Else than that"),
    ]  # fmt: skip


SCENE = [*scene(), capture(1, DEFENSE, 0, warc_file="2026/12/a-copy.warc.gz")]


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return build(tmp_path_factory.mktemp("expected"), [SCENE])


def test_the_scene_shows_what_the_property_below_is_about(expected):
    assert len(expected["articles"]) == 6
    assert len(expected["unique_articles"]) == 4
    assert {row[2] for row in expected["pairs"]} >= {"exact", "excerpt", "near"}
    assert all(expected[name] for name in PUBLISHED)


@settings(max_examples=int(os.environ.get("EX","12")), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.permutations(SCENE),
    st.lists(st.integers(0, len(SCENE)), max_size=4),
    st.lists(st.sampled_from(SCENE), max_size=5),
)
def test_order_batches_and_repetition_do_not_show_in_any_table(expected, values, cuts, repeated):
    ends = sorted({0, *cuts, len(values)})
    batches = [values[start:end] for start, end in itertools.pairwise(ends)]
    with tempfile.TemporaryDirectory() as folder:
        found = build(Path(folder), [*batches, repeated])
    for name in PUBLISHED:
        assert found[name] == expected[name], name


def test_an_article_known_by_three_urls_is_one_row_with_its_versions(tmp_path):
    build(tmp_path, [SCENE])
    article = article_id(DEFENSE)
    ((url, versions, captures, first, last),) = rows(
        tmp_path,
        f"SELECT url, versions, captures, first_captured_at, last_captured_at FROM articles WHERE article_id = '{article}'",
    )
    assert (url, versions, captures) == (WAR, 2, 4)
    assert first == START.replace(tzinfo=None)
    assert last == (START + timedelta(hours=30)).replace(tzinfo=None)
    history = rows(
        tmp_path, f"SELECT version, captures, changed FROM versions WHERE article_id = '{article}' ORDER BY 1"
    )
    assert history == [(1, 2, []), (2, 2, ["text"])]


def test_an_article_that_changes_back_has_three_versions(tmp_path):
    captures = [capture(number, OTHER, number) for number in (1, 2, 3)]
    texts = [prose(1), prose(2), prose(1)]
    build(tmp_path, [[*captures, *map(extraction, captures, texts)]])
    assert rows(tmp_path, "SELECT version, text_digest FROM versions ORDER BY 1") == [
        (place, text_digest(text)) for place, text in enumerate(texts, start=1)
    ]


def test_last_captured_at_counts_every_unchanged_capture(tmp_path):
    first = capture(1, OTHER, 0)
    later = [revisit(2, first, 5), capture(3, OTHER, 9, status=304), revisit(4, first, 7, refers_to_url=None)]
    build(tmp_path, [[first, extraction(first, prose(1))], later])
    assert rows(tmp_path, "SELECT last_captured_at, captures, versions FROM articles") == [
        ((START + timedelta(hours=9)).replace(tzinfo=None), 4, 1)
    ]


def test_a_revisit_of_a_page_that_gave_no_article_shows_none(tmp_path):
    article, empty = capture(1, OTHER, 0), capture(2, OTHER, 1)
    build(
        tmp_path, [[article, empty, extraction(article, prose(1)), no_article(empty), revisit(3, empty, 2)]]
    )
    assert rows(tmp_path, "SELECT captures, last_captured_at FROM articles") == [
        (1, START.replace(tzinfo=None))
    ]


def test_what_a_page_shows_around_its_article_comes_from_the_latest_page(tmp_path):
    captures = [capture(number, OTHER, number) for number in (1, 2)]
    build(tmp_path, [[*captures, *(extraction(one, prose(1)) for one in captures)]])
    assert rows(tmp_path, "SELECT position, kind, text, rule FROM blocks ORDER BY position") == [
        (1, "related", f"Related {captures[1].record_id}", "related-list"),
        (3, "byline", "By Jane Roe", "byline"),
    ]
    assert rows(tmp_path, "SELECT virin, taken_on FROM photos") == [
        ("220214-F-FW957-1367C", date(2022, 2, 14))
    ]
    assert rows(tmp_path, "SELECT versions FROM articles") == [(1,)]


def test_the_repost_is_the_duplicate_and_its_origin_is_not(tmp_path):
    build(tmp_path, [SCENE])
    found = dict(rows(tmp_path, "SELECT url, is_duplicate FROM articles"))
    assert found[WAR] is False
    assert found[BLOG] is True
    ((evidence,),) = rows(tmp_path, f"SELECT evidence FROM clusters WHERE article_id = '{article_id(BLOG)}'")
    assert json.loads(evidence)["points_at"] == DEFENSE


def test_nothing_vanishes_that_gave_no_article(tmp_path):
    build(tmp_path, [SCENE])
    found = dict(rows(tmp_path, "SELECT url, outcome FROM dropped"))
    assert found == {
        "https://a.example/x": "timed_out",
        "https://a.example/y": "robots_denied",
        "https://blog.example/": "not_an_article",
        "https://blog.example/gone": "gone",
        OTHER: "empty",
    }


def test_source_health_counts_a_day(tmp_path):
    page = capture(1, OTHER, 0)
    build(tmp_path, [[page, extraction(page, prose(1)), failure(1, BLOG)]])
    assert rows(tmp_path, "SELECT * FROM source_health") == [
        (date(2026, 11, 1), "sample", 1, 1, 0, {"timed_out": 1}, float(word_count(prose(1))))
    ]


def test_text_comes_back_as_it_went_in_but_for_what_utf8_cannot_hold(tmp_path):
    page = capture(1, OTHER, 0)
    text = 'Tab\there, "quotes", \\ and ’ and 中文 and \x00.\n\nNext \ud800 one.'
    build(tmp_path, [[page, extraction(page, text)]])
    assert rows(tmp_path, "SELECT text, first_captured_at FROM articles") == [
        (text.replace("\ud800", "?"), START.replace(tzinfo=None))
    ]


def test_a_page_that_crashed_a_worker_once_has_its_article_later(tmp_path):
    page = capture(1, OTHER, 0)
    values = [no_article(page, Outcome.PARSE_CRASHED), extraction(page, prose(1))]
    outcomes = []
    for number, order in enumerate((values, values[::-1])):
        build(tmp_path / str(number), [[page], *([value] for value in order)])
        outcomes.append(rows(tmp_path / str(number), "SELECT count(*) FROM articles"))
    assert outcomes == [[(1,)], [(1,)]]


def test_an_article_that_changes_leaves_its_cluster(tmp_path):
    left, right, right2 = capture(1, OTHER, 0), capture(2, BLOG, 1), capture(3, BLOG, 2)
    same = [left, right, extraction(left, prose(1)), extraction(right, prose(1))]
    build(tmp_path, [same])
    assert rows(tmp_path, "SELECT count(*) FROM unique_articles") == [(1,)]
    build(tmp_path, [[right2, extraction(right2, prose(2))]])
    assert rows(tmp_path, "SELECT count(*) FROM unique_articles") == [(2,)]
    assert rows(tmp_path, "SELECT count(*) FROM pairs") == [(0,)]


def test_publishing_again_without_a_change_leaves_the_file_alone(tmp_path):
    build(tmp_path, [SCENE])
    before = (tmp_path / "index.duckdb").stat()
    with IndexWriter(tmp_path) as writer:
        add(writer, SCENE)
        writer.refresh()
        update_clusters(writer)
        assert writer.publish() is None
    after = (tmp_path / "index.duckdb").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    (tmp_path / "index.duckdb").unlink()
    with IndexWriter(tmp_path) as writer:
        assert writer.publish() == tmp_path / "index.duckdb"


def test_a_reader_keeps_its_view_while_a_new_index_is_published(tmp_path):
    build(tmp_path, [SCENE])
    child = "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); print('open', flush=True); input(); print(c.execute('SELECT count(*) FROM articles').fetchone()[0])"
    command = [sys.executable, "-c", child, str(tmp_path / "index.duckdb")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdout.readline() == "open\n"
        more = capture(50, "https://blog.example/more", 60)
        build(tmp_path, [[more, extraction(more, prose(9))]])
        answer, _ = reader.communicate("go\n")
    assert answer == "6\n"
    assert rows(tmp_path, "SELECT count(*) FROM articles") == [(7,)]


def test_readers_are_never_refused_while_publishing(tmp_path):
    build(tmp_path, [SCENE])
    stop, counts = threading.Event(), []
    child = "import duckdb, sys\nfor _ in range(25):\n    with duckdb.connect(sys.argv[1], read_only=True) as c:\n        print(c.execute('SELECT count(*) FROM articles').fetchone()[0])"

    def read():
        done = subprocess.run(
            [sys.executable, "-c", child, str(tmp_path / "index.duckdb")],
            capture_output=True,
            text=True,
            check=False,
        )
        counts.extend([done.returncode, *map(int, done.stdout.split()), *done.stderr.splitlines()])
        stop.set()

    thread = threading.Thread(target=read)
    thread.start()
    with IndexWriter(tmp_path) as writer:
        for number in itertools.count(100):
            if stop.is_set():
                break
            page = capture(number, f"https://blog.example/{number}", number)
            add(writer, [page, extraction(page, prose(number))])
            writer.refresh()
            update_clusters(writer)
            assert writer.publish() is not None
    thread.join()
    assert counts[0] == 0
    assert counts[1:] == sorted(counts[1:])
    assert len(counts) == 26


def test_a_second_writer_is_told_who_holds_the_archive(tmp_path):
    child = "import sys; from pathlib import Path; from storage.index.writer import IndexWriter\nwith IndexWriter(Path(sys.argv[1])): print('held', flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", child, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ArchiveBusyError, match=f"pid {holder.pid}") as refused:
            IndexWriter(tmp_path)
        assert refused.value.exit_code == 4
        holder.communicate("go\n")
    with IndexWriter(tmp_path):
        pass


def test_a_second_writer_in_the_same_process_is_refused_too(tmp_path):
    with IndexWriter(tmp_path), pytest.raises(ArchiveBusyError, match=f"pid {os.getpid()}"):
        IndexWriter(tmp_path)
    with IndexWriter(tmp_path):
        pass


KILLED = """
import sys, itertools
from datetime import UTC, datetime
from pathlib import Path
from storage.index.writer import IndexWriter
from storage.model import Capture
with IndexWriter(Path(sys.argv[1])) as writer:
    for batch in itertools.count():
        writer.add(captures=[
            Capture(record_id=f"{batch}-{n}", url=f"https://a.example/{batch}/{n}", source="s", crawl_id="c",
                    captured_at=datetime(2026, 1, 1, tzinfo=UTC), method="GET", status=200, mime="text/html",
                    payload_digest="d", record_type="response", warc_file="f", warc_offset=n, warc_length=1)
            for n in range(50)])
        print(batch, flush=True)
"""


@pytest.mark.parametrize("acknowledged", [0, 3, 7])
def test_a_writer_killed_while_adding_leaves_whole_batches_and_every_committed_one(tmp_path, acknowledged):
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as writer:
        for line in writer.stdout:
            if int(line) == acknowledged:
                break
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    with IndexWriter(tmp_path) as again:
        found = len(again.lacking_extraction())
        assert found % 50 == 0
        assert found >= 50 * (acknowledged + 1)
        again.refresh()
        assert again.publish() is not None


def test_a_damaged_database_is_named_with_the_way_to_build_it_again(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "index.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(IndexFaultError) as fault:
        IndexWriter(tmp_path)
    assert "presswarc replay" in fault.value.hint
    with IndexWriter(tmp_path, anew=True) as writer:
        add(writer, SCENE)
        writer.refresh()
        assert writer.publish() is not None
    with IndexWriter(tmp_path) as writer:
        assert writer.warc_files() == {f"2026/11/{number}.warc.gz" for number in range(3)}


def test_a_newer_index_is_refused(tmp_path):
    with IndexWriter(tmp_path):
        pass
    with duckdb.connect(str(tmp_path / "state" / "index.duckdb")) as connection:
        connection.execute("UPDATE schema_version SET version = version + 1")
    with pytest.raises(IndexFaultError, match="version 2"):
        IndexWriter(tmp_path)


def test_a_foreign_database_is_refused(tmp_path):
    (tmp_path / "state").mkdir()
    with duckdb.connect(str(tmp_path / "state" / "index.duckdb")) as connection:
        connection.execute("CREATE TABLE mine (a INTEGER)")
    with pytest.raises(IndexFaultError, match="not one of Presswarc's"):
        IndexWriter(tmp_path)


def test_an_index_built_anew_and_not_published_leaves_the_old_one(tmp_path):
    build(tmp_path, [SCENE])
    with IndexWriter(tmp_path, anew=True) as writer:
        assert not writer.warc_files()
        add(writer, SCENE[:3])
    with IndexWriter(tmp_path) as writer:
        assert writer.warc_files()
    assert sorted(path.name for path in (tmp_path / "state").iterdir()) == ["index.duckdb", "lock"]


def test_captures_that_may_hold_an_article_wait_until_they_were_looked_at(tmp_path):
    page, picture, again = (
        capture(1, OTHER, 0),
        capture(2, "https://a.example/p.jpg", 0, mime="image/jpeg"),
        capture(4, BLOG, 3),
    )
    with IndexWriter(tmp_path) as writer:
        add(writer, [page, picture, revisit(3, page, 1), again])
        assert writer.lacking_extraction() == sorted([page, again], key=lambda one: one.warc_file)
        add(writer, [extraction(page, prose(1)), no_article(again)])
        assert writer.lacking_extraction() == []
        assert len(writer.known()) == 4


def test_latest_payload_is_the_newest_whole_response(tmp_path):
    first, cut = capture(1, OTHER, 0), capture(3, OTHER, 5, truncated="length")
    with IndexWriter(tmp_path) as writer:
        assert writer.latest_payload(OTHER) is None
        add(writer, [first, revisit(2, first, 4), cut, capture(4, BLOG, 9)])
        prior = writer.latest_payload(OTHER)
    assert (prior.payload_digest, prior.captured_at, prior.status) == (
        first.payload_digest,
        first.captured_at,
        200,
    )


def test_every_table_and_column_has_a_comment(tmp_path):
    build(tmp_path, [SCENE])
    bare = rows(
        tmp_path,
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND coalesce(comment, '') = '' "
        "UNION ALL SELECT table_name, '' FROM duckdb_tables() WHERE NOT internal AND coalesce(comment, '') = '' "
        "UNION ALL SELECT view_name, '' FROM duckdb_views() WHERE NOT internal AND coalesce(comment, '') = ''",
    )
    assert bare == []


CONTRACT = {
    "articles": "article_id, url, canonical_url, host, source, title, authors, dateline, published_at, modified_at, "
    "language, text, word_count, text_digest, first_captured_at, last_captured_at, versions, cluster_id, "
    "is_duplicate, origin_url, outcome",
    "captures": "url, captured_at, status, mime, payload_digest, record_type, warc_file, warc_offset, warc_length, "
    "crawl_id, truncated, protocol, ip",
    "clusters": "cluster_id, article_id, relation, score, is_origin, evidence",
}


@pytest.mark.parametrize("table", CONTRACT)
def test_the_columns_of_the_contract_come_first_and_in_order(tmp_path, table):
    build(tmp_path, [SCENE])
    with duckdb.connect(str(tmp_path / "index.duckdb"), read_only=True) as connection:
        found = [column[0] for column in connection.execute(f"FROM {table}").description]
    assert ", ".join(found).startswith(CONTRACT[table])


def test_the_file_is_of_the_storage_version_that_duckdb_1_4_reads(tmp_path):
    build(tmp_path, [SCENE])
    with (tmp_path / "index.duckdb").open("rb") as file:
        header = file.read(64)
    assert header[8:12] == b"DUCK"
    assert int.from_bytes(header[12:20], "little") <= 67


def test_the_published_file_opens_in_each_duckdb_at_hand(tmp_path):
    pythons = os.environ.get("PRESSWARC_DUCKDB_PYTHONS", "").split(":")
    if pythons == [""]:
        pytest.skip("PRESSWARC_DUCKDB_PYTHONS names no interpreters; .ci/duckdb-versions.sh makes them")
    build(tmp_path, [SCENE])
    names = PUBLISHED
    child = textwrap.dedent("""
        import duckdb, sys
        with duckdb.connect(sys.argv[1], read_only=True) as connection:
            for name in sys.argv[2:]:
                print(name, connection.execute(f"SELECT count(*) FROM (SELECT * FROM {name})").fetchone()[0])
    """)
    answers = {
        python: subprocess.run(
            [python, "-c", child, str(tmp_path / "index.duckdb"), *names],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for python in [sys.executable, *pythons]
    }
    assert len(set(answers.values())) == 1
