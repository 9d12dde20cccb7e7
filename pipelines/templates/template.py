"""What a publisher's template gives of a page: the element of the story, and how far it may be trusted."""

from __future__ import annotations

from dataclasses import dataclass

from storage.article import BlockKind, PageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A page's template, where it is a known one.

    `body` is the node of the story's element, -1 where the page has none (`lacks` says what it has not). An
    `exact` one holds nothing but the story, its pictures and what rules know; a `bare` one the story as it
    was written, so that no rule need look into it. `around` is the node of the whole article, of which the
    body may be but a part, -1 unknown. `parts` are the nodes of what the template sets around it.
    Where not `certain`, a page that is otherwise may be another theme's, and no drift.
    """

    publisher: str
    body: int
    around: int = -1
    exact: bool = False
    bare: bool = False
    parts: tuple[tuple[int, BlockKind], ...] = ()
    kind: PageKind | None = None
    authors: tuple[str, ...] = ()
    lacks: str = ""
    certain: bool = True

    @property
    def drift(self) -> str:
        """How the page departs from the template by what it has not, empty if it does not."""
        return f"{self.publisher}: no {self.lacks}" if self.lacks else ""
