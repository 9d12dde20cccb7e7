"""Tables for people, cut to the width at hand. rich measures letters; its own tables are ten times slower."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain, islice
from typing import TextIO

from rich.cells import cell_len, set_cell_size

from crawler.cli.values import CONTROLS, as_text, iso

Row = Sequence[object]

_GAP = "  "
_MEASURED = 1000  # rows
_NUMBERS = (int, float, Decimal)
_WHOLE = (*_NUMBERS, date, time)
_FEWEST = 6  # cells a column must keep: below this a row is shown as a list of its values


def write_table(columns: Sequence[str], rows: Iterable[Row], file: TextIO) -> None:
    """A table, long texts cut so that each row is a line; a list a row where the columns are too many.

    The first rows say how wide the columns are; of the others none is held.
    """
    width = shutil.get_terminal_size((120, 24)).columns
    bold = file.isatty() and not os.environ.get("NO_COLOR")
    rest = iter(rows)
    first = list(islice(rest, _MEASURED))
    cells = [[_cell(value, width) for value in row] for row in first]
    names = [_plain(column) for column in columns]
    natural = [max(map(cell_len, column)) for column in zip(names, *cells, strict=True)]
    right = [_is_of([row[place] for row in first], _NUMBERS) for place in range(len(names))]
    whole = [_is_of([row[place] for row in first], _WHOLE) for place in range(len(names))]
    widths = _widths(natural, whole, width - len(_GAP) * (len(names) - 1))
    every = chain(cells, ([_cell(value, width) for value in row] for row in rest))
    if any(cut < min(whole, _FEWEST) for cut, whole in zip(widths, natural, strict=True)):
        file.writelines(_lists(names, every, width, bold=bold))
        return
    file.write(_headed(_line(names, widths, right), bold=bold))
    file.writelines(_line(row, widths, right) + "\n" for row in every)


def fit(natural: Sequence[int], room: int) -> list[int]:
    """Widths that sum to `room` at most, where only the widest columns give way.

    >>> fit([3, 50, 10], 40), fit([3, 50, 40], 33)
    ([3, 27, 10], [3, 15, 15])
    """
    total = sum(natural)
    if total <= room:
        return list(natural)
    ranked = sorted(natural)
    rest = room
    for place, width in enumerate(ranked):
        share = max(1, rest // (len(ranked) - place))
        if width > share:
            return [min(one, share) for one in natural]
        rest -= width
    return list(natural)


def _widths(natural: Sequence[int], whole: Sequence[bool], room: int) -> list[int]:
    """Widths of the columns: texts give way to what is of no use when cut, numbers and times.

    >>> _widths([10, 50, 20], [False, False, True], 50), _widths([10, 50, 20], [False, False, True], 24)
    ([10, 20, 20], [8, 8, 8])
    """
    texts = [width for width, kept in zip(natural, whole, strict=True) if not kept]
    left = room - sum(natural) + sum(texts)
    if left < _FEWEST * len(texts):
        return fit(natural, room)
    cut = iter(fit(texts, left))
    return [width if kept else next(cut) for width, kept in zip(natural, whole, strict=True)]


def _lists(names: list[str], cells: Iterable[list[str]], width: int, *, bold: bool) -> Iterator[str]:
    """Each row as a numbered list of its values."""
    label = max(map(cell_len, names)) + len(_GAP)
    for number, row in enumerate(cells, start=1):
        yield _headed(f"-- {number}", bold=bold)
        for name, cell in zip(names, row, strict=True):
            value = _cut(cell, max(_FEWEST, width - label))
            yield f"{set_cell_size(name, label)}{value}".rstrip() + "\n"


def _line(cells: Sequence[str], widths: Sequence[int], right: Sequence[bool]) -> str:
    """The cells in their columns."""
    parts = []
    for cell, width, to_the_right in zip(cells, widths, right, strict=True):
        text = _cut(cell, width)
        space = " " * (width - cell_len(text))
        parts.append(space + text if to_the_right else text + space)
    return _GAP.join(parts).rstrip()


def _headed(line: str, *, bold: bool) -> str:
    return f"\x1b[1m{line}\x1b[0m\n" if bold else f"{line}\n"


def _cell(value: object, width: int) -> str:
    """The value on one line, no longer than the terminal is wide."""
    if isinstance(value, datetime):
        return iso(value.replace(microsecond=0)).replace("T", " ")
    text = as_text(value)
    return _cut(_plain(text[: 4 * width]), width)


def _plain(text: str) -> str:
    return CONTROLS.sub(" ", text).strip()


def _cut(text: str, width: int) -> str:
    return text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…"


def _is_of(values: Sequence[object], kinds: tuple[type, ...]) -> bool:
    """Whether a column holds values of these kinds and nothing else."""
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, kinds) and not isinstance(value, bool) for value in known)
