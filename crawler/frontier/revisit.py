"""When to look at a page again: sooner where it changed, later where it did not, old articles rarely."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.frontier.model import ARTICLE, PAGE, WAY, Tier

_HOUR_S, DAY_S = 3_600.0, 86_400.0
# How often sites change what leads to their articles. Everything else at first as often as the seed says.
_FIRST_S = {
    "feed": _HOUR_S / 2,
    "listing": _HOUR_S,
    "wordpress": _HOUR_S,
    "page": 3 * _HOUR_S,
    "sitemap": 6 * _HOUR_S,
}
_GROWTH, _SHRINKING = 1.5, 0.5
# An article that did not change for so long will hardly change in a part of that time.
_OF_AGE = 0.2
# What came in vain waits so long before it is tried again; after the last pause it is given up.
_PAUSES_S = (0.0, 600.0, _HOUR_S, 6 * _HOUR_S, DAY_S, 3 * DAY_S, 7 * DAY_S)
_WEEK_S = 7 * DAY_S
GONE_TRIES = 3  # for a page that was there before: a site in trouble says 404 of everything
LINKED_AGAIN_S = 30 * DAY_S  # what was given up is tried again so late, if something links to it


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a seed wants pages revisited: first after `first_s` (0: always due), then between the bounds."""

    first_s: float = DAY_S
    min_s: float = 1_800.0
    max_s: float = 90 * DAY_S


def first_interval_s(kind: str, tier: Tier, age_s: float, pace: Pace) -> float:
    """Seconds until the second visit. `age_s` is that of an article.

    >>> day = Pace(first_s=86_400)
    >>> first_interval_s("feed", Tier(0), 0, day)
    1800.0
    >>> first_interval_s("article", Tier(2), 100 * 86_400, day) / 86_400
    20.0
    """
    usual = pace.first_s if tier == ARTICLE else min(pace.first_s, _FIRST_S.get(kind, pace.first_s))
    return _bounded(max(usual, age_s * _OF_AGE) if tier == ARTICLE else usual, tier, pace)


def next_interval_s(interval_s: float, tier: Tier, age_s: float, pace: Pace, *, changed: bool) -> float:
    """Seconds until the next visit, after one that came `interval_s` after the one before.

    >>> [next_interval_s(7200, Tier(0), 0, Pace(), changed=changed) for changed in (True, False)]
    [3600.0, 10800.0]
    """
    if changed:
        return _bounded(interval_s * _SHRINKING, tier, pace)
    grown = interval_s * _GROWTH
    return _bounded(max(grown, age_s * _OF_AGE) if tier == ARTICLE else grown, tier, pace)


def pause_s(tries: int) -> float | None:
    """Seconds to wait after so many tries in vain, None where it is time to give up.

    >>> pause_s(1), pause_s(3), pause_s(8)
    (0.0, 3600.0, None)
    """
    return _PAUSES_S[tries - 1] if tries <= len(_PAUSES_S) else None


def gone_pause_s(tries: int) -> float:
    """Seconds for which a page that is gone is not asked for, even if something links to it.

    >>> gone_pause_s(1) / DAY_S, gone_pause_s(2) / DAY_S, gone_pause_s(99) / DAY_S
    (1.0, 2.0, 32.0)
    """
    return float(DAY_S * 2 ** min(tries - 1, 5))


def _bounded(seconds: float, tier: Tier, pace: Pace) -> float:
    """An interval within the seed's bounds.

    What leads to new articles is looked at once a day at least; other pages, which might, once a week.
    """
    if not pace.first_s:
        return 0.0
    least_often = {WAY: DAY_S, PAGE: _WEEK_S}.get(tier, pace.max_s)
    most = min(pace.max_s, max(least_often, pace.min_s))
    return float(min(max(seconds, pace.min_s), max(most, pace.min_s)))
