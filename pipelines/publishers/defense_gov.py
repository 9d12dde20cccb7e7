"""The CMS of defense.gov, war.gov, the services and commands (AFPIMS), known by its markup."""

from __future__ import annotations

import re

from pipelines.segments import Reading

_PRINT_BODY = re.compile(r"(?:^|\s)(?:da_black|da_print_bio)(?:\s|$)")
_DETAIL = re.compile(r"(?:^|\s)adetail(?:\s|$)")
_BODY = re.compile(r"(?:^|\s)body(?:\s|$)")


def container(reading: Reading) -> int:
    """Node of the story: the print page's of 2016, or `div.adetail div.body`; -1 without."""
    details: set[int] = set()
    for number, node in enumerate(reading.nodes):
        if _PRINT_BODY.search(node.hints):
            return number
        if _DETAIL.search(node.hints) or node.parent in details:
            details.add(number)
        if number in details and _BODY.search(node.hints) and not _DETAIL.search(node.hints):
            return number
    return -1
