"""Publishers whose templates are known: a small file each names the element that holds the story."""

from __future__ import annotations

from typing import Protocol

from pipelines.page.segments import Reading
from pipelines.publishers import defense_gov, wordpress
from pipelines.templates.template import Template

__all__ = ["PUBLISHERS", "Publisher", "Template", "find_template"]


class Publisher(Protocol):
    """What a publisher's module has."""

    def template(self, reading: Reading, url: str | None) -> Template | None:
        """The page's template, None on pages that are not this publisher's."""


PUBLISHERS: tuple[Publisher, ...] = (defense_gov, wordpress)


def find_template(reading: Reading, url: str | None) -> Template | None:
    """The page's template, of the first publisher that knows it."""
    return next((found for each in PUBLISHERS if (found := each.template(reading, url))), None)
