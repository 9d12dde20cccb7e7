"""What stands among the paragraphs of a body and belongs to it: siblings, headings, list items, tables."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.body.homes import CHILD_TAGS, HEADINGS, LINKED, is_full, is_hidden, is_text, joined
from pipelines.page.segments import Reading

_LAST_STRAY, _FEWEST_WORDS = 3, 12
_TABLE_SHARE, _FEWEST_CELLS, _MOST_IN_CELL = 0.3, 4, 30
_NEAR_HEADING = 2
_NO_DATA = frozenset(("form", "aside"))
_BOXES = frozenset(("figure", "aside"))
_LISTS = frozenset(("ul", "ol"))


def siblings(
    reading: Reading, homes: tuple[int, ...], core: frozenset[int], settled: frozenset[int]
) -> Iterator[int]:
    """Unsettled segments of the core's homes: within its span all that is text, beyond it whole sentences."""
    full = [index for index in core if is_full(reading, index)] or sorted(core)
    first, last = min(full), max(full)
    own = {homes[index] for index in full}
    homes = joined(reading, homes, own)
    lists = _lists(reading, core)
    for index in range(first, last):
        if index in core or index in settled or is_hidden(reading, index):
            continue
        if _is_listed(reading, index, lists) or (
            homes[index] in own and _is_sibling(reading, index, homes[index])
        ):
            yield index
    yield from _beyond(reading, homes, range(first - 1, -1, -1), core | settled, own)
    yield from _beyond(reading, homes, range(last + 1, len(reading.segments)), core | settled, own)


def _is_sibling(reading: Reading, index: int, home: int) -> bool:
    """Whether a segment of a paragraph's home is text, or a heading, also one that is a link."""
    if reading.segments[index].link_share > LINKED:
        return reading.tags[index] in ("h2", "h3")
    bare = home == reading.segments[index].node
    return reading.sentences[index] or reading.tags[index] in CHILD_TAGS or bare


def _lists(reading: Reading, core: frozenset[int]) -> frozenset[int]:
    """Lists with a kept item: the items that are links are of the list too."""
    return frozenset(found for index in core if (found := _list(reading, index)) >= 0)


def _list(reading: Reading, index: int) -> int:
    if reading.tags[index] != "li":
        return -1
    item = reading.block(reading.segments[index].node)
    around = reading.nodes[item].parent
    return around if around >= 0 and reading.nodes[around].tag in _LISTS else -1


def _is_listed(reading: Reading, index: int, lists: frozenset[int]) -> bool:
    return _list(reading, index) in lists


def _beyond(
    reading: Reading, homes: tuple[int, ...], indices: range, decided: frozenset[int], own: set[int]
) -> Iterator[int]:
    """Whole sentences of the homes, up to the fourth line that is none."""
    strays = 0
    for index in indices:
        if index in decided:
            continue
        if homes[index] in own and reading.sentences[index] and is_text(reading, index):
            yield index
        else:
            strays += 1
        if strays > _LAST_STRAY:
            return


def headings(reading: Reading, kept: frozenset[int], settled: frozenset[int]) -> Iterator[int]:
    """Unsettled headings right above kept text, wherever they stand."""
    full = [index for index in kept if is_full(reading, index)]
    first, below = (min(full), max(full)) if full else (0, 0)
    for index in range(below, first, -1):
        if index in kept:
            below = index
        elif (
            reading.tags[index] in HEADINGS
            and index not in settled
            and below - index <= _NEAR_HEADING
            and is_text(reading, index)
            and not _is_boxed(reading, index, below)
        ):
            yield index
            below = index


def _is_boxed(reading: Reading, index: int, below: int) -> bool:
    """Whether a heading stands in a figure or an aside without the text below it."""
    around = reading.ancestors(reading.segments[below].node)
    boxes = (n for n in reading.ancestors(reading.segments[index].node) if n not in around)
    return any(reading.nodes[node].tag in _BOXES for node in boxes)


def table_cells(reading: Reading, core: frozenset[int], settled: frozenset[int]) -> Iterator[int]:
    """The other cells of tables: of those kept for a good part, and of data among the body."""
    cells: dict[int, list[int]] = {}
    for index, segment in enumerate(reading.segments):
        if reading.tags[index] not in ("td", "th") and not cells:
            continue
        tables = [node for node in reading.ancestors(segment.node) if reading.nodes[node].tag == "table"]
        if tables and not _NO_DATA.intersection(
            reading.nodes[node].tag for node in reading.ancestors(tables[0])
        ):
            cells.setdefault(tables[0], []).append(index)
    full = [index for index in core if is_full(reading, index)]
    for indices in cells.values():
        many = sum(index in core for index in indices) >= _TABLE_SHARE * len(indices)
        if many and len({reading.block(reading.segments[n].node) for n in indices if n in core}) == 1:
            continue  # a table that lays out the page, the story in one of its cells
        among = full and min(full) < indices[0] and indices[-1] < max(full)
        if many or (among and _is_data(reading, indices, settled)):
            yield from (index for index in indices if index not in core and index not in settled)


def _is_data(reading: Reading, indices: list[int], settled: frozenset[int]) -> bool:
    """Whether a table shows figures and words: several short cells, not links."""
    words = sum(reading.words[index] for index in indices)
    return (
        len(indices) >= _FEWEST_CELLS
        and words <= _MOST_IN_CELL * len(indices)
        and sum(reading.words[n] for n in indices if reading.segments[n].link_share > LINKED)
        <= LINKED * words
        and sum(index in settled for index in indices) <= LINKED * len(indices)
        and not any(is_hidden(reading, index) for index in indices)
    )
