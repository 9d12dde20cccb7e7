"""One size of the index benchmark, in a process of its own: everything added and finished, then a day's
articles.

    python benchmarks/index_stage.py ARTICLES FOLDER [--rounds 3] [--workers 2] [--keep]

writes FOLDER/ARTICLES.json after each part, and progress to stderr. The shape is that of a replay: all
captures and extractions through an `Ingest`, then one `finish`; after that, so many times, what a crawl
brings: a writer opened, 200 articles (ten of them reposts), twenty corrections and twenty revisits,
finished and closed.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import shutil
import sys
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb
from index_clock import Clock, Spent, watched
from index_corpus import Page, pages, recapture, rows
from index_search import measure_search
from index_stories import RECENT, REPOST_EVERY, article_of, repost_of, sites

from pipelines.ingest import Ingest
from storage.index.writer import IndexWriter
from storage.layout import Layout
from storage.model import Capture, Extraction
from storage.query import open_published

NEW, CHANGED, REVISITED = 180, 20, 20
_PORTION = 1000
_AHEAD = 4
_STATEMENTS_KEPT = 40
_REOPENED = 7


@dataclass(slots=True)
class Part:
    """What one part took: seconds, steps, the statements that took most, the most memory so far."""

    seconds: float
    cpu_s: float
    steps: dict[str, Spent]
    statements: list[tuple[str, str, Spent]]
    peak_mb: float


@dataclass(slots=True)
class Stage:
    """Everything measured at one size."""

    articles: int
    captures: int = 0
    baseline_mb: float = 0.0
    extraction_cpu_s: float = 0.0
    ingest: Part | None = None
    rounds: list[Part] = field(default_factory=list)
    file_bytes: int = 0
    table_bytes: dict[str, int] = field(default_factory=dict)
    open_ms: list[float] = field(default_factory=list)
    catch_up_ms: float = 0.0
    found_articles: int = 0
    pair_precision: float = 0.0
    pair_recall: float = 0.0
    missed_by_kind: dict[str, int] = field(default_factory=dict)
    search: dict[str, object] = field(default_factory=dict)
    whole: bool = False


def peak_mb() -> float:
    """Most memory this process had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def report(stage: Stage, text: str, started: float) -> None:
    """How far it is, for someone who waits."""
    told = f"{text}, {time.perf_counter() - started:.1f} s, {peak_mb():.0f} MB"
    print(f"{time.strftime('%H:%M:%S')} {stage.articles:,} articles: {told}", file=sys.stderr, flush=True)


Made = list[tuple[Capture, Extraction | None]]


def portion(start: int, count: int) -> tuple[Made, float]:
    """Rows of so many articles, and the processor seconds of their digests and sketches."""
    sites()
    made = list(pages(start, count))
    started = time.process_time()
    return list(rows(made)), time.process_time() - started


def portions(count: int, workers: int) -> Iterator[tuple[Made, float]]:
    """The corpus in order, made by worker processes a little ahead."""
    if not workers:
        yield from (portion(start, min(_PORTION, count - start)) for start in range(0, count, _PORTION))
        return
    sites()
    running: deque[Future[tuple[Made, float]]] = deque()
    with ProcessPoolExecutor(workers) as pool:
        for start in range(0, count, _PORTION):
            running.append(pool.submit(portion, start, min(_PORTION, count - start)))
            if len(running) > _AHEAD:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()


def fill(archive: Path, stage: Stage, clock: Clock, workers: int) -> Part:
    """Everything added as a replay does, then finished."""
    started, cpu = time.perf_counter(), time.process_time()
    waited = 0.0
    with IndexWriter(archive, anew=True) as writer:
        ingest = Ingest(writer, Layout(archive).cdxj, anew=True)
        made = portions(stage.articles, workers)
        while True:
            asked = time.perf_counter()
            found = next(made, None)
            waited += time.perf_counter() - asked
            if found is None:
                break
            stage.extraction_cpu_s += found[1]
            give(ingest, found[0])
            stage.captures += len(found[0])
            if stage.captures % 50_000 < len(found[0]):
                report(stage, f"{stage.captures} captures", started)
        report(stage, "all added, finishing", started)
        ingest.finish()
    part = part_of(clock, time.perf_counter() - started - waited, time.process_time() - cpu)
    report(stage, f"finished, {part.seconds:.0f} s without the texts", started)
    return part


def give(ingest: Ingest, made: Made) -> None:
    for capture, extraction in made:
        ingest.add(capture)
        if extraction is not None:
            ingest.add(extraction)


def part_of(clock: Clock, seconds: float, cpu_s: float) -> Part:
    taken = clock.taken()
    most = sorted(taken.statements.items(), key=lambda item: -item[1].cpu)[:_STATEMENTS_KEPT]
    told = [(step, sql, spent) for (step, sql), spent in most]
    return Part(seconds, cpu_s, taken.steps, told, peak_mb())


def day(stage: Stage, turn: int) -> Made:
    """What a crawl brings: new articles, corrections of old ones, the same again."""
    rng = random.Random(turn)
    own = range(RECENT + 1000 * turn, RECENT + 1000 * turn + NEW + CHANGED)
    new = [page for page in pages(own.start, NEW + CHANGED) if page.capture.record_type == "response"]
    first: dict[int, Page] = {}
    for page in new:
        first.setdefault(page.number, page)
    known = [n for n in rng.sample(range(stage.articles), (CHANGED + REVISITED) * 2) if n % REPOST_EVERY]
    again = [recapture(n, "changed", 20 + turn) for n in known[:CHANGED]]
    again += [recapture(n, "revisit", 20 + turn) for n in known[CHANGED : CHANGED + REVISITED]]
    return list(rows([*first.values(), *again]))


def bring(archive: Path, stage: Stage, turn: int, clock: Clock) -> Part:
    """A day's rows into the index, from opening to closing the writer."""
    made = day(stage, turn)
    clock.taken()
    started, cpu = time.perf_counter(), time.process_time()
    with IndexWriter(archive) as writer:
        ingest = Ingest(writer, Layout(archive).cdxj)
        give(ingest, made)
        ingest.finish()
    return part_of(clock, time.perf_counter() - started, time.process_time() - cpu)


def sizes(path: Path) -> dict[str, int]:
    """Bytes of the blocks that each table's columns lie in; small columns share blocks."""
    with duckdb.connect(str(path), read_only=True) as connection:
        (block,) = connection.execute("SELECT block_size FROM pragma_database_size()").fetchall()[0]
        tables = connection.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        found = {}
        for schema, table in tables:
            (blocks,) = connection.execute(
                "SELECT count(DISTINCT b) FROM (SELECT block_id AS b FROM pragma_storage_info(?) "
                "UNION ALL SELECT unnest(additional_block_ids) FROM pragma_storage_info(?)) WHERE b >= 0",
                [f"{schema}.{table}", f"{schema}.{table}"],
            ).fetchall()[0]
            found[table if schema == "main" else f"{schema}.{table}"] = blocks * int(block)
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def quality(archive: Path, stage: Stage) -> None:
    """Pairs of one cluster against those that were made: texts that tell one original."""
    with duckdb.connect(str(Layout(archive).index), read_only=True) as connection:
        found = connection.execute(
            r"SELECT regexp_extract(url, '-(\d+)\.html$', 1)::INTEGER, cluster_id FROM articles"
        ).fetchall()
    stage.found_articles = len(found)
    cluster = dict(found)
    groups: dict[int, list[int]] = {}
    for number in cluster:
        repost = repost_of(number)
        groups.setdefault(repost.origin if repost else number, []).append(number)
    true_pairs = sum(len(group) * (len(group) - 1) // 2 for group in groups.values())
    both = 0
    for group in groups.values():
        for place, one in enumerate(group):
            both += sum(cluster[one] == cluster[other] for other in group[place + 1 :])
    members: dict[str, int] = {}
    for cluster_id in cluster.values():
        members[cluster_id] = members.get(cluster_id, 0) + 1
    said = sum(count * (count - 1) // 2 for count in members.values())
    stage.pair_precision = both / said if said else 1.0
    stage.pair_recall = both / true_pairs if true_pairs else 1.0
    for number, cluster_id in found:
        repost = repost_of(number)
        if repost and cluster_id != cluster.get(repost.origin):
            stage.missed_by_kind[repost.kind] = stage.missed_by_kind.get(repost.kind, 0) + 1


def opened_ms(archive: Path) -> float:
    """Milliseconds to open the published index and count its articles."""
    started = time.perf_counter()
    with open_published(archive) as connection:
        connection.execute("SELECT count(*) FROM articles").fetchall()
    return (time.perf_counter() - started) * 1000


def catch_up_ms(archive: Path) -> float:
    """Milliseconds to find that nothing lacks its extraction."""
    with IndexWriter(archive) as writer:
        started = time.perf_counter()
        writer.lacking_extraction()
        return (time.perf_counter() - started) * 1000


def measure(stage: Stage, folder: Path, rounds: int, workers: int) -> None:
    archive = folder / f"archive-{stage.articles}"
    shutil.rmtree(archive, ignore_errors=True)
    (archive / "warc").mkdir(parents=True)
    clock = Clock()
    started = time.perf_counter()
    article_of(0)
    stage.baseline_mb = peak_mb()
    with watched(clock):
        stage.ingest = fill(archive, stage, clock, workers)
        stage.file_bytes = Layout(archive).index.stat().st_size
        stage.table_bytes = sizes(Layout(archive).index)
        save(stage, folder)
        quality(archive, stage)
        stage.open_ms = sorted(opened_ms(archive) for _ in range(_REOPENED))
        stage.catch_up_ms = catch_up_ms(archive)
        for turn in range(rounds):
            stage.rounds.append(bring(archive, stage, turn, clock))
            report(stage, f"round {turn}: {stage.rounds[-1].seconds:.2f} s", started)
            save(stage, folder)
    stage.search = measure_search(archive)
    stage.whole = True
    save(stage, folder)


def save(stage: Stage, folder: Path) -> None:
    path = folder / f"{stage.articles}.json"
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(asdict(stage), indent=1), encoding="utf-8")
    partial.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description="One size of the index benchmark")
    parser.add_argument("articles", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2, help="processes that make texts; 0: this one does")
    parser.add_argument("--keep", action="store_true", help="leave the archive that was made")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    stage = Stage(options.articles)
    measure(stage, options.folder, options.rounds, options.workers)
    if not options.keep:
        shutil.rmtree(options.folder / f"archive-{options.articles}", ignore_errors=True)


if __name__ == "__main__":
    main()
