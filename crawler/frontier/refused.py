"""Articles that their site refuses: a wall or an error stood in their place, or would at the next request."""

from __future__ import annotations

from datetime import datetime, timedelta

from crawler.frontier.model import ARTICLE, Found, State, as_text
from crawler.frontier.store import Store
from storage.article import Outcome

WALLS = frozenset({Outcome.CONSENT_WALL, Outcome.LOGIN_WALL, Outcome.NEEDS_JAVASCRIPT})
_FORBIDDEN = (Outcome.BLOCKED.value, *sorted(one.value for one in WALLS), "401", "403", "451")
_LATELY = timedelta(days=2)  # longer than the longest pause that a host makes necessary


def _texts(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


# Of a host that forbids its articles and is left alone for that, those count too that were not asked for.
_REFUSED = f"""
SELECT url, found_on, found_in, depth, hops, title, published_raw, modified_raw FROM urls
WHERE source = :source AND tier = {ARTICLE} AND text_digest IS NULL
    AND state NOT IN ('{State.GONE.value}', '{State.DENIED.value}')
    AND (outcome IN ({_texts((*_FORBIDDEN, "429"))}) OR outcome LIKE '5__'
        OR (outcome IS NULL AND state = '{State.DISCOVERED.value}'
            AND host IN (SELECT host FROM hosts WHERE postponed_until > :now)
            AND host IN (SELECT host FROM urls WHERE source = :source AND tier = {ARTICLE}
                AND outcome IN ({_texts(_FORBIDDEN)}) AND visited_at >= :since)))
ORDER BY dated DESC, discovered_at DESC, url LIMIT :most"""  # noqa: S608 (the values are this module's own)


def refused_articles(store: Store, source: str, now: datetime, most: int) -> list[Found]:
    """Articles of a source that were never had and are refused, the newest first. Raises: ArchiveError."""
    rows = store.rows(
        _REFUSED,
        {"source": source, "now": as_text(now), "since": as_text(now - _LATELY), "most": most},
    )
    return [
        Found(
            url=url,
            kind="article",
            found_on=found_on,
            found_in=found_in,
            depth=depth,
            hops=hops,
            title=title,
            published_raw=published_raw,
            modified_raw=modified_raw,
        )
        for url, found_on, found_in, depth, hops, title, published_raw, modified_raw in rows
    ]
