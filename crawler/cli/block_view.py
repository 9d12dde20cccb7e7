"""The blocks of a page as a person reads them: kept and removed ones marked, coloured on a terminal."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TextIO

from rich.console import Console
from rich.text import Text

from crawler.cli.values import printable
from storage.article import Block, BlockKind, Candidate

KEPT, REMOVED = "+", "-"
_WIDEST = 100
_FEWEST = 20
_STYLES = {KEPT: "green", REMOVED: "red"}
_REMOVED_TEXT = "dim"
_HEAD = "cyan"
_REMARK = "bold yellow"
_STRONG = frozenset((BlockKind.HEADING, BlockKind.TITLE))
_OF_NO_RULE = "no rule"


def write_blocks(
    blocks: Sequence[Block],
    file: TextIO,
    *,
    paths: bool = False,
    numbers: Sequence[int] | None = None,
    remarks: Mapping[int, str] | None = None,
) -> None:
    """Every block in page order under its kind and rule, a mark before each line; how many at the end.

    `numbers` are those of the blocks, from 1 on by default; `remarks` are told of the blocks they number.
    """
    console = _console(file)
    remarks = remarks or {}
    numbered = list(zip(numbers or range(1, len(blocks) + 1), blocks, strict=True))
    for head, group in groupby(numbered, key=lambda pair: (_head(pair[1]), remarks.get(pair[0], ""))):
        together = list(group)
        _write_head(console, head[0], head[1], kept=together[0][1].kept)
        for number, block in together:
            _write_block(console, number, block, paths=paths)
    _say(console, Text(""))
    for line in _counts(blocks):
        _say(console, Text(line))


def write_candidates(candidates: Sequence[Candidate], file: TextIO) -> None:
    """The values that each field could have had, `*` before the one that was taken, and where they stood."""
    console = _console(file)
    if not candidates:
        _say(console, Text("no values were found for any field"))
    column = max((len(one.source) for one in candidates), default=0) + 2
    for field, group in groupby(sorted(candidates, key=lambda one: (one.field, not one.won)), key=_field_of):
        _say(console, Text(field, style=_HEAD))
        for one in group:
            mark = "*" if one.won else " "
            lead = f"  {mark} {one.source.ljust(column)}"
            style = "bold" if one.won else _REMOVED_TEXT
            _write_lines(
                console, Text(lead, style=_STYLES[KEPT] if one.won else _REMOVED_TEXT), one.value, style
            )


def _console(file: TextIO) -> Console:
    """A console on `file`, coloured only where it is a terminal and NO_COLOR is not set."""
    plain = not file.isatty() or bool(os.environ.get("NO_COLOR"))
    width = max(_FEWEST, min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns))
    return Console(
        file=file, width=width, force_terminal=False if plain else None, no_color=plain, highlight=False,
        markup=False, emoji=False, legacy_windows=False,
    )  # fmt: skip


def _field_of(candidate: Candidate) -> str:
    return candidate.field


def _head(block: Block) -> tuple[bool, str, str, str]:
    return block.kept, block.kind.value, block.rule, block.label


def _write_head(console: Console, head: tuple[bool, str, str, str], remark: str, *, kept: bool) -> None:
    """The line above blocks of one kind and rule."""
    _, kind, rule, label = head
    mark = KEPT if kept else REMOVED
    parts = [("  ", ""), (kind, f"bold {_STYLES[mark]}"), (f"  {rule or _OF_NO_RULE}", _HEAD)]
    parts += [(f"  {label}", "bold")] * bool(label) + [(f"  {remark}", _REMARK)] * bool(remark)
    _say(console, Text.assemble(*((printable(text), style) for text, style in parts)))


def _write_block(console: Console, number: int, block: Block, *, paths: bool) -> None:
    mark = KEPT if block.kept else REMOVED
    lead = Text.assemble((mark, _STYLES[mark]), (f"{number:>5}  ", _REMOVED_TEXT))
    style = ("bold" if block.kind in _STRONG else "") if block.kept else _REMOVED_TEXT
    _write_lines(console, lead, block.text, style)
    if paths and block.path:
        _say(console, Text.assemble(_blank(lead), (printable(block.path), "blue")))  # in one line, to copy


def _write_lines(console: Console, lead: Text, text: str, style: str) -> None:
    """The text in lines behind `lead`, whose mark stands before each of them."""
    width = max(_FEWEST, console.width - lead.cell_len)
    for line in printable(text).split("\n"):
        for wrapped in Text(line, style=style).wrap(console, width):
            wrapped.rstrip()
            _say(console, Text.assemble(lead, wrapped))
            lead = _blank(lead)


def _blank(lead: Text) -> Text:
    """The lead of a line that goes on: its mark alone."""
    mark = lead[:1]
    mark.append(" " * (lead.cell_len - mark.cell_len))
    return mark


def _say(console: Console, line: Text) -> None:
    line.rstrip()
    console.print(line, no_wrap=True, crop=False, overflow="ignore")


def _counts(blocks: Sequence[Block]) -> Iterator[str]:
    """How many blocks and words were kept and removed, and of which kinds."""
    for mark, name, chosen in (
        (KEPT, "kept", [block for block in blocks if block.kept]),
        (REMOVED, "removed", [block for block in blocks if not block.kept]),
    ):
        words = sum(len(block.text.split()) for block in chosen)
        kinds = Counter(block.kind.value for block in chosen).most_common()
        of = f": {', '.join(f'{kind} {count}' for kind, count in kinds)}" if kinds else ""
        yield f"{mark} {name} {len(chosen)} blocks, {words} words{of}"
