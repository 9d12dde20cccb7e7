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


ASKED = """
SELECT article_id, title, score
FROM (FROM told SELECT *, fts_main_told.match_bm25(article_id, ?) AS score)
WHERE score IS NOT NULL ORDER BY score DESC LIMIT 10
"""


def extension() -> Path:
    """Where the extension's file lies."""
    found = importlib.util.find_spec("duckdb_extension_fts")
    if found is None or found.origin is None:
        raise SystemExit("duckdb-extension-fts is not installed here")
    return next(Path(found.origin).parent.rglob("fts.duckdb_extension"))


def best_of(connection: duckdb.DuckDBPyConnection, words: str) -> tuple[float, float]:
    """Seconds and processor seconds of the fastest of some answers."""
    times = []
    for _ in range(REPEATS):
        started, cpu = time.perf_counter(), time.process_time()
        connection.execute(ASKED, [words]).fetchall()
        times.append((time.perf_counter() - started, time.process_time() - cpu))
    return min(times)


def measured(index: str, path: Path, asked: list[str]) -> dict[str, object]:
    """What building the extension's index in a database at `path` takes, and what its answers take."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"LOAD '{extension()}'")
        connection.execute(f"ATTACH '{index}' AS index_ (READ_ONLY)")
        connection.execute("CREATE TABLE told AS SELECT article_id, title, text FROM index_.articles")
        connection.execute("CHECKPOINT")
        plain = path.stat().st_size
        started, cpu = time.perf_counter(), time.process_time()
        connection.execute("PRAGMA create_fts_index('told', 'article_id', 'title', 'text')")
        connection.execute("CHECKPOINT")
        return {
            "version": duckdb.__version__,
            "build_s": time.perf_counter() - started,
            "build_cpu_s": time.process_time() - cpu,
            "bytes": path.stat().st_size - plain,
            "times": [best_of(connection, words) for words in asked],
        }


def main() -> None:
    index, asked, folder = sys.argv[1:]
    path = Path(folder) / "fts.duckdb"
    path.unlink(missing_ok=True)
    told = measured(index, path, json.loads(Path(asked).read_text(encoding="utf-8")))
    path.unlink()
    print(json.dumps(told))


if __name__ == "__main__":
    main()
