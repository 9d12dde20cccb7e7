"""The frontier of a seed, opened for a crawl: all that is archived is noted in it, even after a kill."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.frontier import Frontier, Pace, open_store
from crawler.frontier.recover import note_all, note_files

if TYPE_CHECKING:
    from crawler.seeds import Seed
    from crawler.session import Session

log = logging.getLogger(__name__)


def open_frontier(session: Session, seed: Seed, owner: str, began_at: datetime) -> Frontier:
    """The seed's frontier, for the crawl that `owner` began. Raises: ArchiveError, ConfigError."""
    pace = Pace(first_s=seed.revisit_after_s, min_s=seed.revisit.min_s, max_s=seed.revisit.max_s)
    store = open_store(session.config.frontier, session.layout.frontier)
    frontier = Frontier(store, seed.name, pace=pace, owner=owner, now=began_at)
    try:
        noted = _caught_up(frontier, session, seed.name)
        session.noted(seed.name)
    except BaseException:
        frontier.close()
        raise
    if noted:
        frontier.release_all()  # nobody is about to read the links of those
        log.info("%s: %d captures that the frontier did not know of", seed.name, noted)
    return frontier


def _caught_up(frontier: Frontier, session: Session, source: str) -> int:
    """How many captures were noted that the frontier did not know of."""
    left = session.left_unnoted(source)
    if frontier.is_empty():
        return session.ask(lambda index: note_all(frontier, index, source))
    if left:
        return session.ask(lambda index: note_files(frontier, index, source, left, session.layout))
    return 0
