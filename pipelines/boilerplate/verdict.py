"""What the rules say of a segment, and the shape of a rule on one line of text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from pipelines.page.segments import Reading
from storage.article import BlockKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The kind a rule gives to a segment, and the rule's name. All but body kinds leave the text."""

    kind: BlockKind
    rule: str
    kept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRule:
    """A rule on the text alone: `pattern` must match the whole line, and one of `words` be in it.

    Where `linked`, the line must be a link too; where `silent`, it must neither quote nor report what
    somebody said, as a story would. Lines over `longest` characters are not tried, nor, without
    `in_cells`, the cells of tables.
    """

    kind: BlockKind
    rule: str
    words: frozenset[str]
    pattern: re.Pattern[str]
    linked: bool = False
    silent: bool = False
    longest: int = 160
    in_cells: bool = True


@dataclass(frozen=True, kw_only=True)
class LineRules:
    """Rules in their order, and their numbers by the words that they ask for: most lines have none."""

    rules: tuple[LineRule, ...]

    @cached_property
    def longest(self) -> int:
        """Number of characters of the longest line that a rule takes."""
        return max((rule.longest for rule in self.rules), default=0)

    @cached_property
    def by_word(self) -> dict[str, tuple[int, ...]]:
        """Numbers of the rules by their words."""
        by_word: dict[str, tuple[int, ...]] = {}
        for number, rule in enumerate(self.rules):
            for word in rule.words:
                by_word[word] = (*by_word.get(word, ()), number)
        return by_word


FIGURE = "0"  # stands in a rule's words for any figure that begins the line
_CELLS = frozenset(("td", "th"))
_MOSTLY, _FEW = 0.8, 2
_TOKEN = re.compile(r"\w+|[©%]")
_STORY = re.compile(r"[\"“”«]|\b(?:said|says|told|according to|wrote|regulators?)\b", re.IGNORECASE)
Verdicts = Iterator[tuple[int, Verdict]]


def whole(expression: str) -> re.Pattern[str]:
    """Pattern that must match a line from end to end, without regard to case and final punctuation."""
    return re.compile(rf"(?:{expression})[\s.:>»→!]{{0,12}}", re.IGNORECASE)


def line_rule(
    kind: BlockKind,
    rule: str,
    words: str,
    *expressions: str,
    linked: bool = False,
    silent: bool = False,
    longest: int = 160,
    in_cells: bool = True,
) -> LineRule:
    """Rule whose line is one of the expressions; `words` are those of which each such line has one."""
    return LineRule(
        kind=kind, rule=rule, words=frozenset(words.split()), pattern=whole("|".join(expressions)),
        linked=linked, silent=silent, longest=longest, in_cells=in_cells,
    )  # fmt: skip


def rules_for(text: str, known: LineRules) -> Iterator[LineRule]:
    """The rules that match a line, in their order.

    >>> rule = line_rule(BlockKind.SHARE, "share:it", "share", "share (?:this|it)")
    >>> [found.rule for found in rules_for("Share it!", LineRules(rules=(rule,)))]
    ['share:it']
    """
    if len(text) > known.longest:
        return
    tokens = _TOKEN.findall(text.lower())
    if len(tokens) <= _FEW and text.endswith(".") and not text.endswith(".."):
        return  # "No comment." is an answer
    words = known.by_word.keys() & tokens
    if tokens and tokens[0].isdigit() and FIGURE in known.by_word:
        words.add(FIGURE)
    for number in sorted({number for word in words for number in known.by_word[word]}):
        rule = known.rules[number]
        if (
            len(text) <= rule.longest
            and rule.pattern.fullmatch(text)
            and not (rule.silent and _STORY.search(text))
        ):
            yield rule


def judge_lines(reading: Reading, rules: LineRules) -> Verdicts:
    """Verdicts of the line rules; the first rule that matches a segment decides."""
    for index, segment in enumerate(reading.segments):
        for rule in rules_for(segment.text, rules):
            if not rule.in_cells and reading.tags[index] in _CELLS:
                continue
            if rule.linked and not reading.is_dump and segment.link_share < _MOSTLY:
                continue
            yield index, Verdict(kind=rule.kind, rule=rule.rule)
            break
