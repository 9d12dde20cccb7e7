"""Pages for benchmarks: made up (seeded) so that they pack as news pages do, or those of a folder."""

from __future__ import annotations

import gzip
import itertools
import random
from collections.abc import Sequence
from pathlib import Path

WORDS = 200
COMMONNESS = list(itertools.accumulate(1 / (rank + 2.7) for rank in range(WORDS)))  # Zipf's law


def prose_page(rng: random.Random, words: Sequence[str], size: int) -> bytes:
    """A page of about `size` bytes that packs as news pages do: to about a fifth, and slower at level 9.

    Text of words drawn evenly from a large vocabulary would take both levels the same time.
    """
    links = [
        f'<li class="menu-item menu-item-{n}"><a href="/section/{w}/">{w}</a></li>'
        for n, w in enumerate(words[:80])
    ]
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>',
        " ".join(rng.choices(words, k=8)),
    ]
    parts += ["</title></head><body><nav><ul>", *links, "</ul></nav><article>"]
    length = sum(map(len, parts))
    while length < size:
        said = " ".join(rng.choices(words, cum_weights=COMMONNESS, k=rng.randint(30, 90)))
        block = (
            f'<div class="wp-block-group is-layout-flow"><p class="wp-block-paragraph">{said}.</p>\n</div>\n'
        )
        block += (
            f'<a href="/tag/{rng.choice(words)}" rel="tag" class="tag-link">{rng.choice(words)}</a>\n' * 4
        )
        length += len(block)
        parts.append(block)
    return "".join([*parts, "</article></body></html>"]).encode()


def made_up(count: int, size: int) -> list[bytes]:
    rng = random.Random(20261122)
    letters = "etaoinshrdlucmfwypvbgk"
    words = [
        "".join(rng.choices(letters, weights=range(len(letters), 0, -1), k=rng.randint(2, 10)))
        for _ in range(WORDS)
    ]
    return [prose_page(rng, words, size) for _ in range(count)]


def from_folder(folder: Path, count: int) -> list[bytes]:
    paths = sorted(path for path in folder.rglob("*.html*") if path.suffix in {".html", ".gz"})[:count]
    return [
        gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in paths
    ]
