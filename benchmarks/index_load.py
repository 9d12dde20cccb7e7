"""How fast rows go into DuckDB: JSON lines through a file, as the index does it, beside executemany.

    python benchmarks/index_load.py [--rows 4000] [--batch 200]

Prints rows a second of both, for whole articles of about 3 kB, and the ratio. The writer's `add` is timed as
well: it does the same for four tables, adds nothing twice, and commits durably.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from pipelines.run import extraction_row
from storage.article import Article
from storage.index import rows
from storage.index.load import naive_utc, stage
from storage.index.schema import STORAGE_VERSION
from storage.index.tables import CONTENTS
from storage.index.writer import IndexWriter
from storage.model import Capture, Extraction

EXECUTEMANY_ROWS = 600  # it is too slow for more
Pair = tuple[Capture, Extraction]


def values(count: int) -> list[Pair]:
    rng = random.Random(20261122)
    words = [f"word{number}" for number in range(20_000)]
    start = datetime(2026, 11, 1, tzinfo=UTC)
    made = []
    for number in range(count):
        text = " ".join(rng.choices(words, k=380))
        url = f"https://news{number % 40}.example/2026/11/story-{number}"
        article = Article(title=text[:60], text=text, authors=("Jane Roe",), published_at=start)
        at = start + timedelta(seconds=number)
        capture = Capture(
            record_id=f"<urn:{number}>",
            url=url,
            source="bench",
            crawl_id="bench",
            captured_at=at,
            method="GET",
            status=200,
            mime="text/html",
            payload_digest=f"sha256:{number}",
            record_type="response",
            warc_file="bench.warc.gz",
            warc_offset=number,
            warc_length=1,
        )
        made.append((capture, extraction_row(capture, article.outcome, article=article)))
    return made


def by_file(connection: duckdb.DuckDBPyConnection, batch: Sequence[rows.Row]) -> None:
    stage(connection, CONTENTS, batch)
    connection.execute(f"INSERT INTO {CONTENTS.name} SELECT * FROM staged")


def by_executemany(connection: duckdb.DuckDBPyConnection, batch: Sequence[rows.Row]) -> None:
    plain = [
        [naive_utc(v) if isinstance(v, datetime) else list(v) if isinstance(v, tuple) else v for v in r]
        for r in batch
    ]
    connection.executemany(
        f"INSERT INTO {CONTENTS.name} VALUES ({', '.join('?' * len(CONTENTS.columns))})", plain
    )


def rows_a_second(
    load: Callable[[duckdb.DuckDBPyConnection, Sequence[rows.Row]], None],
    contents: Sequence[rows.Row],
    batch: int,
) -> float:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "bench.duckdb")
        with duckdb.connect(path, config={"storage_compatibility_version": STORAGE_VERSION}) as connection:
            connection.execute("CREATE SCHEMA work")
            for statement in CONTENTS.statements():
                connection.execute(statement)
            started = time.perf_counter()
            for start in range(0, len(contents), batch):
                connection.execute("BEGIN")
                load(connection, contents[start : start + batch])
                connection.execute("COMMIT")
            return len(contents) / (time.perf_counter() - started)


def writer_rows_a_second(pairs: Sequence[Pair], batch: int) -> float:
    with tempfile.TemporaryDirectory() as folder, IndexWriter(Path(folder)) as writer:
        started = time.perf_counter()
        for start in range(0, len(pairs), batch):
            portion = pairs[start : start + batch]
            writer.add(captures=[one for one, _ in portion], extractions=[one for _, one in portion])
        return len(pairs) / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description="JSON lines through a file against executemany")
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=200)
    options = parser.parse_args()
    pairs = values(options.rows)
    contents = [rows.content_row(one, one.article) for _, one in pairs if one.article]
    file_speed = rows_a_second(by_file, contents, options.batch)
    many_speed = rows_a_second(by_executemany, contents[:EXECUTEMANY_ROWS], options.batch)
    print(f"DuckDB {duckdb.__version__}, {options.rows} articles in batches of {options.batch}")
    print(f"file of JSON lines  {file_speed:9.0f} rows/s")
    print(f"executemany         {many_speed:9.0f} rows/s   (of {EXECUTEMANY_ROWS} rows)")
    print(f"ratio               {file_speed / many_speed:9.1f}")
    writer_speed = writer_rows_a_second(pairs, options.batch)
    print(f"IndexWriter.add     {writer_speed:9.0f} articles/s, each into four tables")


if __name__ == "__main__":
    main()
