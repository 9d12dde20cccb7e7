"""Headings of boxes in which all else is furniture: "Get the briefing" above a newsletter's form."""

from __future__ import annotations

from collections.abc import Mapping

from pipelines.boilerplate.verdict import Verdict, Verdicts
from pipelines.page.segments import Reading
from storage.article import BlockKind

_FURNITURE = frozenset((BlockKind.PROMOTION, BlockKind.CONSENT, BlockKind.SHARE, BlockKind.COMMENTS))
_MOST_LINES, _MOST_WORDS = 6, 11


def box_heads(reading: Reading, verdicts: Mapping[int, Verdict]) -> Verdicts:
    """Verdicts on short lines right above furniture, where their element holds nothing else."""
    found: list[tuple[int, Verdict]] = []
    for index in range(len(reading.segments) - 1):
        below = verdicts.get(index + 1)
        if index in verdicts or below is None or below.kind not in _FURNITURE:
            continue
        if reading.sentences[index] or reading.words[index] > _MOST_WORDS:
            continue
        size = _box_size(reading, index)
        rest = [verdicts.get(n) for n in range(index + 1, index + size)]
        if size > 1 and all(verdict and verdict.kind in _FURNITURE for verdict in rest):
            found.append((index, Verdict(kind=below.kind, rule="box:head")))
    yield from found


def _box_size(reading: Reading, index: int) -> int:
    """Number of lines of the element that a line opens and shares with the next; 0 if large."""
    for node in reading.ancestors(reading.segments[index].node):
        if reading.counts[node] > 1:
            opens = index == 0 or node not in reading.ancestors(reading.segments[index - 1].node)
            return reading.counts[node] if opens and reading.counts[node] <= _MOST_LINES else 0
    return 0
