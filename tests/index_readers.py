"""Processes that open and read a published index in a loop; run as a program, it is one of them."""

from __future__ import annotations

import json
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

COUNTS = """
SELECT (SELECT count(*) FROM captures), (SELECT count(*) FROM articles),
       (SELECT count(DISTINCT article_id) FROM work.runs),
       (SELECT count(*) FROM clusters SEMI JOIN articles USING (article_id)),
       (SELECT sum(length(text)) FROM versions)
"""


@contextmanager
def readers(index: Path, number: int) -> Iterator[list[dict[str, Any]]]:
    """So many readers; at the end the list has: reads, faults, most captures seen, whether they grew."""
    command = [sys.executable, __file__, str(index)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(number)
    ]
    told: list[dict[str, Any]] = []
    try:
        for one in running:
            assert one.stdout
            assert one.stdout.readline() == "reading\n"
        yield told
        told += [json.loads(one.communicate("stop\n")[0]) for one in running]
    finally:
        for one in running:
            one.kill()
            one.wait()


def read(index: str) -> None:
    """Read until a line comes on stdin; then tell on stdout."""
    reads, captured = 0, []
    faults: list[str] = []
    while not select.select([sys.stdin], [], [], 0)[0]:
        try:
            with duckdb.connect(index, read_only=True) as connection:
                captures, articles, runs, clustered, _ = connection.execute(COUNTS).fetchall()[0]
            if not articles == runs == clustered:
                faults.append(f"{articles} articles, {runs} with versions, {clustered} in clusters")
            captured.append(captures)
        except duckdb.Error as error:
            faults.append(f"{type(error).__name__}: {error}")
        reads += 1
        time.sleep(0.01)
        if reads == 1:
            sys.stdout.write("reading\n")
            sys.stdout.flush()
    told = {
        "reads": reads,
        "faults": faults,
        "grew": captured == sorted(captured),
        "most": max(captured, default=0),
    }
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    read(sys.argv[1])
