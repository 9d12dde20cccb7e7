"""An index of an older version is brought to today's tables, and is then what a replay makes."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from builders import capture, revisit
from pipelines.ingest import Ingest
from pipelines.run import extraction_row
from pipelines.sketch import SKETCH_MODULUS, measured, shingles
from storage.article import Article, Block, BlockKind, Outcome, Photo
from storage.errors import IndexFaultError, OutOfSpaceError
from storage.index.migrate import BASE_TABLES, OLDEST, STEPS, migrate
from storage.index.schema import SCHEMA_VERSION
from storage.index.tables import TABLES
from storage.index.writer import IndexWriter
from storage.layout import Layout
from storage.query import open_current, open_published, run_sql

pytestmark = pytest.mark.long

VERSION_3 = (Path(__file__).parent / "index_v3.sql").read_text("utf-8")
COMPARED = [table.name for table in TABLES if table.name != "work.state"]
HOST = "https://blog.example"
SIGN_OFF = "So ends the sheet for this day; the bell ringers go home by the lower road."
WORDS = [f"word{number}" for number in range(3000)]


def prose(seed, words=150):
    return " ".join(random.Random(seed).choices(WORDS, k=words)) + "."


def article(text, **fields):
    blocks = (
        Block(text="Menu", kind=BlockKind.NAVIGATION, kept=False, rule="menu"),
        Block(text=text, kind=BlockKind.BODY, kept=True),
        Block(text="By Jane Roe", kind=BlockKind.BYLINE, kept=False, rule="byline"),
    )
    photo = Photo(caption="A ship", virin="220214-F-FW957-1367C", url=f"{HOST}/ship.jpg")
    made = {"title": "A title of some words", "authors": ("Jane Roe",), "blocks": blocks, "photos": (photo,)}
    return Article(**(made | {"text": text, "published_at": datetime(2026, 10, 30, 9, tzinfo=UTC)} | fields))


def scene():
    """Captures and extractions: a host with a sign-off, copies, versions, one content at two addresses."""
    told = []
    for number in range(12):
        text = f"{prose(number, 40 + 30 * number)}\n\n{prose(-number)}\n\n{SIGN_OFF}"
        told.append((f"{HOST}/2026/story-{number}/", article(text, title=f"Story {number}"), number))
    told += [
        (f"{HOST}/2026/story-1/?utm_source=feed", article(prose("again")), 30),
        ("https://copy.example/1", article(f"{prose(3, 130)} {prose(-3)}", title="Copied"), 31),
        ("https://www.defense.gov/News/Article/Article/4012345/a-title/", article(prose("war")), 32),
        ("https://www.war.gov/News/Article/Article/4012345/", article(prose("war")), 33),
        ("https://other.example/a", article(prose("war")), 34),
        ("https://other.example/b", article("Too short."), 35),
        ("https://other.example/c", article(prose("accents").replace("o", "\u00f6")), 36),
    ]
    captures = [capture(place, url, hours) for place, (url, _, hours) in enumerate(told)]
    found = [
        extraction_row(of, Outcome.ARTICLE, article=one)
        for of, (_, one, _) in zip(captures, told, strict=True)
    ]
    empty = capture(100, f"{HOST}/2026/", 40)
    captures += [empty, revisit(101, captures[2], 50), capture(102, f"{HOST}/2026/waiting/", 60)]
    return captures, [*found, extraction_row(empty, Outcome.EMPTY, reason="no text")]


def finish(archive):
    with IndexWriter(archive) as writer:
        Ingest(writer, Layout(archive).cdxj).finish()


def build(archive):
    captures, extractions = scene()
    with IndexWriter(archive) as writer:
        writer.add(captures=captures, extractions=extractions)
    finish(archive)


def dump(path, names=COMPARED):
    with duckdb.connect(str(path), read_only=True) as connection:
        rows = {name: connection.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in names}
        rows["comments"] = connection.execute(
            "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal "
            "ORDER BY ALL"
        ).fetchall()
        rows["parts"] = connection.execute(
            "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal UNION ALL "
            "SELECT table_name, comment FROM duckdb_tables() UNION ALL "
            "SELECT function_name, comment FROM duckdb_functions() WHERE NOT internal ORDER BY ALL"
        ).fetchall()
    return rows


def age(path, older):
    """Make at `older` a file of version 3 of the rows of the index at `path`, its URLs by other rules."""
    with duckdb.connect(str(older), config={"storage_compatibility_version": "v1.4.0"}) as connection:
        connection.execute(VERSION_3)
        connection.execute(f"ATTACH '{path}' AS today (READ_ONLY)")
        for schema, name in connection.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = current_database() "
            "AND table_name NOT IN ('schema_version', 'state', 'contents')"
        ).fetchall():
            _copy(connection, schema, name)
        connection.execute(
            "INSERT INTO work.contents BY NAME SELECT e.article_id, c.* "
            "FROM today.work.contents c JOIN (SELECT DISTINCT article_id, content_digest "
            "FROM today.extractions) e USING (content_digest)"
        )
        for digest, text in connection.execute("SELECT content_digest, text FROM work.contents").fetchall():
            connection.execute(
                "UPDATE work.contents SET sketch = ? WHERE content_digest = ?", [_old_sketch(text), digest]
            )
        connection.execute(
            "UPDATE work.contents SET text_digest = 'by other words', word_count = word_count + 300 "
            "WHERE strlen(text) <> length(text)"
        )
        for name in ("extractions", "captures", "work.contents", "articles", "photos"):
            connection.execute(f"UPDATE {name} SET article_id = left(md5(article_id), 16)")
        connection.execute("UPDATE extractions SET canonical_url = url || '#', host = 'www.' || host")


def _old_sketch(text):
    return sorted(value for value in shingles(text) if value % SKETCH_MODULUS == 0)


def _copy(connection, schema, name):
    """Rows of today's table of the same name, if there is one, as far as columns have the same types."""
    columns = connection.execute(
        "SELECT column_name FROM duckdb_columns() WHERE schema_name = $1 AND table_name = $2 "
        "GROUP BY column_name HAVING count(*) = 2 AND count(DISTINCT data_type) = 1",
        [schema, name],
    ).fetchall()
    if columns:
        wanted = ", ".join(f'"{column}"' for (column,) in columns)
        connection.execute(f"INSERT INTO {schema}.{name} BY NAME SELECT {wanted} FROM today.{schema}.{name}")


@pytest.fixture(scope="module")
def today(tmp_path_factory) -> Path:
    """An archive with an index that was never migrated."""
    archive = tmp_path_factory.mktemp("today")
    build(archive)
    return archive


@pytest.fixture
def old(today, tmp_path) -> Path:
    """An archive with an index of version 3, published and not."""
    archive = tmp_path / "old"
    (archive / "state").mkdir(parents=True)
    age(today / "index.duckdb", archive / "index.duckdb")
    (archive / "state" / "index.duckdb").write_bytes((archive / "index.duckdb").read_bytes())
    return archive


def test_a_migrated_index_is_what_a_replay_makes_of_the_same_rows(today, old):
    before = dump(old / "index.duckdb", ["articles", "work.contents"])
    assert len(before["work.contents"]) > len(dump(today / "index.duckdb")["work.contents"])
    assert before["articles"] != dump(today / "index.duckdb")["articles"]
    finish(old)
    migrated, made = dump(old / "index.duckdb"), dump(today / "index.duckdb")
    assert migrated == made
    assert made["work.unsketched"] == []


def test_captures_that_wait_for_a_look_wait_after_the_migration(today, old):
    with IndexWriter(old) as migrated, IndexWriter(today) as made:
        assert [one.url for one in migrated.lacking_extraction()] == [f"{HOST}/2026/waiting/"]
        assert migrated.lacking_extraction() == made.lacking_extraction()


def test_the_comparison_sees_sketches_learned_lines_and_versions(today):
    rows = dump(today / "index.duckdb", ["learned_lines", "work.runs", "clusters", "pairs"])
    assert [row[1] for row in rows["learned_lines"]] == [SIGN_OFF]
    assert max(row[1] for row in rows["work.runs"]) == 2
    assert rows["pairs"]
    assert len({row[0] for row in rows["clusters"]}) < len(rows["clusters"])


def test_a_published_index_alone_is_migrated_too_where_the_writers_is_gone(today, old):
    (old / "state" / "index.duckdb").unlink()
    with IndexWriter(old, aside=True) as writer:
        Ingest(writer, Layout(old).cdxj, over=True).finish()
    assert dump(old / "index.duckdb") == dump(today / "index.duckdb")


KILLED = """
import os, signal, sys
from pathlib import Path
import duckdb
from storage.index import migrate
from storage.index.writer import IndexWriter

class Fatal:
    def __init__(self, connection):
        self.connection, self.left = connection, int(sys.argv[2])
    def execute(self, *arguments):
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1
        return self.connection.execute(*arguments)
    def __getattr__(self, name):
        return getattr(self.connection, name)

migrating = migrate.migrate
from storage.index import database
database.migrate = lambda connection, version: migrating(Fatal(connection), version)
IndexWriter(Path(sys.argv[1])).close()
"""


@pytest.mark.parametrize("statements", [0, 4, 40, 80, 130, 200])
def test_a_migration_killed_at_any_statement_has_changed_nothing(today, old, statements):
    done = subprocess.run([sys.executable, "-c", KILLED, str(old), str(statements)], check=False)
    assert done.returncode == -signal.SIGKILL
    with duckdb.connect(str(old / "state" / "index.duckdb"), read_only=True) as connection:
        assert connection.execute("FROM schema_version").fetchall() == [(3,)]
        assert connection.execute("SELECT count(article_id) FROM work.contents").fetchone() > (0,)
    finish(old)
    assert dump(old / "index.duckdb") == dump(today / "index.duckdb")


def test_an_index_killed_between_migration_and_refresh_goes_on_where_it_was(today, old):
    with IndexWriter(old) as writer:
        assert writer.renew_sketches(lambda _: measured("")) > 0
        writer.connection.execute("INSERT INTO work.unsketched SELECT content_digest FROM work.contents")
    finish(old)
    assert dump(old / "index.duckdb") == dump(today / "index.duckdb")


FULL = """
import resource, signal, sys
from pathlib import Path
from storage.errors import OutOfSpaceError
from storage.index.writer import IndexWriter
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    IndexWriter(Path(sys.argv[1])).close()
except OutOfSpaceError as error:
    sys.exit(error.exit_code)
"""


def test_a_disk_that_is_full_leaves_the_old_index(today, old):
    done = subprocess.run([sys.executable, "-c", FULL, str(old), "2000"], check=False)
    assert done.returncode == OutOfSpaceError.exit_code
    with duckdb.connect(str(old / "state" / "index.duckdb")) as connection:
        assert connection.execute("FROM schema_version").fetchall() == [(3,)]
    finish(old)
    assert dump(old / "index.duckdb") == dump(today / "index.duckdb")


@pytest.mark.parametrize("version", [1, 2, None])
def test_what_is_too_old_to_migrate_is_built_again(old, version):
    with duckdb.connect(str(old / "state" / "index.duckdb")) as connection:
        connection.execute("DELETE FROM schema_version")
        if version:
            connection.execute("INSERT INTO schema_version VALUES (?)", [version])
    before = (old / "state" / "index.duckdb").read_bytes()
    with pytest.raises(IndexFaultError, match="an older Presswarc made it") as fault:
        IndexWriter(old)
    assert fault.value.hint.startswith("presswarc replay")
    assert (old / "state" / "index.duckdb").read_bytes() == before


def test_a_published_index_of_an_older_version_can_be_queried_but_not_shown(old):
    with open_published(old) as connection:
        assert run_sql(connection, "SELECT count(*) FROM articles").rows[0][0] > 10
    with pytest.raises(IndexFaultError, match=f"no tables of version {SCHEMA_VERSION}") as fault:
        open_current(old)
    assert fault.value.hint == "the next crawl or import brings it up to date, and so does presswarc replay"
    finish(old)
    with open_current(old):
        pass


def test_steps_follow_one_another_up_to_this_version():
    assert [step.since for step in STEPS] == list(range(OLDEST, SCHEMA_VERSION))
    assert not migrate_leaves_columns()


def migrate_leaves_columns():
    """Base tables of version 3 that no step brings to today's columns."""
    with duckdb.connect() as connection:
        connection.execute(VERSION_3)
        migrate(connection, 3)
        return {
            table.name
            for table in BASE_TABLES
            if tuple(row[0] for row in connection.execute(f"DESCRIBE {table.name}").fetchall()) != table.names
        }
