"""What sort of article a page carries: news, a release, a transcript, a speech, a list of contracts."""

from __future__ import annotations

import re

from pipelines.fields.metadata import kind_of_url
from storage.article import PageKind

_TITLES = (
    (re.compile(r"(?:full |rush )?transcript\b[ :\u2013—-]|.*[:\u2013—-] (?:full )?transcript$|"
                r".*\(transcript\)$", re.IGNORECASE),
     PageKind.TRANSCRIPT),
    (re.compile(r"contracts for \w+\.? \d{1,2}, \d{4}$", re.IGNORECASE), PageKind.CONTRACT),
    (re.compile(r"(?:opening |closing |prepared |joint |full )?(?:remarks|speech|address|statement) (?:by|"
                r"of|from|to|at|"
                r"delivered|as (?:prepared|delivered))\b", re.IGNORECASE), PageKind.SPEECH),
    (re.compile(r"(?:press|news|media) (?:release|advisory)\b", re.IGNORECASE), PageKind.RELEASE),
)  # fmt: skip
_RELEASE = re.compile(
    r"for immediate release\b|[^.]{0,120}?(?:/ ?PRNewswire ?/|\((?:BUSINESS WIRE|GLOBE NEWSWIRE|"
    r"Marketwired|ACCESSWIRE)\)|"
    r"/CNW/)",
    re.IGNORECASE,
)
_SPEAKER = re.compile(r"(?:[A-Z][A-Z.'\u2019-]+(?: [A-Z][A-Z.'\u2019-]+){0,5}|Q|A|Q&A|(?:Mr|Mrs|Ms|Dr|Gen|"
                      r"Adm|Secretary)\.? [A-Z][\w'\u2019-]+)"
                      r"(?: \([^()]{2,60}\))?[:.](?= |$)")  # fmt: skip
_FEWEST_TURNS, _SHARE_OF_TURNS, _FIRST = 6, 0.4, 4
_LONGEST_LETTER, _FEWEST_TURN_WORDS = 3, 10  # "Q:"; words of a turn, label and all


def article_kind(url: str | None, title: str | None, paragraphs: list[str], lines: list[str]) -> PageKind:
    """Kind by the URL's words, the title, who speaks in the kept `paragraphs`, and the `lines` above them.

    >>> article_kind(None, "Remarks by Ann Example at Port Maren", [], []).value
    'speech'
    """
    if (kind := kind_of_url(url)) is not PageKind.ARTICLE:
        return kind
    for pattern, kind in _TITLES:
        if title and pattern.match(title):
            return kind
    if any(_RELEASE.match(text[:200]) for text in (*paragraphs[:_FIRST], *lines[: _FIRST * _FIRST])):
        return PageKind.RELEASE
    return PageKind.TRANSCRIPT if _is_transcript(paragraphs) else PageKind.ARTICLE


def _is_transcript(paragraphs: list[str]) -> bool:
    """Whether people speak by turns: some again, in sentences, and not only as question and answer."""
    told = [(found[0], text) for text in paragraphs if (found := _SPEAKER.match(text[:120]))]
    if len(told) < _FEWEST_TURNS or len(told) < _SHARE_OF_TURNS * len(paragraphs):
        return False
    speakers = {name for name, _ in told}
    words = sum(text.count(" ") for _, text in told)
    named = any(len(name) > _LONGEST_LETTER for name in speakers)  # an FAQ has Q and A alone
    return named and 1 < len(speakers) < len(told) and words >= _FEWEST_TURN_WORDS * len(told)
