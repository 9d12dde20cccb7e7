"""What keeps a seed's fallbacks from ever giving anything."""

from __future__ import annotations

from collections.abc import Iterator

from crawler.seed import Fallback, Seed


def fallback_problems(seed: Seed, dvids_key: str) -> Iterator[tuple[Fallback, str]]:
    """Each fallback of a seed that can't work, and why."""
    if Fallback.FEED in seed.fallbacks and not (seed.feeds or seed.urls or seed.listings):
        yield Fallback.FEED, "the seed has no feeds, and no pages that could name one"
    if Fallback.DVIDS in seed.fallbacks and not dvids_key:
        yield Fallback.DVIDS, "needs a key: set dvids_key in presswarc.toml, or PRESSWARC_DVIDS_KEY"
