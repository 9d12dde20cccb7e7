"""Who finds the reposts: containment as the index does it, beside MinHash-LSH of datasketch and of rensa.

    python benchmarks/index_duplicates.py CONTENDER [--articles 10000]

prints one line of JSON. Each contender has a process of its own, so that its memory can be told, and gets
the same texts: each article of benchmarks/index_corpus.py once, in one order. All compare word 5-shingles
of the same normalised words. Their candidates are verified as their libraries do it: by the similarity
that their signatures estimate. A pair is right when both tell one story; found is a repost with its
original.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from index_corpus import Page, pages
from index_stories import article_of, repost_of, sites, words

from pipelines.run import extraction_row
from pipelines.sketch import SHINGLE_WORDS, normalise

PERMUTATIONS = 128
BANDS = {0.5: 32, 0.25: 64}  # rensa takes bands, and finds from about 0.42 and 0.13 up
Pairs = set[tuple[int, int]]
Found = Callable[[int], tuple[Pairs, float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """What a contender found, how fast and with how much memory, its own interpreter and texts apart."""

    name: str
    articles: int
    precision: float
    recall: float
    recall_by_kind: dict[str, float]
    articles_a_cpu_second: float
    memory_mb: float


def texts(count: int) -> Iterator[tuple[int, str]]:
    for number in range(count):
        yield number, article_of(number).text


def shingles_of(text: str) -> set[bytes]:
    parts = normalise(text).encode().split(b" ")
    return {b" ".join(parts[at : at + SHINGLE_WORDS]) for at in range(len(parts) - SHINGLE_WORDS + 1)}


class Stopwatch:
    """Processor seconds inside `with`, all together: making the texts is not part of the contest."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> None:
        self._started = time.process_time()

    def __exit__(self, *_: object) -> None:
        self.seconds += time.process_time() - self._started


def memory_mb(which: str = "VmRSS") -> float:
    """Memory of this process as Linux tells it; asking for what it has now starts its peak anew."""
    told = Path("/proc/self/status").read_text(encoding="ascii")
    if which == "VmRSS":
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    return int(told.split(f"{which}:")[1].split()[0]) / 1024


def ordered(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)


def by_datasketch(threshold: float) -> Found:
    def run(count: int) -> tuple[Pairs, float]:
        from datasketch import MinHash, MinHashLSH

        index = MinHashLSH(threshold=threshold, num_perm=PERMUTATIONS)
        signatures: list[Any] = []
        found: Pairs = set()
        watch = Stopwatch()
        for number, text in texts(count):
            with watch:
                one = MinHash(num_perm=PERMUTATIONS)
                one.update_batch(list(shingles_of(text)))
                for other in index.query(one):
                    if one.jaccard(signatures[other]) >= threshold:
                        found.add(ordered(number, other))
                index.insert(number, one, check_duplication=False)
                signatures.append(one)
        return found, watch.seconds

    return run


def by_ensemble(threshold: float) -> Found:
    """datasketch's own index for containment; it is built at once, so all texts are signed first."""

    def run(count: int) -> tuple[Pairs, float]:
        from datasketch import MinHash, MinHashLSHEnsemble

        signatures: list[Any] = []
        lengths: list[int] = []
        found: Pairs = set()
        watch = Stopwatch()
        for _, text in texts(count):
            with watch:
                one = MinHash(num_perm=PERMUTATIONS)
                of = shingles_of(text)
                one.update_batch(list(of))
                signatures.append(one)
                lengths.append(max(len(of), 1))
        with watch:
            index = MinHashLSHEnsemble(threshold=threshold, num_perm=PERMUTATIONS, num_part=16)
            index.index((number, one, lengths[number]) for number, one in enumerate(signatures))
            for number, one in enumerate(signatures):
                for other in index.query(one, lengths[number]):
                    shared = one.jaccard(signatures[other])
                    both = shared / (1 + shared) * (lengths[number] + lengths[other])
                    if other != number and both >= threshold * min(lengths[number], lengths[other]):
                        found.add(ordered(number, other))
        return found, watch.seconds

    return run


def by_rensa(threshold: float) -> Found:
    def run(count: int) -> tuple[Pairs, float]:
        from rensa import RMinHash, RMinHashLSH

        index = RMinHashLSH(threshold=threshold, num_perm=PERMUTATIONS, num_bands=BANDS[threshold])
        signatures: list[Any] = []
        found: Pairs = set()
        watch = Stopwatch()
        for number, text in texts(count):
            with watch:
                one = RMinHash(num_perm=PERMUTATIONS, seed=1)
                one.update(list(shingles_of(text)))
                for other in index.query(one):
                    if one.jaccard(signatures[other]) >= threshold:
                        found.add(ordered(number, other))
                index.insert(number, one)
                signatures.append(one)
        return found, watch.seconds

    return run


def by_index(count: int) -> tuple[Pairs, float]:
    """The index itself, everything else that it does included in memory, but not in time."""
    from index_clock import Clock, watched

    from pipelines.ingest import Ingest
    from pipelines.sketch import sketch
    from storage.index.writer import IndexWriter

    def first_pages() -> Iterable[Page]:
        seen: set[int] = set()
        for page in pages(0, count):
            if page.number not in seen and page.article is not None:
                seen.add(page.number)
                yield page

    clock = Clock()
    watch = Stopwatch()
    with tempfile.TemporaryDirectory() as folder, watched(clock):
        (Path(folder) / "warc").mkdir()
        with IndexWriter(Path(folder)) as writer:
            ingest = Ingest(writer, Path(folder) / "index.cdxj", anew=True)
            for page in first_pages():
                if page.article is None:
                    continue
                with watch:
                    sketch(page.article.text)
                ingest.add(page.capture)
                ingest.add(extraction_row(page.capture, page.article.outcome, article=page.article))
            ingest.finish()
            rows = writer.connection.execute(
                r"""SELECT regexp_extract(l.url, '-(\d+)\.html$', 1)::INTEGER,
                       regexp_extract(r.url, '-(\d+)\.html$', 1)::INTEGER
                FROM pairs p JOIN articles l ON l.article_id = left_id
                JOIN articles r ON r.article_id = right_id
                WHERE merges"""
            ).fetchall()
    sketching = sum(
        spent.cpu for (step, sql), spent in clock.statements.items() if step == "refresh" and "sketch" in sql
    )
    return {ordered(*row) for row in rows}, watch.seconds + sketching + clock.steps["clusters"].cpu


CONTENDERS: dict[str, tuple[str | None, Found]] = {
    "containment 0.5 (the index)": (None, by_index),
    "datasketch MinHash-LSH, Jaccard 0.5": ("datasketch", by_datasketch(0.5)),
    "datasketch MinHash-LSH, Jaccard 0.25": ("datasketch", by_datasketch(0.25)),
    "datasketch LSH Ensemble, containment 0.5": ("datasketch", by_ensemble(0.5)),
    "rensa RMinHash-LSH, Jaccard 0.5": ("rensa", by_rensa(0.5)),
    "rensa RMinHash-LSH, Jaccard 0.25": ("rensa", by_rensa(0.25)),
}


def is_there(name: str) -> bool:
    """Whether the package that a contender needs is installed."""
    package, _ = CONTENDERS[name]
    return package is None or find_spec(package) is not None


def story(number: int) -> int:
    repost = repost_of(number)
    return repost.origin if repost else number


def judged(name: str, count: int) -> Quality:
    sites()
    words()
    before = memory_mb()
    found, seconds = CONTENDERS[name][1](count)
    memory = memory_mb("VmHWM") - before
    right = sum(story(one) == story(other) for one, other in found)
    wanted: dict[str, list[bool]] = {}
    for number in range(count):
        repost = repost_of(number)
        if repost:
            wanted.setdefault(repost.kind, []).append(ordered(number, repost.origin) in found)
    every = [one for of_kind in wanted.values() for one in of_kind]
    return Quality(
        name=name,
        articles=count,
        precision=right / len(found) if found else 1.0,
        recall=sum(every) / len(every) if every else 1.0,
        recall_by_kind={kind: sum(of_kind) / len(of_kind) for kind, of_kind in sorted(wanted.items())},
        articles_a_cpu_second=count / seconds,
        memory_mb=memory,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Who finds the reposts")
    parser.add_argument("contender", choices=CONTENDERS)
    parser.add_argument("--articles", type=int, default=10_000)
    options = parser.parse_args()
    print(json.dumps(asdict(judged(options.contender, options.articles))))


if __name__ == "__main__":
    main()
