"""How fast rows go into DuckDB: JSON lines through a file, as the index does it, executemany and Arrow.

    python benchmarks/index_load.py [--rows 4000] [--batch 1000]

Prints rows a second of processor time, for whole articles of about 3 kB, and articles a second of the
writer's `add`, which does the same for four tables, adds nothing twice, and commits. Arrow is measured
where pyarrow is installed. It is no dependency: 170 MB, to save two hundredths of a millisecond of the tens
that an article takes to be read out of its page.
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

try:
    import pyarrow as pa
except ImportError:
    pa = None

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


def by_arrow(connection: duckdb.DuckDBPyConnection, batch: Sequence[rows.Row]) -> None:
    table = pa.table(
        {
            column.name: pa.array([_arrow_value(row[place]) for row in batch], _arrow_type(column.type))
            for place, column in enumerate(CONTENTS.columns)
        }
    )
    connection.register("arrived", table)
    connection.execute("CREATE OR REPLACE TEMP TABLE staged AS SELECT * FROM arrived")
    connection.unregister("arrived")
    connection.execute(f"INSERT INTO {CONTENTS.name} SELECT * FROM staged")


def _arrow_value(value: object) -> object:
    return naive_utc(value) if isinstance(value, datetime) else value


def _arrow_type(name: str) -> object:
    plain = {
        "VARCHAR": pa.string(),
        "INTEGER": pa.int32(),
        "UBIGINT": pa.uint64(),
        "TIMESTAMP": pa.timestamp("us"),
    }
    return pa.list_(plain[name[:-2]]) if name.endswith("[]") else plain[name]


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
            started = time.process_time()
            for start in range(0, len(contents), batch):
                connection.execute("BEGIN")
                load(connection, contents[start : start + batch])
                connection.execute("COMMIT")
            return len(contents) / (time.process_time() - started)


def writer_rows_a_second(pairs: Sequence[Pair], batch: int) -> float:
    with tempfile.TemporaryDirectory() as folder, IndexWriter(Path(folder)) as writer:
        started = time.process_time()
        for start in range(0, len(pairs), batch):
            portion = pairs[start : start + batch]
            writer.add(captures=[one for one, _ in portion], extractions=[one for _, one in portion])
        return len(pairs) / (time.process_time() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description="JSON lines through a file against executemany and Arrow")
    parser.add_argument("--rows", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=1000)
    options = parser.parse_args()
    pairs = values(options.rows)
    contents = [rows.content_row(one, one.article) for _, one in pairs if one.article]
    file_speed = rows_a_second(by_file, contents, options.batch)
    many_speed = rows_a_second(by_executemany, contents[:EXECUTEMANY_ROWS], options.batch)
    print(f"DuckDB {duckdb.__version__}, {options.rows} articles in batches of {options.batch}")
    print(f"file of JSON lines  {file_speed:9.0f} rows/s")
    print(f"executemany         {many_speed:9.0f} rows/s   (of {EXECUTEMANY_ROWS} rows)")
    if pa:
        print(f"Arrow               {rows_a_second(by_arrow, contents, options.batch):9.0f} rows/s")
    writer_speed = writer_rows_a_second(pairs, options.batch)
    print(f"IndexWriter.add     {writer_speed:9.0f} articles/s, each into four tables")


if __name__ == "__main__":
    main()
