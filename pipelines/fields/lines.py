"""Lines of a page's text that say who wrote and when."""

from __future__ import annotations

import re
from collections.abc import Mapping

from pipelines.boilerplate.verdict import Verdict
from pipelines.fields.authors import Line
from pipelines.fields.dates import parse_date
from pipelines.fields.people import is_lead, says_by, split_names
from pipelines.page.segments import Reading
from storage.article import BlockKind

_NO_BYLINES = frozenset((
    BlockKind.TITLE, BlockKind.CAPTION, BlockKind.CREDIT, BlockKind.RELATED, BlockKind.COMMENTS,
    BlockKind.PROMOTION,
))  # fmt: skip
_LEADS = ("by", "von ", "par ", "por ", "door ", "av ", "af ", "di ", "oleh", "tekst", "text", "autor")
_YEAR = re.compile(r"(?:19|20)\d\d|\d\d?[/.]\d\d?[/.]\d\d")
_ABOVE, _BELOW = 4, 3  # segments: how far from title and first paragraph a byline stands
_MOST_LINES, _LONGEST_LEAD, _MOST_NAME_WORDS, _MOST_BYLINE_WORDS = 40, 24, 8, 18


def byline_lines(reading: Reading, verdicts: Mapping[int, Verdict]) -> tuple[Line, ...]:
    """The lines in page order; a lone "Written by" with the line that follows it."""
    first, last = _span(verdicts)
    lines: list[Line] = []
    for index, segment in enumerate(reading.segments):
        text = segment.text
        leads, above = first - _ABOVE <= index <= last + _BELOW, index < first
        if len(text) <= _LONGEST_LEAD and text[-1:] in "yYrR:" and is_lead(text):
            behind = reading.segments[index + 1].text if index + 1 < len(reading.segments) else ""
            if 0 < len(behind.split()) <= _MOST_NAME_WORDS:
                lines.append(Line(text=f"By {behind}", leads=leads, above=above))
        elif index in verdicts and verdicts[index].kind is BlockKind.BYLINE:
            lines.append(Line(text=text, leads=leads, above=above))
        elif leads and reading.words[index] <= _MOST_BYLINE_WORDS and _is_open(verdicts.get(index)):
            named, dated = _names_somebody(text), _is_dated(text)
            if named or dated:
                lines.append(Line(text=text, leads=True, above=above, names=named))
        if len(lines) >= _MOST_LINES:
            break
    return tuple(lines)


def _is_open(verdict: Verdict | None) -> bool:
    """Whether a line may say who wrote: it is not judged to be the title, a caption, another story's."""
    return verdict is None or verdict.kind not in _NO_BYLINES


def _names_somebody(text: str) -> bool:
    """Whether a short line by the title says in words that a name follows, and one does.

    >>> _names_somebody("Submitted by Ann Example on Tue, 05/02/2023"), _names_somebody("By the sea")
    (True, False)
    """
    start = text[:_LONGEST_LEAD].lower()
    if not start.startswith(_LEADS) and " by " not in start:
        return False
    return says_by(text) and any(" " in name for name in split_names(text))


def _is_dated(text: str) -> bool:
    """Whether a short line by the title has one date, or that of a change beside it.

    >>> _is_dated("Port Maren, 2 May 2023"), _is_dated("Born May 2, 1923. Died May 4, 2003.")
    (True, False)
    """
    days = len(_YEAR.findall(text))
    return (days == 1 or (days > 1 and "pdated" in text)) and parse_date(text) is not None


def _span(verdicts: Mapping[int, Verdict]) -> tuple[int, int]:
    """Numbers of the title's segment and of the first that is kept; of the title alone before any is."""
    titles = sorted(index for index, verdict in verdicts.items() if verdict.kind is BlockKind.TITLE)
    kept = min((index for index, verdict in verdicts.items() if verdict.kept), default=None)
    if kept is None:
        return (titles[0], titles[0]) if titles else (0, 0)
    above = [index for index in titles if index <= kept]
    return (above[-1] if above else kept), kept
