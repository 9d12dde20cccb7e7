"""Layout drift: a source's pages no longer give what they used to give."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from crawler.health.compare import FEW_PAGES, HISTORY_RUNS, Judged, Share, State, judged
from crawler.health.kinds import Kind, Verdict

if TYPE_CHECKING:
    from crawler.health.runs import RunHealth
    from crawler.seed import Health
    from storage.crawl_quality import CrawlQuality

_SHORT = 0.5  # of the usual median
_JUMP = 0.2  # in the share of a page that is removed: texts cut away, or boilerplate let in


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    """One way in which pages can be bad: how many of a run's are, of how many."""

    words: str
    bad: Callable[[CrawlQuality], int]
    of: Callable[[CrawlQuality], int]


_FAULTS = (
    _Fault(
        words="of the pages that should hold an article gave none",
        bad=lambda one: one.missed_pages,
        of=lambda one: one.expected_pages,
    ),
    _Fault(
        words="of the articles have no title",
        bad=lambda one: one.read_pages - one.with_title,
        of=lambda one: one.read_pages,
    ),
    _Fault(
        words="of the articles have no date",
        bad=lambda one: one.read_pages - one.with_date,
        of=lambda one: one.read_pages,
    ),
    _Fault(
        words="of the articles have no author",
        bad=lambda one: one.read_pages - one.with_author,
        of=lambda one: one.read_pages,
    ),
    _Fault(
        words="of the articles depart from the publisher's known template",
        bad=lambda one: one.departed_pages,
        of=lambda one: one.read_pages,
    ),
)


def layout(newest_first: Sequence[RunHealth], expected: Health) -> Verdict:
    """What the newest run, with those before it, says of the layout."""
    runs = [run for run in newest_first if run.quality is not None]
    if not runs or not newest_first[0].quality:
        return Verdict(kind=Kind.LAYOUT, state=State.UNKNOWN)
    findings = [
        (fault.words, judged(_shares(runs, fault))) for fault in (*_FAULTS, *_learned_faults(runs, expected))
    ]
    signs = tuple(_sign(words, found) for words, found in findings if found.state is State.BAD)
    if signs:
        return Verdict(kind=Kind.LAYOUT, state=State.BAD, signs=signs)
    told = any(found.state is State.GOOD for _, found in findings)
    doubtful = any(found.state is State.UNKNOWN and found.usual is not None for _, found in findings)
    return Verdict(kind=Kind.LAYOUT, state=State.GOOD if told and not doubtful else State.UNKNOWN)


def _learned_faults(runs: Sequence[RunHealth], expected: Health) -> Iterator[_Fault]:
    """What is bad by what the source's pages usually are: short texts, more removed or less."""
    well = (run.quality for run in runs[1:] if Kind.LAYOUT not in run.alarms)
    past = [one for one in well if one is not None and one.words][:HISTORY_RUNS]
    words = list(chain.from_iterable(one.words for one in past))
    if expected.expect_words or len(words) >= FEW_PAGES:
        usual = expected.expect_words or statistics.median(words)
        yield _Fault(
            words=f"of the articles are shorter than half the usual {usual:.0f} words",
            bad=lambda one: sum(many < _SHORT * usual for many in one.words),
            of=lambda one: len(one.words),
        )
    removed = list(chain.from_iterable(one.removed for one in past))
    if len(removed) >= FEW_PAGES:
        part = statistics.median(removed)
        yield _Fault(
            words=f"of the pages lose much more of their words as boilerplate than the usual {part:.0%}",
            bad=lambda one: sum(share > part + _JUMP for share in one.removed),
            of=lambda one: len(one.removed),
        )
        yield _Fault(
            words=f"of the pages lose much less of their words as boilerplate than the usual {part:.0%}",
            bad=lambda one: sum(share < part - _JUMP for share in one.removed),
            of=lambda one: len(one.removed),
        )


def _shares(runs: Sequence[RunHealth], fault: _Fault) -> list[Share]:
    return [
        Share(bad=fault.bad(run.quality), of=fault.of(run.quality), flagged=Kind.LAYOUT in run.alarms)
        for run in runs
        if run.quality is not None
    ]


def _sign(words: str, found: Judged) -> str:
    usual = f"; at most {found.usual:.0%} are usual" if found.usual is not None else ""
    return f"{found.share:.0%} {words}{usual}"
