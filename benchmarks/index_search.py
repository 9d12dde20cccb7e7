"""Sixty questions to the search of a published index: milliseconds of each, with and without its snippets.

    python benchmarks/index_search.py ARCHIVE

Each question is asked as SQL of the macro `search`, as any client would, ten hits a time. The best of three
counts: what is measured is the search, not the first reading of the disk.
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from storage.query import open_current

if TYPE_CHECKING:
    from index_questions import Question

REPEATS = 3
ENGINES = {
    "search, as the verb": "FROM search($words, source := $source, since := $since)",
    "search, without snippets": "SELECT article_id, score, title, url FROM "
    "search($words, source := $source, since := $since)",
}


def measure_search(archive: Path) -> dict[str, object]:
    """Wall and processor seconds of each question, by how it was asked."""
    from index_questions import questions

    asked = questions()
    with open_current(archive) as connection:
        return {
            "engines": {
                name: [_best(connection, sql, _parameters(one)) for one in asked]
                for name, sql in ENGINES.items()
            },
            "kinds": [one.kind for one in asked],
        }


def _parameters(question: Question) -> Mapping[str, object]:
    """A question as the macro takes it."""
    words = f'"{question.words}"' if question.phrase else question.words
    return {"words": words, "source": question.source, "since": question.since}


def _best(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Mapping[str, object]
) -> tuple[float, float]:
    """Wall and processor seconds of the fastest of some runs."""
    times = []
    for _ in range(REPEATS):
        started, cpu = time.perf_counter(), time.process_time()
        connection.execute(sql, parameters).fetchall()
        times.append((time.perf_counter() - started, time.process_time() - cpu))
    return min(times)


def _told(times: Sequence[tuple[float, float]]) -> str:
    wall = sorted(one[0] * 1000 for one in times)
    cpu = sorted(one[1] * 1000 for one in times)
    near = round(0.95 * (len(wall) - 1))
    return (
        f"median {statistics.median(wall):.0f} ms, 95 of 100 under {wall[near]:.0f} ms, "
        f"longest {wall[-1]:.0f} ms; "
        f"processors {statistics.median(cpu):.0f} and {cpu[near]:.0f} ms"
    )


def main() -> None:
    found = measure_search(Path(sys.argv[1]))
    if "--json" in sys.argv:
        print(json.dumps(found))
        return
    for name, times in found["engines"].items():  # type: ignore[attr-defined] # as made above
        print(f"{name}: {_told(times)}")


if __name__ == "__main__":
    main()
