"""Differences of captures brought together: by article, and counted over a whole index."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from pipelines.differences import BlockChange, BlockDifference, Difference


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleDifferences:
    """The captures of one article that differ, the latest first; `captures` were compared.

    `was` and `is_now` say whether any of those compared gave the article, before and now.
    """

    article_id: str
    captures: int
    was: bool
    is_now: bool
    differences: tuple[Difference, ...]

    def weight(self) -> tuple[int, int, int, int]:
        """How much differs: an article lost or gained, then words, then fields, then blocks."""
        return (
            int(self.was != self.is_now),
            sum(one.words_lost + one.words_gained for one in self.differences),
            sum(len(one.changed) for one in self.differences),
            sum(len(one.blocks) for one in self.differences),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleChange:
    """How blocks fare otherwise, and by which rules; empty where none removed them."""

    change: BlockChange
    kind_before: str = ""
    rule_before: str = ""
    kind_after: str = ""
    rule_after: str = ""


@dataclass(slots=True, kw_only=True)
class Tally:
    """Counts over a whole comparison. `without_body` counts revisits and others that were not extracted.

    `rules` counts blocks, `unread` captures by their file and what kept them from being read.
    """

    captures: int = 0
    captures_changed: int = 0
    without_body: int = 0
    articles: int = 0
    articles_changed: int = 0
    articles_gained: int = 0
    articles_lost: int = 0
    words_lost: int = 0
    words_gained: int = 0
    changed: Counter[str] = field(default_factory=Counter)
    rules: Counter[RuleChange] = field(default_factory=Counter)
    unread: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, article: ArticleDifferences) -> None:
        """Count an article, whether anything of it differs or not."""
        self.articles += 1
        self.captures += article.captures
        self.captures_changed += len(article.differences)
        self.articles_changed += bool(article.differences)
        self.articles_gained += article.is_now and not article.was
        self.articles_lost += article.was and not article.is_now
        for one in article.differences:
            self.words_lost += one.words_lost
            self.words_gained += one.words_gained
            self.changed.update(one.changed)
            self.rules.update(map(_rule_change, one.blocks))


def _rule_change(block: BlockDifference) -> RuleChange:
    """What the rules did with a block."""
    before, after = block.before, block.after
    return RuleChange(
        change=block.change,
        kind_before=before.kind if before else "",
        rule_before=before.rule if before else "",
        kind_after=after.kind if after else "",
        rule_after=after.rule if after else "",
    )
