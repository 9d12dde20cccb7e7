"""Publishers whose templates are known: a small file each names the element that holds the story."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.publishers import defense_gov, wordpress
from pipelines.segments import Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """The element that a publisher's template puts the story in. An exact one holds nothing but the story."""

    node: int
    publisher: str
    exact: bool


def find_container(reading: Reading) -> Container | None:
    """The story's element, where the page is of a known template."""
    node = defense_gov.container(reading)
    if node >= 0:
        return Container(node=node, publisher="defense_gov", exact=True)
    node = wordpress.container(reading)
    return Container(node=node, publisher="wordpress", exact=False) if node >= 0 else None
