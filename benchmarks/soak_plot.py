"""Figures over time as a picture: a panel for each, its scale and unit beside it, its trend in words."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, LEFT, RIGHT, HIGH, GAP, TOP = 900, 80, 30, 110, 54, 40
_STEPS = (1, 2, 2.5, 5, 10)
_ROWS = 3  # lines of the grid above zero, about
_MINUTES = (0.5, 1, 2, 5, 10, 15, 30, 60, 120, 240)
_COLUMNS = 13
_SMOOTH_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One figure: what it is, with its unit, and its value at each time."""

    title: str
    values: Sequence[float]


def slope(times_s: Sequence[float], values: Sequence[float]) -> float:
    """Growth an hour, by least squares over the last three quarters: the first is for warming up.

    >>> round(slope([0, 900, 1800, 2700, 3600], [99, 1, 2, 3, 4]), 2)
    4.0
    """
    begin = len(values) // 4
    if len(set(times_s[begin:])) < len("ab"):
        return 0.0
    return statistics.linear_regression(times_s[begin:], values[begin:]).slope * 3600


def smooth(times_s: Sequence[float], values: Sequence[float]) -> list[float]:
    """The median of what lies around each time: of five minutes, of less in a short run."""
    around_s = min(_SMOOTH_S, max(times_s) / _COLUMNS) / 2
    return [
        statistics.median(
            value for other, value in zip(times_s, values, strict=True) if abs(other - at) <= around_s
        )
        for at in times_s
    ]


def scale(most: float) -> tuple[float, float]:
    """The end of an axis that begins at zero, and the step of its grid.

    >>> scale(187), scale(3), scale(0)
    ((200.0, 50.0), (3.0, 1.0), (1, 1))
    """
    if most <= 0:
        return 1, 1
    power = 1.0
    while power * 10 * _ROWS < most:
        power *= 10
    step = next(one * power for one in _STEPS if one * power * (_ROWS + 1) >= most)
    end = step
    while end < most:
        end += step
    return end, step


def picture(heading: str, times_s: Sequence[float], panels: Sequence[Panel]) -> str:
    """The panels as SVG, one below the other, above one axis of minutes."""
    most_s = max(times_s) or 1
    bottom = TOP + len(panels) * (HIGH + GAP)
    parts = [f'<text x="{LEFT}" y="22" font-size="15">{escape(heading)}</text>']
    for place, panel in enumerate(panels):
        parts += _panel(panel, times_s, most_s, TOP + 24 + place * (HIGH + GAP))
    parts.append(
        f'<text x="{WIDTH - RIGHT}" y="{bottom + 6}" text-anchor="end">minutes since the start; '
        "pale: each look, dark: the median of some</text>"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{bottom + 24}" '
        f'font-family="sans-serif" font-size="12"><rect width="100%" height="100%" fill="white"/>'
        f"{''.join(parts)}</svg>\n"
    )


def _panel(panel: Panel, times_s: Sequence[float], most_s: float, base: float) -> list[str]:
    """One panel, whose upper edge is at `base`."""
    end, step = scale(max(panel.values))

    def x(at_s: float) -> float:
        return LEFT + at_s / most_s * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return base + HIGH * (1 - value / end)

    last, growth = panel.values[-1], slope(times_s, panel.values)
    trend = f"last {last:,.0f}, highest {max(panel.values):,.0f}, {growth:+,.1f} an hour"
    title = (
        f'<tspan font-weight="bold">{escape(panel.title)}</tspan> <tspan dx="12" fill="#555">{trend}</tspan>'
    )
    parts = [f'<text x="{LEFT}" y="{base - 8}">{title}</text>']
    for row in range(round(end / step) + 1):
        at = y(row * step)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(
            f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end" fill="#555">{row * step:,g}</text>'
        )
    minutes = next((one for one in _MINUTES if most_s / 60 / one < _COLUMNS), _MINUTES[-1])
    for column in range(int(most_s / 60 / minutes) + 1):
        at = x(column * minutes * 60)
        parts.append(f'<path d="M{at:.1f} {base}V{base + HIGH}" stroke="#eee"/>')
        parts.append(
            f'<text x="{at:.1f}" y="{base + HIGH + 15}" text-anchor="middle" fill="#555">'
            f"{column * minutes:g}</text>"
        )
    for values, colour, thick in (
        (panel.values, "#9dbfd6", 1),
        (smooth(times_s, panel.values), "#0f4a75", 2),
    ):
        points = " ".join(f"{x(at):.1f},{y(one):.1f}" for at, one in zip(times_s, values, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{thick}"/>')
    return parts
