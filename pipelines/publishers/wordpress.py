"""WordPress themes and page builders: the element of the post's content."""

from __future__ import annotations

from collections.abc import Collection

from pipelines.page.segments import Reading
from pipelines.templates.template import Template

# Classes of classic and block themes, then those of page builders (Elementor, Divi, Beaver, Bricks, tagDiv).
_CONTENT = frozenset((
    "entry-content", "post-content", "wp-block-post-content", "the-content", "entry__content",
    "post__content", "single-post-content", "post_content", "postcontent", "post-entry-content",
    "blog_the_content",
    "elementor-widget-theme-post-content", "et_pb_post_content", "fl-module-fl-post-content",
    "brxe-post-content", "tdb_single_content", "td-post-content", "zox-post-body", "sno-story-body-content",
))  # fmt: skip
_SINGLE = frozenset(("single", "single-post", "hentry", "type-post"))
_LEAST_OF_ALL = 0.75


def template(reading: Reading, _url: str | None) -> Template | None:
    """The template, where one element holds the post's content; None on listings and elsewhere."""
    named = frozenset(
        number
        for number, node in enumerate(reading.nodes)
        if ("content" in node.hints or "post-body" in node.hints)
        and not _CONTENT.isdisjoint(node.hints.split())
    )
    found = [n for n in sorted(named) if named.isdisjoint(reading.ancestors(reading.nodes[n].parent))]
    body = found[0] if len(found) == 1 else _heaviest(reading, found)
    if body < 0:
        return None
    around = (*reading.ancestors(body), 0)
    words = {word for node in around for word in reading.nodes[node].hints.split()}
    single = len(found) == 1 and not _SINGLE.isdisjoint(words)
    return Template(publisher="wordpress", body=body, certain=single)


def _heaviest(reading: Reading, nodes: Collection[int]) -> int:
    """The element that holds most of the text of all, -1 where none does."""
    weights = dict.fromkeys(nodes, 0)
    for index, segment in enumerate(reading.segments if nodes else ()):
        home = next((node for node in reading.ancestors(segment.node) if node in weights), -1)
        if home >= 0 and reading.sentences[index]:
            weights[home] += len(segment.text)
    best = max(weights, key=weights.__getitem__, default=-1)
    return best if best >= 0 and weights[best] >= _LEAST_OF_ALL * sum(weights.values()) else -1
