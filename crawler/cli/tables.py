"""Tables for people, cut to the width at hand. rich measures letters; its own tables are ten times slower."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TextIO

from rich.cells import cell_len, set_cell_size

from crawler.cli.values import CONTROLS, as_text, iso

_GAP = "  "
_FEWEST = 6  # cells a column must keep: below this a row is shown as a list of its values


def write_table(columns: Sequence[str], rows: Sequence[Sequence[object]], file: TextIO) -> None:
    """A table, long texts cut so that each row is a line; a list a row where the columns are too many."""
    width = shutil.get_terminal_size((120, 24)).columns
    bold = file.isatty() and not os.environ.get("NO_COLOR")
    cells = [[_cell(value, width) for value in row] for row in rows]
    names = [_plain(column) for column in columns]
    natural = [max(map(cell_len, column)) for column in zip(names, *cells, strict=True)]
    widths = fit(natural, width - len(_GAP) * (len(names) - 1))
    if any(cut < min(whole, _FEWEST) for cut, whole in zip(widths, natural, strict=True)):
        file.writelines(_lists(names, cells, width, bold=bold))
        return
    right = [_is_numeric([row[place] for row in rows]) for place in range(len(names))]
    file.write(_headed(_line(names, widths, right), bold=bold))
    file.writelines(_line(row, widths, right) + "\n" for row in cells)


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


def _lists(names: list[str], cells: list[list[str]], width: int, *, bold: bool) -> Iterator[str]:
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


def _is_numeric(values: Sequence[object]) -> bool:
    """Whether a column holds numbers and nothing else."""
    known = [value for value in values if value is not None]
    return bool(known) and all(
        isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in known
    )
