"""Lines that credit: a photograph's maker, or whom a whole article comes from."""

from __future__ import annotations

import re

from pipelines.virin import VIRIN
from pipelines.words import ends_sentence, word_count

_VIRIN_LINE = re.compile(r"\s*VIRIN\s*:?\s*\S{6,40}\s*", re.IGNORECASE)
_CREDIT_LINE = re.compile(
    r"\s*(?:(?:photo|image|video|graphic|illustration|photograph|picture)s?\s*(?:by|credit|"
    r"courtesy(?: of)?|from)?s?\s*:"
    r"|(?:photo|image|video|graphic)s?\s+(?:by|courtesy of)\b|(?P<bare>credits?\s*:))\s*(?P<who>\S.{0,140}?)"
    r"(?:\s*[|;,.]?\s*VIRIN\s*:?\s*\S{6,40})?\s*",
    re.IGNORECASE,
)
_CREDIT_TAIL = re.compile(
    r"[(\[](?P<who>[^()\[\]]{0,80}\b(?:photo|photograph|graphic|illustration|"
    r"image)s?\b[^()\[\]]{0,120})[)\]]\.?\s*$"
    r"|(?:(?:Photo|Image|Photograph|Picture)(?: credit)?s?\s*:|"
    r"(?:^|(?<=[.!?\"\u201d\u2019)\]|/\u2013\u2014-]\s))"
    r"(?-i:Photo|Image|Picture)(?:graph)?s?(?: credits?)? by)"
    r"\s*(?P<who2>[^.:]{3,80})\.?\s*$"
    r"|[(\[](?P<who3>(?:AP|Reuters|AFP|Getty)[^()\[\]]{0,80})[)\]]\.?\s*$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"^(?:photo|image|photograph|graphic|illustration)s?(?: (?:by|credit|courtesy(?: of)?))?\s*:\s*",
    re.IGNORECASE,
)
_LONGEST, _MOST_WORDS = 240, 20
# A sentence that begins as a credit does ("Photos by her hang there.") has more words that name nobody.
_NAMELESS = re.compile(r"(?<![\w'\u2019-])(?!(?:of|the|for|and|by|via|from|courtesy|photo)\b)[a-z]{2,}")
_MOST_NAMELESS = 2
_INITIALS = frozenset("cgipv0123456789")  # of the words above: photo, image, VIRIN and its figures


def is_credit(text: str) -> bool:
    """Whether a line is a credit or a VIRIN.

    >>> is_credit("Photo By: Ann Example"), is_credit("Credit: Demo Agency"), is_credit("Photos hang there.")
    (True, True, False)
    """
    if len(text) > _LONGEST or text.lstrip()[:1].lower() not in _INITIALS:
        return False
    if _VIRIN_LINE.fullmatch(text) or VIRIN.fullmatch(text):
        return True
    found = _CREDIT_LINE.fullmatch(text)
    if found is None or word_count(text) > _MOST_WORDS:
        return False
    return ":" in text or not _tells(found["who"])


def _tells(who: str) -> bool:
    """Whether what follows "photo by" is a sentence and no name."""
    return ends_sentence(who) and len(_NAMELESS.findall(who)) > _MOST_NAMELESS


def credit_tail(text: str) -> re.Match[str] | None:
    """The credit that a caption ends with.

    >>> bool(credit_tail("A boat. Photo by Ann Example.")), bool(credit_tail("It is a photo by Ann."))
    (True, False)
    """
    found = _CREDIT_TAIL.search(text)
    told = text[found.start("who2") :] if found and found["who2"] and ":" not in found[0] else ""
    return None if _tells(told) else found


def is_bare_credit(text: str) -> bool:
    """Whether a credit line may be of an article as well as of a photograph.

    >>> is_bare_credit("Credit: Demo Agency"), is_bare_credit("Photo credit: Demo Agency")
    (True, False)
    """
    found = _CREDIT_LINE.fullmatch(text)
    return found is not None and found["bare"] is not None and not VIRIN.search(text)


def credit_of(lines: list[str], caption: str) -> str | None:
    """Whom a photograph's credit lines name, else the end of its caption.

    >>> credit_of(["Photo By: Ann Example"], ""), credit_of([], "A boat. (Photo: Ann Example / Navy)")
    ('Ann Example', 'Ann Example / Navy')
    """
    for line in lines:
        if found := _CREDIT_LINE.fullmatch(line):
            return found["who"].strip()
    tail = credit_tail(caption)
    told = next((who.strip() for who in tail.groups() if who), "") if tail else ""
    return _LABEL.sub("", told) or None
