"""A writer killed at any moment loses nothing it committed, and the next one goes on."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import textwrap
import time

import duckdb
import pytest

from storage.index.tables import TABLES

pytestmark = pytest.mark.long

ROUNDS = 8
COMPARED = [
    table.name
    for table in TABLES
    # Documents are numbered as they come; what search answers is compared in the tests of search.
    if table.name not in {"work.state", "work.touched"} and not table.name.startswith("work.search_")
]

WRITER = textwrap.dedent("""
    import itertools, random, sys
    from pathlib import Path
    from builders import capture
    from pipelines.ingest import Ingest
    from pipelines.run import extraction_row
    from storage.article import Article, Outcome
    from storage.index.writer import IndexWriter
    from storage.layout import Layout

    WORDS = [f"word{number}" for number in range(500)]

    def pages(batch):
        for number in range(batch * 10, batch * 10 + 10):
            # Every tenth is a new version of an earlier page, every third tells what another host told.
            address = number - 7 if number % 10 == 9 else number
            words = random.Random(number // 3 if number % 3 else number).choices(WORDS, k=80)
            host = "paper" if number % 3 else "wire"
            article = Article(title=f"Title {number}", text=" ".join(words) + f"\\n\\nSign-off of {host}.")
            of = capture(number, f"https://{host}.example/{address}", number)
            yield of, extraction_row(of, Outcome.ARTICLE, article=article)

    def add(writer, batch):
        found = list(pages(batch))
        writer.add(captures=[one for one, _ in found], extractions=[one for _, one in found])
""")
RUNNING = WRITER + textwrap.dedent("""
    archive, first = Path(sys.argv[1]), int(sys.argv[2])
    with IndexWriter(archive) as writer:
        ingest = Ingest(writer, Layout(archive).cdxj)
        print("open", flush=True)
        for batch in itertools.count(first):
            add(writer, batch)
            print(batch, flush=True)
            if batch % 3 == 2:
                ingest.finish()
""")
ALL_AT_ONCE = WRITER + textwrap.dedent("""
    archive, batches = Path(sys.argv[1]), int(sys.argv[2])
    with IndexWriter(archive) as writer:
        for batch in reversed(range(batches)):
            add(writer, batch)
        Ingest(writer, Layout(archive).cdxj).finish()
""")


def killed_after(seconds, archive, first):
    """Number of batches acknowledged by a writer that goes on with `first` and is killed after that time."""
    command = [sys.executable, "-c", RUNNING, str(archive), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as writer:
        assert writer.stdout.readline() == "open\n", writer.stderr.read()
        time.sleep(seconds)
        writer.send_signal(signal.SIGKILL)
        acknowledged = writer.stdout.read().split()
        assert writer.wait() == -signal.SIGKILL, writer.stderr.read()
    return first + len(acknowledged)


def tables(path, names=COMPARED):
    with duckdb.connect(str(path), read_only=True) as connection:
        return {name: connection.execute(f"FROM {name} ORDER BY ALL").fetchall() for name in names}


def batches_in(path):
    """Number of batches whose captures are all there; no part of one may be."""
    with duckdb.connect(str(path)) as connection:
        found = connection.execute(
            "SELECT warc_offset // 10000 AS batch, count(*) FROM captures GROUP BY batch ORDER BY batch"
        ).fetchall()
        extracted = connection.execute("SELECT count(*) FROM extractions").fetchone()[0]
    assert found == [(batch, 10) for batch in range(len(found))]
    assert extracted == 10 * len(found)
    return len(found)


def read_published(path):
    """The published index, read whole; its tables must fit together."""
    rows = tables(path, ["articles", "clusters", "captures", "work.runs"])
    articles = {row[0] for row in rows["articles"]}
    assert {row[1] for row in rows["clusters"]} == articles
    assert {row[0] for row in rows["work.runs"]} == articles
    return len(rows["captures"])


@pytest.mark.parametrize("seed", [11])
def test_a_writer_killed_at_random_moments_loses_nothing_committed(tmp_path, seed, monkeypatch, request):
    monkeypatch.setenv("PYTHONPATH", str(request.config.rootpath / "tests"))
    moments = random.Random(seed)
    archive = tmp_path / "archive"
    batches, published = 0, 0
    for _ in range(ROUNDS):
        acknowledged = killed_after(moments.uniform(0, 1.2), archive, batches)
        batches = batches_in(archive / "state" / "index.duckdb")
        assert acknowledged <= batches <= acknowledged + 1
        if (archive / "index.duckdb").exists():
            seen = read_published(archive / "index.duckdb")
            assert published <= seen <= 10 * batches
            published = seen
    assert batches > ROUNDS / 4
    for name in ("archive", "at-once"):
        made = subprocess.run(
            [sys.executable, "-c", ALL_AT_ONCE, str(tmp_path / name), str(batches)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
    assert tables(archive / "index.duckdb") == tables(tmp_path / "at-once" / "index.duckdb"), json.dumps(
        batches
    )
    assert sorted(path.name for path in archive.iterdir()) == ["index.duckdb", "state"]
    assert sorted(path.name for path in (archive / "state").iterdir()) == ["index.duckdb", "lock"]
