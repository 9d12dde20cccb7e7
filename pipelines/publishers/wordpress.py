"""WordPress themes: the element of the post's content."""

from __future__ import annotations

import re

from pipelines.segments import Reading

_CONTENT = re.compile(
    r"(?:^|\s)(?:entry-content|post-content|td-post-content|wp-block-post-content|the-content)(?:\s|$)"
)


def container(reading: Reading) -> int:
    """Node of the post's content where the page has just one; -1 on listings and elsewhere."""
    found = [number for number, node in enumerate(reading.nodes) if _CONTENT.search(node.hints)]
    outer = [
        number for number in found if not set(reading.ancestors(reading.nodes[number].parent)) & set(found)
    ]
    return outer[0] if len(outer) == 1 else -1
