"""Damages real pages, and has the pool of the crawl read each: the links that it follows, and the article.

    python fuzz/pages.py FOLDER                        300 of the pages in a folder, .html or .html.gz
    python fuzz/pages.py FOLDER --pages 2000 --seed 7

A call that fails is told with its reason, and its page is kept in fuzz/found/; then the exit code is 1.
"""

from __future__ import annotations

import argparse
import gzip
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import inputs  # noqa: E402 (it lies beside this script)
from run import change, keep  # noqa: E402
from targets import SEED, URL  # noqa: E402

from crawler.discovery.links import LinkKind  # noqa: E402
from crawler.judging import discover_and_judge  # noqa: E402
from pipelines import extract_article  # noqa: E402
from pipelines.workers import CallFailedError, Limits, Workers  # noqa: E402
from storage.model import Headers  # noqa: E402

_CHARSETS = ("utf-7", "utf-16", "idna", "rot13", "zlib_codec", "shift_jis", "x-mac-cyrillic", "\x00", "utf-8")
_WALL_S = 300  # on a busy machine it is the processor time that counts, which has the crawl's limit
_MOST_BYTES = 16 << 20  # of a body, by default


def main() -> int:
    """Damage, read, count."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int, default=300)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--workers", type=int, default=2)
    given = parser.parse_args()
    files = [path for path in sorted(given.folder.rglob("*")) if path.name.endswith((".html", ".html.gz"))]
    if not files:
        parser.error(f"no page lies in {given.folder}")
    print(f"{given.pages} of {len(files)} pages, --seed {given.seed}")
    chance, counted, failed = random.Random(given.seed), Counter[str](), 0
    judge = partial(
        discover_and_judge, 0, content_type=None, headers=Headers([]), kind_hint=LinkKind.PAGE, seed=SEED
    )
    with Workers(given.workers, Limits(wall_s=_WALL_S)) as pool:
        for _ in range(given.pages):
            page = damaged(read(chance.choice(files)), chance)
            calls: list[tuple[str, Callable[[], object]]] = [
                ("links", partial(judge, url=URL, body=page)),
                ("article", partial(extract_article, page, url=URL)),
            ]
            for name, future in [(name, pool.submit(call)) for name, call in calls]:
                failed += not sound(name, future, page, counted)
    print(", ".join(f"{count} {what}" for what, count in counted.most_common()))
    return 1 if failed else 0


def sound(name: str, future: Future[object], page: bytes, counted: Counter[str]) -> bool:
    """Whether a call gave a result; what came of it is counted."""
    try:
        result = future.result()
    except CallFailedError as error:
        counted[f"{name}: {error.outcome.value}"] += 1
        print(f"{name}: {error.reason[:300]}\nkept as {keep('page', page)}", flush=True)
        return False
    outcome = getattr(result, "outcome", None)
    counted[f"{name}: {outcome.value if outcome else 'found'}"] += 1
    return True


def read(path: Path) -> bytes:
    """The page in a file."""
    data = path.read_bytes()
    return gzip.decompress(data) if path.name.endswith(".gz") else data


def damaged(page: bytes, chance: random.Random) -> bytes:
    """A page with faults as strangers make them: by chance, or large and on purpose."""
    at = chance.randrange(len(page) + 1)
    many = chance.choice((300, 5_000, 100_000))
    kind = chance.randrange(8)
    if kind == 0:
        page = page[:at]
    elif kind == 1:
        page = page[:at] + b"<div>" * many + page[at:]
    elif kind == 2:
        page = page[:at] + b"<p " + b" ".join(b"a%d=1" % number for number in range(many)) + page[at:]
    elif kind == 3:
        page = f'<meta charset="{chance.choice(_CHARSETS)}">'.encode() + page
    elif kind == 4:
        page = page.decode("utf-8", "replace").encode(
            chance.choice(("utf-16", "utf-32", "cp1252")), "replace"
        )
    elif kind == 5:
        begin, end = sorted((chance.randrange(len(page) + 1), at))
        page = (page[:at] + page[begin:end] * (many // 300) + page[at:])[:_MOST_BYTES]
    elif kind == 6:
        page = page.replace(b"</p>", b"").replace(b"</div>", chance.choice((b"", b"</table>", b"<td>")))
    return change([page], inputs.WORDS, chance, _MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
