"""The tables of benchmarks/index.py."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

_FIRST_STEPS = (
    "add",
    "cdxj",
    "learned",
    "identity",
    "refresh",
    "clusters",
    "search",
    "publish",
    "checkpoint",
    "copy",
)
_SLOWEST = 6
Row = Sequence[object]


def table(head: Row, rows: Sequence[Row]) -> str:
    """A Markdown table, its first column of words, the others of figures."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def tables(measured: Mapping[str, Any], absent: Sequence[str]) -> str:
    """All tables, those for which there are results."""
    stages = measured["stages"]
    parts = []
    if stages:
        parts += ["## All of it at once", growth(stages), "## Processor seconds by step", bulk_steps(stages)]
        parts += [
            "## 200 more articles",
            round_steps(stages),
            slowest(stages[-1]),
            "## Bytes an article",
            by_table(stages),
        ]
    if any(one["search"] for one in stages):
        parts += ["## Search", search(stages, measured["fts"]), by_kind(stages[-1])]
    if measured["duplicates"]:
        parts += ["## Reposts", contest(measured["duplicates"])]
    if absent:
        parts.append(f"Not measured, not installed: {', '.join(absent)}.")
    return "\n\n".join(parts) + "\n"


def growth(stages: Sequence[Any]) -> str:
    """A column a size, then how each figure grew."""
    head = [
        "",
        *[f"{one['articles']:,}" for one in stages],
        *[f"{a['articles']:,} to {b['articles']:,}" for a, b in pairwise(stages)],
    ]
    figures: list[tuple[str, list[float], str]] = [
        ("captures", [one["captures"] for one in stages], ",.0f"),
        ("seconds, texts given", [one["ingest"]["seconds"] for one in stages], ",.0f"),
        ("processor seconds", [one["ingest"]["cpu_s"] for one in stages], ",.0f"),
        ("articles/s", [one["articles"] / one["ingest"]["seconds"] for one in stages], ",.0f"),
        ("captures/s", [one["captures"] / one["ingest"]["seconds"] for one in stages], ",.0f"),
        ("articles a processor second", [one["articles"] / one["ingest"]["cpu_s"] for one in stages], ",.0f"),
        ("digests and sketches, processor s", [one["extraction_cpu_s"] for one in stages], ",.0f"),
        (
            "most memory, MB",
            [one["rounds"][-1]["peak_mb"] if one["rounds"] else one["ingest"]["peak_mb"] for one in stages],
            ",.0f",
        ),
        ("file, MB", [one["file_bytes"] / 1e6 for one in stages], ",.0f"),
        ("bytes an article", [one["file_bytes"] / one["articles"] for one in stages], ",.0f"),
        ("pairs found: precision", [one["pair_precision"] for one in stages], ".4f"),
        ("pairs found: recall", [one["pair_recall"] for one in stages], ".4f"),
        (
            "opening the index and counting, ms",
            [statistics.median(one["open_ms"] or [0]) for one in stages],
            ".0f",
        ),
        ("nothing to catch up with, ms", [one["catch_up_ms"] for one in stages], ".0f"),
    ]
    rows = [
        [name, *[f"{value:{form}}" for value in values], *[ratio(a, b) for a, b in pairwise(values)]]
        for name, values, form in figures
    ]
    return table(head, rows)


def ratio(before: float, after: float) -> str:
    return f"x {after / before:.1f}" if before else ""


def steps_of(parts: Sequence[Any]) -> list[str]:
    named = {name for part in parts for name in part["steps"]}
    return [*[name for name in _FIRST_STEPS if name in named], *sorted(named - set(_FIRST_STEPS))]


def bulk_steps(stages: Sequence[Any]) -> str:
    parts = [one["ingest"] for one in stages]
    head = ["step", *[f"{one['articles']:,}" for one in stages], *["growth"] * (len(stages) - 1)]
    rows = []
    for name in steps_of(parts):
        values = [part["steps"].get(name, {"cpu": 0.0})["cpu"] for part in parts]
        rows.append(
            [name, *[f"{value:.1f}" for value in values], *[ratio(a, b) for a, b in pairwise(values)]]
        )
    return table(head, rows)


def round_steps(stages: Sequence[Any]) -> str:
    """Median of the rounds, wall and processor."""
    stages = [one for one in stages if one["rounds"]]
    head = ["step", *[f"{one['articles']:,}: {kind}" for one in stages for kind in ("s", "processor s")]]

    def middle(one: Any, name: str, kind: str) -> float:  # noqa: ANN401 JSON
        return statistics.median(part["steps"].get(name, {kind: 0.0})[kind] for part in one["rounds"])

    rows: list[Row] = [
        [name, *[f"{middle(one, name, kind):.2f}" for one in stages for kind in ("wall", "cpu")]]
        for name in steps_of([part for one in stages for part in one["rounds"]])
    ]
    whole = [
        f"**{statistics.median(part[kind] for part in one['rounds']):.2f}**"
        for one in stages
        for kind in ("seconds", "cpu_s")
    ]
    return table(head, [*rows, ["**in all**", *whole]])


def slowest(stage: Any) -> str:  # noqa: ANN401 JSON
    """The statements that take most of a round at the largest size."""
    if not stage["rounds"]:
        return ""
    rows = [
        [f"{step}: `{sql[:60].replace('|', '/')}`", spent["times"], f"{spent['cpu']:.2f}"]
        for step, sql, spent in stage["rounds"][-1]["statements"][:_SLOWEST]
    ]
    return table([f"statements that take most, {stage['articles']:,} articles", "times", "processor s"], rows)


def by_table(stages: Sequence[Any]) -> str:
    names = list(stages[-1]["table_bytes"])
    rows: list[Row] = []
    for name in names:
        values = [one["table_bytes"].get(name, 0) / one["articles"] for one in stages]
        if values[-1] >= 1:
            rows.append([name, *[f"{value:,.0f}" for value in values]])
    return table(["table", *[f"{one['articles']:,}" for one in stages]], rows)


def search(stages: Sequence[Any], fts: Mapping[int, Any]) -> str:
    """Milliseconds of sixty questions, ours and the extension's."""
    head = [
        "engine",
        "articles",
        "p50 ms",
        "p95 ms",
        "most ms",
        "processor p50 ms",
        "processor p95 ms",
        "index, MB",
        "build, processor s",
    ]
    rows: list[Row] = []
    for one in stages:
        for engine, times in one["search"]["engines"].items():
            terms = sum(size for name, size in one["table_bytes"].items() if "search" in name) / 1e6
            built = one["ingest"]["steps"].get("search", {"cpu": 0.0})["cpu"]
            rows.append([engine, f"{one['articles']:,}", *percentiles(times), f"{terms:.0f}", f"{built:.1f}"])
        other = fts.get(one["articles"])
        if other:
            rows.append(
                [
                    f"fts extension, DuckDB {other['version']}",
                    f"{one['articles']:,}",
                    *percentiles(other["times"]),
                    f"{other['bytes'] / 1e6:.0f}",
                    f"{other['build_cpu_s']:.1f}",
                ]
            )
    return table(head, rows)


def by_kind(stage: Any) -> str:  # noqa: ANN401 JSON
    """Which questions take long, at the largest size."""
    times: dict[str, list[float]] = {}
    first = next(iter(stage["search"]["engines"].values()))
    for kind, (_, cpu) in zip(stage["search"]["kinds"], first, strict=True):
        times.setdefault(kind, []).append(cpu * 1000)
    rows = [
        [kind, len(found), f"{statistics.median(found):.0f}", f"{max(found):.0f}"]
        for kind, found in times.items()
    ]
    return table(
        [f"question, {stage['articles']:,} articles", "of them", "processor ms, median", "most"], rows
    )


def percentiles(times: Sequence[Sequence[float]]) -> list[str]:
    wall, cpu = sorted(one[0] * 1000 for one in times), sorted(one[1] * 1000 for one in times)
    near = round(0.95 * (len(wall) - 1))
    return [
        f"{one:.0f}"
        for one in (statistics.median(wall), wall[near], wall[-1], statistics.median(cpu), cpu[near])
    ]


def contest(found: Sequence[Any]) -> str:
    kinds = list(found[0]["recall_by_kind"])
    head = ["", "precision", "recall", *kinds, "articles a processor second", "memory, MB"]
    rows = [
        [
            one["name"],
            f"{one['precision']:.3f}",
            f"{one['recall']:.3f}",
            *[f"{one['recall_by_kind'][kind]:.2f}" for kind in kinds],
            f"{one['articles_a_cpu_second']:,.0f}",
            f"{one['memory_mb']:,.0f}",
        ]
        for one in found
    ]
    return f"{found[0]['articles']:,} articles; recall by how a repost was made.\n\n{table(head, rows)}"
