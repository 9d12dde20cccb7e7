"""What the engine takes for the body, found again among the page's segments."""

from __future__ import annotations

import re
from bisect import bisect_left

from pipelines.page.segments import Reading
from pipelines.words import normal

_LONG = 24
_SHINGLE = 4
_MOST_SHARE = 0.8
_WINDOW = 600  # letters; a short line is not sought further below its neighbour
_MOST_SEARCHED = 50_000_000  # letters, in all: beyond it a segment is sought below its neighbour only
_WORDS = re.compile(r"\w+")


def matched(reading: Reading, lines: tuple[str, ...]) -> frozenset[int]:
    """Numbers of the segments that stand in the engine's lines.

    Long ones are sought in its running text; a short one must be a line of it, between its neighbours.
    """
    flat = [normal(cell) for line in lines for cell in (line.split("|") if line.count("|") > 1 else (line,))]
    stream = "".join(flat)
    if not stream:
        return frozenset()
    places, missed = _long_places(reading, stream)
    places |= _nearly(reading, places, missed, lines)
    places |= _short_places(reading, flat, places)
    return frozenset(_without_copies(reading, places, stream))


def _long_places(reading: Reading, stream: str) -> tuple[dict[int, int], list[int]]:
    """Places of long segments in the stream, and the numbers of those that are not in it."""
    places: dict[int, int] = {}
    missed: list[int] = []
    cursor = 0
    left = _MOST_SEARCHED
    for index, flat in enumerate(reading.flats):
        if len(flat) < _LONG:
            continue
        place = stream.find(flat, cursor, None if left > 0 else cursor + _WINDOW)
        if place < 0 and left > 0:
            place = stream.find(flat)
            left -= len(stream)
        if place >= 0:
            cursor = place + len(flat)
            places[index] = place
        else:
            missed.append(index)
    return places, missed


def _nearly(
    reading: Reading, places: dict[int, int], missed: list[int], lines: tuple[str, ...]
) -> dict[int, int]:
    """Of the segments that are not found those of which most stands in the lines, behind the one above."""
    shingles = _shingles(" ".join(lines)) if missed else frozenset[tuple[str, ...]]()
    found: dict[int, int] = {}
    ends = sorted(places)
    for index in missed:
        own = _shingles(reading.segments[index].text)
        if own and len(own & shingles) >= _MOST_SHARE * len(own):
            above = bisect_left(ends, index) - 1
            found[index] = places[ends[above]] + len(reading.flats[ends[above]]) if above >= 0 else 0
    return found


def _short_places(reading: Reading, flat: list[str], places: dict[int, int]) -> dict[int, int]:
    """Places of short segments: equal to a whole line that lies between the long segments around them."""
    starts: dict[str, list[int]] = {}
    offset = 0
    for line in flat:
        starts.setdefault(line, []).append(offset)
        offset += len(line)
    found: dict[int, int] = {}
    ceilings = _ceilings(len(reading.segments), places, offset)
    floor = 0
    for index in range(len(reading.segments)):
        if index in places:
            floor = max(floor, min(places[index] + len(reading.flats[index]), offset))
            continue
        known = starts.get(reading.flats[index], [])
        nearest = bisect_left(known, floor)
        if nearest < len(known) and known[nearest] <= min(ceilings[index], floor + _WINDOW):
            found[index] = known[nearest]
            floor = known[nearest] + len(reading.flats[index])
    return found


def _ceilings(count: int, places: dict[int, int], end: int) -> list[int]:
    ceilings = [end] * count
    for index in range(count - 1, -1, -1):
        below = ceilings[index + 1] if index + 1 < count else end
        ceilings[index] = min(places.get(index, below), below) if places.get(index, below) >= 0 else below
    return ceilings


def _without_copies(reading: Reading, places: dict[int, int], stream: str) -> list[int]:
    """The segments without copies: of a text printed more often than the engine has it, one home wins."""
    weight: dict[int, int] = {}
    for index in places:
        home = reading.block(reading.segments[index].node)
        around = reading.nodes[home].parent if home >= 0 else -1
        weight[around] = weight.get(around, 0) + len(reading.segments[index].text)
    groups: dict[str, list[int]] = {}
    for index in places:
        groups.setdefault(reading.flats[index], []).append(index)
    kept: list[int] = []
    for flat, indices in groups.items():
        room = len(indices)
        if room > 1 and len(flat) >= _LONG:
            room = max(stream.count(flat), 1)
        if len(indices) > room:
            indices.sort(key=lambda n: -weight[_around(reading, n)])
        kept.extend(indices[:room])
    return sorted(kept)


def _around(reading: Reading, index: int) -> int:
    home = reading.block(reading.segments[index].node)
    return reading.nodes[home].parent if home >= 0 else -1


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORDS.findall(text.casefold())
    return frozenset(zip(*(words[n:] for n in range(_SHINGLE)), strict=False))
