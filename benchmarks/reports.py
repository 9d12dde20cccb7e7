"""A report with measured tables between two marks."""

from __future__ import annotations

from pathlib import Path

MARKS = ("<!-- measured: begin -->", "<!-- measured: end -->")


def write_measured(report: Path, text: str, command: str) -> None:
    """Put the text, and the command that made it, between the marks of the report."""
    told = report.read_text(encoding="utf-8")
    before, _, rest = told.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    report.write_text(
        f"{before}{MARKS[0]}\n\nMade by `{command}`.\n\n{text}\n{MARKS[1]}{after}", encoding="utf-8"
    )
