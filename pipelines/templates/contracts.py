"""A day's contract announcements: the services they stand under."""

from __future__ import annotations

import re
from collections.abc import Sequence

_AWARD = re.compile(r"\$\d|\b(?:award(?:ed|s)?|contract|modification)\b")
_FOOTNOTE = re.compile(r"\*+\s?\(?[A-Za-z]")
_MOST_WORDS, _LONGEST, _LEAST_CAPITALS = 9, 90, 0.9
_HEADS_SHARE, _FEWEST_LETTERS = 0.5, 3


def is_service(line: str) -> bool:
    """Whether a line is the heading of a service or an agency: a few words in capitals.

    >>> is_service("DEFENSE LOGISTICS AGENCY"), is_service("U.S. CYBER COMMAND"), is_service("A $5 AWARD")
    (True, True, False)
    """
    if len(line) > _LONGEST or len(line.split()) > _MOST_WORDS or "$" in line or line.startswith("*"):
        return False
    letters = [char for char in line if char.isalpha()]
    capitals = sum(char.isupper() for char in letters)
    return len(letters) >= _FEWEST_LETTERS and capitals >= _LEAST_CAPITALS * len(letters)


def is_footnote(line: str) -> bool:
    """Whether a line explains an asterisk.

    >>> is_footnote("*Small business"), is_footnote("Example Co.,* Hill Town, is awarded $9,000,000.")
    (True, False)
    """
    return line.startswith("*") and _FOOTNOTE.match(line) is not None


def services(paragraphs: Sequence[str]) -> tuple[str, ...]:
    """Service that each paragraph stands under; empty above the first and for footnotes ("*Small business").

    >>> services(("NAVY", "Example Co. is awarded $9,000,000.", "*Small business"))
    ('NAVY', 'NAVY', '')
    """
    labels: list[str] = []
    heading = ""
    for paragraph in paragraphs:
        if is_service(paragraph):
            heading = paragraph.rstrip(":").strip()
        labels.append("" if is_footnote(paragraph) else heading)
    return tuple(labels)


def are_contracts(paragraphs: Sequence[str]) -> bool:
    """Whether paragraphs are announcements of contracts under the headings of services."""
    heads = [place for place, paragraph in enumerate(paragraphs) if is_service(paragraph)]
    rest = [paragraph for paragraph in paragraphs if not is_service(paragraph)]
    awards = [paragraph for paragraph in rest if "$" in paragraph and _AWARD.search(paragraph)]
    return bool(heads) and len(awards) >= _HEADS_SHARE * max(len(rest), 1)
