"""Spiders over the archive: every request answered from captures, none from the network."""

from __future__ import annotations

from crawler.replay.handler import (
    REPLAY,
    NotArchivedError,
    ReplayHandler,
    archived_crawling,
)

__all__ = [
    "REPLAY",
    "NotArchivedError",
    "ReplayHandler",
    "archived_crawling",
]
