"""What two texts share, with what their hosts write under everything left out on both sides.

A host's common hashes (see `storage.index.sketches`) are a sixteenth of the shingles of its boilerplate, of
short texts more.
Where such boilerplate begins and ends is told by the two texts: a stretch that both have, or that only one
has, is of one piece, and hashes that are not common end it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import groupby, takewhile

from pipelines.sketch import SHINGLE_WORDS, SKETCH_MODULUS, normalise, shingle_hash

Shingle = tuple[str, ...]

_MOST = 0.9
REACH = 8  # shingles that a common hash stands for, on a side where nothing else tells


@dataclass(frozen=True, slots=True, kw_only=True)
class Shingled:
    """A text's shingles, in order and as a set; of the kept ones, whether they are common on its host.

    `labels` is empty where none is common.
    """

    sequence: tuple[Shingle, ...]
    shingles: frozenset[Shingle]
    labels: dict[Shingle, bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Shares of each text's shingles found in the other, without and with boilerplate, and how many they are.

    `left` and `right` are the numbers of shingles that are no boilerplate, `passage` the most of them that
    both have one after the other. `ends_alike` tells that they share nothing but the end of both.
    """

    left_in_right: float
    right_in_left: float
    whole_left_in_right: float
    whole_right_in_left: float
    left: int
    right: int
    left_discounted: int
    right_discounted: int
    passage: int
    ends_alike: bool


def shingled(text: str, common: AbstractSet[int]) -> Shingled:
    """The text in shingles; `common` are the upper halves of those of its hashes that are."""
    words = normalise(text).split()
    sequence = tuple(zip(*(words[start:] for start in range(SHINGLE_WORDS)), strict=False))
    shingles = frozenset(sequence)
    labels: dict[Shingle, bool] = {}
    if common:
        hashes = {one: shingle_hash(" ".join(one)) for one in shingles}
        labels = {
            one: value >> 32 in common
            for one, value in hashes.items()
            if value % SKETCH_MODULUS == 0 or value >> 32 in common
        }
    return Shingled(sequence=sequence, shingles=shingles, labels=labels)


def overlap(left: Shingled, right: Shingled) -> Overlap:
    """What the two share."""
    both = left.shingles & right.shingles
    neutral = set(_neutral(left, both)) | set(_neutral(right, both))
    counted = both - neutral
    left_size, right_size = len(left.shingles - neutral), len(right.shingles - neutral)
    return Overlap(
        left_in_right=_share(len(counted), left_size),
        right_in_left=_share(len(counted), right_size),
        whole_left_in_right=_share(len(both), len(left.shingles)),
        whole_right_in_left=_share(len(both), len(right.shingles)),
        left=left_size,
        right=right_size,
        left_discounted=len(left.shingles) - left_size,
        right_discounted=len(right.shingles) - right_size,
        passage=longest_run(left.sequence, counted),
        ends_alike=min(_end_of(one.sequence, counted) for one in (left, right)) >= _MOST * len(counted) > 0,
    )


def longest_run(sequence: Iterable[Shingle], of: AbstractSet[Shingle]) -> int:
    """How many members of `of` stand one after the other in the sequence, at most.

    >>> longest_run([("a",), ("b",), ("c",)], {("b",), ("c",)})
    2
    """
    return max(
        (sum(1 for _ in run) for inside, run in groupby(sequence, key=of.__contains__) if inside), default=0
    )


def _end_of(sequence: Sequence[Shingle], of: AbstractSet[Shingle]) -> int:
    """How many members of `of` stand at the end of the sequence, one after the other."""
    return sum(1 for _ in takewhile(of.__contains__, reversed(sequence)))


def _share(part: int, whole: int) -> float:
    """Part of the whole; 0 of nothing."""
    return round(part / whole, 6) if whole else 0.0


def _neutral(one: Shingled, both: AbstractSet[Shingle]) -> Iterator[Shingle]:
    """The shingles of a text that are boilerplate of its host; `both` are those that the other has too."""
    if not any(one.labels.values()):
        return
    start = 0
    for shared, run in groupby(one.sequence, key=both.__contains__):
        stretch = tuple(run)
        at_edges = (start == 0 or shared, start + len(stretch) == len(one.sequence) or shared)
        start += len(stretch)
        for first, last in common_spans(
            [one.labels.get(shingle) for shingle in stretch], reaches_edges=at_edges
        ):
            yield from stretch[first:last]


def common_spans(
    labels: Sequence[bool | None], *, reaches_edges: tuple[bool, bool]
) -> Iterable[tuple[int, int]]:
    """Spans of a stretch that are boilerplate, by labels of its shingles: common, not common, not known.

    A span goes from common label to common label, and to the stretch's edges where it reaches them.

    >>> list(common_spans([None, None, True, None], reaches_edges=(True, True)))
    [(0, 4)]
    >>> list(common_spans([None, True, None, False, None], reaches_edges=(True, True)))
    [(0, 3)]
    """
    known = [(place, label) for place, label in enumerate(labels) if label is not None]
    wall = None  # place of the last label that is not common
    spans = []
    for common, group in groupby(known, key=lambda one: one[1]):
        places = [place for place, _ in group]
        if not common:
            wall = places[-1]
            continue
        first = 0 if wall is None and reaches_edges[0] else places[0] - REACH
        after = next((place for place, label in known if place > places[-1] and not label), None)
        end = len(labels) if after is None and reaches_edges[1] else places[-1] + 1 + REACH
        spans.append(
            (max(first, 0 if wall is None else wall + 1), min(end, len(labels) if after is None else after))
        )
    return spans
