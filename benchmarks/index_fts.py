"""The same search by DuckDB's fts extension, in an interpreter that has it.

    PYTHON benchmarks/index_fts.py INDEX QUESTIONS FOLDER

PYTHON has duckdb with its extension (`pip install duckdb==1.5.5 duckdb-extension-fts`), INDEX is a
published index, QUESTIONS a JSON list of words. It gets a table of its own with title and text, English
stemming and stop words as it has them, and answers with the first ten by BM25. Prints a line of JSON.
"""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from pathlib import Path

import duckdb

REPEATS = 3


def main() -> None:
    index, asked, folder = (
        sys.argv[1],
        json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")),
        Path(sys.argv[3]),
    )
    path = folder / "fts.duckdb"
    path.unlink(missing_ok=True)
    found = importlib.util.find_spec("duckdb_extension_fts")
    if found is None or found.origin is None:
        raise SystemExit("duckdb-extension-fts is not installed here")
    extension = next(Path(found.origin).parent.rglob("fts.duckdb_extension"))
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"LOAD '{extension}'")
        connection.execute(f"ATTACH '{index}' AS index_ (READ_ONLY)")
        connection.execute("CREATE TABLE told AS SELECT article_id, title, text FROM index_.articles")
        connection.execute("CHECKPOINT")
        plain = path.stat().st_size
        started, cpu = time.perf_counter(), time.process_time()
        connection.execute("PRAGMA create_fts_index('told', 'article_id', 'title', 'text')")
        connection.execute("CHECKPOINT")
        built, built_cpu = time.perf_counter() - started, time.process_time() - cpu
        size = path.stat().st_size - plain
        times = []
        for words in asked:
            best = []
            for _ in range(REPEATS):
                started, cpu = time.perf_counter(), time.process_time()
                connection.execute(
                    "SELECT article_id, title, score FROM (FROM told SELECT *, "
                    "fts_main_told.match_bm25(article_id, ?) AS score) WHERE score IS NOT NULL "
                    "ORDER BY score DESC LIMIT 10",
                    [words],
                ).fetchall()
                best.append((time.perf_counter() - started, time.process_time() - cpu))
            times.append(min(best))
    path.unlink()
    print(
        json.dumps(
            {
                "version": duckdb.__version__,
                "build_s": built,
                "build_cpu_s": built_cpu,
                "bytes": size,
                "times": times,
            }
        )
    )


if __name__ == "__main__":
    main()
