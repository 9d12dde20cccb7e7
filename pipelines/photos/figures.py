"""Elements that hold one picture with its lines: figures, captioned images and gallery items of WordPress."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipelines.page.segments import Node, Reading

_FIGURE, _CAPTION = "figure", "figcaption"
# Of WordPress's themes before HTML 5, each with one image and its caption, and of AFPIMS.
_OF_ONE = frozenset(("media-inline", "ast-image-wrap", "da_media_item", "da_story_large_image"))
_CLASSES = frozenset(("wp-caption", "gallery-item", "blocks-gallery-item")) | _OF_ONE
# One of these is in every page that has one of them.
_TELLING = ("wp-caption", "gallery-item", "media-inline", "ast-image", "da_media", "da_story_large")
_NO_PHOTO = re.compile(r"\b(?:wp-block-(?:table|pullquote|embed|quote|code)|pullquote|twitter-tweet)\b")
_MOST_LINES = 8


def figure_lines(reading: Reading, settled: frozenset[int]) -> Iterator[tuple[list[int], int]]:
    """Of each figure with text its unsettled segments, and the number of its image, -1 without."""
    figures = _figures(reading)
    if not figures:
        return
    members: dict[int, list[int]] = {}
    quoting: set[int] = set()
    for index, segment in enumerate(reading.segments):
        figure = figures[segment.node]
        if figure >= 0 and "blockquote" in _tags_around(reading, index):
            quoting.add(figure)
        elif figure >= 0 and index not in settled:
            members.setdefault(figure, []).append(index)
    owned: dict[int, list[int]] = {}
    for number, image in enumerate(reading.images):
        owned.setdefault(figures[image.node], []).append(number)
    for figure, indices in members.items():
        images = owned.get(figure, [])
        if (images or figure not in quoting) and _is_pictured(reading, figure, indices, images):
            yield indices, images[-1] if images else -1


def _figures(reading: Reading) -> list[int]:
    """Of each node the figure it stands in, -1 without, and behind them -1; empty without figures.

    A figure within a figure is part of it; of a gallery, which holds several, each stands for itself.
    """
    with_classes = any(word in reading.hints for word in _TELLING)
    if not with_classes and all(node.tag not in (_FIGURE, _CAPTION) for node in reading.nodes):
        return []
    outer, inner = _around(reading)
    within: dict[int, set[int]] = {}
    for outermost, figure in zip(outer, inner, strict=True):
        if figure >= 0:
            within.setdefault(outermost, set()).add(figure)
    galleries = {outermost for outermost, figures in within.items() if len(figures) > 1}
    found = [
        figure if outermost in galleries else outermost
        for outermost, figure in zip(outer, inner, strict=True)
    ]
    return [*found, -1]


def _around(reading: Reading) -> tuple[list[int], list[int]]:
    """Of each node the outermost figure around it, and the outermost within that one; -1 without."""
    outer: list[int] = []
    inner: list[int] = []
    for number, node in enumerate(reading.nodes):  # parents stand before their children
        outermost, figure = (outer[node.parent], inner[node.parent]) if node.parent >= 0 else (-1, -1)
        if outermost < 0:
            outermost = number if node.tag == _CAPTION or _is_figure(node) else -1
        elif figure < 0 and _is_figure(node):
            figure = number
        outer.append(outermost)
        inner.append(figure)
    return outer, inner


def _is_figure(node: Node) -> bool:
    if node.tag == _FIGURE:
        return True
    return any(word in node.hints for word in _TELLING) and not _CLASSES.isdisjoint(node.hints.split())


def _is_pictured(reading: Reading, figure: int, indices: list[int], images: list[int]) -> bool:
    """Whether a figure holds a picture's lines: not a table, a quote or a whole article."""
    hints = reading.nodes[figure].hints
    if _NO_PHOTO.search(hints) or len(indices) > _MOST_LINES:
        return False
    if not _OF_ONE.isdisjoint(hints.split()):  # a slide show is set in one of these too
        return len({reading.images[number].src for number in images}) == 1
    return bool(images) or any(_CAPTION in _tags_around(reading, index) for index in indices)


def _tags_around(reading: Reading, index: int) -> set[str]:
    return {reading.nodes[node].tag for node in reading.ancestors(reading.segments[index].node)}
