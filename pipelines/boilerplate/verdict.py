"""What the rules say of a segment, and the shape of a rule on one line of text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from pipelines.segments import Reading
from storage.model import BlockKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The kind a rule gives to a segment, and the rule's name. All but body kinds leave the text."""

    kind: BlockKind
    rule: str
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRule:
    """A rule on the text alone: `pattern` must match the whole line.

    Where `linked`, the line must be a link too; lines over `longest` characters are not tried, nor, without
    `in_cells`, the cells of tables.
    """

    kind: BlockKind
    rule: str
    pattern: re.Pattern[str]
    linked: bool = False
    longest: int = 160
    in_cells: bool = True


_CELLS = frozenset(("td", "th"))
Verdicts = Iterator[tuple[int, Verdict]]


def whole(expression: str) -> re.Pattern[str]:
    """Pattern that must match a line from end to end, without regard to case and final punctuation."""
    return re.compile(rf"\s*(?:{expression})\s*[.:>»→]*\s*", re.IGNORECASE)


@cache
def _together(rules: tuple[LineRule, ...]) -> tuple[int, re.Pattern[str]]:
    """The longest line that a rule takes, and one pattern for all: most lines match none."""
    patterns = "|".join(f"(?:{rule.pattern.pattern})" for rule in rules)
    return max(rule.longest for rule in rules), re.compile(patterns, re.IGNORECASE)


def judge_lines(reading: Reading, rules: tuple[LineRule, ...]) -> Verdicts:
    """Verdicts of the line rules; the first rule that matches a segment decides."""
    longest, any_of = _together(rules)
    for index, segment in enumerate(reading.segments):
        if len(segment.text) > longest or not any_of.fullmatch(segment.text):
            continue
        for rule in rules:
            if len(segment.text) > rule.longest or not (rule.in_cells or reading.tags[index] not in _CELLS):
                continue
            if rule.linked and not reading.is_dump and segment.link_share < 0.8:  # noqa: PLR2004 -- nearly all of it
                continue
            if rule.pattern.fullmatch(segment.text):
                yield index, Verdict(kind=rule.kind, rule=rule.rule)
                break
