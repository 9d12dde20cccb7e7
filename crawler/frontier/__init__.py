"""What the crawler remembers of each URL: how it was found, when to look again, with which validators.

`Frontier` says what is asked of it. It lies in the archive's SQLite file, or in a PostgreSQL database that
crawlers on many machines share (`open_store`). It can be done without: what is archived is taken from the
index again, and what was found but never fetched is found again.
"""

from __future__ import annotations

from pathlib import Path

from crawler.frontier.frontier import Frontier, Waiting
from crawler.frontier.model import Found, Left, Place, State, Taken, Validators, as_text
from crawler.frontier.revisit import Pace
from crawler.frontier.settling import DENIED_FOR
from crawler.frontier.sqlite import SqliteStore, open_file
from crawler.frontier.store import Store

__all__ = [
    "DENIED_FOR",
    "Found",
    "Frontier",
    "Left",
    "Pace",
    "Place",
    "SqliteStore",
    "State",
    "Store",
    "Taken",
    "Validators",
    "Waiting",
    "as_text",
    "open_file",
    "open_store",
]


def open_store(address: str, path: Path) -> Store:
    """The database at `address`, else the archive's own at `path`. Raises: ArchiveError, ConfigError."""
    from crawler.frontier.postgres import PostgresStore, is_address

    return PostgresStore(address) if is_address(address) else SqliteStore(path)
