"""What the engine takes for the body, found again among the page's segments."""

from __future__ import annotations

import re
from bisect import bisect_left

from pipelines.segments import Reading
from pipelines.words import normal

_LONG = 24
_SHINGLE = 4
_MOST_SHARE = 0.8
_WINDOW = 600  # letters; a short line is not sought further below its neighbour
_WORDS = re.compile(r"\w+")


def matched(reading: Reading, lines: tuple[str, ...]) -> frozenset[int]:
    """Numbers of the segments that stand in the engine's lines.

    Long ones are sought in its running text; a short one must be a line of it, between its neighbours.
    """
    flat = [normal(cell) for line in lines for cell in (line.split("|") if line.count("|") > 1 else (line,))]
    stream = "".join(flat)
    if not stream:
        return frozenset()
    places = _long_places(reading, stream, _shingles(" ".join(lines)))
    places |= _short_places(reading, flat, places)
    return frozenset(_without_copies(reading, places, stream))


def _long_places(reading: Reading, stream: str, shingles: frozenset[tuple[str, ...]]) -> dict[int, int]:
    places: dict[int, int] = {}
    cursor = 0
    for index, segment in enumerate(reading.segments):
        flat = reading.flats[index]
        if len(flat) < _LONG:
            continue
        place = stream.find(flat, cursor)
        place = place if place >= 0 else stream.find(flat)
        if place >= 0:
            cursor = place + len(flat)
            places[index] = place
        else:
            own = _shingles(segment.text)
            if own and len(own & shingles) >= _MOST_SHARE * len(own):
                places[index] = cursor
    return places


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
        room = max(stream.count(flat), 1) if len(flat) >= _LONG else len(indices)
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
