"""Lines that credit: a photograph's maker, or whom a whole article comes from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from pipelines.photos.virin import VIRIN
from pipelines.words import ends_sentence, word_count

_VIRIN_LINE = re.compile(r"\s*VIRIN\s*:?\s*\S{6,40}\s*", re.IGNORECASE)
_CREDIT_LINE = re.compile(
    r"\s*(?:(?:(?:photo|image|illustration|photograph|picture)s?\s*(?:by|credit|courtesy(?: of)?|from)?|"
    r"(?:video|graphic)s?\s*(?:by|credit|courtesy(?: of)?|from))s?\s*:"
    r"|(?:photo|image|video|graphic)s?\s+(?:by|courtesy of)\b|(?P<bare>credits?\s*:))\s*(?P<who>\S.{0,140}?)"
    r"(?:\s*[|;,.]?\s*VIRIN\s*:?\s*\S{6,40})?\s*",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"[(\[]\s*(?P<who>[^()\[\]]{2,200})[)\]]\.?\s*$")
_BEHIND_LABEL = re.compile(
    r"(?:(?<!\bbig )(?:Photo|Image|Photograph|Picture)(?: credit)?s?\s*:|"
    r"(?:^|(?<=[.!?\"\u201d\u2019)\]|/\u2013\u2014-]\s))"
    r"(?-i:Photo|Image|Picture)(?:graph)?s?(?: credits?)? by)"
    r"\s*(?P<who>[^.:]{3,80})\.?\s*$",
    re.IGNORECASE,
)
# What brackets at a caption's end hold where they credit: a picture's word and whose it is, whose and the
# word, or an agency. "(photo, video)" and "(see the photo above)" are none of these.
_WHOSE = re.compile(
    r"(?:.{0,80}\b)?(?:photo|photograph|graphic|illustration|image)s?\s*"
    r"(?:[/:|\u2013\u2014-]|\b(?:by|courtesy|credits?|from|via|provided)\b).+|"
    r"(?:courtesy|file|handout|stock|archive|contributed|submitted|(?-i:[A-Z])[^,;]{0,60})\s"
    r"(?:photo|photograph|graphic|illustration|image)s?|"
    r"(?-i:AP|Reuters|REUTERS|AFP|Getty)\b.*|courtesy (?:of )?(?:the )?(?-i:[A-Z]).*",
    re.IGNORECASE,
)
_PICTURE = ("photo", "image", "graph", "illustration", "picture")
_LABEL = re.compile(
    r"^(?:photo|image|photograph|graphic|illustration)s?(?: (?:by|credit|courtesy(?: of)?))?\s*:\s*",
    re.IGNORECASE,
)
# Of what is known to be a caption: an agency behind a stroke, a label of any language, a sign.
_CAPITAL = r"(?-i:[A-Z\u00c0-\u00de])"
_AFTER = r"(?:^|(?<=[.!?\"\u201d\u2019)\]] ))"
_OF_CAPTION = (
    re.compile(
        r"[(\[]\s*(?P<who>(?:(?:credits?|foto|cr\u00e9dits?|handout|screen ?shot)\b|\u00a9)[^()\[\]]*|"
        rf"{_CAPITAL}[^()\[\]:/|]{{1,60}}[/|][^()\[\]/|]{{2,60}})[)\]]\.?\s*$",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{_AFTER}(?:(?:credits?|foto|cr\u00e9dits?(?: photo)?|bild|photo)\s*:|\u00a9|"
        r"photo(?:graph)?s? (?:by|courtesy(?: of)?)\b|courtesy(?: of)?\b)"
        rf"\s*(?P<who>{_CAPITAL}[^:!?]{{2,80}}?)\.?\s*$",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?<=[.!?\"\u201d\u2019)\]] )(?P<who>[A-Z\u00c0-\u00de](?:[\w'\u2019 -]|(?<=\b[A-Z])\.){1,40}"
        r"/ ?[A-Z\u00c0-\u00de][\w.'\u2019 -]{1,60})$"
    ),
)
_SIGN = re.compile(r"^(?:(?:credits?|foto|cr\u00e9dits?(?: photo)?)\s*:|\u00a9)\s*", re.IGNORECASE)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditTail:
    """The credit that a caption ends with: whom it names, and where it begins."""

    who: str
    start: int


def credit_tail(text: str) -> CreditTail | None:
    """The credit that a caption ends with.

    >>> credit_tail("A boat. Photo by Ann Example.").who, credit_tail("A boat. (Navy photo/Ann Example)").who
    ('Ann Example', 'Navy photo/Ann Example')
    >>> credit_tail("It is a photo by Ann."), credit_tail("It costs $9 (approximately 8 euros)")
    (None, None)
    """
    cut = max(len(text) - _LONGEST, 0)
    text = text[cut:]
    end = text.rstrip(". ")
    found = _IN_BRACKETS.search(text) if end.endswith((")", "]")) else None
    if found and _WHOSE.fullmatch(found["who"]):
        return CreditTail(who=found["who"].strip(), start=cut + found.start())
    lower = end.lower()
    found = _BEHIND_LABEL.search(text) if any(word in lower for word in _PICTURE) else None
    if found is None or (":" not in found[0] and _tells(text[found.start("who") :])):
        return None
    return CreditTail(who=found["who"].strip(), start=cut + found.start())


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
    >>> credit_of([], "A boat. (Ann Example/AP)"), credit_of([], "A boat. © Ann Example")
    ('Ann Example/AP', 'Ann Example')
    """
    for line in lines:
        if found := _CREDIT_LINE.fullmatch(line):
            return found["who"].strip()
    named = next((line for line in lines if not VIRIN.search(line)), "")  # by its element's class alone
    if named:
        return named.strip()
    if tail := credit_tail(caption):
        return _LABEL.sub("", tail.who) or None
    end = caption[-_LONGEST:]
    told = next((found["who"] for pattern in _OF_CAPTION if (found := pattern.search(end))), "")
    return _SIGN.sub("", told).strip() or None
