"""Tables for people, cut to the width at hand; the one module that needs rich."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import TextIO

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crawler.cli.values import CONTROLS, as_text, iso

_GAP = 2
_FEWEST = 6  # cells a column must keep: below this a row is shown as a list of its values


def write_table(columns: Sequence[str], rows: Sequence[Sequence[object]], file: TextIO) -> None:
    """A table, long texts cut so that each row is a line; a list a row where the columns are too many."""
    width = shutil.get_terminal_size((120, 24)).columns
    console = Console(file=file, width=width, highlight=False, markup=False, emoji=False)
    cells = [[_cell(value, width) for value in row] for row in rows]
    names = [_plain(column) for column in columns]
    natural = [max(map(cell_len, column)) for column in zip(names, *cells, strict=True)]
    widths = fit(natural, width - _GAP * (len(names) - 1))
    if any(cut < min(whole, _FEWEST) for cut, whole in zip(widths, natural, strict=True)):
        _write_lists(names, cells, width, console)
        return
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    for place, (name, one) in enumerate(zip(names, widths, strict=True)):
        numbers = [row[place] for row in rows if row[place] is not None]
        right = bool(numbers) and all(_is_number(value) for value in numbers)
        table.add_column(
            Text(name), width=one, no_wrap=True, overflow="ellipsis", justify="right" if right else "left"
        )
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    with console.capture() as captured:
        console.print(table)
    file.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


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


def _write_lists(names: list[str], cells: list[list[str]], width: int, console: Console) -> None:
    label = max(map(cell_len, names))
    room = max(_FEWEST, width - label - _GAP)
    for number, row in enumerate(cells, start=1):
        console.print(Text(f"-- {number}", style="bold"))
        for name, cell in zip(names, row, strict=True):
            line = Text(set_cell_size(name, label + _GAP), style="dim")
            console.print(line.append(_cut(cell, room), style="not dim"), no_wrap=True)


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


def _is_number(value: object) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
