"""The index at several sizes: what adding, duplicates, search and publishing cost, and how that grows.

    python benchmarks/index.py [--sizes 10000,100000] [--duplicates 10000] [--fts-python PYTHON]
                               [--folder DIR] [--write]

Made-up news (benchmarks/index_corpus.py), each size in a process of its own (benchmarks/index_stage.py):
all of it as a replay does, then three days of 200 articles as crawls do. datasketch and rensa find the
same reposts where they are installed (`pip install -e .[bench]`), DuckDB's fts extension answers the same
questions where `--fts-python` names an interpreter with `duckdb==1.5.5` and `duckdb-extension-fts`.
Results go to DIR as they come, and a size, contender or engine whose result lies there is not measured
again. `--write` puts the tables into benchmarks/index.md.
"""

from __future__ import annotations

import argparse
import json
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from index_duplicates import CONTENDERS, is_there
from index_questions import questions
from index_tables import tables
from reports import write_measured

HERE = Path(__file__).parent
REPORT = HERE / "index.md"
DEFAULT_SIZES = "10000,100000"
CONTENDERS_TAKE = 3600  # seconds at most


def told(path: Path) -> Any:  # noqa: ANN401 JSON
    return json.loads(path.read_text(encoding="utf-8"))


def run(script: str, *arguments: str, interpreter: str = sys.executable) -> str | None:
    """What a script printed, None where it failed; what it tells of its progress is passed on."""
    command = [interpreter, str(HERE / script), *arguments]
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, text=True, check=False, timeout=20 * CONTENDERS_TAKE
        )
    except subprocess.TimeoutExpired:
        return None
    return done.stdout if done.returncode == 0 else None


def stages(sizes: list[int], folder: Path, fts_python: str | None) -> None:
    """Each size, with the other search engine on the same articles."""
    for size in sizes:
        archive = folder / f"archive-{size}"
        fts = folder / f"fts-{size}.json"
        wanted = fts_python is not None and not fts.exists()
        if not is_whole(folder / f"{size}.json") or (wanted and not archive.exists()):
            run("index_stage.py", str(size), str(folder), "--keep")
        if fts_python is not None and wanted:
            asked = folder / "questions.json"
            asked.write_text(json.dumps([one.words for one in questions()]), encoding="utf-8")
            answer = run(
                "index_fts.py", str(archive / "index.duckdb"), str(asked), str(folder), interpreter=fts_python
            )
            if answer:
                fts.write_text(answer, encoding="utf-8")
        shutil.rmtree(archive, ignore_errors=True)


def is_whole(path: Path) -> bool:
    """Whether a size was measured to its end."""
    return path.exists() and bool(told(path)["whole"])


def contest(count: int, folder: Path) -> list[str]:
    """Each contender on the same reposts; those that are not installed."""
    absent = []
    for place, name in enumerate(CONTENDERS):
        path = folder / f"duplicates-{count}-{place}.json"
        if not is_there(name):
            absent.append(name)
        elif not path.exists():
            answer = run("index_duplicates.py", name, "--articles", str(count))
            if answer:
                path.write_text(answer, encoding="utf-8")
    return absent


def results(sizes: list[int], count: int, folder: Path) -> Mapping[str, Any]:
    def there(names: list[str]) -> list[Any]:
        return [told(folder / name) for name in names if (folder / name).exists()]

    return {
        "stages": there([f"{size}.json" for size in sizes]),
        "fts": {
            size: told(folder / f"fts-{size}.json")
            for size in sizes
            if (folder / f"fts-{size}.json").exists()
        },
        "duplicates": there([f"duplicates-{count}-{place}.json" for place in range(len(CONTENDERS))]),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description="The index at several sizes")
    parser.add_argument("--sizes", default=DEFAULT_SIZES, help="numbers of articles, with commas between")
    parser.add_argument(
        "--duplicates", type=int, default=10_000, help="articles in the contest for reposts; 0: none"
    )
    parser.add_argument("--fts-python", help="an interpreter with duckdb and duckdb-extension-fts")
    parser.add_argument(
        "--folder", type=Path, default=Path("build/bench-index"), help="where results and archives go"
    )
    parser.add_argument("--write", action="store_true", help="put the tables into benchmarks/index.md")
    options = parser.parse_args()
    sizes = [int(size) for size in options.sizes.split(",")]
    options.folder.mkdir(parents=True, exist_ok=True)
    stages(sizes, options.folder, options.fts_python)
    absent = contest(options.duplicates, options.folder) if options.duplicates else []
    if not options.fts_python:
        absent.append("fts extension (give --fts-python)")
    text = tables(results(sizes, options.duplicates, options.folder), absent)
    print(text)
    if options.write:
        write_measured(REPORT, text, shlex.join(["python", "benchmarks/index.py", *map(shown, sys.argv[1:])]))


def shown(argument: str) -> str:
    """An argument as a reader can give it: of a path its name alone."""
    return Path(argument).name if "/" in argument else argument


if __name__ == "__main__":
    main()
