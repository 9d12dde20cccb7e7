"""Whether a share of a run's pages is worse than the source's own history lets expect. Pure.

A run has `bad` of `of` pages. The history says how large that share usually is: over all its pages, and in
the worst tenth of its runs, so that a source whose days differ is allowed to differ. A share has risen when
it is clearly above that (a quarter of the way up to all pages), and chance alone would hardly bring so many
(binomial tail). The newest run may show it, or the newest few together, because a run may have few pages.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

HARDLY = 1e-5  # chance of a false alarm that a share may have in a run
FEW_RUNS, FEW_PAGES = 5, 20  # with fewer there is no history to speak of
_ALL_BAD = 3  # pages of a run: where all are bad, half as many pages of history tell enough
_FULL_RUN = 5  # pages: more of one run make no history
HISTORY_RUNS = 30
_TOGETHER = (1, 2, 3, 5, 8, 13, 21)  # runs
_ENOUGH_PAGES = 60  # in late runs: more of them tell no more
_BLOCK_PAGES = 10  # runs with fewer pages are taken together: a share of one page says nothing
_WORST = 0.9
_CLEARLY = 0.25
_RECOVERED = 0.1  # chance of so few bad pages, if all were as bad as before
_STILL = 0.7


class State(StrEnum):
    """What a run says of one kind of trouble."""

    BAD = "bad"
    GOOD = "good"
    UNKNOWN = "unknown"  # too little to tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """So many `bad` of the pages `of` a run; `flagged` where the run gave cause for an alarm of this kind."""

    bad: int
    of: int
    flagged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What was found: the state, the share of late, the usual share (None: no history)."""

    state: State
    share: float = 0.0
    usual: float | None = None


def judged(newest_first: Sequence[Share]) -> Judged:
    """Whether the share has risen in the newest runs; the newest itself must have pages, and bad ones."""
    shares = [share for share in newest_first if share.of]
    if not shares or not newest_first[0].of:
        return Judged(state=State.UNKNOWN)
    newest = shares[0].bad / shares[0].of
    few = FEW_PAGES // 2 if newest == 1 and shares[0].of >= _ALL_BAD else FEW_PAGES
    for together in _TOGETHER:
        late, expected = shares[:together], usual_share(_before(shares, together), few)
        if expected is None or len(late) < together:
            break
        bad, of = sum(one.bad for one in late), sum(one.of for one in late)
        if newest > expected and _is_clear(bad / of, expected) and tail(bad, of, expected) < HARDLY:
            return Judged(state=State.BAD, share=bad / of, usual=expected)
        if of > _ENOUGH_PAGES:
            break
    usual = usual_share(_before(shares, 1))
    state = State.UNKNOWN if usual is None else _recovered(shares, usual)
    return Judged(state=state, share=newest, usual=usual)


def usual_share(history: Sequence[Share], few_pages: int = FEW_PAGES) -> float | None:
    """The share that is to be expected at the worst, None where there is too little history.

    >>> usual_share([Share(bad=0, of=10)] * 4) is None
    True
    >>> usual_share([Share(bad=2, of=10)] * 8 + [Share(bad=6, of=10)] * 2)
    0.6
    """
    if len(history) < FEW_RUNS or sum(min(one.of, _FULL_RUN) for one in history) < few_pages:
        return None
    # A first run that brings all the old articles counts no more than another large one.
    weights = [min(one.of, FEW_PAGES) for one in history]
    bad = sum(weight * one.bad / one.of for weight, one in zip(weights, history, strict=True))
    overall = (bad + 0.5) / (sum(weights) + 1)
    return max(overall, _quantile(_blocks(history), _WORST))


def tail(bad: int, of: int, share: float) -> float:
    """Chance of `bad` or more of `of`, where each is bad with the chance `share`.

    >>> tail(0, 5, 0.5), round(tail(5, 5, 0.5), 5), round(tail(1, 10, 0.01), 4)
    (1.0, 0.03125, 0.0956)
    >>> tail(2, 1, 0.5)
    0.0
    """
    if bad > of:
        return 0.0
    if bad <= 0 or share >= 1:
        return 1.0
    chosen = math.lgamma(of + 1) - math.lgamma(bad + 1) - math.lgamma(of - bad + 1)
    term = math.exp(chosen + bad * math.log(share) + (of - bad) * math.log1p(-share))
    chance = 0.0
    for many in range(bad, of + 1):
        chance += term
        term *= (of - many) / (many + 1) * share / (1 - share)
    return min(chance, 1.0)


def _before(newest_first: Sequence[Share], late: int) -> list[Share]:
    """The runs to compare with: those before the late ones that gave no cause for an alarm."""
    return [one for one in newest_first[late:] if not one.flagged][:HISTORY_RUNS]


def _is_clear(share: float, expected: float) -> bool:
    return share > expected + _CLEARLY * (1 - expected)


def _recovered(newest_first: Sequence[Share], usual: float) -> State:
    """GOOD where the pages since the last flagged run are too good for what went on before.

    Where no flagged run was clearly bad there is nothing to recover from.
    """
    since = next((place for place, one in enumerate(newest_first) if one.flagged), len(newest_first))
    flagged = [one for one in newest_first[since:] if one.flagged]
    before = sum(one.bad for one in flagged) / sum(one.of for one in flagged) if flagged else 0.0
    if not _is_clear(before, usual):
        return State.GOOD
    bad = sum(one.bad for one in newest_first[:since])
    of = sum(one.of for one in newest_first[:since])
    as_before = max(_STILL * before, usual + _CLEARLY * (1 - usual))
    return State.GOOD if 1 - tail(bad + 1, of, as_before) < _RECOVERED else State.UNKNOWN


def _blocks(history: Sequence[Share]) -> list[float]:
    """Shares of runs, small ones taken together with their neighbours."""
    shares, bad, of = [], 0, 0
    for one in history:
        bad, of = bad + one.bad, of + one.of
        if of >= _BLOCK_PAGES:
            shares.append(bad / of)
            bad = of = 0
    return shares


def _quantile(values: Sequence[float], part: float) -> float:
    """The value that this part of the values does not exceed, 0 of none.

    >>> _quantile([0.1, 0.4, 0.2], 0.5), _quantile([], 0.5)
    (0.2, 0.0)
    """
    ordered = sorted(values)
    return ordered[round(part * (len(ordered) - 1))] if ordered else 0.0
