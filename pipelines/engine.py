"""The engine's reading of a page: what trafilatura takes for the body."""

from __future__ import annotations

import logging

from lxml.html import HtmlElement
from trafilatura import bare_extraction

_LOG = logging.getLogger(__name__)
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # it logs each page it gives up on


def engine_lines(tree: HtmlElement) -> tuple[str, ...]:
    """Lines that the engine keeps of the page; none where it gives up.

    Pure: no metadata, no memory of other pages.
    """
    try:
        document = bare_extraction(tree, include_comments=False, with_metadata=False, deduplicate=False)
    except Exception as fault:  # noqa: BLE001 -- the engine is foreign code on hostile input: what it raises is not ours to list
        _LOG.debug("engine gave up: %r", fault)
        return ()
    text = getattr(document, "text", None) or ""
    return tuple(line.strip() for line in text.splitlines() if line.strip())
