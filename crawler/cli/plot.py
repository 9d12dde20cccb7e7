"""Bars in the terminal: columns over time, or a line a value, in plain text that a pipe takes too."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from rich.cells import cell_len, set_cell_size

from crawler.cli.spans import Span, as_moment, fitting
from crawler.cli.values import CONTROLS, as_text
from storage.errors import QueryError

_HINT = "SELECT published_at::DATE AS day, count(*) FROM articles GROUP BY 1; a third column is the series"
_NONE = "(none)"
_HEIGHT, _LOW = 10, 4  # lines of a chart alone, of one among several
_MOST_SERIES = 8
_MOST_BARS = 500
_WIDEST_COLUMN = 4
_COLUMNS = " ▁▂▃▄▅▆▇█"
_BARS = " ▏▎▍▌▋▊▉█"
_ASCII = " .:-=+*##"
_LABEL_CELLS = 40


@dataclass(slots=True, kw_only=True)
class _Points:
    """The answer, added up: series -> value of the axis -> number."""

    series: dict[str, dict[object, float]] = field(default_factory=dict)
    left_out: int = 0  # rows without a number

    def add(self, series: str, at: object, number: float) -> None:
        of = self.series.setdefault(series, {})
        of[at] = of.get(at, 0) + number


def plot(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, width: int = 0, letters: bool = True
) -> list[str]:
    """Lines of a chart of the rows: the first column is the axis, the second the number, a third the series.

    Dates make columns from left to right, gaps filled, as many as the width takes; other values a bar a line.
    Without `letters` it is ASCII. Raises: QueryError for rows of another shape.
    """
    width = width or shutil.get_terminal_size((80, 24)).columns
    points, moments = _read(columns, rows)
    if not points.series:
        return ["nothing to plot: the answer has no rows with a number"]
    names = [_plain(name) for name in columns]
    if moments:
        return _over_time(names, points, moments, width, letters=letters)
    return _by_value(names, points, width, letters=letters)


def _read(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> tuple[_Points, list[datetime]]:
    """The points, and the moments of the axis where it is one of time."""
    if len(columns) not in {2, 3}:
        told = f"a plot takes two or three columns, the answer has {len(columns)}"
        raise QueryError(told, hint=_HINT)
    points, others = _Points(), False
    for at, number, *series in rows:
        if number is None:
            points.left_out += 1
            continue
        if isinstance(number, bool) or not isinstance(number, int | float | Decimal):
            raise QueryError(f"the second column, {columns[1]}, holds no numbers", hint=_HINT)
        moment = as_moment(at)
        others = others or (moment is None and at is not None)
        key = moment or (None if at is None else _plain(as_text(at)))
        points.add(_plain(as_text(series[0])) or _NONE if series else "", key, _finite(number))
    moments = [one for of in points.series.values() for one in of if isinstance(one, datetime)]
    if others and moments:
        raise QueryError(f"the first column, {columns[0]}, holds times and other values", hint=_HINT)
    return points, moments


def _over_time(
    names: Sequence[str], points: _Points, moments: list[datetime], width: int, *, letters: bool
) -> list[str]:
    """A chart of columns for each series, all on one scale."""
    undated = sum(of.pop(None, 0) for of in points.series.values())
    series = _ranked(points.series)
    most = width - 14
    span = fitting(moments, max(10, most))
    first, last = span.number(min(moments)), span.number(max(moments))
    binned = {name: _binned(of, span, first, last) for name, of in series.items()}
    top = _round_up(max((max(values) for values in binned.values()), default=0))
    margin = max(len(_number(top)), 1) + 3
    column = max(1, min(_WIDEST_COLUMN, (width - margin) // (last - first + 1)))
    height = _HEIGHT if len(binned) == 1 else _LOW
    lines = [f"{names[1]} by {span.name}, {span.told(first)} to {span.told(last)}"]
    for name, values in binned.items():
        if name:
            lines += ["", f"{set_cell_size(name, min(cell_len(name), _LABEL_CELLS))}: {_number(sum(values))}"]
        lines += _columns(values, top, height, column, margin, letters=letters)
    lines += _axis(span, first, last, column, margin, letters=letters)
    if undated:
        lines.append(f"without {names[0]}: {_number(undated)}")
    return lines + _notes(points)


def _columns(
    values: Sequence[float], top: float, height: int, column: int, margin: int, *, letters: bool
) -> list[str]:
    """Lines of columns as high as the values, with the scale on the left."""
    marks, side = (_COLUMNS, "│") if letters else (_ASCII, "|")
    steps = len(marks) - 1
    gap = 1 if column > 1 else 0
    heights = [max(0.0, value) / top * height * steps if top else 0.0 for value in values]
    # What is more than nothing shows.
    parts = [max(1, round(high)) if high > 0 else 0 for high in heights]
    lines = []
    for line in range(height, 0, -1):
        drawn = "".join(
            marks[min(steps, max(0, part - (line - 1) * steps))] * (column - gap) + " " * gap
            for part in parts
        )
        scale = _number(top) if line == height else ""
        lines.append(f"{scale:>{margin - 2}} {side}{drawn}".rstrip())
    return lines


def _axis(span: Span, first: int, last: int, column: int, margin: int, *, letters: bool) -> list[str]:
    """The line under the columns, and the times that some of them start."""
    corner, dash, tick = ("└", "─", "┬") if letters else ("+", "-", "+")
    length = (last - first + 1) * column
    line, text = [dash] * length, ""
    for number in range(first, last + 1):
        at = (number - first) * column
        label = span.told(number)
        if not text or (at >= len(text) + 3 and at + len(label) <= max(length, 1)):
            text = text.ljust(at) + label
            line[at] = tick
    return [f"{'0':>{margin - 2}} {corner}{''.join(line)}", " " * margin + text]


def _by_value(names: Sequence[str], points: _Points, width: int, *, letters: bool) -> list[str]:
    """A bar a value, those of one value together."""
    keys = list(dict.fromkeys(key for of in points.series.values() for key in of))
    several = len(points.series) > 1 or "" not in points.series
    bars = [
        (_NONE if key is None else str(key) if at == 0 or not several else "", name, of[key])
        for key in keys
        for at, (name, of) in enumerate((name, of) for name, of in points.series.items() if key in of)
    ]
    shown = bars[:_MOST_BARS]
    label = min(_LABEL_CELLS, max(cell_len(bar[0]) for bar in shown))
    series = min(_LABEL_CELLS // 2, max(cell_len(bar[1]) for bar in shown)) if several else 0
    numbers = max(len(_number(bar[2])) for bar in shown)
    room = max(8, width - label - numbers - 3 - (series + 2 if several else 0))
    top = max((bar[2] for bar in shown), default=0)
    lines = [f"{names[1]} by {names[0]}"]
    for key, name, number in shown:
        head = set_cell_size(key, label) + (f"  {set_cell_size(name, series)}" if several else "")
        lines.append(f"{head}  {_number(number):>{numbers}} {_bar(number, top, room, letters)}".rstrip())
    if bars[_MOST_BARS:]:
        lines.append(f"and {len(bars) - _MOST_BARS} more")
    return lines + _notes(points)


def _bar(number: float, top: float, room: int, letters: bool) -> str:
    """A bar as long as the number."""
    if number <= 0 or top <= 0:
        return ""
    if not letters:
        return "#" * max(1, round(number / top * room))
    eighths = max(1, round(number / top * room * 8))
    return _BARS[8] * (eighths // 8) + _BARS[eighths % 8].strip()


def _binned(of: Mapping[object, float], span: Span, first: int, last: int) -> list[float]:
    """The numbers of each span, those of one span added up."""
    values = [0.0] * (last - first + 1)
    for at, number in of.items():
        if isinstance(at, datetime):
            values[span.number(at) - first] += number
    return values


def _ranked(series: Mapping[str, dict[object, float]]) -> dict[str, dict[object, float]]:
    """The series with the greatest sums first; what is beyond the most that are drawn is one of its own."""
    names = sorted(series, key=lambda name: (-sum(series[name].values()), name))
    ranked = {name: series[name] for name in names[:_MOST_SERIES]}
    rest: dict[object, float] = {}
    for name in names[_MOST_SERIES:]:
        for at, number in series[name].items():
            rest[at] = rest.get(at, 0) + number
    return ranked | ({f"{len(names) - _MOST_SERIES} others": rest} if rest else {})


def _notes(points: _Points) -> list[str]:
    """What the chart leaves out."""
    notes = [f"rows without a number: {points.left_out}"] if points.left_out else []
    if any(number < 0 for of in points.series.values() for number in of.values()):
        notes.append("numbers below 0 are drawn as 0")
    return notes


def _round_up(number: float) -> float:
    """The next number that reads well on a scale.

    >>> _round_up(17), _round_up(1234), _round_up(0), _round_up(3)
    (20, 1500, 0, 3)
    """
    if number <= 0:
        return 0
    size = 10 ** (math.floor(math.log10(number)) - 1)
    if number <= 10 and number == int(number):  # noqa: PLR2004 (small counts are read as they are)
        return int(number)
    steps = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)
    return next(
        int(step * size) if step * size >= 1 else step * size for step in steps if step * size >= number
    )


def _number(number: float) -> str:
    """A number in few letters.

    >>> _number(1234567.0), _number(0.25), _number(12.0)
    ('1,234,567', '0.25', '12')
    """
    return f"{int(number):,}" if number == int(number) else f"{number:,.4g}"


def _finite(number: float | Decimal) -> float:
    """The number; what is none counts as 0."""
    return float(number) if math.isfinite(number) else 0.0


def _plain(text: str) -> str:
    return CONTROLS.sub(" ", text).strip()
