"""Token scores of our extraction beside the plain engine's, on a corpus with truth, in one run.

usage: python benchmarks/extraction.py CORPUS_DIR [--limit N] [--jobs N] [--worst N]

CORPUS_DIR holds `html/NNNN.html.gz` and `truth/NNNN.json` (url, title, main_content, with, without). WCXB,
the web content extraction benchmark of Murrough Foley (CC-BY-4.0), gives such a set: the article pages of its
development split.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from trafilatura import extract

from pipelines import extract_article

_TOKEN = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Score:
    precision: float
    recall: float
    with_rate: float
    without_rate: float
    seconds: float

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Page:
    name: str
    ours: Score
    engine: Score
    title_right: bool
    outcome: str


def tokens(text: str) -> Counter[str]:
    return Counter(_TOKEN.findall(text.lower()))


def score(text: str, truth: dict[str, object], seconds: float) -> Score:
    got, want = tokens(text), tokens(str(truth["main_content"]))
    both = sum((got & want).values())
    flat = " ".join(text.split()).lower()
    needed = [" ".join(part.split()).lower() for part in truth.get("with") or []]
    banned = [" ".join(part.split()).lower() for part in truth.get("without") or []]
    return Score(
        precision=both / max(sum(got.values()), 1) if got else float(not want),
        recall=both / max(sum(want.values()), 1) if want else 1.0,
        with_rate=sum(part in flat for part in needed) / len(needed) if needed else 1.0,
        without_rate=sum(part in flat for part in banned) / len(banned) if banned else 0.0,
        seconds=seconds,
    )


def run(paths: tuple[Path, Path]) -> Page | None:
    html = gzip.decompress(paths[0].read_bytes())
    truth = json.loads(paths[1].read_text())
    if not truth.get("main_content"):
        return None
    started = time.process_time()
    article = extract_article(html, url=truth["url"])
    between = time.process_time()
    plain = extract(html, include_comments=False) or ""
    ended = time.process_time()
    right = "".join(_TOKEN.findall((article.title or "").lower())) == "".join(
        _TOKEN.findall(str(truth["title"]).lower())
    )
    return Page(
        name=paths[1].stem,
        ours=score(article.text, truth, between - started),
        engine=score(plain, truth, ended - between),
        title_right=right,
        outcome=article.outcome.value,
    )


def row(name: str, scores: list[Score]) -> str:
    count = len(scores)
    mean = {
        key: sum(getattr(s, key) for s in scores) / count
        for key in ("f1", "precision", "recall", "with_rate", "without_rate")
    }
    pages_s = count / max(sum(s.seconds for s in scores), 1e-9)
    return f"{name:<12}" + "".join(f"{value:>10.4f}" for value in mean.values()) + f"{pages_s:>10.1f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--limit", type=int, default=0, help="only every so many-th page, N in all")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument(
        "--worst", type=int, default=0, help="list the N pages that lose most against the engine"
    )
    options = parser.parse_args()
    pairs = [
        (options.corpus / "html" / f"{path.stem}.html.gz", path)
        for path in sorted((options.corpus / "truth").glob("*.json"))
    ]
    if options.limit:
        pairs = pairs[:: max(len(pairs) // options.limit, 1)][: options.limit]
    with ProcessPoolExecutor(options.jobs) as pool:
        pages = [page for page in pool.map(run, pairs, chunksize=4) if page]
    print(
        f"{len(pages)} pages"
        + " " * 6
        + "".join(f"{name:>10}" for name in ("F1", "P", "R", "with", "without", "pages/s"))
    )
    print(row("presswarc", [page.ours for page in pages]))
    print(row("engine", [page.engine for page in pages]))
    print(
        f"title right {sum(page.title_right for page in pages) / len(pages):.3f}; outcomes "
        f"{dict(Counter(p.outcome for p in pages))}"
    )
    for page in sorted(pages, key=lambda page: page.ours.f1 - page.engine.f1)[: options.worst]:
        print(
            f"  {page.name}  ours P {page.ours.precision:.2f} R {page.ours.recall:.2f}  engine P "
            f"{page.engine.precision:.2f} R {page.engine.recall:.2f}"
        )


if __name__ == "__main__":
    main()
