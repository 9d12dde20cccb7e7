"""Silence: feeds and listings that answer with nothing in them, and no new article for too long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from crawler.health.compare import FEW_RUNS
from crawler.health.kinds import Kind, Verdict, verdict
from crawler.health.memory import Memory, longest_pause

if TYPE_CHECKING:
    from crawler.health.runs import RunHealth, SeedStart
    from crawler.seed import Health

_RARELY = 1e-3  # chance that a start is empty so often in a row, by how often it was before
_NOT_MODIFIED, _GONE = 304, (404, 410)
_LEAST_QUIET_RUNS = 3
_FEW_LOOKS = 3  # a new site may begin with an empty feed
_WAYS = ("feed", "sitemap", "listing", "wordpress")
_DAY_S, _HOUR_S = 86_400, 3_600


def silent(
    newest_first: Sequence[RunHealth],
    memory: Memory,
    expected: Health,
    now: datetime,
    *,
    hindered: bool = False,
) -> Verdict:
    """What the runs say of silence; `memory` has the newest run in it.

    In a run that was `hindered` by another trouble no article could be seen, so it does not tell of a quiet.
    """
    asked = {start.url: start for start in newest_first[0].starts}
    signs = [sign for url in asked if (sign := _empty(url, newest_first, accepted=bool(memory.accepted_at)))]
    quiet = "" if hindered else quiet_sign(memory, expected, now)
    if quiet:
        signs.append(quiet)
    return verdict(Kind.SILENT, signs, told=bool(newest_first[0].statuses) and not hindered)


def quiet_sign(memory: Memory, expected: Health, now: datetime) -> str:
    """In words, that there was no new article for longer than is usual; empty where there was."""
    if memory.new_at is None or not memory.quiet_runs:
        return ""
    quiet_s = (now - memory.new_at).total_seconds()
    if expected.silent_after_s:
        limit, why = float(expected.silent_after_s), "the seed allows"
    else:
        pause = longest_pause(memory)
        if pause is None or memory.quiet_runs < _LEAST_QUIET_RUNS:
            return ""
        limit, why = pause, "by its past it is at most"
    if quiet_s <= limit:
        return ""
    return f"no new article for {spelled(quiet_s)}; {why} {spelled(limit)}"


def spelled(seconds: float) -> str:
    """A duration for a person.

    >>> spelled(90), spelled(7_500), spelled(200_000)
    ('2 min', '2 h', '2.3 days')
    """
    if seconds < 2 * _HOUR_S:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / _HOUR_S:.0f} h" if seconds < 2 * _DAY_S else f"{seconds / _DAY_S:.1f} days"


def _empty(url: str, newest_first: Sequence[RunHealth], *, accepted: bool) -> str:
    """In words, that one of the seed's own URLs was empty more often in a row than it ever was, or always.

    Of one that was always empty nothing is said where a person `accepted` the source as it is.
    """
    seen = [start for run in newest_first for start in run.starts if start.url == url]
    readings = _readings(seen)
    late = next((place for place, links in enumerate(readings) if links), len(readings))
    before, newest = readings[late:], seen[0]
    told = f"HTTP {newest.status}" if newest.status in _GONE else newest.note or "no links to articles"
    if late >= _FEW_LOOKS and not before and newest.kind in _WAYS and not accepted:
        return f"the {newest.kind} {url} was empty each of the {late} times it was read ({told})"
    if not late or len(before) < FEW_RUNS:
        return ""
    # Twice, for an emptiness that was seen once may be more usual than that.
    usually = (2 * sum(not links for links in before) + 0.5) / (len(before) + 1)
    return (
        f"the {newest.kind} {url} is empty ({told}), {late} times in a row" if usually**late < _RARELY else ""
    )


def _readings(newest_first: Sequence[SeedStart]) -> list[int]:
    """Links that were found each time that something could be seen, newest first.

    Of an answer 304 these are those of the time before; a URL that is gone has none.
    """
    oldest_first: list[int] = []
    for start in reversed(newest_first):
        if start.links is not None:
            oldest_first.append(start.links)
        elif start.status == _NOT_MODIFIED and oldest_first:
            oldest_first.append(oldest_first[-1])
        elif start.status in _GONE:
            oldest_first.append(0)
    return oldest_first[::-1]
