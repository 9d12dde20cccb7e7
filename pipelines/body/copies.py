"""Text that a page prints twice: a body laid out once for each width of screen, a deck, a quote set large."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from pipelines.body.homes import is_full
from pipelines.page.segments import Reading

_NEAR, _LONG = 4, 60  # segments above; letters
_FEWEST, _SHARE = 3, 0.8
_PULLED = re.compile(r"\bpull-?(?:ed-?)?quote|\bpull_quote")


def printed_twice(reading: Reading, homes: tuple[int, ...], kept: Collection[int]) -> frozenset[int]:
    """Of the kept segments those that are printed elsewhere among them."""
    found = set(_second_layouts(reading, homes, kept))
    found.update(_pulled(reading, frozenset(kept) - found))
    rest = frozenset(kept) - found
    found.update(index for index in rest if _is_printed_above(reading, index, rest))
    return frozenset(found)


def _pulled(reading: Reading, kept: frozenset[int]) -> Iterator[int]:
    """Of the kept segments the quotes set large that stand in the story's own paragraphs too."""
    large = _set_large(reading)
    if not large:
        return
    pulled = {n for n in kept if not large.isdisjoint(reading.ancestors(reading.segments[n].node))}
    whole = "\n".join(reading.flats[index] for index in sorted(kept - pulled)) if pulled else ""
    yield from (index for index in pulled if reading.flats[index] in whole)


def _second_layouts(reading: Reading, homes: tuple[int, ...], kept: Collection[int]) -> Iterator[int]:
    """The segments of homes of which nearly all paragraphs stand above too, in another home."""
    first: dict[str, int] = {}
    sizes: dict[int, int] = {}
    again: dict[int, int] = {}
    for index in sorted(kept):
        flat = reading.flats[index]
        if len(flat) >= _LONG:
            sizes[homes[index]] = sizes.get(homes[index], 0) + 1
            if homes[first.setdefault(flat, index)] != homes[index]:
                again[homes[index]] = again.get(homes[index], 0) + 1
    copies = {home for home, n in again.items() if n >= _FEWEST and n >= _SHARE * sizes[home]}
    if not copies:
        return
    seen = {reading.flats[index] for index in kept if homes[index] not in copies}
    yield from (index for index in kept if homes[index] in copies and reading.flats[index] in seen)


def _is_printed_above(reading: Reading, index: int, kept: Collection[int]) -> bool:
    """Whether a paragraph was just printed, as a deck that the story begins with."""
    above = range(max(index - _NEAR, 0), index)
    return is_full(reading, index) and any(
        n in kept and reading.flats[n] == reading.flats[index] for n in above
    )


def _set_large(reading: Reading) -> frozenset[int]:
    """Elements that set a quote apart by their markup."""
    return frozenset(
        number
        for number, node in enumerate(reading.nodes)
        if "pull" in node.hints and _PULLED.search(node.hints)
    )
