"""The address of an image element: of what lazy loading and responsive markup offer, the largest real one."""

from __future__ import annotations

import itertools
import re

from lxml.html import HtmlElement

# Where scripts that load images late keep the address, the original first.
_LATE = (
    "data-orig-file", "data-original", "data-src", "data-lazy-src", "data-lazy", "data-full-url",
)  # fmt: skip
_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
_EMPTY = re.compile(
    r"^data:|(?:^|/)(?:blank|spacer|pixel|placeholder|transparent|lazy|1x1)[\w.-]*$", re.IGNORECASE
)
_PICTURE = frozenset(("picture", "source"))
_PARTING = re.compile(r",\s+|,(?=https?:|/)")
_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)([wx])")
_MOST_CANDIDATES, _LONGEST = 30, 8000
_WIDTH = 1000  # a width in pixels is more than any density


def image_source(element: HtmlElement) -> str:
    """Address of an image as the page writes it, empty where it has none.

    Of a set the widest; a placeholder only where nothing else is offered.
    """
    src = (element.get("src") or "").strip()
    sets = [value for name in _SETS if (value := element.get(name))]
    if not src or _EMPTY.search(src):
        sets += _picture_sets(element)
    if sets and (best := widest(sets)):
        return best
    if src and not _EMPTY.search(src):
        return src
    late = (value.strip() for name in _LATE if (value := element.get(name)))
    return next((value for value in late if value and not _EMPTY.search(value)), src)


def widest(sets: list[str]) -> str:
    """The address of the largest candidate in source sets.

    >>> widest(["/a-300.jpg 300w, /a-1200.jpg 1200w", "/a.jpg"]), widest(["/b.jpg, /b2.jpg 2x"])
    ('/a-1200.jpg', '/b2.jpg')
    """
    best, address = 0.0, ""
    for text in sets:
        for candidate in _PARTING.split(text[:_LONGEST])[:_MOST_CANDIDATES]:
            words = candidate.strip(" ,\t\r\n").split()
            if not words or _EMPTY.search(words[0]):
                continue
            told = _SIZE.fullmatch(words[-1])
            size = float(told[1]) * (_WIDTH if told[2] == "w" else 1) if told else 1.0
            if size > best:
                best, address = size, words[0]
    return address


def _picture_sets(element: HtmlElement) -> list[str]:
    """The sets of the sources around an image in a picture element.

    The parser does not know that a source is empty, and puts what follows into it.
    """
    around = itertools.takewhile(lambda other: other.tag in _PICTURE, element.iterancestors())
    return [value for other in around if (value := other.get("srcset"))]
